"""What a parser of JSON takes in silence: numbers that are none, half characters, endless keys.

Numbers that are none are read as null and their places kept, since they must never meet a
threshold; the rest is refused.
"""

import re
from collections.abc import Iterable, Iterator
from math import isfinite
from typing import Final, TypeAlias, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from assaybook.domain.errors import SubmitterError
from assaybook.intake.json_quick import entries_in, has_long_key, has_long_list, has_long_text
from assaybook.intake.limits import (
    LONGEST_KEY,
    LONGEST_LIST,
    LONGEST_TEXT,
    MOST_ENTRIES,
    Limits,
)
from assaybook.intake.raw import TOO_MUCH
from assaybook.intake.values import MAX_INTEGER, Json, pointer

_Holder: TypeAlias = "dict[str, Json] | list[Json]"
_Path: TypeAlias = tuple[str | int, ...]
_LONGEST_PLACES: Final = 20_000_000
"""Characters of the places of all numbers that are none."""
_SHORT: Final = 1_900
"""Characters of a place that is told whole, whatever follows."""
_HIDDEN: Final = re2.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # pyright: ignore[reportUnknownMemberType]
"""What NUL and half a character are written as in a text that a parser takes."""
_HALF: Final = re.compile(rb"\xed[\xa0-\xbf]")
"""The same in a text that was decoded elsewhere."""


def cleaned(root: list[Json], raw: bytes, name: str, limits: Limits) -> frozenset[str]:
    """Put null for numbers that are none in the one value of a list, and return their pointers.

    ``raw`` is the text that the value was read from.

    Raises:
        SubmitterError: ``document-too-deep``, ``document-too-large`` or ``text-not-unicode``.
    """
    may_hide = bool(_HIDDEN.search(raw) or _HALF.search(raw))  # pyright: ignore[reportUnknownMemberType]
    odd: set[str] = set()
    room, entries = _LONGEST_PLACES, 0
    pending: list[tuple[_Holder, _Path]] = [(root, ())]
    while pending:
        holder, path = pending.pop()
        if len(path) > limits.depth:
            raise too_deep(f"{name}#{pointer(*path[1:8])}/...")
        if len(raw) > LONGEST_KEY:
            entries = _bounded(holder, entries, name)
        if may_hide:
            _check_texts(holder, name, path)
        none: list[str | int] = []
        for key, one in _entries(holder):
            kind = type(one)
            if kind is dict or kind is list:
                pending.append((cast("_Holder", one), (*path, key)))
            elif kind is not str and _is_none(one):
                none.append(key)
        room -= len(none) * sum(map(len, map(str, path)))
        if room < 0:
            raise too_much("the document has too many numbers that are none", name)
        for key in none:
            holder[key] = None  # type: ignore[index]
        odd.update(_places(path[1:], none) if path else [""] * len(none))
    return frozenset(odd)


def _entries(holder: _Holder) -> Iterable[tuple[str | int, Json]]:
    return holder.items() if isinstance(holder, dict) else enumerate(holder)


def _is_none(value: Json) -> bool:
    """Tell whether a number is none, or greater than all programs can count."""
    if type(value) is float:
        return not isfinite(value)
    return type(value) is int and not -MAX_INTEGER <= value <= MAX_INTEGER


def _places(path: _Path, keys: list[str | int]) -> Iterator[str]:
    """Yield the pointers of entries of one holder."""
    start = pointer(*path) if path else ""
    for key in keys:
        if type(key) is int and len(start) < _SHORT:
            yield f"{start}/{key}"
        else:
            yield pointer(*path, key)


def _bounded(holder: _Holder, entries: int, name: str) -> int:
    """Return how many entries there are with those of a holder; what is too much is refused."""
    if has_long_key([holder]):
        raise too_much(f"a key has more than {LONGEST_KEY} characters", name)
    if has_long_list([holder]):
        raise too_much(f"a list has more than {LONGEST_LIST} entries that are not numbers", name)
    if has_long_text([holder]):
        reason = f"a text that is not all ASCII has more than {LONGEST_TEXT} characters"
        raise too_much(reason, name)
    entries += entries_in([holder])
    if entries > MOST_ENTRIES:
        reason = f"lists have more than {MOST_ENTRIES} entries that are not numbers"
        raise too_much(reason, name)
    return entries


def _check_texts(holder: _Holder, name: str, path: _Path) -> None:
    """Refuse half a character and NUL, in keys and in texts."""
    for key, one in _entries(holder):
        for text in (key, one):
            if isinstance(text, str) and ("\x00" in text or not _is_unicode(text)):
                steps = (ascii(each) if isinstance(each, str) else each for each in (*path, key))
                raise no_unicode(f"{name}#{pointer(*list(steps)[1:])}")


def _is_unicode(text: str) -> bool:
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def too_much(reason: str, name: str) -> SubmitterError:
    """Return the error of a document in which there is more than is read."""
    return SubmitterError("document-too-large", reason, where=name, hint=TOO_MUCH)


def too_deep(where: str) -> SubmitterError:
    """Return the error of a document that is nested too deeply."""
    return SubmitterError(
        "document-too-deep",
        "the document is nested too deeply",
        where=where,
        hint="No report of a tool is; submit the file as the tool wrote it.",
    )


def no_unicode(where: str) -> SubmitterError:
    """Return the error of a text that no encoder can write."""
    return SubmitterError(
        "text-not-unicode",
        "a text holds half a character (a lone surrogate) or NUL",
        where=where,
        hint="Such text cannot be kept or printed; write it anew with the tool's own encoder.",
    )
