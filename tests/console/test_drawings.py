"""Drawings of pages are those of packs: true to scale, and silent where nothing is to show."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assaybook.console import marks
from assaybook.console.finding_past import Run, drawn_past
from assaybook.console.pages.controls import shares_of
from assaybook.console.posture import Framework, Judged, trend_of
from assaybook.domain.finding import Conclusion, Counts, Gate, GateVerdict, Standing
from assaybook.domain.policy import Severity
from assaybook.service.bundles import BundleFiles, read_ruling
from assaybook.service.controls import coverage, shipped_catalogs
from assaybook.store.findings import FindingLine
from support.evidence import AS_OF
from support.governing import POLICIES


def _at(day: int) -> datetime:
    return AS_OF + timedelta(days=day)


def _run(outcome: str, day: int, *, disposition: str = "open", until: int | None = None) -> Run:
    first = FindingLine(
        assessment=f"sha256:{day}",
        ordinal=0,
        as_of=_at(day),
        system="s",
        release="1",
        policy="quality.floor",
        policy_version=1,
        rule="floor",
        severity="high",
        outcome=outcome,
        disposition=disposition,
    )
    last = first.model_copy(update={"as_of": _at(day if until is None else until)})
    return Run(first, last, 1, marks.of_line(outcome, disposition))


def test_the_past_of_a_finding_is_drawn_in_its_true_proportions() -> None:
    runs = (_run("fail", 8, disposition="waived"), _run("inconclusive", 5), _run("pass", 0))
    drawn = drawn_past(runs, "1.0.0", _at(10))
    found = re.findall(r'<rect x="([0-9.]+)"[^>]* width="([0-9.]+)" height="8"', drawn)
    spans = sorted((float(x) - 92, float(width)) for x, width in found)
    wanted = [(0, 104), (104, 62.4), (166.4, 41.6)]
    assert [one for span in spans for one in span] == pytest.approx(
        [one for span in wanted for one in span], abs=0.1
    )
    assert "Outcomes as they were assessed" in drawn
    assert "Fail, waived since" in drawn


def test_what_an_assessment_of_later_found_is_not_drawn_into_an_earlier_past() -> None:
    drawn = drawn_past((_run("fail", 5), _run("pass", 0)), "1.0.0", _at(5))
    assert "Fail since" in drawn
    assert "NaN" not in drawn


def test_one_assessment_has_no_past_to_draw() -> None:
    assert drawn_past((_run("pass", 0),), "1", _at(3)) == ""
    assert drawn_past((), "1", AS_OF) == ""
    assert drawn_past((_run("pass", 0, until=2),), "1", _at(3))


def _judged(day: int, **met: tuple[int, int]) -> Judged:
    parts = tuple(
        Framework(
            catalog=name.replace("_", "-"),
            conclusion=marks.of_conclusion(Conclusion.NOT_DETERMINED),
            parts=((marks.of_standing(Standing.MET), number),),
            met=number,
            applicable=whole,
            label="",
        )
        for name, (number, whole) in met.items()
    )
    counts = Counts.model_validate({})
    gate = Gate(
        verdict=GateVerdict.PASS, exit=0, fail_on=Severity.HIGH, counts=counts, below=counts
    )
    return Judged("sha256:0", _at(day), "sha256:1", gate, parts, ())


def test_a_trend_tells_what_was_met_of_what_applied_at_both_ends() -> None:
    drawn = trend_of((_judged(0, x=(1, 4)), _judged(3, x=(2, 5))))
    assert "from 1 of 4 to 2 of 5" in drawn


def test_a_framework_that_was_not_judged_before_begins_at_nothing() -> None:
    drawn = trend_of((_judged(0), _judged(1, x=(0, 5))))
    assert "from 0 of 0 to 0 of 5" in drawn


def test_there_is_no_trend_of_one_assessment_or_of_no_framework() -> None:
    assert trend_of(()) == ""
    assert trend_of((_judged(0, x=(1, 4)),)) == ""
    assert trend_of((_judged(0, x=(1, 4)), _judged(1))) == ""


def test_what_only_persons_answer_for_is_not_told_as_judged_by_evidence(tmp_path: Path) -> None:
    for name, text in POLICIES.items():
        file = tmp_path / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    policies = read_ruling(BundleFiles((tmp_path,), (), (), None)).bundle.policies
    reach = coverage(policies, shipped_catalogs().values())
    (rmf,) = shares_of(policies, reach)
    assert (rmf.by_rule, rmf.by_person) == (2, 1)
    whole = sum(one.catalog == "nist-ai-rmf-1.0" for one in reach)
    assert rmf.by_rule + rmf.by_person + rmf.by_nothing == whole
    assert shares_of((), coverage((), shipped_catalogs().values())) == ()
