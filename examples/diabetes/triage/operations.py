"""What people set up around the model: alert rules, drills, reviews.

No tool reports a rollback drill or a labelling review in a format of its own, so both are said in
`assaybook/v1`. In a real project these lines come from the on-call log and the review board.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from triage.checks import VERSION
from triage.releases import SYSTEM, Release, instant

OWNER = "triage-on-call"
ALERTS = (
    (
        "TriageFeatureDrift",
        'max(triage_feature_psi{system="diabetes-triage"}) > 0.2',
        "1h",
        3600,
        "warning",
        "A feature of the intake drifted away from the hold-out rows.",
    ),
    (
        "TriageRecallLow",
        'min by (slice) (triage_slice_recall{system="diabetes-triage"}) < 0.8',
        "6h",
        21600,
        "critical",
        "Recall of a slice, measured on confirmed cases, is under its floor.",
    ),
    (
        "TriageServiceDown",
        'up{job="diabetes-triage"} == 0',
        "5m",
        300,
        "critical",
        "The triage service does not answer.",
    ),
)
CONTROLS = (
    ("rollback", "previous release restored from the registry within ten minutes", 6),
    ("canary", "one clinic for two days before all clinics", 9),
    ("retraining_trigger", "feature drift alert open for a week", 9),
    ("rate_limit", "60 requests a minute for each client", 9),
    ("authentication", "every request carries a client certificate", 9),
    ("encryption", "TLS 1.3 in transit, encrypted volumes at rest", 9),
    ("retention", "inputs deleted after 30 days", 9),
    ("backup", "model registry restored from backup", 9),
)


def rules(path: Path) -> None:
    """Write the alert rules as a Prometheus rule file."""
    listed = [
        {
            "alert": name,
            "expr": expression,
            "for": wait,
            "labels": {"severity": severity, "owner": OWNER},
            "annotations": {"summary": summary},
        }
        for name, expression, wait, _, severity, summary in ALERTS
    ]
    content = {"groups": [{"name": SYSTEM, "rules": listed}]}
    path.write_text(yaml.safe_dump(content, sort_keys=False, width=100), encoding="utf-8")


def drills(at: datetime) -> list[dict[str, Any]]:
    """Give the operation facts: each control with the day of its last drill and the result."""
    alerts = [
        {
            "type": "operation",
            "kind": "alert",
            "target": name,
            "expression": expression,
            "for_seconds": seconds,
            "severity": severity,
            "owner": OWNER,
            "tested_at": instant(at - timedelta(days=6)),
            "result": "pass",
        }
        for name, expression, _, seconds, severity, _ in ALERTS
    ]
    controls = [
        {
            "type": "operation",
            "kind": kind,
            "target": SYSTEM,
            "expression": expression,
            "owner": OWNER,
            "tested_at": instant(at - timedelta(days=days)),
            "result": "pass",
        }
        for kind, expression, days in CONTROLS
    ]
    return alerts + controls


def reviews(at: datetime) -> list[dict[str, Any]]:
    """Give the review facts. The persons are claims here; only a signature makes them more."""
    listed = (
        ("labels-2026-11", "labelling", "accepted", "jonas.weber", "clinician", 7),
        ("overrides-2026-w45", "override", "accepted", "jonas.weber", "clinician", 5),
        ("feedback-2026-w45", "feedback", "accepted", "mara.lindqvist", "governance-lead", 5),
    )
    return [
        {
            "type": "review",
            "reference": reference,
            "kind": kind,
            "decision": decision,
            "person": person,
            "role": role,
            "at": instant(at - timedelta(days=days)),
        }
        for reference, kind, decision, person, role, days in listed
    ]


def document(
    release: Release, tool: str, facts: list[dict[str, Any]], at: datetime
) -> dict[str, Any]:
    """Wrap operation or review facts; each kind is a question, and each fact one thing examined."""
    kinds = sorted({fact["kind"] for fact in facts})
    counts = {kind: sum(fact["kind"] == kind for fact in facts) for kind in kinds}
    return {
        "assaybook": "v1",
        "tool": {"name": tool, "version": VERSION},
        "run": f"{tool}-{release.version}-{at:%Y%m%d}",
        "produced_at": instant(at),
        "subject": {"system": SYSTEM, "release": release.version},
        "coverage": [
            {
                "question": f"{facts[0]['type']}/{kind}",
                "examined": number,
                "passed": number,
                "failed": 0,
                "errored": 0,
                "skipped": 0,
            }
            for kind, number in counts.items()
        ],
        "facts": facts,
    }
