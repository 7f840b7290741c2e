"""Findings as flat rows of text: what a table, a CSV file and a data frame show alike."""

from typing import Final

from assaybook.domain.finding import Assessment, Finding
from assaybook.reporting.observe import observed
from assaybook.reporting.words import reason_word

COLUMNS: Final = (
    "policy",
    "policy_version",
    "rule",
    "title",
    "system",
    "release",
    "outcome",
    "disposition",
    "waiver",
    "severity",
    "reasons",
    "observed",
    "sentence",
    "controls",
    "evidence",
    "left_out",
    "rows",
    "fix",
    "expires_at",
)


def finding_rows(assessment: Assessment) -> list[dict[str, str]]:
    """Return one row for each finding, in the order of the assessment."""
    return [_row(finding) for finding in assessment.findings]


def _row(finding: Finding) -> dict[str, str]:
    expires = finding.expires_at.isoformat() if finding.expires_at is not None else ""
    return {
        "policy": finding.policy,
        "policy_version": str(finding.policy_version),
        "rule": finding.rule,
        "title": finding.title,
        "system": finding.system,
        "release": finding.release,
        "outcome": finding.outcome.value,
        "disposition": finding.disposition.value,
        "waiver": finding.waiver or "",
        "severity": finding.severity.value,
        "reasons": "; ".join(dict.fromkeys(reason_word(each.code) for each in finding.reasons)),
        "observed": observed(finding),
        "sentence": finding.sentence,
        "controls": "; ".join(
            f"{each.catalog} {each.control} ({each.relation})" for each in finding.controls
        ),
        "evidence": "; ".join(dict.fromkeys(each.id for each in finding.evidence)),
        "left_out": "; ".join(f"{each.evidence} ({each.code})" for each in finding.left_out),
        "rows": "; ".join(f"{row.key}: {row.outcome.value}" for row in finding.rows),
        "fix": finding.fix,
        "expires_at": expires,
    }
