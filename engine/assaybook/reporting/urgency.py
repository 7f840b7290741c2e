"""The order in which findings are told: what is open first, then what nobody could decide."""

from typing import Final

from assaybook.domain.finding import Disposition, Finding, Outcome

_URGENCY: Final = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.PASS)


def urgency(finding: Finding) -> tuple[int, int, str, str, str]:
    """Return the sort key that puts open fails first, then what nobody could decide."""
    rank = _URGENCY.index(finding.outcome) * 2 if finding.outcome in _URGENCY else 9
    if finding.outcome is Outcome.FAIL and finding.disposition is not Disposition.OPEN:
        rank = _URGENCY.index(Outcome.INCONCLUSIVE) * 2 + 1
    return (rank, -finding.severity.rank, finding.policy, finding.rule, finding.release)
