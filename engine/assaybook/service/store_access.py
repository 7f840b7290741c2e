"""The way of every action to the store: open it, see that its tables fit, read or write."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assaybook.store.engine import Database, open_engine
from assaybook.store.room import give_back, unused_room
from assaybook.store.schema import (
    SchemaStatus,
    is_empty_file,
    is_missing_file,
    refuse_changed_schema,
    refuse_other_schema,
    schema_status,
    upgrade,
)
from assaybook.store.unit_of_work import Clock, Reading, UnitOfWork

if TYPE_CHECKING:
    from assaybook.store.copying import Copied

Tell = Callable[[str], None]
"""Where a word to the person goes; never an answer."""


@contextmanager
def store_opened(database: str) -> Generator[Database]:
    """Open a database by its URL, and let go of it at the end.

    Raises:
        OperatorError: ``setting-invalid``, ``database-missing``, ``database-driver-missing``.
    """
    engine = open_engine(database)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def reading(database: str) -> Generator[Reading]:
    """Open a database to read from it.

    A file that is not there is refused: an empty answer would look like nothing recorded.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    with store_opened(database) as engine:
        refuse_other_schema(schema_status(engine))
        with Reading(engine) as open_reading:
            yield open_reading


@contextmanager
def reading_here(engine: Database) -> Generator[Reading]:
    """Read from a database that is open already, and whose tables may have changed since.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    with Reading(engine) as open_reading:
        refuse_changed_schema(open_reading)
        yield open_reading


@contextmanager
def writing(database: str, clock: Clock, tell: Tell) -> Generator[UnitOfWork]:
    """Open a database for a first unit of work; a new file of SQLite is made, and that is told.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    with store_opened(database) as engine:
        ready(engine, tell)
        with UnitOfWork(engine, clock) as work:
            yield work


@contextmanager
def adding(database: str, clock: Clock) -> Generator[UnitOfWork]:
    """Open a database for one unit of work about what is in it already; none is made.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    with store_opened(database) as engine:
        refuse_other_schema(schema_status(engine))
        with UnitOfWork(engine, clock) as work:
            yield work


def ready(engine: Database, tell: Tell) -> None:
    """See that the tables fit; make them where the file is new or empty, and tell it.

    Raises:
        OperatorError: ``database-newer``, ``database-not-ready``, or what keeps it from being made.
    """
    if is_missing_file(engine) or is_empty_file(engine):
        upgrade(engine)
        tell(f"made the database {schema_status(engine).database}")
    else:
        refuse_other_schema(schema_status(engine))


def database_status(database: str) -> SchemaStatus:
    """Return how the tables of a database stand to this engine.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    with store_opened(database) as engine:
        return schema_status(engine)


def upgrade_database(database: str) -> tuple[SchemaStatus | None, SchemaStatus]:
    """Bring the tables to the revision of this engine; return how they stood and how they stand.

    Raises:
        OperatorError: ``database-newer``, or what keeps it from being written.
    """
    with store_opened(database) as engine:
        before = None if is_missing_file(engine) else schema_status(engine)
        upgrade(engine)
        return before, schema_status(engine)


def copy_database(source: str, target: str, clock: Clock, tell: Tell) -> "Copied":
    """Copy all that a database holds into another that holds nothing, in one transaction each.

    A server may go on writing to the first: the copy is as of one instant.

    Raises:
        UsageError: ``database-not-empty``.
        OperatorError: either cannot be used; the code says why, and nothing was kept of the copy.
    """
    from assaybook.store.copying import copy_store

    with reading(source) as here, writing(target, clock, tell) as there:
        return copy_store(here, there)


def unused_bytes(database: str) -> int:
    """Return how many bytes of a database file it is worth to give back.

    Raises:
        OperatorError: the database cannot be used; the code says why.
    """
    with store_opened(database) as engine:
        return unused_room(engine)


def shrink(database: str) -> None:
    """Give the unused room of a database file back; nothing that is recorded changes.

    Raises:
        OperatorError: it cannot be done now; the code says why, and the file is as it was.
    """
    with store_opened(database) as engine:
        give_back(engine)
