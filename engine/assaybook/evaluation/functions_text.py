"""Functions on texts, and conversions between the plain types.

Source: the CEL language definition; regular expressions are RE2's, which never backtrack.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache, partial
from math import isfinite, isinf
from typing import Any, Final, TypeAlias

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.values import Unknown, Value
from assaybook.evaluation.budget import Budget
from assaybook.evaluation.functions_time import epoch_seconds, written_duration, written_instant
from assaybook.evaluation.operators import fault, lift, no_overload
from assaybook.evaluation.operators_numbers import FIRST_INT, checked_int

Search: TypeAlias = Callable[[str], object]
_RE2: Final[Any] = re2  # it has no types
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,25}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INFINITE: Final = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_TRUE: Final = frozenset({"true", "True", "TRUE", "t", "T", "1"})
_FALSE: Final = frozenset({"false", "False", "FALSE", "f", "F", "0"})
_LONGEST_NUMBER: Final = 400
_CHARACTERS_A_STEP: Final = 64


def contains(text: Value, part: Value) -> Value:
    """Return whether a text holds another."""
    if isinstance(text, str) and isinstance(part, str):
        return part in text
    return no_overload("contains", text, part)


def starts_with(text: Value, part: Value) -> Value:
    """Return whether a text starts with another."""
    if isinstance(text, str) and isinstance(part, str):
        return text.startswith(part)
    return no_overload("startsWith", text, part)


def ends_with(text: Value, part: Value) -> Value:
    """Return whether a text ends with another."""
    if isinstance(text, str) and isinstance(part, str):
        return text.endswith(part)
    return no_overload("endsWith", text, part)


@lru_cache(maxsize=512)
def _searches(pattern: str) -> tuple[Search, Search] | None:
    """Return two ways to search for a pattern: a quick one, and one that is always right.

    A set of one pattern is five times as quick, but says no when its tables grow too large.
    """
    options = _RE2.Options()
    options.log_errors = False
    try:
        single = _RE2.compile(pattern, options)
        several = _RE2.Set.SearchSet(options)
        several.Add(pattern)
        several.Compile()
    except (_RE2.error, UnicodeEncodeError):
        return None
    return several.Match, single.search


def matches(budget: Budget, text: Value, pattern: Value) -> Value:
    """Return whether an RE2 pattern matches some part of a text."""
    if not (isinstance(text, str) and isinstance(pattern, str)):
        return no_overload("matches", text, pattern)
    budget.spend(len(text) // _CHARACTERS_A_STEP + 1)
    searches = _searches(pattern)
    if searches is None:
        return fault("regex", f"RE2 does not take the pattern {pattern[:80]!r}")
    try:
        return bool(searches[0](text)) or searches[1](text) is not None
    except UnicodeEncodeError:
        return fault("regex", "the text has half of a surrogate pair")


def matches_of(text: Value, pattern: Value, budget: Budget) -> Value:
    """Return ``text.matches(pattern)`` for values of any kind."""
    return lift(partial(matches, budget), (text, pattern))


def to_string(value: Value) -> Value:
    """Return a value as text: shortest digits that read back, RFC 3339, seconds."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _written_double(value)
    if isinstance(value, datetime):
        return written_instant(value)
    return written_duration(value) if isinstance(value, timedelta) else no_overload("string", value)


def _written_double(value: float) -> str | Unknown:
    if not isfinite(value):
        return fault("conversion", "a number without end has no text")
    return repr(value).removesuffix(".0")


def to_int(value: Value) -> Value:
    """Return a value as a whole number of 64 bits; doubles are cut towards zero."""
    if type(value) is int:
        return value
    if isinstance(value, float):
        if FIRST_INT < value < -float(FIRST_INT):
            return int(value)
        return fault("overflow", "the number is beyond 64 bits")
    if isinstance(value, str):
        if _WHOLE.fullmatch(value):
            return checked_int(int(value))
        return fault("conversion", f"{value[:40]!r} is no whole number")
    return epoch_seconds(value) if isinstance(value, datetime) else no_overload("int", value)


def to_double(value: Value) -> Value:
    """Return a value as a double."""
    if isinstance(value, float):
        return value
    if type(value) is int:
        return float(value)
    if isinstance(value, str):
        return _read_double(value)
    return no_overload("double", value)


def _read_double(text: str) -> float | Unknown:
    if _INFINITE.fullmatch(text):
        return float(text)
    if len(text) > _LONGEST_NUMBER or _DECIMAL.fullmatch(text) is None:
        return fault("conversion", f"{text[:40]!r} is no number")
    number = float(text)
    return fault("overflow", "the number is beyond a double") if isinf(number) else number


def to_bool(value: Value) -> Value:
    """Return a value as true or false."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return no_overload("bool", value)
    if value in _TRUE or value in _FALSE:
        return value in _TRUE
    return fault("conversion", f"{value[:40]!r} is neither true nor false")
