"""Instants and durations: reading, writing, and what a calendar or a clock says of them.

Source: the CEL language definition and RFC 3339. An instant is kept in UTC between the years 1 and
9999, a duration is at most 292 years, both to the microsecond: what is finer is refused, not cut.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from assaybook.domain import durations
from assaybook.domain.values import Unknown, Value
from assaybook.evaluation.operators import fault, no_overload

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MILLISECOND: Final = timedelta(milliseconds=1)
_INSTANT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_OFFSET: Final = re.compile(r"([+-])?([0-9]{2}):([0-9]{2})")
_DIGITS: Final = 6
_MINUTES_A_DAY: Final = 1_440


def to_timestamp(value: Value) -> Value:
    """Return RFC 3339 text, or seconds since 1970, as an instant."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return read_instant(value)
    if type(value) is not int:
        return no_overload("timestamp", value)
    try:
        return _EPOCH + timedelta(seconds=value)
    except OverflowError:
        return fault("overflow", "the time is beyond the years 1 to 9999")


def read_instant(text: str) -> datetime | Unknown:
    """Return the instant that RFC 3339 text states, to the microsecond."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return fault("conversion", f"{text[:40]!r} is no RFC 3339 time")
    fraction = (found[7] or "").rstrip("0")
    if len(fraction) > _DIGITS:
        return fault("conversion", f"{text[:40]!r} is finer than a microsecond")
    parts = [int(found[place]) for place in range(1, 7)]
    micros = int(fraction.ljust(_DIGITS, "0"))
    ahead = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0))
    try:
        local = datetime(*parts, micros, tzinfo=UTC)  # type: ignore[arg-type,misc]
        return local + ahead if found[8] == "-" else local - ahead
    except (ValueError, OverflowError):
        return fault("conversion", f"{text[:40]!r} is no time of any calendar")


def to_duration(value: Value) -> Value:
    """Return text such as ``1h30m`` or ``90d`` as a duration."""
    if isinstance(value, timedelta):
        return value
    return read_duration(value) if isinstance(value, str) else no_overload("duration", value)


def read_duration(text: str) -> timedelta | Unknown:
    """Return the duration that a text states, in CEL's units, days (d) or weeks (w)."""
    try:
        return durations.read_duration(text)
    except ValueError as error:
        return fault("conversion", str(error))


def written_instant(value: datetime) -> str:
    """Write an instant as RFC 3339 in UTC, with no more digits than it has."""
    plain = value.astimezone(UTC)
    micros = f".{plain.microsecond:06d}".rstrip("0") if plain.microsecond else ""
    return f"{plain.replace(microsecond=0, tzinfo=None).isoformat()}{micros}Z"


def written_duration(value: timedelta) -> str:
    """Write a duration in seconds: ``5400s``, ``-1.5s``."""
    rest = abs(value)
    micros = f".{rest.microseconds:06d}".rstrip("0") if rest.microseconds else ""
    return f"{'-' if value < timedelta() else ''}{rest.days * 86_400 + rest.seconds}{micros}s"


def epoch_seconds(value: datetime) -> int:
    """Return the whole seconds since 1970."""
    return (value - _EPOCH) // _SECOND


def age(as_of: Value, value: Value) -> Value:
    """Return how long before the instant of the assessment a time was."""
    if isinstance(as_of, datetime) and isinstance(value, datetime):
        return as_of - value
    return no_overload("age", value)


@lru_cache(maxsize=64)
def _zone(name: str) -> timezone | ZoneInfo | None:
    offset = _OFFSET.fullmatch(name)
    if offset is None:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            return None
    minutes = int(offset[2]) * 60 + int(offset[3])
    if minutes >= _MINUTES_A_DAY:
        return None
    return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))


def _local(value: datetime, zone: Value) -> datetime | Unknown:
    if not isinstance(zone, str):
        return no_overload("a time zone", zone)
    known = _zone(zone)
    if known is None:
        return fault("conversion", f"there is no time zone {zone[:40]!r}")
    try:
        return value.astimezone(known)
    except OverflowError:
        return fault("overflow", "the local time is beyond the years 1 to 9999")


def _whole(value: timedelta, unit: timedelta) -> int:
    """Cut towards zero, as CEL does."""
    return value // unit if value >= timedelta() else -(-value // unit)


_CALENDAR: Final[Mapping[str, Callable[[datetime], int]]] = {
    "getFullYear": lambda at: at.year,
    "getMonth": lambda at: at.month - 1,
    "getDate": lambda at: at.day,
    "getDayOfMonth": lambda at: at.day - 1,
    "getDayOfWeek": lambda at: at.isoweekday() % 7,
    "getDayOfYear": lambda at: at.timetuple().tm_yday - 1,
    "getHours": lambda at: at.hour,
    "getMinutes": lambda at: at.minute,
    "getSeconds": lambda at: at.second,
    "getMilliseconds": lambda at: at.microsecond // 1000,
}
_CLOCK: Final = {
    "getHours": timedelta(hours=1),
    "getMinutes": timedelta(minutes=1),
    "getSeconds": _SECOND,
    "getMilliseconds": _MILLISECOND,
}
ACCESSORS: Final = tuple(_CALENDAR)
"""The methods that take an instant apart; those of a clock also measure a duration."""


def part_of(accessor: str, value: Value, *zone: Value) -> Value:
    """Return one part of an instant, in UTC or a zone, or a duration whole in one unit."""
    if isinstance(value, datetime):
        local = _local(value, *zone) if zone else value.astimezone(UTC)
        return local if isinstance(local, Unknown) else _CALENDAR[accessor](local)
    if isinstance(value, timedelta) and accessor in _CLOCK and not zone:
        return _whole(value, _CLOCK[accessor])
    return no_overload(accessor, value)
