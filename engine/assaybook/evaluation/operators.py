"""What each operator yields, for every kind of value: the truth that all back ends share.

Nothing raises: a fault is an unknown with the reason ``error:<code>``. Three things are dealt with
before an operator sees plain values: an unknown operand makes the result unknown, a field with
conflicting values is tried with each of them, and the size of an uncertain list is an interval.

Source of the plain cases: the CEL language definition. Stated deviations: NaN and division of
doubles by zero are faults, and times are kept to the microsecond.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from math import prod
from typing import Final, cast

from assaybook.domain.reasons import Reason, ordered
from assaybook.domain.values import (
    Bag,
    Conflict,
    Row,
    Scalar,
    SizeRange,
    Unknown,
    Value,
    joined,
    unknown,
)

PLAIN: Final = frozenset({bool, int, float, str, datetime, timedelta, type(None)})
"""The types of plain values, of which nothing is doubtful."""
COMBINATIONS: Final = 64
"""Most combinations of conflicting values that are tried."""
_WORDS: Final[Mapping[type, str]] = {
    bool: "bool",
    int: "int",
    float: "double",
    str: "string",
    datetime: "timestamp",
    timedelta: "duration",
    type(None): "null",
    Bag: "list",
    Row: "row",
    dict: "map",
}


def fault(code: str, message: str) -> Unknown:
    """Return the unknown of an evaluation error."""
    return unknown(f"error:{code}", "", message)


def kind_of(value: Value) -> str:
    """Return the CEL name of a value's type."""
    return _WORDS.get(type(value), type(value).__name__.lower())


def no_overload(what: str, *values: Value) -> Unknown:
    """Return the fault of an operator or function that has no meaning for some types."""
    return fault("no_overload", f"{what} is not defined for {', '.join(map(kind_of, values))}")


def doubt_of(value: Value) -> Unknown | None:
    """Return why a value is not known: it is unknown, of an unseen row, or an interval."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Row):
        return value.ghost
    return Unknown(value.reasons) if isinstance(value, SizeRange) else None


def disagreement(conflicts: Sequence[Conflict]) -> Unknown:
    """Return the unknown of values that documents do not agree on."""
    return Unknown(
        ordered(
            Reason("conflict", one.path, f"documents disagree: {_choice(one)}") for one in conflicts
        )
    )


def _choice(conflict: Conflict) -> str:
    """Return what documents give, since nobody finds in them what was reckoned from it."""
    return " or ".join(map(str, conflict.given or conflict.values))


def lift(function: Callable[..., Value], values: Sequence[Value]) -> Value:
    """Apply a function of plain values to values of any kind.

    Conflicting values are tried in all combinations, at most 64. Results that agree are the
    result; booleans that differ are unknown(conflict); others that differ are a conflict again,
    so that a later comparison can still decide.
    """
    if PLAIN.issuperset(map(type, values)):
        return function(*values)
    doubts = [doubt for value in values if (doubt := doubt_of(value)) is not None]
    if doubts:
        return joined(doubts)
    conflicts = [value for value in values if isinstance(value, Conflict)]
    if not conflicts:
        return function(*values)
    if prod(len(one.values) for one in conflicts) > COMBINATIONS:
        return disagreement(conflicts)
    choices = [value.values if isinstance(value, Conflict) else (value,) for value in values]
    return agreed([function(*choice) for choice in product(*choices)], conflicts)


def agreed(results: Sequence[Value], conflicts: Sequence[Conflict]) -> Value:
    """Return what the results of all combinations of conflicting values come to."""
    unknowns = [result for result in results if isinstance(result, Unknown)]
    if unknowns:
        return joined(unknowns)
    distinct: list[Value] = []
    for result in results:
        if not any(type(one) is type(result) and one == result for one in distinct):
            distinct.append(result)
    if len(distinct) == 1:
        return distinct[0]
    if any(isinstance(one, (bool, Bag, dict, Row)) for one in distinct):
        return disagreement(conflicts)
    paths = dict.fromkeys(one.path for one in conflicts if one.path)
    given = (conflicts[0].given or conflicts[0].values) if len(conflicts) == 1 else ()
    return Conflict(tuple(cast("list[Scalar]", distinct)), ", ".join(paths), given)


def truth_of(value: Value, what: str) -> bool | Unknown:
    """Return what a value is as an operand of a logical operator: true, false or unknown."""
    if isinstance(value, (bool, Unknown)):
        return value
    return cast("bool | Unknown", lift(partial(_plain_truth, what), (value,)))


def _plain_truth(what: str, value: Value) -> bool | Unknown:
    return value if isinstance(value, bool) else no_overload(what, value)


def negation(value: Value) -> bool | Unknown:
    """Return ``!value``."""
    truth = truth_of(value, "!")
    return truth if isinstance(truth, Unknown) else not truth


def conjunction(values: Sequence[Value]) -> bool | Unknown:
    """Return the Kleene ``&&`` of some values: one false decides, in any place."""
    return _decided([truth_of(value, "&&") for value in values], deciding=False)


def disjunction(values: Sequence[Value]) -> bool | Unknown:
    """Return the Kleene ``||`` of some values: one true decides, in any place."""
    return _decided([truth_of(value, "||") for value in values], deciding=True)


def _decided(truths: Sequence[bool | Unknown], *, deciding: bool) -> bool | Unknown:
    if any(truth is deciding for truth in truths):
        return deciding
    unknowns = [truth for truth in truths if isinstance(truth, Unknown)]
    return joined(unknowns) if unknowns else not deciding


def is_number(value: Value) -> bool:
    """Tell whether a value is an int or a double; a bool is neither."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def doubts_of(bag: Bag) -> list[Unknown]:
    """Return why it is not known which elements a list has: its ghost, then its doubts."""
    found = [] if bag.ghost is None else [bag.ghost]
    found.extend(member.doubt for member in bag.members if member.doubt is not None)
    return found
