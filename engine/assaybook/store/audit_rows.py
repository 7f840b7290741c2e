"""What the audits of tables share: rows beside the entries of the journal that speak for them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import Select, Table, select
from sqlmodel import SQLModel

from assaybook.domain.errors import OperatorError
from assaybook.domain.record import record
from assaybook.store.rows import looked_up
from assaybook.store.tables import EntryRow
from assaybook.store.unit_of_work import Reading

AT_ONCE: Final = 200
UNTOLD: Final = "its content is not what any entry of the log says"
UNREADABLE: Final = "it can no longer be read"
GONE: Final = "the log says that it was recorded"
Values: TypeAlias = Mapping[str, Any]
_SAID: Final = ("kind", "ref", "digest", "at", "body")


@record
class Recorded:
    """One recorded thing: its kind, its name, and what of its row is not as it must be.

    ``altered`` is `GONE` where an entry speaks of it and no row is there.
    """

    kind: str
    ref: str
    altered: str = ""


@record
class Said:
    """What the entry that speaks for a row says."""

    kind: str
    ref: str
    digest: str
    at: datetime
    body: str

    def agrees(self, row: Values, made: Values) -> bool:
        """Tell whether a row is what its text makes, and both are what the entry says.

        Args:
            row: the columns as they stand.
            made: columns as the text has them, and what else the entry must say.
        """
        try:
            whole = json.loads(self.body)
            said = {"at": self.at, "person": whole["person"], "reason": whole["reason"]}
            if "system" in whole:
                said["system"] = looked_up(whole["system"])
        except (ValueError, KeyError, TypeError):
            return False
        return all(
            row.get(name, value) == value for name, value in (said | dict(made)).items()
        ) and all(made.get(name, value) == value for name, value in said.items())


def table_of(table: type[SQLModel]) -> Table:
    """Return the table behind a row."""
    found: Table = cast("Any", table).__table__
    return found


def columns_of(table: type[SQLModel]) -> list[str]:
    """Return the columns of a table but the place of its entry, which no text says."""
    return [column.name for column in table_of(table).columns if column.name != "seq"]


def streamed(
    reading: Reading, query: Select[*tuple[Any, ...]], where: str = ""
) -> Iterator[Sequence[Any]]:
    """Yield the rows of a query, however many there are.

    Args:
        reading: of the store.
        query: what to ask.
        where: the table, for errors; by default the first that the query names.

    Raises:
        OperatorError: ``table-unreadable``, a value is of another kind than its column.
    """
    found = reading.connection.execute(query, execution_options={"yield_per": AT_ONCE})
    try:
        yield from chain.from_iterable(found.partitions())
    except (ValueError, TypeError) as error:
        raise unreadable(where or str(query.get_final_froms()[0])) from error


def unreadable(table: str) -> OperatorError:
    """Return the error for a table that holds what its columns cannot."""
    return OperatorError(
        "table-unreadable",
        "a value in it is of another kind than its column, so it was not written by us",
        where=table,
        hint="Restore the newest backup, and find out who changed the database.",
    )


def placed(reading: Reading, table: Table) -> Iterator[tuple[Values, Said | None]]:
    """Yield the rows of a table that names the places of entries, with the entries there."""
    names, entries = list(table.c.keys()), table_of(EntryRow).c
    query = (
        select(*table.c, *(entries[name] for name in _SAID))
        .outerjoin_from(table, table_of(EntryRow), entries["seq"] == table.c["seq"])
        .order_by(table.c["seq"], *table.primary_key.columns)
    )
    for values in streamed(reading, query):
        kind, ref, digest, at, body = values[len(names) :]
        said = None if kind is None else Said(kind, ref, digest, at, body)
        yield dict(zip(names, values, strict=False)), said


def unplaced(reading: Reading, kind: str, table: Table) -> Iterator[str]:
    """Yield the names in the entries of a kind to which no row of its table belongs."""
    entries = table_of(EntryRow).c
    there = select(table.c["seq"]).where(table.c["seq"] == entries["seq"]).exists()
    query = select(entries["ref"]).where(entries["kind"] == kind, ~there)
    for (ref,) in streamed(reading, query.order_by(entries["seq"])):
        yield ref
