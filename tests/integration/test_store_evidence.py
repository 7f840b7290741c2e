"""Evidence is recorded once, whole, and found by system as of any instant."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import AssayError, SubmitterError, UsageError
from assaybook.domain.evidence import AboutArtifact, Scope
from assaybook.domain.subject import Artifact, Release
from assaybook.service.retire_source import retire_source
from assaybook.service.submit_evidence import submit_evidence
from assaybook.store.blobs import load_blob
from assaybook.store.decisions import retirements_of
from assaybook.store.evidence import (
    EvidenceReceipt,
    evidence_for,
    list_evidence,
    load_evidence,
)
from assaybook.store.journal import entries_after
from assaybook.store.recorded_blobs import recorded_blobs
from assaybook.store.rows import evidence_digest
from assaybook.store.unit_of_work import Reading
from support.evidence import MODEL, a_document, a_fact, a_metric, covered
from support.stores import (
    SteadyClock,
    a_work,
    count_evidence,
    received,
    registered,
    submitted,
)

SECOND = timedelta(seconds=1)


@pytest.fixture
def store(engine: Engine, clock: SteadyClock) -> Engine:
    """Return a store in which the system ``s`` with its release ``1`` is registered."""
    registered(engine, clock)
    return engine


def test_what_was_submitted_is_read_back_as_it_was_but_for_when_it_was_received(
    store: Engine, clock: SteadyClock
) -> None:
    secret = a_fact("security", **{"fingerprint": "f\x00\u2028", "class": "secret"})
    tested = a_fact("operation", kind="rollback", tested_at=clock.at, for_seconds=1.5)
    document = a_document(
        a_metric(value=0.1 + 0.2, n=7),
        secret,
        tested,
        coverage=[covered("security/secret", None, skipped_items=("a", "b"))],
        scope=Scope(dataset="d\x00", path="x" * 900),
        artifacts=[AboutArtifact(digest=MODEL)],
        run="r1",
    )
    report = submitted(store, document, clock=clock)
    with Reading(store) as reading:
        found = load_evidence(reading, document.envelope.id)
        (entry,) = entries_after(reading.connection, report.accepted[0].seq - 1, limit=1)
    envelope = received(document)[0].envelope
    at = report.accepted[0].received_at
    assert found.envelope == envelope.model_copy(update={"received_at": at})
    assert (found.facts, found.coverage) == (document.facts, document.coverage)
    assert entry.digest == evidence_digest(found) == report.accepted[0].digest


def test_the_same_evidence_again_is_a_duplicate_with_the_first_receipt(
    store: Engine, clock: SteadyClock
) -> None:
    document = a_document(a_metric())
    first = submitted(store, document, clock=clock)
    again = submitted(store, document, document, a_document(a_metric("auc")), clock=clock)
    assert again.duplicates == (first.accepted[0],) * 2
    assert len(again.accepted) == 1
    with Reading(store) as reading:
        assert count_evidence(reading) == 2
        assert len(list(entries_after(reading.connection, 0, limit=100))) == 4
        asked = {first.accepted[0].blob, f"sha256:{'0' * 64}"}
        ((envelope, receipt),) = recorded_blobs(reading, "s", "1", asked)
        assert (envelope.id, receipt) == (first.accepted[0].evidence, first.accepted[0])
        assert list(recorded_blobs(reading, "s", "2", asked)) == []


def test_a_document_that_stands_twice_in_one_submission_is_recorded_once(
    store: Engine, clock: SteadyClock
) -> None:
    report = submitted(store, *[a_document(a_metric())] * 2, clock=clock)
    assert (len(report.accepted), report.duplicates) == (1, report.accepted)


def test_a_submission_with_one_refused_document_records_nothing(
    store: Engine, clock: SteadyClock
) -> None:
    good, stray = a_document(a_metric()), a_document(a_metric("auc"), system="t")
    with pytest.raises(UsageError) as caught:
        submitted(store, good, stray, clock=clock)
    assert caught.value.code == "system-unknown"
    with Reading(store) as reading:
        assert count_evidence(reading) == 0
        assert [one.kind for one in entries_after(reading.connection, 0, limit=9)] == [
            "system",
            "release",
        ]


@pytest.mark.parametrize(
    ("said", "code", "hint"),
    [
        pytest.param({"system": "S"}, "system-unknown", "Did you mean s?", id="unknown system"),
        pytest.param({"release": "1.0"}, "release-unknown", "Did you mean 1?", id="near release"),
        pytest.param(
            {"system": None, "release": "1"}, "evidence-about-nothing", "--system", id="no system"
        ),
    ],
)
def test_evidence_that_no_assessment_could_find_is_refused(
    store: Engine, clock: SteadyClock, said: dict[str, str], code: str, hint: str
) -> None:
    with pytest.raises(AssayError) as caught:
        submitted(store, a_document(a_metric(), **said), clock=clock)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert hint in caught.value.hint


def test_bytes_must_come_with_their_evidence_and_have_its_digest(
    store: Engine, clock: SteadyClock
) -> None:
    document, content = received(a_document(a_metric()))
    codes: list[str] = []
    for blobs in ({}, {document.envelope.blob: content + b" "}):
        with pytest.raises(SubmitterError) as caught, a_work(store, clock) as work:
            submit_evidence(work, [document], blobs)
        codes.append(caught.value.code)
    assert codes == ["blob-missing", "blob-mismatch"]


def test_redacted_bytes_are_kept_under_the_digest_of_the_original(
    store: Engine, clock: SteadyClock
) -> None:
    document, original = received(a_document(a_metric(), redactions=("email: 1",)))
    blob = document.envelope.blob
    with a_work(store, clock) as work:
        submit_evidence(work, [document], {blob: b"without it"})
    with Reading(store) as reading:
        assert load_blob(reading, blob) == b"without it"
    assert digest_of(original) == blob


def test_an_instant_shows_what_had_been_received_by_then_and_nothing_later(
    store: Engine, clock: SteadyClock
) -> None:
    first = submitted(store, a_document(a_metric()), clock=clock).accepted[0]
    second = submitted(store, a_document(a_metric("auc")), clock=clock).accepted[0]
    with Reading(store) as reading:
        seen = [
            [one.envelope.id for one in evidence_for(reading, "s", as_of=at)]
            for at in (
                first.received_at - SECOND / 2,
                first.received_at,
                second.received_at - SECOND / 2,
                second.received_at,
            )
        ]
    both = sorted([first.evidence, second.evidence])
    assert seen == [[], [first.evidence], [first.evidence], both]


def test_documents_that_name_only_a_digest_are_found_for_each_system_that_has_it(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock, systems=("s", "t"))
    by_digest = a_document(
        a_metric(), system=None, release=None, artifacts=[AboutArtifact(digest=MODEL)]
    )
    unknown = a_document(
        a_metric("auc"),
        system=None,
        release=None,
        artifacts=[AboutArtifact(digest=f"sha256:{'9' * 64}")],
    )
    submitted(engine, by_digest, unknown, a_document(a_metric("f1")), clock=clock)
    with Reading(engine) as reading:
        of_s = evidence_for(reading, "s", as_of=clock.at)
        of_t = evidence_for(reading, "t", as_of=clock.at)
    assert len(of_s) == 2
    assert [one.envelope.id for one in of_t] == [by_digest.envelope.id]


def test_a_digest_that_is_registered_later_finds_what_was_submitted_before(
    store: Engine, clock: SteadyClock
) -> None:
    digest = f"sha256:{'9' * 64}"
    early = a_document(
        a_metric(), system=None, release=None, artifacts=[AboutArtifact(digest=digest)]
    )
    submitted(store, early, clock=clock)
    before = clock.at
    artifact = Artifact(name="m", kind="model", digest=digest)
    registered(store, clock, releases={"2": Release(version="2", artifacts=(artifact,))})
    with Reading(store) as reading:
        assert evidence_for(reading, "s", as_of=before) == ()
        assert len(evidence_for(reading, "s", as_of=clock.at)) == 1


def test_pages_join_to_the_whole_listing_whatever_their_size(
    store: Engine, clock: SteadyClock
) -> None:
    registered(store, clock, systems=("t", "u"))
    told: list[tuple[str, str]] = []
    for number, system in enumerate("stusstu"):
        pair = [a_document(a_metric(value=(number + x) / 20), system=system) for x in (0, 0.5)]
        done = submitted(store, *pair, clock=clock)
        told += [(system, one.evidence) for one in sorted(done.accepted, key=_place)]
    with Reading(store) as reading:
        for size in (1, 3, 100):
            for among in (None, ["s"], ["s", "u"], []):
                wanted = [key for system, key in told if among is None or system in among]
                assert _pages(reading, size, among=among) == wanted
                if among is None or "s" in among:
                    wanted = [key for system, key in told if system == "s"]
                    assert _pages(reading, size, system="s", among=among) == wanted
        assert _pages(reading, 3, system="s", among=["u"]) == []
        assert _pages(reading, 3, system="s", form="other") == []


def _place(receipt: EvidenceReceipt) -> int:
    return receipt.seq


def _pages(
    reading: Reading,
    size: int,
    *,
    system: str | None = None,
    among: list[str] | None = None,
    form: str | None = None,
) -> list[str]:
    """Return the ids of all pages, one after the other."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = list_evidence(
            reading, system=system, after=cursor, limit=size, among=among, form=form
        )
        assert len(page.items) <= size
        found += [one.id for one in page.items]
        if page.next is None:
            return found
        cursor = page.next


@pytest.mark.parametrize(
    ("after", "limit", "code"),
    [
        pytest.param("x", 1, "cursor-invalid", id="words for a cursor"),
        pytest.param("9" * 40, 1, "cursor-invalid", id="a number too long"),
        pytest.param(None, 0, "limit-invalid", id="an empty page"),
        pytest.param(None, 1001, "limit-invalid", id="an endless page"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    store: Engine, after: str | None, limit: int, code: str
) -> None:
    with pytest.raises(UsageError) as caught, Reading(store) as reading:
        list_evidence(reading, system=None, after=after, limit=limit)
    assert caught.value.code == code


def test_asking_for_evidence_of_a_system_never_walks_the_whole_store(store: Engine) -> None:
    query = "SELECT id FROM evidence WHERE system = 's' AND received_at <= '2027-01-01'"
    with Reading(store) as reading:
        if store.dialect.name == "sqlite":
            rows = reading.connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))
            plan = " ".join(str(row[3]) for row in rows)
            assert "USING INDEX evidence_by_system (system=? AND received_at<?)" in plan
        else:
            # With few rows a server rightly prefers to walk; it must be able not to.
            reading.connection.execute(text("SET LOCAL enable_seqscan = off"))
            rows = reading.connection.execute(text(f"EXPLAIN {query}"))
            assert "evidence_by_s" in " ".join(str(row[0]) for row in rows)


def test_a_source_is_retired_by_a_person_with_a_reason_and_only_if_it_ever_spoke(
    store: Engine, clock: SteadyClock
) -> None:
    submitted(store, a_document(a_metric(), tool="old"), clock=clock)
    words = {"format": "tool", "scope": Scope(), "reason": "switched off", "person": "ann"}
    refused: list[tuple[str, str]] = []
    for changed in ({"tool": "older"}, {"tool": "old", "reason": "\u200b "}):
        with pytest.raises(UsageError) as caught, a_work(store, clock) as work:
            retire_source(work, "s", **{**words, **changed})  # type: ignore[arg-type]
        refused.append((caught.value.code, caught.value.hint))
    assert refused[0] == ("source-unknown", "There are: format tool, tool old.")
    assert refused[1][0] == "retirement-unexplained"
    before = clock.at
    with a_work(store, clock) as work:
        retired = retire_source(work, "s", **{**words, "tool": "old"})  # type: ignore[arg-type]
    with Reading(store) as reading:
        assert retirements_of(reading, "s", as_of=clock.at) == (retired,)
        assert retirements_of(reading, "s", as_of=before) == ()
        assert evidence_for(reading, "s", as_of=clock.at)[0].envelope.received_at < retired.at


def test_what_is_not_recorded_is_said_to_be_unknown(store: Engine) -> None:
    codes: list[str] = []
    for look_up in (load_evidence, load_blob):
        with pytest.raises(UsageError) as caught, Reading(store) as reading:
            look_up(reading, "nothing")
        codes.append(caught.value.code)
    assert codes == ["evidence-unknown", "blob-unknown"]


def test_single_facts_are_found_by_the_statements_of_the_guide(
    store: Engine, clock: SteadyClock
) -> None:
    submitted(store, a_document(a_metric("f1", 0.5), a_metric(slice="a")), clock=clock)
    guide = Path(__file__).parents[2] / "docs/guides/server.md"
    statements = re.findall(r"```sql\n(.+?);\n```", guide.read_text(encoding="utf-8"), re.DOTALL)
    (asked,) = [one for one in statements if ("::json" in one) != (store.dialect.name == "sqlite")]
    with Reading(store) as reading:
        found = reading.connection.exec_driver_sql(asked.replace("triage", "s")).all()
    assert sorted((name, str(value)) for _id, name, value in found) == [
        ("f1", "0.5"),
        ("recall", "0.9"),
    ]
