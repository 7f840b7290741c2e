"""A period: judged where something can change, so that no instant of it is missed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Conclusion, Standing
from assaybook.domain.period import ControlPeriod, Period
from assaybook.domain.policy import Policy
from assaybook.domain.waiver import Retirement
from assaybook.evaluation.assess import Inputs, assess
from assaybook.service.bundles import Ruling
from assaybook.service.period import period_of
from assaybook.service.period_instants import instants_of_change, unclear_policies
from support.assessing import (
    a_policy,
    a_waiver,
    approval_rule,
    at,
    inputs,
    links,
)
from support.evidence import AS_OF, a_document, a_fact, a_metric, days
from support.rules import a_need, a_rule

FIRST, LAST = at(-100), at(100)
RUN = a_need("operation", name="drill", where='row.kind == "rollback"')
DRILLED = a_policy(
    a_rule(
        id="drilled",
        for_each="drill",
        pass_when='age(row.tested_at) >= duration("0s") && age(row.tested_at) < duration("480h")',
        needs=("drill",),
    ),
    id="house.drill",
    needs=(replace(RUN, may_be_empty=False),),
    controls=links("A2"),
)
HISTORY = a_policy(
    a_rule(id="trend", for_each="runs", pass_when="row.value >= 0.8", needs=("runs",)),
    id="house.trend",
    needs=(a_need(name="runs", where='row.name == "recall"', last=2, within='duration("960h")'),),
    controls=links("A2"),
)
ASKED = a_policy(approval_rule(people=1), id="house.asked", needs=(), controls=links("A2"))


def _drill(age: float, tested: float) -> Evidence:
    fact = a_fact("operation", kind="rollback", target="t", tested_at=at(-tested))
    return a_document(fact, name=f"drill {age} {tested}", tool="drill", age=age, received=age)


def _answer(age: float, answer: str = "yes", until: float | None = None) -> Evidence:
    fact = a_fact(
        "attestation",
        policy="house.asked",
        rule="asked",
        person="ada",
        role="approver",
        answer=answer,
        signed_at=at(-age),
        valid_until=None if until is None else at(-until),
    )
    return a_document(fact, name=f"answer {age} {answer}", tool="desk", age=age, received=age)


def _recall(age: float, value: float) -> Evidence:
    return a_document(a_metric(value=value), name=f"{age} {value}", age=age, received=age)


def _inputs(evidence: Sequence[Evidence], **said: Any) -> Inputs:
    policies: tuple[Policy, ...] = (a_policy(), DRILLED, HISTORY, ASKED)
    return inputs(*evidence, policies=policies, **said)


def _outcomes(given: Inputs, instant: datetime) -> list[object]:
    found = assess(replace(given, as_of=instant))
    return [(one.rule, one.outcome, one.disposition) for one in found.findings]


ages = st.integers(-60, 120).map(float) | st.floats(-60, 120, allow_nan=False, width=16)
documents = st.lists(
    st.builds(_recall, ages, st.sampled_from((0.7, 0.9)))
    | st.builds(_drill, ages, ages)
    | st.builds(_answer, ages, st.sampled_from(("yes", "no")), st.none() | ages),
    max_size=5,
    unique_by=lambda one: one.envelope.id,
)


@settings(max_examples=20)
@given(documents, st.lists(ages, max_size=2), st.lists(ages, min_size=1, max_size=4))
def test_between_two_instants_of_change_no_outcome_changes(
    evidence: list[Evidence], waived: list[float], looked: list[float]
) -> None:
    waivers = tuple(
        a_waiver(id=f"W-{n}", starts=at(-each), expires=at(20 - each))
        for n, each in enumerate(waived)
    )
    given_ = _inputs(evidence, waivers=waivers)
    instants = instants_of_change(given_.bundle, given_.subject, evidence, waivers)
    for each in looked:
        instant = at(-each)
        before = max((one for one in instants if one <= instant), default=FIRST - days(9999))
        assert _outcomes(given_, instant) == _outcomes(given_, before)


def test_the_last_instant_of_freshness_is_fresh_and_the_next_is_not() -> None:
    document = _recall(0, 0.9)
    given_ = _inputs([document])
    stale = AS_OF + timedelta(days=90, microseconds=1)
    assert stale in instants_of_change(given_.bundle, given_.subject, [document], ())
    assert _outcomes(given_, stale) != _outcomes(given_, stale - timedelta(microseconds=1))


def test_a_retirement_is_an_instant_of_change() -> None:
    gone = Retirement(format="tool", reason="It was replaced.", person="mara", at=at(3))
    given_ = _inputs([])
    assert instants_of_change(given_.bundle, given_.subject, [], [gone]) == {at(3)}


def test_a_length_beyond_the_calendar_changes_nothing() -> None:
    policy = a_policy(
        a_rule(id="r", for_each="recall", pass_when="row.value > 0.0", needs=("recall",)),
        needs=(
            a_need(name="recall", where='row.name == "recall"', fresh_for='duration("2540000h")'),
        ),
    )
    late = a_document(a_metric(), age=-2_900_000 / 24, received=-2_900_000 / 24)
    given_ = inputs(late, policies=(policy,))
    found = instants_of_change(given_.bundle, given_.subject, [late], ())
    assert late.envelope.received_at in found


@pytest.mark.parametrize(
    ("condition", "is_clear"),
    [
        ('age(row.tested_at) < duration("24h")', True),
        ("params.longest >= age(row.tested_at)", True),
        ('age(row.tested_at) + duration("1h") < duration("24h")', False),
        ("row.tested_at < row.tested_at", True),
    ],
    ids=["a-length", "a-param", "a-sum", "no-age"],
)
def test_a_policy_that_reckons_with_time_otherwise_is_named(
    condition: str,
    is_clear: bool,  # noqa: FBT001 - a column of the table
) -> None:
    rule = a_rule(id="r", for_each="drill", pass_when=condition, needs=("drill",))
    policy = a_policy(rule, id="house.odd", needs=(RUN,))
    bundle = inputs(policies=(policy,)).bundle
    assert unclear_policies(bundle) == (() if is_clear else ("house.odd",))


def _period(*steps: tuple[float, Sequence[Evidence]]) -> Period:
    given_ = [replace(inputs(*evidence), as_of=at(day)) for day, evidence in steps]
    ruling = Ruling(given_[0].bundle, given_[0].catalogs)
    return period_of(ruling, [assess(one) for one in given_], (), asked_since=FIRST, until=at(10))


def _of(found: Period, control: str) -> ControlPeriod:
    (one,) = (each for each in found.controls if each.control == control)
    return one


def test_the_result_of_a_period_is_the_worst_of_it_with_the_days_of_each_standing() -> None:
    good, bad = _recall(0, 0.9), a_document(a_metric(value=0.5), name="bad", age=-3, received=-3)
    mended = a_document(a_metric(value=0.95), name="mended", age=-4, received=-4)
    found = _period((0, [good]), (1, [good]), (3, [good, bad]), (4, [good, bad, mended]))
    control = _of(found, "A1")
    assert control.worst is Standing.NOT_MET
    assert [(one.standing, one.since, one.until) for one in control.intervals] == [
        (Standing.MET, at(0), at(3)),
        (Standing.NOT_MET, at(3), at(4)),
        (Standing.MET, at(4), at(10)),
    ]
    assert control.days == {Standing.MET: 9.0, Standing.NOT_MET: 1.0}
    assert control.left_out == {"superseded": 2}
    (conclusion,) = found.conclusion
    assert conclusion.words is Conclusion.DOES_NOT_CONFORM
    assert (found.since, found.until, len(found.steps)) == (at(0), at(10), 4)


def test_what_changes_with_the_last_instant_stands_there_without_length() -> None:
    good = _recall(0, 0.9)
    bad = a_document(a_metric(value=0.5), name="bad", age=-10, received=-10)
    control = _of(_period((0, [good]), (10, [good, bad])), "A1")
    assert control.days == {Standing.MET: 10.0, Standing.NOT_MET: 0.0}
    assert control.worst is Standing.NOT_MET


def test_a_control_that_was_never_covered_is_not_covered_for_the_whole_period() -> None:
    control = _of(_period((0, [])), "A2")
    assert (control.worst, control.days) == (Standing.NOT_COVERED, {Standing.NOT_COVERED: 10.0})


def test_the_edges_of_a_waiver_are_instants_of_change() -> None:
    waiver = a_waiver(starts=at(1), expires=at(5), revoked_at=at(4))
    given_ = _inputs([])
    found = instants_of_change(given_.bundle, given_.subject, [], [waiver])
    assert found == {at(-1), at(1), at(4), at(5)}
    pending = a_waiver(approval=None, expires=at(5))
    assert instants_of_change(given_.bundle, given_.subject, [], [pending]) == {at(5)}
