"""Findings of every kind of a clinical triage model, built by hand."""

from datetime import timedelta
from typing import Any, Literal, TypeAlias

from pydantic import JsonValue

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import (
    ControlReach,
    Disposition,
    EvidenceUse,
    Finding,
    LeftOut,
    NeedUse,
    Outcome,
    ReasonShown,
    RowFinding,
    TraceNode,
)
from assaybook.domain.policy import (
    Severity,
)
from support.pack_documents import AS_OF, RELEASE, SYSTEM

WaiverState: TypeAlias = Literal["in_force", "expired", "pending"]
RMF = "nist-ai-rmf-1.0"
ISO = "iso-42001-2023"


def a_leaf(text: str, value: JsonValue = None) -> TraceNode:
    """Return a line of a trace that is no condition."""
    return TraceNode(text=text, value=value)


def a_bound(value: float, n: int, lower: float, floor: float = 0.8) -> TraceNode:
    """Return the trace of ``stats.wilson_lower(row.value, row.n, 0.95) >= params.floor``."""
    call = TraceNode(
        text="stats.wilson_lower(row.value, row.n, 0.95)",
        value=lower,
        children=(a_leaf("row.value", value), a_leaf("row.n", n)),
    )
    return TraceNode(
        text=f"{call.text} >= params.floor",
        truth="T" if lower >= floor else "F",
        children=(call, a_leaf("params.floor", floor)),
    )


def a_limit(value: float, limit: float, what: str = "row.value") -> TraceNode:
    """Return the trace of ``row.value <= params.limit``."""
    return TraceNode(
        text=f"{what} <= params.limit",
        truth="T" if value <= limit else "F",
        children=(a_leaf(what, value), a_leaf("params.limit", limit)),
    )


def a_reason(code: str, path: str = "", message: str = "") -> ReasonShown:
    """Return a reason as a finding shows it."""
    return ReasonShown(code=code, path=path, message=message)


def a_finding(policy: str, rule: str = "holds", **said: object) -> Finding:
    """Return a finding; it passes, unless said otherwise."""
    given: dict[str, Any] = {
        "policy_version": 1,
        "title": f"{policy.partition('.')[2].replace('-', ' ').capitalize()} holds",
        "sentence": "The measured value is at most the limit.",
        "system": SYSTEM,
        "release": RELEASE,
        "outcome": Outcome.PASS,
        "severity": Severity.MEDIUM,
    } | said
    return Finding(policy=policy, rule=rule, **given)


def reaches(*controls: str, relation: str = "implements") -> tuple[ControlReach, ...]:
    """Return controls of the AI RMF, or with ``A.`` of ISO/IEC 42001."""
    return tuple(
        ControlReach(
            catalog=ISO if each.startswith("A.") else RMF,
            control=each,
            relation="implements" if relation == "implements" else "supports",
        )
        for each in controls
    )


SLICES = (
    ("slice=all", 0.871, 3980, 0.860),
    ("slice=sex=female", 0.866, 2041, 0.851),
    ("slice=sex=male", 0.876, 1939, 0.861),
    ("slice=age=18-39", 0.893, 702, 0.868),
    ("slice=age=40-64", 0.884, 1466, 0.867),
    ("slice=age=65-74", 0.858, 1180, 0.837),
    ("slice=age=75+", 0.806, 571, 0.772),
)
COLUMNS = (
    ("column=respiratory_rate", 0.034),
    ("column=oxygen_saturation", 0.041),
    ("column=arrival_mode", 0.052),
    ("column=lactate", 0.078),
    ("column=triage_nurse_grade", 0.168),
)


def _uses(document: Evidence, pointer: str = "") -> tuple[EvidenceUse, ...]:
    age = (AS_OF - document.envelope.received_at).total_seconds()
    return (EvidenceUse(id=document.envelope.id, pointer=pointer, age=age),)


def a_slice_floor(document: Evidence) -> Finding:
    """Return the fail of a floor in slices: one under it, one too small to tell."""
    rows = [
        RowFinding(
            key=key,
            outcome=Outcome.PASS if lower >= 0.8 else Outcome.FAIL,
            trace=a_bound(value, n, lower),
            evidence=_uses(document, f"/slices/{place}"),
            message="" if lower >= 0.8 else f"{key}: lower bound under 0.8 (n = {n})",
        )
        for place, (key, value, n, lower) in enumerate(SLICES)
    ]
    rows.append(
        RowFinding(
            key="slice=ward=transfer",
            outcome=Outcome.INCONCLUSIVE,
            reasons=(a_reason("too_few", "recall[slice=ward=transfer].n", "61 of at least 100"),),
            evidence=_uses(document, "/slices/7"),
        )
    )
    return a_finding(
        "fairness.slice-floor",
        "floor",
        policy_version=2,
        title="Recall holds in every declared slice, with enough samples",
        sentence="In each declared slice of recall on the hold-out split, at least 2 of them, with "
        "n at least 100, the 95 % lower bound is at least 0.8.",
        outcome=Outcome.FAIL,
        severity=Severity.CRITICAL,
        rows=tuple(rows),
        controls=reaches("MEASURE 2.11", "A.6.2.4"),
        evidence=_uses(document),
        params={"floor": 0.8, "min_n": 100, "max_age": "90 days", "slices": ["age", "sex"]},
        relaxed=("max_age of fairness.slice-floor is relaxed by overlay clinic: quarterly audit",),
        fix="Collect more data for the slice, or retrain and evaluate again.",
    )


def a_drift_limit(document: Evidence, older: Evidence) -> Finding:
    """Return the pass of a limit for every column, with a replaced document beside it."""
    return a_finding(
        "drift.production",
        "within-limit",
        title="Inputs have not drifted",
        sentence="In each column, the population stability index is at most 0.2.",
        rows=tuple(
            RowFinding(key=key, outcome=Outcome.PASS, trace=a_limit(value, 0.2))
            for key, value in COLUMNS
        ),
        controls=reaches("MEASURE 2.4", "MEASURE 3.1", "A.6.2.6"),
        evidence=_uses(document),
        left_out=(LeftOut(evidence=older.envelope.id, code="superseded", need="drift"),),
        params={"limit": 0.2},
        expires_at=AS_OF + timedelta(days=9),
    )


def undecided(files: tuple[Evidence, ...]) -> list[Finding]:
    """Return what nobody could decide: missing, stale, too few, in error."""
    attack, drill = files[5], files[6]
    return [
        a_finding(
            "privacy.membership-inference",
            "attack-advantage",
            title="Membership of a training record cannot be inferred",
            sentence="The upper 95 % bound of the advantage of the attack is at most 0.05.",
            outcome=Outcome.INCONCLUSIVE,
            severity=Severity.HIGH,
            reasons=(
                a_reason("low_assurance", "attack", "ci or better is asked; this is self"),
                a_reason("wrong_subject", "attack", "it names the model of release 4.1.3"),
                a_reason("too_few", "attack[name=shadow].attempts", "61 of at least 500"),
            ),
            controls=reaches("MEASURE 2.10", "A.7.4"),
            evidence=_uses(attack),
            left_out=(LeftOut(evidence=attack.envelope.id, code="wrong_subject", need="attack"),),
            params={"bound": 0.05, "min_attempts": 500},
            fix="Run the attack on this release in the pipeline, with at least 500 records.",
        ),
        a_finding(
            "response.switch-off-drill",
            title="The system can be switched off, and that was drilled",
            sentence="A drill of the switch-off is at most 180 days old.",
            outcome=Outcome.INCONCLUSIVE,
            severity=Severity.HIGH,
            reasons=(a_reason("stale", "drill", "214 days old; at most 180 days are allowed"),),
            controls=reaches("MANAGE 2.4"),
            evidence=_uses(drill),
            fix="Drill the switch-off and submit the record.",
        ),
        a_finding(
            "monitoring.alert-coverage",
            title="Every monitored metric has an alert that is loaded",
            sentence="For each monitored metric, an alert is loaded.",
            outcome=Outcome.ERROR,
            reasons=(a_reason("error:no_overload", "alert", "the operands have no common type"),),
            controls=reaches("MEASURE 1.2"),
        ),
        a_finding(
            "supply.ip-review",
            title="Rights of third parties were reviewed",
            sentence="Counsel attests that rights of third parties were reviewed.",
            outcome=Outcome.INCONCLUSIVE,
            reasons=(a_reason("missing", "attestation"),),
            controls=reaches("GOVERN 6.1", "A.10.3"),
            fix="Ask counsel for the attestation: assay attest.",
        ),
    ]


PASSES = (
    ("documentation.model-card", "The model card says what it must", "MAP 1.1", "A.6.2.7"),
    ("documentation.limits", "Limits are written down", "MAP 2.2", "A.6.2.3"),
    ("documentation.owner", "The system has an owner", "GOVERN 2.1", "A.3.2"),
    ("documentation.risk-tier", "The risk tier is set", "GOVERN 1.3", "A.5.2"),
    ("documentation.use", "The intended use is written down", "MAP 1.3", "A.9.4"),
    ("lineage.sources", "Every training source is known", "MAP 4.1", "A.7.5"),
    ("lineage.run", "The training run is recorded", "MEASURE 2.8", "A.7.3"),
    ("data.schema", "Rows keep to the schema", "MEASURE 2.3", "A.7.4"),
    ("data.nulls", "Few values are missing", "MAP 2.3", "A.7.4"),
    ("data.leakage", "No row is in both splits", "MEASURE 2.5", "A.7.6"),
    ("privacy.pii", "Personal data is masked", "MEASURE 2.10", "A.7.2"),
    ("privacy.retention", "Old records are erased", "GOVERN 1.7", "A.7.3"),
    ("security.secrets", "No secret is in the code", "MEASURE 2.7", "A.8.4"),
    ("security.signature", "The model is signed", "MANAGE 3.1", "A.10.2"),
    ("security.pickle", "The model file runs no code", "MANAGE 3.2", "A.4.4"),
    ("quality.recall", "Recall is as promised", "MEASURE 2.1", "A.6.2.4"),
    ("quality.calibration", "Scores are calibrated", "MEASURE 2.6", "A.6.2.4"),
    ("robustness.noise", "Noise does not turn results", "MEASURE 2.7", "A.6.2.4"),
    ("robustness.evasion", "Evasion is hard", "MEASURE 2.7", "A.6.2.4"),
    ("cost.latency", "Answers come in time", "MANAGE 1.3", "A.6.2.5"),
    ("environment.energy", "Energy is measured", "MEASURE 2.12", "A.4.5"),
    ("feedback.appeals", "Patients can appeal", "MEASURE 3.3", "A.8.3"),
    ("feedback.override", "Staff can override", "MANAGE 2.3", "A.9.2"),
    ("incident.plan", "Incidents have a plan", "MANAGE 4.3", "A.8.4"),
    ("incident.contact", "Incidents have a contact", "GOVERN 4.3", "A.8.5"),
    ("oversight.training", "Staff are trained", "GOVERN 2.2", "A.4.6"),
    ("oversight.roles", "Roles are separate", "GOVERN 3.2", "A.3.2"),
    ("change.approval", "Releases are approved", "MANAGE 1.1", "A.6.2.5"),
    ("change.rollback", "A release can be taken back", "MANAGE 2.4", "A.6.2.6"),
    ("supply.licences", "Licences allow the use", "MAP 4.1", "A.10.3"),
)  # fmt: skip


def findings(files: tuple[Evidence, ...]) -> tuple[Finding, ...]:
    """Return forty findings of every outcome, in the order of policies and rules."""
    slices, card, drift, model, scan = files[0], files[1], files[2], files[3], files[4]
    found = [
        a_slice_floor(slices),
        a_finding(
            "fairness.slice-floor",
            "gap",
            policy_version=2,
            title="Recall holds in every declared slice, with enough samples",
            sentence="The largest recall less the least one is at most 0.1.",
            severity=Severity.CRITICAL,
            trace=a_limit(0.087, 0.1, "math.greatest(known) - math.least(known)"),
            controls=reaches("MEASURE 2.11", "A.6.2.4"),
            evidence=_uses(slices),
        ),
        a_drift_limit(drift, files[8]),
        a_finding(
            "supply.image-vulnerabilities",
            title="The serving image has no critical vulnerability",
            sentence="No vulnerability of the image is critical.",
            outcome=Outcome.FAIL,
            severity=Severity.HIGH,
            message="2 critical vulnerabilities: CVE-2026-1234, CVE-2026-2345",
            trace=a_leaf("!vulnerability.exists(v, v.severity == 'critical')"),
            controls=reaches("MEASURE 2.7"),
            evidence=_uses(scan, "/Results/0"),
            fix="Build the image again on the patched base.",
        ),
        a_finding(
            "explanation.method",
            title="Each score is explained by a reviewed method",
            sentence="The method of explanation is one that the clinic has reviewed.",
            outcome=Outcome.FAIL,
            disposition=Disposition.WAIVED,
            waiver="W-07",
            controls=reaches("MEASURE 2.9"),
            evidence=_uses(card),
            fix="Review the method.",
        ),
        *undecided(files),
        a_finding(
            "generative.watermark",
            title="Generated pictures are marked",
            outcome=Outcome.NOT_APPLICABLE,
            message="it does not apply to this release: system.generative",
            controls=reaches("MAP 3.4"),
        ),
    ]
    for policy, title, rmf, iso in PASSES:
        found.append(
            a_finding(
                policy,
                title=title,
                sentence=f"{title}, as the newest document of this release says.",
                controls=reaches(
                    rmf, iso, relation="supports" if rmf == "MAP 4.1" else "implements"
                ),
                evidence=_uses(model, f"/{policy.partition('.')[2]}"),
                needs=(NeedUse(need="card", evidence=(model.envelope.id,)),),
                trace=TraceNode(text="card.present", truth="T"),
            )
        )
    return tuple(found)
