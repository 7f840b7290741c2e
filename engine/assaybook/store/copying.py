"""A whole store in another database: every row as it is, and the log with the same root."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, LargeBinary, Table, insert, select
from sqlmodel import SQLModel

from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.record import record
from assaybook.store import tables, tables_access, tables_jobs
from assaybook.store.audit_rows import table_of
from assaybook.store.faults import place_of
from assaybook.store.journal import last_place
from assaybook.store.tree import StoredTree
from assaybook.store.unit_of_work import Reading, UnitOfWork

_MODULES: Final = (tables, tables_access, tables_jobs)
"""Where the tables are; naming them loads them."""
_ROWS: Final = 500
"""Rows that are held at once; of those that carry bytes of documents, one."""


@record
class Copied:
    """What was copied: rows in all, entries of the log among them, and its root."""

    rows: int
    entries: int
    root: bytes


def copy_store(source: Reading, target: UnitOfWork) -> Copied:
    """Write all that one store holds, as of one instant, into another that holds nothing.

    Raises:
        UsageError: ``database-not-empty``.
        OperatorError: ``copy-differs``, the log there is not the log here.
        SQLAlchemyError: a row cannot be read or written.
    """
    if last_place(target.connection)[0]:
        raise UsageError(
            "database-not-empty",
            "something is recorded there, and two logs cannot become one",
            where=place_of(target.connection.engine.url),
            hint="Name a database that is new or empty.",
        )
    copied = sum(
        _copied(source.connection, target.connection, table)
        for table in SQLModel.metadata.sorted_tables
        if table.name in _names()
    )
    here, there = _state(source.connection), _state(target.connection)
    if here != there:
        raise OperatorError(
            "copy-differs",
            f"there are {there[0]} entries in the copy and {here[0]} here, or other ones",
            hint="Nothing was kept of the copy. Look into this store: assay ledger audit",
        )
    return Copied(copied, *there)


def _names() -> frozenset[str]:
    return frozenset(
        table_of(found).name
        for module in _MODULES
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, SQLModel) and hasattr(found, "__table__")
    )


def _copied(source: Connection, target: Connection, table: Table) -> int:
    return sum(_written(target, table, rows) for rows in _rows(source, table))


def _written(target: Connection, table: Table, rows: list[dict[str, object]]) -> int:
    target.execute(insert(table), rows)
    return len(rows)


def _rows(source: Connection, table: Table) -> Iterator[list[dict[str, object]]]:
    heavy = any(isinstance(one.type, LargeBinary) and one.name == "content" for one in table.c)
    asked = select(table).execution_options(yield_per=1 if heavy else _ROWS)
    for part in source.execute(asked).mappings().partitions():
        yield [dict(row) for row in part]


def _state(connection: Connection) -> tuple[int, bytes]:
    size, _at = last_place(connection)
    return size, StoredTree(connection).root(size)
