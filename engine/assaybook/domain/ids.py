"""Identifiers, digests and instants, as validated types."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from assaybook.domain.errors import UsageError

PolicyId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+$")]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
SystemId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$")]
_HEX: Final = re.compile(r"(?:sha[0-9]+|md5|blake[0-9a-z]+):[0-9A-Fa-f]+")


HEX_DIGITS: Final[Mapping[str, int]] = {
    "md5": 32,
    "sha1": 40,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
}
"""Digits of a whole digest of each algorithm."""


def canonical_digest(written: str) -> str:
    """Return a digest with its hex digits in lower case, as they are compared."""
    return written.lower() if _HEX.fullmatch(written) else written


Digest = Annotated[
    str,
    Field(pattern=r"^[a-z0-9]+:[A-Za-z0-9+/=_.-]+$", max_length=300),
    AfterValidator(canonical_digest),
]
"""``algorithm:value``; only digests of one algorithm can be compared. Hex is in lower case."""


def _with_a_year(said: object) -> object:
    """Refuse a number: pydantic would take ``2026`` for seconds after the beginning of 1970."""
    if isinstance(said, int | float) or (isinstance(said, str) and said[4:5] != "-"):
        message = "write an instant with its zone, such as 2026-11-21T09:30:00Z"
        raise ValueError(message)
    return said


def _to_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:  # pydantic takes only a ValueError for an answer
        message = "the instant is before the year 1 or after the year 9999 in UTC"
        raise ValueError(message) from error


def person_key(name: str) -> str:
    """Return what two names of one person share, whatever their case and the blanks around them."""
    return name.strip().casefold()


def same_person(one: str, other: str | None) -> bool:
    """Tell whether two names are one person's, whatever the case and the blanks around them."""
    return other is not None and person_key(one) == person_key(other)


Instant = Annotated[
    AwareDatetime,
    Field(strict=False),  # a text that a validator was given is no longer known to be JSON
    BeforeValidator(_with_a_year),
    AfterValidator(_to_utc),
]
"""An aware instant, written out as RFC 3339 does and kept in UTC."""


def read_instant(said: datetime | str, where: str) -> datetime:
    """Return the instant in UTC that somebody gave as a time or as text.

    Raises:
        UsageError: ``instant-invalid``, it has no zone, or is no time at all.
    """
    try:
        instant = said if isinstance(said, datetime) else datetime.fromisoformat(said)
        if instant.utcoffset() is not None:
            return _to_utc(instant)
    except ValueError:
        pass  # it is refused as what has no zone is
    raise UsageError(
        "instant-invalid",
        f"{str(said)!r} is no instant with a time zone",
        where=where,
        hint="Write it like 2026-11-20T00:00:00Z.",
    )


def written(instant: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, with microseconds only where there are any."""
    in_utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return in_utc.isoformat().removesuffix("+00:00") + "Z"
