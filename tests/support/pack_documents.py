"""What was submitted of a clinical triage model, for assessments that are built by hand."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Envelope, Producer
from assaybook.domain.facts import Metric
from assaybook.domain.policy import (
    Assurance,
)

AS_OF = datetime(2026, 10, 1, tzinfo=UTC)
SYSTEM = "harbour-triage"
RELEASE = "4.2.0"


def a_digest(of: str) -> str:
    """Return a digest that is different for each text."""
    return f"sha256:{sha256(of.encode()).hexdigest()}"


def a_document(
    name: str,
    *,
    days: float = 10,
    assurance: Assurance = Assurance.CI,
    facts: tuple[Metric, ...] = (),
    **envelope: object,
) -> Evidence:
    """Return a document produced and received ``days`` before the instant of the pack."""
    at = AS_OF - timedelta(days=days)
    given: dict[str, Any] = {"format": "assaybook", "format_version": "v1", "produced_at": at}
    given |= envelope
    made = Envelope(
        id=f"ev-{sha256(name.encode()).hexdigest()[:24]}",
        blob=a_digest(name),
        size=2_048,
        name=name,
        received_at=at,
        assurance=assurance,
        **given,
    )
    return Evidence(envelope=made, facts=facts)


def documents() -> tuple[Evidence, ...]:
    """Return the documents that were submitted."""
    small = Metric(
        pointer="/slices/7", name="recall", slice="ward=transfer", value=0.82, n=61, unit="ratio"
    )
    fairlearn = Producer(tool="fairlearn", version="0.13.0")
    return (
        a_document(
            "slices.json",
            days=28,
            assurance=Assurance.SIGNED,
            facts=(small,),
            producer=fairlearn,
            declared=("produced_at", "scope"),
        ),
        a_document("holdout-card.md", days=61, format="hf-dataset-card"),
        a_document(
            "drift-week-39.json",
            days=3,
            format="evidently",
            producer=Producer(tool="evidently", version="0.7.14"),
        ),
        a_document("model-card.md", days=38, assurance=Assurance.VERIFIED, format="hf-model-card"),
        a_document(
            "image-scan.json",
            days=1,
            format="trivy",
            producer=Producer(tool="trivy", version="0.58.1"),
        ),
        a_document("attack.json", days=50, assurance=Assurance.SELF, format="art"),
        a_document("drill-2026-03.json", days=214, assurance=Assurance.SELF),
        a_document(
            "secrets.json", days=1, format="gitleaks", produced_at=None, redactions=("secret: 2",)
        ),
        a_document("drift-week-38.json", days=10, format="evidently"),
    )
