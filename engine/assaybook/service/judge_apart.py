"""Judging beside the writers: from what was committed, as of an instant that nothing falls behind.

Judging takes longer than writing, so it is done in a transaction that reads. Before its outcome is
recorded, it is seen that nothing came in meanwhile that it should have counted.
"""

from datetime import datetime

from assaybook.domain.policy import Severity
from assaybook.domain.record import record
from assaybook.service.bundles import Ruling
from assaybook.service.judge import Judgement
from assaybook.service.run_assessment import (
    Recorded,
    judge_recorded,
    record_judgement,
    refuse_future,
    run_assessment,
)
from assaybook.store.journal import is_settled, last_place
from assaybook.store.unit_of_work import Clock, Reading, UnitOfWork


@record
class Apart:
    """A judgement, by what, and the last place of the journal that it has seen."""

    judgement: Judgement
    ruling: Ruling
    fail_on: Severity
    seen: int
    dated: bool
    """Whether its instant was asked for, rather than being that of the request."""


def instant_here(reading: Reading, clock: Clock) -> datetime:
    """Return this instant, or that of the last record where the clock is behind it."""
    _seen, at = last_place(reading.connection)
    now = clock()
    return now if at is None else max(now, at)


def judge_apart(  # noqa: PLR0913 - each is an input that decides
    reading: Reading,
    system: str,
    release: str,
    ruling: Ruling,
    *,
    fail_on: Severity,
    as_of: datetime | None,
    clock: Clock,
) -> Apart:
    """Judge a registered release by what is committed, and record nothing.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown`` or ``as-of-in-the-future``.
    """
    now = instant_here(reading, clock)
    instant = as_of or now
    refuse_future(instant, now)
    found = judge_recorded(reading, system, release, ruling, fail_on=fail_on, as_of=instant)
    seen, _at = last_place(reading.connection)
    return Apart(found, ruling, fail_on, seen, dated=as_of is not None)


def record_apart(work: UnitOfWork, apart: Apart, *, person: str) -> Recorded:
    """Record the assessment of a judgement; judge again where it has been overtaken."""
    as_of = apart.judgement.assessment.assessment.as_of
    if as_of <= work.now and is_settled(work.connection, as_of, seen=apart.seen):
        return record_judgement(work, apart.judgement, person=person)
    subject = apart.judgement.subject
    return run_assessment(
        work,
        subject.system.id,
        subject.release.version,
        apart.ruling,
        fail_on=apart.fail_on,
        as_of=as_of if apart.dated else None,
        person=person,
    )
