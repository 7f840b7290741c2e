"""Arithmetic on numbers, texts, lists, instants and durations.

Source: the CEL language definition. Whole numbers have 64 bits and are checked; stated deviations
are that NaN and the division of doubles by zero are faults.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from math import isnan
from typing import Final

from assaybook.domain.expression import ArithmeticOp
from assaybook.domain.values import Bag, Unknown, Value, joined
from assaybook.evaluation.budget import LONGEST, TOO_LARGE
from assaybook.evaluation.operators import fault, lift, no_overload

FIRST_INT: Final = -(2**63)
LAST_INT: Final = 2**63 - 1
LONGEST_SPAN: Final = timedelta(microseconds=LAST_INT // 1000)
"""A duration of CEL is a 64-bit number of nanoseconds, about 292 years."""
_LABEL: Final = 200


def minus(value: Value) -> Value:
    """Return ``-value``."""
    return lift(_minus_plain, (value,))


def _minus_plain(value: Value) -> Value:
    if type(value) is float:
        return -value
    return checked_int(-value) if type(value) is int else no_overload("-", value)


def checked_int(value: int) -> int | Unknown:
    """Return a whole number if 64 bits hold it."""
    if FIRST_INT <= value <= LAST_INT:
        return value
    return fault("overflow", "the whole number is beyond 64 bits")


def checked_float(value: float) -> float | Unknown:
    """Return a double unless it is no number."""
    return fault("nan", "the result is not a number") if isnan(value) else value


def arithmetic(op: ArithmeticOp, left: Value, right: Value) -> Value:
    """Return ``left op right``."""
    return lift(partial(_arithmetic_plain, op), (left, right))


def _arithmetic_plain(op: ArithmeticOp, left: Value, right: Value) -> Value:
    if type(left) is int and type(right) is int:
        return _int_arithmetic(op, left, right)
    if type(left) is float and type(right) is float:
        return _float_arithmetic(op, left, right)
    if op == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right if len(left) + len(right) <= LONGEST else TOO_LARGE
    if op == "+" and isinstance(left, Bag) and isinstance(right, Bag):
        return _concatenated(left, right)
    if isinstance(left, (datetime, timedelta)) and isinstance(right, (datetime, timedelta)):
        return _time_arithmetic(op, left, right)
    return no_overload(op, left, right)


def _int_arithmetic(op: ArithmeticOp, left: int, right: int) -> int | Unknown:
    """Divide as CEL does: towards zero, the remainder has the sign of the dividend."""
    if op == "+":
        return checked_int(left + right)
    if op == "-":
        return checked_int(left - right)
    if op == "*":
        return checked_int(left * right)
    if right == 0:
        return fault("divide_by_zero", f"{left} {op} 0")
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return checked_int(quotient if op == "/" else left - quotient * right)


def _float_arithmetic(op: ArithmeticOp, left: float, right: float) -> float | Unknown:
    if op == "+":
        return checked_float(left + right)
    if op == "-":
        return checked_float(left - right)
    if op == "*":
        return checked_float(left * right)
    if op == "%":
        return no_overload(op, left, right)
    if right == 0:
        return fault("divide_by_zero", f"{left} / 0")
    return checked_float(left / right)


def _time_arithmetic(
    op: ArithmeticOp, left: datetime | timedelta, right: datetime | timedelta
) -> Value:
    try:
        if op == "+":
            if isinstance(left, timedelta):
                return checked_time(left + right)
            if isinstance(right, timedelta):
                return checked_time(left + right)
        elif op == "-":
            if isinstance(right, timedelta):
                return checked_time(left - right)
            if isinstance(left, datetime):
                return checked_time(left - right)
    except OverflowError:
        return fault("overflow", "the time is beyond the years 1 to 9999")
    return no_overload(op, left, right)


def checked_time(value: datetime | timedelta) -> datetime | timedelta | Unknown:
    """Return an instant in UTC, or a duration if CEL can hold it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if -LONGEST_SPAN <= value <= LONGEST_SPAN:
        return value
    return fault("overflow", "the duration is beyond 292 years")


def _concatenated(left: Bag, right: Bag) -> Bag | Unknown:
    if len(left.members) + len(right.members) > LONGEST:
        return TOO_LARGE
    ghosts = [bag.ghost for bag in (left, right) if bag.ghost is not None]
    return Bag(
        members=left.members + right.members,
        ghost=joined(ghosts) if ghosts else None,
        proven=left.proven and right.proven,
        label=f"{left.label} + {right.label}"[:_LABEL],
        kind=left.kind if left.kind == right.kind else "",
    )
