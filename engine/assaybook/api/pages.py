"""Pages of what is in memory, and ETags of what never changes under one name."""

from collections.abc import Sequence
from typing import TypeVar

from fastapi import Response

from assaybook.domain.errors import UsageError

_Item = TypeVar("_Item")


def listed(
    known: Sequence[tuple[str, _Item]], *, after: str | None, limit: int
) -> tuple[tuple[_Item, ...], str | None]:
    """Return a page of items under their keys, and the cursor of what follows.

    Raises:
        UsageError: ``cursor-invalid``.
    """
    keys = [key for key, _item in known]
    if after is not None and after not in keys:
        raise UsageError("cursor-invalid", "this is no cursor of this listing")
    start = 0 if after is None else keys.index(after) + 1
    page = known[start : start + limit]
    more = start + limit < len(known)
    return tuple(item for _key, item in page), page[-1][0] if more else None


def matches(condition: str | None, tag: str) -> bool:
    """Tell whether a caller has what an ETag names."""
    if condition is None:
        return False
    named = [one.strip().removeprefix("W/") for one in condition.split(",")]
    return "*" in named or tag in named


def unchanged(tag: str) -> Response:
    """Return the answer to a caller who has it already."""
    return Response(status_code=304, headers={"ETag": tag})
