"""Names that come near a mistyped one."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_MOST: Final = 5_000
"""Comparing is slow; beyond this many names nobody is helped by waiting."""


def near(name: str, known: Iterable[str]) -> list[str]:
    """Return at most two known names that come near, the nearest first."""
    names = sorted(set(known))[:_MOST]
    return get_close_matches(name, names, n=2, cutoff=0.6)
