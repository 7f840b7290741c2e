"""Checking that the period of a pack follows from what it carries: judge it again, and compare."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.attachment import PERIOD
from assaybook.domain.errors import AssayError
from assaybook.domain.period import Period
from assaybook.service.bundles import recorded_ruling
from assaybook.service.judge import ENGINE
from assaybook.service.period import replay_period
from assaybook.service.verify_engine import otherwise
from assaybook.service.verify_judgement import bundle_told, in_order
from assaybook.service.verify_parts import (
    Judged,
    Parts,
    Predicate,
    read_refusals,
    whole,
)
from assaybook.service.verify_report import Standing, Step, bad, good

STEP: Final = "period"
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."


def period_steps(judged: Judged, said: Predicate, parts: Parts) -> Iterator[Step]:
    """Yield whether the period is of this pack and comes out the same when it is judged again.

    What people had recorded by then is taken as the period tells it; the last of it must be what
    the findings were judged by. A pack as of an instant has nothing to check here.

    Another version may have judged it otherwise, so of what does not come out nobody can tell.

    Raises:
        AssayError: the bundle cannot be used, or the period is too long to be judged.
        ValueError: the period is not as we write it.
    """
    if PERIOD not in parts:
        return
    if said.engine == ENGINE:
        yield from _judged_again(judged, parts)
        return
    try:
        steps = tuple(_judged_again(judged, parts))
    except (AssayError, ValueError, LookupError, TypeError):
        steps = ()
    if steps and all(one.standing is Standing.GOOD for one in steps):
        yield from steps
        return
    what = "its period does not come out the same when this version judges it again"
    yield otherwise(STEP, PERIOD, said.engine, what)


def _judged_again(judged: Judged, parts: Parts) -> Iterator[Step]:
    told = whole(Period, parts, PERIOD)
    if not _is_of(told, judged):
        message = "it is of another subject, other waivers or another end than the findings"
        yield bad(STEP, "period-elsewhere", PERIOD, message, _ASK)
        return
    again = replay_period(
        in_order(recorded_ruling(bundle_told(judged)), judged.assessment),
        judged.evidence,
        told.moments,
        asked_since=told.asked_since,
        until=told.until,
        fail_on=judged.assessment.gate.fail_on,
        refused=read_refusals(parts),
    )
    if again != told:
        message = "it does not follow from the facts that the pack carries"
        yield bad(STEP, "period-otherwise", PERIOD, message, _ASK)
        return
    count = len(told.steps)
    message = f"it came out the same at all {count} instants when it was judged again"
    yield good(STEP, "period", PERIOD, message)


def _is_of(told: Period, judged: Judged) -> bool:
    """Tell whether a period ends with what the findings were judged by."""
    times = [one.as_of for one in told.moments]
    if not times or times != sorted(set(times)) or times[0] != told.since:
        return False
    last, statements = told.moments[-1], judged.statements
    return (
        told.since < told.until == judged.assessment.assessment.as_of
        and times[-1] <= told.until
        and last.subject == judged.subject
        and last.waivers == statements.waivers
        and last.retirements == statements.retirements
    )
