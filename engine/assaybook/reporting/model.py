"""What an audit pack says: a frozen view model without markup, ink or judgement.

Every text is ready to print; templates choose order and looks, never words of a verdict.
"""

from typing import Literal

from assaybook.domain.base import Frozen
from assaybook.reporting.pages import (
    Ageing,
    AnnexPage,
    ApplicabilityPage,
    AttestationsPage,
    Boundary,
    ChangePage,
    EvidencePage,
    LimitsPage,
    ReproducePage,
    RisksPage,
    SamplingPage,
    SignLine,
    SystemPage,
    Trend,
)
from assaybook.reporting.parts import (
    Chart,
    FrameworkResult,
    Labelled,
    Pair,
    Part,
    State,
    WaiversPage,
)
from assaybook.reporting.period_parts import PeriodPage
from assaybook.reporting.sections import Profile, Section


class Meaning(Frozen):
    """A state and its meaning."""

    state: State
    text: str


class Grade(Frozen):
    """A grade of assurance: meter, word, who vouches, and how many documents have it."""

    mark: str
    word: str
    text: str
    documents: str


class Cover(Frozen):
    """The first page. ``asserted`` is empty only where the subject was authenticated."""

    organisation: str
    edition: str
    """What the profile leaves out of a full pack; empty for a full one."""
    system: str
    description: str
    as_of: str
    words: str
    summary: tuple[str, ...]
    asserted: str
    facts: tuple[Labelled, ...]
    digest: str
    unprintable: str = ""
    """Said where the words of the cover themselves have characters that no font shows."""


class Reading(Frozen):
    """How to read the pack."""

    outcomes: tuple[Meaning, ...]
    standings: tuple[Meaning, ...]
    grades: tuple[Grade, ...]
    command: str
    digests: tuple[Labelled, ...]
    attachments: str
    """Names of the files inside the PDF; empty where there are none."""
    unprintable: str = ""
    """Which characters of the pack no font shows; empty where there are none."""


class ContentLine(Frozen):
    """A section in the table of contents, and what it comes to; ``anchor`` is its place."""

    number: str
    title: str
    told: str
    anchor: str


class FindingLine(Frozen):
    """One finding on one line: what was found, and of which claim."""

    label: str
    anchor: str
    state: State
    title: str
    said: str
    controls: str
    severity: str


class ConclusionPage(Frozen):
    """The conclusion in words, by framework, and the findings that decide it."""

    lead: str
    prose: tuple[str, ...]
    frameworks: tuple[FrameworkResult, ...]
    deciding: tuple[FindingLine, ...]
    more: str
    statement: tuple[str, ...]
    signatures: tuple[SignLine, ...]


class PolicyLine(Frozen):
    """A policy in force with its parameters as they were used."""

    id: str
    version: str
    title: str
    severity: str
    params: tuple[Pair, ...]


class ScopePage(Frozen):
    """What was judged and by which criteria."""

    lead: str
    boundary: Boundary
    policies: tuple[PolicyLine, ...]
    briefly: tuple[str, ...]
    """The policies beyond a bound, run together."""
    relaxations: tuple[Pair, ...]
    left_out: tuple[Pair, ...]
    out_of_scope: tuple[Pair, ...]


class MethodPage(Frozen):
    """How the judging was done, in numbers of this assessment."""

    lead: str
    steps: tuple[Pair, ...]
    gate: tuple[Labelled, ...]
    catalogs: tuple[Labelled, ...]


class Tile(Frozen):
    """One category in a heat map; ``shade`` 0 to 4 grows with the share that is met.

    ``applicable`` is the m of n of m; ``total`` counts every control of the category.
    """

    id: str
    title: str
    met: int
    applicable: int
    total: int
    shade: Literal[0, 1, 2, 3, 4]
    worst: tuple[Part, ...]
    more: int


class HeatRow(Frozen):
    """One function with its categories."""

    name: str
    note: str
    tiles: tuple[Tile, ...]


class AttentionLine(Frozen):
    """A control that is not met or not determined, and the rules behind it."""

    control: str
    title: str
    state: State
    because: str
    findings: tuple[Pair, ...]
    """Label and anchor of each finding."""


class FrameworkPage(Frozen):
    """Results by framework."""

    name: str
    anchor: str
    lead: str
    columns: int
    heat: tuple[HeatRow, ...]
    attention: tuple[AttentionLine, ...]


class Determination(Frozen):
    """Expected and observed for one rule under one control."""

    label: str
    anchor: str
    title: str
    relation: str
    expected: str
    observed: str
    state: State


class EvidenceRef(Frozen):
    """A document that a finding rests on; ``anchor`` is empty where it is not in the index."""

    label: str
    anchor: str
    name: str
    mark: str
    """The meter of its assurance; empty where it is not in the index."""
    pointer: str
    age: str


class ControlCard(Frozen):
    """One judged control.

    ``text`` is the publisher's wording where that may be quoted, and empty elsewhere.
    ``charts`` holds the charts of findings that no earlier card has shown.
    """

    anchor: str
    catalog: str
    id: str
    title: str
    text: str
    state: State
    counts: str
    determinations: tuple[Determination, ...]
    charts: tuple[Chart, ...]
    evidence: tuple[EvidenceRef, ...]
    left_out: str
    """What was superseded, left out or refused for its rules, counted, zero or not."""
    method: str
    history: str
    """The marks of its standings in earlier assessments; empty without any."""
    related: str
    """Controls of other frameworks in this pack that a crosswalk puts beside it."""
    more: str
    """How many determinations are not listed here, and what they came to."""


class ControlsPage(Frozen):
    """The controls of one framework: cards for what needs a look, lines for what holds."""

    name: str
    cards: tuple[ControlCard, ...]
    lines: tuple[ControlCard, ...]


class ReasonLine(Frozen):
    """Why something is unknown: the word, what it is about, and a sentence."""

    word: str
    path: str
    text: str


class RowLine(Frozen):
    """One row of a finding."""

    key: str
    state: State
    observed: str


class FindingCard(Frozen):
    """One finding in full."""

    label: str
    anchor: str
    title: str
    verdict: str
    """``policy/rule: OUTCOME``, as a verifier looks for it."""
    version: str
    severity: str
    controls: str
    sentence: str
    observed: str
    state: State
    age: str
    """Since when it is open; empty where it is settled."""
    reasons: tuple[ReasonLine, ...]
    rows: tuple[RowLine, ...]
    rows_shared: str
    """The columns that have the same value in every row; they are left out of the keys."""
    rows_note: str
    rows_paired: bool
    """Whether two rows fit on one line."""
    why: str
    """What decided, with what was observed and what would turn it; empty where it is settled."""
    evidence: tuple[EvidenceRef, ...]
    left_out: tuple[Pair, ...]
    notes: tuple[str, ...]
    fix: str


class ListedFinding(Frozen):
    """One finding of many, on one line of a long table."""

    label: str
    anchor: str
    state: State
    verdict: str
    severity: str
    observed: str
    evidence: str


class PlanLine(Frozen):
    """What is to be done about one open finding; ``verdict`` only where no other place has it."""

    label: str
    anchor: str
    state: State
    title: str
    said: str
    verdict: str
    severity: str
    age: str
    due: str
    """When it is to be mended, or since when it should have been; empty where nothing says."""
    overdue: bool
    plan: str


class FindingsPage(Frozen):
    """Every finding: what needs a decision in full, the rest in tables."""

    lead: str
    plan: tuple[PlanLine, ...]
    plan_note: str
    ageing: Ageing
    listed: tuple[ListedFinding, ...]
    listed_note: str
    open: tuple[FindingCard, ...]
    passed: tuple[FindingCard, ...]
    inapplicable: tuple[FindingCard, ...]


class Pack(Frozen):
    """The whole audit pack."""

    id: str
    profile: Profile
    sections: tuple[Section, ...]
    language: str
    title: str
    author: str
    subject: str
    created: str
    running: str
    cover: Cover
    contents: tuple[ContentLine, ...]
    """Empty in a profile that is short enough without."""
    reading: Reading
    conclusion: ConclusionPage
    period: PeriodPage | None
    """What a pack of a period says of it; None in one as of an instant."""
    scope: ScopePage
    system: SystemPage
    method: MethodPage
    frameworks: tuple[FrameworkPage, ...]
    trend: Trend | None
    controls: tuple[ControlsPage, ...]
    applicability: ApplicabilityPage
    findings: FindingsPage
    waivers: WaiversPage
    risks: RisksPage
    sampling: SamplingPage
    change: ChangePage
    annex: AnnexPage
    attestations: AttestationsPage
    evidence: EvidencePage
    limits: LimitsPage
    reproduce: ReproducePage
