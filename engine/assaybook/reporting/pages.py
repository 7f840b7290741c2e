"""The pages around the verdicts: the system, its past, its risks and people, and the lists."""

from typing import Literal, TypeAlias

from assaybook.domain.base import Frozen
from assaybook.reporting.parts import Labelled, Pair, Part, Share, State


class SignLine(Frozen):
    """One line of the sign-off block."""

    role: str
    name: str
    date: str
    signature: str


class Boundary(Frozen):
    """What is inside, what judges it, and what is left outside; each a short list of lines."""

    system: str
    inside: tuple[str, ...]
    answers: tuple[str, ...]
    """Who answers for it, and in which role."""
    criteria: tuple[str, ...]
    outside: tuple[str, ...]


class GraphNode(Frozen):
    """A thing in the lineage graph; ``column`` and ``row`` are its place, from 0.

    ``registered`` tells that the release names it by digest.
    """

    name: str
    kind: str
    column: int
    row: int
    registered: bool


class GraphEdge(Frozen):
    """An edge between two nodes by their index, from what was used to what was made of it."""

    start: int
    end: int
    relation: str
    proven: bool
    """Whether the document names the input by its digest."""


class Graph(Frozen):
    """A lineage graph in columns, inputs at the left."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    columns: int
    rows: int


class Quoted(Frozen):
    """What a document says under a heading of its own; ``anchor`` leads to the index."""

    topic: str
    text: str
    label: str
    anchor: str


class ArtifactLine(Frozen):
    """A part of the release."""

    name: str
    kind: str
    digest: str


class RecordLine(Frozen):
    """A change of the record of the system: when, what, by whom and why."""

    when: str
    what: str
    who: str
    why: str


class SystemPage(Frozen):
    """The system as it is recorded and as its own documents describe it."""

    lead: str
    facts: tuple[Labelled, ...]
    artifacts: tuple[ArtifactLine, ...]
    quoted: tuple[Quoted, ...]
    quoted_note: str
    graph: Graph | None
    graph_note: str
    changes: tuple[RecordLine, ...]
    changes_note: str


class TrendLine(Frozen):
    """Controls met of applicable, ``(met, applicable)``, oldest first."""

    name: str
    points: tuple[tuple[int, int], ...]


class Trend(Frozen):
    """One small chart for each framework."""

    caption: str
    first: str
    last: str
    lines: tuple[TrendLine, ...]


class ApplicableLine(Frozen):
    """A control that applies, and where it is judged; ``anchor`` may be empty."""

    control: str
    title: str
    state: State
    because: str
    anchor: str


class Unlisted(Frozen):
    """Controls that one reason holds for, run together by the groups of their catalog."""

    reason: str
    groups: tuple[Pair, ...]


class Applicability(Frozen):
    """The statement of applicability of one framework."""

    name: str
    note: str
    shares: tuple[Part, ...]
    """Met, applicable and not met, and left out: the parts of the ring."""
    applies: tuple[ApplicableLine, ...]
    """Those that a rule bears on."""
    unlisted: tuple[Unlisted, ...]
    """Those that apply and that nothing judges, and those that do not apply, by reason."""


class ApplicabilityPage(Frozen):
    """Which control applies, why, and why the others do not."""

    lead: str
    frameworks: tuple[Applicability, ...]


class Age(Frozen):
    """How long a finding has been open, in days.

    ``due`` is in how many days it is to be mended, below zero where it should have been; None
    where nothing says so.
    """

    label: str
    name: str
    state: State
    since: str
    days: float
    due: float | None
    told: str


class Ageing(Frozen):
    """Open findings by age; ``ages`` is empty where nothing is known of the past."""

    caption: str
    note: str
    as_of: str
    ages: tuple[Age, ...]
    span: float
    ahead: float
    """Days from the oldest to the instant of the pack, and from there to the last due date."""


class RisksPage(Frozen):
    """Risks, as far as they are recorded."""

    lead: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """One row for each severity: its word, then a count for each column."""
    accepted: tuple[Pair, ...]
    stated: tuple[Quoted, ...]


class PopulationLine(Frozen):
    """What one document examined for one question."""

    question: str
    label: str
    anchor: str
    name: str
    examined: str
    failed: str
    open: str
    bound: str
    used_by: str


class SamplingPage(Frozen):
    """The populations that evidence speaks of."""

    lead: str
    lines: tuple[PopulationLine, ...]
    more: str


class ChangeLine(Frozen):
    """A control or a finding that changed."""

    name: str
    title: str
    before: State
    after: State
    cause: str
    what: str


class CauseRow(Frozen):
    """One cause with the controls that it made worse and better."""

    name: str
    meaning: str
    worse: tuple[Part, ...]
    better: tuple[Part, ...]
    told_worse: str
    told_better: str


class LimitLine(Frozen):
    """A parameter that changed."""

    name: str
    before: str
    after: str
    direction: str


class ChangePage(Frozen):
    """What changed since the last audit; ``lead`` alone where there was none."""

    lead: str
    inputs: tuple[Pair, ...]
    causes: tuple[CauseRow, ...]
    controls: tuple[ChangeLine, ...]
    findings: tuple[ChangeLine, ...]
    limits: tuple[LimitLine, ...]


class AnnexLine(Frozen):
    """One of the nine points of the technical file."""

    id: str
    title: str
    state: State
    told: str


class AnnexPage(Frozen):
    """The index of a technical file."""

    lead: str
    parts: tuple[Part, ...]
    lines: tuple[AnnexLine, ...]
    note: str


class AttestationLine(Frozen):
    """One answer of one person."""

    rule: str
    question: str
    person: str
    answer: str
    signed: str
    until: str
    label: str
    anchor: str
    finding: str
    vouched: str
    """Who vouches that the person said it."""


class AttestationsPage(Frozen):
    """What persons stated."""

    lead: str
    lines: tuple[AttestationLine, ...]
    unanswered: tuple[Pair, ...]


StripKey: TypeAlias = Literal["pass", "stale", "unc"]


class StripLine(Frozen):
    """The newest document of one format: its age in days and whether it counted."""

    name: str
    key: StripKey
    days: float | None
    told: str


class Strip(Frozen):
    """Evidence over time, to the instant of the pack."""

    caption: str
    as_of: str
    span: float
    lines: tuple[StripLine, ...]


class EvidenceLine(Frozen):
    """One document of the index, with its digest whole."""

    label: str
    anchor: str
    id: str
    name: str
    made_by: str
    digest: str
    assurance: str
    assurance_mark: str
    received: str
    produced: str
    used_by: str
    remarks: tuple[str, ...]


class EvidencePage(Frozen):
    """The evidence index."""

    lead: str
    strip: Strip | None
    documents: tuple[EvidenceLine, ...]
    apart: str
    """How many documents are of other releases, and where they are listed."""


class Uncovered(Frozen):
    """The controls of one framework that nothing judged."""

    framework: str
    note: str
    shares: tuple[Share, ...]
    controls: tuple[Pair, ...]


class LimitsPage(Frozen):
    """What was not looked at, and what was not counted."""

    lead: str
    uncovered: tuple[Uncovered, ...]
    left_out: tuple[Pair, ...]
    refused: tuple[Pair, ...]
    refused_note: str
    unused: tuple[Pair, ...]
    apart: str
    assumptions: tuple[Pair, ...]
    unprintable: str


class ReproducePage(Frozen):
    """Words, versions and commands."""

    words: tuple[Pair, ...]
    versions: tuple[Labelled, ...]
    commands: tuple[Labelled, ...]
