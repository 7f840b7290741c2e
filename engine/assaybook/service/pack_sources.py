"""What goes into a pack beside the judgement; a pack made of files alone needs no store for it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from assaybook.domain.attachment import Attachment
from assaybook.domain.finding import Assessment
from assaybook.domain.history import Earlier, earlier_of
from assaybook.domain.refusal import Refusal
from assaybook.reporting.recorded import RecordChange
from assaybook.service.pack_contents import Kept
from assaybook.service.pack_keys import PackKeys


@dataclass(frozen=True)
class PackSources:
    """What goes into a pack beside the judgement, and who signs it, when.

    Attributes:
        kept: what a store knows of the evidence.
        log: state of the log and proofs under it; empty where the pack is made without a log.
        keys: who signs; None leaves the pack unsigned, and it says so.
        made_at: the instant of the signatures; None where nobody signs.
        history: earlier assessments of the release, oldest first.
        refused: what was submitted for the release and could not be read.
        changes: how the record of the system changed; None without a register.
    """

    kept: Kept = field(default_factory=Kept)
    log: tuple[Attachment, ...] = ()
    keys: PackKeys | None = None
    made_at: datetime | None = None
    history: tuple[Assessment, ...] = ()
    refused: tuple[Refusal, ...] = ()
    changes: tuple[RecordChange, ...] | None = None

    @cached_property
    def earlier(self) -> tuple[Earlier, ...]:
        """What the pack tells of the earlier assessments."""
        return tuple(earlier_of(one) for one in self.history)
