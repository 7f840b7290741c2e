"""Personal data can be erased: the bytes are gone, and everything that proves them stays."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import AssayError
from assaybook.domain.principal import Principal, Role
from assaybook.ledger.log import check_receipt, read_state
from assaybook.service.erase_evidence import Erased, erase_evidence
from assaybook.service.ledger import list_entries, prove, sign_log
from assaybook.service.ledger_audit import audit
from assaybook.service.ledger_keys import Change, make_keys, read_keys_root
from assaybook.service.show_evidence import show_blob
from assaybook.service.submit_evidence import submit_evidence
from assaybook.store.blobs import load_blob
from assaybook.store.engine import open_engine
from assaybook.store.evidence import load_evidence
from assaybook.store.unit_of_work import Reading
from support.commands import assay, refused
from support.evidence import AS_OF, a_document, a_metric, days
from support.roots import BEGAN, LOG
from support.stores import SteadyClock, a_work, received, registered

WHY = "a patient asked for it"


def _shared(engine: Engine, clock: SteadyClock) -> tuple[Evidence, Evidence]:
    """Submit the same bytes as evidence about two systems."""
    registered(engine, clock, systems=("s", "t"))
    mine, raw = received(a_document(a_metric("f1", 0.5)))
    about = mine.envelope.subject.model_copy(update={"system": "t"})
    other = mine.envelope.model_copy(update={"subject": about, "id": "ev-other"})
    theirs = mine.model_copy(update={"envelope": other})
    with a_work(engine, clock) as work:
        submit_evidence(work, [mine, theirs], {mine.envelope.blob: raw})
    return mine, theirs


def _erase(engine: Engine, evidence: str, *, person: str = "ann", reason: str = WHY) -> Erased:
    with a_work(engine) as work:
        return erase_evidence(work, evidence, person=person, reason=reason)


def _code(engine: Engine, evidence: str, *, person: str = "ann", reason: str = WHY) -> str:
    with pytest.raises(AssayError) as caught:
        _erase(engine, evidence, person=person, reason=reason)
    return caught.value.code


def test_the_bytes_go_and_digest_proof_facts_and_reason_stay(
    engine: Engine, clock: SteadyClock, tmp_path: Path
) -> None:
    mine, theirs = _shared(engine, clock)
    with Reading(engine) as reading:
        before = load_evidence(reading, mine.envelope.id)
    done = _erase(engine, mine.envelope.id)
    assert done.evidence == tuple(sorted((mine.envelope.id, theirs.envelope.id)))
    assert done.erasure.words() == f"2026-11-20 by ann: {WHY}"
    make_keys(tmp_path, LOG, Change(BEGAN))
    now = AS_OF + days(1)
    with Reading(engine) as reading:
        assert load_blob(reading, done.blob) is None
        assert load_evidence(reading, mine.envelope.id) == before
        found = audit(reading)
        assert (found.faults, found.blobs, found.erased) == ((), 1, 1)
        signed = sign_log(reading, tmp_path, now)
        state = read_state(signed.note, read_keys_root(tmp_path), now=now)
        for one in list_entries(reading, after=None, limit=100).items:
            check_receipt(prove(reading, one.seq, signed), state)
    assert _code(engine, mine.envelope.id) == "blob-erased"
    fresh, raw = received(a_document(a_metric("f1", 0.5)))
    again = fresh.envelope.model_copy(update={"id": "ev-again", "blob": done.blob})
    with pytest.raises(AssayError) as caught, a_work(engine) as work:
        submit_evidence(work, [fresh.model_copy(update={"envelope": again})], {done.blob: raw})
    assert caught.value.code == "blob-erased"


def test_who_erases_and_why_is_on_record_or_nothing_is_erased(
    sqlite_database: str, clock: SteadyClock
) -> None:
    engine = open_engine(sqlite_database)
    mine, _ = _shared(engine, clock)
    assert _code(engine, mine.envelope.id, reason=" ") == "erasure-unexplained"
    assert _code(engine, mine.envelope.id, person="") == "erasure-unexplained"
    assert _code(engine, "ev-none") == "evidence-unknown"
    limited = Principal(
        id="key:1",
        name="ann",
        kind="person",
        roles=frozenset({Role.ADMIN}),
        systems=frozenset({"s"}),
    )
    for evidence, code in ((mine.envelope.id, "not-allowed"), ("ev-other", "evidence-unknown")):
        with pytest.raises(AssayError) as caught, a_work(engine) as work:
            erase_evidence(work, evidence, person="ann", reason=WHY, principal=limited)
        assert caught.value.code == code
    everybody = limited.model_copy(update={"systems": None})
    with Reading(engine) as reading:
        assert show_blob(reading, everybody, "ev-other")[1]
    engine.dispose()


def test_a_person_erases_by_command_and_is_told_what_had_the_bytes(
    sqlite_database: str, clock: SteadyClock, tmp_path: Path
) -> None:
    engine = open_engine(sqlite_database)
    mine, theirs = _shared(engine, clock)
    engine.dispose()
    words = ("evidence", "erase", mine.envelope.id, "--person", "ann", "--reason", WHY)
    done = assay(*words, "--database", sqlite_database, inside=tmp_path)
    assert done.code == 0, done.err
    assert set(done.out.split()) == {mine.envelope.id, theirs.envelope.id}
    again = assay(*words, "--database", sqlite_database, inside=tmp_path)
    refused(again, 2, "blob-erased")
    assert WHY in again.err
