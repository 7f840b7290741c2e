"""Asking for work outside the request, and recording what came of it."""

from datetime import datetime
from typing import Final

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import OperatorError
from assaybook.domain.finding import Assessment
from assaybook.domain.policy import Severity
from assaybook.domain.record import record
from assaybook.service.bundles import Ruling
from assaybook.service.judge import ENGINE
from assaybook.service.run_assessment import keep_bundle, refuse_future
from assaybook.store.assessments import save_assessment
from assaybook.store.jobs import Job, JobKind, Task, ask_job, end_job
from assaybook.store.journal import is_settled
from assaybook.store.packs import PackRecord, save_pack
from assaybook.store.subjects import known_release, known_system
from assaybook.store.unit_of_work import UnitOfWork

MOST: Final = 64
"""Jobs that may wait or run; the next is refused with ``too-many-jobs``."""


@record
class Made:
    """What a job made: an assessment, by what of the journal, and the pack where one was asked."""

    assessment: Assessment
    seen: int
    document: bytes | None


def ask_for(  # noqa: PLR0913 - each is a part of what is asked for
    work: UnitOfWork,
    kind: JobKind,
    system: str,
    release: str,
    ruling: Ruling,
    *,
    fail_on: Severity,
    as_of: datetime | None,
    organisation: str = "",
    person: str,
    most: int = MOST,
) -> Job:
    """Queue the assessment or the pack of a registered release, as of now or an earlier instant.

    It will be judged by the policies as they are now. An equal request is the same job.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown`` or ``as-of-in-the-future``.
        OperatorError: ``too-many-jobs``.
    """
    instant = as_of or work.now
    refuse_future(instant, work.now)
    known_system(work, system, as_of=instant)
    known_release(work, system, release, as_of=instant)
    keep_bundle(work, ruling.bundle, person=person)
    task = Task(
        kind=kind,
        system=system,
        release=release,
        as_of=instant,
        fail_on=fail_on,
        bundle=ruling.bundle.digest,
        engine=ENGINE,
        organisation=organisation,
    )
    return ask_job(work, task, person=person, most=most)


def record_judged(work: UnitOfWork, job: Job, made: Made) -> None:
    """Record the assessment of a pack that is still to be made, so that it can prove it.

    Raises:
        OperatorError: ``job-overtaken``, something came in that it should have counted.
    """
    task = job.task
    if not is_settled(work.connection, task.as_of, seen=made.seen):
        raise OperatorError("job-overtaken", "something was received that it has not counted")
    save_assessment(
        work, made.assessment, system=task.system, release=task.release, person=job.asked_by
    )


def record_made(work: UnitOfWork, job: Job, made: Made, *, owner: str) -> None:
    """Record what a job made and that it is done, unless another worker holds it by now.

    Raises:
        OperatorError: ``job-overtaken``, something came in that it should have counted.
    """
    task, found = job.task, made.assessment
    # The digest of an assessment is that of its own instant, so a second worker makes the same.
    if not end_job(work, job.id, owner=owner, came_to=found.assessment.digest):
        return
    if not is_settled(work.connection, task.as_of, seen=made.seen):
        raise OperatorError("job-overtaken", "something was received that it has not counted")
    save_assessment(work, found, system=task.system, release=task.release, person=job.asked_by)
    if made.document is not None:
        save_pack(work, _pack(job, found, made.document), made.document, person=job.asked_by)


def _pack(job: Job, found: Assessment, document: bytes) -> PackRecord:
    return PackRecord(
        id=job.id,
        system=job.task.system,
        release=job.task.release,
        as_of=job.task.as_of,
        assessment=found.assessment.digest,
        digest=digest_of(document),
        size=len(document),
    )
