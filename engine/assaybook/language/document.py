"""The shape of a policy file: what its author may write.

Keys are closed and types strict; what each part means is checked by ``build``. The JSON Schema is
made from these classes, so their docstrings and descriptions are what an editor shows.
"""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.ids import PolicyId, RuleId
from assaybook.domain.policy import About, OnUnknown, ParamKind, Relation, Severity, Stricter
from assaybook.language.document_words import (
    AssuranceText,
    CatalogName,
    Code,
    DurationText,
    FreshnessText,
    Line,
    Name,
    Prose,
)


class ParamDocument(Frozen):
    """A named value that overlays may set."""

    type: ParamKind
    default: JsonValue = Field(default=None, description="Without it the param is unset.")
    stricter: Stricter | None = Field(
        default=None, description="Which way is stricter; without it only allow_relax changes it."
    )
    min: JsonValue = Field(default=None, description="Least value: a number or a duration.")
    max: JsonValue = Field(default=None, description="Greatest value: a number or a duration.")
    min_items: Annotated[int, Field(ge=1, le=1_000)] | None = None
    description: Prose | None = None


class NeedDocument(Frozen):
    """Which evidence counts, under a name."""

    facts: Line = Field(description="Fact type, such as metric.")
    where: Code | None = Field(default=None, description="Condition over row and params.")
    fresh_for: FreshnessText = Field(description="A duration, a param, or never.")
    assurance: AssuranceText = "self"
    about: About = "release"
    of: JsonValue = Field(default=None, description="Exact questions, or a param that lists them.")
    may_be_empty: bool = False
    covers: Code | None = Field(default=None, description="Condition over scope.")
    may_skip: Code | None = Field(default=None, description="Param that lists accepted skips.")
    min_examined: Annotated[float, Field(gt=0, le=1)] = 1.0
    last: Annotated[int, Field(ge=2, le=1_000)] | None = None
    within: DurationText | None = None


class AttestedDocument(Frozen):
    """A question put to persons in place of pass_when."""

    question: Prose
    role: Line
    people: Annotated[int, Field(ge=1, le=100)] = 1
    valid_for: DurationText


class RuleDocument(Frozen):
    """One determination statement."""

    id: RuleId
    for_each: Name | None = Field(default=None, description="Need or let list; binds row.")
    where: Code | None = None
    at_least: JsonValue = Field(
        default=None,
        description="Least number of sure rows, 1 without it: a whole number or an expression.",
    )
    enough: Code | None = None
    let: dict[Name, Code] = Field(default_factory=dict)
    pass_when: Code | None = None
    attested: AttestedDocument | None = None
    on_unknown: OnUnknown = "inconclusive"
    message: Line | None = None
    fix: Prose | None = None


class PolicyDocument(Frozen):
    """One claim, with the evidence that it needs and the rules that decide it."""

    policy: PolicyId = Field(description="Its id, which is its path under the policy folder.")
    version: Annotated[int, Field(ge=1)] = Field(description="Raised when a verdict can change.")
    title: Line
    why: Prose
    severity: Severity
    controls: dict[CatalogName, Annotated[dict[Line, Relation], Field(min_length=1)]] = Field(
        description="Per catalog, control id to implements (its pass is enough for the control) or "
        "supports (it shows a part); {} for a house rule."
    )
    applies_when: Code | None = Field(default=None, description="Condition over system, release.")
    params: dict[Name, ParamDocument] = Field(default_factory=dict)
    needs: dict[Name, NeedDocument] = Field(default_factory=dict)
    rules: Annotated[tuple[RuleDocument, ...], Field(min_length=1, max_length=200)]


DocumentKind = Literal[
    "policy", "overlay", "scope", "cases", "waivers", "baseline", "manifest", "system", "trust"
]
