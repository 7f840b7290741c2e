"""A second judge, written from the documents alone, comes to what the engine comes to.

What a rule means rests on one program otherwise. The second one shares no code with the engine; it
reads policies, evidence, subjects and waivers as plain data. See decision 0061.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from assaybook.domain.finding import Assessment, Disposition, Finding, Outcome
from support.second_decisions import Stand, exit_code, is_in_force, standings, weighed
from support.second_engine import Pool
from support.second_policies import CATALOG
from support.second_rows import Json
from support.second_rules import Came, Taken, judged
from support.second_situations import Situation, a_situation, a_waiver, an_asked_situation

SEEDS: Final = st.integers(0, 2**32)
TOGETHER: Final = 8
MANY: Final = max(120, settings().max_examples)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    return Pool(tmp_path_factory.mktemp("policies"), seed=61, size=160)


def _drawn(pool: Pool, dice: Random) -> tuple[list[str], Situation]:
    """Return some policies that read one kind of fact, and a situation with such facts."""
    kind = dice.choice([*pool.kinds, "metric", "metric", "security"])
    names = sorted(dice.sample(pool.kinds[kind], min(TOGETHER, len(pool.kinds[kind]))))
    if kind == "attestation":
        return names, an_asked_situation(dice, dice.choice(names))
    return names, a_situation(dice, kind)


def _second(pool: Pool, names: Sequence[str], situation: Situation) -> dict[tuple[str, str], Came]:
    subject, documents, as_of = situation
    return {
        (name, rule): came
        for name in names
        for rule, came in judged(
            pool.written[name], documents, subject, as_of, overlays=pool.overlays
        ).items()
    }


def _agree(found: Finding, second: Came, where: str) -> None:
    """Both come to one outcome, and call what is unknown by a name in common."""
    outcome, reasons = second
    codes = {reason.code for reason in found.reasons}
    assert found.outcome.value == outcome, f"{where}: {found.outcome} {codes}, {second}"
    assert bool(codes) == bool(reasons), f"{where}: {codes}, {second}"
    assert not codes or codes & reasons, f"{where}: {codes}, {second}"


def _agree_on_what_follows(
    found: Assessment, stands: Sequence[Stand], situation: Situation
) -> None:
    told = {one.control: one.standing.value for one in found.standings if one.catalog == CATALOG}
    second = standings(stands)
    told = {control: told[control] for control in second}
    assert told == second, f"{told}, {second}"
    received = [one for one in situation.documents if one["received_at"] <= situation.as_of]
    code = exit_code(stands, len(received), "high")
    assert found.gate.exit == code, f"{found.gate}, {code}"


@given(SEEDS)
@settings(max_examples=MANY, deadline=None)
def test_both_judges_come_to_the_same(pool: Pool, seed: int) -> None:
    names, situation = _drawn(pool, Random(seed))  # noqa: S311 - the same in each run
    second = _second(pool, names, situation)
    found = pool.assessed(names, situation)
    assert len(found.findings) == len(second)
    stands: list[Stand] = []
    for one in found.findings:
        came = second[one.policy, one.rule]
        _agree(one, came, f"{one.policy}/{one.rule} of {seed}")
        event(came[0])
        written = pool.written[one.policy]
        stands.append(Stand(came[0], written["severity"], written["controls"][CATALOG]))
    _agree_on_what_follows(found, stands, situation)


def _waivers_of(dice: Random, found: Assessment) -> list[Json]:
    failed = [one for one in found.findings if one.outcome is Outcome.FAIL]
    return [
        a_waiver(dice, (one.policy, one.rule), [r.key for r in one.rows if r.outcome == "fail"])
        for one in failed
        for _each in range(dice.choice([0, 1, 1, 2]))
    ]


def _stand(
    pool: Pool, found: Finding, came: Came, waivers: Sequence[Json], situation: Situation
) -> Stand:
    """Return a finding as it stands by the second judge, with what waivers take out of it."""
    policy = pool.written[found.policy]
    mine = [
        one
        for one in waivers
        if (one["policy"], one["rule"], one["system"]) == (found.policy, found.rule, "s")
        and (not one["releases"] or "1" in one["releases"])
        and is_in_force(one, situation.as_of, policy["version"])
    ]

    def without(rows: Taken) -> str:
        subject, documents, as_of = situation
        taken: Mapping[str, Taken] = {found.rule: rows}
        again = judged(policy, documents, subject, as_of, taken=taken, overlays=pool.overlays)
        return again[found.rule][0]

    accepted, rest = weighed(came[0], mine, without)
    return Stand(came[0], policy["severity"], policy["controls"][CATALOG], accepted, rest)


@given(SEEDS)
@settings(max_examples=MANY, deadline=None)
def test_both_judges_accept_the_same_fails(pool: Pool, seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - the same in each run
    names, situation = _drawn(pool, dice)
    second = _second(pool, names, situation)
    waivers = _waivers_of(dice, pool.assessed(names, situation))
    found = pool.assessed(names, situation, waivers)
    stands = [
        _stand(pool, one, second[one.policy, one.rule], waivers, situation)
        for one in found.findings
    ]
    for one, stand in zip(found.findings, stands, strict=True):
        where = f"{one.policy}/{one.rule} of {seed}: {one.rest}, {stand}"
        assert (one.disposition is Disposition.WAIVED) == stand.accepted, where
        event(stand.weighs)
    _agree_on_what_follows(found, stands, situation)
