"""Values of the second judge: three truth values, values in dispute, lists that may hold more.

Written from the documents alone. A value is a Python value or one of the classes here.
"""

import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Unsure:
    """A value that nobody knows, and why."""

    why: Codes


@dataclass(frozen=True, slots=True)
class Disputed:
    """A value of which documents disagree."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A number of rows between two bounds, since not all rows are sure."""

    low: float
    high: float
    why: Codes


@dataclass(frozen=True, slots=True)
class Rows:
    """A list: its members, each sure (True) or possible, and why there may be more of them.

    ``proven`` is of an empty one: that it is empty is known (a literal, or a need with proof).
    """

    members: tuple[tuple[Any, "bool | Unsure"], ...]
    open: Codes = frozenset()
    proven: bool = False


class Nobody(dict[str, Any]):
    """The further row of an open list: nothing is known of it."""

    def __init__(self, why: Codes) -> None:
        super().__init__()
        self.why = why


def unsure(*parts: Any) -> Unsure:
    """Return an unknown with the reasons of everything that is one."""
    return Unsure(frozenset[str]().union(*(part.why for part in parts if isinstance(part, Unsure))))


def because(code: str) -> Unsure:
    return Unsure(frozenset({code}))


def truth(value: Any) -> bool | Unsure:
    if isinstance(value, Disputed):
        return because("conflict")
    assert isinstance(value, (bool, Unsure)), value
    return value


def no(value: Any) -> bool | Unsure:
    held = truth(value)
    return held if isinstance(held, Unsure) else not held


def both(*values: Any) -> bool | Unsure:
    """Hold where all hold; one that does not decides."""
    held = [truth(value) for value in values]
    if any(one is False for one in held):
        return False
    return unsure(*held) if any(isinstance(one, Unsure) for one in held) else True


def either(*values: Any) -> bool | Unsure:
    return no(both(*(no(value) for value in values)))


def lifted(work: Callable[..., Any], *values: Any) -> Any:
    """Work on values that may be unknown, or several at once."""
    if any(isinstance(value, Unsure) for value in values):
        return unsure(*values)
    if not any(isinstance(value, Disputed) for value in values):
        return work(*values)
    told = [value.values if isinstance(value, Disputed) else (value,) for value in values]
    results = [work(*one) for one in itertools.product(*told)]
    if any(isinstance(one, Unsure) for one in results):
        return unsure(*results, because("conflict"))
    distinct = [one for at, one in enumerate(results) if one not in results[:at]]
    if len(distinct) == 1:
        return distinct[0]
    truths = all(isinstance(one, bool) for one in distinct)
    return because("conflict") if truths else Disputed(tuple(distinct))


_LENGTH: Final = re.compile(r"(\d+)(w|d|h|m|s)")
_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def length_of(text: str) -> timedelta:
    """Return a length of time such as ``90d``."""
    return timedelta(seconds=sum(int(n) * _SECONDS[unit] for n, unit in _LENGTH.findall(text)))


def _divided(one: float, other: float) -> Any:
    return because("error:divide_by_zero") if other == 0 else one / other


WORK: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
}


def compared(sign: str, left: Any, right: Any) -> Any:
    """Compare; a span holds where each number in it does."""
    if not any(isinstance(one, Span) for one in (left, right)):
        return lifted(WORK[sign], left, right)
    if isinstance(left, Unsure) or isinstance(right, Unsure):
        return unsure(left, right)
    a, b = (one if isinstance(one, Span) else Span(one, one, frozenset()) for one in (left, right))
    if sign in {"==", "!="}:
        apart = a.high < b.low or b.high < a.low
        same = False if apart else Unsure(a.why | b.why)
        return same if sign == "==" else no(same)
    if sign in {"<", "<="}:
        a, b = b, a
    work = WORK[">=" if sign in {"<=", ">="} else ">"]
    if work(a.low, b.high):
        return True
    return Unsure(a.why | b.why) if work(a.high, b.low) else False


def rows_of(value: Any) -> Rows:
    return value if isinstance(value, Rows) else Rows(tuple((one, True) for one in value))


def doubts(rows: Rows) -> Codes:
    """Return why it is not known what is in a list."""
    return rows.open | unsure(*(sure for _one, sure in rows.members)).why


def within(value: Any, listed: Any) -> Any:
    """Tell whether a value is in a list; of a disputed one each must be."""
    if isinstance(listed, Unsure):
        return unsure(value, listed)
    rows = rows_of(listed)
    if isinstance(value, Disputed) and not doubts(rows):
        held = {any(one == other for other, _ in rows.members) for one in value.values}
        return held.pop() if len(held) == 1 else because("conflict")
    found = [both(sure, compared("==", value, one)) for one, sure in rows.members]
    if rows.open:
        found.append(Unsure(rows.open))
    return either(*found) if found else value if isinstance(value, Unsure) else False


def column(row: Any, name: str) -> Any:
    """Return what a row or record says; what it leaves open is null."""
    if isinstance(row, Unsure):
        return row
    if isinstance(row, Nobody):
        return Unsure(row.why)
    value = row.get(name)
    return because("null") if value is None else value


def size(value: Any) -> Any:
    if isinstance(value, Unsure):
        return value
    rows = rows_of(value)
    sure = sum(member is True for _one, member in rows.members)
    why = doubts(rows)
    return Span(sure, math.inf if rows.open else len(rows.members), why) if why else sure


def every(rows: Rows, holds: Callable[[Any], Any]) -> bool | Unsure:
    """Tell whether each member holds; over nothing that is not proven, nobody knows."""
    held = [either(no(sure), holds(one)) for one, sure in rows.members]
    if rows.open:
        held.append(either(Unsure(rows.open), holds(Nobody(rows.open))))
    found = both(*held)
    if found is not True or rows.proven or any(sure is True for _one, sure in rows.members):
        return found
    why = doubts(rows)
    return Unsure(why) if why else because("empty")


def some(rows: Rows, holds: Callable[[Any], Any]) -> bool | Unsure:
    held = [both(sure, holds(one)) for one, sure in rows.members]
    if rows.open:
        held.append(both(Unsure(rows.open), holds(Nobody(rows.open))))
    return either(*held) if held else False


def chosen(rows: Rows, holds: Callable[[Any], Any]) -> Rows:
    """Return the members for which a condition holds, or may."""
    kept = [(one, both(sure, holds(one))) for one, sure in rows.members]
    left = rows.open if rows.open and holds(Nobody(rows.open)) is not False else frozenset[str]()
    members = tuple((one, sure) for one, sure in kept if sure is not False)
    return Rows(members, left, proven=rows.proven and not rows.members)


def only(rows: Rows, holds: Callable[[Any], Any]) -> Any:
    found = chosen(rows, holds)
    sure = [one for one, member in found.members if member is True]
    if len(sure) > 1:
        return because("conflict")
    if doubts(found):
        return Unsure(doubts(found))
    return sure[0] if sure else because("missing")
