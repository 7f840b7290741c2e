"""Earlier assessments of the sample release: what was open when, and what came to pass since."""

from datetime import timedelta
from typing import Any

from assaybook.domain.finding import Assessment, Finding, Outcome
from support.pack_documents import AS_OF, a_digest, documents
from support.pack_findings import findings
from support.packs import an_assessment, conclusions, standings

LATER = frozenset({"supply.image-vulnerabilities", "privacy.membership-inference"})
"""Policies whose rules passed until the sample's last quarter."""


def an_earlier(days: float, **said: object) -> Assessment:
    """Return the sample's assessment as of so many days before; ``said`` replaces parts."""
    given: dict[str, Any] = dict(said)
    found = given.pop("findings", None) or tuple(
        _before(each, days) for each in findings(documents())
    )
    rolled = standings(found)
    made = an_assessment(found, standings=rolled, conclusion=conclusions(rolled), **given)
    head = made.assessment.model_copy(
        update={"as_of": AS_OF - timedelta(days=days), "digest": a_digest(f"earlier {days}")}
    )
    return made.model_copy(update={"assessment": head})


def _before(finding: Finding, days: float) -> Finding:
    """Return a finding as it was: late ones passed, and one document was not there yet."""
    if finding.policy in LATER and days > 30:
        update = {"outcome": Outcome.PASS, "reasons": (), "evidence": (), "left_out": ()}
        return finding.model_copy(update=update)
    if finding.policy == "drift.limit":
        return finding.model_copy(update={"params": {"max_psi": 0.25}})
    return finding


def a_past() -> tuple[Assessment, ...]:
    """Return five earlier assessments, a month apart, the newest 20 days old."""
    return tuple(an_earlier(20.0 + 30 * back) for back in range(5))
