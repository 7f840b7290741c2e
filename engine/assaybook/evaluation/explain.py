"""Why a rule came to its outcome: the clauses that decided it, and what they were read from.

Everything is taken out of an assessment; nothing is judged again.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Literal

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    Assessment,
    Disposition,
    EvidenceUse,
    Finding,
    LeftOut,
    NeedUse,
    Outcome,
    ReasonShown,
    RowFinding,
    TraceNode,
    Unused,
)
from assaybook.domain.ids import Instant
from assaybook.domain.record import record
from assaybook.evaluation.margin import Margin, margin_of

MOST_CLAUSES: Final = 50
_TRUTH: Final[Mapping[Outcome, Literal["T", "F", "U", ""]]] = {
    Outcome.PASS: "T",
    Outcome.FAIL: "F",
    Outcome.INCONCLUSIVE: "U",
    Outcome.ERROR: "U",
    Outcome.NOT_APPLICABLE: "",
}


class Observed(Frozen):
    """A part of a clause with what it came to; an unknown is null with its reasons."""

    text: str
    value: JsonValue = None
    reasons: tuple[ReasonShown, ...] = ()


class Clause(Frozen):
    """One clause that decided, for the row that it was judged for, if any.

    ``text`` is empty where a row was not judged by a clause: its reasons say why. ``margin`` is
    there for a comparison of two numbers that were observed.
    """

    text: str
    truth: Literal["T", "F", "U", ""]
    row: str = ""
    observed: tuple[Observed, ...] = ()
    reasons: tuple[ReasonShown, ...] = ()
    message: str = ""
    evidence: tuple[EvidenceUse, ...] = ()
    margin: Margin | None = None


class Explanation(Frozen):
    """Why one rule, or one row of it, came to its outcome.

    ``deciding`` holds the least set of clauses that makes the outcome; ``more`` counts those
    beyond the first ones. ``unused`` are files of the submission that no rule used.
    """

    policy: str
    rule: str
    row: str = ""
    title: str
    sentence: str
    outcome: Outcome
    disposition: Disposition
    rest: Outcome | None
    message: str
    fix: str
    params: dict[str, JsonValue]
    relaxed: tuple[str, ...]
    reasons: tuple[ReasonShown, ...]
    deciding: tuple[Clause, ...]
    more: int
    needs: tuple[NeedUse, ...]
    evidence: tuple[EvidenceUse, ...]
    left_out: tuple[LeftOut, ...]
    unused: tuple[Unused, ...]
    expires_at: Instant | None
    names: dict[str, str] = Field(default_factory=dict)
    """Evidence id to file name, where whoever asks knows them."""


@record
class _Place:
    """Where a line of a trace stands: its row, and where that row was read."""

    row: str
    evidence: tuple[EvidenceUse, ...]
    ages: Mapping[str, float | None]

    def inside(self, line: TraceNode) -> "_Place":
        """Return the place of a line, which may be about a row of its own."""
        if not line.row:
            return self
        read = tuple(EvidenceUse(id=e, pointer=p, age=self.ages.get(e)) for e, p in line.read)
        row = f"{self.row}; {line.row}" if self.row else line.row
        return _Place(row, read or self.evidence, self.ages)


def explain(found: Assessment, policy: str, rule: str, row_key: str | None = None) -> Explanation:
    """Explain the finding of a rule, or one row of it.

    Raises:
        UsageError: ``rule-unknown`` or ``row-unknown``.
    """
    finding = _finding(found, policy, rule)
    rows = finding.rows if row_key is None else _rows(finding, row_key)
    outcome = finding.outcome if row_key is None else rows[0].outcome
    clauses = list(_deciding(finding, rows, outcome))
    return Explanation(
        policy=policy,
        rule=rule,
        row=row_key or "",
        title=finding.title,
        sentence=finding.sentence,
        outcome=outcome,
        disposition=finding.disposition,
        rest=finding.rest,
        message=finding.message,
        fix=finding.fix,
        params=finding.params,
        relaxed=finding.relaxed,
        reasons=finding.reasons if row_key is None else rows[0].reasons,
        deciding=tuple(clauses[:MOST_CLAUSES]),
        more=max(0, len(clauses) - MOST_CLAUSES),
        needs=finding.needs,
        evidence=finding.evidence,
        left_out=finding.left_out,
        unused=found.unused,
        expires_at=finding.expires_at,
    )


def _finding(found: Assessment, policy: str, rule: str) -> Finding:
    for one in found.findings:
        if (one.policy, one.rule) == (policy, rule):
            return one
    rules = [f"{one.policy}/{one.rule}" for one in found.findings if one.policy == policy]
    known = rules or sorted({one.policy for one in found.findings})
    raise UsageError(
        "rule-unknown",
        "no such rule was judged",
        where=f"{policy}/{rule}",
        hint=f"There are: {', '.join(known) or 'none'}.",
    )


def _rows(finding: Finding, key: str) -> tuple[RowFinding, ...]:
    rows = tuple(one for one in finding.rows if one.key == key)
    if not rows:
        known = "; ".join(one.key for one in islice(finding.rows, 10))
        raise UsageError(
            "row-unknown",
            f"the finding has no row {key!r}",
            where=f"{finding.policy}/{finding.rule}",
            hint=f"Its rows begin with: {known}" if known else "The rule judges no rows.",
        )
    return rows


def deciding(finding: Finding, row: RowFinding | None = None) -> tuple[Clause, ...]:
    """Return the least set of clauses that makes the outcome of a finding, or of one row of it."""
    if row is None:
        return tuple(_deciding(finding, finding.rows, finding.outcome))
    alone = finding.model_copy(update={"trace": None, "reasons": ()})
    return tuple(_deciding(alone, (row,), row.outcome))


def first_deciding(finding: Finding, most: int) -> tuple[Clause, ...]:
    """Return the first so many of the clauses that decide a finding, however many rows it has."""
    return tuple(islice(_deciding(finding, finding.rows, finding.outcome), most))


def _deciding(finding: Finding, rows: Sequence[RowFinding], outcome: Outcome) -> Iterator[Clause]:
    """Yield the clauses that decided: of the rows that came to the outcome, else of the rule."""
    ages = {one.id: one.age for one in finding.evidence}
    mine = [row for row in rows if row.outcome is outcome]
    for row in mine:
        place = _Place(row.key, row.evidence, ages)
        if row.trace is None or (row.reasons and row.trace.truth != "U"):
            yield Clause(
                text="",
                truth=_TRUTH[outcome],
                row=row.key,
                reasons=row.reasons,
                message=row.message,
                evidence=row.evidence,
            )
        else:
            yield from _decisive(row.trace, place, row.message)
    if finding.trace is not None:
        place = _Place("", finding.evidence, ages)
        yield from _decisive(finding.trace, place, finding.message)
    elif not mine and finding.reasons:
        yield Clause(
            text="",
            truth=_TRUTH[outcome],
            reasons=finding.reasons,
            message=finding.message,
            evidence=finding.evidence,
        )


def _decisive(line: TraceNode, place: _Place, message: str = "") -> Iterator[Clause]:
    """Yield the least set of clauses under a line that makes its truth.

    Of a conjunction that is false, its false parts; of one that is true, all of them; of a
    disjunction the other way round; of a quantifier its deciding rows; of an unknown, the parts
    that are unknown. A negation rests on what it negates, a choice on its test and its branch.
    """
    here = place.inside(line)
    parts = [child for child in line.children if child.truth]
    if line.joins in {"and", "or", "all", "exists"}:
        parts = [child for child in parts if child.truth == line.truth]
    elif not line.joins:
        parts = []
    if not parts:
        text = line.text.removeprefix(f"{line.row}: ") if line.row else line.text
        observed = tuple(_observed(line))
        yield Clause(
            text=text,
            truth=line.truth,
            row=here.row,
            observed=observed,
            reasons=line.reasons,
            message=message,
            evidence=here.evidence,
            margin=margin_of(text, {one.text: one.value for one in observed}),
        )
    for child in parts:
        yield from _decisive(child, here, message)


def _observed(line: TraceNode) -> Iterator[Observed]:
    """Yield what a clause observed: its parts with their values, each once, not row by row."""
    seen: set[str] = set()
    lines = list(_parts(line)) or [line]
    for one in lines:
        value = {"T": True, "F": False}.get(one.truth, one.value)
        if one.text not in seen and (value is not None or one.reasons):
            seen.add(one.text)
            yield Observed(text=one.text, value=value, reasons=one.reasons)


def _parts(line: TraceNode) -> Iterator[TraceNode]:
    for child in line.children:
        selected = child.text.isidentifier() and line.text == f"{child.text}.{_last(line.text)}"
        if not child.row and not selected:
            yield child
            yield from _parts(child)


def _last(text: str) -> str:
    return text.rpartition(".")[2]
