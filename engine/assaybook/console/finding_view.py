"""One finding as a page shows it: what was read, what decided, what would turn it. Pure.

A finding may rest on a hundred thousand rows, and a trace may be as long: a page shows so many of
them, says how many there are, and never calls a part the whole.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from assaybook.console import marks
from assaybook.console.marks import Mark
from assaybook.domain.evidence import Envelope
from assaybook.domain.finding import (
    EvidenceUse,
    Finding,
    LeftOut,
    NeedUse,
    ReasonShown,
    RowFinding,
    TraceNode,
)
from assaybook.domain.record import draft, record
from assaybook.evaluation.explain import Clause
from assaybook.reporting.charting import charts_of
from assaybook.reporting.charts import measured
from assaybook.reporting.labels import middle
from assaybook.reporting.observe import GHOST, row_text, short_keys, value_text
from assaybook.reporting.words import apart, number, reason_word

ROWS: Final = 50
"""Rows of a finding that a page shows."""
_LINES: Final = 600
"""Lines of all traces that a page shows."""
_DEEPEST: Final = 40
_CHILDREN: Final = 60
_PLACES: Final = 4
_TURNS: Final = 12
_KEY: Final = 120
_DRAWN: Final = 5_000
"""Rows of a finding beyond which nothing is drawn; the list of rows shows them all."""
_TEXT: Final = 400
_LIMITS: Final[Mapping[str, str]] = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


@record
class Place:
    """A place in a document: its evidence and the JSON pointer; empty for the whole."""

    evidence: str
    pointer: str


@record
class Doc:
    """A document as a finding names it.

    Attributes:
        name: its file name, or its id where the reader may not know of it.
        told: format, tool and assurance; empty where the reader may not know of it.
        seconds: its age; None where nobody said when it was made.
        known: whether the reader may open it.
    """

    evidence: str
    name: str
    told: str
    seconds: float | None
    known: bool
    places: tuple[Place, ...]
    more: int


@record
class Line:
    """A line of a trace with those under it; ``more`` counts those that are not shown."""

    mark: Mark | None
    text: str
    about: str
    said: str
    reasons: tuple[ReasonShown, ...]
    places: tuple[Place, ...]
    lines: tuple["Line", ...]
    more: int
    is_open: bool


@record
class RowLine:
    """One row that was judged: its key, what it came to, what was seen and where.

    ``place`` is where it stands in the list, from 1. ``label`` is its key without what the rows
    beside it have too.
    """

    place: int
    key: str
    label: str
    mark: Mark
    said: str
    places: tuple[Place, ...]
    more: int
    waived_by: str
    trace: Line | None


@record
class RowPage:
    """Some rows, worst first.

    Attributes:
        common: what the keys of all of these share; empty where they share nothing.
        next: how many rows stand before those that follow; None where none does.
        ghost: whether there may be rows that nobody knows.
    """

    rows: tuple[RowLine, ...]
    whole: int
    common: str
    next: int | None
    ghost: bool


@record
class Turn:
    """A comparison that decided, and the value at which it turns.

    Attributes:
        row: whose it is; empty for the rule itself.
        what: the side that was observed, as written.
        now: what it came to.
        limit: the sign and the other side.
        away: how far it is.
        trials: what more trials at the same rate would do; empty where that is no question.
    """

    row: str
    what: str
    now: str
    limit: str
    away: str
    trials: str


@record
class Drawing:
    """A chart as SVG text, whose own title holds its numbers.

    ``rest`` says which rows are not drawn.
    """

    svg: str
    caption: str
    legend: str
    rest: str


@record
class LeftLine:
    """A document that did not count, and why."""

    doc: Doc
    code: str
    message: str
    need: str


@draft
class _Room:
    """How many lines of a trace may still be shown."""

    left: int = _LINES

    def take(self) -> bool:
        """Take one; False where none is left."""
        self.left -= 1
        return self.left >= 0


def rows_from(finding: Finding, start: int) -> RowPage:
    """Return a page of the rows of a finding, worst first, with their traces."""
    sure = sorted(
        (row for row in finding.rows if row.key != GHOST),
        key=lambda row: marks.OUTCOMES.index(row.outcome),
    )
    room = _Room()
    held = sure[start : start + ROWS]
    common, labels = short_keys(row.key for row in held)
    shown = [
        _row(place, row, labels.get(row.key, row.key), room, is_first=place == start + 1)
        for place, row in enumerate(held, start + 1)
    ]
    more = start + ROWS if start + ROWS < len(sure) else None
    is_open = len(sure) < len(finding.rows)
    return RowPage(tuple(shown), len(sure), middle(common, _KEY), more, is_open)


def _row(place: int, row: RowFinding, label: str, room: _Room, *, is_first: bool) -> RowLine:
    said = row.message or row_text(row)
    return RowLine(
        place,
        row.key,
        middle(label, _KEY),
        marks.of_outcome(row.outcome),
        middle(said, _TEXT),
        places_of(row.evidence),
        max(0, len(row.evidence) - _PLACES),
        row.waived_by or "",
        None if row.trace is None else _line(row.trace, room, 0, is_open=is_first),
    )


def trace_of(finding: Finding) -> Line | None:
    """Return the trace of the rule itself; None where only its rows have one."""
    return None if finding.trace is None else _line(finding.trace, _Room(), 0, is_open=True)


def _line(node: TraceNode, room: _Room, depth: int, *, is_open: bool) -> Line:
    """Return a line; what decided stands open, as far as there is room."""
    below: list[Line] = []
    for child in node.children[:_CHILDREN]:
        if depth >= _DEEPEST or not room.take():
            break
        decides = is_open and bool(node.truth) and child.truth == node.truth
        below.append(_line(child, room, depth + 1, is_open=decides))
    text = node.text.removeprefix(f"{node.row}: ") if node.row else node.text
    return Line(
        marks.of_truth(node.truth) if node.truth else None,
        middle(text, _TEXT),
        middle(node.row, _KEY) if node.row else "",
        "" if node.truth or (node.value is None and node.reasons) else said_value(node.value),
        node.reasons,
        tuple(Place(*each) for each in node.read[:_PLACES]),
        tuple(below),
        len(node.children) - len(below),
        is_open,
    )


def said_value(value: JsonValue) -> str:
    """Return an observed value as a reader takes it in; a null says that it is one."""
    return "null" if value is None else value_text(value)


def places_of(uses: Sequence[EvidenceUse]) -> tuple[Place, ...]:
    """Return the first places of evidence."""
    return tuple(Place(one.id, one.pointer) for one in uses[:_PLACES])


def turns_of(clauses: Iterable[Clause]) -> tuple[Turn, ...]:
    """Return the comparisons that decided, each with the value at which it would turn."""
    found: list[Turn] = []
    for clause in clauses:
        margin = clause.margin
        if margin is None or len(found) == _TURNS:
            continue
        trials = ""
        if margin.trials_now is not None and clause.truth == "F":
            trials = (
                "at the same rate no number of trials would do"
                if margin.trials is None
                else f"{margin.trials:,} trials at the same rate, now {margin.trials_now:,}"
            )
        said, asked = apart(margin.value, margin.limit)
        found.append(
            Turn(
                "any further row" if clause.row == GHOST else middle(clause.row, _KEY),
                middle(margin.text, _KEY),
                said,
                f"{_LIMITS[margin.op]} {asked}",
                number(margin.distance),
                trials,
            )
        )
    return tuple(found)


def charts_in(finding: Finding) -> tuple[Drawing, ...]:
    """Return the drawings of a finding: measured rows against a limit, as the pack shows them."""
    if len(finding.rows) > _DRAWN:
        return ()
    return tuple(
        Drawing(measured(chart), chart.caption, chart.legend, chart.rest)
        for chart in charts_of(finding, {})
    )


def documents_of(
    finding: Finding, envelopes: Mapping[str, Envelope], readable: Collection[str]
) -> tuple[Doc, ...]:
    """Return the documents that a finding rests on, each once, with the first places in it."""
    uses: dict[str, list[EvidenceUse]] = {}
    for one in finding.evidence:
        uses.setdefault(one.id, []).append(one)
    return tuple(doc_of(evidence, envelopes, readable, held) for evidence, held in uses.items())


def doc_of(
    evidence: str,
    envelopes: Mapping[str, Envelope],
    readable: Collection[str],
    uses: Sequence[EvidenceUse] = (),
) -> Doc:
    """Return a document as its envelope says it, to a reader who may know of it."""
    envelope = envelopes.get(evidence) if evidence in readable else None
    pointed = [one for one in uses if one.pointer]
    return Doc(
        evidence,
        evidence if envelope is None or not envelope.name else middle(envelope.name, _KEY),
        "" if envelope is None else told_of(envelope),
        uses[0].age if uses else None,
        envelope is not None,
        places_of(pointed),
        max(0, len(pointed) - _PLACES),
    )


def told_of(envelope: Envelope) -> str:
    """Return format, tool and assurance of a document on one line."""
    tool = f"{envelope.producer.tool} {envelope.producer.version}".strip()
    parts = (envelope.format, tool if tool != envelope.format else "", envelope.assurance.value)
    return middle(", ".join(filter(None, (*parts[:2], f"assurance {parts[2]}"))), _KEY)


def left_lines(
    left: Iterable[LeftOut], envelopes: Mapping[str, Envelope], readable: Collection[str]
) -> tuple[LeftLine, ...]:
    """Return the documents that did not count."""
    return tuple(
        LeftLine(doc_of(one.evidence, envelopes, readable), one.code, one.message, one.need)
        for one in left
    )


def need_words(need: NeedUse) -> str:
    """Return in words how a need came out: rows, documents, and whether its list is closed."""
    rows = f"{need.rows} {'row' if need.rows == 1 else 'rows'}"
    if need.possible:
        rows += f" and {need.possible} that may or may not belong"
    if need.proven_empty:
        return "proven empty: it was looked for, and nothing was found"
    if need.open:
        why = ", ".join(dict.fromkeys(reason_word(one.code) for one in need.open))
        return f"{rows}; there may be more ({why})"
    return rows
