"""Systems and releases of a server, as those of the store: registered, listed, shown."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from pydantic import JsonValue

from assaybook.domain.record import record
from assaybook.domain.subject import Release, System
from assaybook.service.register_system import SystemShown, in_order
from assaybook.service.remote_answers import items_of, object_of, page_at, record_of
from assaybook.service.remote_line import Line, asked
from assaybook.store.paging import Page
from assaybook.store.subjects import ReleaseRecord, SystemRecord

_CREATED: Final = 201


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
        record = record_of(line, SystemRecord, object_of(line, told))
    done: dict[str, ReleaseRecord] = {}
    for one in in_order(releases):
        at = f"{path}/releases/{quote(one.version, safe='')}"
        told = asked(line, "PUT", at, json=_wanted(one, "version", reason))
        new += told.status == _CREATED
        done[one.version] = record_of(line, ReleaseRecord, object_of(line, told))
    return Registered(record, tuple(done[one.version] for one in releases), new)


def systems_at(line: Line, *, after: str | None, limit: int) -> Page[SystemRecord]:
    """Return the systems that the key may see, in order of id.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    return page_at(line, "/v1/systems", SystemRecord, {"limit": str(limit), "cursor": after})


def system_at(line: Line, system: str) -> SystemShown:
    """Return a system with the history of its record and its releases.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    path = _path(system)
    record = record_of(line, SystemRecord, object_of(line, asked(line, "GET", path)))
    history = object_of(line, asked(line, "GET", f"{path}/history"))
    releases = object_of(line, asked(line, "GET", f"{path}/releases"))
    return SystemShown(
        record=record,
        history=tuple(record_of(line, SystemRecord, one) for one in items_of(line, history)),
        releases=tuple(record_of(line, ReleaseRecord, one) for one in items_of(line, releases)),
    )


def _path(system: str) -> str:
    return f"/v1/systems/{quote(system, safe='')}"


def _wanted(one: System | Release, name: str, reason: str) -> dict[str, JsonValue]:
    """Return the body of a record; its ``name`` is in the path."""
    said = {"reason": reason} if reason else {}
    return one.model_dump(mode="json", exclude={name}, exclude_defaults=True) | said
