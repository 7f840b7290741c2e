"""Policies as the engine judges them: parsed, typed, checked."""

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from assaybook.domain.expression import Expression
from assaybook.domain.record import record


class Severity(StrEnum):
    """How much a fail matters; ``rank`` orders them, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for low up to 3 for critical."""
        return _SEVERITY_RANKS[self]


class Assurance(StrEnum):
    """How well the origin of evidence is known, least first."""

    SELF = "self"
    CI = "ci"
    SIGNED = "signed"
    VERIFIED = "verified"

    @property
    def rank(self) -> int:
        """Return 0 for self up to 3 for verified."""
        return _ASSURANCE_RANKS[self]


_SEVERITY_RANKS: Final = {one: number for number, one in enumerate(Severity)}
_ASSURANCE_RANKS: Final = {one: number for number, one in enumerate(Assurance)}


Relation = Literal["implements", "supports"]
About = Literal["release", "model", "dataset", "system", "baseline"]
Stricter = Literal["higher", "lower", "superset", "subset"]
OnUnknown = Literal["inconclusive", "fail"]
ParamKind = Literal[
    "bool", "int", "number", "ratio", "string", "duration", "list<string>", "list<number>"
]
ParamValue: TypeAlias = bool | int | float | str | timedelta | tuple[str, ...] | tuple[float, ...]


@record
class ControlLink:
    """A control of a catalog, by its printed id, and what a pass does for it."""

    catalog: str
    control: str
    relation: Relation


@record
class Param:
    """A named value of a policy that overlays may set.

    ``value`` None means that nobody has set it: every use is unknown(param_unset).
    ``stricter`` None means that a value can be changed only with ``allow_relax``.
    """

    name: str
    kind: ParamKind
    value: ParamValue | None = None
    stricter: Stricter | None = None
    min_items: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    description: str = ""


@record
class Need:
    """Which evidence counts, under a name.

    Attributes:
        facts: name of the fact type.
        where: condition over ``row`` and ``params``; None for all rows.
        fresh_for: duration expression; None means ``never`` (age is not asked).
        assurance: least assurance: a word, or an expression that yields one.
        about: what the evidence must be about.
        of: exact questions that must all be answered: a list, or an expression; None where the
            questions are those of the fact type that ``where`` allows.
        may_be_empty: an empty list can be proven by known, complete coverage.
        covers: condition over ``scope`` that a document must meet to close the list.
        may_skip: expression for the names of items that may be skipped.
        min_examined: least share examined of those not accepted as skipped, 0 to 1.
        last: take the newest so many documents of one source, oldest first; None for all.
        within: duration for the oldest of ``last``; None where not asked.
    """

    name: str
    facts: str
    where: Expression | None = None
    fresh_for: Expression | None = None
    assurance: Assurance | Expression = Assurance.SELF
    about: About = "release"
    of: tuple[str, ...] | Expression | None = None
    may_be_empty: bool = False
    covers: Expression | None = None
    may_skip: Expression | None = None
    min_examined: float = 1.0
    last: int | None = None
    within: Expression | None = None


@record
class Attested:
    """A question put to persons in place of ``pass_when``.

    ``people`` different persons must have answered yes within ``valid_for``.
    """

    question: str
    role: str
    people: int
    valid_for: Expression


@record
class Rule:
    """One determination statement.

    Attributes:
        for_each: name of the need or ``let`` list whose rows are judged one by one as ``row``.
        at_least: least number of sure rows; only with ``for_each``.
        enough: sufficiency; false makes the row (or rule) unknown(too_few).
        lets: names bound before judging, in their order.
        pass_when: None only where ``attested`` is set.
        sentence: the rule in plain English, made from the tree.
    """

    id: str
    pass_when: Expression | None
    for_each: Expression | None = None
    where: Expression | None = None
    at_least: Expression | None = None
    enough: Expression | None = None
    lets: tuple[tuple[str, Expression], ...] = ()
    attested: Attested | None = None
    on_unknown: OnUnknown = "inconclusive"
    message: str = ""
    fix: str = ""
    sentence: str = ""
    needs: tuple[str, ...] = ()
    """Names of the needs that it reads, in their order."""


@record
class Policy:
    """One claim: what is wanted, of whom, from which evidence, for which controls."""

    id: str
    version: int
    title: str
    why: str
    severity: Severity
    controls: tuple[ControlLink, ...]
    applies_when: Expression | None
    params: Mapping[str, Param]
    needs: Mapping[str, Need]
    rules: tuple[Rule, ...]
    source: Mapping[str, object] = field(default_factory=dict[str, object], compare=False)
    """The document as written (plain JSON values): what the bundle digest covers."""


@record
class OverlaySet:
    """One ``set`` entry: params of one policy for some systems.

    ``applies`` None means every system; ``systems`` are ids and win over it.
    """

    policy: str
    params: Mapping[str, ParamValue]
    systems: tuple[str, ...] = ()
    applies: Expression | None = None
    allow_relax: bool = False
    reason: str = ""


@record
class Overlay:
    """Params of policies for systems, applied in file order."""

    name: str
    sets: tuple[OverlaySet, ...]
    source: Mapping[str, object] = field(default_factory=dict[str, object], compare=False)


@record
class ScopeControl:
    """Whether one control applies, and why."""

    catalog: str
    control: str
    applies: bool
    reason: str


@record
class AllowedGap:
    """How long a control, or any under it, may stand as not determined at a time, and why."""

    catalog: str
    control: str
    at_most: timedelta
    reason: str


@record
class Scope:
    """The statement of applicability and what it leaves out.

    Attributes:
        controls: explicit entries; a parent's entry holds for its children without their own.
        frameworks: catalogs in scope; empty means every catalog that a policy cites.
        left_out: policy id to reason.
        accept_supported: catalogs or controls whose ``supported`` counts as enough.
        gaps: gaps in the evidence that a period forgives, one entry for a control at most.
        remediate_within: from first seen to mended, by severity; a severity that is not here has
            no due date.
    """

    name: str = "everything"
    frameworks: tuple[str, ...] = ()
    controls: tuple[ScopeControl, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    accept_supported: tuple[str, ...] = ()
    gaps: tuple[AllowedGap, ...] = ()
    remediate_within: Mapping[str, timedelta] = field(default_factory=dict[str, timedelta])
    source: Mapping[str, object] = field(default_factory=dict[str, object], compare=False)


@record
class Bundle:
    """Policies, scope, overlays and catalogs under one digest (``sha256:<hex>``)."""

    policies: tuple[Policy, ...]
    overlays: tuple[Overlay, ...]
    scope: Scope
    catalogs: Mapping[str, str]
    """Catalog id to the digest of its file."""
    digest: str
