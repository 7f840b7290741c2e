"""What our fonts can print, and a visible stand-in for everything else.

A character without a glyph would vanish from the page, and an invisible one (a direction mark, a
soft hyphen) could change how a line reads. Both become ``□``, and the pack says so.
"""

import unicodedata
from bisect import bisect_right
from collections import Counter
from functools import cache
from typing import Final, TypeVar, cast

from pydantic import BaseModel

from assaybook.shelf import shelf

STAND_IN: Final = "□"
LONGEST: Final = 1_500
_SOFT_HYPHEN: Final = 0xAD
_Text = TypeVar("_Text")


@cache
def coverage() -> tuple[tuple[int, int], ...]:
    """Return the code points that every face can print, as sorted, closed ranges."""
    listed = shelf("templates") / "pack" / "fonts" / "coverage.txt"
    ends = [line.split("-") for line in listed.read_text(encoding="ascii").split()]
    return tuple((int(low, 16), int(high, 16)) for low, high in ends)


@cache
def is_printable(character: str) -> bool:
    """Tell whether one character shows on the page as itself."""
    point = ord(character)
    ranges = coverage()
    place = bisect_right(ranges, (point, 0x110000)) - 1
    return place >= 0 and point <= ranges[place][1] and point != _SOFT_HYPHEN


def printable(text: str, replaced: Counter[str]) -> str:
    """Return ``text`` as it can be printed, and count in ``replaced`` what had to give way.

    Runs of line ends, tabs and the like become one space; a text beyond 1,500 characters is cut,
    with the number of characters left out.
    """
    plain = unicodedata.normalize("NFC", text)
    if not plain.isprintable():
        plain = " ".join(plain.split())
    out: list[str] = []
    for character in plain[:LONGEST]:
        if is_printable(character):
            out.append(character)
        else:
            replaced[character] += 1
            out.append(STAND_IN)
    cut = len(plain) - LONGEST
    return "".join(out) + (f" … ({cut} more characters)" if cut > 0 else "")


def printable_model(value: _Text, replaced: Counter[str]) -> _Text:
    """Return a view model in which every text went through ``printable``."""
    made = _walk(value, replaced)
    assert isinstance(made, type(value))  # noqa: S101 - the walk keeps types; this tells mypy
    return made


def _walk(value: object, replaced: Counter[str]) -> object:
    if isinstance(value, str):
        return printable(value, replaced)
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        return tuple(_walk(item, replaced) for item in items)
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return value.model_copy(
            update={name: _walk(getattr(value, name), replaced) for name in fields}
        )
    return value
