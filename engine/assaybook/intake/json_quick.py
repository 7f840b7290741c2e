"""Plain JSON at the speed of a compiled parser; whatever is unusual is left to the strict reader.

The parser of pydantic takes repeated keys, ``NaN``, ``1e999``, integers beyond 2**53, NUL and any
depth in silence. One pass over the bytes tells whether a text can hold such a number or character,
and counting tells whether a key was repeated: every key of a usual text ends in ``":`` or ``" :``,
so a text with as many of these as its objects have keys has none twice. Both err on one side only:
what is merely suspected is read strictly, and read the same. Brackets are counted too, since where
as many objects and lists were found nothing lies deeper.
"""

import re
from collections.abc import Sequence
from gc import is_tracked
from itertools import chain
from typing import Final, TypeAlias

import re2  # pyright: ignore[reportMissingTypeStubs]
from pydantic_core import from_json

from assaybook.domain.record import record
from assaybook.intake.limits import (
    LONGEST_KEY,
    LONGEST_LIST,
    LONGEST_TEXT,
    MOST_ENTRIES,
)
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
_TEXT: Final = re.compile(rb'"[^"]*"')
_PART: Final = 1_000_000
"""Bytes that are looked at together where keys are counted one by one."""
_FEW: Final = 1_000
"""Entries of a list that are not looked at one by one to be counted."""
_Holder: TypeAlias = "dict[str, Json] | list[Json]"


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
    keys = keys_in(values, raw, depth, brackets)
    if keys is None or (keys != written and keys != keys_written(raw)):
        return None
    return Quick(values, clean)


def keys_written(raw: bytes) -> int:
    """Return how many keys stand in JSON texts, those that are repeated as often as they do.

    Outside of texts a colon stands behind a key and nowhere else.
    """
    keys = at = 0
    inside = False
    while at < len(raw):
        part = raw[at : at + _PART]
        escapes = len(part) - len(part.rstrip(b"\\"))
        if escapes % 2:  # what is escaped is next
            part = raw[at : at + _PART + 1]
        at += len(part)
        if escapes or b"\\" in part:
            part = part.replace(b"\\\\", b"").replace(b'\\"', b"")
        part = b'"' + part if inside else part
        inside = part.count(b'"') % 2 == 1
        part = part + b'"' if inside else part
        keys += _TEXT.sub(b"", part).count(b":")
    return keys


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


def keys_in(values: list[Json], raw: bytes, depth: int, brackets: int = 0) -> int | None:
    """Return how many keys all objects have, or None where a text must be read strictly.

    That is where they are nested too deeply, or something is too long or too much. ``brackets``
    open at least all objects and lists; those in a text only make the search longer, and 0 is for
    those that were not counted.
    """
    keys = found = 0
    level = _holders(values)
    may_be_long = len(raw) > LONGEST_KEY
    entries = 0
    may_be_wide = len(raw) > LONGEST_TEXT and (b"\\u" in raw or not raw.isascii())
    for _step in range(depth):
        if may_be_long:
            entries += entries_in(level)
            if has_long_key(level) or has_long_list(level) or entries > MOST_ENTRIES:
                return None
            if may_be_wide and has_long_text(level):
                return None
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


def has_long_key(holders: Sequence[_Holder]) -> bool:
    """Tell whether an object has a key that is longer than any may be."""
    maps = [one for one in holders if type(one) is dict]
    return max(map(len, chain.from_iterable(maps)), default=0) > LONGEST_KEY


def has_long_list(holders: Sequence[_Holder]) -> bool:
    """Tell whether a list is longer than any may be; curves of numbers may be longer."""
    long = (one for one in holders if type(one) is list and len(one) > LONGEST_LIST)
    return any(_no_numbers(one) > LONGEST_LIST for one in long)


def entries_in(holders: Sequence[_Holder]) -> int:
    """Return how many entries lists have that are not numbers, of which reports hold curves."""
    lists = [one for one in holders if type(one) is list]
    return sum([len(one) if len(one) < _FEW else _no_numbers(one) for one in lists])


def _no_numbers(entries: list[Json]) -> int:
    return sum([type(one) is not float and type(one) is not int for one in entries])


def has_long_text(holders: Sequence[_Holder]) -> bool:
    """Tell whether an object or a list has a text beyond ASCII that is longer than any may be."""
    held = chain.from_iterable([one.values() if type(one) is dict else one for one in holders])
    return any(len(one) > LONGEST_TEXT and not one.isascii() for one in held if type(one) is str)


def _holders(values: list[Json]) -> list[_Holder]:
    return [one for one in values if type(one) is dict or type(one) is list]
