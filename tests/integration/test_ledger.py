"""Whoever owns the database can change it; the log and a checkpoint outside of it say so."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.policy import Assurance, Severity
from assaybook.domain.principal import Role
from assaybook.domain.waiver import Waiver
from assaybook.ledger.checkpoint import Checkpoint
from assaybook.ledger.log import State, check_goes_on, check_receipt, read_state
from assaybook.service.bundles import BundleFiles, read_ruling
from assaybook.service.ledger import (
    LAST_NOTE,
    LogSigner,
    SignedState,
    list_entries,
    prove,
    prove_growth,
    record_keys,
    seq_of,
    sign_log,
)
from assaybook.service.ledger_audit import Audit, audit
from assaybook.service.ledger_keys import Change, make_keys, read_keys_root, rotate_key
from assaybook.service.retire_source import retire_source
from assaybook.service.run_assessment import run_assessment
from assaybook.service.submit_evidence import submit_evidence
from assaybook.store.blobs import erase_blob
from assaybook.store.decisions import save_waivers
from assaybook.store.engine import open_engine
from assaybook.store.evidence import evidence_for
from assaybook.store.journal import Entry
from assaybook.store.keys import KeyRecord, revoke_key, save_key
from assaybook.store.reads import save_read
from assaybook.store.schema import upgrade
from assaybook.store.tables import EntryRow
from assaybook.store.tree import StoredTree, kept_nodes
from assaybook.store.unit_of_work import Reading, changing_schema
from support.commands import Done, assay, refused
from support.evidence import AS_OF, MODEL, a_document, a_metric, days
from support.roots import BEGAN, LOG
from support.stores import SteadyClock, a_work, registered, submitted, upgraded_to

TABLES = (
    "entries",
    "blobs",
    "evidence",
    "evidence_artifacts",
    "readings",
    "systems",
    "releases",
    "bundles",
    "assessments",
    "findings",
    "finding_controls",
    "retirements",
    "nodes",
)
NOW = AS_OF + days(1)


UNCOUNTED = (
    "UPDATE entries SET number = NULL, system = NULL, body = "
    "json_remove(json_set(body, '$.version', 1), '$.number', '$.system', '$.release') WHERE seq = 3"
)
"""Writes an entry as the engine wrote it that knew no numbers."""


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Return a folder of keys for the log."""
    folder = tmp_path / "keys"
    make_keys(folder, LOG, Change(BEGAN))
    return folder


def _filled(engine: Engine, clock: SteadyClock) -> Engine:
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


@pytest.fixture(scope="module")
def filled_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that is filled once, to be copied."""
    file = tmp_path_factory.mktemp("filled") / "assay.db"
    shutil.copy(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    _filled(engine, SteadyClock()).dispose()
    return file


@pytest.fixture
def full(filled_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """Return a filled store in a file of its own."""
    shutil.copy(filled_file, tmp_path / "assay.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'assay.db'}")
    yield engine
    engine.dispose()


def _audited(engine: Engine, held: State | None = None) -> Audit:
    with Reading(engine) as reading:
        return audit(reading, held)


def _codes(found: Audit) -> list[str]:
    return sorted({one.code for one in found.faults})


def _signed(engine: Engine, keys: Path, now: datetime = NOW) -> SignedState:
    with Reading(engine) as reading:
        return sign_log(reading, keys, now)


def _held(engine: Engine, keys: Path) -> State:
    return read_state(_signed(engine, keys).note, read_keys_root(keys), now=NOW)


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


def test_on_either_database_what_nobody_touched_agrees_with_the_log_and_the_rest_does_not(
    engine: Engine, clock: SteadyClock, keys: Path
) -> None:
    _filled(engine, clock)
    found = _audited(engine, held := _held(engine, keys))
    assert found.faults == ()
    assert (found.size, found.things) == (6, 6)
    assert (found.blobs, found.erased) == (1, 0)
    _tampered(engine, ["UPDATE readings SET facts = '[]'", "UPDATE findings SET outcome = 'pass'"])
    assert _codes(_audited(engine, held)) == ["record-changed"]
    _tampered(engine, ["UPDATE blobs SET content = NULL"])
    _tampered(engine, ["UPDATE entries SET body = 'x' WHERE seq = 3"])
    assert {"record-changed", "blob-missing", "entry-changed", "log-rewritten"} <= set(
        _codes(_audited(engine, held))
    )


def test_the_log_goes_on_and_still_begins_with_what_was_signed(
    full: Engine, keys: Path, clock: SteadyClock
) -> None:
    held = _held(full, keys)
    clock.at = clock.at.replace(year=clock.at.year + 1)
    submitted(full, a_document(a_metric("f1", 0.5)), clock=clock)
    assert _audited(full, held).faults == ()


def test_no_text_of_a_document_can_be_taken_for_the_end_of_its_facts(
    sqlite_database: str, clock: SteadyClock
) -> None:
    engine = open_engine(sqlite_database)
    registered(engine, clock)
    document = a_document(a_metric("f1", 0.5, slice='a"}],"facts":[{"'), a_metric())
    submitted(engine, document, clock=clock)
    assert _audited(engine).faults == ()
    _tampered(engine, ["UPDATE readings SET facts = replace(facts, 'holdout', 'test')"])
    assert _codes(_audited(engine)) == ["record-changed"]
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "code", "where"),
    [
        (
            "UPDATE readings SET facts = replace(facts, '0.61', '0.91')",
            "record-changed",
            "evidence ",
        ),
        ("UPDATE readings SET facts = '[]'", "record-changed", "evidence "),
        (
            "UPDATE readings SET facts = replace(facts, '}]', '},') || substr(facts, 2)",
            "record-changed",
            "evidence ",
        ),
        ("UPDATE readings SET facts = coverage, coverage = facts", "record-changed", "evidence "),
        (
            "UPDATE readings SET coverage = replace(coverage, 'quality', 'cost')",
            "record-changed",
            "evidence ",
        ),
        ("UPDATE readings SET coverage = '[]'", "record-changed", "evidence "),
        ("UPDATE evidence SET format = 'other'", "record-changed", "evidence "),
        ("UPDATE evidence SET envelope_json = '{}'", "record-changed", "evidence "),
        ("DELETE FROM evidence_artifacts", "record-changed", "evidence "),
        ("DELETE FROM readings", "record-changed", "evidence "),
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
        ("UPDATE readings SET adapter_version = 99", "record-changed", "evidence "),
        (
            "INSERT INTO readings SELECT seq, 99, coverage, facts FROM readings",
            "record-changed",
            "evidence ",
        ),
        ("UPDATE evidence SET received_at = '2020-01-01 00:00:00'", "record-changed", "evidence "),
        ("UPDATE evidence SET digest = 'sha256:00'", "record-changed", "evidence "),
        (
            "; ".join(
                f"DELETE FROM {table}"  # noqa: S608 - names of ours
                for table in ("evidence_artifacts", "readings", "evidence")
            ),
            "record-missing",
            "evidence ",
        ),
        ("UPDATE systems SET at = '2020-01-01 00:00:00'", "record-changed", "system s"),
        ("UPDATE systems SET version = 2", "record-changed", "system s"),
        ("UPDATE systems SET person = 'bob'", "record-changed", "system s"),
        ("DELETE FROM systems", "record-missing", "system s"),
        ("UPDATE releases SET release = '2'", "record-changed", "release s/2"),
        ("UPDATE retirements SET source = 'x'", "record-changed", "retirement s"),
        ("UPDATE retirements SET at = '2020-01-01 00:00:00'", "record-changed", "retirement s"),
        ("UPDATE assessments SET seq = 3", "record-changed", "assessment "),
        ("UPDATE assessments SET release = '2'", "record-changed", "assessment "),
        (
            "DELETE FROM finding_controls; DELETE FROM findings; DELETE FROM assessments",
            "record-missing",
            "assessment ",
        ),
        ("UPDATE entries SET kind = 'system' WHERE seq = 3", "entry-changed", "entry 3"),
        ("UPDATE entries SET number = 9 WHERE seq = 3", "entry-changed", "entry 3"),
        ("UPDATE entries SET system = NULL WHERE seq = 3", "entry-changed", "entry 3"),
        (
            "UPDATE entries SET number = 9, body = json_set(body, '$.number', 9) WHERE seq = 3",
            "number-gap",
            "entry 3",
        ),
        (UNCOUNTED, "number-gap", "entry 5"),
        (UNCOUNTED, "record-changed", "evidence "),
        ("UPDATE entries SET body = 'x' WHERE seq = 3", "log-rewritten", "checkpoint 6"),
        ("UPDATE entries SET seq = 9 WHERE seq = 4", "log-gap", "entry 5"),
        ("DELETE FROM retirements; DELETE FROM entries WHERE seq = 6", "log-cut", "checkpoint 6"),
    ],
)
def test_a_change_behind_the_back_of_the_engine_is_found(
    full: Engine, keys: Path, statement: str, code: str, where: str
) -> None:
    held = _held(full, keys)
    _tampered(full, statement.split("; "))
    found = [one for one in _audited(full, held).faults if one.code == code]
    assert any(one.where.startswith(where) for one in found)


def test_bytes_that_were_replaced_together_with_their_digest_are_found(full: Engine) -> None:
    fake = f"content = x'00', size = 1, kept_digest = '{digest_of(bytes(1))}'"
    _tampered(full, [f"UPDATE blobs SET {fake}"])  # noqa: S608 - ours
    assert _codes(_audited(full)) == ["blob-changed"]


def _without_references(engine: Engine, statements: Sequence[str]) -> None:
    """Change rows past triggers and past what refers to them."""
    _tampered(engine, [])
    with closing(sqlite3.connect(str(engine.url.database))) as connection, connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0


def test_bytes_of_which_not_even_a_digest_is_left_are_found(full: Engine) -> None:
    _without_references(full, ["DELETE FROM blobs"])
    assert _codes(_audited(full)) == ["blob-missing"]


@pytest.mark.parametrize(("place", "code"), [(4, "record-changed"), (99, "record-missing")])
def test_evidence_at_another_place_of_the_log_is_found(full: Engine, place: int, code: str) -> None:
    _without_references(full, [f"UPDATE evidence SET seq = {place}"])  # noqa: S608 - ours
    found = _audited(full).faults
    assert any(one.code == code and one.where.startswith("evidence ") for one in found)
    assert ("record-changed", "readings") in {(one.code, one.where) for one in found}


def test_rows_that_belong_to_nothing_are_found(full: Engine) -> None:
    _without_references(
        full,
        [
            "INSERT INTO readings SELECT 99, 1, coverage, facts FROM readings",
            "INSERT INTO finding_controls SELECT 'sha256:0', 9, 'c', 'd' FROM bundles",
        ],
    )
    found = _audited(full).faults
    assert {(one.code, one.where) for one in found} == {
        ("record-changed", "readings"),
        ("record-changed", "table finding_controls"),
    }


def test_the_log_says_what_was_kept_of_bytes_that_were_redacted(full: Engine) -> None:
    secret = a_document(a_metric("f1", 0.5), redactions=("token: 1",))
    with a_work(full, SteadyClock(NOW)) as work:
        submit_evidence(work, [secret], {secret.envelope.blob: b"[redacted]"})
    assert _audited(full).faults == ()
    fake = f"content = x'00', kept_digest = '{digest_of(bytes(1))}'"
    _tampered(full, [f"UPDATE blobs SET {fake} WHERE digest = '{secret.envelope.blob}'"])  # noqa: S608 - ours
    assert _codes(_audited(full)) == ["blob-changed"]


@pytest.mark.parametrize(
    ("statement", "code", "where"),
    [
        ("DELETE FROM api_key_revocations", "record-missing", "key-revoked 0123abcd"),
        ("UPDATE api_key_revocations SET at = '2030-01-01 00:00:00'", "record-changed", "key-rev"),
        ("UPDATE api_keys SET expires_at = '2030-01-01 00:00:00'", "record-changed", "key 0123"),
        ("UPDATE waivers SET at = '2020-01-01 00:00:00'", "record-changed", "waiver w"),
        ("UPDATE waivers SET why = 'x'", "record-changed", "waiver w"),
        ("UPDATE reads SET principal = 'nobody'", "record-changed", "read ev-1"),
        ("DELETE FROM reads", "record-missing", "read ev-1"),
    ],
)
def test_no_key_comes_back_and_no_decision_or_reading_is_other_than_it_was(
    full: Engine, statement: str, code: str, where: str
) -> None:
    made = KeyRecord(
        id="0123abcd",
        name="ci",
        kind="pipeline",
        roles=(Role.SUBMITTER,),
        systems=None,
        assurance=Assurance.CI,
        secret=digest_of(b"secret"),
        made_at=NOW,
        made_by="ann",
        expires_at=NOW + days(9),
    )
    waiver = Waiver(
        id="w",
        policy="quality.floor",
        rule="floor-is-held",
        system="s",
        whole=True,
        reason="known",
        requester="ann",
        expires=NOW + days(9),
    )
    with a_work(full, SteadyClock(NOW)) as work:
        save_key(work, made)
        revoke_key(work, made.id, person="ann", reason="lost")
        save_waivers(work, [waiver], person="bob")
        save_read(work, principal="p", name="eve", what="evidence", ref="ev-1", request="r")
    assert _audited(full).faults == ()
    _tampered(full, [statement])
    (found,) = _audited(full).faults
    assert found.code == code
    assert found.where.startswith(where)


def test_evidence_without_what_was_read_from_it_is_never_judged_as_if_it_said_nothing(
    full: Engine,
) -> None:
    _tampered(full, ["DELETE FROM readings"])
    with pytest.raises(OperatorError) as caught, Reading(full) as reading:
        evidence_for(reading, "s", as_of=NOW)
    assert caught.value.code == "reading-missing"


def test_what_was_erased_and_is_back_is_told(full: Engine) -> None:
    with Reading(full) as reading:
        blob, content = reading.connection.execute(text("SELECT digest, content FROM blobs")).one()
    with a_work(full) as work:
        erase_blob(work, blob, person="ann", reason="it names a patient")
    back = f"content = x'{content.hex()}'"
    _tampered(full, [f"UPDATE blobs SET {back}"])  # noqa: S608 - ours
    assert _codes(_audited(full)) == ["blob-returned"]


def test_a_value_of_another_kind_than_its_column_ends_the_audit_with_a_name(full: Engine) -> None:
    _tampered(full, ["UPDATE evidence SET received_at = 'whenever'"])
    with pytest.raises(OperatorError) as caught:
        _audited(full)
    assert (caught.value.code, caught.value.where) == ("table-unreadable", "evidence")


@pytest.mark.parametrize("value", ["5", "x'00'", "'{}'", "''"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("readings", "facts"),
        ("readings", "coverage"),
        ("evidence", "envelope_json"),
        ("bundles", "body"),
    ],
)
def test_a_text_that_is_none_is_a_changed_record(
    full: Engine, table: str, column: str, value: str
) -> None:
    _tampered(full, [f"UPDATE {table} SET {column} = {value}"])  # noqa: S608 - ours
    assert "record-changed" in _codes(_audited(full))


def test_a_log_that_was_written_anew_agrees_with_itself_and_not_with_a_checkpoint(
    full: Engine, keys: Path
) -> None:
    held = _held(full, keys)
    move = 'UPDATE entries SET body = replace(body, \'"reason":""\', \'"reason":"x"\')'
    _tampered(full, [f"{move} WHERE seq = 3"])
    assert _codes(_audited(full)) == []
    assert _codes(_audited(full, held)) == ["log-rewritten"]


def test_time_that_runs_backwards_in_the_log_is_told(full: Engine) -> None:
    body = 'replace(body, \'"at":"2\', \'"at":"1\')'
    at = "1026-11-20 00:00:00"
    _tampered(full, [" ".join(("UPDATE entries SET body =", body, f", at = '{at}' WHERE seq = 5"))])
    assert "log-backwards" in _codes(_audited(full))


def test_erased_bytes_are_no_fault_where_the_log_says_so(full: Engine) -> None:
    with Reading(full) as reading:
        (blob,) = reading.connection.execute(text("SELECT digest FROM blobs")).one()
    with a_work(full) as work:
        erase_blob(work, blob, person="ann", reason="it names a patient")
    found = _audited(full)
    assert (found.faults, found.erased) == ((), 1)


def test_every_entry_can_be_proven_to_whoever_holds_the_checkpoint(
    full: Engine, keys: Path
) -> None:
    signed = _signed(full, keys)
    state = read_state(signed.note, read_keys_root(keys), now=NOW)
    with Reading(full) as reading:
        entries = list_entries(reading, after=None, limit=100).items
        for one in entries:
            receipt = prove(reading, one.seq, signed)
            check_receipt(receipt, state)
            assert receipt.entry == one.body
            first = next(other.seq for other in entries if other.digest == one.digest)
            assert seq_of(reading, one.digest) == first
    assert len(entries) == state.checkpoint.size == 6


def test_the_log_is_read_page_by_page(full: Engine) -> None:
    with Reading(full) as reading:
        first = list_entries(reading, after=None, limit=4)
        last = list_entries(reading, after=first.next, limit=4)
    assert [one.seq for one in first.items + last.items] == [1, 2, 3, 4, 5, 6]
    assert (first.next, last.next) == ("4", None)


def test_the_log_is_proven_to_go_on_from_each_of_its_sizes(full: Engine, keys: Path) -> None:
    signed = _signed(full, keys)
    with Reading(full) as reading:
        for old in range(1, 7):
            growth = prove_growth(reading, old, signed)
            assert (growth.old, growth.new) == (old, 6)
        for never in (0, 7):
            with pytest.raises(UsageError) as caught:
                prove_growth(reading, never, signed)
            assert caught.value.code == "size-invalid"


def test_there_is_no_proof_of_what_the_checkpoint_does_not_hold(full: Engine, keys: Path) -> None:
    signed = _signed(full, keys)
    longer = SignedState(Checkpoint(LOG, 7, signed.checkpoint.root), signed.note)
    asked: tuple[tuple[Callable[[Reading], object], str], ...] = (
        (lambda reading: prove(reading, 7, signed), "entry-unknown"),
        (lambda reading: prove(reading, 0, signed), "entry-unknown"),
        (lambda reading: seq_of(reading, "sha256:00"), "entry-unknown"),
        (lambda reading: prove(reading, 6, longer), "checkpoint-elsewhere"),
        (lambda reading: prove_growth(reading, 6, longer), "checkpoint-elsewhere"),
    )
    for act, code in asked:
        with Reading(full) as reading, pytest.raises(UsageError) as caught:
            act(reading)
        assert caught.value.code == code
    _tampered(full, ["UPDATE entries SET body = 'x' WHERE seq = 2"])
    changed: tuple[Callable[[Reading], object], ...] = (
        lambda reading: prove(reading, 1, signed),
        lambda reading: prove_growth(reading, 1, signed),
    )
    for act in changed:
        with Reading(full) as reading, pytest.raises(UsageError) as caught:
            act(reading)
        assert caught.value.code == "checkpoint-elsewhere"


def test_keys_sign_no_log_that_is_shorter_or_other_than_what_they_signed_last(
    full: Engine, keys: Path, clock: SteadyClock
) -> None:
    _signed(full, keys)
    clock.at = clock.at.replace(year=clock.at.year + 1)
    submitted(full, a_document(a_metric("f1", 0.5)), clock=clock)
    later = _signed(full, keys)
    assert later.checkpoint.size == 7
    assert read_state(later.note, read_keys_root(keys), now=clock.at).at > NOW + days(300)
    _tampered(full, ["UPDATE entries SET body = 'x' WHERE seq = 2"])
    with pytest.raises(OperatorError) as caught:
        _signed(full, keys)
    assert caught.value.code == "log-rewritten"
    _tampered(full, ["DELETE FROM entries WHERE seq = 7"])
    with pytest.raises(OperatorError) as caught:
        _signed(full, keys)
    assert caught.value.code == "log-cut"
    _tampered(full, ["DELETE FROM entries WHERE seq = 3"])
    (keys / LAST_NOTE).unlink()
    with pytest.raises(OperatorError) as caught:
        _signed(full, keys)
    assert caught.value.code == "log-gap"


def test_a_server_signs_again_only_when_the_log_or_its_keys_have_changed(
    sqlite_database: str, keys: Path, clock: SteadyClock
) -> None:
    engine = open_engine(sqlite_database)
    registered(engine, clock)
    signer = LogSigner(keys)

    def state(seconds: float, seq: int = 0) -> SignedState:
        with Reading(engine) as reading:
            return signer.state(reading, NOW + timedelta(seconds=seconds), seq=seq)

    first = state(0)
    assert state(5000) is first
    registered(engine, clock, systems=("t",))
    assert state(0.5) is first
    wanted = state(0.5, seq=first.checkpoint.size + 1)
    assert wanted.checkpoint.size > first.checkpoint.size
    assert state(0.6, seq=999) is wanted
    rotate_key(keys, "checkpoint", Change(NOW + timedelta(seconds=1)))
    os.utime(keys / "root.json", ns=(1, 1))
    assert state(2) is not wanted
    engine.dispose()


def test_each_version_of_the_keys_is_one_entry_of_the_log(full: Engine, keys: Path) -> None:
    root = read_keys_root(keys)
    with a_work(full) as work:
        assert record_keys(work, root, person="ann", reason="made") == 1
    after = rotate_key(keys, "statement", Change(NOW))
    with a_work(full, SteadyClock(NOW)) as work:
        assert record_keys(work, after, person="ann", reason="yearly") == 1
        assert record_keys(work, after, person="ann") == 0
    with Reading(full) as reading:
        found = list_entries(reading, after="6", limit=9).items
    assert [(one.kind, one.ref) for one in found] == [("root", f"{LOG}/1"), ("root", f"{LOG}/2")]
    assert [one.digest for one in found] == list(after.digests)
    assert _audited(full).faults == ()


def test_a_checkpoint_signed_before_what_it_holds_is_told(full: Engine, keys: Path) -> None:
    held = _held(full, keys)
    early = State(held.checkpoint, held.key_id, BEGAN)
    assert _codes(_audited(full, early)) == ["checkpoint-backdated"]


def test_proofs_in_a_long_log_come_from_kept_nodes_that_nobody_has_to_believe(
    engine: Engine, clock: SteadyClock, keys: Path
) -> None:
    """Lengths around the first blocks of two heights, entries at edges, and sizes between."""
    bodies = [Entry("sign-off", str(n), digest_of(str(n).encode())) for n in range(1100)]
    for start, end in ((0, 31), (31, 32), (32, 1100)):
        with a_work(engine, clock) as work:
            work.record(bodies[start:end])
    signed = _signed(engine, keys)
    state = read_state(signed.note, read_keys_root(keys), now=NOW)
    with Reading(engine) as reading:
        for seq in (1, 31, 32, 33, 1024, 1025, 1100):
            check_receipt(prove(reading, seq, signed), state)
        for old in (1, 31, 32, 33, 1023, 1024, 1099, 1100):
            before = Checkpoint(LOG, old, StoredTree(reading.connection).root(old))
            growth = prove_growth(reading, old, signed)
            check_goes_on(State(before, "", state.at), state, growth.path)
        kept = [(height, place) for height, place, _ in kept_nodes(reading.connection)]
    assert kept == [*((5, place) for place in range(34)), (10, 0)]
    assert _audited(engine, state).faults == ()
    _tampered(engine, ["UPDATE nodes SET hash = zeroblob(32) WHERE place = 0"]) if (
        engine.dialect.name == "sqlite"
    ) else _tampered(engine, ["UPDATE nodes SET hash = decode('00', 'hex') WHERE place = 0"])
    assert _codes(_audited(engine, state)) == ["node-changed"]
    with Reading(engine) as reading, pytest.raises(UsageError) as caught:
        prove(reading, 1100, signed)
    assert caught.value.code == "checkpoint-elsewhere"
    _tampered(engine, ["DELETE FROM nodes WHERE place = 33"])
    assert _codes(_audited(engine, state)) == ["node-changed", "node-missing"]


def test_an_older_store_gets_the_nodes_of_its_log_when_it_is_brought_up_to_date(
    tmp_path: Path,
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'older.db'}")
    upgraded_to(engine, "0003")
    digests = [digest_of(str(number).encode()) for number in range(40)]
    rows = [
        {
            "seq": seq,
            "kind": "sign-off",
            "ref": "r",
            "digest": digest,
            "at": NOW,
            "body": Entry("sign-off", "r", digest).body(NOW).decode(),
        }
        for seq, digest in enumerate(digests, 1)
    ]
    with changing_schema(engine) as connection:
        connection.execute(insert(EntryRow), rows)
    upgrade(engine)
    with Reading(engine) as reading:
        assert len(list(kept_nodes(reading.connection))) == 1
    assert _audited(engine).faults == ()
    engine.dispose()


def test_nothing_is_recorded_after_a_log_whose_entries_are_missing(
    sqlite_database: str, clock: SteadyClock
) -> None:
    engine = open_engine(sqlite_database)
    bodies = [Entry("sign-off", str(n), digest_of(str(n).encode())) for n in range(32)]
    with a_work(engine, clock) as work:
        work.record(bodies[:31])
    _tampered(engine, ["DELETE FROM entries WHERE seq = 9"])
    with pytest.raises(OperatorError) as caught, a_work(engine, clock) as work:
        work.record(bodies[31:])
    assert caught.value.code == "log-gap"
    engine.dispose()


def test_an_auditor_goes_the_whole_way_by_commands(
    sqlite_database: str, clock: SteadyClock, tmp_path: Path
) -> None:
    engine = open_engine(sqlite_database)
    registered(engine, clock)
    here = ("--database", sqlite_database)

    def ledger(*words: object) -> Done:
        return assay("ledger", *words, inside=tmp_path)

    made = ledger("keys", "init", "--keys", "k", "--log", LOG, *here)
    root = ("--root", "k/root.json")
    shown = ledger("keys", "show", "k/root.json", "--format", "json")
    assert made.out.strip() in shown.err
    assert [one["role"] for one in shown.value] == ["root", "checkpoint", "statement", "report"]
    sign = ("checkpoint", "--keys", "k", *here, "-o")
    assert ledger(*sign, "held.note").out == (tmp_path / "held.note").read_text(encoding="utf-8")
    held = ("--checkpoint", "held.note", *root)
    told = ledger("audit", *held, *here, "--format", "json")
    assert (told.code, told.value["faults"]) == (0, [])
    assert ledger("audit", *here).code == 0
    assert ledger("prove", 1, *held, "-o", "r.json", *here).code == 0
    checked = ledger("check", "r.json", *root)
    assert (checked.code, checked.value["kind"]) == (0, "system")
    assert ledger("keys", "rotate", "checkpoint", "--keys", "k", *here).code == 0
    ledger(*sign, "new.note")
    assert (
        ledger(
            "prove",
            "--since",
            "held.note",
            "--checkpoint",
            "new.note",
            *root,
            *here,
            "-o",
            "g.json",
        ).code
        == 0
    )
    assert ledger("check", "g.json", *held).out == (tmp_path / "new.note").read_text("utf-8")
    refused(ledger("check", "g.json", *root), 1, "growth-false")
    reason = ("--reason", "lost", "--since", "2020-01-01T00:00:00Z")
    assert ledger("keys", "revoke", "checkpoint", "--keys", "k", *reason).code == 0
    refused(ledger("check", "g.json", *held), 1, "key-revoked")
    assert ledger("check", "r.json", *root).code == 0
    forged = (tmp_path / "r.json").read_text(encoding="utf-8").replace("system", "sistem")
    (tmp_path / "r.json").write_text(forged, encoding="utf-8")
    refused(ledger("check", "r.json", *root), 1, "receipt-false")
    (tmp_path / "r.json").write_bytes(b"{}")
    refused(ledger("check", "r.json", *root), 5, "proof-unreadable")
    refused(ledger("keys", "init", "--keys", "k"), 2, "keys-exist")
    refused(ledger("audit", "--checkpoint", "held.note", *here), 2, "root-missing")
    refused(ledger("prove", *held, "-o", "r.json", *here), 2, "proof-unnamed")
    _tampered(engine, ["UPDATE systems SET body = '{}'"])
    found = ledger("audit", *here, "--format", "csv")
    assert found.code == 1
    assert "record-changed" in found.out
    engine.dispose()


def test_what_a_reviewer_says_is_an_entry_that_changes_no_outcome(
    full: Engine, tmp_path: Path
) -> None:
    with Reading(full) as reading:
        (digest,) = reading.connection.execute(text("SELECT digest FROM assessments")).one()
    here = ("--database", str(full.url))

    def ledger(*words: object) -> Done:
        return assay("ledger", *words, *here, inside=tmp_path)

    said = ("--person", "ann", "--words", "the slice is too small")
    assert ledger("note", digest, *said, "--rule", "quality.floor/floor-is-held").out == "7\n"
    assert ledger("note", digest, *said, "--sign-off").out == "8\n"
    found = ledger("notes", digest, "--format", "json").value
    assert [(one["kind"], one["rule"], one["person"]) for one in found] == [
        ("disagreement", "quality.floor/floor-is-held", "ann"),
        ("sign-off", "", "ann"),
    ]
    refused(ledger("note", digest, *said, "--rule", "a/b"), 2, "rule-unknown")
    whole = (*said, "--sign-off", "--rule", "quality.floor/floor-is-held")
    refused(ledger("note", digest, *whole), 2, "note-whole")
    refused(ledger("note", "sha256:00", *said), 2, "assessment-unknown")
    refused(ledger("note", digest, "--person", "ann", "--words", " "), 2, "note-unexplained")
    assert _audited(full).faults == ()
