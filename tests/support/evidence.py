"""Build evidence, subjects and needs in a few words; only what a test is about is spelled out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import (
    AboutArtifact,
    AboutSubject,
    Coverage,
    Envelope,
    Producer,
    Scope,
)
from assaybook.domain.facts import AnyFact
from assaybook.domain.policy import Assurance
from assaybook.domain.subject import Artifact, Release, RiskTier, Subject, System

AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
FACT: TypeAdapter[AnyFact] = TypeAdapter(AnyFact)
MODEL = f"sha256:{'1' * 64}"
TRAIN = f"sha256:{'2' * 64}"


def days(number: float) -> timedelta:
    """Return so many days."""
    return timedelta(days=number)


def a_fact(fact_type: str, /, **columns: Any) -> AnyFact:
    """Return one fact; its pointer is of no interest."""
    return FACT.validate_python({"type": fact_type, "pointer": "/0", **columns})


def a_metric(name: str = "recall", value: float | None = 0.9, **columns: Any) -> AnyFact:
    """Return a quality metric on the hold-out split; overall unless a slice is given."""
    known = {"slice": "", "split": "holdout", "dataset": "d", "dimension": "", "kind": "quality"}
    return a_fact("metric", **{"name": name, "value": value, "unit": "ratio", **known, **columns})


def covered(question: str, examined: int | None = 100, **counts: Any) -> Coverage:
    """Return known and complete coverage of a question, unless a count says otherwise."""
    known: dict[str, Any] = {"passed": None, "failed": 0, "errored": 0, "skipped": 0}
    return Coverage(question=question, examined=examined, **{**known, **counts})


def a_document(  # noqa: PLR0913
    *facts: AnyFact,
    coverage: Sequence[Coverage] = (),
    name: str = "file.json",
    format: str = "tool",  # noqa: A002
    tool: str = "tool",
    age: float | None = 1,
    received: float = 0,
    release: str | None = "1",
    system: str | None = "s",
    artifacts: Sequence[AboutArtifact] = (),
    scope: Scope | None = None,
    assurance: Assurance = Assurance.CI,
    submission: str = "",
    **envelope: Any,
) -> Evidence:
    """Return a document; ``age`` and ``received`` are days before ``AS_OF`` (None: undated).

    Without coverage rows every question that its facts answer is covered completely.
    """
    whole = coverage or [covered(q) for q in sorted({_question(fact) for fact in facts})]
    identity = f"{name}{format}{tool}{age}{received}{release}{scope}{facts}{whole}{artifacts}"
    return Evidence(
        envelope=Envelope(
            id="ev-" + digest_of(identity.encode())[7:23],
            blob=digest_of(identity.encode()),
            size=1,
            name=name,
            subject=AboutSubject(system=system, release=release, artifacts=tuple(artifacts)),
            format=format,
            producer=Producer(tool=tool),
            scope=scope or Scope(),
            produced_at=None if age is None else AS_OF - days(age),
            received_at=AS_OF - days(received),
            assurance=assurance,
            submission=submission,
            adapter=format,
            **envelope,
        ),
        coverage=tuple(whole),
        facts=tuple(facts),
    )


def _question(fact: AnyFact) -> str:
    from assaybook.domain.fact_types import question_of

    return question_of(fact)


def a_subject(**changes: Any) -> Subject:
    """Return system ``s`` with release ``1``: one model and one data set."""
    release: dict[str, Any] = {
        "version": "1",
        "stage": "production",
        "artifacts": (
            Artifact(name="m", kind="model", digest=MODEL),
            Artifact(name="d", kind="dataset", digest=TRAIN),
        ),
    }
    system: dict[str, Any] = {
        "id": "s",
        "risk_tier": RiskTier.HIGH,
        "intended_uses": ("triage",),
        "deployed_use": "triage",
    }
    system |= changes.pop("system", {})
    release |= changes.pop("release", {})
    return Subject(system=System(**system), release=Release(**release), **changes)
