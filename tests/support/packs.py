"""A realistic assessment, built by hand: a clinical triage model with every kind of result."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from assaybook.catalogs.load import load_catalogs
from assaybook.domain.control import Catalog
from assaybook.domain.documents import Problem
from assaybook.domain.finding import (
    Assessment,
    AssessmentHead,
    CatalogConclusion,
    Conclusion,
    ControlStanding,
    Counts,
    Disposition,
    Finding,
    Gate,
    GateVerdict,
    Outcome,
    Standing,
    Unused,
    WaiverUse,
)
from assaybook.domain.policy import (
    Bundle,
    ControlLink,
    Policy,
    Rule,
    Scope,
    ScopeControl,
    Severity,
)
from assaybook.domain.subject import Artifact, Lifecycle, Release, RiskTier, Subject, System
from assaybook.reporting.pack import PackInput
from support.pack_documents import AS_OF, RELEASE, SYSTEM, a_digest, documents
from support.pack_findings import ISO, RMF, WaiverState, findings


def catalogs() -> dict[str, Catalog]:
    """Return the two catalogs that the sample is judged by."""
    known = load_catalogs()
    return {name: known[name] for name in (RMF, ISO)}


def _standing(bearing: list[Finding]) -> Standing:
    """Stand in for the roll-up, roughly: reporting takes whatever it is given."""
    outcomes = {finding.outcome for finding in bearing}
    relations = {reach.relation for finding in bearing for reach in finding.controls}
    is_open = any(
        each.outcome is Outcome.FAIL and each.disposition is Disposition.OPEN for each in bearing
    )
    ladder = (
        (is_open, Standing.NOT_MET),
        (bool(outcomes & {Outcome.INCONCLUSIVE, Outcome.ERROR}), Standing.NOT_DETERMINED),
        (Outcome.FAIL in outcomes, Standing.RISK_ACCEPTED),
        (Outcome.PASS not in outcomes, Standing.NOT_COVERED),
        ("implements" in relations, Standing.MET),
    )
    return next((standing for holds, standing in ladder if holds), Standing.SUPPORTED)


def standings(found: Iterable[Finding]) -> tuple[ControlStanding, ...]:
    """Return a standing for every control of both catalogs."""
    bearing: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        for reach in finding.controls:
            bearing.setdefault((reach.catalog, reach.control), []).append(finding)
    out: list[ControlStanding] = []
    for catalog in catalogs().values():
        for control in catalog.judgeable():
            standing = _standing(bearing.get((catalog.id, control.id), []))
            reason = ""
            if control.id == "MAP 3.2":
                standing, reason = Standing.NOT_APPLICABLE, "Costs are judged by the trust."
            out.append(
                ControlStanding(
                    catalog=catalog.id,
                    control=control.id,
                    system=SYSTEM,
                    release=RELEASE,
                    standing=standing,
                    counts=Counts(),
                    reason=reason,
                )
            )
    return tuple(out)


def conclusions(rolled: Iterable[ControlStanding]) -> tuple[CatalogConclusion, ...]:
    """Return a conclusion for each catalog."""
    counts: dict[str, Counter[Standing]] = {}
    for each in rolled:
        counts.setdefault(each.catalog, Counter())[each.standing] += 1
    return tuple(
        CatalogConclusion(
            catalog=catalog,
            words=Conclusion.DOES_NOT_CONFORM if found[Standing.NOT_MET] else Conclusion.CONFORMS,
            counts=dict(found),
        )
        for catalog, found in counts.items()
    )


def waivers() -> tuple[WaiverUse, ...]:
    """Return a waiver in force, an expired one and one that waits for its approver."""

    def one(name: str, state: WaiverState, policy: str, days: int, **more: object) -> WaiverUse:
        said: dict[str, Any] = dict(more)
        return WaiverUse(
            id=name,
            state=state,
            policy=policy,
            rule="holds",
            requester="A. Lindqvist",
            starts=AS_OF - timedelta(days=90),
            expires=AS_OF + timedelta(days=days),
            **said,
        )

    return (
        one("W-07", "in_force", "explanation.method", 97, whole=True, approver="J. Eide",
            approver_verified=True, reason="The method is under clinical review until January."),
        one("W-08", "expired", "supply.image-vulnerabilities", -20, rows=("CVE-2026-1234",),
            approver="Dr. H. Brandt", reason="The base image was late."),
        one("W-09", "pending", "response.switch-off-drill", 30, whole=True,
            reason="The drill is booked."),
    )  # fmt: skip


def a_bundle(found: Iterable[Finding]) -> Bundle:
    """Return the bundle whose policies the findings name."""
    by_policy: dict[str, list[Finding]] = {}
    for finding in found:
        by_policy.setdefault(finding.policy, []).append(finding)
    policies = tuple(
        Policy(
            id=name, version=each[0].policy_version, title=each[0].title, why="", needs={},
            severity=each[0].severity, params={}, applies_when=None,
            controls=tuple(
                ControlLink(r.catalog, r.control, r.relation) for r in each[0].controls
            ),
            rules=tuple(Rule(id=f.rule, pass_when=None, sentence=f.sentence) for f in each),
        )
        for name, each in by_policy.items()
    )  # fmt: skip
    scope = Scope(
        name="clinic",
        frameworks=(RMF, ISO),
        controls=(ScopeControl(RMF, "MAP 3.2", applies=False, reason="Judged by the trust."),),
        left_out={"cost.budget": "Costs are judged by the trust."},
    )
    digests = {name: a_digest(name) for name in (RMF, ISO)}
    return Bundle(policies=policies, overlays=(), scope=scope, catalogs=digests,
                  digest=a_digest("bundle"))  # fmt: skip


def a_subject() -> Subject:
    """Return the system and its release."""
    return Subject(
        system=System(
            id=SYSTEM, name="Harbour Triage", owner="Anna Lindqvist", risk_tier=RiskTier.HIGH,
            purpose="Deterioration score for adults in the emergency department",
            lifecycle=Lifecycle.PRODUCTION, roles=("provider", "deployer"),
        ),
        release=Release(
            version=RELEASE, stage="production", released_at=AS_OF - timedelta(days=40),
            artifacts=(
                Artifact(name="triage.onnx", kind="model", digest=a_digest("model")),
                Artifact(name="holdout", kind="dataset", digest=a_digest("holdout")),
            ),
        ),
        asserted=True,
    )  # fmt: skip


def an_assessment(found: tuple[Finding, ...], **said: object) -> Assessment:
    """Return the assessment that holds the findings."""
    rolled = standings(found)
    counts = Counter(finding.outcome for finding in found)
    given: dict[str, Any] = {
        "assessment": AssessmentHead(
            bundle=a_digest("bundle"),
            subject=a_digest("subject"),
            evidence_set=a_digest("evidence"),
            as_of=AS_OF,
            engine="assaybook 0.3.0",
            asserted=True,
            digest=a_digest("assessment"),
        ),
        "standings": rolled,
        "conclusion": conclusions(rolled),
        "waivers": waivers(),
        "unused": (Unused(evidence="", name="notes.txt", why="No adapter recognises it."),),
        "gate": Gate(
            verdict=GateVerdict.FAIL,
            exit=1,
            fail_on=Severity.HIGH,
            counts=Counts.model_validate({"pass": counts[Outcome.PASS], "fail": 2}),
            below=Counts(inconclusive=2),
        ),
    } | said
    return Assessment(findings=found, **given)


def a_source(**said: object) -> PackInput:
    """Return the input of the sample pack; ``said`` replaces parts of it."""
    files = documents()
    found = findings(files)
    parts: dict[str, Any] = dict(said)
    source = PackInput(
        assessment=an_assessment(found),
        subject=a_subject(),
        bundle=a_bundle(found),
        evidence=files,
        catalogs=catalogs(),
        as_of=AS_OF,
        organisation="Northmere Hospitals Trust",
        problems=(
            Problem(
                file="lineage.json",
                code="json-malformed",
                where="line 3, column 9",
                message="the document ends inside a string",
                hint="Submit the file again, whole.",
            ),
        ),
    )
    return replace(source, **parts)


def a_source_of(*found: Finding, **said: object) -> PackInput:
    """Return the input of a pack that holds these findings and no others."""
    made = {"assessment": an_assessment(found), "bundle": a_bundle(found)}
    return a_source(**(made | said))
