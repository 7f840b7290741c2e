"""Findings as JSON, CSV, a data frame, Markdown and terminal tables."""

import csv
import json
from io import StringIO

import pytest
from rich.console import Console

from assaybook.domain.finding import Assessment, Outcome
from assaybook.domain.history import Deadlines
from assaybook.reporting.csv_ import findings_csv, guarded
from assaybook.reporting.json import findings_json
from assaybook.reporting.markdown import assessment_markdown
from assaybook.reporting.rows import COLUMNS
from assaybook.reporting.tables import findings_frame
from assaybook.reporting.terminal import print_assessment, visible
from support.assessing import assessed
from support.evidence import a_document, a_metric, days
from support.golden import Golden
from support.pack_findings import a_finding, a_reason
from support.packs import a_source, an_assessment


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return a_source().assessment


def printed(assessment: Assessment, width: int = 200) -> str:
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=False, color_system=None)
    print_assessment(assessment, console, a_source().problems)
    return out.getvalue()


def test_the_json_has_the_public_shape(assessment: Assessment) -> None:
    value = json.loads(findings_json(assessment))
    assert set(value) >= {"assessment", "findings", "standings", "conclusion", "unused", "gate"}
    assert set(value["standings"][0]["counts"]) == {
        "pass", "fail", "waived", "inconclusive", "error", "not_applicable",
    }  # fmt: skip
    assert Assessment.model_validate_json(findings_json(assessment)) == assessment


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\ufeff=1",
        "\uff1d1",
        "|cmd",
        "\x00=1",
    ],
)
def test_no_cell_can_be_taken_for_a_formula(cell: str) -> None:
    assert guarded(cell).startswith("'")


def test_an_innocent_cell_is_kept_as_it_is() -> None:
    assert [guarded(each) for each in ("", "plain", "a=b", "0.8")] == ["", "plain", "a=b", "0.8"]


def test_the_csv_has_a_line_for_each_finding(assessment: Assessment) -> None:
    lines = list(csv.DictReader(StringIO(findings_csv(assessment))))
    assert len(lines) == 40
    assert {line["outcome"] for line in lines} == {outcome.value for outcome in Outcome}


def test_hostile_text_in_a_finding_is_guarded_in_the_csv() -> None:
    made = an_assessment((a_finding("a.b", title='=HYPERLINK("http://x","y")'),))
    lines = list(csv.DictReader(StringIO(findings_csv(made))))
    assert lines[0]["title"].startswith("'=")


def test_the_frame_has_the_columns_of_the_csv(assessment: Assessment) -> None:
    frame = findings_frame(assessment)
    assert (len(frame), tuple(frame.columns)) == (40, COLUMNS)


def test_a_frame_of_no_findings_keeps_its_columns() -> None:
    assert tuple(findings_frame(an_assessment(())).columns) == COLUMNS


def test_a_narrow_terminal_cuts_no_word_of_an_outcome_or_rule(assessment: Assessment) -> None:
    shown = printed(assessment, width=60).splitlines()
    assert max(map(len, shown)) <= 60
    rules = {f"{one.policy} / {one.rule}" for one in assessment.findings}
    short = {rule for rule in rules if len(rule) < 40}
    assert short
    assert short <= {line.partition("  ")[2].strip() for line in shown}


def test_the_terminal_says_mark_word_reason_and_what_to_do_next(assessment: Assessment) -> None:
    shown = printed(assessment)
    assert "✗ Fail" in shown
    assert "⯑ Inconclusive" in shown
    assert "Run the attack on this release in the pipeline" in shown
    assert "notes.txt" in shown
    assert "json-malformed" in shown
    assert "FAIL (exit 1)" in shown
    assert "Asserted by the submitter, not authenticated." in shown


def test_the_terminal_says_so_where_nothing_was_judged() -> None:
    shown = printed(an_assessment((), conclusion=(), unused=()))
    assert "Rules judged: No rule was judged: nothing is shown to hold." in shown


def test_text_of_evidence_cannot_steer_a_terminal() -> None:
    hostile = "\x1b[31mred\x1b[0m [bold]x[/bold] \u202e"
    made = an_assessment(
        (a_finding("a.b", outcome=Outcome.INCONCLUSIVE, reasons=(a_reason("null", "p", hostile),)),)
    )
    shown = printed(made)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]x[/bold]" in shown
    assert visible("a\x07b") == "a\ufffdb"


@pytest.mark.golden
def test_the_markdown_reads_as_before(assessment: Assessment, golden: Golden) -> None:
    golden("pack/assessment.md", assessment_markdown(assessment, a_source().problems))


def test_text_of_evidence_is_no_markdown() -> None:
    hostile = a_reason("null", "p", "| <img src=x> @all [a](b) `c`")
    made = an_assessment((a_finding("a.b", outcome=Outcome.INCONCLUSIVE, reasons=(hostile,)),))
    text = assessment_markdown(made)
    assert r"\| \<img src=x\> \@all \[a\]\(b\) \`c\`" in text


def test_a_csv_says_since_when_a_finding_is_open_and_when_it_is_due() -> None:
    made = assessed(a_document(a_metric(value=0.5)))
    finding = made.findings[0]
    known = Deadlines(made.assessment.as_of, (), {finding.severity.value: days(5)})
    (line,) = csv.DictReader(StringIO(findings_csv(made, known.all(made.findings))))
    at, due = made.assessment.as_of, made.assessment.as_of + days(5)
    assert (line["first_seen"], line["due"], line["overdue"]) == (
        at.isoformat(),
        due.isoformat(),
        "no",
    )
    dateless = Deadlines(made.assessment.as_of, (), {}).all(made.findings)
    (line,) = csv.DictReader(StringIO(findings_csv(made, dateless)))
    assert (line["first_seen"], line["due"], line["overdue"]) == (at.isoformat(), "", "")
