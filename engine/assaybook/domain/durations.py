"""Lengths of time: read from text, and said in words."""

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

_UNITS: Final[Mapping[str, Decimal]] = {
    "w": Decimal(604_800_000_000),
    "d": Decimal(86_400_000_000),
    "h": Decimal(3_600_000_000),
    "m": Decimal(60_000_000),
    "s": Decimal(1_000_000),
    "ms": Decimal(1_000),
    "us": Decimal(1),
    "ns": Decimal("0.001"),
}
"""Microseconds of each unit."""
_PART: Final = re.compile(r"([0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(ns|us|ms|[wdhms])")
_WORDS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def read_duration(text: str) -> timedelta:
    """Return the length of time that a text such as ``90d``, ``1h30m`` or ``-1.5s`` states.

    Units are those of CEL (h, m, s, ms, us, ns) and d (24 hours) and w (7 days); 0 needs none.
    Parts under a microsecond are cut off.

    Raises:
        ValueError: it is no length of time, or beyond 270,000 years.
    """
    sign, body = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if body == "0":
        return timedelta()
    total, at = Decimal(), 0
    while at < len(body):
        found = _PART.match(body, at)
        if found is None:
            break
        total += Decimal(found[1]) * _UNITS[found[2]]
        at = found.end()
    if at == 0 or at < len(body):
        message = f"{text!r} is no length of time"
        raise ValueError(message)
    try:
        return timedelta(microseconds=sign * int(total))
    except OverflowError as error:
        message = f"{text!r} is beyond what a length of time can be"
        raise ValueError(message) from error


def duration_words(length: timedelta) -> str:
    """Return a length of time in English: ``90 days``, ``1 hour and 30 minutes``."""
    rest = abs(length)
    seconds = rest.days * 86_400 + rest.seconds
    parts: list[str] = []
    for name, size in _WORDS:
        count, seconds = divmod(seconds, size)
        if name == "second" and rest.microseconds:
            exact = Decimal(count) + Decimal(rest.microseconds) / 1_000_000
            parts.append(f"{exact.normalize():f} seconds")
        elif count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    *firsts, last = parts or ["0 seconds"]
    words = f"{', '.join(firsts)} and {last}" if firsts else last
    return f"minus {words}" if length < timedelta() else words
