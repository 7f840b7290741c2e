"""What this installation has, what is missing, and how to get it."""

import ctypes.util
import sys
from dataclasses import replace
from typing import Final, Literal

from assaybook.domain.errors import AssayError
from assaybook.domain.record import record
from assaybook.shelf import Shelf, shelf

State = Literal["ok", "missing", "broken"]
LEAST_PYTHON: Final = (3, 11)
_PATIENCE_SECONDS: Final = 5.0
_PANGO: Final = (
    "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0"
    " (Fedora: dnf install pango; macOS: brew install pango)"
)
_LIBRARIES: Final = ("pango-1.0", "pangoft2-1.0")
_SHELVES: Final[tuple[Shelf, ...]] = ("policies", "controls", "templates", "examples")


@record
class Check:
    """One thing that the product needs; ``remedy`` is empty where it is there."""

    what: str
    state: State
    detail: str
    remedy: str = ""


def examine(database: str) -> tuple[Check, ...]:
    """Look at the interpreter, the PDF libraries, the shipped data and the database."""
    return (*_here(), _database(database))


def examine_line(server: str, key: str | None) -> tuple[Check, ...]:
    """Look at the same, and in place of the database at the server that one would speak to."""
    return (*_here(), _server(server, key))


def _here() -> tuple[Check, ...]:
    return (_python(), *map(_library, _LIBRARIES), *map(_shelf, _SHELVES))


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= LEAST_PYTHON:
        return Check("Python", "ok", found)
    return Check("Python", "broken", found, "Install Python 3.11 or newer.")


def _library(name: str) -> Check:
    found = ctypes.util.find_library(name)
    what = f"lib{name} (PDF)"
    if found:
        return Check(what, "ok", found)
    return Check(what, "missing", "without it no PDF can be written", _PANGO)


def _shelf(name: Shelf) -> Check:
    try:
        count = sum(1 for _entry in shelf(name).iterdir())
    except AssayError as error:
        return Check(name, "missing", error.message, error.hint)
    return Check(name, "ok", f"{count} entries")


def _server(url: str, key: str | None) -> Check:
    """Tell whether a server can serve, and knows the key: what a pipeline meets first."""
    from assaybook.service.remote_line import asked, connected, server_at

    try:
        place = server_at(url, key, _quiet)
        with connected(replace(place, patience_seconds=_PATIENCE_SECONDS)) as line:
            asked(line, "GET", "/v1/ready")
            asked(line, "GET", "/v1/systems", params={"limit": 1})
    except AssayError as error:
        return Check("server", "broken", error.message, error.hint)
    return Check("server", "ok", f"{place.url}: ready, and it knows the key")


def _quiet(words: str) -> None:
    del words


def _database(url: str) -> Check:
    from assaybook.service.store_access import database_status
    from assaybook.store.schema import SchemaState

    try:
        status = database_status(url)
    except AssayError as error:
        if error.code == "database-missing":  # nothing was recorded yet, as after an installation
            return Check("database", "ok", "none yet; assay system add FILE makes it")
        return Check("database", "broken", error.message, error.hint)
    found = f"{status.database}: {status.state.value}"
    if status.state is SchemaState.CURRENT:
        return Check("database", "ok", found)
    newer = status.state is SchemaState.NEWER
    remedy = "Install a newer Assaybook." if newer else "Run: assay db upgrade"
    return Check("database", "broken", found, remedy)
