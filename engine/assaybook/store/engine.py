"""Connections to SQLite and PostgreSQL, set so that what is acknowledged is on the disk."""

from contextlib import closing, suppress
from pathlib import Path
from sqlite3 import SQLITE_BUSY, OperationalError
from time import monotonic, sleep
from typing import Final, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from assaybook.domain.errors import OperatorError
from assaybook.store.faults import place_of

Database: TypeAlias = Engine
"""An opened database, for those above who do not speak SQL."""
READS: Final = "assay_reads"
"""Execution option of a connection that will only read."""
WAIT_SECONDS: Final = 10.0
"""How long a writer waits for another before it gives up with ``database-locked``."""
_PAUSE: Final = 0.01
"""Seconds between two tries of what SQLite refuses without a wait."""
_WRITERS: Final = 4_162_573_911
"""Key of the advisory lock that all writers of one PostgreSQL database take in turn."""
_PAGES: Final = 4000
"""Pages of the write-ahead log, of 4 KB, before SQLite takes them over into the file itself: those
that are written again and again, as indexes are, are then taken over once."""
_FORMS: Final = "Write sqlite:///path/to/file.db or postgresql+psycopg://user@server/name."
_SETTING: Final = "the database URL"


def open_engine(database: str, *, wait_seconds: float = WAIT_SECONDS) -> Engine:
    """Return an engine for a database URL; nothing is connected to yet.

    Raises:
        OperatorError: ``setting-invalid`` where the URL is of no database that can be used,
            ``database-driver-missing`` where PostgreSQL's driver is not installed.
    """
    url = _checked(database)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": wait_seconds})

        def set_up(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
            del record
            _set_up_sqlite(connection, wait_seconds)

        event.listen(engine, "connect", set_up)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError as error:
        raise OperatorError(
            "database-driver-missing",
            "PostgreSQL's driver is not installed",
            where=_SETTING,
            hint='Run: pip install "assaybook[postgres]"',
        ) from error

    def begin(connection: Connection) -> None:
        _begin_postgresql(connection, wait_seconds)

    event.listen(engine, "begin", begin)
    return engine


def is_sqlite(engine: Engine) -> bool:
    """Tell whether the database is a file of SQLite."""
    return engine.dialect.name == "sqlite"


def file_of(engine: Engine) -> Path | None:
    """Return the file of a SQLite database, or None where it is on a server."""
    name = engine.url.database
    if not is_sqlite(engine) or name is None:
        return None
    return Path(name.removeprefix("file:"))


def make_file(engine: Engine) -> None:
    """Make the file of a SQLite database that is not there yet, for nobody but its owner to read.

    What stands beside it while it is open, as its write-ahead log, gets the same permissions. Who
    may read a file that is there already is its owner's business, as is one named as a URI.
    """
    file, named = file_of(engine), engine.url.database or ""
    if file is not None and not named.startswith("file:"):
        with suppress(OSError):  # that it is there, or cannot be made: SQLite says so in its words
            file.touch(mode=0o600, exist_ok=False)


def take_over(engine: Engine) -> None:
    """Move what SQLite's write-ahead log holds into the file, as far as nobody is held up by it.

    What fails here fails again where a writer does it, and is told there.
    """
    with suppress(SQLAlchemyError, engine.dialect.loaded_dbapi.Error):
        held = engine.raw_connection()
        try:
            with closing(held.cursor()) as cursor:
                cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
                cursor.fetchall()
        finally:
            held.close()


def _checked(database: str) -> URL:
    try:
        url = make_url(database)
        known = url.get_backend_name() in {"sqlite", "postgresql"} and bool(url.get_dialect())
    except (ArgumentError, NoSuchModuleError, ValueError):
        known, url = False, None
    if not known or url is None:
        raise OperatorError(
            "setting-invalid", "the value is no database URL", where=_SETTING, hint=_FORMS
        )
    if url.get_backend_name() == "sqlite":
        return _checked_file(url)
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    return url


def _checked_file(url: URL) -> URL:
    if not url.database or ":memory:" in url.database or url.query.get("mode") == "memory":
        raise OperatorError(
            "setting-invalid",
            "a database in memory would lose what it has acknowledged",
            where=_SETTING,
            hint=_FORMS,
        )
    folder = Path(url.database.removeprefix("file:")).parent
    if not folder.is_dir():
        raise OperatorError(
            "database-missing",
            f"there is no folder {str(folder)!r}",
            where=place_of(url),
            hint="Make the folder, or name another place in ASSAY_DATABASE.",
        )
    return url


def _set_up_sqlite(connection: DBAPIConnection, wait_seconds: float) -> None:
    """Make every commit reach the disk, and leave the beginning of transactions to us."""
    connection.isolation_level = None  # pyright: ignore[reportAttributeAccessIssue]
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA recursive_triggers = ON")
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA wal_autocheckpoint = {_PAGES}")
        _write_ahead(cursor, wait_seconds)


def _write_ahead(cursor: DBAPICursor, wait_seconds: float) -> None:
    """Have a write-ahead log, however many open a new file in the same moment.

    Each of them reads how it is and then would write, so SQLite refuses all but one without the
    wait that it keeps elsewhere; those ask again.
    """
    last = monotonic() + wait_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode")
            row = cursor.fetchone()
            if row is None or row[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            if error.sqlite_errorcode & 0xFF != SQLITE_BUSY or monotonic() > last:
                raise
            sleep(_PAUSE)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A writer that began by reading could not wait for another: SQLite refuses it at once.
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection, wait_seconds: float) -> None:
    if connection.get_execution_options().get(READS, False):
        return
    wait = f"{int(wait_seconds * 1000)}ms"
    connection.exec_driver_sql(
        "SELECT set_config('lock_timeout', %s, true), set_config('synchronous_commit', 'on', true)",
        (wait,),
    )
    # Writers take turns, so that the journal is dense and its order is that of the commits.
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_WRITERS,))
