"""Cases as their author writes them: evidence, an instant, and the outcome of every rule.

What the file's ``defaults`` say holds for each case that does not say otherwise.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, JsonValue, Tag

from assaybook.domain.base import Frozen
from assaybook.domain.evidence import AboutSubject, Coverage, Producer
from assaybook.domain.evidence import Scope as EvidenceScope
from assaybook.domain.finding import Outcome
from assaybook.domain.ids import PolicyId, RuleId
from assaybook.domain.policy import Assurance
from assaybook.language.document_words import (
    CASE_PLACE,
    OTHER_STEP,
    WORD_STEP,
    ContainedPath,
    InstantText,
    Line,
    Name,
    Person,
    PlainDuration,
    Prose,
    word_or_other,
)

CasePlace: TypeAlias = Annotated[str, Field(pattern=CASE_PLACE, max_length=200)]
"""Where in a case a value stands."""


class CaseEvidence(Frozen):
    """One document: facts as rows, or a real file beside the cases.

    ``type`` is the fact type of rows that do not say theirs. Without ``about`` it names the
    case's own system and release; without ``received_at`` it was received at ``as_of``; without
    ``produced_at`` nobody said when it was made.
    """

    type: Line | None = None
    facts: tuple[dict[str, JsonValue], ...] = ()
    coverage: tuple[Coverage, ...] = ()
    file: ContainedPath | None = None
    as_: Line | None = Field(default=None, alias="as", description="Format of the file.")
    about: AboutSubject | None = None
    scope: EvidenceScope = EvidenceScope()
    age: PlainDuration | None = Field(default=None, description="Made so long before as_of.")
    produced_at: InstantText | None = None
    observed_at: InstantText | None = None
    received_at: InstantText | None = None
    assurance: Assurance = Assurance.SELF
    tool: Producer = Producer()
    run: Line | None = None
    format: Line = "assaybook"
    submission: Annotated[str, Field(max_length=100)] = ""
    malformed: bool = False


class CaseAttestation(Frozen):
    """A verified answer of one person to one rule of the policy."""

    rule: RuleId
    person: Person
    role: Line
    answer: Literal["yes", "no"]
    signed_at: InstantText
    valid_until: InstantText | None = None


class CaseWaiver(Frozen):
    """A waiver of one rule of the policy, approved by a verified person at its start."""

    rule: RuleId
    rows: tuple[Line, ...] = ()
    whole: bool = False
    starts: InstantText | None = None
    expires: InstantText


class CaseOverlay(Frozen):
    """Params of the policy as an overlay sets them; it tightens, unless allow_relax."""

    for_: JsonValue = Field(
        default=None,
        alias="for",
        description="An expression over system, or a list of system ids; without it, every system.",
    )
    params: dict[Name, JsonValue] = Field(min_length=1)
    allow_relax: bool = False
    reason: Prose | None = None


class Expected(Frozen):
    """What a rule must come to; ``rows`` are outcomes by row key."""

    outcome: Outcome
    reasons: tuple[Line, ...] = ()
    rows: dict[Line, Outcome] = Field(default_factory=dict)
    disposition: Literal["open", "waived"] | None = None


OutcomeOrExpected: TypeAlias = Annotated[
    Annotated[Outcome, Tag(WORD_STEP)] | Annotated[Expected, Tag(OTHER_STEP)],
    Discriminator(word_or_other),
]


class CaseParts(Frozen):
    """What a case holds besides its name and what it expects."""

    system: dict[str, JsonValue] = Field(default_factory=dict)
    release: dict[str, JsonValue] = Field(default_factory=dict)
    baseline: dict[str, JsonValue] = Field(
        default_factory=dict, description="The release that release.baseline names."
    )
    as_of: InstantText | None = None
    overlays: tuple[CaseOverlay, ...] = Field(default=(), description="In force in their order.")
    params: dict[Name, JsonValue] = Field(
        default_factory=dict, description="Over all overlays, asking more or less."
    )
    evidence: tuple[dict[str, JsonValue], ...] = ()
    waivers: tuple[CaseWaiver, ...] = ()
    attestations: tuple[CaseAttestation, ...] = ()


class CaseDocument(CaseParts):
    """One case. ``system``, ``release`` and ``params`` add to those of the defaults."""

    name: Line
    expect: Annotated[dict[RuleId, OutcomeOrExpected], Field(min_length=1)] = Field(
        description="For each rule an outcome, or an outcome with reasons and rows."
    )


class TableCase(CaseParts):
    """What every row of a table starts from; ``expect`` holds for each."""

    expect: dict[RuleId, OutcomeOrExpected] = Field(default_factory=dict)


class CaseTable(Frozen):
    """Cases that differ in a few values: a row for each, inputs first, then what rules come to.

    A column is a place in ``case``: keys and list positions joined by dots, such as
    ``evidence.0.facts.0.value`` or ``params.floor``. An empty cell (``null``) takes the key out.
    What a rule comes to is an outcome, or an outcome with reasons: ``inconclusive(stale)``.
    """

    name: Line
    case: TableCase = TableCase()
    columns: Annotated[dict[Line, CasePlace], Field(min_length=1, max_length=40)] = Field(
        description="Name of a column to its place in the case."
    )
    expect: Annotated[tuple[RuleId, ...], Field(min_length=1)] = Field(
        description="Rules whose outcome stands in the columns after the inputs."
    )
    rows: Annotated[tuple[tuple[JsonValue, ...], ...], Field(min_length=1, max_length=200)]


class CaseDefaults(Frozen):
    """What holds for each case that does not say otherwise."""

    system: dict[str, JsonValue] = Field(default_factory=dict)
    release: dict[str, JsonValue] = Field(default_factory=dict)
    baseline: dict[str, JsonValue] = Field(
        default_factory=dict, description="The release that release.baseline names."
    )
    as_of: InstantText | None = None
    params: dict[Name, JsonValue] = Field(default_factory=dict)
    evidence: dict[str, JsonValue] = Field(
        default_factory=dict, description="Keys for each piece of evidence that lacks them."
    )


class CasesDocument(Frozen):
    """The cases of one policy: one by one, as tables, or both."""

    policy: PolicyId
    defaults: CaseDefaults = CaseDefaults()
    cases: Annotated[tuple[CaseDocument, ...], Field(max_length=1_000)] = ()
    tables: Annotated[tuple[CaseTable, ...], Field(max_length=20)] = ()
