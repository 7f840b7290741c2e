"""One specimen of evidence for each shipped policy, sound and broken, to put into situations."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import AnyFact
from assaybook.domain.policy import (
    Assurance,
    ParamValue,
)
from assaybook.domain.subject import Subject
from support.evidence import (
    AS_OF,
    MODEL,
    TRAIN,
    a_document,
    a_fact,
    a_metric,
    a_subject,
    covered,
    days,
)

SLICES: Final = ("sex=female", "sex=male")
FEATURES: Final = ("age", "bmi")
TOPICS: Final = (
    "intended_use",
    "out_of_scope",
    "limitations",
    "training_data",
    "evaluation_data",
    "license",
    "owner",
)
Facts = tuple[AnyFact, ...]


@dataclass(frozen=True)
class Specimen:
    """What a tool says where all is well, and where it is not.

    ``lacking`` are good rows without a field that some formats do not have, ``part`` the good
    rows without one that is asked for, ``thin`` good rows with too few samples behind them,
    ``percent`` rows whose unit is not known. None where the policy knows no such thing.
    ``system`` makes the policy apply, ``assurance`` and ``artifacts`` are those of its evidence.
    """

    policy: str
    questions: tuple[str, ...]
    good: Facts
    bad: Facts
    alien: Evidence
    params: Mapping[str, ParamValue] = field(default_factory=dict[str, ParamValue])
    lacking: Facts | None = None
    part: Facts | None = None
    thin: Facts | None = None
    percent: Facts | None = None
    system: Mapping[str, Any] = field(default_factory=dict[str, Any])
    assurance: Assurance = Assurance.CI
    artifacts: tuple[AboutArtifact, ...] = ()

    def document(self, facts: Facts, **columns: Any) -> Evidence:
        """Return a document with these rows, and complete coverage but for ``counts``."""
        counts = columns.pop("counts", {})
        failed = Counter(question_of(fact) for fact in facts if facts is self.bad)
        coverage = [covered(q, **_with(counts, failed=failed[q])) for q in self.questions]
        known = {"assurance": self.assurance, "artifacts": self.artifacts, "coverage": coverage}
        return a_document(*facts, **_with(columns, **known))

    def sound(self, **columns: Any) -> Evidence:
        """Return a document that proves the claim."""
        return self.document(self.good, **columns)

    def broken(self, **columns: Any) -> Evidence:
        """Return a document that disproves it."""
        return self.document(self.bad, **columns)

    def subject(self, other: Subject | None = None) -> Subject:
        """Return a subject to which the policy applies."""
        found = other or a_subject()
        system = found.system.model_copy(update=self.system)
        return found.model_copy(update={"system": system})


def _with(columns: dict[str, Any], **known: Any) -> dict[str, Any]:
    return {**known, **columns}


def clean(question: str, **columns: Any) -> Evidence:
    """Return a complete document of another tool that found nothing."""
    return a_document(coverage=[covered(question)], **_with(columns, tool="other"))


def _topics(*topics: str, **columns: Any) -> Facts:
    known: dict[str, Any] = {"document": "model", "present": True, "placeholder": False, **columns}
    return tuple(a_fact("documentation", topic=topic, **known) for topic in topics)


def _moved(value: float | None, p: float | None, **columns: Any) -> Facts:
    known: dict[str, Any] = {"n_reference": 500, "n_current": 400, **columns}
    return (
        a_fact("drift", column="age", method="psi", statistic="distance", value=value, **known),
        a_fact("drift", column="bmi", method="ks", statistic="p_value", value=p, **known),
    )


def _checks(share: float, *families: str, **columns: Any) -> Facts:
    counts = {"examined": 400, "failed": int(share * 400), "failed_share": share}
    known: dict[str, Any] = {**counts, "status": "pass"}
    return tuple(
        a_fact("data_check", check=family, column="", family=family, **{**known, **columns})
        for family in families
    )


def _recall(female: float | None, male: float | None, n: int | None = 150, **columns: Any) -> Facts:
    return tuple(
        a_metric("recall", value, slice=name, n=n, **columns)
        for name, value in zip(SLICES, (female, male), strict=True)
    )


def _drills(result: str | None) -> Facts:
    at = None if result is None else AS_OF - days(10)
    return tuple(
        a_fact("operation", kind=kind, target="t", result=result, tested_at=at)
        for kind in ("alert", "rollback")
    )


def _edge(digest: str | None, target: str = "d") -> AnyFact:
    return a_fact("lineage", source="m", target=target, relation="trained_on", digest=digest)


def _errors(ece: float | None, brier: float | None, n: int | None = 150, **columns: Any) -> Facts:
    known: dict[str, Any] = {"kind": "calibration", "n": n, **columns}
    return (a_metric("ece", ece, **known), a_metric("brier", brier, **known))


def _auc(value: float | None, **columns: Any) -> Facts:
    return (a_metric("roc_auc", value, **{"direction": "higher", "n": 150, **columns}),)


UNIT: Final[dict[str, Any]] = {"unit": None, "unknown": {"value": "unit"}}
OTHER: Final = f"sha256:{'9' * 64}"
TRIED: Final = 600


def _attacks(*families: str, **columns: Any) -> Facts:
    known: dict[str, Any] = {"detector": "d", "attempts": TRIED, **columns}
    return tuple(a_fact("attack", name=one, family=one, **known) for one in families)


def _review(**columns: Any) -> Facts:
    known: dict[str, Any] = {"decision": "accepted", "at": AS_OF - days(10), "role": "clinician"}
    return (a_fact("review", reference="r", kind="override", **{**known, **columns}),)


def _signed(digest: str | None, **columns: Any) -> Facts:
    known: dict[str, Any] = {"kind": "model", "predicate": SLSA, "verified": True, **columns}
    return (a_fact("artifact", name="m", digest=digest, **known),)


SLSA: Final = "https://slsa.dev/provenance/v1"
GENERATIVE: Final[Mapping[str, Any]] = {"generative": True}
PROBED: Final = ("prompt_injection", "jailbreak", "leakage")
INSTRUCTED: Final = (
    *("owner", "contact", "intended_use", "limitations", "risks"),
    *("human_oversight", "maintenance"),
)
_SECRET = a_fact("security", fingerprint="x", **{"class": "secret"})
_VULNERABILITY = a_fact("security", fingerprint="y", **{"class": "vulnerability"})
_UNSAFE = a_fact("security", fingerprint="z", **{"class": "unsafe_code"})
_EMAIL: Final[dict[str, Any]] = {
    "entity": "email",
    "column": "contact",
    "location": "",
    "score": 0.9,
}
_FAMILIES = ("null", "duplicate", "label")

SPECIMENS: Final[tuple[Specimen, ...]] = (
    Specimen(
        "data-quality.checks",
        tuple(f"data_check/{family}" for family in _FAMILIES),
        good=_checks(0.0, *_FAMILIES),
        bad=_checks(0.2, *_FAMILIES),
        alien=clean("data_check/schema"),
        lacking=_checks(0.0, *_FAMILIES, failed_share=None, failed=None),
        part=_checks(0.0, "null", "duplicate"),
        thin=_checks(0.0, *_FAMILIES, examined=0),
    ),
    Specimen(
        "documentation.intended-use",
        ("documentation/model",),
        good=_topics("intended_use", "out_of_scope"),
        bad=_topics("intended_use", "out_of_scope", placeholder=True),
        alien=clean("documentation/dataset"),
        lacking=_topics("intended_use", "out_of_scope", placeholder=None),
        part=_topics("intended_use"),
    ),
    Specimen(
        "documentation.model-card",
        ("documentation/model",),
        good=_topics(*TOPICS),
        bad=_topics(*TOPICS, placeholder=True),
        alien=clean("documentation/dataset"),
        lacking=_topics(*TOPICS, placeholder=None),
        part=_topics(*TOPICS[:-1]),
    ),
    Specimen(
        "drift.features",
        ("drift",),
        good=_moved(0.02, 0.6),
        bad=_moved(0.9, 0.0001),
        alien=clean("data_check/null"),
        params={"features": FEATURES},
        part=_moved(0.02, 0.6)[:1],
        lacking=_moved(0.02, 0.6, n_reference=None, n_current=None),
        thin=_moved(0.02, 0.6, n_current=8),
    ),
    Specimen(
        "fairness.slice-floor",
        ("metric/quality",),
        good=_recall(0.92, 0.94),
        bad=_recall(0.40, 0.94),
        alien=clean("metric/calibration"),
        params={"slices": SLICES},
        lacking=_recall(0.92, 0.94, n=None),
        part=_recall(0.92, 0.94)[:1],
        thin=_recall(0.92, 0.94, n=12),
        percent=_recall(None, None, **UNIT),
    ),
    Specimen(
        "lineage.training-data",
        ("lineage",),
        good=(_edge(TRAIN),),
        bad=(_edge(OTHER),),
        alien=clean("artifact/dataset"),
        lacking=(_edge(None),),
    ),
    Specimen(
        "operations.alert-and-rollback",
        ("operation/alert", "operation/rollback"),
        good=_drills("pass"),
        bad=_drills("fail"),
        alien=clean("operation/backup"),
        lacking=_drills(None),
        part=_drills("pass")[:1],
    ),
    Specimen(
        "privacy.training-data-pii",
        ("pii/email", "pii/phone"),
        good=(),
        bad=(a_fact("pii", treatment="none", **_EMAIL),),
        alien=clean("pii/iban"),
        lacking=(a_fact("pii", **_EMAIL),),
    ),
    Specimen(
        "quality.calibration",
        ("metric/calibration",),
        good=_errors(0.03, 0.15),
        bad=_errors(0.30, 0.40),
        alien=clean("metric/quality"),
        lacking=_errors(0.03, 0.15, split=None),
        part=_errors(0.03, 0.15)[:1],
        thin=_errors(0.03, 0.15, n=12),
        percent=_errors(None, None, **UNIT),
    ),
    Specimen(
        "quality.floor",
        ("metric/quality",),
        good=_auc(0.85),
        bad=_auc(0.60),
        alien=clean("metric/calibration"),
        lacking=_auc(0.85, n=None),
        thin=_auc(0.85, n=12),
        percent=_auc(None, **UNIT),
    ),
    Specimen(
        "security.dependencies",
        ("security/vulnerability",),
        good=(),
        bad=(_VULNERABILITY,),
        alien=clean("security/secret"),
    ),
    Specimen(
        "security.secrets",
        ("security/secret",),
        good=(),
        bad=(_SECRET,),
        alien=clean("security/vulnerability"),
    ),
    Specimen(
        "genai.harmful-output",
        ("attack/toxicity",),
        good=_attacks("toxicity", rate=0.01),
        bad=_attacks("toxicity", rate=0.2),
        alien=clean("attack/jailbreak"),
        system=GENERATIVE,
        lacking=_attacks("toxicity", rate=None),
        thin=_attacks("toxicity", rate=0.0, attempts=20),
    ),
    Specimen(
        "genai.probes",
        tuple(f"attack/{family}" for family in PROBED),
        good=_attacks(*PROBED, rate=0.01),
        bad=_attacks(*PROBED, rate=0.4),
        alien=clean("attack/toxicity"),
        system=GENERATIVE,
        lacking=_attacks(*PROBED, rate=None),
        part=_attacks(*PROBED[:-1], rate=0.01),
        thin=_attacks(*PROBED, rate=0.0, attempts=20),
    ),
    Specimen(
        "oversight.human-review",
        ("review/override",),
        good=_review(),
        bad=_review(role="developer"),
        alien=clean("review/feedback"),
        params={"roles": ("clinician",)},
        lacking=_review(role=None),
    ),
    Specimen(
        "security.adversarial",
        ("attack/evasion",),
        good=_attacks("evasion", attacked_value=0.8),
        bad=_attacks("evasion", attacked_value=0.1),
        alien=clean("attack/jailbreak"),
        system={"generative": False},
        lacking=_attacks("evasion", attacked_value=None),
        thin=_attacks("evasion", attacked_value=0.8, attempts=20),
        percent=_attacks("evasion", unknown={"attacked_value": "unit"}),
    ),
    Specimen(
        "supply-chain.model-scan",
        ("security/unsafe_code",),
        good=(),
        bad=(_UNSAFE,),
        alien=clean("security/secret"),
    ),
    Specimen(
        "supply-chain.provenance",
        ("artifact/model",),
        good=_signed(MODEL),
        bad=_signed(OTHER),
        alien=clean("artifact/dataset", assurance=Assurance.SIGNED),
        assurance=Assurance.SIGNED,
        artifacts=(AboutArtifact(digest=MODEL, kind="model"),),
        lacking=_signed(None),
    ),
    Specimen(
        "transparency.instructions-for-use",
        ("documentation/model",),
        good=_topics(*INSTRUCTED),
        bad=_topics(*INSTRUCTED, placeholder=True),
        alien=clean("documentation/dataset"),
        lacking=_topics(*INSTRUCTED, placeholder=None),
        part=_topics(*INSTRUCTED[:-1]),
    ),
)
"""Every shipped policy that reads evidence of tools; approval reads persons."""

BY_POLICY: Final = {one.policy: one for one in SPECIMENS}
