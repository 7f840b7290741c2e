"""Canonical JSON of flat rows, many at once, by a compiled writer.

A fact is a mapping of names to plain values, so its canonical JSON is that of its columns in their
order. The writer of pydantic writes texts as RFC 8785 does, and numbers too, save whole ones with a
point, those with an exponent and integers beyond 2**53: the first are made integers, and a row that
may hold another is written by the canonical writer itself.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import re2  # pyright: ignore[reportMissingTypeStubs]
from pydantic import BaseModel, JsonValue
from pydantic_core import to_json

from assaybook.domain.canonical import canonical

_UNSURE: Final = re2.compile(  # pyright: ignore[reportUnknownMemberType]
    rb"[:,\[-](?:[0-9]+\.0[,\]}]|[0-9]{16}|Infinity|NaN)|[0-9][eE][-+0-9]"
)
"""A number that RFC 8785 may write otherwise, or a text that looks like one."""
_EXACT: Final = 2.0**53
_NESTED: Final = b'"unknown":{"'
"""How the one column begins that is a mapping itself, where it is not empty."""


def flat_json(rows: Sequence[BaseModel]) -> str:
    """Return the canonical JSON of the list of some rows, each by alias.

    Raises:
        ValueError: a text is not Unicode or a number is not exact.
    """
    if not rows:
        return "[]"
    said = [in_order(row) for row in rows]
    try:
        whole = to_json(said)
        unsure = _is_unsure(whole)
        if unsure:
            whole = to_json([_without_points(one) for one in said])
            unsure = _is_unsure(whole)
    except ValueError:
        return f"[{','.join(map(_whole, rows))}]"
    if unsure or _NESTED in whole:
        return f"[{','.join(map(_written, rows))}]"
    return whole.decode()


def in_order(model: BaseModel) -> dict[str, object]:
    """Return the fields of a model by alias, in the order of canonical JSON."""
    columns, aliased = _columns(type(model))
    values = columns | model.__dict__
    if aliased:
        return {alias: values[name] for name, alias in aliased}
    return values


def _written(row: BaseModel) -> str:
    text = to_json(in_order(row))
    return _whole(row) if _NESTED in text or _is_unsure(text) else text.decode()


def _whole(row: BaseModel) -> str:
    dumped: JsonValue = row.model_dump(mode="json", by_alias=True)
    return canonical(dumped).decode()


def _without_points(said: dict[str, object]) -> dict[str, object]:
    """Return columns with whole numbers as integers; what is beyond 2**53 is left alone."""
    return {
        name: int(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
        else value
        for name, value in said.items()
    }


def _is_unsure(raw: bytes) -> bool:
    return _UNSURE.search(raw) is not None  # pyright: ignore[reportUnknownMemberType]


@cache
def _columns(kind: type[BaseModel]) -> tuple[dict[str, object], list[tuple[str, str]]]:
    """Return the columns of a type in canonical order, and their aliases where any has one."""
    fields = sorted((info.alias or name, name) for name, info in kind.model_fields.items())
    aliased = [(name, alias) for alias, name in fields]
    columns: dict[str, object] = {name: None for _alias, name in fields}
    return columns, aliased if any(name != alias for name, alias in aliased) else []
