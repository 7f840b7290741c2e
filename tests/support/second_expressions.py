"""A second reading of the expression language, written from the documents alone.

Nothing of the engine is imported: what a rule means must not rest on one program. Plain before
quick.
"""

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from statistics import NormalDist, stdev
from typing import Any, Final

from support.second_text import BINARY, read
from support.second_values import (
    WORK,
    Nobody,
    Rows,
    Unsure,
    because,
    both,
    chosen,
    column,
    compared,
    doubts,
    either,
    every,
    length_of,
    lifted,
    no,
    only,
    rows_of,
    size,
    some,
    truth,
    unsure,
    within,
)


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression may read; ``lets`` are worked out where they are read."""

    values: Mapping[str, Any]
    as_of: datetime
    lets: Mapping[str, str] = field(default_factory=dict[str, str])

    def binding(self, name: str, value: Any) -> "Names":
        return replace(self, values={**self.values, name: value})


def _numbers(values: Sequence[Any]) -> Any:
    """Return the numbers that a calculation is about; none where one of them is not sure."""
    listed = values[0] if len(values) == 1 else list(values)
    if isinstance(listed, Unsure):
        return listed
    rows = rows_of(listed)
    why = doubts(rows) | unsure(*(one for one, _sure in rows.members)).why
    if why:
        return Unsure(why)
    return [one for one, _sure in rows.members] or because("empty")


def _wilson(share: float, trials: int, level: float, side: int) -> Any:
    if trials == 0:
        return because("too_few")
    z = NormalDist().inv_cdf((1 + level) / 2)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return (share + z * z / (2 * trials) + side * half) / (1 + z * z / trials)


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return math.fsum(known) / len(known)


def _slope(values: Sequence[float]) -> Any:
    if len(values) == 1:
        return because("too_few")
    middle, mean = (len(values) - 1) / 2, _mean(values)
    across = math.fsum((at - middle) * (one - mean) for at, one in enumerate(values))
    return across / math.fsum((at - middle) ** 2 for at in range(len(values)))


_OVER_LISTS: Final[Mapping[str, Callable[[Sequence[float]], Any]]] = {
    "math.least": min,
    "math.greatest": max,
    "stats.mean": _mean,
    "stats.slope": _slope,
    "stats.stddev": lambda values: because("too_few") if len(values) == 1 else stdev(values),
}
_OF_VALUES: Final[Mapping[str, Callable[..., Any]]] = {
    "math.abs": abs,
    "duration": length_of,
    "stats.wilson_lower": partial(_wilson, side=-1),
    "stats.wilson_upper": partial(_wilson, side=1),
    "contains": operator.contains,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}


def worked_out(text: str, names: Names) -> Any:
    """Return the value of an expression."""
    return _of(read(text), names)


def worked_out_node(node: Any, names: Names) -> Any:
    """Return the value of a part of an expression."""
    return _of(node, names)


def _of(node: Any, names: Names) -> Any:
    return _KINDS[node[0]](node, names)


def _name(node: Any, names: Names) -> Any:
    if node[1] in names.values:
        return names.values[node[1]]
    return worked_out(names.lets[node[1]], names)


def _binary(node: Any, names: Names) -> Any:
    sign, left, right = node[1], _of(node[2], names), _of(node[3], names)
    if sign in {"&&", "||"}:
        return both(left, right) if sign == "&&" else either(left, right)
    if sign == "in":
        return within(left, right)
    return compared(sign, left, right) if sign in BINARY[2] else lifted(WORK[sign], left, right)


def _if(node: Any, names: Names) -> Any:
    test = truth(_of(node[1], names))
    return test if isinstance(test, Unsure) else _of(node[2] if test else node[3], names)


def _method(node: Any, names: Names) -> Any:
    _kind, name, receiver, arguments = node
    value = _of(receiver, names)
    if name not in {"all", "exists", "filter", "map"}:
        return lifted(_OF_VALUES[name], value, *(_of(one, names) for one in arguments))
    if isinstance(value, Unsure):
        return value
    variable, rows = arguments[0][1], rows_of(value)

    def body(one: Any) -> Any:
        return _of(arguments[-1], names.binding(variable, one))

    if name == "map" and doubts(rows):
        return Unsure(doubts(rows))
    if name == "map":
        members = tuple((body(one), sure) for one, sure in rows.members)
        return Rows(members, proven=rows.proven and not members)
    return {"all": every, "exists": some, "filter": chosen}[name](rows, body)


def _has(node: Any, names: Names) -> Any:
    row = _of(node[1], names)
    if isinstance(row, (Unsure, Nobody)):
        return Unsure(row.why)
    value = row.get(node[2])
    return value if isinstance(value, Unsure) else value is not None


def _call(node: Any, names: Names) -> Any:
    _kind, name, arguments = node
    if name == "has":
        return _has(arguments[0], names)
    if name == "only":
        rows, variable = _of(arguments[0], names), arguments[1][1]
        if isinstance(rows, Unsure):
            return rows
        return only(rows_of(rows), lambda one: _of(arguments[2], names.binding(variable, one)))
    values = [_of(one, names) for one in arguments]
    if name == "age":
        return lifted(partial(operator.sub, names.as_of), *values)
    return size(values[0]) if name == "size" else _calculated(name, values)


def _calculated(name: str, values: Sequence[Any]) -> Any:
    if name not in _OVER_LISTS:
        return lifted(_OF_VALUES[name], *values)
    known = _numbers(values)
    if isinstance(known, Unsure):
        return known
    return lifted(lambda *each: _OVER_LISTS[name](each), *known)


def _index(node: Any, names: Names) -> Any:
    value, at = _of(node[1], names), _of(node[2], names)
    if isinstance(value, Unsure):
        return value
    rows = rows_of(value)
    if doubts(rows):
        return Unsure(doubts(rows))
    known = [one for one, _sure in rows.members]
    return known[at] if at < len(known) else because("error:index")


_KINDS: Final[Mapping[str, Callable[[Any, Names], Any]]] = {
    "literal": lambda node, _names: node[1],
    "list": lambda node, names: Rows(
        tuple((_of(one, names), True) for one in node[1]), proven=True
    ),
    "name": _name,
    "not": lambda node, names: no(_of(node[1], names)),
    "binary": _binary,
    "if": _if,
    "get": lambda node, names: column(_of(node[1], names), node[2]),
    "index": _index,
    "method": _method,
    "call": _call,
}
