"""Audit packs as they are asked for and shown over HTTP."""

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant, SystemId, Version
from assaybook.domain.policy import Severity
from assaybook.store.jobs import Job, JobProblem, JobState
from assaybook.store.packs import PackRecord


class PackWanted(Frozen):
    """Of which release a pack is to be made.

    Attributes:
        as_of: an instant that has passed; now where it is left out.
        fail_on: the least severity that decides the gate.
        organisation: whose pack it is, for the cover.
    """

    system: SystemId
    release: Version
    as_of: Instant | None = None
    fail_on: Severity = Severity.HIGH
    organisation: str = Field(default="", max_length=200)


class PackDocument(Frozen):
    """The PDF of a pack."""

    digest: str
    size: int
    media_type: str


class PackAnswer(Frozen):
    """How far a pack is; ``document`` and ``assessment`` stand there once it is done."""

    id: str
    state: JobState
    system: str
    release: str
    as_of: Instant
    asked_at: Instant
    ended_at: Instant | None = None
    assessment: str | None = None
    document: PackDocument | None = None
    problem: JobProblem | None = None


def pack_answer(job: Job, pack: PackRecord | None) -> PackAnswer:
    """Return what is said of a pack that was asked for."""
    return PackAnswer(
        id=job.id,
        state=job.state,
        system=job.task.system,
        release=job.task.release,
        as_of=job.task.as_of,
        asked_at=job.asked_at,
        ended_at=job.ended_at,
        assessment=job.result,
        document=None
        if pack is None
        else PackDocument(digest=pack.digest, size=pack.size, media_type=pack.media_type),
        problem=job.problem,
    )
