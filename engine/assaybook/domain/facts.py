"""Fact types: flat, typed, normalised rows, each with a pointer into the blob it was read from.

Source: design of the evidence model; units and ranges are stated on each field. A field that the
format does not give is None and reads as unknown(null); no field has a default that claims.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant, canonical_digest


class Unit:
    """Marks the unit of a numeric field: ``ratio``, ``seconds``, ``bytes``, ``count``."""

    def __init__(self, name: str) -> None:
        self.name = name


Ratio: TypeAlias = Annotated[float, Field(ge=0, le=1), Unit("ratio")]
Count: TypeAlias = Annotated[int, Field(ge=0), Unit("count")]
Text: TypeAlias = Annotated[str, Field(max_length=20_000)]
Short: TypeAlias = Annotated[str, Field(max_length=2_000)]
Hashed: TypeAlias = Annotated[Short, AfterValidator(canonical_digest)]
Finite: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Status = Literal["pass", "fail", "error", "skip"]


class FactBase(Frozen):
    """What every fact has: where it was read, and why a field of it cannot be trusted.

    ``key`` names the columns that identify a row, ``values`` those that it was measured for; in any
    column but free text two readings of one row can conflict. ``question`` names the column whose
    value follows the slash of the coverage question, or is empty.

    ``unknown`` maps a field to a reason code (``unit``, ``redacted``, ``malformed``) where the
    document has a value that cannot be used; the field itself is then None.
    """

    key: ClassVar[tuple[str, ...]] = ()
    values: ClassVar[tuple[str, ...]] = ()
    question: ClassVar[str] = ""

    pointer: Short
    unknown: dict[str, Literal["unit", "redacted", "malformed"]] = Field(default_factory=dict)


Topic = Literal[
    "intended_use",
    "out_of_scope",
    "limitations",
    "risks",
    "training_data",
    "evaluation_data",
    "metrics",
    "license",
    "owner",
    "contact",
    "version",
    "ethics",
    "human_oversight",
    "personal_data",
    "biases",
    "environment",
    "collection",
    "annotation",
    "maintenance",
    "architecture",
    "security",
    "title",
    "other",
]


class Documentation(FactBase):
    """One topic of a model card, data card or package description."""

    key: ClassVar = ("document", "topic")
    values: ClassVar = ("present", "placeholder")
    question: ClassVar = "document"

    type: Literal["documentation"] = "documentation"
    document: Literal["model", "dataset", "package"]
    topic: Topic
    present: bool | None = None
    placeholder: bool | None = None
    text: Text | None = None
    language: Short | None = None


class Metric(FactBase):
    """One measured number.

    ``name`` is canonical; ``slice`` is "" for overall, else ``sex=female`` (parts sorted, joined
    by ``,``). ``n`` counts the trials behind the value (for recall the positives), ``n_rows`` the
    rows of the slice. ``unit`` is that of ``value`` after conversion.

    Rules see ``measured_on`` besides: data set, split and path in one text, by which like is
    compared with like. A data set that nobody named is one of its own; without a split it is null.
    """

    key: ClassVar = ("name", "slice", "dataset", "split", "dimension")
    values: ClassVar = ("value", "n", "ci_low", "ci_high")
    question: ClassVar = "kind"

    type: Literal["metric"] = "metric"
    name: Short
    slice: Short | None = None
    dataset: Short | None = None
    split: Short | None = None
    dimension: Short | None = None
    raw_name: Short = ""
    kind: (
        Literal[
            "quality",
            "calibration",
            "fairness",
            "cost",
            "latency",
            "robustness",
            "privacy",
            "environment",
        ]
        | None
    ) = None
    value: Finite | None = None
    unit: Literal["ratio", "ms", "usd", "bytes", "count", "score", "kg_co2e"] | None = None
    direction: Literal["higher", "lower"] | None = None
    n: Count | None = None
    n_rows: Count | None = None
    ci_low: Finite | None = None
    ci_high: Finite | None = None


class Drift(FactBase):
    """One drift statistic of a column, or of the data set (column "")."""

    key: ClassVar = ("column", "method", "statistic")
    values: ClassVar = ("value", "n_reference", "n_current")

    type: Literal["drift"] = "drift"
    column: Short
    method: Short | None = None
    statistic: Literal["distance", "p_value", "share"] | None = None
    value: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    tool_threshold: Finite | None = None
    tool_verdict: Literal["drift", "no_drift"] | None = None
    n_reference: Count | None = None
    n_current: Count | None = None
    window: Short | None = None


class DataCheck(FactBase):
    """One check of data quality; ``failed_share`` is failed of examined, 0 to 1."""

    key: ClassVar = ("check", "column")
    values: ClassVar = ("examined", "failed", "failed_share", "status")
    question: ClassVar = "family"

    type: Literal["data_check"] = "data_check"
    check: Short
    column: Short | None = None
    family: (
        Literal[
            "schema",
            "null",
            "range",
            "unique",
            "duplicate",
            "leakage",
            "imbalance",
            "representativeness",
            "label",
            "skew",
            "poisoning",
        ]
        | None
    ) = None
    examined: Count | None = None
    failed: Count | None = None
    failed_share: Ratio | None = None
    status: Status | None = None
    tool_verdict: Short | None = None


class Pii(FactBase):
    """Personal data found; never the matched text."""

    key: ClassVar = ("entity", "column", "location")
    values: ClassVar = ("count", "treatment")
    question: ClassVar = "entity"

    type: Literal["pii"] = "pii"
    entity: Short
    column: Short | None = None
    location: Short | None = None
    score: Annotated[float, Field(ge=0, le=1), Unit("ratio")] | None = None
    count: Count | None = None
    treatment: Literal["none", "masked", "tokenised", "dropped"] | None = None


class Security(FactBase):
    """One security finding of a scanner."""

    key: ClassVar = ("fingerprint",)
    values: ClassVar = ("severity", "suppressed")
    question: ClassVar = "class_"

    type: Literal["security"] = "security"
    fingerprint: Short
    class_: Literal[
        "vulnerability", "secret", "unsafe_code", "misconfiguration", "license", "exposure"
    ] = Field(alias="class")
    rule: Short | None = None
    severity: Literal["critical", "high", "medium", "low", "info"] | None = None
    component: Short | None = None
    component_version: Short | None = None
    fixed_in: Short | None = None
    location: Short | None = None
    suppressed: bool | None = None


class Attack(FactBase):
    """One adversarial or privacy attack; ``rate`` is successes of attempts."""

    key: ClassVar = ("name", "detector")
    values: ClassVar = ("attempts", "successes", "undecided", "rate", "advantage")
    question: ClassVar = "family"

    type: Literal["attack"] = "attack"
    name: Short
    detector: Short | None = None
    family: (
        Literal[
            "evasion",
            "poisoning",
            "extraction",
            "inversion",
            "membership",
            "prompt_injection",
            "jailbreak",
            "toxicity",
            "leakage",
        ]
        | None
    ) = None
    attempts: Count | None = None
    successes: Count | None = None
    undecided: Count | None = None
    rate: Ratio | None = None
    clean_value: Finite | None = None
    attacked_value: Finite | None = None
    advantage: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)] | None = None


class Lineage(FactBase):
    """An edge from what was made to what it was made from (or with)."""

    key: ClassVar = ("source", "target", "relation")
    values: ClassVar = ("digest", "license", "masked")

    type: Literal["lineage"] = "lineage"
    source: Short
    target: Short
    relation: Literal["trained_on", "tested_on", "derived_from", "built_by", "masked_by"] | None = (
        None
    )
    run: Short | None = None
    digest: Hashed | None = None
    license: Short | None = None
    masked: bool | None = None


class ArtifactFact(FactBase):
    """An artifact that a package, statement or signature speaks of.

    ``verified`` and ``signer`` are set by our own verification alone; in a file they are claims
    and are left None. ``verified`` says that we computed the digest, or that a trusted signature
    vouches for it; only then is there a ``signer``.
    """

    key: ClassVar = ("name", "kind")
    values: ClassVar = ("digest", "size_bytes", "verified", "signer")
    question: ClassVar = "kind"

    type: Literal["artifact"] = "artifact"
    name: Short
    kind: Literal["model", "dataset", "code", "docs", "image"] | None = None
    digest: Hashed | None = None
    media_type: Short | None = None
    size_bytes: Annotated[int, Field(ge=0), Unit("bytes")] | None = None
    signer: Short | None = None
    predicate: Short | None = None
    verified: bool | None = None


class Operation(FactBase):
    """An operational control that exists; ``loaded`` is set by our own verification alone."""

    key: ClassVar = ("kind", "target")
    values: ClassVar = ("expression", "for_seconds", "tested_at", "result", "loaded")
    question: ClassVar = "kind"

    type: Literal["operation"] = "operation"
    kind: Literal[
        "alert",
        "rollback",
        "canary",
        "rate_limit",
        "authentication",
        "encryption",
        "retention",
        "retraining_trigger",
        "backup",
    ]
    target: Short | None = None
    expression: Text | None = None
    for_seconds: Annotated[float, Field(ge=0), Unit("seconds")] | None = None
    severity: Short | None = None
    owner: Short | None = None
    loaded: bool | None = None
    tested_at: Instant | None = None
    result: Status | None = None


class Attestation(FactBase):
    """A signed answer of one person to one rule; only a verified ``person`` counts."""

    key: ClassVar = ("policy", "rule", "person")
    values: ClassVar = ("answer", "role", "signed_at", "valid_until")

    type: Literal["attestation"] = "attestation"
    policy: Short
    rule: Short
    person: Short | None = None
    answer: Literal["yes", "no"] | None = None
    role: Short | None = None
    signed_at: Instant | None = None
    valid_until: Instant | None = None
    document_digest: Short | None = None


class Review(FactBase):
    """A human decision that a tool recorded: labelling, override, feedback, incident."""

    key: ClassVar = ("reference",)
    values: ClassVar = ("decision",)
    question: ClassVar = "kind"

    type: Literal["review"] = "review"
    reference: Short
    kind: Literal["labelling", "override", "feedback", "incident"] | None = None
    decision: Short | None = None
    person: Short | None = None
    role: Short | None = None
    at: Instant | None = None


Fact: TypeAlias = (
    Documentation
    | Metric
    | Drift
    | DataCheck
    | Pii
    | Security
    | Attack
    | Lineage
    | ArtifactFact
    | Operation
    | Attestation
    | Review
)
AnyFact: TypeAlias = Annotated[Fact, Field(discriminator="type")]
"""For reading back: a fact of any type, told apart by ``type``."""
MODELS: Final[Mapping[str, type[FactBase]]] = MappingProxyType(
    {
        str(model.model_fields["type"].default): model
        for model in (
            *(Documentation, Metric, Drift, DataCheck, Pii, Security),
            *(Attack, Lineage, ArtifactFact, Operation, Attestation, Review),
        )
    }
)
"""The model of each fact type."""
