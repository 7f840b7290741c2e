"""Whoever owns the database can change it; the log and a checkpoint outside of it say so."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text

from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.domain.policy import Severity
from assaybook.ledger.checkpoint import log_key, read_checkpoint
from assaybook.service.bundles import BundleFiles, read_ruling
from assaybook.service.ledger import (
    ORIGIN,
    Audit,
    audit,
    make_checkpoint,
    prove,
    read_receipt,
    receipt_holds,
)
from assaybook.service.retire_source import retire_source
from assaybook.service.run_assessment import run_assessment
from assaybook.store.blobs import erase_blob
from assaybook.store.unit_of_work import Reading, changing_schema
from support.commands import assay, refused
from support.evidence import MODEL, a_document, a_metric
from support.stores import SteadyClock, a_work, registered, submitted

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
PUBLIC = log_key(KEY, ORIGIN)
TABLES = (
    "entries",
    "blobs",
    "evidence",
    "evidence_artifacts",
    "facts",
    "coverage",
    "systems",
    "releases",
    "bundles",
    "assessments",
    "findings",
    "finding_controls",
    "retirements",
)


@pytest.fixture
def full(engine: Engine, clock: SteadyClock) -> Engine:
    """Return a store with evidence, an assessment of it, and what was done besides."""
    registered(engine, clock)
    about = [{"digest": MODEL, "name": "m", "kind": "model"}]
    document = a_document(a_metric("roc_auc", 0.61, split="holdout"), artifacts=about)  # type: ignore[arg-type]
    submitted(engine, document, clock=clock)
    ruling = read_ruling(BundleFiles(globs=("quality.floor",)))
    with a_work(engine, clock) as work:
        run_assessment(work, "s", "1", ruling, fail_on=Severity.HIGH)
    with a_work(engine, clock) as work:
        one = document.envelope
        retire_source(
            work,
            "s",
            format=one.format,
            tool=one.producer.tool,
            scope=one.scope,
            reason="switched off",
            person="ann",
        )
    return engine


def _audited(engine: Engine, note: str = "") -> Audit:
    with Reading(engine) as reading:
        return audit(reading, read_checkpoint(note, PUBLIC) if note else None)


def _codes(found: Audit) -> list[str]:
    return sorted({one.code for one in found.faults})


def _note(engine: Engine) -> str:
    with Reading(engine) as reading:
        return make_checkpoint(reading, KEY, ORIGIN)


def _tampered(engine: Engine, statements: Sequence[str]) -> None:
    """Change rows as one who owns the database can: without its triggers."""
    with changing_schema(engine) as connection:
        if engine.dialect.name == "sqlite":
            found = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            )
            for (name,) in found.fetchall():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in TABLES:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0


def test_a_store_that_nobody_touched_agrees_with_its_log(full: Engine) -> None:
    found = _audited(full, _note(full))
    assert found.faults == ()
    assert (found.size, found.things) == (6, 6)
    assert (found.blobs, found.erased) == (1, 0)


def test_the_log_goes_on_and_still_begins_with_what_was_signed(
    full: Engine, clock: SteadyClock
) -> None:
    note = _note(full)
    clock.at = clock.at.replace(year=clock.at.year + 1)
    submitted(full, a_document(a_metric("f1", 0.5)), clock=clock)
    assert _audited(full, note).faults == ()


@pytest.mark.parametrize(
    ("statement", "code", "where"),
    [
        ("UPDATE facts SET body = replace(body, '0.61', '0.91')", "record-changed", "evidence "),
        ("UPDATE facts SET value = 0.91", "record-changed", "evidence "),
        ("UPDATE coverage SET examined = 5", "record-changed", "evidence "),
        ("UPDATE evidence SET tool = 'other'", "record-changed", "evidence "),
        ("UPDATE evidence SET envelope_json = '{}'", "record-changed", "evidence "),
        ("DELETE FROM evidence_artifacts", "record-changed", "evidence "),
        ("DELETE FROM facts", "record-changed", "evidence "),
        ("UPDATE findings SET outcome = 'pass'", "record-changed", "assessment "),
        ("DELETE FROM finding_controls", "record-changed", "assessment "),
        ("UPDATE assessments SET verdict = 'pass'", "record-changed", "assessment "),
        ("UPDATE assessments SET body = '{}'", "record-changed", "assessment "),
        (
            "UPDATE assessments SET body = replace(body, 'fail', 'pass')",
            "record-changed",
            "assessment ",
        ),
        ("UPDATE bundles SET body = replace(body, '0.75', '0.1')", "record-changed", "bundle "),
        ("UPDATE systems SET body = replace(body, 'high', 'low')", "record-changed", "system s"),
        ("UPDATE releases SET body = replace(body, '1', '2')", "record-changed", "release s/1"),
        (
            "UPDATE retirements SET body = replace(body, 'off', 'on')",
            "record-changed",
            "retirement s",
        ),
        ("DELETE FROM retirements", "record-missing", "retirement s"),
        ("UPDATE blobs SET kept_digest = 'sha256:00'", "blob-changed", "sha256:"),
        ("UPDATE blobs SET content = NULL", "blob-missing", "sha256:"),
        ("UPDATE entries SET kind = 'system' WHERE seq = 3", "entry-changed", "entry 3"),
        ("UPDATE entries SET body = 'x' WHERE seq = 3", "log-rewritten", "checkpoint 6"),
        ("UPDATE entries SET seq = 9 WHERE seq = 4", "log-gap", "entry 5"),
        ("DELETE FROM retirements; DELETE FROM entries WHERE seq = 6", "log-cut", "checkpoint 6"),
    ],
)
def test_a_change_behind_the_back_of_the_engine_is_found(
    full: Engine, statement: str, code: str, where: str
) -> None:
    note = _note(full)
    _tampered(full, statement.split("; "))
    found = [one for one in _audited(full, note).faults if one.code == code]
    assert any(one.where.startswith(where) for one in found)


def test_a_log_that_was_written_anew_agrees_with_itself_and_not_with_a_checkpoint(
    full: Engine,
) -> None:
    note = _note(full)
    move = 'UPDATE entries SET body = replace(body, \'"reason":""\', \'"reason":"x"\')'
    _tampered(full, [f"{move} WHERE seq = 3"])
    assert _codes(_audited(full)) == []
    assert _codes(_audited(full, note)) == ["log-rewritten"]


def test_time_that_runs_backwards_in_the_log_is_told(full: Engine) -> None:
    body = 'replace(body, \'"at":"2\', \'"at":"1\')'
    at = "1026-11-20 00:00:00" + ("" if full.dialect.name == "sqlite" else "+00")
    _tampered(full, [" ".join(("UPDATE entries SET body =", body, f", at = '{at}' WHERE seq = 5"))])
    assert "log-backwards" in _codes(_audited(full))


def test_erased_bytes_are_no_fault_where_the_log_says_so(full: Engine) -> None:
    with Reading(full) as reading:
        (blob,) = reading.connection.execute(text("SELECT digest FROM blobs")).one()
    with a_work(full) as work:
        erase_blob(work, blob, person="ann", reason="it names a patient")
    found = _audited(full)
    assert (found.faults, found.erased) == ((), 1)


def test_every_entry_can_be_proven_to_whoever_holds_the_checkpoint(full: Engine) -> None:
    note = _note(full)
    state = read_checkpoint(note, PUBLIC)
    for seq in range(1, state.size + 1):
        with Reading(full) as reading:
            receipt = prove(reading, seq, state, note)
        assert receipt_holds(receipt, state)
        other = receipt.model_copy(update={"entry": receipt.entry.replace("s", "z")})
        assert not receipt_holds(other, state)
        assert not receipt_holds(receipt.model_copy(update={"seq": seq + 1}), state)
        assert not receipt_holds(receipt.model_copy(update={"size": 7}), state)
        assert not receipt_holds(receipt.model_copy(update={"path": ("!",)}), state)


def test_there_is_no_proof_of_what_the_checkpoint_does_not_hold(full: Engine) -> None:
    note = _note(full)
    state = read_checkpoint(note, PUBLIC)
    with Reading(full) as reading, pytest.raises(UsageError) as caught:
        prove(reading, 7, state, note)
    assert caught.value.code == "entry-unknown"
    _tampered(full, ["UPDATE entries SET body = 'x' WHERE seq = 2"])
    with Reading(full) as reading, pytest.raises(UsageError) as caught:
        prove(reading, 1, state, note)
    assert caught.value.code == "checkpoint-elsewhere"


def test_what_is_no_receipt_is_refused() -> None:
    with pytest.raises(SubmitterError) as caught:
        read_receipt(b"{}", "r.json")
    assert caught.value.code == "receipt-unreadable"


def test_an_auditor_goes_the_whole_way_by_commands(
    sqlite_database: str, clock: SteadyClock, tmp_path: Path
) -> None:
    from assaybook.store.engine import open_engine

    engine = open_engine(sqlite_database)
    registered(engine, clock)
    here = ("--database", sqlite_database)
    key = "log.key"
    made = assay("ledger", "key", "-o", "log.pem", inside=tmp_path)
    (tmp_path / key).write_text(made.out, encoding="utf-8")
    sign = ("ledger", "checkpoint", "--key", "log.pem", "-o", "held.note", *here)
    assert assay(*sign, inside=tmp_path).out == (tmp_path / "held.note").read_text(encoding="utf-8")
    held = ("--checkpoint", "held.note", "--log-key", key)
    told = assay("ledger", "audit", *held, *here, "--format", "json", inside=tmp_path)
    assert (told.code, told.value["faults"]) == (0, [])
    assert assay("ledger", "audit", *here, inside=tmp_path).code == 0
    assert assay("ledger", "prove", 1, *held, "-o", "r.json", *here, inside=tmp_path).code == 0
    checked = assay("ledger", "check", "r.json", "--log-key", key, inside=tmp_path)
    assert (checked.code, checked.value["kind"]) == (0, "system")
    forged = (tmp_path / "r.json").read_text(encoding="utf-8").replace("system", "sistem")
    (tmp_path / "r.json").write_text(forged, encoding="utf-8")
    assert assay("ledger", "check", "r.json", "--log-key", key, inside=tmp_path).code == 1
    refused(assay("ledger", "key", "-o", "log.pem", inside=tmp_path), 2, "key-exists")
    alone = ("ledger", "audit", "--checkpoint", "held.note", *here)
    refused(assay(*alone, inside=tmp_path), 2, "log-key-missing")
    _tampered(engine, ["UPDATE systems SET body = '{}'"])
    found = assay("ledger", "audit", *here, "--format", "csv", inside=tmp_path)
    assert found.code == 1
    assert "record-changed" in found.out
    engine.dispose()
