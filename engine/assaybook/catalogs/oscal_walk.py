"""Walk an OSCAL document without recursion, knowing where each value stands."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from pydantic import JsonValue

from assaybook.domain.base import Frozen

DEEPEST: Final = 60
_Pairs = list[tuple[str, JsonValue]]


class Fault(Frozen):
    """Something that is wrong: a stable code, a JSON pointer, and a sentence."""

    code: str
    place: str
    reason: str


class UnreadableError(ValueError):
    """The bytes are no JSON document that can be checked."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A value, where it stands, by which key, and in which object.

    The items of a list have the key of the list and the object that holds the list.
    """

    place: str
    key: str
    value: JsonValue
    holder: Mapping[str, JsonValue]


def read(raw: bytes) -> Mapping[str, JsonValue]:
    """Return the object that the bytes hold.

    Raises:
        UnreadableError: they are no JSON object in UTF-8, are nested too deeply, or name a key
            twice, so that two readers could read different things.
    """
    try:
        value: JsonValue = json.loads(
            raw.decode(), object_pairs_hook=_object, parse_constant=_no_number
        )
    except RecursionError as error:
        message = "it is nested too deeply"
        raise UnreadableError(message) from error
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(value, dict):
        message = "it is no JSON object"
        raise UnreadableError(message)
    return value


def _object(pairs: _Pairs) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a key stands twice in one object"
        raise UnreadableError(message)
    return found


def _no_number(name: str) -> JsonValue:
    message = f"{name} is no number of JSON"
    raise UnreadableError(message)


def walk(document: Mapping[str, JsonValue]) -> Iterator[Spot]:
    """Yield every value below the root, in the order of the document.

    Raises:
        UnreadableError: the document is nested too deeply.
    """
    stack = [_spots("", document)]
    while stack:
        spot = next(stack[-1], None)
        if spot is None:
            stack.pop()
            continue
        yield spot
        if len(stack) > DEEPEST:
            message = "it is nested too deeply"
            raise UnreadableError(message)
        if isinstance(spot.value, dict):
            stack.append(_spots(spot.place, spot.value))
        elif isinstance(spot.value, list):
            stack.append(_items(spot))


def _spots(place: str, holder: Mapping[str, JsonValue]) -> Iterator[Spot]:
    for key, value in holder.items():
        step = key.replace("~", "~0").replace("/", "~1")
        yield Spot(f"{place}/{step}", key, value, holder)


def _items(spot: Spot) -> Iterator[Spot]:
    for number, value in enumerate(cast("list[JsonValue]", spot.value)):
        yield Spot(f"{spot.place}/{number}", spot.key, value, spot.holder)


def mapping_at(holder: JsonValue | Mapping[str, JsonValue], key: str) -> Mapping[str, JsonValue]:
    """Return the object under a key; an empty one where there is none."""
    found = holder.get(key) if isinstance(holder, Mapping) else None
    return found if isinstance(found, dict) else {}


def listed(holder: JsonValue | Mapping[str, JsonValue], key: str) -> list[Mapping[str, JsonValue]]:
    """Return the objects of the list under a key; what is no object is left out."""
    found = holder.get(key) if isinstance(holder, Mapping) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text_at(holder: JsonValue | Mapping[str, JsonValue], key: str) -> str:
    """Return the text under a key; an empty one where there is none."""
    found = holder.get(key) if isinstance(holder, Mapping) else None
    return found if isinstance(found, str) else ""
