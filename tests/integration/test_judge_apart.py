"""Judging beside the writers comes to what judging among them would."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.gate import gate_now
from assaybook.service.judge_apart import Apart, instant_here, judge_apart, record_apart
from assaybook.service.run_assessment import Recorded
from assaybook.store.unit_of_work import Reading
from support.evidence import AS_OF, a_document, a_metric, days
from support.governing import POLICIES
from support.stores import SteadyClock, a_work, registered, submitted


@pytest.fixture
def ruling(tmp_path: Path) -> Ruling:
    """Return one policy about recall."""
    file = tmp_path / "policies" / "quality" / "floor.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(POLICIES["quality/floor"], encoding="utf-8")
    return read_ruling(BundleFiles((tmp_path / "policies",)))


def _apart(engine: Engine, ruling: Ruling, now: datetime, as_of: datetime | None = None) -> Apart:
    with Reading(engine) as reading:
        return judge_apart(
            reading,
            "s",
            "1",
            ruling,
            fail_on=Severity.HIGH,
            as_of=as_of,
            clock=lambda: now,
        )


def _recorded(engine: Engine, apart: Apart, clock: SteadyClock) -> Recorded:
    with a_work(engine, clock) as work:
        return record_apart(work, apart, person="ann")


def _as_of(found: Recorded) -> datetime:
    return found.judgement.assessment.assessment.as_of


def test_what_was_judged_apart_is_recorded_as_it_is(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    now = clock()
    apart = _apart(engine, ruling, now)
    done = _recorded(engine, apart, clock)
    assert done.new
    assert done.judgement is apart.judgement
    assert _as_of(done) == now
    assert not _recorded(engine, apart, clock).new


def test_a_document_that_slipped_in_before_the_instant_is_counted(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    apart = _apart(engine, ruling, clock.at + days(1))
    submitted(engine, a_document(a_metric(value=0.1)), clock=clock)
    late = SteadyClock(clock.at + days(2))
    done = _recorded(engine, apart, late)
    assert apart.judgement.assessment.gate.verdict.value == "nothing"
    assert done.judgement.assessment.gate.verdict.value == "fail"
    assert _as_of(done) > apart.judgement.assessment.assessment.as_of


def test_an_instant_that_was_asked_for_stays_when_it_is_judged_again(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    asked = clock.at + days(1)
    apart = _apart(engine, ruling, asked, as_of=asked)
    submitted(engine, a_document(a_metric(value=0.1)), clock=clock)
    done = _recorded(engine, apart, SteadyClock(clock.at + days(2)))
    assert _as_of(done) == asked
    assert done.judgement.assessment.gate.verdict.value == "fail"


def test_what_was_judged_by_a_clock_that_ran_ahead_is_judged_again(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    done = _recorded(engine, _apart(engine, ruling, clock.at + days(9)), clock)
    assert _as_of(done) == clock.at


def test_nothing_is_judged_as_of_the_future(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    registered(engine, clock)
    with pytest.raises(UsageError) as caught:
        _apart(engine, ruling, clock.at, as_of=clock.at + days(1))
    assert caught.value.code == "as-of-in-the-future"


def test_the_gate_sees_what_was_acknowledged_even_where_the_clock_is_behind(
    engine: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    with Reading(engine) as reading:
        assert instant_here(reading, lambda: AS_OF) == AS_OF
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    with Reading(engine) as reading:
        instant = instant_here(reading, lambda: AS_OF)
        told = gate_now(reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=instant)
    assert instant == clock.at
    assert (told.verdict.value, told.exit, told.as_of) == ("pass", 0, instant)
