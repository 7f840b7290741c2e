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
_PART: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})(ns|us|ms|[wdhms])")
_LONGEST: Final = (2**63 - 1) // 1000
"""Microseconds that CEL's 64-bit count of nanoseconds can hold."""
_LONGEST_TEXT: Final = 200
_QUOTED: Final = 40
_WORDS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def read_duration(text: str) -> timedelta:
    """Return the length of time that a text such as ``90d``, ``1h30m`` or ``-1.5s`` states.

    Units are those of CEL (h, m, s, ms, us, ns) and d (24 hours) and w (7 days); 0 needs none.

    Raises:
        ValueError: it is no length of time, finer than a microsecond, or beyond 292 years.
    """
    sign, body = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    parts = _PART.findall(body) if len(body) <= _LONGEST_TEXT else []
    if body != "0" and (not parts or "".join(map("".join, parts)) != body):
        message = f"{text[:_QUOTED]!r} is no length of time"
        raise ValueError(message)
    micros = sum((Decimal(number) * _UNITS[unit] for number, unit in parts), Decimal())
    if micros != micros.to_integral_value():
        message = f"{text[:_QUOTED]!r} is finer than a microsecond"
        raise ValueError(message)
    if micros > _LONGEST:
        message = f"{text[:_QUOTED]!r} is beyond 292 years"
        raise ValueError(message)
    return timedelta(microseconds=sign * int(micros))


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
