"""Which values of params are in force under overlays: the second judge's reading of the guide."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from support.second_expressions import Names, worked_out
from support.second_rows import Json
from support.second_values import Unsure, because, length_of, truth


def in_force(
    policy: Json, overlays: Sequence[Json], system: Json, as_of: datetime
) -> dict[str, Any]:
    """Return the params that rules see; what is not the same whichever overlays apply is unset."""
    names = Names({"system": system}, as_of)
    mine = [
        (one, _applies(one.get("for"), names))
        for overlay in overlays
        for one in overlay["set"]
        if one["policy"] == policy["policy"]
    ]
    chances = [(True, False) if isinstance(held, Unsure) else (held,) for _one, held in mine]
    worlds = [
        _set_by([one for (one, _held), taken in zip(mine, world, strict=True) if taken], policy)
        for world in itertools.product(*chances)
    ]
    return {name: _seen(param, worlds, name) for name, param in policy["params"].items()}


def _applies(written: Any, names: Names) -> bool | Unsure:
    if isinstance(written, list):
        return names.values["system"]["id"] in written
    return True if written is None else truth(worked_out(written, names))


def _seen(param: Json, worlds: Sequence[Mapping[str, Any]], name: str) -> Any:
    value = worlds[0][name]
    if value is None or any(world[name] != value for world in worlds):
        return because("param_unset")
    return length_of(value) if param["type"] == "duration" else value


def _set_by(sets: Sequence[Json], policy: Json) -> dict[str, Any]:
    """Return the values after some overlays; None where one asks less without being allowed to."""
    return {
        name: _set_to(param, [one for one in sets if name in one["params"]], name)
        for name, param in policy["params"].items()
    }


def _set_to(param: Json, sets: Sequence[Json], name: str) -> Any:
    asked = [one for one in [param.get("default")] if one is not None]
    known = bool(asked)
    for one in sets:
        given = one["params"][name]
        known = one.get("allow_relax", False) or all(as_strict(param, given, old) for old in asked)
        asked = [given] if known else [*asked, given]
    return asked[-1] if known else None


def as_strict(param: Json, given: Any, than: Any) -> bool:
    """Tell whether a value asks at least as much as another, by the way that is stricter."""
    if param["type"] == "duration":
        given, than = length_of(given), length_of(than)
    if param["stricter"] in {"superset", "subset"}:
        one, other = set(given), set(than)
        return one >= other if param["stricter"] == "superset" else one <= other
    return bool(given >= than) if param["stricter"] == "higher" else bool(given <= than)
