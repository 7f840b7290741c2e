"""Instants as people write them who were not told how: what each of them meant, as a hint."""

import re
from contextlib import suppress
from datetime import date
from typing import Final

_DAY: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?P<rest>.*)"
)
_DOTTED: Final = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})")
_SLASHED: Final = re.compile(r"[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}")
_TIME: Final = re.compile(r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")


def meant_instant(written: str) -> str:
    """Return how a day or a time without a zone is written as an instant, as a hint.

    Which of two numbers between slashes is the month, nobody knows; nothing for another text.
    """
    if _SLASHED.fullmatch(written):
        return 'Write the year, the month and the day in this order: "2027-12-31T00:00:00Z".'
    found = _DAY.fullmatch(written) or _DOTTED.fullmatch(written)
    if found is None:
        return ""
    day = None
    with suppress(ValueError):
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    if day is None:
        return "There is no such day."
    rest = found.groupdict().get("rest") or ""
    if not rest:
        return f'Write "{day}T00:00:00Z".'
    if _TIME.fullmatch(rest):
        return f'Write "{day}T{rest[1:]}Z" if that is UTC, or its distance from it: +01:00.'
    return ""
