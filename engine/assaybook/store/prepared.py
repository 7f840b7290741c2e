"""Statements that every document needs: written out once, and given to the driver as they are.

SQLAlchemy works a statement out anew each time that it is run, which takes ten times as long as the
database takes to do it. What is written here is what it writes; only how often it does so differs.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ARRAY,
    Connection,
    Dialect,
    Float,
    Select,
    Text,
    bindparam,
    column,
    func,
    insert,
)
from sqlalchemy import select as selected
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import SQLModel

from assaybook.domain.record import record

Query: TypeAlias = Select[*tuple[Any, ...]]
Asked = Callable[[str], Query]
"""Returns what is asked of a kind of database, by its name; a function of a module."""
_Change = Callable[[Any], Any]
_DATABASES: Final = 8
"""Databases of one process whose statements are kept."""


@record
class _Statement:
    """A statement as a driver takes it.

    Attributes:
        placed: picks the parameters in their order; None where the driver takes them by name.
        takes: what changes a parameter to what the driver takes, where it takes another type.
        gives: the same for what it gives back, by place.
        fixed: parameters that the statement says itself.
    """

    text: str
    placed: Callable[[Any], Any] | None
    takes: tuple[tuple[str, _Change], ...]
    gives: tuple[tuple[int, _Change], ...]
    fixed: dict[str, object]

    def values(self, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the driver takes
        """Return the parameters of one row."""
        if self.takes:
            row = {**row, **{name: change(row[name]) for name, change in self.takes}}
        return row if self.placed is None else self.placed(row)


def add_rows(
    connection: Connection, table: type[SQLModel], rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert rows that all name the same columns.

    Raises:
        SQLAlchemyError: as where SQLAlchemy inserts them.
    """
    if not rows:
        return
    made = _adding(table, tuple(rows[0]), connection.dialect)  # pyright: ignore[reportArgumentType]
    _run(connection, made, [made.values(row) for row in rows], many=True)


def rows_found(connection: Connection, asked: Asked, **said: object) -> list[tuple[Any, ...]]:
    """Return the rows that are found; parameters by name, lists of texts as any collection.

    Raises:
        SQLAlchemyError: as where SQLAlchemy asks.
    """
    made = _asking(asked, connection.dialect)
    listed = connection.dialect.name == "sqlite"
    row = made.fixed | {
        name: _listed(value, as_json=listed) if _is_list(value) else value
        for name, value in said.items()
    }
    found = _run(connection, made, made.values(row), many=False)
    return [_given(one, made.gives) for one in found] if made.gives else found


def one_of(kind: str, name: str = "some") -> Query:
    """Return the members of a parameter that is a list of texts, as a query to look in."""
    if kind == "sqlite":
        return selected(column("value", Text)).select_from(func.json_each(bindparam(name)))
    return selected(func.unnest(bindparam(name, type_=ARRAY(Text))))


def _is_list(value: object) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str | bytes)


def _listed(value: Any, *, as_json: bool) -> object:  # noqa: ANN401 - a collection of texts
    texts = sorted(value)
    return json.dumps(texts) if as_json else texts


def _given(row: tuple[Any, ...], gives: tuple[tuple[int, _Change], ...]) -> tuple[Any, ...]:
    values = list(row)
    for place, change in gives:
        values[place] = change(values[place])
    return tuple(values)


@lru_cache(maxsize=32 * _DATABASES)
def _adding(table: type[SQLModel], names: tuple[str, ...], dialect: Dialect) -> _Statement:
    return _written(insert(table).compile(dialect=dialect, column_keys=list(names)), dialect, ())


@lru_cache(maxsize=16 * _DATABASES)
def _asking(asked: Asked, dialect: Dialect) -> _Statement:
    query = asked(dialect.name)
    gives = [
        (place, change)
        for place, one in enumerate(query.selected_columns)
        if (change := one.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    ]
    return _written(query.compile(dialect=dialect), dialect, tuple(gives))


def _written(
    made: Any,  # noqa: ANN401 - an SQLCompiler, which compile() does not say
    dialect: Dialect,
    gives: tuple[tuple[int, _Change], ...],
) -> _Statement:
    compiler: SQLCompiler = made
    takes = [
        (name, change)
        for name, one in compiler.binds.items()
        # A number with a point is one already, whatever else SQLAlchemy would take for it.
        if not isinstance(one.type, Float)
        and (change := one.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    order = compiler.positiontup
    fixed = {name: one.value for name, one in compiler.binds.items() if one.value is not None}
    placed = None if order is None else _picker(order)
    return _Statement(str(compiler), placed, tuple(takes), gives, fixed)


def _picker(order: Sequence[str]) -> Callable[[Any], Any]:
    """Return what makes of a row the tuple of these columns."""
    if len(order) > 1:
        return itemgetter(*order)
    return lambda row: tuple([row[name] for name in order])


def _run(
    connection: Connection,
    statement: _Statement,
    values: Any,  # noqa: ANN401 - what the driver takes
    *,
    many: bool,
) -> list[tuple[Any, ...]]:
    dialect, held = connection.dialect, connection.connection
    errors: type[Exception] = dialect.loaded_dbapi.Error
    cursor = held.cursor()
    try:
        if many:
            cursor.executemany(statement.text, values)
            return []
        cursor.execute(statement.text, values)
        return list(cursor.fetchall())
    except errors as error:
        gone = dialect.is_disconnect(error, held, cursor)  # type: ignore[arg-type]
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement.text,
            None,
            error,
            errors,
            connection_invalidated=gone,
            dialect=dialect,
        ) from error
    finally:
        cursor.close()
