"""Submit files to the store as one submission; nothing accepted is lost, nothing refused hides."""

from datetime import datetime
from pathlib import Path

from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.service.read_evidence import ReadPaths, read_paths
from assaybook.service.submit_documents import Origin, Submitted, record_submission
from assaybook.store.subjects import known_subject
from assaybook.store.unit_of_work import UnitOfWork


@record
class Submission:
    """Files that a person or pipeline submits about one release."""

    paths: tuple[Path, ...]
    system: str
    release: str
    declared_format: str | None = None
    manifest: Path | None = None
    assurance: Assurance = Assurance.SELF
    submitted_by: str = ""
    trust: Trust = Trust()

    @property
    def origin(self) -> Origin:
        """Return who submits, and about what."""
        return Origin(
            self.system, self.release, self.assurance, self.submitted_by, trust=self.trust
        )


def submit_files(work: UnitOfWork, submission: Submission) -> Submitted:
    """Read files and record their evidence in one unit of work.

    A file that cannot be read does not keep the others from being recorded.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``, also where each file names its own.
        AssayError: as ``submit_evidence``.
    """
    known_subject(work, submission.system, submission.release)
    return record_submission(work, submission.origin, read_submission(submission, work.now))


def read_submission(submission: Submission, received_at: datetime) -> ReadPaths:
    """Read the files of a submission as received at an instant."""
    return read_paths(
        submission.paths,
        receipt=submission.origin.receipt(received_at),
        manifest=submission.manifest,
        declared_format=submission.declared_format,
        declared=submission.origin.declared,
    )
