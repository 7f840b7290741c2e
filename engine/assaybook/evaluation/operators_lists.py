"""What quantifiers yield over lists whose members, or whose end, may be uncertain.

A sure member counts as itself; a possible one (with a doubt) may or may not be there; the ghost of
an open list stands for rows that nobody has seen. So a gap can hide a pass and never a fail.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from assaybook.domain.values import (
    Bag,
    Member,
    SizeRange,
    Unknown,
    Value,
    ghost_row,
    joined,
    unknown,
)
from assaybook.evaluation.budget import Budget
from assaybook.evaluation.operators import (
    PLAIN,
    doubt_of,
    doubts_of,
    fault,
    lift,
    no_overload,
    truth_of,
)

Judge: TypeAlias = Callable[[Value], Value]
"""What a body yields with the variable bound to a value."""
_LABEL: Final = 200


def as_list(value: Value, what: str) -> Bag | Unknown:
    """Return what a quantifier runs over: a list, or the keys of a map."""
    if isinstance(value, Bag):
        return value
    if isinstance(value, dict):
        return Bag(tuple(Member(key) for key in value), proven=True, label="map")
    doubt = doubt_of(value)
    return no_overload(what, value) if doubt is None else doubt


def all_of(bag: Bag, judge: Judge) -> bool | Unknown:
    """Return whether every row holds; a false sure row decides, nothing proven is unknown."""
    reasons: list[Unknown] = []
    sure = False
    for member in bag.members:
        doubt = member.doubt
        verdict = judge(member.value)
        if verdict is not True:
            truth = truth_of(verdict, "all")
            if doubt is not None and truth is not True:
                reasons.append(doubt)
            if isinstance(truth, Unknown):
                reasons.append(truth)
            elif not truth and doubt is None:
                return False
        if doubt is None:
            sure = True
    if bag.ghost is not None and truth_of(judge(ghost_row(bag)), "all") is not True:
        reasons.append(bag.ghost)
    if reasons:
        return joined(reasons)
    return True if sure else _nothing_sure(bag)


def _nothing_sure(bag: Bag) -> bool | Unknown:
    if bag.ghost is not None:
        return bag.ghost
    if bag.members:
        return joined(doubts_of(bag))
    return True if bag.proven else empty(bag)


def empty(bag: Bag) -> Unknown:
    """Return the unknown of a list that has nothing to prove anything with."""
    return unknown("empty", bag.label, f"{bag.label} is empty, which proves nothing")


def exists_in(bag: Bag, judge: Judge) -> bool | Unknown:
    """Return whether some row holds; a true sure row decides."""
    reasons: list[Unknown] = []
    for member in bag.members:
        verdict = judge(member.value)
        if verdict is False:
            continue
        doubt = member.doubt
        truth = truth_of(verdict, "exists")
        if truth is True and doubt is None:
            return True
        if truth is not False and doubt is not None:
            reasons.append(doubt)
        if isinstance(truth, Unknown):
            reasons.append(truth)
    if bag.ghost is not None and truth_of(judge(ghost_row(bag)), "exists") is not False:
        reasons.append(bag.ghost)
    return joined(reasons) if reasons else False


def filter_of(bag: Bag, judge: Judge) -> Bag:
    """Return the rows that hold; one for which this is unknown stays as a possible row."""
    kept: list[Member] = []
    for member in bag.members:
        verdict = judge(member.value)
        if verdict is True:
            kept.append(member)
        elif verdict is not False:
            truth = truth_of(verdict, "filter")
            if isinstance(truth, Unknown):
                doubts = (truth,) if member.doubt is None else (member.doubt, truth)
                kept.append(Member(member.value, joined(doubts)))
            elif truth:
                kept.append(member)
    return Bag(
        members=tuple(kept),
        ghost=bag.ghost,
        proven=bag.proven and not bag.members,
        label=f"{bag.label}.filter(...)"[:_LABEL],
        kind=bag.kind,
    )


def map_of(bag: Bag, test: Judge | None, judge: Judge) -> Bag | Unknown:
    """Return the values of the rows (for which the test holds); unknown if any is uncertain."""
    chosen = certain(bag) if test is None else _chosen(bag, test)
    if isinstance(chosen, Unknown):
        return chosen
    return mapped(bag, [judge(value) for value in chosen])


def mapped(bag: Bag, values: Iterable[Value]) -> Bag:
    """Return the list that a list was mapped to."""
    return Bag(
        members=tuple(map(Member, values)),
        proven=bag.proven and not bag.members,
        label=f"{bag.label}.map(...)"[:_LABEL],
    )


def _chosen(bag: Bag, test: Judge) -> list[Value] | Unknown:
    doubts = doubts_of(bag)
    chosen: list[Value] = []
    for member in bag.members:
        truth = truth_of(test(member.value), "map")
        if isinstance(truth, Unknown):
            doubts.append(truth)
        elif truth:
            chosen.append(member.value)
    return joined(doubts) if doubts else chosen


def only_of(bag: Bag, judge: Judge) -> Value:
    """Return the one element that holds; none is unknown(missing), two are unknown(conflict)."""
    found: list[Value] = []
    reasons: list[Unknown] = [] if bag.ghost is None else [bag.ghost]
    for member in bag.members:
        truth = truth_of(judge(member.value), "only")
        if truth is True and member.doubt is None:
            found.append(member.value)
        elif truth is not False:
            reasons.extend(one for one in (member.doubt, truth) if isinstance(one, Unknown))
    if len(found) > 1:
        return unknown("conflict", bag.label, f"{len(found)} elements of {bag.label} match")
    if reasons:
        return joined(reasons)
    if not found:
        return unknown("missing", bag.label, f"no element of {bag.label} matches")
    return found[0]


def size_of(value: Value) -> Value:
    """Return the size of a list, map or text; of an uncertain list, the interval it lies in."""
    if isinstance(value, Bag):
        doubts = doubts_of(value)
        if not doubts:
            return len(value.members)
        sure = sum(1 for member in value.members if member.doubt is None)
        high = len(value.members) if value.ghost is None else None
        return SizeRange(sure, high, joined(doubts).reasons)
    return lift(_size_plain, (value,))


def _size_plain(value: Value) -> Value:
    return len(value) if isinstance(value, (str, dict)) else no_overload("size", value)


def certain(bag: Bag) -> tuple[Value, ...] | Unknown:
    """Return the elements of a list, if it is known which it has."""
    if bag.ghost is None:
        values = [member.value for member in bag.members if member.doubt is None]
        if len(values) == len(bag.members):
            return tuple(values)
    return joined(doubts_of(bag))


def certain_elements(bag: Bag) -> tuple[Value, ...] | Unknown:
    """Return the elements of a list for a statistic: not empty, each of them known."""
    values = certain(bag)
    if isinstance(values, Unknown):
        return values
    if not values:
        return empty(bag)
    if PLAIN.issuperset(map(type, values)):
        return values
    unknowns = [doubt for value in values if (doubt := doubt_of(value)) is not None]
    return joined(unknowns) if unknowns else values


def list_of(values: Iterable[Value]) -> Bag:
    """Return a list written in an expression."""
    return Bag(tuple(Member(value) for value in values), proven=True)


def element_at(bag: Bag, index: Value) -> Value:
    """Return the element at a place, counted from 0."""
    values = certain(bag)
    if isinstance(values, Unknown):
        return values
    return lift(partial(_element_plain, values), (index,))


def _element_plain(values: Sequence[Value], at: Value) -> Value:
    if isinstance(at, float) and at.is_integer():
        at = int(at)
    if type(at) is not int:
        return no_overload("an index", at)
    if not 0 <= at < len(values):
        return fault("index", f"there is no element {at} in a list of {len(values)}")
    return values[at]


def has_text(bag: Bag, text: str, budget: Budget) -> bool | None:
    """Return whether a certain list of texts holds one; None where the list is of another kind."""
    if bag.ghost is not None:
        return None
    found = False
    for member in bag.members:
        if member.doubt is not None or type(member.value) is not str:
            return None
        if member.value == text:
            found = True
    budget.spend(len(bag.members))
    return found


QUANTIFIERS: Final[Mapping[str, Callable[[Bag, Judge], Value]]] = {
    "all": all_of,
    "exists": exists_in,
    "filter": filter_of,
    "only": only_of,
}
