"""Assessments, findings and jobs as they are asked for and shown over HTTP."""

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.documents import Problem
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import Instant, SystemId, Version
from assaybook.domain.policy import Severity
from assaybook.store.assessments import AssessmentLine
from assaybook.store.findings import FindingLine
from assaybook.store.jobs import Job, JobKind, JobProblem, JobState


class AssessmentWanted(Frozen):
    """Which release is to be judged.

    Attributes:
        as_of: an instant that has passed; now where it is left out.
        fail_on: the least severity that decides the gate.
    """

    system: SystemId
    release: Version
    as_of: Instant | None = None
    fail_on: Severity = Severity.HIGH


class CheckAnswer(Assessment):
    """An assessment of documents that were sent along, and recorded nowhere.

    Attributes:
        problems: documents that could not be read; any of them is in the gate as an error.
        files: the name of each document by the id of its evidence.
    """

    problems: tuple[Problem, ...] = ()
    files: dict[str, str] = Field(default_factory=dict)


class AssessmentPage(Frozen):
    """Assessments in the order in which they were recorded."""

    items: tuple[AssessmentLine, ...]
    next: str | None = None


class FindingPage(Frozen):
    """Findings in the order in which their assessments were recorded."""

    items: tuple[FindingLine, ...]
    next: str | None = None


class JobAnswer(Frozen):
    """How far a job is; ``assessment`` is the digest of what it came to."""

    id: str
    kind: JobKind
    state: JobState
    system: str
    release: str
    as_of: Instant
    asked_at: Instant
    ended_at: Instant | None = None
    assessment: str | None = None
    problem: JobProblem | None = None


def job_answer(job: Job) -> JobAnswer:
    """Return what is said of a job."""
    return JobAnswer(
        id=job.id,
        kind=job.task.kind,
        state=job.state,
        system=job.task.system,
        release=job.task.release,
        as_of=job.task.as_of,
        asked_at=job.asked_at,
        ended_at=job.ended_at,
        assessment=job.result,
        problem=job.problem,
    )
