"""Annotations of GitHub: the verdict first, each finding at its file, no command but ours."""

from assaybook.domain.documents import Problem
from assaybook.domain.finding import (
    Assessment,
    Disposition,
    EvidenceUse,
    LeftOut,
    Outcome,
    ReasonShown,
    RowFinding,
)
from assaybook.domain.policy import Severity
from assaybook.reporting.github import assessment_annotations
from assaybook.reporting.spoken import defused
from support.pack_findings import a_finding
from support.packs import a_source, an_assessment
from support.runners import commands_in, unescaped


def _lines(assessment: Assessment, **said: object) -> list[str]:
    return assessment_annotations(assessment, **said).splitlines()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_the_verdict_comes_first_and_then_the_most_urgent() -> None:
    source = a_source()
    lines = _lines(source.assessment, problems=source.problems)
    assert lines[0].startswith("::error title=Assaybook%3A fail::FAIL (exit 1).")
    assert lines[1].startswith("::error file=lineage.json,title=Unreadable%3A json-malformed::")
    assert "fairness.slice-floor / floor (critical)" in lines[2]


def test_what_decides_is_an_error_what_is_below_warns_and_what_is_accepted_is_a_notice() -> None:
    made = (
        a_finding("a.high", outcome=Outcome.FAIL, severity=Severity.HIGH),
        a_finding("a.unknown", outcome=Outcome.INCONCLUSIVE, severity=Severity.CRITICAL),
        a_finding("a.low", outcome=Outcome.FAIL, severity=Severity.LOW),
        a_finding(
            "a.waived",
            outcome=Outcome.FAIL,
            severity=Severity.HIGH,
            disposition=Disposition.WAIVED,
            waiver="W-07",
        ),
        a_finding("a.fine"),
        a_finding("a.elsewhere", outcome=Outcome.NOT_APPLICABLE),
    )
    levels = {
        line.split("title=")[1].split(" ")[0]: line.split(" ")[0].strip(":")
        for line in _lines(an_assessment(made))[1:]
    }
    assert levels == {
        "a.high": "error",
        "a.unknown": "error",
        "a.low": "warning",
        "a.waived": "notice",
    }


def test_a_finding_is_shown_at_the_file_of_the_row_that_fails() -> None:
    rows = (
        RowFinding(key="a", outcome=Outcome.PASS, evidence=(EvidenceUse(id="ev-1"),)),
        RowFinding(key="b", outcome=Outcome.FAIL, evidence=(EvidenceUse(id="ev-2"),)),
    )
    made = a_finding("a.b", outcome=Outcome.FAIL, rows=rows, evidence=(EvidenceUse(id="ev-1"),))
    files = {"ev-1": "evidence/one.json", "ev-2": "evidence/two,2.json"}
    assert "file=evidence/two%2C2.json," in _lines(an_assessment((made,)), files=files)[1]


def test_no_text_of_evidence_ends_its_command_or_begins_one() -> None:
    hostile = "50 % :: done\n::set-output name=a::b\r##[add-mask]x ##vso[task.setvariable]y"
    made = a_finding("a.b", outcome=Outcome.FAIL, message=hostile)
    problem = Problem(file="a\n::error::x", code="c", where="", message=hostile, hint="")
    text = assessment_annotations(an_assessment((made,)), (problem,))
    assert len(text.splitlines()) == len(commands_in(text)) == 3
    assert "##" not in text.replace("## ", "")
    assert "50 % :: done" in unescaped(text)


def test_other_output_is_defused_line_by_line() -> None:
    assert commands_in(defused("a\n  ::error::x\n##[group]y\nz ##vso[task.x]")) == []
    assert defused("a :: b\n## heading") == "a :: b\n## heading"


def test_what_nobody_knows_is_shown_at_the_file_that_its_reason_names() -> None:
    told = ReasonShown(code="not_examined", path="security/secret in b/two.json", message="x")
    uses = (EvidenceUse(id="ev-1"), EvidenceUse(id="ev-2"))
    files = {"ev-1": "evidence/a/two.json", "ev-2": "evidence/b/two.json", "ev-3": "old.json"}
    made = a_finding("a.b", outcome=Outcome.INCONCLUSIVE, reasons=(told,), evidence=uses)
    assert "file=evidence/b/two.json," in _lines(an_assessment((made,)), files=files)[1]
    stale = ReasonShown(code="stale", path="metric in old.json", message="too old")
    left = (LeftOut(evidence="ev-3", code="stale"),)
    made = a_finding("a.b", outcome=Outcome.INCONCLUSIVE, reasons=(stale,), left_out=left)
    assert "file=old.json," in _lines(an_assessment((made,)), files=files)[1]


def test_one_full_stop_ends_what_is_said_before_what_to_do() -> None:
    made = a_finding("a.b", outcome=Outcome.FAIL, fix="Mend it.")
    told = _lines(an_assessment((made,)))[1]
    assert told.endswith("evidence that counts. Mend it.")
