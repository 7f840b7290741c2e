"""Submit files to the store as one submission; nothing accepted is lost, nothing refused hides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final

from assaybook.domain.errors import SubmitterError
from assaybook.intake.declared import Declared
from assaybook.service.erased_again import ERASED, refuse_erased
from assaybook.service.known_files import known_files
from assaybook.service.read_evidence import (
    ReadPaths,
    Seen,
    SentDocument,
    read_paths,
    read_sent,
    unseen,
)
from assaybook.service.read_many import Looked, Part, read_in_parts
from assaybook.service.said_of_files import usable_format
from assaybook.service.store_access import store_opened
from assaybook.service.submission import PIPED, Submission
from assaybook.service.submit_documents import Origin, Submitted, record_submission
from assaybook.service.submit_evidence import SubmitReport
from assaybook.store.engine import Database
from assaybook.store.evidence import EvidenceReceipt
from assaybook.store.schema import refuse_other_schema, schema_status
from assaybook.store.subjects import known_subject
from assaybook.store.unit_of_work import Clock, Reading, UnitOfWork

TOGETHER: Final = 1000
"""Documents of one commit at most; what was committed stays, whatever befalls the rest."""


def submit_in_parts(
    database: str, submission: Submission, clock: Clock, *, seen: Seen = unseen
) -> Iterator[Submitted]:
    """Read files and record their evidence, a thousand documents in each unit of work.

    Nothing is read while others wait to write, and what is held does not grow with the number of
    files. A file of which nothing new could be read is a duplicate unread. All parts are one
    submission: their documents stand together. Where it is broken off, the parts that were told
    are recorded; sent again, they are duplicates. ``seen`` is told of files as they are read.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``, also where each file names its own.
        AssayError: as ``submit_evidence``, or the database cannot be used.
    """
    usable_format(submission.declared_format, submission.paths)
    with store_opened(database) as engine:
        refuse_other_schema(schema_status(engine))
        with UnitOfWork(engine, clock) as work:
            known_subject(work, submission.system, submission.release)
            begun = work.now
        for part in _parts(submission, begun, engine, seen):
            yield _recorded(engine, submission.origin, part, clock)


def _recorded(engine: Database, origin: Origin, part: Part, clock: Clock) -> Submitted:
    """Record a part; where nothing of it is new, nobody has to wait for it."""
    if part.read.documents or part.read.refused:
        try:
            with UnitOfWork(engine, clock) as work:
                done = record_submission(work, origin, part.read)
        except SubmitterError as error:
            if error.code != ERASED:
                raise
            with UnitOfWork(engine, clock) as work:
                done = record_submission(work, origin, refuse_erased(work, part.read))
    else:
        nothing = SubmitReport(accepted=(), duplicates=())
        done = Submitted(nothing, part.read.problems, part.read.unrecognised)
    known = tuple(receipt for _file, receipt in part.known)
    duplicates = (*known, *done.report.duplicates)
    report = done.report.model_copy(update={"duplicates": duplicates})
    return replace(done, report=report, files=tuple(_files(part)))


def _files(part: Part) -> Iterator[tuple[str, str]]:
    """Yield the id and the file of each evidence of a part."""
    for file, receipt in part.known:
        yield receipt.evidence, file
    for document in part.read.documents:
        for one in document.opened.evidence:
            yield one.envelope.id, document.file


def _parts(
    submission: Submission, received_at: datetime, engine: Database, seen: Seen
) -> Iterator[Part]:
    receipt = submission.origin.receipt(received_at)
    declared = submission.origin.declared
    piped: tuple[Part, ...] = ()
    if submission.piped is not None:
        said = (Declared(format=submission.declared_format), declared)
        document = SentDocument(PIPED, submission.piped, said)
        piped = (Part(read_sent([document], receipt=receipt)),)

    def known(looked: Sequence[Looked]) -> Mapping[int, tuple[EvidenceReceipt, ...]]:
        with Reading(engine) as reading:
            return known_files(reading, looked, submission.system, submission.release)

    files = read_in_parts(
        submission.paths,
        receipt=receipt,
        manifest=submission.manifest,
        declared_format=submission.declared_format,
        declared=declared,
        most=TOGETHER,
        known=known,
        seen=seen,
    )
    return chain(piped, files)


def read_submission(submission: Submission, received_at: datetime) -> ReadPaths:
    """Read the files of a submission as received at an instant."""
    return read_paths(
        submission.paths,
        receipt=submission.origin.receipt(received_at),
        manifest=submission.manifest,
        declared_format=submission.declared_format,
        declared=submission.origin.declared,
    )
