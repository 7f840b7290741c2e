"""What a statement of applicability lets stand, and what frameworks come to: the second judge."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from support.second_decisions import Stand, standing
from support.second_rows import Json

_NONE: Final = "not_applicable"
ROOT: Final = Path(__file__).parents[2]
_WORST: Final = ("not_met", "not_determined", "not_covered", "risk_accepted", "supported", "met")
Named = tuple[str, str]
"""A catalog and one of its controls."""


@cache
def nodes(catalog: str) -> Mapping[str, Json]:
    """Return the nodes of a published framework by their ids, as its file has them."""
    path = ROOT / "controls" / catalog / "catalog.yaml"
    written: Any = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    rules = written["catalog"]["judgeable"]
    parents = {one.get("parent") for one in written["nodes"]}
    return {
        one["id"]: {
            "parent": one.get("parent"),
            "judged": rules.get(one["kind"]) == "always"
            or (rules.get(one["kind"]) == "leaf" and one["id"] not in parents),
        }
        for one in written["nodes"]
    }


def above(named: Named) -> list[str]:
    """Return a control and everything that it stands under, nearest first."""
    catalog, control = named
    found: list[str] = []
    name: str | None = control
    while name is not None:
        found.append(name)
        name = nodes(catalog)[name]["parent"]
    return found


def applies(scope: Json, named: Named) -> bool | None:
    """Tell whether a control applies; None where the scope speaks of no framework at all."""
    frameworks = scope.get("frameworks")
    if not frameworks:
        return None
    if named[0] not in frameworks:  # what does not concern a house is not named
        return False
    framework = frameworks[named[0]]
    said = {one["control"]: one["applies"] for one in framework.get("controls", ())}
    for name in above(named):
        if name in said:
            return bool(said[name])
    return bool(framework.get("applies", "all") == "all")


def cited(policy: Json) -> dict[Named, str]:
    """Return the controls that a policy speaks for, each with its relation."""
    return {
        (catalog, control): relation
        for catalog, controls in policy["controls"].items()
        for control, relation in controls.items()
    }


def is_left_out(policy: Json, scope: Json) -> bool:
    """Tell whether a scope takes a policy out: by its id, or since none of its controls applies."""
    if any(one["policy"] == policy["policy"] for one in scope.get("left_out", ())):
        return True
    controls = cited(policy)
    return bool(controls) and all(applies(scope, one) is False for one in controls)


def frameworks_of(scope: Json, policies: Iterable[Json]) -> Sequence[str]:
    """Return the frameworks that are told of: those of the scope or, without, those cited."""
    named = scope.get("frameworks")
    return (
        list(named) if named else sorted({one[0] for policy in policies for one in cited(policy)})
    )


@cache
def _under(catalog: str) -> Mapping[str, Sequence[str]]:
    """Return of each control of a framework itself and all that stands under it."""
    found: dict[str, list[str]] = {name: [] for name in nodes(catalog)}
    for name in found:
        for upper in above((catalog, name)):
            found[upper].append(name)
    return found


def own_standings(catalog: str, stands: Sequence[Stand], scope: Json) -> dict[str, str]:
    """Return what every control of a framework comes to by itself.

    One that stands above others and has no rule of its own is what they are. Where none of them
    is judged, it is not covered if the scope says that it applies.
    """
    own = {name: _by_rules((catalog, name), stands, scope) for name in nodes(catalog)}
    for name, under in _under(catalog).items():
        above_others = len(under) > 1 and own[name] == "not_covered"
        if above_others and not any((catalog, name) in one.controls for one in stands):
            others = {own[each] for each in under[1:]} - {_NONE}
            if others or applies(scope, (catalog, name)) is None:
                own[name] = _NONE
    return own


def _by_rules(named: Named, stands: Sequence[Stand], scope: Json) -> str:
    said = applies(scope, named)
    if said is False or not nodes(named[0])[named[1]]["judged"]:
        return _NONE
    found = [(one.weighs, one.controls[named]) for one in stands if named in one.controls]
    came = standing(found)
    return "not_covered" if came == _NONE and said else came


def rolled_up(catalog: str, own: Mapping[str, str]) -> dict[str, str]:
    """Return of every control the worst of itself and all that is under it.

    What is only to be read, with all that is under it, is not told of.
    """
    return {
        name: next((one for one in _WORST if any(own[each] == one for each in under)), _NONE)
        for name, under in _under(catalog).items()
        if any(nodes(catalog)[each]["judged"] for each in under)
    }


def conclusion(catalog: str, own: Mapping[str, str], scope: Json) -> str:
    """Return in words what a framework comes to."""
    frameworks: Mapping[str, Json] = scope.get("frameworks", {})
    enough: Any = frameworks.get(catalog, {}).get("accept_supported", [])
    found = {
        "accepted" if came == "supported" and (enough == "all" or name in enough) else came
        for name, came in own.items()
    } - {_NONE}
    told = set(rolled_up(catalog, own).values())
    if not found:
        return "nothing judged"
    if "not_met" in found:
        return "does not conform"
    if found & {"not_determined", "not_covered", "supported"} or "met" not in told:
        return "not determined"
    return "conforms with exceptions" if "risk_accepted" in found else "conforms"
