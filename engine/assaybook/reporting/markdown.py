"""An assessment as Markdown: the summary of a job, or a comment on a pull request."""

import re
from typing import Final

from assaybook.domain.documents import Problem
from assaybook.domain.finding import Assessment, Disposition, Finding, GateVerdict, Outcome
from assaybook.domain.ids import written
from assaybook.reporting.observe import observed
from assaybook.reporting.parts import State
from assaybook.reporting.spoken import acceptance, defused
from assaybook.reporting.summary import Table, summary_line, summary_tables, what_is_open
from assaybook.reporting.terminal import visible
from assaybook.reporting.urgency import urgency
from assaybook.reporting.words import count, finding_state, shortened

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()<>#|!~@:&$])")
_ADDRESS: Final = re.compile(r"\bwww\.", re.IGNORECASE)
_UNDECIDED: Final = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
_MOST_ROWS: Final = 200
"""Rows of one table; the hosts of job summaries refuse more than a megabyte."""
_MARKS: Final = {
    GateVerdict.PASS: "✓",
    GateVerdict.FAIL: "✗",
    GateVerdict.INCONCLUSIVE: "⯑",
    GateVerdict.NOTHING: "◌",
    GateVerdict.ERROR: "⚠",
}


def assessment_markdown(assessment: Assessment, problems: tuple[Problem, ...] = ()) -> str:
    """Return the verdict, then what is open, undecided, to do, accepted and left out.

    No text of evidence becomes markup, link, mention or formula in it. A table of many rows ends
    with how many more there are.
    """
    parts = [
        f"## {_MARKS[assessment.gate.verdict]} {_plain(summary_line(assessment))}",
        _subject(assessment),
        *(_table(table) for table in _tables(assessment, problems)),
    ]
    return defused("\n\n".join(part for part in parts if part) + "\n")


def _subject(assessment: Assessment) -> str:
    """Return what was judged, as of when, and the digest that says so again."""
    head = assessment.assessment
    first = assessment.findings[0] if assessment.findings else None
    named = f"{_code(first.system)} release {_code(first.release)}, " if first else ""
    digest = f", assessment {_code(head.digest)}" if head.digest else ""
    return f"{named}as of {written(head.as_of)}{digest}"


def _tables(assessment: Assessment, problems: tuple[Problem, ...]) -> tuple[Table, ...]:
    findings = sorted(assessment.findings, key=urgency)
    tables = summary_tables(assessment, problems)
    _rules, to_do, controls, left_out, *baseline, unused, refused = tables
    return (
        _fails(findings),
        _undecided(findings),
        Table(to_do.title, ("Rule", "What to do"), _ends(to_do.rows), to_do.empty),
        *_accepted(assessment, findings),
        *((refused,) if refused.rows else ()),
        controls,
        left_out,
        *baseline,
        unused,
        _rest(findings),
    )


def _ends(rows: tuple[tuple[str | State, ...], ...]) -> tuple[tuple[str | State, ...], ...]:
    """Return first and last cell of each row; what is open stands in the tables above."""
    return tuple((row[0], row[-1]) for row in rows)


def _fails(findings: list[Finding]) -> Table:
    rows = [
        _open_row(each)
        for each in findings
        if each.outcome is Outcome.FAIL and each.disposition is Disposition.OPEN
    ]
    return Table("Open fails", ("Rule", "Severity", "What fails"), tuple(rows), "No rule fails.")


def _undecided(findings: list[Finding]) -> Table:
    rows: list[tuple[str | State, ...]] = [
        (finding_state(each), *_open_row(each)) for each in findings if each.outcome in _UNDECIDED
    ]
    columns = ("Outcome", "Rule", "Severity", "Why nobody can say")
    return Table("Not proven", columns, tuple(rows), "Every rule that applies was decided.")


def _open_row(finding: Finding) -> tuple[str, ...]:
    return (_name(finding), finding.severity.value, "; ".join(what_is_open(finding)))


def _accepted(assessment: Assessment, findings: list[Finding]) -> tuple[Table, ...]:
    rows = tuple(
        (_name(each), each.severity.value, shortened(acceptance(assessment, each), 240))
        for each in findings
        if each.disposition is not Disposition.OPEN
    )
    title = "Fails that people accepted"
    return (Table(title, ("Rule", "Severity", "By whom, and why"), rows, ""),) if rows else ()


def _rest(findings: list[Finding]) -> Table:
    rows = tuple(
        (finding_state(each), _name(each), each.severity.value, shortened(observed(each), 120))
        for each in findings
        if each.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}
    )
    columns = ("Outcome", "Rule", "Severity", "Observed")
    return Table("Proven, or not applicable", columns, rows, "Nothing is proven.")


def _name(finding: Finding) -> str:
    return f"{finding.policy} / {finding.rule}"


def _table(table: Table) -> str:
    head = f"### {_plain(table.title)}"
    if not table.rows:
        return f"{head}\n\n{_plain(table.empty)}"
    lines = [
        _line(table.columns),
        _line(("---",) * len(table.columns), escaped=False),
        *(_line(row) for row in table.rows[:_MOST_ROWS]),
    ]
    more = len(table.rows) - _MOST_ROWS
    rest = f"\n\n{count(more, 'more row')} not shown here." if more > 0 else ""
    return f"{head}\n\n" + "\n".join(lines) + rest


def _line(cells: tuple[str | State, ...], *, escaped: bool = True) -> str:
    texts = [f"{cell.mark} {cell.word}" if isinstance(cell, State) else cell for cell in cells]
    return f"| {' | '.join(_plain(text) if escaped else text for text in texts)} |"


def _code(text: str) -> str:
    """Return an id as code; it cannot end the code that it stands in."""
    return f"`{visible(text).replace('`', '')}`"


def _plain(text: str) -> str:
    return _ADDRESS.sub(lambda hit: f"{hit[0][:-1]}\\.", _SPECIAL.sub(r"\\\1", visible(text)))
