"""Parsed values, and careful ways to look into them: nothing here raises for an odd shape."""

import hashlib
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

Unusable: TypeAlias = Literal["unit", "redacted", "malformed"]
"""Why a document has a value that cannot be used."""

MAX_INTEGER: Final = 2**53 - 1
_SHORT: Final = 2_000
LONGEST_PASSAGE: Final = 20_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_DATE_AND_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")
_LONG_FRACTION: Final = re.compile(r"(\.[0-9]{6})[0-9]+")
_NOT_A_WORD: Final = re.compile(r"[^A-Za-z0-9_.:-]+")


def mapping(value: Json) -> dict[str, Json]:
    """Return a mapping, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Json) -> list[Json]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def word(value: Json) -> str | None:
    """Return a text that is not blank, without outer space and at most 2,000 characters long."""
    if not isinstance(value, str):
        return None
    said = value.strip()
    return short(said) if len(said) > _SHORT else said or None


def label(value: Json) -> str | None:
    """Return a name or version as text, be it written as text or as a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return short(str(value))
    return word(value)


def short(text: str) -> str:
    """Return a text of at most 2,000 characters; a longer one ends in its digest."""
    if len(text) <= _SHORT:
        return text
    return f"{text[:1900]}… {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def passage(text: str) -> str:
    """Return a text of at most 20,000 characters."""
    return text if len(text) <= LONGEST_PASSAGE else f"{text[: LONGEST_PASSAGE - 1]}…"


def told_apart(names: Iterable[str]) -> list[str]:
    """Return names of which no two are equal: a second ``a`` is ``a#2``."""
    found: dict[str, None] = {}
    times: dict[str, int] = {}
    for name in names:
        own = name
        while own in found:
            times[name] = times.get(name, 1) + 1
            own = f"{name}#{times[name]}"
        found[own] = None
    return list(found)


def number(value: Json) -> float | None:
    """Return a finite number, be it a number or the text of one (YAML, CSV, CycloneDX)."""
    if type(value) is float:
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            return None
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def count(value: Json) -> int | None:
    """Return a whole number from 0 to 2**53 - 1; 318.0 is one, as tables write it."""
    if type(value) is int:  # a truth value is none
        return value if 0 <= value <= MAX_INTEGER else None
    found = number(value)
    if found is None or found < 0 or found > MAX_INTEGER or found != int(found):
        return None
    return int(found)


def flag(value: Json) -> bool | None:
    """Return a boolean, and None for anything else."""
    return value if isinstance(value, bool) else None


def unusable(field: str, reason: Unusable | None) -> dict[str, Unusable]:
    """Return the ``unknown`` of a fact of which one field cannot be used, if there is a reason."""
    return {} if reason is None else {field: reason}


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a place."""
    plain = "/".join(["", *map(str, parts)])
    if "~" in plain or plain.count("/") > len(parts):
        steps = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
        plain = "".join(f"/{step}" for step in steps)
    return short(plain)


def question_word(text: str) -> str:
    """Return a word that can stand after the slash of a coverage question."""
    return _NOT_A_WORD.sub("_", text).strip("_")[:200] or "unnamed"


def instant(value: Json) -> datetime | None:
    """Return the instant of an ISO 8601 text that states its zone; without a zone it is none."""
    if not isinstance(value, str) or not _DATE_AND_TIME.match(value.strip()):
        return None
    try:
        found = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", value.strip()))
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def lacks_zone(value: Json) -> bool:
    """Tell whether a text is a date and time that does not say its zone."""
    if not isinstance(value, str) or instant(value) is not None:
        return False
    return bool(_DATE_AND_TIME.match(value.strip()))


def epoch_ms(value: Json) -> datetime | None:
    """Return the instant of a count of milliseconds since 1970; zero means that none was set."""
    found = count(value)
    if not found:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=found)
    except OverflowError:
        return None
