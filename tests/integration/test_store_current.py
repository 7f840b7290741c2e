"""What holds now, over all releases: the last assessment of each, and its findings worst first."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Severity
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.run_assessment import run_assessment
from assaybook.store.current import (
    CurrentFilter,
    controls_of,
    current_counts,
    current_findings,
    current_releases,
    finding_history,
)
from assaybook.store.engine import open_engine
from assaybook.store.evidence import envelopes_of, list_evidence
from assaybook.store.unit_of_work import Reading
from support.evidence import AS_OF, a_document, a_metric, a_subject
from support.stores import SteadyClock, a_work, registered, submitted

_RULES = """\
policy: quality.{name}
version: 1
title: Recall holds
why: A model that misses cases harms people.
severity: {severity}
controls:
  nist-ai-rmf-1.0: {{MEASURE 2.3: implements}}
needs:
  recall:
    facts: metric
    where: 'row.name == "{metric}"'
    fresh_for: 90d
rules:
  - id: floor
    for_each: recall
    pass_when: row.value >= 0.8
    fix: Retrain the model.
"""
_POLICIES = (("floor", "high", "recall"), ("depth", "critical", "recall"), ("lost", "low", "f1"))


@pytest.fixture(scope="module")
def ruling(tmp_path_factory: pytest.TempPathFactory) -> Ruling:
    """Return a bundle of two policies on a metric that is there, and one on one that is not."""
    folder: Path = tmp_path_factory.mktemp("policies")
    (folder / "quality").mkdir()
    for name, severity, metric in _POLICIES:
        text = _RULES.format(name=name, severity=severity, metric=metric)
        (folder / "quality" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder,)))


@pytest.fixture
def store(engine: Engine, clock: SteadyClock, ruling: Ruling) -> Engine:
    """Return a store: s failing, then passing, then unassessed; t failing; u unassessed."""
    later = {
        version: a_subject().release.model_copy(update={"version": version}) for version in "23"
    }
    registered(engine, clock, systems=("s", "t", "u"))
    registered(engine, clock, systems=("s",), releases=later)
    for system, release, value in (("s", "1", 0.1), ("s", "2", 0.9), ("t", "1", 0.1)):
        document = a_document(
            a_metric(value=value), system=system, release=release, name=f"{system}{release}"
        )
        submitted(engine, document, clock=clock)
        with a_work(engine, clock) as work:
            run_assessment(work, system, release, ruling, fail_on=Severity.HIGH)
    return engine


def _told(store: Engine, asked: CurrentFilter) -> list[str]:
    with Reading(store) as reading:
        page = current_findings(
            reading, asked, as_of=AS_OF + timedelta(days=9), after=None, limit=99
        )
    return [f"{one.system} {one.release} {one.policy} {one.outcome}" for one in page.items]


def test_a_release_without_an_assessment_is_listed_as_such(store: Engine) -> None:
    with Reading(store) as reading:
        found = current_releases(reading, as_of=AS_OF + timedelta(days=9), systems=None)
        own = current_releases(reading, as_of=AS_OF + timedelta(days=9), systems={"u"})
        before = current_releases(reading, as_of=AS_OF, systems=None)
    told = [(one.system, one.release, one.newest, one.waiting, one.verdict) for one in found]
    assert told == [
        ("s", "3", False, True, None),
        ("s", "2", True, False, "pass"),
        ("s", "1", False, False, "fail"),
        ("t", "1", True, False, "fail"),
        ("u", "1", False, True, None),
    ]
    assert own == found[4:]
    assert (own[0].assessment, own[0].as_of) == (None, None)
    assert before == ()


def test_findings_of_the_newest_assessed_releases_come_worst_and_gravest_first(
    store: Engine,
) -> None:
    assert _told(store, CurrentFilter()) == [
        "t 1 quality.depth fail",
        "t 1 quality.floor fail",
        "s 2 quality.lost inconclusive",
        "t 1 quality.lost inconclusive",
        "s 2 quality.depth pass",
        "s 2 quality.floor pass",
    ]


_NARROWED = (
    (CurrentFilter(every_release=True), 9),
    (CurrentFilter(system="s", release="1"), 3),
    (CurrentFilter(system="s"), 3),
    (CurrentFilter(system="nobody"), 0),
    (CurrentFilter(systems=frozenset({"t"})), 3),
    (CurrentFilter(system="s", systems=frozenset({"t"})), 0),
    (CurrentFilter(outcomes=("fail", "pass")), 4),
    (CurrentFilter(severities=("critical", "high")), 4),
    (CurrentFilter(policy="quality.lost", rule="floor"), 2),
    (CurrentFilter(disposition="waived"), 0),
    (CurrentFilter(catalog="nist-ai-rmf-1.0", control="MEASURE 2.3"), 6),
    (CurrentFilter(control="MEASURE 2.4"), 0),
    (CurrentFilter(system="\x00", policy="\x00"), 0),
)


def test_findings_are_narrowed_by_what_they_say_and_by_what_a_reader_may_see(
    store: Engine,
) -> None:
    found = [(asked, len(_told(store, asked))) for asked, _number in _NARROWED]
    assert found == list(_NARROWED)


def test_counts_are_of_all_findings_and_pages_hold_each_once(store: Engine) -> None:
    asked, at = CurrentFilter(every_release=True), AS_OF + timedelta(days=9)
    with Reading(store) as reading:
        counts = current_counts(reading, asked, as_of=at)
        seen: list[tuple[str, int]] = []
        after: str | None = None
        for _ in range(5):
            page = current_findings(reading, asked, as_of=at, after=after, limit=2)
            seen += [(one.assessment, one.ordinal) for one in page.items]
            after = page.next
    assert [(one.outcome, one.findings) for one in counts] == [
        ("fail", 4),
        ("inconclusive", 3),
        ("pass", 2),
    ]
    assert after is None
    assert len(set(seen)) == len(seen) == 9


def test_the_past_of_a_finding_is_told_newest_first_with_the_controls_that_it_bears_on(
    store: Engine, clock: SteadyClock, ruling: Ruling
) -> None:
    submitted(store, a_document(a_metric(value=0.9), age=0, system="t"), clock=clock)
    with a_work(store, clock) as work:
        run_assessment(work, "t", "1", ruling, fail_on=Severity.HIGH)
    with Reading(store) as reading:
        found = finding_history(
            reading,
            "quality.floor",
            "floor",
            system="t",
            release="1",
            as_of=AS_OF + timedelta(days=9),
            most=9,
        )
        reach = controls_of(reading, found)
        last = list_evidence(reading, system="t", after=None, limit=9).items[-1]
        held = envelopes_of(reading, [last.id, "ev-nothing"])
    assert [one.outcome for one in found] == ["pass", "fail"]
    assert set(reach.values()) == {(("nist-ai-rmf-1.0", "MEASURE 2.3"),)}
    assert held == {last.id: last}


def test_a_cursor_of_another_listing_is_refused(sqlite_database: str) -> None:
    engine = open_engine(sqlite_database)
    with Reading(engine) as reading:
        for cursor in ("", "1", "0.0.1.x", "-1.0.0.0", "1.2.3.4.5"):
            with pytest.raises(UsageError) as caught:
                current_findings(reading, CurrentFilter(), as_of=AS_OF, after=cursor, limit=2)
            assert caught.value.code == "cursor-invalid"
    engine.dispose()
