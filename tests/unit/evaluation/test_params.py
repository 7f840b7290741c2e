"""Params in force: the policy's values, then overlays in order; doubt never loosens."""

from collections.abc import Mapping

from assaybook.domain.policy import Overlay, OverlaySet, Param, ParamValue
from assaybook.domain.subject import RiskTier
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


def test_an_overlay_in_doubt_that_sets_what_holds_anyway_changes_nothing() -> None:
    doubtful = _overlay(_set({"floor": 0.8}, 'system.risk_tier == "high"'))
    assert _floor(_in_force(doubtful, risk_tier=None)) == 0.8
    again = _overlay(_set({"floor": 0.9}, 'system.risk_tier == "high"'), name="b")
    assert _floor(_in_force(again, doubtful, risk_tier=None)) == "null"
    sure = _overlay(_set({"floor": 0.9}), name="c")
    assert _floor(_in_force(sure, again, risk_tier=None)) == 0.9


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


def test_a_later_overlay_that_is_sure_and_asks_as_much_ends_the_doubt() -> None:
    doubtful = _overlay(_set({"floor": 0.9}, 'system.risk_tier == "high"'))
    sure = _overlay(_set({"floor": 0.95}), name="sure")
    assert _floor(_in_force(doubtful, sure, risk_tier=None)) == 0.95
    assert isinstance(_in_force(sure, doubtful, risk_tier=None).row.values["floor"], Unknown)


def test_a_later_overlay_that_may_ask_less_than_one_in_doubt_does_not_end_the_doubt() -> None:
    doubtful = _overlay(_set({"floor": 0.9}, 'system.risk_tier == "high"'))
    less = _overlay(_set({"floor": 0.85}), name="less")
    assert _floor(_in_force(doubtful, less, risk_tier=None)) == "param_unset"
    assert _floor(_in_force(doubtful, less, risk_tier=RiskTier.MINIMAL)) == 0.85
    allowed = _overlay(_set({"floor": 0.85}, allow_relax=True, reason="a pilot"), name="pilot")
    assert _floor(_in_force(doubtful, allowed, risk_tier=None)) == 0.85


def test_a_later_overlay_asks_less_than_an_earlier_one_only_with_a_reason() -> None:
    house = _overlay(_set({"floor": 0.95}), name="house")
    team = _overlay(_set({"floor": 0.85}))
    found = _in_force(house, team)
    value = found.row.values["floor"]
    assert isinstance(value, Unknown)
    assert value.reasons[0].message.startswith("overlay team asks less than house: it takes allow")
    assert found.params["floor"].value is None
    pilot = _overlay(_set({"floor": 0.85}, allow_relax=True, reason="a pilot"))
    allowed = _in_force(house, pilot)
    assert _floor(allowed) == 0.85
    assert allowed.relaxed == ("floor of house.recall is relaxed by overlay team: a pilot",)
    again = _overlay(_set({"floor": 0.96}), name="again")
    assert _in_force(house, pilot, again).relaxed == ()
    assert _floor(_in_force(house, team, again)) == 0.96


def test_a_slice_that_one_overlay_declares_is_not_dropped_by_the_next() -> None:
    slices = Param("slices", "list<string>", stricter="superset")
    policy = a_policy(params={"slices": slices})
    system = system_row(a_subject().system)
    house = _overlay(_set({"slices": ("f", "m", "x")}), name="house")
    fewer = in_force(policy, [house, _overlay(_set({"slices": ("f", "m")}))], system)
    assert isinstance(fewer.row.values["slices"], Unknown)
    more = in_force(policy, [house, _overlay(_set({"slices": ("f", "m", "x", "y")}))], system)
    assert more.params["slices"].value == ("f", "m", "x", "y")


def test_every_relaxation_in_force_is_told_with_who_made_it_and_why() -> None:
    loose = _overlay(_set({"floor": 0.5}, allow_relax=True, reason="a pilot"))
    assert _in_force(loose).relaxed == (
        "floor of house.recall is relaxed by overlay team: a pilot",
    )
    stricter = _overlay(_set({"floor": 0.9}), name="first")
    assert _in_force(stricter, loose).relaxed == _in_force(loose).relaxed
    assert _in_force(loose, stricter).relaxed == ()
