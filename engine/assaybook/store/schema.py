"""Which version the tables of a database have, and how they come to the version of this engine."""

from enum import StrEnum
from importlib.resources import as_file, files
from typing import Final

from sqlalchemy import Connection, Engine, Text, inspect, select
from sqlalchemy.sql import column, table

from assaybook.domain.base import Frozen
from assaybook.domain.errors import OperatorError
from assaybook.store.engine import file_of, is_sqlite, make_file
from assaybook.store.faults import place_of
from assaybook.store.prepared import Query, rows_found
from assaybook.store.unit_of_work import Reading, changing_schema

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""Every revision that this engine knows, oldest first; the last is the one that it needs."""
NEEDED: Final = REVISIONS[-1]
VERSION_TABLE: Final = "alembic_version"


class SchemaState(StrEnum):
    """How the tables of a database stand to this engine."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


class SchemaStatus(Frozen):
    """The revision of a database and the one that this engine needs; None where there is none."""

    database: str
    state: SchemaState
    revision: str | None
    needed: str


def schema_status(engine: Engine) -> SchemaStatus:
    """Return how the tables of a database stand; a file that is not there is not made.

    Raises:
        OperatorError: ``database-missing`` and whatever keeps it from being read.
    """
    refuse_missing_file(engine)
    with Reading(engine) as reading:
        return _status(reading.connection)


def _status(connection: Connection) -> SchemaStatus:
    found = None
    if inspect(connection).has_table(VERSION_TABLE):
        found = connection.execute(_version(connection.dialect.name)).scalar()
    return SchemaStatus(
        database=place_of(connection.engine.url),
        state=_state(found),
        revision=found,
        needed=NEEDED,
    )


def _version(_kind: str) -> Query:
    return select(column("version_num", Text)).select_from(table(VERSION_TABLE))


def _state(revision: str | None) -> SchemaState:
    if revision is None:
        return SchemaState.EMPTY
    if revision == NEEDED:
        return SchemaState.CURRENT
    return SchemaState.OLDER if revision in REVISIONS else SchemaState.NEWER


def is_missing_file(engine: Engine) -> bool:
    """Tell whether the database is a file that is not there yet."""
    file = file_of(engine)
    return file is not None and not file.is_file()


def refuse_missing_file(engine: Engine) -> None:
    """Refuse a database file that is not there.

    Raises:
        OperatorError: ``database-missing``.
    """
    if is_missing_file(engine):
        raise OperatorError(
            "database-missing",
            "there is no such file",
            where=place_of(engine.url),
            hint="Name the right file in ASSAY_DATABASE; one is made for the first system: assay"
            " system add FILE",
        )


def refuse_other_schema(status: SchemaStatus) -> None:
    """Refuse a database whose tables this engine cannot use.

    Raises:
        OperatorError: ``database-newer`` or ``database-not-ready``.
    """
    if status.state is SchemaState.NEWER:
        raise OperatorError(
            "database-newer",
            f"its tables have the revision {status.revision}, which this engine does not know"
            f" (it needs {status.needed})",
            where=status.database,
            hint="Install the newer Assaybook that made it; nothing was changed.",
        )
    if status.state is not SchemaState.CURRENT:
        have = status.revision or "none"
        raise OperatorError(
            "database-not-ready",
            f"its tables have the revision {have}, this engine needs {status.needed}",
            where=status.database,
            hint="Run: assay db upgrade",
        )


def refuse_changed_schema(reading: Reading) -> None:
    """Refuse a database whose tables are not, or no longer, those of this engine.

    Raises:
        OperatorError: ``database-newer`` or ``database-not-ready``.
    """
    rows = rows_found(reading.connection, _version)
    found = rows[0][0] if rows else None
    if found != NEEDED:
        refuse_other_schema(
            SchemaStatus(
                database=place_of(reading.connection.engine.url),
                state=_state(found),
                revision=found,
                needed=NEEDED,
            )
        )


def upgrade(engine: Engine) -> None:
    """Bring the tables of a database to the revision that this engine needs; makes the file.

    Raises:
        OperatorError: ``database-newer`` and whatever keeps it from being written.
    """
    from alembic import command
    from alembic.config import Config

    make_file(engine)
    migrations = files("assaybook.store") / "migrations"
    with as_file(migrations) as folder, changing_schema(engine) as connection:
        status = _status(connection)
        if status.state is SchemaState.NEWER:
            refuse_other_schema(status)
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_empty_file(engine: Engine) -> bool:
    """Tell whether the database is a file without tables: one that may be made on first use."""
    return is_sqlite(engine) and schema_status(engine).state is SchemaState.EMPTY
