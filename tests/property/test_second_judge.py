"""A second judge, written from the documents alone, comes to what the engine comes to.

What a rule means rests on one program otherwise. The second one shares no code with the engine; it
reads policies, evidence, subjects and waivers as plain data. See decision 0061.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from assaybook.domain.baseline import BaselineFail
from assaybook.domain.finding import Assessment, Disposition, Finding, Outcome
from assaybook.domain.period import Period
from support.second_baselines import distance_of
from support.second_decisions import Stand, exit_code
from support.second_engine import Pool, named_by
from support.second_facts import DAY
from support.second_judge import Case, Known, findings, known_fails, stands
from support.second_periods import own_at, worst_of
from support.second_rows import Json
from support.second_rules import Came
from support.second_scopes import conclusion, frameworks_of, own_standings, rolled_up
from support.second_situations import Situation, a_situation, afterwards, an_asked_situation
from support.second_statements import Said, a_baseline, a_scope, a_waiver, some_retired

SEEDS: Final = st.integers(0, 2**32)
TOGETHER: Final = [1, 3, 8]
MANY: Final = settings().max_examples * 3 // 5


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    return Pool(tmp_path_factory.mktemp("policies"), seed=61, size=160)


def _drawn(pool: Pool, dice: Random) -> tuple[list[str], Situation]:
    """Return some policies that read one kind of fact, and a situation with such facts."""
    kind = dice.choice([*pool.kinds, "metric", "metric", "security"])
    some = min(dice.choice(TOGETHER), len(pool.kinds[kind]))
    names = sorted(dice.sample(pool.kinds[kind], some))
    if kind == "attestation":
        return names, an_asked_situation(dice, dice.choice(names))
    return names, a_situation(dice, kind)


def _said(pool: Pool, names: Sequence[str], situation: Situation, dice: Random) -> Said:
    scope = a_scope(dice, [pool.written[name] for name in names])
    return Said(scope, retired=some_retired(dice, situation.documents))


def _case(pool: Pool, names: Sequence[str], situation: Situation, said: Said) -> Case:
    policies = [pool.written[name] for name in names]
    return Case(policies, situation, pool.overlays, said.scope, said.waivers, said.retired)


def _agree(found: Finding, second: Came, where: str) -> None:
    """Both come to one outcome, and call what is unknown by a name in common."""
    outcome, reasons = second
    codes = {reason.code for reason in found.reasons}
    assert found.outcome.value == outcome, f"{where}: {found.outcome} {codes}, {second}"
    if outcome == "not_applicable":  # the reason is that of the scope, or the condition
        return
    assert bool(codes) == bool(reasons), f"{where}: {codes}, {second}"
    assert not codes or codes & reasons, f"{where}: {codes}, {second}"


def _agree_on_what_follows(found: Assessment, stands: Sequence[Stand], case: Case) -> None:
    told: dict[str, dict[str, str]] = {}
    for one in found.standings:
        told.setdefault(one.catalog, {})[one.control] = one.standing.value
    frameworks = frameworks_of(case.scope, case.policies)
    assert list(told) == list(frameworks)
    assert [one.catalog for one in found.conclusion] == list(frameworks)
    for each in found.conclusion:
        own = own_standings(each.catalog, stands, case.scope)
        _same(told[each.catalog], rolled_up(each.catalog, own))
        words = conclusion(each.catalog, own, case.scope)
        assert each.words.value == words, f"{each}, {words}, {own}"
        event(f"framework: {words}")
    received = [
        one for one in case.situation.documents if one["received_at"] <= case.situation.as_of
    ]
    code = exit_code(stands, len(received), "high")
    assert found.gate.exit == code, f"{found.gate}, {code}"


def _same(told: Mapping[str, str], second: Mapping[str, str]) -> None:
    others = {name: (told.get(name), came) for name, came in second.items()}
    assert told == second, {name: both for name, both in others.items() if both[0] != both[1]}


@given(SEEDS)
@settings(max_examples=MANY, deadline=None)
def test_both_judges_come_to_the_same(pool: Pool, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same in each run
    names, situation = _drawn(pool, dice)
    said = _said(pool, names, situation, dice)
    case = _case(pool, names, situation, said)
    second = findings(case)
    found = pool.assessed(names, situation, said)
    assert len(found.findings) == len(second)
    for one in found.findings:
        came = second[one.policy, one.rule]
        _agree(one, came, f"{one.policy}/{one.rule} of {seed}")
        event(came[0])
    _agree_on_what_follows(found, list(stands(case, second).values()), case)


def _waivers_of(dice: Random, found: Assessment) -> list[Json]:
    failed = [one for one in found.findings if one.outcome is Outcome.FAIL]
    passed = [f"{one.policy}/{one.rule}" for one in found.findings if one.outcome is Outcome.PASS]
    others = [*passed, *(f"{one.policy}/{one.rule}" for one in found.findings)]
    return [
        a_waiver(dice, (one.policy, one.rule), _failing(one), others)
        for one in failed
        for _each in range(dice.choice([0, 1, 1, 2]))
    ]


def _failing(found: Finding) -> list[str]:
    return [one.key for one in found.rows if one.outcome == "fail"]


@given(SEEDS)
@settings(max_examples=MANY, deadline=None)
def test_both_judges_accept_the_same_fails(pool: Pool, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same in each run
    names, situation = _drawn(pool, dice)
    said = _said(pool, names, situation, dice)
    said = replace(said, waivers=_waivers_of(dice, pool.assessed(names, situation, said)))
    case = _case(pool, names, situation, said)
    found = pool.assessed(names, situation, said)
    second = stands(case, findings(case))
    for one in found.findings:
        stand = second[one.policy, one.rule]
        where = f"{one.policy}/{one.rule} of {seed}: {one.rest}, {stand}"
        assert (one.disposition is Disposition.WAIVED) == stand.accepted, where
        event(stand.weighs)
    _agree_on_what_follows(found, list(second.values()), case)


@given(SEEDS)
@settings(max_examples=MANY, deadline=None)
def test_both_judges_name_and_accept_the_same_by_a_baseline(pool: Pool, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same in each run
    kind = dice.choice([one for one in pool.kinds if one != "attestation"])
    names = sorted(dice.sample(pool.kinds[kind], min(3, len(pool.kinds[kind]))))
    before = a_situation(dice, kind)
    case = _case(pool, names, before, Said())
    fails = named_by(pool.assessed(names, before, Said()))
    known = known_fails(case, findings(case))
    _agree_on_fails(fails, known)
    if not fails:
        return
    now, written = afterwards(dice, before, kind), a_baseline(dice)
    baseline = {**written, "fails": [one.model_dump() for one in fails]}
    waivers = _waivers_of(dice, pool.assessed(names, now, Said())) if dice.random() < 0.5 else []
    found = pool.assessed(names, now, Said(waivers=waivers, baseline=baseline))
    case = replace(case, situation=now, waivers=waivers)
    if written["system"] == "s":
        case = replace(case, baseline={**written, "fails": known})
    second = stands(case, findings(case))
    for one in found.findings:
        stand = second[one.policy, one.rule]
        where = f"{one.policy}/{one.rule} of {seed}: {one.rest}, {stand}, {found.baseline}"
        assert (one.disposition is not Disposition.OPEN) == stand.accepted, where
        event(f"baseline: {stand.weighs}")
    _agree_on_what_follows(found, list(second.values()), case)


def _agree_on_fails(fails: Sequence[BaselineFail], known: Known) -> None:
    told = {
        (one.policy, one.rule, key): one.distances.get(key)
        for one in fails
        for key in one.rows or ("",)
    }
    second = {
        (*rule, key): distance_of(by)
        for rule, (_asked, rows) in known.items()
        for key, by in rows.items()
    }
    assert told.keys() == second.keys(), f"{told}, {second}"
    for name, distance in told.items():
        assert distance == pytest.approx(second[name]), f"{name}: {distance}, {second[name]}"


@given(SEEDS)
@settings(max_examples=MANY // 5, deadline=None)
def test_both_judges_come_to_the_same_over_a_period(pool: Pool, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same in each run
    kind = dice.choice([one for one in pool.kinds if one != "attestation"])
    names = sorted(dice.sample(pool.kinds[kind], min(dice.choice([1, 2]), len(pool.kinds[kind]))))
    situation = a_situation(dice, kind)
    since = situation.as_of - dice.choice([20, 100]) * DAY
    said = Said(a_scope(dice, [pool.written[name] for name in names]))
    begins_here = dice.random() < 0.5
    found = pool.over(names, situation, said, since, begins_here=begins_here)
    case = _case(pool, names, situation, said)
    for name in frameworks_of(case.scope, case.policies):
        steps = [one.as_of for one in found.steps]
        worst, own = worst_of(case, name, steps, begins_here=begins_here)
        told = {one.control: one.worst.value for one in found.controls if one.catalog == name}
        _same(told, worst)
        words = next(one.words.value for one in found.conclusion if one.catalog == name)
        assert words == conclusion(name, own, case.scope), f"{name} of {seed}"
        event(f"period: {words}")
        for at in [since + (situation.as_of - since) * dice.random() for _each in range(3)]:
            _same(_stood(found, name, at), rolled_up(name, own_at(case, name, at)))


def _stood(found: Period, catalog: str, at: datetime) -> dict[str, str]:
    return {
        one.control: each.standing.value
        for one in found.controls
        for each in one.intervals
        if one.catalog == catalog and each.since <= at < each.until
    }
