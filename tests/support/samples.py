"""Documents of real tools, judged by the shipped policies, as they are and changed in one place."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from pydantic import JsonValue

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutArtifact, Coverage, Scope
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import AnyFact
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Assurance, Bundle, Overlay, OverlaySet, ParamValue
from assaybook.domain.policy import Scope as InScope
from assaybook.domain.subject import Subject
from assaybook.evaluation.assess import Inputs, assess
from assaybook.intake.declared import Counts, Declared
from assaybook.intake.limits import Limits
from assaybook.intake.read import Receipt, open_document
from assaybook.language.bundle import make_bundle
from assaybook.language.sentence import rule_sentence
from support.documents import RECEIVED
from support.evidence import MODEL, TRAIN, a_subject
from support.situations import policies

Path_ = tuple[str | int, ...]
_ABOUT: Final = (
    AboutArtifact(digest=MODEL, name="m", kind="model"),
    AboutArtifact(digest=TRAIN, name="d", kind="dataset"),
)
_COUNTED: Final = frozenset({"security", "pii", "data_check"})
_LIMITS: Final = Limits()


def _filled(evidence: Sequence[Evidence]) -> Declared:
    """Return what a manifest would say where the documents, as they are, do not.

    Of a file with several runs it says no coverage: that would be laid over each of them.
    """
    facts = [fact for one in evidence for fact in one.facts]
    rows = sorted((row for one in evidence for row in one.coverage), key=lambda row: row.question)
    coverage: list[Coverage] = []
    for question, held in groupby(rows, key=lambda row: row.question):
        told = list(held)
        lent = sum(question_of(fact) == question for fact in facts)
        wanted = {"examined": 1000, "errored": 0, "skipped": 0}
        if question.partition("/")[0] in _COUNTED:
            wanted["failed"] = lent
        silent = {
            name: count
            for name, count in wanted.items()
            if all(getattr(row, name) is None for row in told)
        }
        if silent and len(evidence) == 1:
            coverage.append(Coverage.model_validate({"question": question, **silent}))
    dated = any(one.envelope.produced_at for one in evidence)
    sizes = ("n_reference", "n_current")
    return Declared(
        coverage=tuple(coverage),
        observed_at=None if dated else RECEIVED - timedelta(days=1),
        counts=Counts(
            n=100 if all(getattr(fact, "n", None) is None for fact in facts) else None,
            **{
                name: 100
                for name in sizes
                if all(getattr(fact, name, None) is None for fact in facts)
            },
        ),
    )


def _named(facts: Sequence[AnyFact], column: str) -> tuple[str, ...]:
    found = [getattr(fact, column, None) for fact in facts]
    return tuple(sorted({one for one in found if isinstance(one, str) and one}))


def _params(evidence: Sequence[Evidence], *, strict: bool) -> dict[str, dict[str, ParamValue]]:
    """Return params by which the documents, as they are, pass wherever they can, or fail."""
    facts = [fact for one in evidence for fact in one.facts]
    asked = {row.question for one in evidence for row in one.coverage}
    asked |= {question_of(fact) for fact in facts}

    def of(family: str) -> ParamValue:
        return tuple(sorted(one for one in asked if one.startswith(f"{family}/"))) or (family,)

    best = next(
        (one.name for one in facts if one.type == "metric" and one.direction == "higher"), "recall"
    )
    split = next(iter(_named(facts, "split")), "holdout")
    high, low = (0.0, 1.0) if strict else (1.0, 0.0)
    accepted: ParamValue = () if strict else _named(facts, "fingerprint")
    topics = _named(facts, "topic") or ("risks",)
    if strict:
        topics = (*topics, "risks", "limitations", "human_oversight")
    rates: dict[str, ParamValue] = {"max_rate": high, "min_attempts": 1}
    return {
        "data-quality.checks": {"families": of("data_check"), "max_share": high},
        "documentation.model-card": {"topics": topics},
        "drift.features": {
            "features": _named(facts, "column") or ("age",),
            "max_psi": high * 1e6,
            "max_distance": high * 1e6,
            "min_p": low,
            "min_n": 1,
        },
        "fairness.slice-floor": {
            "slices": (*_named(facts, "slice"), "sex=f", "sex=m")[:2],
            "floor": low,
            "max_gap": high,
            "min_n": 1,
        },
        "genai.harmful-output": rates,
        "genai.probes": {"families": of("attack"), **rates},
        "privacy.training-data-pii": {"entities": of("pii"), "min_score": low},
        "quality.calibration": {
            "max_ece": high,
            "max_brier": high,
            "min_n": 1,
            "split": split,
        },
        "quality.floor": {"metric": best, "floor": low, "min_n": 1, "split": split},
        "security.adversarial": {
            "families": of("attack"),
            "min_accuracy": low,
            "max_advantage": high,
            **rates,
        },
        "security.dependencies": {"accepted": accepted},
        "security.secrets": {"accepted": accepted},
        "supply-chain.model-scan": {"accepted": accepted},
        "lineage.training-data": {},
        "operations.alert-and-rollback": {},
        "oversight.human-review": {"roles": _named(facts, "role") or ("clinician",)},
        "transparency.instructions-for-use": {"topics": topics},
    }


def _bundle(evidence: Sequence[Evidence], *, strict: bool) -> Bundle:
    """Return the shipped policies that read what the documents hold, with such params."""
    held: set[str] = {fact.type for one in evidence for fact in one.facts}
    held |= {row.question.partition("/")[0] for one in evidence for row in one.coverage}
    asked = _params(evidence, strict=strict)
    chosen = [
        replace(policies()[name], controls=())
        for name in asked
        if held & {str(need.facts) for need in policies()[name].needs.values()}
    ]
    sets = tuple(
        OverlaySet(one.id, asked[one.id], allow_relax=True, reason="a test") for one in chosen
    )
    return make_bundle(tuple(chosen), (Overlay("test", sets),), InScope(), {})


@dataclass(frozen=True)
class Sample:
    """A document of a tool, what a manifest says of it, and the policies that judge it."""

    path: Path
    raw: bytes
    said: Declared
    evidence: tuple[Evidence, ...]
    as_of: datetime

    def read(self, raw: bytes, name: str = "") -> tuple[Evidence, ...] | None:
        """Return a variant of the document as evidence, None where it is refused."""
        return _read(raw, name or self.path.name, self.said, self.as_of)

    @cached_property
    def subject(self) -> Subject:
        """Return the release that the document is about."""
        about = self.evidence[0].envelope.subject
        found = a_subject(release={"version": about.release or "1"})
        known = {"id": about.system or "s", "generative": True}
        return found.model_copy(update={"system": found.system.model_copy(update=known)})

    @cached_property
    def bundles(self) -> tuple[Bundle, Bundle]:
        """Return policies with strict params, and with lenient ones."""
        return _bundle(self.evidence, strict=True), _bundle(self.evidence, strict=False)

    def judged(self, evidence: Sequence[Evidence], later: timedelta = timedelta()) -> list[Outcome]:
        """Return the outcome of every rule of both, in one order."""
        return [
            finding.outcome
            for bundle in self.bundles
            for finding in assess(
                Inputs(
                    bundle=bundle,
                    subject=self.subject,
                    evidence=tuple(evidence),
                    catalogs=(),
                    as_of=self.as_of + later,
                    sentence=rule_sentence,
                    engine="test",
                    waivers=(),
                    retirements=(),
                )
            ).findings
        ]


def _read(raw: bytes, name: str, said: Declared, at: datetime) -> tuple[Evidence, ...] | None:
    around = Declared(system="s", release="1", artifacts=_ABOUT, scope=Scope(split="holdout"))
    receipt = Receipt(at, assurance=Assurance.CI, submission="one")
    try:
        found = open_document(
            raw, name=name, declared=(said, around), receipt=receipt, limits=_LIMITS
        )
    except SubmitterError:
        return None
    return found.evidence


def sample_of(path: Path) -> Sample | None:
    """Return a document that can be read as what it is, with all that it takes to judge it."""
    raw = path.read_bytes()
    plain = _read(raw, path.name, Declared(), RECEIVED)
    if plain is None:
        return None
    said = _filled(plain)
    made = [one.envelope.produced_at for one in plain if one.envelope.produced_at]
    at = max(made) + timedelta(days=1) if made else RECEIVED
    found = _read(raw, path.name, said, at)
    if found is None:
        said = said.model_copy(update={"coverage": (), "counts": Counts()})
        found = _read(raw, path.name, said, at)
    return None if found is None else Sample(path, raw, said, found, at)


def parsed(sample: Sample) -> tuple[Any, bool] | None:
    """Return the value of a document in JSON and whether it stands in lines, None for others."""
    try:
        text = sample.raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    try:
        return json.loads(text), False
    except ValueError:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()], True
        except ValueError:
            return None


def places(value: JsonValue, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Yield every place in a JSON value, and what stands there."""
    below = value.items() if isinstance(value, dict) else ()
    for key, one in enumerate(value) if isinstance(value, list) else below:
        yield (*path, key), one
        yield from places(one, (*path, key))


def with_value(value: Any, path: Path_, new: Any) -> Any:
    """Return a JSON value with another value at a place."""
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = with_value(value[path[0]], path[1:], new)
    return changed
