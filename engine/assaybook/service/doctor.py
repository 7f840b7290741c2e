"""What this installation has, what is missing, and how to get it."""

import ctypes.util
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from assaybook.domain.errors import AssayError
from assaybook.domain.record import record
from assaybook.shelf import Shelf, shelf

if TYPE_CHECKING:
    from assaybook.store.schema import SchemaStatus

State = Literal["ok", "soon", "missing", "broken"]
LEAST_PYTHON: Final = (3, 11)
_PATIENCE_SECONDS: Final = 5.0
_PANGO: Final = (
    "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0"
    " (Fedora: dnf install pango; macOS: brew install pango)"
)
_LIBRARIES: Final = ("pango-1.0", "pangoft2-1.0")
_SHELVES: Final[tuple[Shelf, ...]] = ("policies", "controls", "templates", "examples")


_LEAST_ROOM: Final = 256 * 1024 * 1024
_MEGABYTE: Final = 1024 * 1024
_SOON: Final = timedelta(days=30)


@record
class Chosen:
    """What an operator has chosen: the database, and what a server reads at its start.

    Attributes:
        database: where everything is kept.
        policies: folders of policies; empty for the shipped library.
        overlays: files, in order.
        scope: a file, or None.
        trust: the persons whose signatures count, or None.
        oidc: the issuers whose pipelines are known, or None.
        keys: the folder of the keys of the log, or None.
    """

    database: str
    policies: tuple[Path, ...] = ()
    overlays: tuple[Path, ...] = ()
    scope: Path | None = None
    trust: Path | None = None
    oidc: Path | None = None
    keys: Path | None = None


@record
class Check:
    """One thing that the product needs; ``remedy`` is empty where it is there."""

    what: str
    state: State
    detail: str
    remedy: str = ""


def examine(chosen: Chosen, clock: Callable[[], datetime]) -> tuple[Check, ...]:
    """Look at the interpreter, the PDF libraries, the shipped data and all that is chosen.

    What is looked at is what a server meets at its start; nothing is recorded.
    """
    return (*_here(), *_database(chosen, clock), *_files(chosen), *_keys(chosen, clock))


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


def _database(chosen: Chosen, clock: Callable[[], datetime]) -> Iterator[Check]:
    from assaybook.service.store_access import adding, database_status
    from assaybook.store.schema import SchemaState

    url = chosen.database
    try:
        if _is_none_yet(url):  # nothing was recorded yet, as after an installation
            yield Check("database", "ok", "none yet; assay system add FILE makes it")
            return
        status = database_status(url)
        if status.state is not SchemaState.CURRENT:
            yield _other_tables(status)
            return
        with adding(url, clock):
            """A turn at writing is asked for, and the clock held against the last record."""
    except AssayError as error:
        yield _broken("database", error)
        return
    yield Check("database", "ok", f"{status.database}: current, and it can be written to")
    yield from _room(url)


def _is_none_yet(url: str) -> bool:
    from assaybook.service.store_access import store_opened
    from assaybook.store.schema import is_missing_file

    with store_opened(url) as engine:
        return is_missing_file(engine)


def _other_tables(status: "SchemaStatus") -> Check:
    newer = status.state == "newer"
    remedy = "Install a newer Assaybook." if newer else "Run: assay db upgrade"
    return Check("database", "broken", f"{status.database}: {status.state.value}", remedy)


def _room(url: str) -> Iterator[Check]:
    """Tell how much room the disk of a file has; that of a server is told where it runs."""
    from assaybook.service.store_access import store_opened
    from assaybook.store.engine import file_of

    with store_opened(url) as engine:
        file = file_of(engine)
    if file is None:
        return
    free = shutil.disk_usage(file.absolute().parent).free
    told = f"{free // _MEGABYTE} MB free"
    if free < _LEAST_ROOM:
        yield Check("room", "broken", told, "Make room: what finds none is refused.")
    else:
        yield Check("room", "ok", told)


def _files(chosen: Chosen) -> Iterator[Check]:
    """Read what a server reads at its start."""
    from assaybook.service.bundles import BundleFiles, read_ruling
    from assaybook.service.oidc import read_issuers
    from assaybook.service.people import read_trust

    bundle = BundleFiles(chosen.policies, (), chosen.overlays, chosen.scope)
    if chosen.policies or chosen.overlays or chosen.scope:
        yield _read("policies of the server", lambda: read_ruling(bundle).bundle.digest)
    if (trust := chosen.trust) is not None:
        yield _read("trusted persons", lambda: f"{len(read_trust(trust).keys)} keys")
    if (oidc := chosen.oidc) is not None:
        yield _read("issuers of tokens", lambda: read_issuers(oidc).told())


def _keys(chosen: Chosen, clock: Callable[[], datetime]) -> Iterator[Check]:
    """Look at the keys of the log, and whether the log is the one that they signed."""
    from assaybook.service.ledger import unlike_none_signed
    from assaybook.service.ledger_keys import read_keys
    from assaybook.service.packs import can_sign
    from assaybook.service.store_access import reading

    if (folder := chosen.keys) is None:
        return
    now = clock()
    what = "keys of the log"
    try:
        keys = read_keys(folder, now)
        ends = min(one.not_after for one in keys.root.current.keys if one.counts_at(now))
        if not _is_none_yet(chosen.database):
            with reading(chosen.database) as store:
                unlike_none_signed(store, folder)
    except AssayError as error:
        yield _broken(what, error)
        return
    told = f"{keys.root.log}: the first ends on {ends:%Y-%m-%d}"
    if ends - now < _SOON:
        yield Check(what, "soon", told, "Replace it: assay ledger keys rotate")
    else:
        yield Check(what, "ok", told)
    if not can_sign():
        remedy = "pip install 'assaybook[sign]'"
        yield Check("signing of packs", "missing", "without it a server makes no pack", remedy)


def _read(what: str, read: Callable[[], str]) -> Check:
    try:
        return Check(what, "ok", read())
    except AssayError as error:
        return _broken(what, error)


def _broken(what: str, error: AssayError) -> Check:
    return Check(what, "broken", str(error), error.hint)
