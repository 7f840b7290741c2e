"""A store of an older engine is brought up to date without loss, or is left as it was."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, Table, insert, select, text

from assaybook.domain.canonical import canonical
from assaybook.domain.errors import OperatorError
from assaybook.service.ledger_audit import audit
from assaybook.store.engine import open_engine
from assaybook.store.evidence import evidence_for
from assaybook.store.journal import Journal, entries_after
from assaybook.store.schema import schema_status, upgrade
from assaybook.store.unit_of_work import Reading, changing_schema
from support.evidence import MODEL, a_document, a_fact, a_metric, covered
from support.stores import SteadyClock, a_work, registered, submitted, upgraded_to

MANY = 501
"""Documents; more than the upgrade takes at once."""
NEW = "readings"
OLDER = {"tool": "t", "path": "p", "source": "s", "submission": "", "adapter": "a"}
"""Columns of evidence that there were, with a value each."""


def _no_number(*asked: object) -> None:
    del asked


def _filled(engine: Engine, clock: SteadyClock, many: int) -> Engine:
    """Return a store with documents of which some lend much, some little, and some nothing."""
    registered(engine, clock)
    about: Any = [{"digest": MODEL, "name": "m", "kind": "model"}]
    odd = a_fact("security", **{"fingerprint": 'f\x00\u2028"},{"', "class": "secret"})
    submitted(
        engine,
        a_document(*(a_metric(slice=f"g{n}") for n in range(12)), odd, artifacts=about),
        a_document(coverage=[covered("security/secret"), covered("drift", None)]),
        a_document(coverage=[]),
        *(a_document(a_metric(value=n / 1000), run=f"r{n}") for n in range(many)),
        clock=clock,
    )
    return engine


@pytest.fixture
def unnumbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write entries as the engine did that knew no numbers."""
    monkeypatch.setattr(Journal, "_number", _no_number)


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    found = connection.execute(select(table).order_by(*table.primary_key.columns))
    return [dict(row) for row in found.mappings()]


def _reflected(engine: Engine) -> tuple[MetaData, dict[str, list[dict[str, Any]]]]:
    """Return the tables of a database and all that they hold."""
    tables = MetaData()
    with Reading(engine) as reading:
        tables.reflect(reading.connection)
        held = {one.name: _rows(reading.connection, one) for one in tables.sorted_tables}
    return tables, held


def _apart(held: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield rows of facts and of coverage as the engine of revision 0005 wrote them."""
    names = {one["seq"]: one["id"] for one in held["evidence"]}
    for row in held[NEW]:
        for part in ("facts", "coverage"):
            for number, one in enumerate(json.loads(row[part])):
                asked = {"type": "type", "pointer": "pointer"} if part == "facts" else {}
                yield (
                    part,
                    {
                        "evidence": names[row["seq"]],
                        "adapter_version": row["adapter_version"],
                        "ordinal": number,
                        "question": one.get("question", "metric/quality"),
                        "body": canonical(one).decode(),
                        **{name: one[key].replace("\x00", "?") for name, key in asked.items()},
                        **({"adapter": "test"} if part == "facts" else {}),
                    },
                )


def _made_older(new: Engine, url: str) -> Engine:
    """Return a database of revision 0005 that holds what a new one does."""
    _tables, held = _reflected(new)
    older = open_engine(url)
    upgraded_to(older, "0005")
    tables, _nothing = _reflected(older)
    with changing_schema(older) as connection:
        for table in tables.sorted_tables:
            more = OLDER if table.name == "evidence" else {}
            rows = [row | more for row in held.get(table.name, ())]
            if rows and table.name != "alembic_version":
                connection.execute(insert(table), rows)
        for name, row in _apart(held):
            connection.execute(insert(tables.tables[name]), row)
    return older


@pytest.mark.usefixtures("unnumbered")
@pytest.mark.parametrize(
    ("database", "empty_database"),
    [("sqlite", "sqlite"), pytest.param("postgresql", "postgresql", marks=pytest.mark.postgres)],
    indirect=True,
    ids=["sqlite", "postgresql"],
)
def test_what_was_read_is_the_same_after_an_upgrade_and_the_log_agrees(
    engine: Engine, empty_database: str, clock: SteadyClock
) -> None:
    older = _made_older(_filled(engine, clock, MANY), empty_database)
    upgrade(older)
    tables, held = _reflected(older)
    assert held == _reflected(engine)[1]
    assert not {"facts", "coverage"} & set(tables.tables)
    with Reading(engine) as before, Reading(older) as after:
        found = evidence_for(after, "s", as_of=clock.at)
        assert found == evidence_for(before, "s", as_of=clock.at)
        assert sum(len(one.facts) for one in found) == MANY + 13
        assert audit(after).faults == ()
    with pytest.raises(OperatorError) as caught, a_work(older, clock) as work:
        work.connection.execute(text("UPDATE readings SET facts = '[]'"))
    assert caught.value.code == "record-immutable"
    older.dispose()


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE facts SET evidence = 'ev-0' WHERE rowid = 1", "facts"),
        ("UPDATE coverage SET evidence = 'ev-0' WHERE rowid = 1", "coverage"),
        ("UPDATE evidence SET seq = 3", "evidence"),
    ],
)
def test_a_store_that_somebody_else_changed_is_not_upgraded_and_keeps_the_proof(
    sqlite_database: str, tmp_path: Path, clock: SteadyClock, statement: str, where: str
) -> None:
    new = open_engine(sqlite_database)
    file = tmp_path / "older.db"
    older = _made_older(_filled(new, clock, 1), f"sqlite:///{file}")
    new.dispose()
    with closing(sqlite3.connect(file)) as connection, connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount > 0
    before = _reflected(older)[1]
    with pytest.raises(OperatorError) as caught:
        upgrade(older)
    assert (caught.value.code, caught.value.where) == ("database-altered", where)
    assert _reflected(older)[1] == before
    assert schema_status(older).revision == "0005"
    older.dispose()


def test_a_store_from_before_there_were_numbers_begins_to_count_after_its_upgrade(
    sqlite_database: str, tmp_path: Path, clock: SteadyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = open_engine(sqlite_database)
    with monkeypatch.context() as context:
        context.setattr(Journal, "_number", _no_number)
        older = _made_older(_filled(new, clock, 1), f"sqlite:///{tmp_path / 'older.db'}")
    new.dispose()
    upgrade(older)
    submitted(older, a_document(a_metric(value=0.5), run="after"), clock=clock)
    with Reading(older) as reading:
        numbers = [one.number for one in entries_after(reading.connection, 0, limit=99)]
        assert numbers == [None] * (len(numbers) - 1) + [1]
        assert audit(reading).faults == ()
    older.dispose()
