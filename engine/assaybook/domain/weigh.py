"""How a finding weighs for a control and for the gate."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from assaybook.domain.finding import Counts, Disposition, Finding, Outcome

Weight = Literal["pass", "fail", "waived", "baselined", "inconclusive", "error", "not_applicable"]
_AS_IT_IS: Final[Mapping[Outcome, Weight]] = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.INCONCLUSIVE: "inconclusive",
    Outcome.ERROR: "error",
    Outcome.NOT_APPLICABLE: "not_applicable",
}


def weight_of(finding: Finding) -> Weight:
    """Return what a finding counts as.

    A fail whose failing rows are all accepted counts by its rest: accepted only where the rest
    passes, otherwise undecided as the rest is.
    """
    if finding.outcome is not Outcome.FAIL:
        return _AS_IT_IS[finding.outcome]
    if finding.disposition is Disposition.BASELINED:
        return "baselined"
    if finding.disposition is Disposition.WAIVED:
        return "waived"
    if finding.rest is Outcome.INCONCLUSIVE:
        return "inconclusive"
    return "error" if finding.rest is Outcome.ERROR else "fail"


def counted(findings: Iterable[Finding]) -> Counts:
    """Count findings by their weight."""
    totals: dict[str, int] = {}
    for finding in findings:
        weight = weight_of(finding)
        totals[weight] = totals.get(weight, 0) + 1
    return Counts.model_validate(totals)
