"""A store that is copied is the same store: every row, every proof, on either database."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import SQLModel
from typer.testing import CliRunner

from assaybook.cli import db
from assaybook.domain.errors import UsageError
from assaybook.domain.principal import Role
from assaybook.service.keys import Wanted, create_key, new_secret
from assaybook.service.ledger import sign_log
from assaybook.service.ledger_audit import audit
from assaybook.service.ledger_keys import Change, make_keys
from assaybook.service.store_access import copy_database, reading
from assaybook.settings import now
from assaybook.store.engine import open_engine
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import Reading
from support.evidence import a_document, a_metric
from support.roots import LOG
from support.stores import SteadyClock, a_work, registered, submitted


@pytest.fixture
def filled(engine: Engine, clock: SteadyClock) -> Engine:
    """Return a store with a release, documents about it and a key."""
    registered(engine, clock)
    for value in (0.5, 0.75):
        submitted(engine, a_document(a_metric("f1", value)), clock=clock)
    with a_work(engine, clock) as work:
        create_key(work, Wanted("ann", "person", [Role.ADMIN]), new_secret(), person="operator")
    return engine


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def _held(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, as our columns read them."""
    with Reading(engine) as open_reading:
        return {
            table.name: sorted(map(tuple, open_reading.connection.execute(table.select())), key=str)
            for table in SQLModel.metadata.sorted_tables
        }


def test_a_copy_on_the_other_database_holds_every_row_and_the_same_log(
    filled: Engine, empty_database: str, tmp_path: Path
) -> None:
    make_keys(tmp_path / "keys", LOG, Change(now()))
    with Reading(filled) as open_reading:
        signed = sign_log(open_reading, tmp_path / "keys", now())
    other = open_engine(empty_database)
    db_upgrade = CliRunner().invoke(db.app, ["upgrade", "--database", empty_database])
    assert db_upgrade.exit_code == 0, db_upgrade.stderr
    command = ["copy", "--database", _url(filled), "--to", empty_database, "--format", "json"]
    done = CliRunner().invoke(db.app, command)
    assert done.exit_code == 0, done.stderr
    (said,) = json.loads(done.stdout)
    assert (said["entries"], said["root"]) == (
        signed.checkpoint.size,
        signed.checkpoint.root.hex(),
    )
    assert _held(other) == _held(filled)
    with reading(empty_database) as copied:
        assert audit(copied).faults == ()
        assert sign_log(copied, tmp_path / "keys", now()).checkpoint == signed.checkpoint
    submitted(other, a_document(a_metric("f1", 0.25)), clock=SteadyClock(now()))
    other.dispose()


def test_nothing_is_copied_into_a_store_that_holds_something(
    filled: Engine, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    other = open_engine(url)
    upgrade(other)
    registered(other, SteadyClock())
    before = _held(other)
    with pytest.raises(UsageError) as caught:
        copy_database(_url(filled), url, now, lambda _words: None)
    assert caught.value.code == "database-not-empty"
    assert _held(other) == before
    other.dispose()


def test_a_store_whose_log_has_a_gap_is_not_copied(
    sqlite_database: str, clock: SteadyClock, tmp_path: Path
) -> None:
    engine = open_engine(sqlite_database)
    registered(engine, clock)
    with engine.connect() as connection:
        connection.execute(text("DROP TRIGGER entries_no_delete"))
        connection.execute(text("DELETE FROM entries WHERE seq = 1"))
        connection.commit()
    engine.dispose()
    done = CliRunner().invoke(
        db.app, ["copy", "--database", sqlite_database, "--to", f"sqlite:///{tmp_path / 'new.db'}"]
    )
    assert done.exit_code == 2
    assert "error[log-gap]" in done.stderr
