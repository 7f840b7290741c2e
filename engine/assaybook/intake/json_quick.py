"""Plain JSON at the speed of a compiled parser; whatever is unusual is left to the strict reader.

The parser of pydantic takes repeated keys, ``NaN``, ``1e999``, integers beyond 2**53, NUL and any
depth in silence. One pass over the bytes tells whether a text can hold such a number or character,
and counting tells whether a key was repeated: every key of a usual text ends in ``":`` or ``" :``,
so a text with as many of these as its objects have keys has none twice. Both err on one side only:
what is merely suspected is read strictly, and read the same. Brackets are counted too, since where
as many objects and lists were found nothing lies deeper.
"""

import json
import re
from collections.abc import Sequence
from gc import is_tracked
from typing import Final

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
_APART: Final = re2.compile(_ODD + rb'|" :')  # pyright: ignore[reportUnknownMemberType]
"""The same, but for what a secret can begin with."""
_SHORT: Final = 100_000
"""Bytes in which it is quicker to count brackets than to look at all values."""


class _RepeatedError(ValueError):
    """A key stands twice in one object."""


@record
class Quick:
    """The value of each JSON text; ``clean`` says that no secret can begin in any of them."""

    values: list[Json]
    clean: bool


def read_quickly(
    raw: bytes, parts: Sequence[str | bytes], depth: int, ends: int = -1
) -> Quick | None:
    """Return the value of each JSON text, or None where a text must be read strictly.

    ``parts`` are all JSON texts of ``raw``, which holds nothing else but white space; ``ends`` is
    how often it holds ``":``, or less than 0 where nobody counted.
    """
    clean = _SET_APART.search(raw) is None  # pyright: ignore[reportUnknownMemberType]
    usual = clean or _APART.search(raw) is None  # pyright: ignore[reportUnknownMemberType]
    if not usual:
        if _UNUSUAL.search(raw) is not None:  # pyright: ignore[reportUnknownMemberType]
            return None
        clean = _TO_LOOK_AT.search(raw) is None  # pyright: ignore[reportUnknownMemberType]
    written = raw.count(b'":') if ends < 0 else ends
    if not usual:
        written += raw.count(b'" :')
    brackets = raw.count(b"{") + raw.count(b"[") if len(raw) <= _SHORT else 0
    try:
        values: list[Json] = [from_json(part) for part in parts]
    except ValueError:
        return None
    keys = _keys(values, depth, brackets)
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


def _keys(values: list[Json], depth: int, brackets: int) -> int | None:
    """Return how many keys all objects have, or None where they are nested too deeply.

    ``brackets`` open at least all objects and lists; those in a text only make the search longer,
    and 0 is for those that were not counted.
    """
    keys = found = 0
    level = _holders(values)
    for _step in range(depth):
        found += len(level)
        below: list[Json] = []
        for one in level:
            if isinstance(one, dict):
                keys += len(one)
                # What the collector of garbage leaves alone holds neither objects nor lists.
                if is_tracked(one):
                    below += one.values()
            else:
                below += one
        level = [] if found == brackets else _holders(below)
        if not level:
            return keys
    return None


def _holders(values: list[Json]) -> list[dict[str, Json] | list[Json]]:
    return [one for one in values if type(one) is dict or type(one) is list]


def _has_repeated(parts: Sequence[str | bytes]) -> bool:
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
