"""Plain JSON at the speed of a compiled parser; whatever is unusual is left to the strict reader.

The parser of pydantic takes repeated keys, ``NaN``, ``1e999``, integers beyond 2**53, NUL and any
depth in silence. One pass over the bytes tells whether a text can hold such a number or character,
and counting tells whether a key was repeated: every key of a usual text ends in ``":`` or ``" :``,
so a text with as many of these as its objects have keys has none twice. Both err on one side only:
what is merely suspected is read strictly, and read the same.
"""

import json
import re
from collections.abc import Sequence
from typing import Final, cast

import re2  # pyright: ignore[reportMissingTypeStubs]
from pydantic_core import from_json

from assaybook.domain.record import record
from assaybook.intake.redaction_rules import TOKEN_STARTS
from assaybook.intake.values import Json

_ODD: Final = (
    rb"(?:^|[\[,:\s-])(?:NaN|Infinity)"
    rb"|\\u0000"
    rb"|(?:^|[\[,:\s-])[1-9][0-9]{15,}(?:[,\]}\s]|$)"
    rb"|(?:^|[\[,:\s-])[0-9.]+[eE]\+?[0-9]{3,}(?:[,\]}\s]|$)"
    rb"|[0-9]{200}"
    rb'|"(?:[\t\r\n]| [ \t\r\n])[ \t\r\n]*:'
)
"""Numbers that are none, NUL, and keys that are set apart in an odd way."""
_UNUSUAL: Final = re2.compile(_ODD)  # pyright: ignore[reportUnknownMemberType]
_TO_LOOK_AT: Final = re2.compile(  # pyright: ignore[reportUnknownMemberType]
    b"|".join((_ODD, *(re.escape(start).encode() for start in TOKEN_STARTS)))
)
"""The same, and what a secret can begin with."""
_SET_APART: Final = re2.compile(_TO_LOOK_AT.pattern + rb'|" :|\x00')  # pyright: ignore[reportUnknownMemberType]
"""The same, and any key that is set apart."""
_HOLDERS: Final = frozenset({dict, list})


class _RepeatedError(ValueError):
    """A key stands twice in one object."""


@record
class Quick:
    """The value of each JSON text; ``clean`` says that no secret can begin in any of them."""

    values: list[Json]
    clean: bool


def read_quickly(whole: str, parts: Sequence[str], depth: int) -> Quick | None:
    """Return the value of each JSON text, or None where a text must be read strictly.

    ``parts`` are all JSON texts of ``whole``, which holds nothing else but white space.
    """
    try:
        raw = whole.encode()
    except UnicodeEncodeError:
        return None
    clean = _TO_LOOK_AT.search(raw) is None  # pyright: ignore[reportUnknownMemberType]
    if not clean and _UNUSUAL.search(raw) is not None:  # pyright: ignore[reportUnknownMemberType]
        return None
    written = raw.count(b'":') + raw.count(b'" :')
    del raw
    try:
        values: list[Json] = [from_json(part) for part in parts]
    except ValueError:
        return None
    keys = _keys(values, depth)
    if keys is None or (keys != written and _has_repeated(parts)):
        return None
    return Quick(values, clean)


def is_usual(raw: bytes) -> bool:
    """Tell whether bytes are a text in which no number, character or secret needs a second look.

    A JSON text of which this is true holds at least as many ``":`` as keys.
    """
    if _SET_APART.search(raw) is not None:  # pyright: ignore[reportUnknownMemberType]
        return False
    try:
        return raw.isascii() or bool(raw.decode())
    except UnicodeDecodeError:
        return False


def _keys(values: list[Json], depth: int) -> int | None:
    """Return how many keys all objects have, or None where they are nested too deeply."""
    keys = 0
    level: list[Json] = [one for one in values if type(one) in _HOLDERS]
    for _step in range(depth):
        below: list[Json] = []
        for holder in level:
            held = cast("dict[str, Json] | list[Json]", holder)
            if isinstance(held, dict):
                keys += len(held)
                inner: Sequence[Json] = held.values()  # type: ignore[assignment]
            else:
                inner = held
            if not _HOLDERS.isdisjoint(map(type, inner)):
                below += [one for one in inner if type(one) in _HOLDERS]
        if not below:
            return keys
        level = below
    return None


def _has_repeated(parts: Sequence[str]) -> bool:
    """Tell whether a key is repeated, where the count is not sure: a text can hold ``":`` too."""
    try:
        for part in parts:
            json.loads(part, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return True
    return False


def _once(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise _RepeatedError
