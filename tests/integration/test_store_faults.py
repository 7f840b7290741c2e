"""A database that cannot: a code, a place, a reason and a remedy, and nothing half recorded."""

import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from assaybook.domain.errors import OperatorError
from assaybook.service.store_access import database_status, reading, writing
from assaybook.store.assessments import save_bundle
from assaybook.store.engine import open_engine
from assaybook.store.evidence import list_evidence
from assaybook.store.journal import entries_after
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.evidence import a_document, a_metric, days
from support.stores import KINDS, SteadyClock, a_work, count_evidence, registered, submitted

SUPPORT = str(Path(__file__).resolve().parents[1])
WRITER = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[4])
from assaybook.store.engine import open_engine
from support.evidence import a_document, a_metric
from support.stores import SteadyClock, submitted

database, runs, submissions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def write(run, out):
    engine, clock = open_engine(database), SteadyClock()
    for number in range(submissions):
        names = [f"{run}-{number}-{part}" for part in range(2)]
        documents = [a_document(a_metric(), run=name, name=name) for name in names]
        report = submitted(engine, *documents, clock=clock)
        for one in report.accepted:
            print(one.evidence, one.seq, file=out, flush=True)

if runs == 0:
    write(0, sys.stdout)
for run in range(runs):
    here, there = os.pipe()
    child = os.fork()
    if child == 0:
        write(run, open(there, "w"))
    os.close(there)
    with open(here) as said:
        lines = [said.readline()]
        time.sleep(0.007 * run)
        os.kill(child, signal.SIGKILL)
        lines += said.readlines()
    os.waitpid(child, 0)
    print("".join(line for line in lines if line.endswith("\\n")), end="", flush=True)
"""
ENDLESS = 1_000_000


def _writer(database: str, *, killed: int = 0, submissions: int = ENDLESS) -> list[str]:
    """Return the command of writers that acknowledge each document on stdout."""
    return [sys.executable, "-c", WRITER, database, str(killed), str(submissions), SUPPORT]


def test_a_writer_that_waits_too_long_for_another_says_that_the_database_is_locked(
    database: str, clock: SteadyClock
) -> None:
    busy, waiting = open_engine(database), open_engine(database, wait_seconds=0.2)
    start = time.monotonic()
    with a_work(busy, clock), pytest.raises(OperatorError) as caught, a_work(waiting, clock):
        pass
    assert caught.value.code == "database-locked"
    assert time.monotonic() - start < 10
    with a_work(waiting, clock) as work:
        assert work.record(()) == ()
    busy.dispose()
    waiting.dispose()


def test_a_reader_never_waits_for_a_writer_and_sees_nothing_unfinished(
    database: str, clock: SteadyClock
) -> None:
    engine = open_engine(database, wait_seconds=0.2)
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    with Reading(engine) as before:
        assert count_evidence(before) == 1
        submitted(engine, a_document(a_metric("auc")), clock=clock)
        assert count_evidence(before) == 1
    with Reading(engine) as after:
        assert count_evidence(after) == 2
    engine.dispose()


def test_a_file_that_cannot_be_written_is_said_to_be_read_only(
    sqlite_database: str, clock: SteadyClock
) -> None:
    file = sqlite_database.removeprefix("sqlite:///")
    engine = open_engine(f"sqlite:///file:{file}?mode=ro&uri=true")
    with Reading(engine) as open_reading:
        assert count_evidence(open_reading) == 0
    with pytest.raises(OperatorError) as caught:
        registered(engine, clock)
    engine.dispose()
    assert caught.value.code == "database-read-only"


@pytest.mark.parametrize("database", KINDS[1:], indirect=True)
def test_a_server_that_only_lets_read_is_said_to_be_read_only(
    database: str, clock: SteadyClock
) -> None:
    engine = open_engine(database)
    registered(engine, clock)

    def write() -> None:
        with a_work(engine, clock) as work:
            work.connection.execute(text("SET TRANSACTION READ ONLY"))
            save_bundle(work, {}, person="")

    with pytest.raises(OperatorError) as caught:
        write()
    engine.dispose()
    assert caught.value.code == "database-read-only"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        database_status(f"sqlite:///{tmp_path}/nowhere/assay.db")
    assert caught.value.code == "database-missing"
    assert "nowhere" in caught.value.message


def test_a_folder_in_place_of_the_file_is_no_database(tmp_path: Path, clock: SteadyClock) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}")
    with pytest.raises(OperatorError) as caught, a_work(engine, clock):
        pass
    assert caught.value.code == "database-missing"


def test_a_file_beside_which_nothing_can_be_written_is_not_said_to_be_missing(
    sqlite_database: str, tmp_path: Path
) -> None:
    (tmp_path / "assay.db-wal").mkdir()  # as on a medium that is only read
    with pytest.raises(OperatorError) as caught, reading(sqlite_database):
        pass
    assert caught.value.code == "database-read-only"
    assert "?immutable=1&uri=true" in caught.value.hint


def test_a_copy_on_a_medium_that_is_only_read_can_be_read_and_not_written(
    sqlite_database: str, clock: SteadyClock, tmp_path: Path
) -> None:
    (tmp_path / "assay.db-wal").mkdir()
    url = f"{sqlite_database.replace(':///', ':///file:')}?immutable=1&uri=true"
    assert database_status(url).state == "current"
    with pytest.raises(OperatorError) as caught, writing(url, clock, lambda _words: None) as work:
        save_bundle(work, {}, person="")
    assert caught.value.code == "database-read-only"


def test_a_file_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("these are words, and no pages " * 200, encoding="utf-8")
    with pytest.raises(OperatorError) as caught, reading(f"sqlite:///{tmp_path / 'a.db'}"):
        pass
    assert caught.value.code == "database-damaged"


def test_a_server_that_does_not_answer_is_said_to_be_unreachable(tmp_path: Path) -> None:
    url = f"postgresql://someone:secret@/assay?host={tmp_path}"
    with pytest.raises(OperatorError) as caught, reading(url):
        pass
    assert caught.value.code == "database-unreachable"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("database", KINDS[1:], indirect=True)
def test_a_database_that_the_server_does_not_have_is_said_to_be_missing(database: str) -> None:
    with pytest.raises(OperatorError) as caught, reading(database.replace("/assay_", "/no_assay_")):
        pass
    assert caught.value.code == "database-missing"


def test_a_full_database_keeps_what_it_acknowledged_and_takes_no_half_submission(
    sqlite_database: str, clock: SteadyClock
) -> None:
    engine = open_engine(sqlite_database)
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    with Reading(engine) as before:
        pages = before.connection.execute(text("PRAGMA page_count")).scalar_one()
        before.connection.execute(text(f"PRAGMA max_page_count = {pages + 3}"))
    big = [a_document(a_metric(), name=f"{number}" + "x" * 9000) for number in range(9)]
    with pytest.raises(OperatorError) as caught:
        submitted(engine, *big, clock=clock)
    assert caught.value.code == "database-full"
    with Reading(engine) as after:
        assert count_evidence(after) == 1
        assert after.connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()


def test_a_disk_that_fills_up_while_writing_is_said_to_be_full(sqlite_database: str) -> None:
    resource = pytest.importorskip("resource", reason="this system knows no file-size limit")
    engine = open_engine(sqlite_database)
    registered(engine, SteadyClock())
    engine.dispose()
    file = Path(sqlite_database.removeprefix("sqlite:///"))
    most = file.stat().st_size + 200_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = subprocess.run(
        _writer(sqlite_database),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=limited,
    )
    assert "OperatorError" in done.stderr
    assert "there is no room to write" in done.stderr
    assert _lost(sqlite_database, [line.split() for line in done.stdout.splitlines()]) == []


def _lost(database: str, acknowledged: list[list[str]]) -> list[str]:
    """Return what was acknowledged and is not there, whole and in its place."""
    engine = open_engine(database)
    found: dict[str, str] = {}
    with Reading(engine) as open_reading:
        assert open_reading.connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        cursor: str | None = None
        while True:
            page = list_evidence(open_reading, system="s", after=cursor, limit=1000)
            ids = {one.id for one in page.items}
            found |= dict.fromkeys(ids, "")
            cursor = page.next
            if cursor is None:
                break
        entries = list(entries_after(open_reading.connection, 0, limit=1_000_000))
        read = "SELECT count(*) FROM readings WHERE facts <> '[]'"
        facts = open_reading.connection.execute(text(read)).scalar_one()
    engine.dispose()
    assert [one.seq for one in entries] == list(range(1, len(entries) + 1))
    assert facts == len(found), "a document without its facts"
    assert len(found) % 2 == 0, "half a submission"
    places = {one.ref: str(one.seq) for one in entries}
    return [one for one, seq in acknowledged if one not in found or places[one] != seq]


@pytest.mark.slow
def test_twenty_killed_writers_lose_nothing_that_was_acknowledged(sqlite_database: str) -> None:
    engine = open_engine(sqlite_database)
    registered(engine, SteadyClock())
    engine.dispose()
    done = subprocess.run(
        _writer(sqlite_database, killed=20),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    acknowledged = [line.split() for line in done.stdout.splitlines()]
    assert len(acknowledged) >= 100
    assert _lost(sqlite_database, acknowledged) == []


def test_every_connection_syncs_in_full_and_keeps_references(sqlite_database: str) -> None:
    engine = open_engine(sqlite_database)
    wanted = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000}
    with UnitOfWork(engine, SteadyClock()) as work, Reading(engine) as second:
        for connection in (work.connection, second.connection):
            found = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted
            }
            assert found == wanted
    engine.dispose()


def test_every_acknowledged_submission_is_synced_to_the_disk(
    sqlite_database: str, tmp_path: Path
) -> None:
    tracer = shutil.which("strace")
    if tracer is None:
        pytest.skip("strace is not installed: nothing else can count the calls to the kernel")
    engine = open_engine(sqlite_database)
    registered(engine, SteadyClock())
    engine.dispose()
    counted = tmp_path / "calls"
    command = _writer(sqlite_database, submissions=30)
    traced = subprocess.run(
        [tracer, "-f", "-c", "-e", "trace=fdatasync,fsync", "-o", str(counted), *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if "PTRACE" in traced.stderr.upper():
        pytest.skip("this container forbids tracing: nothing else can count the calls")
    assert len(traced.stdout.splitlines()) == 60
    calls = re.findall(r"\s(\d+)\s+(?:fdatasync|fsync)$", counted.read_text(), re.MULTILINE)
    assert sum(map(int, calls)) >= 30


@pytest.mark.parametrize("database", KINDS[1:], indirect=True)
def test_a_server_acknowledges_only_what_it_has_on_disk(database: str, clock: SteadyClock) -> None:
    engine = open_engine(database)
    with a_work(engine, clock) as work:
        found = work.connection.execute(text("SHOW synchronous_commit")).scalar_one()
        limit = work.connection.execute(text("SHOW lock_timeout")).scalar_one()
    engine.dispose()
    assert (found, limit) == ("on", "10s")


def test_a_clock_that_runs_behind_the_record_is_refused(database: str) -> None:
    engine = open_engine(database)
    registered(engine, SteadyClock())
    with (
        pytest.raises(OperatorError) as caught,
        a_work(engine, SteadyClock(SteadyClock().at - days(1))),
    ):
        pass
    engine.dispose()
    assert caught.value.code == "clock-behind"


def test_a_transaction_is_open_only_inside_with(sqlite_database: str) -> None:
    engine = open_engine(sqlite_database)
    work = a_work(engine)
    for look in (lambda: work.now, lambda: work.connection):
        with pytest.raises(RuntimeError):
            look()
    engine.dispose()


def test_tables_that_somebody_took_away_are_said_to_be_lacking(
    sqlite_database: str, clock: SteadyClock
) -> None:
    file = sqlite_database.removeprefix("sqlite:///")
    with sqlite3.connect(file) as raw:
        raw.execute("ALTER TABLE entries RENAME TO gone")
    raw.close()
    engine = open_engine(sqlite_database)
    with pytest.raises(OperatorError) as caught, a_work(engine, clock):
        pass
    engine.dispose()
    assert caught.value.code == "database-not-ready"
