"""Places of rules: trees of steps, each of which one walk over a document finds.

What holds none of the places of a tree stays the same object, so that nobody looks at it again.
"""

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Any, Final, TypeAlias, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.record import draft, record
from assaybook.intake.copies import MARK
from assaybook.intake.parsed import Parsed
from assaybook.intake.redaction_rules import Rule
from assaybook.intake.values import Json

Places: TypeAlias = "Rule | dict[str, Places]"
"""A tree of steps, with the rule for what stands at the end of them."""
Walk: TypeAlias = "Callable[[Json, Removed], Json]"
"""Returns a value with all places of a tree changed."""

_FEW: Final = 64
_SEVERAL: Final = 3
"""Trees for which it is quicker to look first which words a document holds."""
_ANY: Final = "*"
_NOTHING: Final = frozenset({"", MARK})
_PLAIN: Final = re.compile(r"[\w.-]+", re.ASCII)
_MASKS: Final = frozenset("xX")
"""Letters that people take for a mark."""
_SAYING: Final = frozenset({str, int, float})
_HOLDERS: Final = frozenset({dict, list})


@draft
class Removed:
    """What was removed: how often by the name of its rule, and each secret once."""

    times: Counter[str] = field(default_factory=Counter)
    secrets: set[str] = field(default_factory=set)


@record
class Tree:
    """Places that one walk finds; ``ways`` are, for each of them, the steps that have a name."""

    walk: Walk
    ways: frozenset[frozenset[str]]


@record
class Planted:
    """The trees of rules, in their order; ``words`` stand on their ways, and ``finder`` finds them.

    Where it is quicker to walk than to look for words, there is no finder.
    """

    trees: tuple[Tree, ...]
    words: tuple[str, ...] = ()
    finder: Any = None


@lru_cache(_FEW)
def planted(rules: tuple[Rule, ...]) -> Planted:
    """Return the places of rules as trees, so that one walk finds the places of many.

    A rule whose place can lie within that of another gets a tree of its own: order would matter.
    """
    trees: list[tuple[dict[str, Any], list[Rule]]] = []
    for rule in rules:
        if not trees or any(_meet(rule.path, other.path) for other in trees[-1][1]):
            trees.append(({}, []))
        tree, within = trees[-1]
        within.append(rule)
        for step in rule.path[:-1]:
            tree = tree.setdefault(step, {})
        tree[rule.path[-1]] = rule
    found = tuple(Tree(_walk(tree), frozenset(map(_way, within))) for tree, within in trees)
    if len(found) < _SEVERAL:
        return Planted(found)
    words = tuple(sorted(frozenset[str]().union(*map(_way, rules))))
    finder: Any = re2.Set.SearchSet()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    for each in ("", *(f'{re.escape(word)}"' for word in words)):
        finder.Add(f'"{each}')
    finder.Compile()
    return Planted(found, words, finder)


def present(all_of: Planted, document: Parsed) -> Sequence[Tree]:
    """Return the trees of which a document can hold a place, as far as its text tells."""
    text = document.text
    if all_of.finder is None or document.media != "json" or "\\u" in text:
        return all_of.trees
    found: frozenset[int] = frozenset(all_of.finder.Match(text) or ())
    if 0 not in found:  # a quote, which is in every text with keys, so the finder gave up
        return all_of.trees
    held = frozenset([word for place, word in enumerate(all_of.words, 1) if place in found])
    return [tree for tree in all_of.trees if any(way <= held for way in tree.ways)]


def is_masked(text: str) -> bool:
    """Tell whether a text is one mark again and again, so that nothing of another can be read."""
    mark = text[:1]
    return set(text) == {mark} and (mark in _MASKS or not mark.isalnum())


def _way(rule: Rule) -> frozenset[str]:
    """Return the steps of a rule that JSON writes as they are."""
    return frozenset(step for step in rule.path if _PLAIN.fullmatch(step))


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether one path can lead to a place on the way of the other."""
    return all(a == b or _ANY in {a, b} for a, b in zip(one, other, strict=False))


def _walk(places: Places) -> Walk:
    """Return what walks to places, made once for all documents."""
    if isinstance(places, Rule):
        return _blotter(places)
    steps = tuple((step, _walk(below), isinstance(below, Rule)) for step, below in places.items())
    in_list = next(((below, ends) for step, below, ends in steps if step == _ANY), None)

    def walk(value: Json, found: Removed) -> Json:
        if isinstance(value, dict):
            changed: dict[str, Json] = {}
            for step, below, ends in steps:
                for key in value if step == _ANY else (step,):
                    before = changed.get(key) or value.get(key)
                    if type(before) in _HOLDERS or (ends and before is not None):
                        after = below(before, found)
                        if after is not before:
                            changed[key] = after
            return {**value, **changed} if changed else value
        if in_list is None or not isinstance(value, list):
            return value
        below, ends = in_list
        if ends:
            listed = [below(one, found) for one in value]
        else:
            listed = [below(one, found) if type(one) in _HOLDERS else one for one in value]
        return value if all(map(operator.is_, listed, value)) else listed

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
    """Return a value with marks for all texts and numbers that a rule is for, and tell these."""
    if isinstance(value, dict | list):
        entries: Iterable[tuple[Any, Json]] = (
            value.items() if isinstance(value, dict) else enumerate(value)
        )
        blotted: Any = value.copy()
        for key, one in entries:
            kind = type(one)
            if kind in _SAYING:
                if one != "" and one != MARK and key not in rule.but:  # noqa: PLR1714
                    blotted[key] = MARK
                    said.append(one)
            elif kind in _HOLDERS and key not in rule.but:
                blotted[key] = _blotted(one, rule, said)
        return cast("Json", blotted)
    if type(value) not in _SAYING or value in _NOTHING:
        return value
    said.append(value)
    return MARK
