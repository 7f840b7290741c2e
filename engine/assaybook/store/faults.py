"""What a database says when it cannot, in words and codes of ours."""

from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from assaybook.domain.errors import OperatorError

_Fault = tuple[str, str, str]
_LOCKED: Final[_Fault] = (
    "database-locked",
    "another program is writing and did not finish in time",
    "Try again; if it stays so, look for a command or server that hangs.",
)
_READ_ONLY: Final[_Fault] = (
    "database-read-only",
    "the database cannot be written to",
    "Give this user the right to write to it and, for a file, to its folder.",
)
_FULL: Final[_Fault] = (
    "database-full",
    "there is no room to write: the disk, the quota or the size limit is used up",
    "Make room and repeat the command; nothing of it was recorded.",
)
_MISSING: Final[_Fault] = (
    "database-missing",
    "the database is not there, or its file can neither be opened nor made",
    "Name another place in ASSAY_DATABASE, or let this user write to its folder.",
)
_READ_ALL_THE_SAME: Final = (
    "Let this user write to its folder. A copy that nobody writes to can be read all the same:"
    " sqlite:///file:/PATH/assay.db?immutable=1&uri=true"
)
_SHUT: Final[_Fault] = (
    "database-read-only",
    "the file is there but cannot be opened: SQLite writes files beside it, also to read",
    _READ_ALL_THE_SAME,
)
_DAMAGED: Final[_Fault] = (
    "database-damaged",
    "the file is no database, or it is damaged",
    "Name the right file in ASSAY_DATABASE, or restore it from a backup.",
)
_IMMUTABLE: Final[_Fault] = (
    "record-immutable",
    "recorded rows are never changed or removed",
    "Record a new version instead.",
)
_REFUSED: Final[_Fault] = (
    "database-refused",
    "the server refuses this user or password, or the user lacks a right",
    "Mend the user and password in ASSAY_DATABASE, or grant the rights.",
)
_UNREACHABLE: Final[_Fault] = (
    "database-unreachable",
    "no database server answers",
    "Start the server, or mend the address in ASSAY_DATABASE.",
)
_NOT_READY: Final[_Fault] = (
    "database-not-ready",
    "the database lacks tables of this version",
    "Run: assay db upgrade",
)
_UNKNOWN: Final[_Fault] = (
    "database-failed",
    "the database failed",
    "Look into the database's own log; nothing of this command was recorded.",
)

_SQLITE: Final[tuple[tuple[str, _Fault], ...]] = (
    ("SQLITE_BUSY", _LOCKED),
    ("SQLITE_LOCKED", _LOCKED),
    ("SQLITE_READONLY", _READ_ONLY),
    ("SQLITE_FULL", _FULL),
    ("SQLITE_IOERR_WRITE", _FULL),
    ("SQLITE_IOERR_FSYNC", _FULL),
    ("SQLITE_IOERR_SHMSIZE", _FULL),
    ("SQLITE_TOOBIG", _FULL),
    ("SQLITE_CANTOPEN", _MISSING),
    ("SQLITE_CORRUPT", _DAMAGED),
    ("SQLITE_NOTADB", _DAMAGED),
    ("SQLITE_CONSTRAINT_TRIGGER", _IMMUTABLE),
)
_POSTGRESQL: Final[tuple[tuple[str, _Fault], ...]] = (
    ("55P03", _LOCKED),
    ("57014", _LOCKED),
    ("25006", _READ_ONLY),
    ("53100", _FULL),
    ("3D000", _MISSING),
    ("42P01", _NOT_READY),
    ("42703", _NOT_READY),
    ("23001", _IMMUTABLE),
    ("42501", _REFUSED),
    ("28", _REFUSED),
    ("08", _UNREACHABLE),
    ("57P", _UNREACHABLE),
    ("XX001", _DAMAGED),
)


def place_of(url: URL) -> str:
    """Return what errors call a database: the file, or the address without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    return url.render_as_string(hide_password=True)


def spoken_fault(error: SQLAlchemyError, url: URL) -> OperatorError:
    """Return the error of ours for one of the database library."""
    code, message, hint = _fault(error)
    if code == _MISSING[0] and _is_there(url):
        code, message, hint = _SHUT
    if (code, message) == _UNKNOWN[:2]:
        message = f"{message}: {_own_words(error)}"
    return OperatorError(code, message, where=place_of(url), hint=hint)


def _is_there(url: URL) -> bool:
    named = url.database or ""
    return url.get_backend_name() == "sqlite" and Path(named.removeprefix("file:")).is_file()


def _fault(error: SQLAlchemyError) -> _Fault:
    if not isinstance(error, DBAPIError):
        return _UNKNOWN
    cause = error.orig
    name = getattr(cause, "sqlite_errorname", None)
    if isinstance(name, str):
        if "no such table" in str(cause) or "no such column" in str(cause):
            return _NOT_READY
        return _first(name, _SQLITE) or _UNKNOWN
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return _first(state, _POSTGRESQL) or _UNKNOWN
    return _at_the_door(cause)


def _at_the_door(cause: BaseException | None) -> _Fault:
    # A server that cannot be reached, or that refuses at the door, lends no state. Its own words
    # come in the language of the server, so only the last resort reads them.
    said = str(cause)
    if 'database "' in said and "does not exist" in said:
        return _MISSING
    if "password" in said or 'role "' in said:
        return _REFUSED
    return _UNREACHABLE if type(cause).__name__ == "OperationalError" else _UNKNOWN


def _first(word: str, table: tuple[tuple[str, _Fault], ...]) -> _Fault | None:
    return next((fault for start, fault in table if word.startswith(start)), None)


def _own_words(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    lines = str(cause).splitlines() or [type(error).__name__]
    return lines[0]
