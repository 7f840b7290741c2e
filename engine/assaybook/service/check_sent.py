"""Judge documents that were sent along by the policies of a server, and record nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from assaybook.domain.baseline import Baseline
from assaybook.domain.documents import Problem
from assaybook.domain.policy import Severity
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.service.bundles import Ruling
from assaybook.service.check import unrecognised, with_persons
from assaybook.service.judge import Judgement, judged
from assaybook.service.submit_documents import Origin, Sent, read_documents


@record
class CheckedSent:
    """A judgement, and the name of each document by the id of its evidence."""

    judgement: Judgement
    files: Mapping[str, str]


def check_sent(  # noqa: PLR0913 - each is an input that decides
    documents: Sequence[Sent],
    subject: Subject,
    ruling: Ruling,
    origin: Origin,
    *,
    manifest: bytes | None,
    problems: Sequence[Problem],
    as_of: datetime,
    fail_on: Severity,
    baseline: Baseline | None = None,
) -> CheckedSent:
    """Judge documents as if they were received at an instant, about a subject.

    ``problems`` are of documents that could not even be told apart in what was sent.
    """
    read = read_documents(documents, origin, as_of, manifest=manifest)
    found = judged(
        ruling,
        subject,
        with_persons(read, origin.trust),
        as_of=as_of,
        fail_on=fail_on,
        baseline=baseline,
        problems=(*problems, *read.problems),
        unrecognised=unrecognised(read),
    )
    files = {
        one.envelope.id: document.file
        for document in read.documents
        for one in document.opened.evidence
    }
    return CheckedSent(found, files)
