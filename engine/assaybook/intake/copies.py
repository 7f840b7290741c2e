"""Copies of removed texts: found wherever they stand, however many texts were removed.

A text is looked into only for those removed texts of which it holds a piece. Pieces are looked up
at every step that no removed text of a length can slip through: a long one covers several steps.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.raw import TOO_MUCH

MARK: Final = "[redacted]"
_CLASSES: Final = ((11, 8, 4), (7, 5, 3), (4, 4, 1))
"""Least characters of a removed text, of a piece of it, and of a step; a piece and a step together
are at most one longer than the text."""
_FEW: Final = 20
"""Removed texts of which each is looked for as it is, which is quicker then."""
_MOST_LOOKS: Final = 10_000_000
"""Times that a text is looked into for a removed one; more would take longer than a report may."""


@record
class _Class:
    """Removed texts of like lengths: by each of their pieces, or as they are where they are few."""

    step: int
    piece: int
    by_piece: dict[str, list[str]]
    few: tuple[str, ...]


class Copies:
    """Blots removed texts out of others; equal texts are looked at once."""

    def __init__(self, removed: Iterable[str], name: str) -> None:
        self._name = name
        self._looks = 0
        self._seen: dict[str, tuple[str, int]] = {}
        self._classes = tuple(_classes(sorted(removed)))

    def blotted(self, text: str) -> tuple[str, int]:
        """Return a text without what was removed elsewhere, and how often that stood in it.

        Raises:
            SubmitterError: ``document-too-large``, too many removed texts are alike.
        """
        known = self._seen.get(text)
        if known is None:
            known = self._seen[text] = self._blotted(text)
        return known

    def _blotted(self, text: str) -> tuple[str, int]:
        held = {one for each in self._classes for one in _candidates(each, text)}
        self._looks += max(0, len(held) - _FEW * len(_CLASSES))
        if self._looks > _MOST_LOOKS:
            raise SubmitterError(
                "document-too-large",
                "the document repeats too many texts that are not kept",
                where=self._name,
                hint=TOO_MUCH,
            )
        parts = [text]
        for one in sorted((one for one in held if one in text), key=lambda one: (-len(one), one)):
            parts = [part for whole in parts for part in whole.split(one)]
        return MARK.join(parts), len(parts) - 1


def _classes(removed: list[str]) -> Iterator[_Class]:
    for least, piece, step in _CLASSES:
        mine = [one for one in removed if len(one) >= least]
        removed = [one for one in removed if len(one) < least]
        if len(mine) > _FEW:
            yield _Class(step, piece, _by_piece(mine, piece, step), ())
        elif mine:
            yield _Class(step, piece, {}, tuple(mine))


def _by_piece(removed: list[str], piece: int, step: int) -> dict[str, list[str]]:
    """Return removed texts by their pieces: for each place in a step the rarest of three."""
    held = [
        [
            [one[at : at + piece] for at in _places(len(one) - piece, step, first)]
            for first in range(step)
        ]
        for one in removed
    ]
    times = Counter(part for steps in held for parts in steps for part in parts)
    found: dict[str, list[str]] = {}
    for one, steps in zip(removed, held, strict=True):
        for parts in steps:
            found.setdefault(min(parts, key=times.__getitem__), []).append(one)
    return found


def _places(last: int, step: int, first: int) -> tuple[int, int, int]:
    """Return a place at the beginning, in the middle and at the end, whole steps from the first."""
    steps = (last - first) // step
    return first, first + steps // 2 * step, first + steps * step


def _candidates(like: _Class, text: str) -> Iterator[str]:
    """Yield the removed texts of which a text holds a piece."""
    if like.few:
        yield from like.few
        return
    piece, known = like.piece, like.by_piece
    pieces = {text[at : at + piece] for at in range(0, len(text) - piece + 1, like.step)}
    for one in pieces & known.keys():
        yield from known[one]
