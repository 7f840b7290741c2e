"""A release over a period out of the store: seen at each instant with what was recorded by then."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Standing
from assaybook.domain.period import Period
from assaybook.domain.policy import Severity
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.period import judge_period
from assaybook.service.run_assessment import judge_recorded
from assaybook.store.decisions import save_waivers
from assaybook.store.period import decided_between
from assaybook.store.unit_of_work import Reading
from support.assessing import a_waiver
from support.commands import assay, refused
from support.evidence import AS_OF, a_document, a_metric, days
from support.floor import POLICY
from support.stores import SteadyClock, a_work, registered, submitted

SCOPE = """\
scope: one
frameworks:
  nist-ai-rmf-1.0:
    applies: none
    reason: One control is looked at.
    controls:
      MEASURE 2.3: {applies: true}
"""


@pytest.fixture(scope="module")
def ruling(tmp_path_factory: pytest.TempPathFactory) -> Ruling:
    """Return a bundle of one policy."""
    folder: Path = tmp_path_factory.mktemp("policies")
    (folder / "quality").mkdir()
    (folder / "quality" / "floor.yaml").write_text(POLICY, encoding="utf-8")
    return read_ruling(BundleFiles(policies=(folder,)))


def _filled(engine: Engine, before: float = 0) -> None:
    """Register; after 2 days a pass, after 10 a fail, after 12 a waiver until the 15th day.

    The first day is so many days before ``AS_OF``.
    """
    first = AS_OF - days(before)
    clock = SteadyClock(first, step=timedelta())
    registered(engine, clock)
    for day, value in ((2, 0.9), (10, 0.5)):
        clock.at, age = first + days(day), before - day
        sent = a_document(a_metric(value=value), name=f"{day}.json", age=age, received=age)
        submitted(engine, sent, clock=clock)
    clock.at = first + days(12)
    waiver = a_waiver(policy="quality.floor", expires=first + days(15))
    with a_work(engine, clock) as work:
        save_waivers(work, [waiver], person="mara")


def _period(engine: Engine, ruling: Ruling, since: float, until: float) -> Period:
    with Reading(engine) as reading:
        return judge_period(
            reading,
            "s",
            "1",
            ruling,
            since=AS_OF + days(since),
            until=AS_OF + days(until),
            fail_on=Severity.HIGH,
        )


def test_a_period_sees_what_was_recorded_by_each_instant_and_what_ran_out(
    engine: Engine, ruling: Ruling
) -> None:
    _filled(engine)
    found = _period(engine, ruling, -5, 60)
    (control,) = (one for one in found.controls if one.control == "MEASURE 2.3")
    stale = AS_OF + days(40) + timedelta(microseconds=1)
    assert [(one.since, one.standing) for one in control.intervals] == [
        (AS_OF, Standing.NOT_DETERMINED),
        (AS_OF + days(2), Standing.MET),
        (AS_OF + days(10), Standing.NOT_MET),
        (AS_OF + days(12), Standing.RISK_ACCEPTED),
        (AS_OF + days(15), Standing.NOT_MET),
        (stale, Standing.NOT_DETERMINED),
    ]
    assert control.worst is Standing.NOT_MET
    assert sum(control.days.values()) == pytest.approx(60)
    assert control.left_out == {"stale": 1, "superseded": 1}
    assert (found.asked_since, found.since) == (AS_OF - days(5), AS_OF)
    with Reading(engine) as reading:
        decided = decided_between(reading, "s", since=AS_OF, until=AS_OF + days(60))
        alone = judge_recorded(
            reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=AS_OF + days(12)
        )
    assert decided == (AS_OF, AS_OF + days(12))
    step = next(one for one in found.steps if one.as_of == AS_OF + days(12))
    assert step.assessment == alone.assessment.assessment.digest


@pytest.fixture
def filled(sqlite_database: str) -> str:
    """Return the URL of a database of SQLite with a release and its evidence."""
    from assaybook.store.engine import open_engine

    engine = open_engine(sqlite_database)
    _filled(engine)
    engine.dispose()
    return sqlite_database


def test_a_period_that_is_empty_or_too_long_is_refused(
    filled: str, ruling: Ruling, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assaybook.store.engine import open_engine

    engine = open_engine(filled)
    with pytest.raises(UsageError) as empty:
        _period(engine, ruling, -5, 0)
    monkeypatch.setattr("assaybook.service.period.MOST_INSTANTS", 3)
    with pytest.raises(UsageError) as long:
        _period(engine, ruling, 0, 60)
    engine.dispose()
    assert (empty.value.code, long.value.code) == ("period-empty", "period-too-long")


@pytest.mark.slow
def test_the_pack_of_a_period_says_the_worst_of_it_and_carries_every_interval(
    sqlite_database: str, tmp_path: Path
) -> None:
    from pypdf import PdfReader

    from assaybook.store.engine import open_engine

    engine = open_engine(sqlite_database)
    _filled(engine, before=300)
    engine.dispose()
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality" / "floor.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "scope.yaml").write_text(SCOPE, encoding="utf-8")
    words: tuple[Any, ...] = ("pack", "build", "--system", "s", "--release", "1", "-o", "p.pdf")
    words += ("--policies", tmp_path, "--database", sqlite_database, "--profile", "changes")
    asked = ("--from", "2026-01-01", "--to", "2026-02-10")
    done = assay(*words, *asked, inside=tmp_path)
    assert done.code == 0, done.err
    reader = PdfReader(tmp_path / "p.pdf")
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert "The result of a period is the worst of it." in text
    assert "1 Jan 2026 was asked for" in text
    (raw,) = reader.attachments["period.json"]
    period = Period.model_validate_json(raw)
    assert (period.since, len(period.steps)) == (AS_OF - days(300), 6)
    same = assay("pack", "diff", "p.pdf", "p.pdf", "--format", "json", inside=tmp_path).value
    assert (same["method"], same["findings"], same["unchanged"]) == ("judged again", [], 1)
    half = assay(*words, "--from", "2026-01-01", inside=tmp_path)
    refused(half, 2, "period-half")
    refused(assay(*words, *asked, "--as-of", "2026-02-10T00:00:00Z", inside=tmp_path), 2)
    refused(assay(*words, "--from", "x", "--to", "2026-02-10", inside=tmp_path), 2)
