"""How much is asked of the database: as often for many releases as for one, on both databases."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from assaybook.domain.policy import Severity
from assaybook.domain.subject import Release
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.controls_tried import coverage_in_store, judged_in_store
from assaybook.service.run_assessment import judge_recorded
from assaybook.service.search import find_subjects
from assaybook.service.submit_evidence import SubmitReport
from assaybook.store.engine import open_engine
from assaybook.store.unit_of_work import Reading
from support.evidence import AS_OF, a_document, a_metric, days
from support.governing import POLICIES
from support.stores import SteadyClock, registered, submitted

MANY = 12
LATER = AS_OF + days(1)


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
    """Return how many statements an act sends to the database."""
    sent: list[str] = []

    def seen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", seen)
    try:
        with Reading(engine) as reading:
            act(reading)
    finally:
        event.remove(engine, "before_cursor_execute", seen)
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
