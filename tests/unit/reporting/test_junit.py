"""The JUnit report: what is not proven is never a passed case."""

from xml.etree import ElementTree as ET

import pytest

from assaybook.domain.finding import (
    Assessment,
    Counts,
    Disposition,
    Gate,
    GateVerdict,
    Outcome,
    RowFinding,
)
from assaybook.domain.policy import Severity
from assaybook.reporting.junit import assessment_junit
from support.pack_documents import a_digest
from support.pack_findings import a_finding, a_reason
from support.packs import a_source, an_assessment


def _report(assessment: Assessment) -> ET.Element:
    return ET.fromstring(assessment_junit(assessment))  # noqa: S314 - our own


def _case(report: ET.Element, name: str) -> ET.Element:
    found = [c for c in report.iter("testcase") if f"{c.get('classname')}/{c.get('name')}" == name]
    assert len(found) == 1
    return found[0]


def _result(case: ET.Element) -> str:
    return next((part.tag for part in case if part.tag != "system-out"), "passed")


@pytest.mark.parametrize(
    ("outcome", "result", "type_"),
    [
        (Outcome.PASS, "passed", None),
        (Outcome.FAIL, "failure", "fail"),
        (Outcome.INCONCLUSIVE, "failure", "inconclusive"),
        (Outcome.ERROR, "error", "error"),
        (Outcome.NOT_APPLICABLE, "skipped", None),
    ],
)
def test_only_what_is_proven_is_a_passed_case(
    outcome: Outcome, result: str, type_: str | None
) -> None:
    case = _case(_report(an_assessment((a_finding("a.b", outcome=outcome),))), "a.b/holds")
    assert _result(case) == result
    if type_ is not None:
        assert case[0].get("type") == type_


def test_a_fail_that_people_accepted_is_skipped_and_says_by_whom_and_until_when() -> None:
    made = a_finding(
        "explanation.method",
        outcome=Outcome.FAIL,
        disposition=Disposition.WAIVED,
        waiver="W-07",
    )
    case = _case(_report(an_assessment((made,))), "explanation.method/holds")
    assert _result(case) == "skipped"
    said = case[0].get("message") or ""
    assert "W-07, approved by J. Eide, until 6 Jan 2027" in said
    assert "clinical review" in said


def test_a_report_of_nothing_is_never_green() -> None:
    gate = Gate(
        verdict=GateVerdict.NOTHING,
        exit=4,
        fail_on=Severity.HIGH,
        counts=Counts(),
        below=Counts(),
    )
    report = _report(an_assessment((), gate=gate, conclusion=(), unused=()))
    assert _result(_case(report, "gate/gate")) == "failure"
    assert (report.get("tests"), report.get("failures")) == ("1", "1")


def test_an_unreadable_file_is_an_error() -> None:
    source = a_source()
    report = ET.fromstring(assessment_junit(source.assessment, source.problems))  # noqa: S314
    case = _case(report, "files/lineage.json")
    assert (_result(case), case[0].get("type")) == ("error", "json-malformed")


def test_as_many_cases_come_out_as_findings_go_in_and_the_counts_agree() -> None:
    assessment = a_source().assessment
    report = _report(assessment)
    cases = list(report.iter("testcase"))
    assert len(cases) == len(assessment.findings) + 1
    for suite in (report, *report.iter("testsuite")):
        here = list(suite.iter("testcase"))
        assert suite.get("tests") == str(len(here))
        for kind, counted in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert suite.get(counted) == str(sum(_result(case) == kind for case in here))


def test_the_report_says_what_was_judged_as_of_when_and_how_the_gate_stands() -> None:
    said = {p.get("name"): p.get("value") for p in _report(a_source().assessment).iter("property")}
    assert said["assessment"] == a_digest("assessment")
    assert said["as_of"] == "2026-10-01T00:00:00Z"
    assert (said["gate"], said["exit"], said["asserted"]) == ("fail", "1", "true")


def test_each_row_that_does_not_pass_is_told() -> None:
    case = _case(_report(a_source().assessment), "fairness.slice-floor/floor")
    told = case[0].text or ""
    assert "- slice=age=75+: Fail: " in told
    assert "- slice=ward=transfer: Inconclusive: 61 of at least 100" in told
    assert "slice=sex=male" not in told


def test_of_very_many_rows_the_first_are_told_and_the_rest_counted() -> None:
    rows = tuple(RowFinding(key=f"k={n}", outcome=Outcome.FAIL) for n in range(250))
    made = a_finding("a.b", outcome=Outcome.FAIL, rows=rows)
    told = _case(_report(an_assessment((made,))), "a.b/holds")[0].text or ""
    assert "- k=199: Fail" in told
    assert "- 50 more" in told


def test_text_of_evidence_is_data_in_the_report() -> None:
    hostile = a_reason("null", "p", "]]></failure><testcase/>\x00\x1b\ufffe ##[error]x\n::stop::x")
    made = a_finding("a.b", outcome=Outcome.INCONCLUSIVE, reasons=(hostile,))
    text = assessment_junit(an_assessment((made,)))
    assert len(list(ET.fromstring(text).iter("testcase"))) == 2  # noqa: S314
    assert "##[" not in text
    assert "\x1b" not in text
