"""Systems and releases of a server, as those of the store: registered, listed, shown."""

import json
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, JsonValue, ValidationError

from assaybook.domain.record import record
from assaybook.domain.subject import Release, System
from assaybook.service.register_system import SystemShown, in_order
from assaybook.service.remote_line import Line, Reply, asked, odd_answer
from assaybook.store.paging import Page
from assaybook.store.subjects import ReleaseRecord, SystemRecord

_CREATED: Final = 201
_Model = TypeVar("_Model", bound=BaseModel)


@record
class Registered:
    """The records that a server holds now, and how many of them are of what it did not know."""

    system: SystemRecord | None
    releases: tuple[ReleaseRecord, ...]
    new: int


def register_at(
    line: Line, system: System, releases: Sequence[Release], *, reason: str, and_system: bool
) -> Registered:
    """Register releases of a system at a server, with ``and_system`` the system itself before.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    path, new, record = _path(system.id), 0, None
    if and_system:
        told = asked(line, "PUT", path, json=_wanted(system, "id", reason))
        new += told.status == _CREATED
        record = _record(line, SystemRecord, _object(line, told))
    done: dict[str, ReleaseRecord] = {}
    for one in in_order(releases):
        at = f"{path}/releases/{quote(one.version, safe='')}"
        told = asked(line, "PUT", at, json=_wanted(one, "version", reason))
        new += told.status == _CREATED
        done[one.version] = _record(line, ReleaseRecord, _object(line, told))
    return Registered(record, tuple(done[one.version] for one in releases), new)


def systems_at(line: Line, *, after: str | None, limit: int) -> Page[SystemRecord]:
    """Return the systems that the key may see, in order of id.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    query = {"limit": str(limit)} | ({} if after is None else {"cursor": after})
    value = _object(line, asked(line, "GET", "/v1/systems", params=query))
    following = value.get("next")
    items = tuple(_record(line, SystemRecord, one) for one in _items(line, value))
    return Page(items=items, next=following if isinstance(following, str) else None)


def system_at(line: Line, system: str) -> SystemShown:
    """Return a system with the history of its record and its releases.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    path = _path(system)
    record = _record(line, SystemRecord, _object(line, asked(line, "GET", path)))
    history = _object(line, asked(line, "GET", f"{path}/history"))
    releases = _object(line, asked(line, "GET", f"{path}/releases"))
    return SystemShown(
        record=record,
        history=tuple(_record(line, SystemRecord, one) for one in _items(line, history)),
        releases=tuple(_record(line, ReleaseRecord, one) for one in _items(line, releases)),
    )


def _path(system: str) -> str:
    return f"/v1/systems/{quote(system, safe='')}"


def _wanted(one: System | Release, name: str, reason: str) -> dict[str, JsonValue]:
    """Return the body of a record; its ``name`` is in the path."""
    said = {"reason": reason} if reason else {}
    return one.model_dump(mode="json", exclude={name}, exclude_defaults=True) | said


def _object(line: Line, reply: Reply) -> dict[str, JsonValue]:
    try:
        value: JsonValue = json.loads(reply.content)
    except ValueError as error:
        raise odd_answer(line, "its answer is no JSON") from error
    if not isinstance(value, dict):
        raise odd_answer(line, "its answer has another shape than is known here")
    return value


def _items(line: Line, value: dict[str, JsonValue]) -> Iterator[dict[str, JsonValue]]:
    found = value.get("items")
    for one in found if isinstance(found, list) else [None]:
        if not isinstance(one, dict):
            raise odd_answer(line, "its list has another shape than is known here")
        yield one


def _record(line: Line, shape: type[_Model], value: dict[str, JsonValue]) -> _Model:
    """Return a record without what a later version of the server adds to it."""
    whole = {key: value[key] for key in shape.model_fields if key in value}
    try:
        return shape.model_validate_json(json.dumps(whole))
    except ValidationError as error:
        raise odd_answer(line, "its record has another shape than is known here") from error
