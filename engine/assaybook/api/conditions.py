"""ETags of records that change, and the conditions that a caller may set on them."""

from typing import Annotated, Final

from fastapi import Header

from assaybook.domain.errors import UsageError

IfMatch = Annotated[
    str | None,
    Header(
        max_length=500,
        description="Change it only if its ETag is this one; `*` for any that is there.",
    ),
]
_ANY: Final = "*"


def etag(version: int, digest: str) -> str:
    """Return the ETag of one version of a record."""
    return f'"{version}-{digest.rpartition(":")[2][:16]}"'


def expect(condition: str | None, current: str | None, what: str) -> None:
    """Refuse a change of what is not, or no longer, what the caller saw.

    ``current`` is the ETag of what is there; None where there is nothing.

    Raises:
        UsageError: ``version-conflict``.
    """
    if condition is None:
        return
    named = [one.strip() for one in condition.split(",")]
    if current is not None and (_ANY in named or current in named):
        return
    raise UsageError(
        "version-conflict",
        f"{what} is {'not there' if current is None else 'not what If-Match names'}",
        hint="Read it again, and repeat the change on what is there now.",
    )
