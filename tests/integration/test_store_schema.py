"""One history of the tables for both databases, and no database used by the wrong engine."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from assaybook.domain.errors import OperatorError
from assaybook.service import store_access
from assaybook.service.store_access import (
    database_status,
    reading,
    upgrade_database,
    writing,
)
from assaybook.store import migrations, tables_access
from assaybook.store.engine import open_engine
from assaybook.store.room import give_back
from assaybook.store.schema import NEEDED, REVISIONS, SchemaState
from assaybook.store.tables import EntryRow
from assaybook.store.unit_of_work import Reading, changing_schema
from support.commands import assay
from support.stores import KINDS, SteadyClock


def _stamp(database: str, revision: str) -> None:
    engine = open_engine(database)
    with changing_schema(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    engine.dispose()


def _folder() -> str:
    return str(Path(migrations.__file__ or "").parent)


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(engine: Engine) -> None:
    with Reading(engine) as open_reading:
        context = MigrationContext.configure(open_reading.connection)
        assert tables_access.ApiKeyRow.metadata is EntryRow.metadata
        assert compare_metadata(context, EntryRow.metadata) == []


def test_the_engine_names_every_revision_of_the_history_in_its_order() -> None:
    config = Config()
    config.set_main_option("script_location", _folder())
    history = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(one.revision for one in history)[::-1] == REVISIONS
    assert REVISIONS[-1] == NEEDED


def test_an_upgrade_makes_the_tables_once_and_the_second_has_nothing_to_do(
    empty_database: str,
) -> None:
    _before, first = upgrade_database(empty_database)
    before, second = upgrade_database(empty_database)
    assert (first.state, first.revision) == (SchemaState.CURRENT, NEEDED)
    assert before == second == first


def test_a_new_database_file_is_made_on_first_use_and_that_is_told(
    tmp_path: Path, clock: SteadyClock
) -> None:
    told: list[str] = []
    file = tmp_path / "new.db"
    with writing(f"sqlite:///{file}", clock, told.append) as work:
        assert work.now == clock.at
    assert told == [f"made the database {file}"]
    with writing(f"sqlite:///{file}", clock, told.append):
        pass
    assert len(told) == 1


@pytest.mark.parametrize("empty_database", KINDS[1:], indirect=True)
def test_a_server_without_tables_is_never_changed_unasked(
    empty_database: str, clock: SteadyClock
) -> None:
    with (
        pytest.raises(OperatorError) as caught,
        writing(empty_database, clock, lambda _words: None),
    ):
        pass
    assert (caught.value.code, caught.value.hint) == ("database-not-ready", "Run: assay db upgrade")
    assert database_status(empty_database).state is SchemaState.EMPTY


def test_a_database_of_a_newer_engine_is_refused_for_reading_writing_and_upgrade(
    database: str, clock: SteadyClock
) -> None:
    _stamp(database, "9999")
    assert database_status(database).state is SchemaState.NEWER
    with pytest.raises(OperatorError) as read, reading(database):
        pass
    with pytest.raises(OperatorError) as wrote, writing(database, clock, lambda _words: None):
        pass
    with pytest.raises(OperatorError) as upgraded:
        upgrade_database(database)
    assert {one.value.code for one in (read, wrote, upgraded)} == {"database-newer"}
    assert database_status(database).revision == "9999"


def test_a_file_that_is_not_there_is_not_read_as_an_empty_database(tmp_path: Path) -> None:
    file = tmp_path / "typo.db"
    with pytest.raises(OperatorError) as caught, reading(f"sqlite:///{file}"):
        pass
    assert caught.value.code == "database-missing"
    assert not file.exists()


def test_two_programs_that_make_the_same_file_at_once_both_find_it_made(tmp_path: Path) -> None:
    make = (
        "import sys; from assaybook.service.store_access import upgrade_database;"
        "upgrade_database(sys.argv[1])"
    )
    url = f"sqlite:///{tmp_path / 'both.db'}"
    both = [subprocess.Popen([sys.executable, "-c", make, url]) for _ in range(2)]
    assert [one.wait(timeout=60) for one in both] == [0, 0]
    assert database_status(url).state is SchemaState.CURRENT


def test_many_that_open_a_new_file_in_the_same_moment_all_get_it(tmp_path: Path) -> None:
    together = Barrier(4)

    def opened(number: int) -> str:
        engine = open_engine(f"sqlite:///{tmp_path / f'{number // 4}.db'}")
        together.wait(timeout=60)
        with engine.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        engine.dispose()
        return str(mode)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(opened, range(400))) == {"wal"}


def test_a_file_that_another_program_holds_whole_is_said_to_be_locked(tmp_path: Path) -> None:
    file = tmp_path / "held.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("CREATE TABLE t (n)")
        other.execute("BEGIN EXCLUSIVE")
        engine = open_engine(f"sqlite:///{file}", wait_seconds=0.1)
        with pytest.raises(OperatorError) as caught, changing_schema(engine):
            pass
        engine.dispose()
    assert caught.value.code == "database-locked"


def test_room_that_an_upgrade_left_is_told_and_given_back(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(sqlite_database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(file)) as left:
        left.executescript("CREATE TABLE x (b); INSERT INTO x VALUES (zeroblob(3000000));")
        left.execute("DROP TABLE x")
    large = file.stat().st_size
    words = ("--database", sqlite_database)
    assert "hold nothing any more: assay db upgrade gives" in assay("db", "status", *words).err

    def locked(_url: str) -> None:
        raise OperatorError("database-locked", "another program is writing")

    with monkeypatch.context() as patched:
        patched.setattr(store_access, "shrink", locked)
        hindered = assay("db", "upgrade", *words)
    assert (hindered.code, "try again later" in hindered.err) == (0, True)
    assert "giving back 2.9 MB" in assay("db", "upgrade", *words).err
    assert file.stat().st_size < large - 2_900_000
    assert assay("db", "upgrade", *words).err == "nothing to do\n"
    assert assay("ledger", "audit", *words).code == 0


def test_room_is_given_back_in_a_file_that_nobody_writes_to_only(sqlite_database: str) -> None:
    engine = open_engine(sqlite_database, wait_seconds=0.0)
    with closing(sqlite3.connect(engine.url.database or "")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperatorError) as caught:
            give_back(engine)
    engine.dispose()
    assert caught.value.code == "database-locked"


@pytest.mark.postgres
def test_a_server_gives_its_room_back_itself(postgresql_template: str) -> None:
    assert store_access.unused_bytes(postgresql_template) == 0
