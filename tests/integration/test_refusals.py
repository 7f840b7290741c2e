"""What was submitted and refused stays on record: that it came, when and why, and not its bytes."""

import json
from datetime import datetime

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.canonical import digest_of
from assaybook.domain.refusal import MOST_KEPT, Refusal
from assaybook.service.ledger_audit import audit
from assaybook.service.submit_documents import Origin, Recording, Sent, Submitted, read_documents
from assaybook.store.refusals import refusals_of, save_refusals
from assaybook.store.unit_of_work import Reading
from support.stores import SteadyClock, a_work, count_evidence, registered

SECRET = "the-word-of-the-ward"
BROKEN = json.dumps({"assaybook": "v1", "facts": [{"type": SECRET}]}).encode()
REPORT = json.dumps({"results": [{"recall": 0.5}], "by": SECRET}).encode()
ORIGIN = Origin("s", "1", submitted_by="ann", mark="m")


@pytest.fixture
def store(engine: Engine, clock: SteadyClock) -> Engine:
    """Return a store in which the system ``s`` with its release ``1`` is registered."""
    registered(engine, clock)
    return engine


def _send(engine: Engine, clock: SteadyClock, *documents: Sent, origin: Origin = ORIGIN) -> int:
    recording = Recording(origin, documents, clock.at)
    return len(_recorded(engine, clock, recording).problems)


def _recorded(engine: Engine, clock: SteadyClock, recording: Recording) -> Submitted:
    recording.prepare()
    with a_work(engine, clock) as work:
        done = recording(work)
    assert isinstance(done, Submitted)
    return done


def _refused(engine: Engine, clock: SteadyClock) -> tuple[Refusal, ...]:
    with Reading(engine) as reading:
        return refusals_of(reading, "s", "1", as_of=clock.at)


def test_a_refused_document_is_an_entry_of_the_log_without_a_word_of_its_content(
    store: Engine, clock: SteadyClock
) -> None:
    files = (Sent("metrics.json", BROKEN), Sent("report.json", REPORT), Sent("x.json", b""))
    assert _send(store, clock, *files) == 3
    found = _refused(store, clock)
    assert [one.name for one in found] == ["metrics.json", "report.json", "x.json"]
    broken, report, empty = found
    assert (broken.digest, broken.size, broken.submitted_by) == (
        digest_of(BROKEN),
        len(BROKEN),
        "ann",
    )
    assert (broken.detected, broken.code) == ("assaybook", "document-breaks-format")
    assert "metric" in broken.families
    assert (report.detected, report.code, report.families) == ("", "format-unknown", ())
    assert empty.code == "document-empty"
    with Reading(store) as reading:
        assert audit(reading).faults == ()
        assert count_evidence(reading) == 0
        rows = reading.connection.execute(text("SELECT kind, ref, body FROM entries")).all()
        kept = reading.connection.execute(text("SELECT body FROM refusals")).scalars().all()
        assert reading.connection.execute(text("SELECT count(*) FROM blobs")).scalar() == 0
    assert [ref for kind, ref, _body in rows if kind == "refusal"] == [one.id for one in found]
    assert SECRET not in str(kept) + str(rows)


def test_the_same_bytes_are_refused_once_of_a_release_whatever_they_are_called(
    store: Engine, clock: SteadyClock
) -> None:
    _send(store, clock, Sent("a.json", BROKEN), Sent("b.json", BROKEN))
    (first,) = _refused(store, clock)
    _send(store, clock, Sent("c.json", BROKEN))
    assert _refused(store, clock) == (first,)


def test_submissions_that_share_a_commit_keep_each_its_own_refusals(
    store: Engine, clock: SteadyClock
) -> None:
    bob = Origin("s", "1", submitted_by="bob", mark="n")
    both = [
        Recording(one, (), clock.at, read=read_documents([sent], one, clock.at))
        for one, sent in ((ORIGIN, Sent("a.json", BROKEN)), (bob, Sent("b.json", REPORT)))
    ]
    with a_work(store, clock) as work:
        Recording.together(work, both)
    assert [(one.name, one.submitted_by) for one in _refused(store, clock)] == [
        ("a.json", "ann"),
        ("b.json", "bob"),
    ]


def _naming(**subject: str) -> bytes:
    about = [{"type": "metric", "name": "recall", "value": 0.9, "n": 9}]
    return json.dumps({"assaybook": "v1", "subject": subject, "facts": about}).encode()


def test_a_document_about_what_nobody_registered_is_refused_alone_and_on_record(
    store: Engine, clock: SteadyClock
) -> None:
    files = (
        Sent("good.json", _naming()),
        Sent("release.json", _naming(system="s", release="9")),
        Sent("system.json", _naming(system="t", release="1")),
    )
    recording = Recording(ORIGIN, files, clock.at, manifest=b"files: [{path: good.json}]")
    done = _recorded(store, clock, recording)
    assert len(done.report.accepted) == 1
    assert [(one.file, one.code, one.where) for one in done.problems] == [
        ("release.json", "release-unknown", "release.json"),
        ("system.json", "system-unknown", "system.json"),
    ]
    assert all(one.hint for one in done.problems)
    kept = [(one.name, one.code, one.detected, one.digest) for one in _refused(store, clock)]
    assert kept == [
        (one.name, code, "assaybook", digest_of(one.content))
        for one, code in zip(files[1:], ("release-unknown", "system-unknown"), strict=True)
    ]


def test_names_that_no_database_takes_are_kept_as_what_can_be_read_of_them(
    store: Engine, clock: SteadyClock
) -> None:
    _send(store, clock, Sent("\udcffx\0.json" + "y" * 500, BROKEN))
    (one,) = _refused(store, clock)
    assert one.name.startswith("?x\N{REPLACEMENT CHARACTER}.json")
    assert len(one.name) == 200


def test_refusals_cannot_fill_the_disk(store: Engine, clock: SteadyClock) -> None:
    _send(store, clock, Sent("a.json", BROKEN))
    (one,) = _refused(store, clock)
    many = [one.model_copy(update={"id": f"rf-{n:032x}"}) for n in range(MOST_KEPT + 7)]
    with a_work(store, clock) as work:
        assert save_refusals(work, many) == MOST_KEPT - 1
        assert save_refusals(work, many[-1:]) == 0
        assert save_refusals(work, ()) == 0
    assert len(_refused(store, clock)) == MOST_KEPT


def test_an_instant_shows_what_had_been_refused_by_then(store: Engine, clock: SteadyClock) -> None:
    before: datetime = clock.at
    _send(store, clock, Sent("a.json", BROKEN))
    with Reading(store) as reading:
        assert refusals_of(reading, "s", "1", as_of=before) == ()
        assert refusals_of(reading, "s", "2", as_of=clock.at) == ()
