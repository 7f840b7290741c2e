"""What the shipped policies claim of law and guidance, and whom they ask."""

from pathlib import Path
from typing import Final

import pytest

from assaybook.catalogs.load import load_catalogs
from assaybook.domain.policy import Policy
from assaybook.domain.subject import RiskTier
from support.evidence import a_subject
from support.situations import judged, policies
from support.specimens import BY_POLICY

LAW: Final = "eu-ai-act"
GENERATIVE: Final = "nist-ai-600-1"
NEW: Final = {
    "genai.harmful-output",
    "genai.probes",
    "oversight.human-review",
    "security.adversarial",
    "supply-chain.model-scan",
    "supply-chain.provenance",
    "transparency.instructions-for-use",
}


def _cited(policy: Policy, catalog: str) -> set[str]:
    return {link.control for link in policy.controls if link.catalog == catalog}


def test_no_shipped_policy_claims_the_whole_of_an_article_or_of_an_action() -> None:
    whole = {
        (policy.id, link.catalog, link.control)
        for policy in policies().values()
        for link in policy.controls
        if link.catalog in {LAW, GENERATIVE} and link.relation != "supports"
    }
    assert whole == set()


def test_a_control_is_met_only_by_what_persons_sign_for_the_whole_of_it() -> None:
    whole = {
        (policy.id, link.catalog, link.control)
        for policy in policies().values()
        for link in policy.controls
        if link.relation == "implements"
    }
    assert whole == {
        ("approval.two-persons", "nist-ai-rmf-1.0", "MANAGE 1.1"),
        ("approval.two-persons", "iso-42001-2023", "A.6.2.5"),
    }
    asked = policies()["approval.two-persons"].rules
    for part in ("intended purposes and stated objectives", "deployment plan", "go into use"):
        assert all(rule.attested and part in rule.attested.question for rule in asked)


def test_what_bears_on_neither_is_known() -> None:
    silent = {one.id for one in policies().values() if not _cited(one, LAW)}
    assert silent == {"privacy.training-data-pii"}
    silent = {one.id for one in policies().values() if not _cited(one, GENERATIVE)}
    assert silent == {
        "drift.features",
        "oversight.prohibited-use",
        "quality.calibration",
        "security.adversarial",
        "transparency.instructions-for-use",
    }


def test_the_guide_counts_what_is_supported() -> None:
    law = next(one for one in load_catalogs().values() if one.id == LAW)
    cited = set[str]().union(*(_cited(one, LAW) for one in policies().values()))
    points = [one for one in law.controls if one.judgeable and not law.children(one.id)]
    guide = Path(__file__).parents[2] / "docs" / "guides" / "governance-lead.md"
    bare = {one.id for one in points} & cited
    told = f"They support {len(bare)} of the {len(points)} points of the catalog and meet none"
    assert told in guide.read_text(encoding="utf-8")


def test_record_keeping_marking_and_incidents_are_not_claimed_at_all() -> None:
    cited = set[str]().union(*(_cited(one, LAW) for one in policies().values()))
    prefixes = (
        "Art. 12",
        "Art. 26(6)",
        "Art. 27",
        "Art. 50",
        "Art. 53",
        "Art. 73",
        "Art. 86",
        "Annex X",
    )
    assert {one for one in cited if one.startswith(prefixes)} == set()


@pytest.mark.parametrize(
    ("tier", "generative", "asked"),
    [
        pytest.param(RiskTier.MINIMAL, None, set[str](), id="minimal risk"),
        pytest.param(RiskTier.LIMITED, False, set[str](), id="limited risk, not generative"),
        pytest.param(
            RiskTier.LIMITED,
            True,
            {"genai.harmful-output", "genai.probes"},
            id="limited and generative",
        ),
        pytest.param(RiskTier.HIGH, True, NEW - {"security.adversarial"}, id="high and generative"),
        pytest.param(
            RiskTier.HIGH,
            False,
            NEW - {"genai.harmful-output", "genai.probes"},
            id="high, not generative",
        ),
        pytest.param(RiskTier.HIGH, None, NEW, id="high, and nobody said whether it is generative"),
    ],
)
def test_only_whom_a_policy_is_for_is_asked(
    tier: RiskTier, *, generative: bool | None, asked: set[str]
) -> None:
    subject = a_subject(system={"risk_tier": tier, "generative": generative})
    found = {
        policy
        for policy in NEW
        for one in judged(policy, (), subject=subject, params=BY_POLICY[policy].params).findings
        if one.outcome.value != "not_applicable"
    }
    assert found == asked


@pytest.mark.parametrize(
    ("tier", "stage", "outcome"),
    [
        (RiskTier.UNACCEPTABLE, "production", "fail"),
        (RiskTier.UNACCEPTABLE, "development", "fail"),
        (RiskTier.UNACCEPTABLE, "retired", "pass"),
        (RiskTier.UNACCEPTABLE, None, "inconclusive"),
        (RiskTier.HIGH, "production", "not_applicable"),
        (None, "production", "inconclusive"),
    ],
)
def test_a_system_of_unacceptable_risk_never_conforms_while_it_is_in_use(
    tier: RiskTier | None, stage: str | None, outcome: str
) -> None:
    subject = a_subject(system={"risk_tier": tier}, release={"stage": stage})
    (found,) = judged("oversight.prohibited-use", (), subject=subject).findings
    assert found.outcome.value == outcome


def test_every_limit_says_that_it_is_an_example_to_start_from() -> None:
    silent = [
        (policy.id, name)
        for policy in policies().values()
        for name, param in policy.params.items()
        if param.kind in {"ratio", "number", "int", "duration"}
        and param.value is not None
        and "example" not in param.description.lower()
    ]
    assert silent == []
