"""Whatever a document, a policy or a person writes: each report parses, and commands nothing."""

import csv
import json
import re
from io import StringIO
from typing import Any, Final
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.cli.options import FindingsFormat
from assaybook.cli.report import rendered
from assaybook.domain.documents import Problem
from assaybook.domain.finding import (
    Assessment,
    AssessmentHead,
    Counts,
    Disposition,
    EvidenceUse,
    Finding,
    Gate,
    GateVerdict,
    LeftOut,
    Outcome,
    RowFinding,
    Unused,
)
from assaybook.domain.policy import Severity
from assaybook.service.remote import Judged
from support.pack_documents import AS_OF, a_digest
from support.pack_findings import a_finding, a_reason
from support.runners import commands_in
from support.sarif import faults

BARBED: Final = (
    *(
        "::error::x",
        "\n::stop-commands::t\n",
        "##[group]",
        "###[x]",
        "##vso[task.setvariable]",
        "%0A",
    ),
    *("]]>", "</failure>", "&#0;", "<!--", "|", "`", "\x00", "\x1b[2J", "\u202e", "\ufffe", "\r"),
    *("[a](b)", "<img src=x>", "@all", "=1+1", "\ud800", "\u2028", ",title=x", "$x$", "www.a.b"),
)
few: Final = settings(max_examples=40)
_HEAD: Final = AssessmentHead(
    bundle=a_digest("bundle"),
    subject=a_digest("subject"),
    evidence_set=a_digest("evidence"),
    as_of=AS_OF,
    engine="assaybook 0.3.0",
    asserted=True,
)
_GATE: Final = Gate(
    verdict=GateVerdict.FAIL, exit=1, fail_on=Severity.HIGH, counts=Counts(), below=Counts()
)
texts = st.lists(st.sampled_from(BARBED) | st.text(max_size=8), max_size=5).map("".join)


@st.composite
def _findings(draw: st.DrawFn) -> Finding:
    outcome = draw(st.sampled_from(list(Outcome)))
    use = EvidenceUse(id=draw(texts), pointer=draw(texts))
    said: dict[str, Any] = {
        name: draw(texts) for name in ("title", "sentence", "message", "fix", "system", "release")
    }
    waived = outcome is Outcome.FAIL and draw(st.booleans())
    return a_finding(
        draw(texts),
        draw(texts),
        outcome=outcome,
        severity=draw(st.sampled_from(list(Severity))),
        disposition=Disposition.WAIVED if waived else Disposition.OPEN,
        waiver=draw(texts) if waived else None,
        reasons=(a_reason(draw(texts), draw(texts), draw(texts)),),
        rows=(
            RowFinding(
                key=draw(texts),
                outcome=draw(st.sampled_from(list(Outcome))),
                message=draw(texts),
                evidence=(use,),
            ),
        ),
        evidence=(use,),
        left_out=(LeftOut(evidence=draw(texts), code=draw(texts)),),
        **said,
    )


@st.composite
def _judged(draw: st.DrawFn) -> Judged:
    found = {(f.policy, f.rule): f for f in draw(st.lists(_findings(), max_size=3))}
    unused = (Unused(evidence=draw(texts), name=draw(texts), why=draw(texts)),)
    problem = Problem(
        file=draw(texts), code=draw(texts), where=draw(texts), message=draw(texts), hint=draw(texts)
    )
    assessment = Assessment(
        assessment=_HEAD,
        findings=tuple(found.values()),
        standings=(),
        conclusion=(),
        unused=unused,
        gate=_GATE,
    )
    files = {use.id: draw(texts) for each in found.values() for use in each.evidence}
    return Judged(assessment, (problem,), files)


@few
@given(_judged())
def test_a_hostile_assessment_is_still_a_junit_report(judged: Judged) -> None:
    text = rendered(judged, FindingsFormat.JUNIT)
    report = ET.fromstring(text.encode())  # noqa: S314 - our own
    # Beside the findings stand the file that could not be read, and the gate.
    assert len(list(report.iter("testcase"))) == len(judged.assessment.findings) + 2


@few
@given(_judged())
def test_a_hostile_assessment_is_still_a_sarif_log(judged: Judged) -> None:
    log = json.loads(rendered(judged, FindingsFormat.SARIF).encode())
    # Names that differ in what cannot be shown alone look equal here.
    assert [one for one in faults(log) if "one id" not in one] == []
    assert len(log["runs"][0]["results"]) >= len(judged.assessment.findings)


@few
@given(_judged())
def test_a_hostile_assessment_gives_github_no_command_but_ours(judged: Judged) -> None:
    lines = rendered(judged, FindingsFormat.GITHUB).splitlines()
    shown = {Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR}
    assert len(lines) == 2 + sum(each.outcome in shown for each in judged.assessment.findings)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert not any("##[" in line for line in lines)


@few
@given(_judged(), st.sampled_from(list(FindingsFormat)))
def test_no_report_that_is_logged_commands_a_runner(judged: Judged, style: FindingsFormat) -> None:
    text = rendered(judged, style)
    assert commands_in(text) == (text.splitlines() if style is FindingsFormat.GITHUB else [])


@few
@given(_judged())
def test_a_hostile_assessment_is_still_a_table_of_markdown(judged: Judged) -> None:
    text = rendered(judged, FindingsFormat.MARKDOWN)
    assert "<img" not in re.sub(r"`[^`\n]*`|\\<img", "", text)
    assert all(line.endswith(" |") for line in text.splitlines() if line.startswith("|"))


@few
@given(_judged())
def test_data_say_the_same_whatever_is_in_them(judged: Judged) -> None:
    value = json.loads(rendered(judged, FindingsFormat.JSON))
    found = judged.assessment.findings
    named = [(each["policy"], each["message"]) for each in value["findings"]]
    assert named == [(each.policy, each.message) for each in found]
    rows = list(csv.reader(StringIO(rendered(judged, FindingsFormat.CSV))))
    assert len(rows) == 1 + len(found)
