"""Values as typed JSON pairs, as ``policy eval`` reads and prints them.

``["int", 1]``, ``["double", "0.5"]``, ``["string", "x"]``, ``["bool", true]``, ``["null", null]``,
``["list", [...]]``, ``["map", [[key, value], ...]]``, ``["timestamp", "2026-01-01T00:00:00Z"]``,
``["duration", "5400s"]``.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import isnan
from typing import Any, Final, TypeAlias, cast

from pydantic import JsonValue

from assaybook.domain.reasons import Reason
from assaybook.domain.values import Bag, Conflict, Scalar, SizeRange, Unknown, Value, joined
from assaybook.evaluation.budget import DEEPEST, TOO_DEEP, TOO_LARGE
from assaybook.evaluation.functions_text import to_double, to_int
from assaybook.evaluation.functions_time import (
    read_duration,
    read_instant,
    written_duration,
    written_instant,
)
from assaybook.evaluation.operators import disagreement, fault, no_overload
from assaybook.evaluation.operators_access import map_from
from assaybook.evaluation.operators_lists import certain, list_of
from assaybook.evaluation.operators_numbers import checked_int

Reader: TypeAlias = Callable[[Any, int], Value]
_LARGEST: Final = 100_000
"""Most values that one answer may print."""
_PAIR: Final = 2


def read_typed(pair: object, depth: int = 0) -> Value:
    """Return the value of a typed pair; what cannot be read is an unknown with an error."""
    if depth > DEEPEST:
        return TOO_DEEP
    parts = cast("list[object]", pair) if isinstance(pair, list) else []
    kind = parts[0] if len(parts) == _PAIR else None
    if not isinstance(kind, str):
        return fault("conversion", "a value is a pair of a type and a value")
    reader = _READERS.get(kind)
    if reader is None:
        return fault("conversion", f"there is no type {kind[:40]!r}")
    return reader(parts[1], depth)


def _read_plain(kind: type) -> Reader:
    def read(value: Any, _depth: int) -> Value:  # noqa: ANN401  JSON
        return cast("Scalar", value) if type(value) is kind else _misread(kind.__name__)

    return read


def _misread(kind: str) -> Unknown:
    return fault("conversion", f"the value is no {kind}")


def _read_int(value: Any, _depth: int) -> Value:  # noqa: ANN401  JSON
    if type(value) is int:
        return checked_int(value)
    return to_int(value) if isinstance(value, str) else _misread("int")


def _read_double(value: Any, _depth: int) -> Value:  # noqa: ANN401  JSON
    if isinstance(value, str):
        return to_double(value)
    return float(value) if type(value) in (int, float) else _misread("double")


def _read_text(read: Callable[[str], Value]) -> Reader:
    return lambda value, _depth: read(value) if isinstance(value, str) else _misread("text")


def _read_list(value: Any, depth: int) -> Value:  # noqa: ANN401  JSON
    if not isinstance(value, list):
        return _misread("list")
    return list_of([read_typed(item, depth + 1) for item in cast("list[object]", value)])


def _read_map(value: Any, depth: int) -> Value:  # noqa: ANN401  JSON
    entries = cast("list[object]", value) if isinstance(value, list) else [None]
    found: list[tuple[Value, Value]] = []
    for entry in entries:
        pair = cast("list[object]", entry) if isinstance(entry, list) else []
        if len(pair) != _PAIR:
            return _misread("map")
        found.append((read_typed(pair[0], depth + 1), read_typed(pair[1], depth + 1)))
    return map_from(found)


_READERS: Final[Mapping[str, Reader]] = {
    "bool": _read_plain(bool),
    "string": _read_plain(str),
    "null": _read_plain(type(None)),
    "int": _read_int,
    "double": _read_double,
    "timestamp": _read_text(read_instant),
    "duration": _read_text(read_duration),
    "list": _read_list,
    "map": _read_map,
}


def from_json(value: JsonValue, depth: int = 0) -> Value:
    """Return a plain JSON value as an expression sees it: objects are maps, arrays lists."""
    if depth > DEEPEST:
        return TOO_DEEP
    if isinstance(value, list):
        return list_of([from_json(item, depth + 1) for item in value])
    if isinstance(value, dict):
        return {key: from_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float) and isnan(value):
        return fault("nan", "the value is not a number")
    return checked_int(value) if type(value) is int else value


def typed(value: Value) -> list[JsonValue] | Unknown:
    """Return a value as a typed pair, or why it cannot be printed as one value."""
    return _Printer().pair(value, 0)


class _Printer:
    """Prints one answer, up to a size: values that are shared can print as very many."""

    def __init__(self) -> None:
        self._left = _LARGEST

    def pair(self, value: Value, depth: int) -> list[JsonValue] | Unknown:
        """Return one value within the answer."""
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            return TOO_DEEP if depth > DEEPEST else TOO_LARGE
        if isinstance(value, Bag):
            return self._list(value, depth)
        return self._map(value, depth) if isinstance(value, dict) else _single(value)

    def _list(self, bag: Bag, depth: int) -> list[JsonValue] | Unknown:
        values = certain(bag)
        if isinstance(values, Unknown):
            return values
        return self._joined("list", [self.pair(one, depth + 1) for one in values])

    def _map(self, table: Mapping[Any, Value], depth: int) -> list[JsonValue] | Unknown:
        entries: list[list[JsonValue] | Unknown] = []
        for key, value in table.items():
            pair = self.pair(value, depth + 1)
            entries.append(pair if isinstance(pair, Unknown) else [_single(key), pair])  # type: ignore[list-item]
        return self._joined("map", entries)

    @staticmethod
    def _joined(kind: str, parts: list[list[JsonValue] | Unknown]) -> list[JsonValue] | Unknown:
        unknowns = [part for part in parts if isinstance(part, Unknown)]
        return joined(unknowns) if unknowns else [kind, [*parts]]  # type: ignore[list-item]


def _single(value: Value) -> list[JsonValue] | Unknown:
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Conflict):
        return disagreement([value])
    if isinstance(value, SizeRange):
        return Unknown(value.reasons)
    writer = _WRITERS.get(type(value))
    if writer is None:
        return no_overload("printing", value)
    kind, write = writer
    return [kind, write(value)]


def _as_it_is(value: JsonValue) -> JsonValue:
    return value


_WRITERS: Final[Mapping[type, tuple[str, Callable[[Any], JsonValue]]]] = {
    type(None): ("null", _as_it_is),
    bool: ("bool", _as_it_is),
    int: ("int", _as_it_is),
    float: ("double", repr),
    str: ("string", _as_it_is),
    datetime: ("timestamp", written_instant),
    timedelta: ("duration", written_duration),
}


def answer(value: Value) -> dict[str, JsonValue]:
    """Return what ``policy eval`` prints of a result.

    ``{"value": pair}``; an unknown of evaluation errors alone is ``{"error": {"code", "message"}}``
    with the first of them, any other ``{"unknown": {"reason", "path"}}`` with the first reason.
    """
    pair = typed(value)
    if not isinstance(pair, Unknown):
        return {"value": pair}
    reasons = pair.reasons or (Reason("missing"),)
    first = reasons[0]
    if first.is_error:
        return {"error": {"code": first.code.removeprefix("error:"), "message": first.message}}
    return {"unknown": {"reason": first.code, "path": first.path}}
