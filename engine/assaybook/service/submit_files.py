"""Submit files to the store as one submission; nothing accepted is lost, nothing refused hides."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assaybook.domain.documents import Problem
from assaybook.domain.ids import written
from assaybook.domain.policy import Assurance
from assaybook.domain.trust import Trust
from assaybook.intake.declared import Declared
from assaybook.intake.read import Receipt
from assaybook.service.people import verified_evidence
from assaybook.service.read_evidence import ReadPaths, read_paths
from assaybook.service.submit_evidence import SubmitReport, submit_evidence
from assaybook.store.subjects import known_release, known_system
from assaybook.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Submission:
    """Files that a person or pipeline submits about one release."""

    paths: tuple[Path, ...]
    system: str
    release: str
    declared_format: str | None = None
    manifest: Path | None = None
    assurance: Assurance = Assurance.SELF
    submitted_by: str = ""
    trust: Trust = Trust()  # noqa: RUF009 - immutable


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was recorded, what could not be read, and what was no evidence."""

    report: SubmitReport
    problems: tuple[Problem, ...]
    unrecognised: tuple[str, ...]


def submit_files(work: UnitOfWork, submission: Submission) -> Submitted:
    """Read files and record their evidence in one unit of work.

    A file that cannot be read does not keep the others from being recorded.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``, also where each file names its own.
        AssayError: as ``submit_evidence``.
    """
    known_system(work, submission.system)
    known_release(work, submission.system, submission.release)
    read = read_submission(submission, work.now)
    blobs = read.blobs
    evidence = verified_evidence(read.evidence, blobs, submission.trust)
    report = submit_evidence(work, evidence, blobs, person=submission.submitted_by)
    return Submitted(report, read.problems, read.unrecognised)


def read_submission(submission: Submission, received_at: datetime) -> ReadPaths:
    """Read the files of a submission as received at an instant."""
    receipt = Receipt(
        received_at=received_at,
        submitted_by=submission.submitted_by,
        assurance=submission.assurance,
        submission=f"{submission.system}/{submission.release}@{written(received_at)}",
    )
    return read_paths(
        submission.paths,
        receipt=receipt,
        manifest=submission.manifest,
        declared_format=submission.declared_format,
        declared=Declared(system=submission.system, release=submission.release),
    )
