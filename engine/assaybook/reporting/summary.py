"""An assessment in brief, for the terminal and for Markdown: a few tables of plain words."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Problem
from assaybook.domain.finding import (
    Assessment,
    BaselineUse,
    Disposition,
    Finding,
    Gate,
    GateVerdict,
    Outcome,
    ReasonShown,
    Standing,
    Unused,
)
from assaybook.domain.record import record
from assaybook.reporting.observe import observed
from assaybook.reporting.parts import State
from assaybook.reporting.prose import say
from assaybook.reporting.remedies import what_to_do
from assaybook.reporting.urgency import urgency
from assaybook.reporting.words import (
    STANDINGS_SHOWN,
    catalog_name,
    count,
    finding_state,
    listed,
    reason_sentence,
    reason_word,
    sentence_case,
    short_day,
    shortened,
    standing_state,
)

_SHOWN: Final = 3
_MOVED: Final = {
    "worse": "worse: it counts as a fail",
    "changed": "asked otherwise: it counts as a fail",
    "mended": "mended: take it out",
    "undecided": "not known",
    "not_judged": "not judged",
}
_LEFT_OPEN: Final = frozenset({Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR})


@record
class Table:
    """A table of texts; a cell that is a state keeps its mark and colour."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | State, ...], ...]
    empty: str
    """What to say in place of a table without rows."""


def summary_tables(assessment: Assessment, problems: tuple[Problem, ...] = ()) -> tuple[Table, ...]:
    """Return what a person reads after a check, what needs a decision first."""
    findings = sorted(assessment.findings, key=urgency)
    return (
        _rules(findings),
        _next(findings),
        _controls(assessment),
        _left_out(assessment, findings),
        *_baseline(assessment),
        _unused(assessment),
        _refused(problems),
    )


def summary_line(assessment: Assessment) -> str:
    """Return the gate in one sentence: verdict, counts at or above the threshold, and below."""
    head, counts = gate_words(assessment.gate)
    baseline = _accepting(assessment.baseline)
    asserted = " Asserted by the submitter, not authenticated." if _asserted(assessment) else ""
    return f"{head}{_nothing(assessment)} {counts}{baseline}{asserted}"


def gate_words(gate: Gate) -> tuple[str, str]:
    """Return the verdict of a gate, and the counts that it comes from, as sentences."""
    above = _counted(gate.counts.model_dump(by_alias=True)) or say("none-above")
    below = _counted(gate.below.model_dump(by_alias=True)) or say("none-below")
    return (
        say("gate", verdict=gate.verdict.value.upper(), exit=gate.exit),
        say("counts", severity=gate.fail_on.value, above=above, below=below),
    )


def _nothing(assessment: Assessment) -> str:
    """Return why nothing was judged, where no document is to be seen in the assessment."""
    seen = any(one.evidence for one in assessment.unused) or any(
        use.evidence for finding in assessment.findings for use in finding.needs
    )
    if assessment.gate.verdict is not GateVerdict.NOTHING or seen:
        return ""
    if assessment.unused:
        return " No file was recognised as evidence: `assay evidence adapters` lists the formats."
    return " No document was found where the evidence should be."


def _accepting(one: BaselineUse | None) -> str:
    """Return what a baseline does to the gate, in a sentence."""
    if one is None:
        return ""
    until = short_day(one.expires)
    if one.state != "in_force":
        return f" The baseline {one.id} accepts nothing: {one.note}."
    accepted = sum(row.state == "accepted" for row in one.rows)
    fails = count(accepted, "fail")
    return f" The baseline {one.id} accepts {fails} as found, until {until}."


def _asserted(assessment: Assessment) -> bool:
    return assessment.assessment.asserted


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items() if n)


def _rules(findings: list[Finding]) -> Table:
    rows = tuple(
        (
            finding_state(finding),
            f"{finding.policy} / {finding.rule}",
            finding.severity.value,
            shortened(observed(finding), 120),
        )
        for finding in findings
    )
    columns = ("Outcome", "Rule", "Severity", "Observed")
    return Table("Rules judged", columns, rows, "No rule was judged: nothing is shown to hold.")


def _next(findings: list[Finding]) -> Table:
    rows = tuple(
        (
            f"{finding.policy} / {finding.rule}",
            "; ".join(what_is_open(finding)),
            shortened(what_to_do(finding), 240) or "The policy does not say.",
        )
        for finding in findings
        if finding.outcome in _LEFT_OPEN and finding.disposition is Disposition.OPEN
    )
    columns = ("Rule", "What is open", "What to do")
    return Table("What to submit or mend next", columns, rows, "Nothing is open.")


def what_is_open(finding: Finding) -> list[str]:
    """Return what fails or is missing, three things at most, and how many more there are."""
    if finding.outcome is Outcome.FAIL:
        failed = [row for row in finding.rows if row.outcome is Outcome.FAIL]
        told = [row.message or row.key for row in failed]
        told = told or [finding.message or observed(finding)]
    else:
        told = list(_reasons(finding.reasons))
    told = list(dict.fromkeys(told))
    rest = [f"{len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return [shortened(each, 120) for each in told[:_SHOWN]] + rest or ["No reason is given."]


def _reasons(reasons: tuple[ReasonShown, ...]) -> Iterator[str]:
    """Yield reasons as sentences, those of one kind about several files as one of them all."""
    files: dict[tuple[str, str], dict[str, None]] = {}
    for each in reasons:
        _about, found, file = each.path.rpartition(" in ")
        files.setdefault((each.code, _said(each)), {}).update({file: None} if found else {})
    for (code, said), names in files.items():
        where = f" ({_first_of(list(names))})" if names else ""
        word = f"{sentence_case(reason_word(code))}: " if said else ""
        yield f"{word}{said or reason_sentence(code)}{where}"


def _first_of(names: list[str]) -> str:
    """Return two names, and that there are more; a count would be one that nothing else has."""
    return f"{', '.join(names[:2])} and more" if len(names) > 2 else listed(names)  # noqa: PLR2004


def _said(reason: ReasonShown) -> str:
    """Return what a reason says; of a value that is not there its field stands first."""
    row, dot, field = reason.path.rpartition(".")
    if dot and reason.message == f"{reason.path} is null":
        return f"{field} of {row}"
    return reason.message


def _controls(assessment: Assessment) -> Table:
    rows: list[tuple[str | State, ...]] = []
    for each in assessment.conclusion:
        told = [
            f"{each.counts[standing]} {standing_state(standing).word.lower()}"
            for standing in STANDINGS_SHOWN
            if each.counts.get(standing)
        ]
        whole = sum(each.counts.values()) - each.counts.get(Standing.NOT_APPLICABLE, 0)
        met = f"{each.counts.get(Standing.MET, 0)} of {whole}"
        words = sentence_case(each.words.value)
        rows.append((catalog_name(each.catalog), words, met, listed(told, most=7)))
    columns = ("Framework", "Conclusion", "Met of applicable", "Controls")
    return Table("Controls", columns, tuple(rows), "No framework is in scope.")


def _left_out(assessment: Assessment, findings: list[Finding]) -> Table:
    """List what one rule counted and another did not; what none counted is listed by its name."""
    unused = {each.evidence for each in assessment.unused}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for finding in findings:
        for each in finding.left_out:
            if each.evidence in unused:
                continue
            rule = f"{finding.policy} / {finding.rule}"
            found.setdefault((each.evidence, each.code), {})[rule] = None
    rows = tuple(
        (shortened(evidence, 20), reason_word(code), reason_sentence(code), listed(rules, most=3))
        for (evidence, code), rules in found.items()
    )
    columns = ("Evidence", "Reason", "Meaning", "For")
    return Table("Submitted, and not counted by every rule", columns, rows, "None.")


def _baseline(assessment: Assessment) -> tuple[Table, ...]:
    """List what a baseline names and no longer finds as it was; nothing without a baseline."""
    one = assessment.baseline
    if one is None:
        return ()
    rows = tuple(
        (f"{row.policy} / {row.rule}", shortened(row.key, 80), _MOVED[row.state], row.note)
        for row in one.rows
        if row.state != "accepted"
    )
    columns = ("Rule", "Row", "Now", "Why")
    title = f"Named by the baseline {one.id} and no longer as it was found"
    return (Table(title, columns, rows, "Nothing."),)


def _unused(assessment: Assessment) -> Table:
    rows = tuple((shortened(each.name, 80), _why(each)) for each in assessment.unused)
    many = f": {count(len(rows), 'file')}" if rows else ""
    return Table(f"Submitted, and used by no rule{many}", ("File", "Why"), rows, "None.")


def _why(unused: Unused) -> str:
    """Return why no rule used a file; a code at the start of it becomes a word."""
    code, colon, rest = unused.why.partition(": ")
    return f"{reason_word(code)}: {rest}" if colon else code


def _refused(problems: tuple[Problem, ...]) -> Table:
    rows = tuple((place_of(each), each.code, each.message, each.hint) for each in problems)
    columns = ("File", "Code", "Why", "What to do")
    return Table("Could not be read", columns, rows, "None.")


def place_of(problem: Problem) -> str:
    """Return where in a file a problem is; the end of its path is not said twice."""
    file, where = problem.file, problem.where
    steps = file.split("/")
    for start in range(len(steps)):
        name = "/".join(steps[start:])
        if where.startswith(name):
            return file + where.removeprefix(name)
    return f"{file}: {where}" if where else file
