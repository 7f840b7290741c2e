"""Places of rules: one walk over a document finds those of all rules of its format.

The value is changed as it stands: a copy of all that leads to places is half of many a document.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import field
from functools import lru_cache
from gc import is_tracked
from typing import Any, Final, TypeAlias

from assaybook.domain.record import draft
from assaybook.intake.copies import MARK
from assaybook.intake.redaction_rules import Rule
from assaybook.intake.values import Json

Walk: TypeAlias = "Callable[[Json, Removed], Json]"
"""Changes all places on some ways in a value, and returns it, or what stands for a text."""
_Way: TypeAlias = tuple[tuple[str, ...], Rule]
"""The steps that are left to a place, and the rule for what stands there."""
_Next: TypeAlias = tuple[Walk, bool]
"""What walks on, and whether a place is reached at once."""

_FEW: Final = 64
_ANY: Final = "*"
_NOTHING: Final = frozenset({"", MARK})
_MASKS: Final = frozenset("xX")
"""Letters that people take for a mark."""
_SAYING: Final = frozenset({str, int, float})
_HOLDERS: Final = frozenset({dict, list})


@draft
class Removed:
    """What was removed: how often by the name of its rule, and each secret once."""

    times: Counter[str] = field(default_factory=Counter)
    secrets: set[str] = field(default_factory=set)


@lru_cache(_FEW)
def planted(rules: tuple[Rule, ...]) -> Walk:
    """Return what changes all places of rules in one walk, each rule in its turn."""
    return _walk(tuple((rule.path, rule) for rule in rules))


def is_masked(text: str) -> bool:
    """Tell whether a text is one mark again and again, so that nothing of another can be read."""
    mark = text[:1]
    return set(text) == {mark} and (mark in _MASKS or not mark.isalnum())


def _walk(ways: tuple[_Way, ...]) -> Walk:
    """Return what walks some ways together.

    Where one ends at a place that others lead through, they are gone one after the other.
    """
    first = next((at for at, way in enumerate(ways) if not way[0]), None)
    if first is None:
        return _stepper(ways)
    parts = [_blotter(ways[first][1])]
    if ways[:first]:
        parts.insert(0, _stepper(ways[:first]))
    if ways[first + 1 :]:
        parts.append(_walk(ways[first + 1 :]))
    if len(parts) == 1:
        return parts[0]

    def walk(value: Json, found: Removed) -> Json:
        for part in parts:
            value = part(value, found)
        return value

    return walk


def _is_at_its_end(way: _Way) -> bool:
    return not way[0]


def _below(ways: tuple[_Way, ...], step: str) -> _Next:
    """Return what walks on from a step, and whether any way ends there."""
    left = tuple((path[1:], rule) for path, rule in ways if path[0] in {step, _ANY})
    return _walk(left), any(map(_is_at_its_end, left))


def _stepper(ways: tuple[_Way, ...]) -> Walk:
    """Return what takes the first step of ways."""
    steps = {step: _below(ways, step) for step in dict.fromkeys(path[0] for path, _ in ways)}
    anywhere = steps.pop(_ANY, None)
    if anywhere is None:
        return _in_map(steps)
    in_map, in_list = _in_all(steps, anywhere), _in_list(*anywhere)

    def walk(value: Json, found: Removed) -> Json:
        if type(value) is dict:
            in_map(value, found)
        elif type(value) is list:
            in_list(value, found)
        return value

    return walk


def _in_map(steps: dict[str, _Next]) -> Walk:
    """Return what steps to some entries of a mapping."""
    named = tuple((step, *following) for step, following in steps.items())
    none_ends = not any(ends for _, _, ends in named)

    def walk(value: Json, found: Removed) -> Json:
        # What the collector of garbage leaves alone holds neither objects nor lists.
        if type(value) is not dict or (none_ends and not is_tracked(value)):
            return value
        for step, below, ends in named:
            before = value.get(step)
            if type(before) in _HOLDERS or (ends and before is not None):
                after = below(before, found)
                if after is not before:
                    value[step] = after
        return value

    return walk


def _in_all(steps: dict[str, _Next], anywhere: _Next) -> Callable[[dict[str, Json], Removed], None]:
    """Return what steps to all entries of a mapping, to some of them on ways of their own."""
    ending = any(ends for _, ends in (*steps.values(), anywhere))

    def walk(value: dict[str, Json], found: Removed) -> None:
        if not ending and not is_tracked(value):
            return
        for key, before in value.items():
            holds = type(before) in _HOLDERS
            if not holds and (not ending or before is None):
                continue
            below, ends = steps.get(key, anywhere)
            if holds or ends:
                after = below(before, found)
                if after is not before:
                    value[key] = after  # no key is new, so the entries stay as they are

    return walk


def _in_list(below: Walk, ends: bool) -> Callable[[list[Json], Removed], None]:  # noqa: FBT001 - a datum
    """Return what steps to all items of a list."""

    def walk(value: list[Json], found: Removed) -> None:
        for index, before in enumerate(value):
            if ends or type(before) in _HOLDERS:
                after = below(before, found)
                if after is not before:
                    value[index] = after

    return walk


def _blotter(rule: Rule) -> Walk:
    """Return what changes a place, where a rule leads to it, and tells what was removed."""

    def blot(value: Json, found: Removed) -> Json:
        if type(value) is str:
            if value in _NOTHING or (rule.but_masked and is_masked(value)):
                return value
            found.times[rule.name] += 1
            if rule.secret:
                found.secrets.add(value)
            return MARK
        said: list[Json] = []
        left = _blotted(value, rule, said)
        found.times[rule.name] += len(said)
        if rule.secret:
            found.secrets.update(map(str, said))
        return left

    return blot


def _blotted(value: Json, rule: Rule, said: list[Json]) -> Json:
    """Put marks for all texts and numbers that a rule is for, and tell these; return the value."""
    if isinstance(value, dict | list):
        entries: Iterable[tuple[Any, Json]] = (
            value.items() if isinstance(value, dict) else enumerate(value)
        )
        holder: Any = value
        for key, one in entries:
            kind = type(one)
            if kind in _SAYING:
                if one != "" and one != MARK and key not in rule.but:  # noqa: PLR1714
                    holder[key] = MARK
                    said.append(one)
            elif kind in _HOLDERS and key not in rule.but:
                _blotted(one, rule, said)
        return value
    if type(value) not in _SAYING or value in _NOTHING:
        return value
    said.append(value)
    return MARK
