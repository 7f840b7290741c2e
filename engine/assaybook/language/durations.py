"""Durations as policies write them: ``90d``, ``12h``, ``2w``, ``1d12h``."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Final

LONGEST: Final = timedelta(days=36_500)
PATTERN: Final = r"^(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"
_PARTS: Final = re.compile(PATTERN)
_UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds")
_DIGITS: Final = 12
_SPOKEN: Final = re.compile(
    r"(?P<count>[0-9]{1,4})[ -]?(?P<unit>(year|month|week|day|hour|minute|second)s?|y|mo)"
)
_DAYS: Final = {"year": 365, "y": 365, "month": 30, "mo": 30}
"""Units that are not written, because they have no fixed length."""
_WRITTEN: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def read_duration(text: str) -> timedelta | None:
    """Return what a text such as ``90d`` says, in weeks, days, hours, minutes (m) and seconds.

    None where it is no duration, is zero, or is longer than a hundred years.
    """
    return _read(text) if len(text) <= _DIGITS * len(_UNITS) else None


@lru_cache(maxsize=256)
def _read(text: str) -> timedelta | None:
    found = _PARTS.fullmatch(text)
    if found is None:
        return None
    counts = {
        unit: int((part or "0x")[:-1]) for unit, part in zip(_UNITS, found.groups(), strict=True)
    }
    if any(count > LONGEST.total_seconds() for count in counts.values()):
        return None
    length = timedelta(**counts)
    return length if timedelta(0) < length <= LONGEST else None


def meant_duration(text: object) -> str:
    """Return how a length of time in words is written, as a hint; nothing for another text."""
    found = _SPOKEN.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    if found is None:
        written = isinstance(text, str) and _PARTS.fullmatch(text) is not None
        return (
            f"Write at most {LONGEST.days}d, or never where age does not matter." if written else ""
        )
    days = _DAYS.get(found["unit"].removesuffix("s"))
    if days is None:
        return f"Write {found['count']}{found['unit'][0]}."
    return f"Write {int(found['count']) * days}d."


def written_duration(length: timedelta) -> str:
    """Return the short form of a duration: ``90d``, ``1d12h``."""
    left = round(length.total_seconds())
    parts: list[str] = []
    for seconds, unit in _WRITTEN:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
