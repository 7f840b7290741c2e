"""Pages of a listing: so many at a time, and where the next begin."""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError

_Item = TypeVar("_Item")
MOST: Final = 1000
"""No page is longer."""


class Page(Frozen, Generic[_Item]):
    """Some items, and the cursor of those that follow; None where nothing does."""

    items: tuple[_Item, ...]
    next: str | None = None


def page_size(limit: int) -> int:
    """Return how many items a page may have.

    Raises:
        UsageError: ``limit-invalid``, outside 1 to 1000.
    """
    if not 1 <= limit <= MOST:
        raise UsageError("limit-invalid", f"a page has 1 to {MOST} items, not {limit}")
    return limit


def place_in(cursor: str | None) -> int:
    """Return the place in the journal that a cursor names; 0 for none.

    Raises:
        UsageError: ``cursor-invalid``.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):  # noqa: PLR2004 - of a bigint
        raise UsageError(
            "cursor-invalid",
            f"{cursor[:40]!r} is no cursor of this listing",
            hint="Use the one that the page before gave.",
        )
    return int(cursor)


def two_places_in(cursor: str | None) -> tuple[int, int]:
    """Return the place in the journal, and the place in what stands there, that a cursor names.

    Raises:
        UsageError: ``cursor-invalid``.
    """
    if cursor is None:
        return 0, 0
    first, dot, second = cursor.partition(".")
    return place_in(first), place_in(second if dot else "")


def page_of(found: Sequence[tuple[str, _Item]], limit: int) -> Page[_Item]:
    """Return a page of what was found, each with its cursor; ``limit`` and one more were asked."""
    shown = found[:limit]
    return Page(
        items=tuple(item for _cursor, item in shown),
        next=shown[-1][0] if len(found) > limit else None,
    )
