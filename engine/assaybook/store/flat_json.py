"""Canonical JSON of flat rows, many at once, by a compiled writer.

A fact is a mapping of names to plain values, so its canonical JSON is that of its columns in their
order. The writer of pydantic writes texts as RFC 8785 does, and numbers too, save whole ones with a
point, those with an exponent and integers beyond 2**53: a row that may hold one is written by the
canonical writer itself.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Final

import re2  # pyright: ignore[reportMissingTypeStubs]
from pydantic import BaseModel, JsonValue
from pydantic_core import to_json

from assaybook.domain.canonical import canonical

_UNSURE: Final = re2.compile(  # pyright: ignore[reportUnknownMemberType]
    rb"[:,\[-](?:[0-9]+\.0[,\]}]|[0-9]{16}|Infinity|NaN)|[0-9][eE][-+0-9]"
)
"""A number that RFC 8785 may write otherwise, or a text that looks like one."""
_NESTED: Final = "unknown"
"""The one column that is a mapping itself."""


def flat_json(rows: Sequence[BaseModel]) -> str:
    """Return the canonical JSON of the list of some rows, each by alias.

    Raises:
        ValueError: a text is not Unicode or a number is not exact.
    """
    if not rows:
        return "[]"
    try:
        whole = to_json([in_order(row) for row in rows])
    except ValueError:
        return f"[{','.join(map(_whole, rows))}]"
    if not _is_unsure(whole) and not any(map(_holds_many, rows)):
        return whole.decode()
    return f"[{','.join(map(_written, rows))}]"


def in_order(model: BaseModel) -> dict[str, object]:
    """Return the fields of a model by alias, in the order of canonical JSON."""
    names, values = _columns(type(model))
    return dict(zip(names, values(model.__dict__), strict=True))


def _written(row: BaseModel) -> str:
    if _holds_many(row):
        return _whole(row)
    text = to_json(in_order(row))
    return _whole(row) if _is_unsure(text) else text.decode()


def _holds_many(row: BaseModel) -> bool:
    return len(row.__dict__.get(_NESTED, ())) > 1


def _whole(row: BaseModel) -> str:
    dumped: JsonValue = row.model_dump(mode="json", by_alias=True)
    return canonical(dumped).decode()


def _is_unsure(raw: bytes) -> bool:
    return _UNSURE.search(raw) is not None  # pyright: ignore[reportUnknownMemberType]


@cache
def _columns(kind: type[BaseModel]) -> tuple[tuple[str, ...], Callable[..., Iterable[object]]]:
    """Return the names of a type's columns in canonical order, and what picks their values."""
    fields = sorted((info.alias or name, name) for name, info in kind.model_fields.items())
    return tuple(alias for alias, _ in fields), itemgetter(*(name for _, name in fields))
