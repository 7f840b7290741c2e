"""The gate: one verdict and one exit code for a pipeline; first that holds."""

from collections.abc import Sequence

from assaybook.domain.finding import Counts, Finding, Gate, GateVerdict
from assaybook.domain.policy import Severity
from assaybook.domain.weigh import counted


def gate(findings: Sequence[Finding], *, fail_on: Severity, documents: int, problems: int) -> Gate:
    """Return the verdict over findings at or above a severity.

    5: a policy or document could not be read, or a rule could not be evaluated. 4: no document,
    no policy, or nothing applicable or proven. 1: an open fail. 3: undecided. 0: at least one
    pass and nothing else.
    """
    at = [one for one in findings if one.severity.rank >= fail_on.rank]
    below = [one for one in findings if one.severity.rank < fail_on.rank]
    counts = counted(at)
    verdict, code = _verdict(counts, documents=documents, problems=problems)
    return Gate(
        verdict=verdict,
        exit=code,
        fail_on=fail_on,
        counts=counts,
        below=counted(below),
        problems=problems,
    )


def _verdict(counts: Counts, *, documents: int, problems: int) -> tuple[GateVerdict, int]:
    if problems or counts.error:
        return GateVerdict.ERROR, 5
    if not documents:
        return GateVerdict.NOTHING, 4
    if counts.fail:
        return GateVerdict.FAIL, 1
    if counts.inconclusive:
        return GateVerdict.INCONCLUSIVE, 3
    return (GateVerdict.PASS, 0) if counts.pass_ else (GateVerdict.NOTHING, 4)
