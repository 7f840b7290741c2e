"""What a store adds to a pack: the places of evidence in the log, what was signed, what is gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assaybook.domain.attachment import Attachment
from assaybook.domain.documents import Evidence
from assaybook.domain.trust import Trust
from assaybook.evaluation.assess import seen_by
from assaybook.ledger.checkpoint import Checkpoint
from assaybook.service.judge import Judgement
from assaybook.service.pack_contents import Kept
from assaybook.service.pack_contents_log import log_parts, recorded_parts
from assaybook.service.pack_keys import PackKeys
from assaybook.service.people import STATEMENT_FORMAT
from assaybook.store.blobs import erasures, load_blob
from assaybook.store.evidence import receipts_of
from assaybook.store.unit_of_work import Reading


@dataclass(frozen=True, slots=True)
class PackSources:
    """What goes into a pack beside the judgement, and who signs it, when.

    Attributes:
        kept: what a store knows of the evidence.
        log: state of the log and proofs under it; empty where the pack is made without a log.
        keys: who signs; None leaves the pack unsigned, and it says so.
        made_at: the instant of the signatures; None where nobody signs.
    """

    kept: Kept = field(default_factory=Kept)
    log: tuple[Attachment, ...] = ()
    keys: PackKeys | None = None
    made_at: datetime | None = None


def stored_sources(  # noqa: PLR0913 - each is a part of the pack
    reading: Reading,
    judgement: Judgement,
    *,
    keys: PackKeys | None,
    made_at: datetime,
    trust: Trust,
    held: Sequence[Checkpoint] = (),
) -> PackSources:
    """Return what the store adds to the pack of a judgement that is recorded in it.

    Without keys nobody signs, so neither the log's state nor a time is claimed.

    Raises:
        UsageError: ``checkpoint-elsewhere``, the log here does not go on from one that is held.
    """
    seen = seen_by(judgement.evidence, judgement.assessment.assessment.as_of)
    receipts = receipts_of(reading, [one.envelope.id for one in seen])
    kept = Kept(
        places={name: one.seq for name, one in receipts.items()},
        envelopes=_envelopes(reading, seen),
        erased=erasures(reading, {one.envelope.blob for one in seen}),
        trust=trust,
    )
    if keys is None:
        return PackSources(kept)
    log = log_parts(reading, recorded_parts(judgement, seen), keys, held)
    return PackSources(kept, log, keys, made_at)


def _envelopes(reading: Reading, seen: Iterable[Evidence]) -> dict[str, bytes]:
    """Return the signed statements among the evidence, as they were accepted."""
    found: dict[str, bytes] = {}
    for one in seen:
        if one.envelope.format == STATEMENT_FORMAT:
            raw = load_blob(reading, one.envelope.blob)
            if raw is not None:
                found[one.envelope.id] = raw
    return found
