"""What was recorded cannot be changed or removed by a slip, on either database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.errors import OperatorError, SubmitterError
from assaybook.domain.waiver import Waiver
from assaybook.service.retire_source import retire_source
from assaybook.service.submit_evidence import submit_evidence
from assaybook.store.assessments import save_assessment, save_bundle
from assaybook.store.blobs import Kept, erase_blob, keep_blobs, load_blob
from assaybook.store.decisions import save_waivers
from assaybook.store.engine import open_engine
from assaybook.store.journal import entries_after
from assaybook.store.unit_of_work import Reading, changing_schema
from support.evidence import AS_OF, MODEL, a_document, a_metric, days
from support.packs import a_source
from support.stores import SteadyClock, a_work, received, registered, submitted

GUARDED = {
    "entries": "kind",
    "evidence": "format",
    "evidence_artifacts": "digest",
    "readings": "facts",
    "systems": "body",
    "releases": "body",
    "bundles": "body",
    "assessments": "verdict",
    "findings": "outcome",
    "waivers": "body",
    "retirements": "body",
    "blobs": "kept_digest",
}


@pytest.fixture
def full(engine: Engine, clock: SteadyClock) -> Engine:
    """Return a store with a row in each table."""
    registered(engine, clock)
    about = [{"digest": MODEL, "name": "m", "kind": "model"}]
    document = a_document(a_metric(), artifacts=about)  # type: ignore[arg-type]
    submitted(engine, document, clock=clock)
    found = a_source().assessment
    waiver = Waiver(
        id="w",
        policy="a.b",
        rule="r",
        system="s",
        whole=True,
        reason="late",
        requester="ann",
        expires=AS_OF + days(9),
    )
    with a_work(engine, clock) as work:
        envelope = document.envelope
        retire_source(
            work,
            "s",
            format=envelope.format,
            tool=envelope.producer.tool,
            scope=envelope.scope,
            reason="switched off",
            person="ann",
        )
        save_waivers(work, [waiver], person="ann")
        bundle = save_bundle(work, {"kind": "test"}, person="")
        head = found.assessment.model_copy(update={"bundle": bundle})
        whole = found.model_copy(update={"assessment": head})
        assert save_assessment(work, whole, system="s", release="1", person="")
    return engine


def _refused(engine: Engine, statement: str, **values: object) -> OperatorError:
    with pytest.raises(OperatorError) as caught, a_work(engine) as work:
        work.connection.execute(text(statement), values)
    return caught.value


def test_no_recorded_row_can_be_changed_or_removed(full: Engine) -> None:
    for table, column in GUARDED.items():
        before = _rows(full, table)
        assert before, table
        change = f"UPDATE {table} SET {column} = 'x'"  # noqa: S608 - names of ours
        assert _refused(full, change).code == "record-immutable", table
        assert _refused(full, f"DELETE FROM {table}").code == "record-immutable", table  # noqa: S608
        assert _rows(full, table) == before


def test_no_recorded_row_can_be_replaced_by_another(full: Engine) -> None:
    for table, column in GUARDED.items():
        before = _rows(full, table)
        if full.dialect.name == "sqlite":
            ways = (
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",  # noqa: S608
                f"UPDATE {table} SET rowid = rowid + 100",  # noqa: S608
            )
        else:
            ways = (
                f"TRUNCATE {table} CASCADE",
                f"UPDATE {table} SET {column} = DEFAULT",  # noqa: S608
            )
        assert {_refused(full, way).code for way in ways} == {"record-immutable"}, table
        assert _rows(full, table) == before


def test_a_row_cannot_take_the_hidden_number_of_another(
    sqlite_database: str, clock: SteadyClock
) -> None:
    engine = open_engine(sqlite_database)
    registered(engine, clock)
    taken = _refused(
        engine,
        "INSERT OR REPLACE INTO systems (rowid, id, version, at, person, reason, digest, body)"
        " SELECT rowid, 'other', 1, at, person, reason, digest, body FROM systems",
    )
    assert taken.code == "record-immutable"
    engine.dispose()


def _rows(engine: Engine, table: str) -> list[tuple[object, ...]]:
    with Reading(engine) as reading:
        found = reading.connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        return sorted((tuple(row) for row in found), key=repr)


def test_bytes_can_be_erased_and_leave_digest_evidence_and_reason(full: Engine) -> None:
    document, content = received(a_document(a_metric("auc")))
    blob = document.envelope.blob
    with a_work(full) as work:
        submit_evidence(work, [document], {blob: content})
    with Reading(full) as reading:
        assert load_blob(reading, blob) == content
    with a_work(full) as work:
        erase_blob(work, blob, person="ann", reason="it names a patient")
    with Reading(full) as reading:
        assert load_blob(reading, blob) is None
        last = list(entries_after(reading.connection, 0, limit=1000))[-1]
    assert (last.kind, last.ref, last.digest) == ("blob-erased", blob, blob)
    assert '"person":"ann","reason":"it names a patient"' in last.body


def test_erased_bytes_are_gone_from_the_file_itself(
    sqlite_database: str, clock: SteadyClock
) -> None:
    file = Path(sqlite_database.removeprefix("sqlite:///"))
    engine = open_engine(sqlite_database)
    registered(engine, clock)
    document, content = received(a_document(a_metric()), b"Jane Roe, 1970-01-01" * 300)
    blob = document.envelope.blob
    with a_work(engine, clock) as work:
        submit_evidence(work, [document], {blob: content})
    engine.dispose()
    assert b"Jane Roe" in file.read_bytes()
    with a_work(engine, clock) as work:
        erase_blob(work, blob, person="ann", reason="it names a patient")
    engine.dispose()
    assert b"Jane Roe" not in file.read_bytes()
    assert not file.with_name(f"{file.name}-wal").exists()


def test_erased_bytes_cannot_come_back(full: Engine) -> None:
    document, content = received(a_document(a_metric("auc")))
    blob = document.envelope.blob
    with a_work(full) as work:
        submit_evidence(work, [document], {blob: content})
    with a_work(full) as work:
        erase_blob(work, blob, person="ann", reason="it names a patient")
        erase_blob(work, blob, person="ann", reason="again")
    with pytest.raises(SubmitterError) as caught, a_work(full) as work:
        keep_blobs(work, {blob: Kept(len(content), content, blob)})
    assert caught.value.code == "blob-erased"
    back = _refused(full, "UPDATE blobs SET content = :c WHERE digest = :d", c=b"x", d=blob)
    assert back.code == "record-immutable"


def test_the_journal_has_no_gap_and_each_entry_the_digest_of_what_was_accepted(
    full: Engine,
) -> None:
    def lost() -> None:
        with a_work(full) as work:
            save_bundle(work, {"kind": "lost"}, person="")
            message = "on purpose"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        lost()
    with a_work(full) as work:
        save_bundle(work, {"kind": "kept"}, person="")
    with Reading(full) as reading:
        entries = list(entries_after(reading.connection, 0, limit=1000))
    assert [one.seq for one in entries] == list(range(1, len(entries) + 1))
    assert [one.at for one in entries] == sorted(one.at for one in entries)
    assert all(f'"digest":"{one.digest}"' in one.body for one in entries)
    assert {one.kind for one in entries} == {
        "system",
        "release",
        "evidence",
        "retirement",
        "waiver",
        "bundle",
        "assessment",
    }


def test_a_schema_change_that_fails_leaves_the_tables_as_they_were(full: Engine) -> None:
    def half() -> None:
        with changing_schema(full) as connection:
            connection.execute(text("CREATE TABLE half (a INTEGER)"))
            connection.execute(text("SELECT * FROM nowhere"))

    with pytest.raises(OperatorError):
        half()
    with pytest.raises(OperatorError) as caught, Reading(full) as reading:
        reading.connection.execute(text("SELECT * FROM half"))
    assert caught.value.code == "database-not-ready"
