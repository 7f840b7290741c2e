"""Durations as policies write them: ``90d``, ``12h``, ``2w``, ``1d12h``."""

import re
from datetime import timedelta
from typing import Final

LONGEST: Final = timedelta(days=36_500)
PATTERN: Final = r"^(?=[0-9])([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"
_PARTS: Final = re.compile(PATTERN)
_UNITS: Final = ("weeks", "days", "hours", "minutes", "seconds")
_DIGITS: Final = 12
_SPOKEN: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def read_duration(text: str) -> timedelta | None:
    """Return what a text such as ``90d`` says, in weeks, days, hours, minutes (m) and seconds.

    None where it is no duration, is zero, or is longer than a hundred years.
    """
    found = _PARTS.fullmatch(text) if len(text) <= _DIGITS * len(_UNITS) else None
    if found is None:
        return None
    counts = {
        unit: int((part or "0x")[:-1]) for unit, part in zip(_UNITS, found.groups(), strict=True)
    }
    if any(count > LONGEST.total_seconds() for count in counts.values()):
        return None
    length = timedelta(**counts)
    return length if timedelta(0) < length <= LONGEST else None


def spoken_duration(length: timedelta) -> str:
    """Return a duration in words: ``90 days``, ``1 day 12 hours``."""
    left = round(length.total_seconds())
    parts: list[str] = []
    for seconds, unit in _SPOKEN:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts) or "0 seconds"


def written_duration(length: timedelta) -> str:
    """Return the short form of a duration: ``90d``, ``1d12h``."""
    left = round(length.total_seconds())
    parts: list[str] = []
    for seconds, unit in _SPOKEN:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit[0]}")
    return "".join(parts) or "0s"
