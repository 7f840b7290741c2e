"""How much is asked of the database: as often for many releases as for one, on both databases."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.domain.subject import Release
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.controls_tried import coverage_in_store, judged_in_store
from assaybook.service.run_assessment import judge_recorded, run_assessment
from assaybook.service.search import find_subjects
from assaybook.service.submit_evidence import SubmitReport
from assaybook.store.assessments import (
    assessment_texts,
    list_assessments,
    load_assessment_text,
)
from assaybook.store.current import CurrentFilter, controls_of, current_findings
from assaybook.store.engine import open_engine
from assaybook.store.findings import FindingLine
from assaybook.store.subjects import find_system, find_systems, releases_among, releases_of
from assaybook.store.unit_of_work import Reading
from support.evidence import AS_OF, a_document, a_metric, days
from support.governing import POLICIES
from support.stores import SteadyClock, a_work, registered, submitted

MANY = 12
LATER = AS_OF + days(1)
_SCANNED = ("SCAN finding_controls", "SCAN assessments", "SCAN evidence", "SCAN systems")
"""What grows with the store. A search looks through the releases, for any part of a word."""


@pytest.fixture(scope="module")
def ruling(tmp_path_factory: pytest.TempPathFactory) -> Ruling:
    """Return a ruling of two policies."""
    folder: Path = tmp_path_factory.mktemp("policies")
    for name, text in POLICIES.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_ruling(BundleFiles((folder,)))


@pytest.fixture(scope="module")
def filled(kept_database: str) -> Iterator[Engine]:
    """Yield a store with the system ``few`` of two releases and ``many`` of thirteen."""
    engine, clock = open_engine(kept_database), SteadyClock()
    registered(engine, clock, systems=("few",), releases={"0": _release(0)})
    registered(
        engine, clock, systems=("many",), releases={str(i): _release(i) for i in range(MANY)}
    )
    for system in ("few", "many"):
        _submit(engine, clock, system)
    yield engine
    engine.dispose()


def _release(number: int) -> Release:
    return Release(version=f"v{number}", baseline=None if number == 0 else "v0")


def _submit(engine: Engine, clock: SteadyClock, system: str) -> SubmitReport:
    return submitted(engine, a_document(a_metric(), name=system, system=system), clock=clock)


def _statements(engine: Engine, act: Callable[[Reading], object]) -> int:
    """Return how many statements an act sends, of which none looks through a whole table."""
    sent: list[tuple[str, Any]] = []

    def seen(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        sent.append((text, values))

    event.listen(engine, "before_cursor_execute", seen)
    try:
        with Reading(engine) as reading:
            act(reading)
    finally:
        event.remove(engine, "before_cursor_execute", seen)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            for text, values in sent:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
                told = [str(row[3]) for row in plan]
                assert not [one for one in told if one.startswith(_SCANNED)], (text, told)
    return len(sent)


def test_a_search_asks_as_often_for_many_releases_as_for_few(filled: Engine) -> None:
    def search(among: Collection[str]) -> int:
        def act(reading: Reading) -> None:
            found = find_subjects(reading, "v", among=among, most=99).releases
            assert {one.system for one in found} == set(among)
            assert len(found) == {"few": 1, "many": MANY}[next(iter(among))]

        return _statements(filled, act)

    assert search({"many"}) == search({"few"})


def test_judging_every_release_reads_what_is_recorded_about_a_system_once(
    filled: Engine, ruling: Ruling
) -> None:
    def cover(system: str) -> int:
        def act(reading: Reading) -> None:
            found = coverage_in_store(
                ruling, reading, as_of=LATER, among=None, system=system, most=99
            )
            assert len(found.releases) == {"few": 2, "many": MANY + 1}[system]

        return _statements(filled, act)

    assert cover("many") == cover("few")


def test_releases_judged_together_come_to_what_each_comes_to_alone(
    filled: Engine, ruling: Ruling
) -> None:
    with Reading(filled) as reading:
        together = list(judged_in_store(ruling, reading, as_of=LATER))
        alone = [
            judge_recorded(
                reading,
                one.subject.system.id,
                one.subject.release.version,
                ruling,
                fail_on=Severity.LOW,
                as_of=LATER,
            )
            for one in together
        ]
    assert [one.assessment for one in together] == [one.assessment for one in alone]
    assert {one.subject.system.id for one in together} == {"few", "many"}
    assert any(one.subject.baseline is not None for one in together)


def test_the_controls_of_findings_are_asked_once_for_all_assessments(
    filled: Engine, ruling: Ruling
) -> None:
    clock = SteadyClock(at=LATER)
    for release in ("1", *(f"v{number}" for number in range(MANY))):
        with a_work(filled, clock) as work:
            run_assessment(work, "many", release, ruling, fail_on=Severity.LOW)
    asked, at = CurrentFilter(system="many", every_release=True), clock()
    with Reading(filled) as reading:
        lines = current_findings(reading, asked, as_of=at, after=None, limit=99).items
        found = controls_of(reading, lines)
    assert len({line.assessment for line in lines}) == MANY + 1
    assert {(line.assessment, line.ordinal) for line in lines} == set(found)
    reaches = {line.policy: found[line.assessment, line.ordinal] for line in lines}
    nist = "nist-ai-rmf-1.0"
    assert reaches["quality.floor"] == ((nist, "MEASURE 2.11"), (nist, "MEASURE 2.3"))
    some = [line for line in lines if line.assessment == lines[0].assessment]

    def asks(these: Collection[FindingLine]) -> int:
        return _statements(filled, lambda store: controls_of(store, these))

    assert asks(lines) == asks(some) == asks([]) + 1


def test_systems_and_their_releases_are_read_together_as_each_is_alone(filled: Engine) -> None:
    names = ("few", "many", "none")
    with Reading(filled) as reading:
        systems = find_systems(reading, names, as_of=LATER)
        releases = releases_among(reading, names, as_of=LATER)
        alone = {name: releases_of(reading, name, as_of=LATER) for name in names}
        assert [find_system(reading, one, as_of=LATER) for one in names[:2]] == list(systems)
        before = AS_OF - days(1)
        assert find_systems(reading, names, as_of=before) == ()
        assert releases_among(reading, names, as_of=before) == {}
    assert {name: found for name, found in alone.items() if found} == releases
    assert len(releases["many"]) == MANY + 1

    def together(some: Sequence[str]) -> int:
        return _statements(filled, lambda store: releases_among(store, some, as_of=LATER))

    assert together(names) == together(names[:1])


def test_the_texts_of_assessments_come_in_their_order_and_an_unknown_one_is_refused(
    filled: Engine, ruling: Ruling
) -> None:
    with a_work(filled, SteadyClock(at=LATER + days(9))) as work:
        run_assessment(work, "few", "1", ruling, fail_on=Severity.LOW)
    with Reading(filled) as reading:
        page = list_assessments(
            reading, system=None, release=None, systems=None, after=None, limit=99
        )
        digests = [one.digest for one in reversed(page.items)]
        found = list(assessment_texts(reading, digests))
        assert [digest for digest, _text in found] == digests
        assert found[0][1] == load_assessment_text(reading, digests[0], systems=None)
        with pytest.raises(UsageError, match="no assessment 'sha256:0'"):
            list(assessment_texts(reading, [*digests, "sha256:0"]))
