"""An assessment as JUnit XML, for the test report of a pipeline.

JUnit knows passed, failure, error and skipped; a verdict has a fifth state. Only what was proven is
a passed case:

- ``fail``: failure of type ``fail``.
- ``inconclusive``: failure of type ``inconclusive``. Not ``skipped``, which every reader takes for
  fine, and not ``error``, which says that the check itself broke: nobody would submit evidence to
  mend that.
- ``error`` and files that could not be read: error.
- a fail that people accepted, and what does not apply: skipped, with the reason.

A case is one rule, since rows come and go with the data and a reader compares cases by name. Its
text tells the rows. The case ``gate`` is always there, so that a report of nothing is never green.
Decision record 0013 says more.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final, Literal

from assaybook.domain.documents import Problem
from assaybook.domain.finding import (
    Assessment,
    Disposition,
    Finding,
    GateVerdict,
    Outcome,
)
from assaybook.domain.ids import written
from assaybook.domain.record import record
from assaybook.reporting.observe import GHOST, row_text
from assaybook.reporting.remedies import what_to_do
from assaybook.reporting.spoken import acceptance, verdict_of
from assaybook.reporting.summary import summary_line
from assaybook.reporting.terminal import visible
from assaybook.reporting.words import outcome_state

_Result = Literal["failure", "error", "skipped"]
_GATE: Final = "gate"
_ROWS_TOLD: Final = 200
_RUNNER: Final = re.compile(r"#(?=#)|(?m:^(\s*):(?=:))")


@record
class _Case:
    """One test case; without a result it passed."""

    owner: str
    name: str
    result: _Result | None = None
    type: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()


def assessment_junit(assessment: Assessment, problems: Sequence[Problem] = ()) -> str:
    """Return the assessment as one JUnit document: a suite for each policy, and one for the gate.

    The same assessment gives the same bytes. Text of evidence is data in it: no markup, no
    character that XML forbids, and nothing that a runner takes for a command when it is logged.
    """
    cases = [_of_finding(assessment, each) for each in assessment.findings]
    suites = [
        (name, list(some))
        for name, some in groupby(
            sorted(cases, key=lambda one: (one.owner, one.name)), key=lambda one: one.owner
        )
    ]
    if problems:
        suites.append(("files", [_of_problem(each) for each in problems]))
    suites.insert(0, (_GATE, [_of_gate(assessment)]))
    every = [case for _name, some in suites for case in some]
    head = opened("testsuites", [("name", "assaybook"), *_counts(every)])
    lines = [line for name, some in suites for line in _suite(assessment, name, some)]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *lines, "</testsuites>", ""])


def _of_finding(assessment: Assessment, finding: Finding) -> _Case:
    told, mend = verdict_of(finding), what_to_do(finding)
    lines = (
        finding.sentence,
        told,
        *_rows(finding),
        *([f"To mend it: {mend}"] if mend else []),
        f"Severity: {finding.severity.value}",
        f"Evidence: {', '.join(dict.fromkeys(one.id for one in finding.evidence)) or 'none'}",
    )
    result: _Result | None = None
    kind = ""
    if finding.disposition is not Disposition.OPEN:
        result, told = "skipped", acceptance(assessment, finding)
    elif finding.outcome is Outcome.NOT_APPLICABLE:
        result = "skipped"
    elif finding.outcome is not Outcome.PASS:
        result = "error" if finding.outcome is Outcome.ERROR else "failure"
        kind = finding.outcome.value
    return _Case(finding.policy, finding.rule, result, kind, told, lines)


def _rows(finding: Finding) -> Iterator[str]:
    """Yield a line for each row that does not pass, the first ones only where there are many."""
    told = [row for row in finding.rows if row.outcome is not Outcome.PASS]
    for row in told[:_ROWS_TOLD]:
        key = "rows that may exist" if row.key == GHOST else row.key
        waived = f" (waived by {row.waived_by})" if row.waived_by else ""
        yield f"- {key}: {outcome_state(row.outcome).word}{waived}: {row_text(row)}"
    if len(told) > _ROWS_TOLD:
        yield f"- {len(told) - _ROWS_TOLD} more"


def _of_problem(problem: Problem) -> _Case:
    told = f"{problem.code}: {problem.message}"
    lines = tuple(line for line in (told, problem.where, problem.hint) if line)
    return _Case("files", problem.file or problem.where, "error", problem.code, told, lines)


def _of_gate(assessment: Assessment) -> _Case:
    verdict = assessment.gate.verdict
    told = summary_line(assessment)
    if verdict is GateVerdict.PASS:
        return _Case(_GATE, _GATE, lines=(told,))
    result: _Result = "error" if verdict is GateVerdict.ERROR else "failure"
    return _Case(_GATE, _GATE, result, verdict.value, told, (told,))


def _suite(assessment: Assessment, name: str, cases: Sequence[_Case]) -> Iterator[str]:
    at = written(assessment.assessment.as_of)
    yield opened("testsuite", [("name", name), *_counts(cases), ("timestamp", at[:19])], 1)
    if name == _GATE:
        yield "    <properties>"
        for key, value in _properties(assessment):
            yield f"      <property{_attributes([('name', key), ('value', value)])}/>"
        yield "    </properties>"
    for case in cases:
        yield from _case(case)
    yield "  </testsuite>"


def _properties(assessment: Assessment) -> Iterator[tuple[str, str]]:
    head, gate = assessment.assessment, assessment.gate
    subject = assessment.findings[0] if assessment.findings else None
    if subject is not None:
        yield "system", subject.system
        yield "release", subject.release
    yield "as_of", written(head.as_of)
    yield "assessment", head.digest
    yield "bundle", head.bundle
    yield "engine", head.engine
    yield "asserted", "true" if head.asserted else "false"
    yield "gate", gate.verdict.value
    yield "exit", str(gate.exit)
    yield "fail_on", gate.fail_on.value


def _case(case: _Case) -> Iterator[str]:
    named = [("classname", case.owner), ("name", case.name), ("time", "0")]
    yield opened("testcase", named, 2)
    text = xml_text(case.lines)
    if case.result == "skipped":
        yield f"      <skipped{_attributes([('message', case.message)])}/>"
    elif case.result is not None:
        said = _attributes([("message", case.message), ("type", case.type)])
        yield f"      <{case.result}{said}>{text}</{case.result}>"
    if case.result in {None, "skipped"}:
        yield f"      <system-out>{text}</system-out>"
    yield "    </testcase>"


def _counts(cases: Sequence[_Case]) -> list[tuple[str, str]]:
    found = [case.result for case in cases]
    return [
        ("tests", str(len(cases))),
        ("failures", str(found.count("failure"))),
        ("errors", str(found.count("error"))),
        ("skipped", str(found.count("skipped"))),
        ("time", "0"),
    ]


def opened(tag: str, attributes: Iterable[tuple[str, str]], depth: int = 0) -> str:
    """Return an opening tag, indented by two spaces for each level of depth."""
    return f"{'  ' * depth}<{tag}{_attributes(attributes)}>"


def _attributes(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f' {name}="{_escaped(visible(value))}"' for name, value in pairs)


def xml_text(lines: Iterable[str]) -> str:
    """Return lines as the text of an element."""
    return _escaped("\n".join(visible(line) for line in lines))


def _escaped(text: str) -> str:
    """Return text that is data to XML, and to a runner that reads the file from its log."""
    return _RUNNER.sub(_spelled, escape(text, quote=True))


def _spelled(hit: re.Match[str]) -> str:
    return "&#35;" if hit[0] == "#" else f"{hit[1]}&#58;"
