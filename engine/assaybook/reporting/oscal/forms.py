"""The forms of single values: UUIDs, tokens, times, digests, properties, and closed lists of words.

Source: NIST OSCAL 1.2.1, JSON data types and allowed values.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from assaybook.catalogs.oscal_walk import Fault, Spot, text_at
from assaybook.domain.oscal import VERSION

_UUID: Final = re.compile(
    r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}"
)
_TOKEN: Final = re.compile(r"[^\W\d][\w.-]*")
_STRING: Final = re.compile(r"\S(.*\S)?")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_HEX: Final = re.compile(r"[0-9a-f]+")
TIMES: Final = frozenset(
    {"last-modified", "published", "collected", "expires", "start", "end", "deadline"}
)
_TOKENS: Final = frozenset(
    {"id", "role-id", "control-id", "objective-id", "target-id", "param-id", "class", "group"}
)
_LINES: Final = frozenset({"title", "version", "scheme", "identifier", "rel", "media-type"})
_HEX_DIGITS: Final[Mapping[str, int]] = {
    "SHA-224": 56,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-224": 56,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
}
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "methods": frozenset({"EXAMINE", "INTERVIEW", "TEST", "UNKNOWN"}),
    "lifecycle": frozenset({"recommendation", "planned", "completed"}),
    "status-change": frozenset(
        {
            "open",
            "investigating",
            "remediating",
            "deviation-requested",
            "deviation-approved",
            "closed",
        }
    ),
    "state": frozenset(
        {
            "satisfied",
            "not-satisfied",
            "under-development",
            "operational",
            "disposition",
            "other",
        }
    ),
}


def form_faults(spot: Spot) -> Iterator[Fault]:
    """Yield what is wrong with one value by itself."""
    value = spot.value
    if value is None or value in ("", [], {}):
        # ``include-all`` is an object without anything in it.
        if spot.key != "include-all":
            yield Fault(code="oscal-empty", place=spot.place, reason="an empty value is left out")
        return
    if isinstance(value, str):
        for check in (_uuid, _time, _token, _line, _word):
            yield from check(spot, value)
        if spot.key == "oscal-version" and value != VERSION:
            reason = f"{value!r} is not {VERSION}, the version that is checked"
            yield Fault(code="oscal-version", place=spot.place, reason=reason)
    elif isinstance(value, dict):
        for held, look in _OBJECTS.items():
            if spot.key == held:
                yield from look(spot.place, value)


def _uuid(spot: Spot, value: str) -> Iterator[Fault]:
    named = spot.key == "uuid" or spot.key.endswith(("-uuid", "-uuids"))
    if named and not _UUID.fullmatch(value):
        reason = f"{value!r} is no UUID of version 4 or 5"
        yield Fault(code="oscal-uuid-form", place=spot.place, reason=reason)


def _time(spot: Spot, value: str) -> Iterator[Fault]:
    if spot.key in TIMES and instant(value) is None:
        reason = f"{value!r} is no instant with a time zone"
        yield Fault(code="oscal-time-form", place=spot.place, reason=reason)


def instant(value: str) -> datetime | None:
    """Return the instant that a text gives; None where it gives none, or no time zone."""
    if not _TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _token(spot: Spot, value: str) -> Iterator[Fault]:
    # The id of a system is a text of somebody else's.
    foreign = spot.key == "id" and "identifier-type" in spot.holder
    if spot.key in _TOKENS and not foreign and not _TOKEN.fullmatch(value):
        reason = f"{value!r} is no token: a letter or _, then letters, digits, '.', '_' and '-'"
        yield Fault(code="oscal-token-form", place=spot.place, reason=reason)


def _line(spot: Spot, value: str) -> Iterator[Fault]:
    if spot.key in _LINES and not _STRING.fullmatch(value):
        reason = "it must be one line without blanks at its ends"
        yield Fault(code="oscal-text-form", place=spot.place, reason=reason)


def _word(spot: Spot, value: str) -> Iterator[Fault]:
    known = _WORDS.get(spot.key)
    if known is not None and value not in known:
        reason = f"{value!r} is not one of {', '.join(sorted(known))}"
        yield Fault(code="oscal-word", place=spot.place, reason=reason)


def _prop(place: str, prop: Mapping[str, JsonValue]) -> Iterator[Fault]:
    name, value, space = (text_at(prop, key) for key in ("name", "value", "ns"))
    if not _TOKEN.fullmatch(name):
        yield Fault(code="oscal-prop-form", place=place, reason=f"the name {name!r} is no token")
    if not _STRING.fullmatch(value):
        reason = "the value must be one line without blanks at its ends"
        yield Fault(code="oscal-prop-form", place=place, reason=reason)
    if "ns" in prop and not _URI.fullmatch(space):
        reason = f"the namespace {space!r} is no absolute URI"
        yield Fault(code="oscal-prop-form", place=place, reason=reason)


def _hash(place: str, given: Mapping[str, JsonValue]) -> Iterator[Fault]:
    algorithm, value = text_at(given, "algorithm"), text_at(given, "value")
    digits = _HEX_DIGITS.get(algorithm)
    if digits is None:
        reason = f"the algorithm {algorithm!r} is not known"
        yield Fault(code="oscal-digest-form", place=place, reason=reason)
    elif len(value) != digits or not _HEX.fullmatch(value):
        reason = f"{algorithm} has {digits} lower-case hex digits, and {value[:80]!r} has not"
        yield Fault(code="oscal-digest-form", place=place, reason=reason)


def _embedded(place: str, given: Mapping[str, JsonValue]) -> Iterator[Fault]:
    if unpacked(given) is None:
        yield Fault(code="oscal-base64-form", place=place, reason="the value is no Base64")


def unpacked(given: Mapping[str, JsonValue]) -> bytes | None:
    """Return the bytes that stand in Base64 inside a resource; None where they are none."""
    try:
        return base64.b64decode(text_at(given, "value"), validate=True)
    except ValueError:
        return None


_OBJECTS: Final[Mapping[str, Callable[[str, Mapping[str, JsonValue]], Iterator[Fault]]]] = {
    "props": _prop,
    "hashes": _hash,
    "base64": _embedded,
}
