"""Findings, standings and the assessment: what judging yields. Shapes of the public JSON."""

from enum import StrEnum
from typing import Final, Literal, NoReturn

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Digest, Instant
from assaybook.domain.policy import Relation, Severity


class Outcome(StrEnum):
    """What a rule came to. Never rewritten."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


class Disposition(StrEnum):
    """What people decided about an outcome."""

    OPEN = "open"
    WAIVED = "waived"
    BASELINED = "baselined"


class Standing(StrEnum):
    """The rolled-up state of a control."""

    MET = "met"
    NOT_MET = "not_met"
    RISK_ACCEPTED = "risk_accepted"
    NOT_DETERMINED = "not_determined"
    SUPPORTED = "supported"
    NOT_COVERED = "not_covered"
    NOT_APPLICABLE = "not_applicable"


WORST_FIRST: Final = (
    Standing.NOT_MET,
    Standing.NOT_DETERMINED,
    Standing.NOT_COVERED,
    Standing.RISK_ACCEPTED,
    Standing.SUPPORTED,
    Standing.MET,
    Standing.NOT_APPLICABLE,
)
"""The first of these among the parts is that of the whole, over controls and over time."""


class Conclusion(StrEnum):
    """The conclusion over a scope, as said on the cover."""

    NOTHING_JUDGED = "nothing judged"
    DOES_NOT_CONFORM = "does not conform"
    NOT_DETERMINED = "not determined"
    WITH_EXCEPTIONS = "conforms with exceptions"
    CONFORMS = "conforms"


GRAVEST_FIRST: Final = (
    Conclusion.DOES_NOT_CONFORM,
    Conclusion.NOT_DETERMINED,
    Conclusion.NOTHING_JUDGED,
    Conclusion.WITH_EXCEPTIONS,
    Conclusion.CONFORMS,
)


class GateVerdict(StrEnum):
    """What a pipeline is told."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOTHING = "nothing"
    ERROR = "error"


class ReasonShown(Frozen):
    """A reason as shown: code, path and a sentence."""

    code: str
    path: str = ""
    message: str = ""


class TraceNode(Frozen):
    """One line of a trace: the node's text, its truth, what was observed, and what is under it.

    ``truth`` is T, F, U or, for a node that is no condition, empty. ``value`` is what was
    observed, as JSON; an unknown shows as null with its reasons. ``joins`` says how the truths
    under it make its own; empty for a clause. ``row`` names the row that a line is about, and
    ``read`` where that row was read: evidence id and JSON pointer.
    """

    text: str
    truth: Literal["T", "F", "U", ""] = ""
    value: JsonValue = None
    reasons: tuple[ReasonShown, ...] = ()
    joins: Literal["", "and", "or", "not", "if", "all", "exists"] = ""
    row: str = ""
    read: tuple[tuple[str, str], ...] = ()
    children: tuple["TraceNode", ...] = ()


class EvidenceUse(Frozen):
    """A place in evidence that a finding rests on; age in seconds at ``as_of``, if known."""

    id: str
    pointer: str = ""
    age: float | None = None


class LeftOut(Frozen):
    """A document that a need did not count, and why (``superseded`` or a reason code)."""

    evidence: str
    code: str
    need: str = ""
    message: str = ""


class RowFinding(Frozen):
    """The outcome of one row of a ``for_each`` rule; the key is stable text."""

    key: str
    outcome: Outcome
    reasons: tuple[ReasonShown, ...] = ()
    waived_by: str | None = None
    message: str = ""
    trace: TraceNode | None = None
    evidence: tuple[EvidenceUse, ...] = ()


class ControlReach(Frozen):
    """A control that the finding bears on."""

    catalog: str
    control: str
    relation: Relation


class CoverageShown(Frozen):
    """How far a question was examined by one counted document."""

    evidence: str
    question: str
    examined: int | None
    failed: int | None
    errored: int | None
    skipped: int | None
    accepted_skips: tuple[str, ...] = ()


class NeedUse(Frozen):
    """What one need bound: counted documents, what closed or opened it, what was left out."""

    need: str
    evidence: tuple[str, ...] = ()
    rows: int = 0
    possible: int = 0
    open: tuple[ReasonShown, ...] = ()
    proven_empty: bool = False
    coverage: tuple[CoverageShown, ...] = ()
    notes: tuple[str, ...] = ()


class Finding(Frozen):
    """One rule for one release in one assessment."""

    policy: str
    policy_version: int
    rule: str
    title: str
    sentence: str
    system: str
    release: str
    outcome: Outcome
    disposition: Disposition = Disposition.OPEN
    waiver: str | None = None
    rest: Outcome | None = None
    """What a fail comes to without the rows that waivers in force name; None without such."""
    severity: Severity
    reasons: tuple[ReasonShown, ...] = ()
    rows: tuple[RowFinding, ...] = ()
    controls: tuple[ControlReach, ...] = ()
    evidence: tuple[EvidenceUse, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    needs: tuple[NeedUse, ...] = ()
    params: dict[str, JsonValue] = Field(default_factory=dict)
    relaxed: tuple[str, ...] = ()
    """Relaxations in force on its params, with their reasons, as sentences."""
    trace: TraceNode | None = None
    message: str = ""
    fix: str = ""
    expires_at: Instant | None = None
    """When a pass stops holding because evidence grows stale; None where nothing expires."""


def _is_none(value: object) -> bool:
    return not value


class Counts(Frozen):
    """Findings counted by outcome; a waived fail counts under ``waived`` and not ``fail``.

    ``baselined`` is written only where there is one: most systems have no baseline.
    """

    pass_: int = Field(default=0, alias="pass")
    fail: int = 0
    waived: int = 0
    baselined: int = Field(default=0, exclude_if=_is_none)
    inconclusive: int = 0
    error: int = 0
    not_applicable: int = 0


class ControlStanding(Frozen):
    """The standing of one control for one release."""

    catalog: str
    control: str
    system: str
    release: str
    standing: Standing
    counts: Counts
    reason: str = ""
    """Why it is not applicable or not covered, where the scope or the roll-up says so."""


class CatalogConclusion(Frozen):
    """The conclusion for one catalog in scope; counts are of controls by standing."""

    catalog: str
    words: Conclusion
    counts: dict[Standing, int]


class Unused(Frozen):
    """A submitted document that no rule used, or a file that nobody could recognise."""

    evidence: str
    name: str
    why: str


class Gate(Frozen):
    """Verdict, exit code and the counts behind them, at or above and below the threshold.

    It is no condition: ``if gate`` would hold whatever the verdict is.
    """

    verdict: GateVerdict
    exit: int
    fail_on: Severity
    counts: Counts
    below: Counts
    problems: int = 0

    def __bool__(self) -> NoReturn:
        """Refuse to be a condition.

        Raises:
            UsageError: ``gate-is-no-condition``.
        """
        raise UsageError(
            "gate-is-no-condition",
            "a gate is neither true nor false",
            hint='Ask gate.verdict == "pass", or end with gate.exit.',
        )


class AssessmentHead(Frozen):
    """What was judged, by what, as of when. ``digest`` covers everything but itself."""

    bundle: Digest
    subject: Digest
    evidence_set: Digest
    as_of: Instant
    engine: str
    asserted: bool
    digest: str = ""


class WaiverUse(Frozen):
    """A waiver as it stood at ``as_of``.

    ``renewals`` counts the waivers of the same fail that ended before it ends; it is written only
    where there is one.
    """

    id: str
    state: Literal["pending", "in_force", "expired", "revoked", "void", "unused"]
    policy: str
    rule: str
    rows: tuple[str, ...] = ()
    whole: bool = False
    reason: str
    requester: str
    approver: str | None = None
    approver_verified: bool = False
    starts: Instant | None = None
    expires: Instant
    renewals: int = Field(default=0, exclude_if=_is_none)
    note: str = ""


class BaselinedRow(Frozen):
    """How a fail that a baseline names stands now; ``key`` is empty for a rule without rows.

    ``accepted``: it fails as it was found. ``worse``: its value is further from the limit than it
    was. ``changed``: the policy asks otherwise than when it was accepted. ``mended``: it no longer
    fails. ``undecided``: nobody can tell. ``not_judged``: no such rule applies.
    """

    policy: str
    rule: str
    key: str = ""
    state: Literal["accepted", "worse", "changed", "mended", "undecided", "not_judged"]
    note: str = ""


class BaselineUse(Frozen):
    """A baseline as it stood at ``as_of``, and what became of each fail that it names."""

    id: str
    digest: Digest
    state: Literal["pending", "in_force", "expired", "revoked"]
    reason: str
    requester: str
    approver: str | None = None
    approver_verified: bool = False
    written_at: Instant
    expires: Instant
    rows: tuple[BaselinedRow, ...]
    note: str = ""


class Assessment(Frozen):
    """Everything that one assessment yields, in a stable order.

    ``baseline`` is written only where the judgement was given one.
    """

    assessment: AssessmentHead
    findings: tuple[Finding, ...]
    standings: tuple[ControlStanding, ...]
    conclusion: tuple[CatalogConclusion, ...]
    waivers: tuple[WaiverUse, ...] = ()
    baseline: BaselineUse | None = Field(default=None, exclude_if=_is_none)
    unused: tuple[Unused, ...] = ()
    gate: Gate


def named_in(finding: Finding) -> frozenset[str]:
    """Return the ids of all evidence that a finding names, counted or not."""
    return frozenset(
        (
            *(one.id for one in finding.evidence),
            *(one.evidence for one in finding.left_out),
            *(evidence for need in finding.needs for evidence in need.evidence),
        )
    )
