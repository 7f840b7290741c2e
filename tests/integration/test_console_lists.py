"""What pages list, on both databases: the last first, page by page, and by a few digits."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Principal, Role
from assaybook.domain.refusal import Refusal
from assaybook.domain.subject import Release
from assaybook.service.ledger import latest_entries
from assaybook.service.list_evidence import recorded_evidence, recorded_refusals
from assaybook.service.search import digits_in, find_by_digest, find_subjects
from assaybook.service.show_pack import packs_made, packs_unmade
from assaybook.store.assessments import recent_bundles, save_assessment, save_bundle
from assaybook.store.engine import open_engine
from assaybook.store.jobs import JobKind, JobProblem, Task, ask_job, end_job, next_job
from assaybook.store.packs import PackRecord, save_pack
from assaybook.store.refusals import save_refusals
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.evidence import AS_OF, a_document, a_metric, days
from support.packs import a_source
from support.stores import SteadyClock, a_work, registered, submitted

PDF = b"%PDF-1.7 of a test"


@pytest.fixture(scope="module")
def filled(kept_database: str) -> Iterator[Engine]:
    """Yield a store with documents of two systems, refusals, packs and a job that has failed."""
    engine, clock = open_engine(kept_database), SteadyClock()
    registered(engine, clock, systems=("s", "t"), releases={"2": Release(version="2.0-Rc")})
    for name, system in (("a", "s"), ("b", "t"), ("c", "s"), ("d", "s")):
        submitted(engine, a_document(a_metric(), name=name, system=system), clock=clock)
    with a_work(engine, clock) as work:
        for name in "xyz":
            save_refusals(work, [_refusal(name)])
        _packs(work)
    yield engine
    engine.dispose()


def _refusal(name: str) -> Refusal:
    return Refusal(
        id=f"rf-{digest_of(name.encode())[7:39]}",
        system="s",
        release="1",
        digest=None,
        size=None,
        name=name,
        declared="",
        detected="",
        families=(),
        code="format-unknown",
        received_at=AS_OF,
        submitted_by="ann",
    )


def _packs(work: UnitOfWork) -> None:
    bundle = save_bundle(work, {"kind": "test"}, person="")
    found = a_source().assessment
    head = found.assessment.model_copy(update={"bundle": bundle})
    found = found.model_copy(update={"assessment": head})
    save_assessment(work, found, system="s", release="1", person="")
    for index in range(3):
        content = PDF + bytes([index])
        pack = PackRecord(
            id=f"pk-{index}",
            system="s" if index else "t",
            release="1",
            as_of=AS_OF,
            assessment=head.digest,
            digest=digest_of(content),
            size=len(content),
        )
        save_pack(work, pack, content, person="ann")
    task = Task(
        kind=JobKind.PACK,
        system="s",
        release="1",
        as_of=AS_OF,
        fail_on=Severity.HIGH,
        bundle=bundle,
        engine="1",
    )
    job = ask_job(work, task, person="ann", most=9)
    next_job(work, owner="test", hold=days(1))
    end_job(work, job.id, owner="test", came_to=JobProblem(code="no-room", message="none"))


def _who(*systems: str) -> Principal:
    return Principal(
        id="key:00000000",
        name="dan",
        kind="person",
        roles=frozenset({Role.AUDITOR}),
        systems=frozenset(systems) or None,
    )


@pytest.mark.parametrize("among", [None, {"s"}], ids=["of all systems", "of one system"])
def test_evidence_is_listed_backwards_page_by_page_and_each_once(
    filled: Engine, among: set[str] | None
) -> None:
    names: list[str] = []
    after: str | None = None
    with Reading(filled) as store:
        while True:
            page = recorded_evidence(
                store,
                system=None,
                release=None,
                form=None,
                after=after,
                limit=2,
                among=among,
                last_first=True,
            )
            names += [one.name for one in page.items]
            after = page.next
            if after is None:
                break
    assert names == [one for one in "dcba" if among is None or one != "b"]


def test_refusals_and_packs_are_listed_the_last_first(filled: Engine) -> None:
    with Reading(filled) as store:
        about: dict[str, Any] = {"system": "s", "release": "1"}
        first = recorded_refusals(store, **about, after=None, limit=2, last_first=True)
        rest = recorded_refusals(store, **about, after=first.next, limit=2, last_first=True)
        made = packs_made(store, **about, after=None, limit=1, among={"s"})
        more = packs_made(store, **about, after=made.next, limit=1, among=None)
        none = packs_made(store, system=None, release=None, after=None, limit=9, among={"x"})
        with pytest.raises(UsageError) as error:
            packs_made(store, system=None, release="1", after=None, limit=9, among=None)
    assert [one.name for one in (*first.items, *rest.items)] == ["z", "y", "x"]
    assert [one.id for one in (*made.items, *more.items)] == ["pk-2", "pk-1"]
    assert (more.next, none.items) == (None, ())
    assert error.value.code == "system-not-named"


def test_a_pack_that_could_not_be_made_is_told_to_those_who_may_know_of_it(filled: Engine) -> None:
    with Reading(filled) as store:
        (job,) = packs_unmade(store, system=None, release=None, among=None)
        assert packs_unmade(store, system="s", release="1", among={"s"}) == (job,)
        assert packs_unmade(store, system="s", release="2", among=None) == ()
        assert packs_unmade(store, system=None, release=None, among={"t"}) == ()
    assert job.problem == JobProblem(code="no-room", message="none")


def test_the_log_is_read_from_its_end_and_by_kind(filled: Engine) -> None:
    with Reading(filled) as store:
        last = latest_entries(store, before=None, kind=None, limit=2)
        before = latest_entries(store, before=last.next, kind=None, limit=last.size)
        kept = latest_entries(store, before=None, kind="pack", limit=2)
        rest = latest_entries(store, before=kept.next, kind="pack", limit=2)
    places = [one.seq for one in (*last.items, *before.items)]
    assert places == list(range(last.size, 0, -1))
    assert (before.next, before.looked_back_to) == (None, 1)
    assert [one.ref for one in (*kept.items, *rest.items)] == ["pk-2", "pk-1", "pk-0"]
    assert rest.next is None


def test_eight_digits_find_what_goes_by_them_and_may_be_known(filled: Engine) -> None:
    with Reading(filled) as store:
        page = recorded_evidence(
            store, system=None, release=None, form=None, after=None, limit=9
        ).items
        (mine, theirs) = page[0], page[1]
        every = {
            one.ref: one.thing
            for asked in (mine.id, mine.blob, digest_of(PDF + b"\x01"))
            for one in find_by_digest(store, digits_in(asked) or "", _who())
        }
        hidden = find_by_digest(store, digits_in(theirs.blob) or "", _who("s"))
        nothing = find_by_digest(store, "0" * 8, _who())
    assert every == {mine.id: "evidence", "pk-1": "pack"}
    assert (hidden, nothing) == ((), ())


def test_a_bundle_is_known_to_all_and_an_assessment_with_its_system(filled: Engine) -> None:
    found = a_source().assessment.assessment.digest
    with Reading(filled) as store:
        kinds = latest_entries(store, before=None, kind="bundle", limit=1).items
        (bundle,) = find_by_digest(store, digits_in(kinds[0].ref) or "", _who("x"))
        (judged,) = find_by_digest(store, digits_in(found) or "", _who("s"))
        assert find_by_digest(store, digits_in(found) or "", _who("t")) == ()
    assert (bundle.thing, bundle.system) == ("bundle", None)
    assert (judged.thing, judged.system, judged.release) == ("assessment", "s", "1")


def test_systems_and_releases_are_found_by_their_words_in_any_case(filled: Engine) -> None:
    with Reading(filled) as store:
        by_version = find_subjects(store, "2.0-rC", among={"t"}, most=9)
        by_digest = find_subjects(store, "sha256:", among=None, most=1)
        by_id = find_subjects(store, "T", among=None, most=9)
        hidden = find_subjects(store, "2.0-rc", among=set(), most=9)
        literal = find_subjects(store, "2%0", among=None, most=9)
    assert [(one.system, one.release) for one in by_version.releases] == [("t", "2.0-Rc")]
    assert [(one.system, one.artifact) for one in by_digest.releases] == [("s", "model m")]
    assert [one.system for one in by_id.systems] == ["t"]
    assert (hidden.systems, hidden.releases, literal.releases) == ((), (), ())


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("ABCDEF12", "abcdef12"),
        (" sha256:0123456789 ", "0123456789"),
        ("ev-01234567", "01234567"),
        ("0123456", None),
        ("fairness", None),
        ("a" * 65, None),
    ],
)
def test_what_a_person_types_is_a_digest_from_eight_digits_on(
    typed: str, digits: str | None
) -> None:
    assert digits_in(typed) == digits


def test_lists_as_of_an_instant_leave_out_what_came_later(filled: Engine) -> None:
    every: dict[str, Any] = {"system": None, "release": None, "after": None, "limit": 9}
    with Reading(filled) as store:
        whole = recorded_evidence(store, form=None, **every).items
        second = whole[1].received_at
        then = recorded_evidence(store, form=None, as_of=second, **every).items
        before = second - timedelta(microseconds=1)
        earlier = recorded_evidence(store, form=None, as_of=before, among={"s"}, **every).items
        refused = recorded_refusals(store, as_of=second, **every).items
        packs = packs_made(store, as_of=second, among=None, **every).items
        bundles = recent_bundles(store, most=9)
    assert [one.name for one in then] == [one.name for one in whole[:2]]
    assert [one.name for one in earlier] == [whole[0].name]
    assert (refused, packs) == ((), ())
    assert len(bundles) == len({one.digest for one in bundles}) == 1
