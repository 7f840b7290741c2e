"""What a period comes to: the second judge's reading of the guide and of record 0030."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from support.second_judge import Case, findings, stands
from support.second_rows import Json
from support.second_scopes import above, own_standings, rolled_up
from support.second_values import length_of

_UNKNOWN: Final = "not_determined"
_FORGIVEN: Final = "not_applicable"
_WORST: Final = (
    *("not_met", _UNKNOWN, "not_covered", "risk_accepted", "supported", "met", "not_applicable"),
)
Own = Mapping[str, str]


def own_at(case: Case, catalog: str, at: datetime) -> Own:
    """Return what the controls of a framework come to by themselves at an instant."""
    then = replace(case, situation=case.situation._replace(as_of=at))
    return own_standings(catalog, list(stands(then, findings(then)).values()), case.scope)


def worst_of(
    case: Case, catalog: str, instants: Sequence[datetime], *, begins_here: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Return how each control stood at worst, but for gaps that the scope forgives: as it is
    told, and by itself.

    ``instants`` are all at which something changed, and the end.
    """
    came = [own_at(case, catalog, at) for at in instants]
    left = [dict(one) for one in came]
    for control in came[0]:
        for first, last in _gaps([one[control] for one in came]):
            end = instants[min(last + 1, len(instants) - 1)]
            seen = (first > 0 or begins_here) and end < instants[-1]
            longest = _longest(case.scope, catalog, control)
            if seen and longest is not None and end - instants[first] <= longest:
                for number in range(first, last + 1):
                    left[number][control] = _FORGIVEN
    told = [rolled_up(catalog, one) for one in came], [rolled_up(catalog, one) for one in left]
    return _worst_in_time(*told), _worst_in_time(came, left)


def _gaps(standings: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first and last of each run of instants at which a control was not determined."""
    found: list[tuple[int, int]] = []
    for number, one in enumerate(standings):
        if one == _UNKNOWN and number and standings[number - 1] == _UNKNOWN:
            found[-1] = (found[-1][0], number)
        elif one == _UNKNOWN:
            found.append((number, number))
    return found


def _longest(scope: Json, catalog: str, control: str) -> timedelta | None:
    """Return how long a gap of a control may be: by its own entry, or that nearest above it."""
    framework: Json = scope.get("frameworks", {}).get(catalog, {})
    allowed = {one["control"]: one["at_most"] for one in framework.get("gaps", ())}
    near = [allowed[one] for one in above((catalog, control)) if one in allowed]
    return length_of(near[0]) if near else None


def _worst_in_time(
    told: Sequence[Mapping[str, str]], left: Sequence[Mapping[str, str]]
) -> dict[str, str]:
    """Return the worst that is left of each control; where nothing is, nothing was shown."""
    found: dict[str, str] = {}
    for control in told[0]:
        forgiven = [
            was[control] != now[control] and now[control] == _FORGIVEN
            for was, now in zip(told, left, strict=True)
        ]
        rest = [one[control] for one, gone in zip(left, forgiven, strict=True) if not gone]
        found[control] = min(rest, key=_WORST.index) if rest else _UNKNOWN
    return found
