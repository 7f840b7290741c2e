"""Params in force: the policy's values, then overlays in order; doubt never loosens."""

from collections.abc import Mapping

from assaybook.domain.policy import Overlay, OverlaySet, Param, ParamValue
from assaybook.domain.values import Unknown
from assaybook.evaluation.params import InForce, in_force
from assaybook.evaluation.subject_values import system_row
from assaybook.language.parser import parse
from support.assessing import a_policy
from support.evidence import a_subject

FLOOR = Param("floor", "ratio", 0.8, stricter="higher")
SLICES = Param("slices", "list<string>")


def _set(
    params: Mapping[str, ParamValue], applies: str | None = None, **more: object
) -> OverlaySet:
    known = {"policy": "house.recall", **more}
    return OverlaySet(params=params, applies=parse(applies) if applies else None, **known)  # type: ignore[arg-type]


def _overlay(*sets: OverlaySet, name: str = "team") -> Overlay:
    return Overlay(name, sets)


def _in_force(*overlays: Overlay, **system: object) -> InForce:
    policy = a_policy(params={"floor": FLOOR, "slices": SLICES})
    return in_force(policy, overlays, system_row(a_subject(system=system).system))


def _floor(found: InForce) -> object:
    value = found.row.values["floor"]
    return value.reasons[0].code if isinstance(value, Unknown) else value


def test_without_overlays_the_policy_speaks_and_what_nobody_set_is_unknown() -> None:
    found = _in_force()
    assert _floor(found) == 0.8
    assert isinstance(found.row.values["slices"], Unknown)


def test_the_last_overlay_that_applies_wins() -> None:
    found = _in_force(_overlay(_set({"floor": 0.9})), _overlay(_set({"floor": 0.95}), name="b"))
    assert _floor(found) == 0.95
    assert found.params["floor"].value == 0.95


def test_an_overlay_is_for_the_systems_that_it_names() -> None:
    assert _floor(_in_force(_overlay(_set({"floor": 0.9}, systems=("s",))))) == 0.9
    assert _floor(_in_force(_overlay(_set({"floor": 0.9}, systems=("t",))))) == 0.8
    assert _floor(_in_force(_overlay(_set({"floor": 0.9}, policy="house.other")))) == 0.8


def test_an_overlay_is_for_the_systems_that_its_condition_holds_for() -> None:
    high = _overlay(_set({"floor": 0.9}, 'system.risk_tier == "high"'))
    assert _floor(_in_force(high)) == 0.9
    low = _overlay(_set({"floor": 0.9}, 'system.risk_tier == "minimal"'))
    assert _floor(_in_force(low)) == 0.8


def test_a_tightening_is_not_lost_because_nobody_said_what_the_system_is() -> None:
    doubtful = _overlay(_set({"floor": 0.9}, 'system.risk_tier == "high"'))
    found = _in_force(doubtful, risk_tier=None)
    value = found.row.values["floor"]
    assert isinstance(value, Unknown)
    assert [one.code for one in value.reasons] == ["null", "param_unset"]
    assert found.params["floor"].value is None


def test_a_later_overlay_that_is_sure_ends_the_doubt_and_an_earlier_one_does_not() -> None:
    doubtful = _overlay(_set({"floor": 0.9}, 'system.risk_tier == "high"'))
    sure = _overlay(_set({"floor": 0.85}), name="sure")
    assert _floor(_in_force(doubtful, sure, risk_tier=None)) == 0.85
    assert isinstance(_in_force(sure, doubtful, risk_tier=None).row.values["floor"], Unknown)


def test_every_relaxation_in_force_is_told_with_who_made_it_and_why() -> None:
    loose = _overlay(_set({"floor": 0.5}, allow_relax=True, reason="a pilot"))
    assert _in_force(loose).relaxed == (
        "floor of house.recall is relaxed by overlay team: a pilot",
    )
    stricter = _overlay(_set({"floor": 0.9}), name="first")
    assert _in_force(stricter, loose).relaxed == _in_force(loose).relaxed
    assert _in_force(loose, stricter).relaxed == ()
