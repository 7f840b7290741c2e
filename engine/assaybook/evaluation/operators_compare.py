"""Comparison and equality of values of every kind.

Source: the CEL language definition; numbers compare by value whatever their type, other types are
equal only among themselves and ordered only within bool, string, timestamp and duration.
"""

import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from math import inf
from typing import Final, TypeAlias, cast

from assaybook.domain.expression import CompareOp
from assaybook.domain.values import Bag, Conflict, Row, SizeRange, Unknown, Value, joined
from assaybook.evaluation.budget import DEEPEST, TOO_DEEP, Budget
from assaybook.evaluation.operators import (
    agreed,
    conjunction,
    doubt_of,
    doubts_of,
    fault,
    is_number,
    lift,
    negation,
    no_overload,
)

Ordered: TypeAlias = bool | int | float | str | datetime | timedelta
Table: TypeAlias = dict[bool | int | float | str, Value]
ORDERINGS: Final[dict[str, Callable[[Ordered, Ordered], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(op: CompareOp, left: Value, right: Value, budget: Budget) -> bool | Unknown:
    """Return ``left op right``; numbers compare by value, other types only among themselves."""
    if isinstance(left, SizeRange) or isinstance(right, SizeRange):
        compared = _lift_sizes(op, left, right)
    else:
        compared = lift(partial(_compare_plain, op, budget), (left, right))
    return cast("bool | Unknown", compared)


def _compare_plain(op: CompareOp, budget: Budget, left: Value, right: Value) -> bool | Unknown:
    if op == "==":
        return equal(left, right, budget)
    if op == "!=":
        return negation(equal(left, right, budget))
    if not _comparable(left, right):
        return no_overload(op, left, right)
    if left != left or right != right:  # noqa: PLR0124  only NaN differs from itself
        return fault("nan", f"{op} of a number that is not one")
    return ORDERINGS[op](cast("Ordered", left), cast("Ordered", right))


def _comparable(left: Value, right: Value) -> bool:
    if is_number(left):
        return is_number(right)
    return type(left) is type(right) and isinstance(left, (bool, str, datetime, timedelta))


def equal(left: Value, right: Value, budget: Budget, depth: int = 0) -> bool | Unknown:
    """Return ``left == right`` of known values; different types are never equal."""
    if isinstance(left, Row) or isinstance(right, Row) or depth > DEEPEST:
        return TOO_DEEP if depth > DEEPEST else no_overload("==", left, right)
    if isinstance(left, Bag) and isinstance(right, Bag):
        return _equal_lists(left, right, budget, depth)
    if isinstance(left, dict) and isinstance(right, dict):
        return _equal_maps(left, right, budget, depth)
    if not _alike(left, right):
        return False
    if left != left or right != right:  # noqa: PLR0124  only NaN differs from itself
        return fault("nan", "== of a number that is not one")
    return left == right


def _alike(left: Value, right: Value) -> bool:
    return type(left) is type(right) or (is_number(left) and is_number(right))


def _equal_lists(left: Bag, right: Bag, budget: Budget, depth: int) -> bool | Unknown:
    doubts = [doubt for bag in (left, right) for doubt in doubts_of(bag)]
    if doubts:
        return joined(doubts)
    if len(left.members) != len(right.members):
        return False
    budget.spend(len(left.members))
    pairs = zip(left.members, right.members, strict=True)
    return conjunction([_equal_parts(a.value, b.value, budget, depth) for a, b in pairs])


def _equal_maps(
    left: Table,
    right: Table,
    budget: Budget,
    depth: int,
) -> bool | Unknown:
    if len(left) != len(right):
        return False
    found: list[bool | Unknown] = []
    for key, value in left.items():
        budget.spend(len(right))
        other = key_in(right, key)
        same = other is not None and _equal_parts(value, right[other], budget, depth)
        found.append(same)
    return conjunction(found)


def _equal_parts(left: Value, right: Value, budget: Budget, depth: int) -> bool | Unknown:
    if isinstance(left, SizeRange) or isinstance(right, SizeRange):
        return compare("==", left, right, budget)
    same = lift(partial(equal, budget=budget, depth=depth + 1), (left, right))
    return cast("bool | Unknown", same)


def key_in(table: Table, key: Value) -> bool | int | float | str | None:
    """Return the key of a map that equals ``key`` as CEL has it (1 is 1.0 and not true)."""
    for one in table:
        if _alike(one, key) and one == key:
            return one
    return None


def _lift_sizes(op: CompareOp, left: Value, right: Value) -> Value:
    """Compare where at least one side is the size of an uncertain list."""
    others = [value for value in (left, right) if not isinstance(value, SizeRange)]
    if any(doubt_of(value) is not None for value in others):
        return joined([doubt for v in (left, right) if (doubt := doubt_of(v)) is not None])
    if isinstance(left, Conflict) or isinstance(right, Conflict):
        conflicts = [value for value in others if isinstance(value, Conflict)]
        choices = [v.values if isinstance(v, Conflict) else (v,) for v in (left, right)]
        return agreed([_compare_sizes(op, a, b) for a, b in product(*choices)], conflicts)
    return _compare_sizes(op, left, right)


def _compare_sizes(op: CompareOp, left: Value, right: Value) -> bool | Unknown:
    """Decide where every pair of sizes in the two intervals agrees."""
    if not all(isinstance(value, SizeRange) or is_number(value) for value in (left, right)):
        return op == "!=" if op in {"==", "!="} else no_overload(op, left, right)
    (low, high), (least, most) = _interval(left), _interval(right)
    decided = {
        "<": (high < least, low >= most),
        "<=": (high <= least, low > most),
        ">": (low > most, high <= least),
        ">=": (low >= most, high < least),
        "==": (False, high < least or low > most),
        "!=": (high < least or low > most, False),
    }[op]
    if True in decided:
        return decided[0]
    return joined([doubt for v in (left, right) if (doubt := doubt_of(v)) is not None])


def _interval(value: Value) -> tuple[float, float]:
    if isinstance(value, SizeRange):
        return value.low, inf if value.high is None else value.high
    number = cast("float", value)
    return number, number
