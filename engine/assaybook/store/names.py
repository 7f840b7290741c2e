"""Names that come near a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_MOST: Final = 5_000
"""Comparing is slow; beyond this many names nobody is helped by waiting."""


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return at most two known names that come near, whatever their case, the nearest first."""
    names = {each.casefold(): each for each in sorted(set(known), reverse=True)[:_MOST]}
    return [names[each] for each in get_close_matches(name.casefold(), names, n=2, cutoff=0.5)]
