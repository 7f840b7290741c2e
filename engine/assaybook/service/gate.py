"""The gate of a release: one small answer, judged now, recorded nowhere."""

from datetime import datetime

from assaybook.domain.base import Frozen
from assaybook.domain.finding import Counts, GateVerdict
from assaybook.domain.ids import Instant
from assaybook.domain.policy import Severity
from assaybook.service.bundles import Ruling
from assaybook.service.run_assessment import judge_recorded
from assaybook.store.unit_of_work import Reading


class GateNow(Frozen):
    """What a pipeline is told about a release.

    Attributes:
        exit: the exit code with which a pipeline should end: 0, and nothing else, lets it go on.
        counts: findings at or above ``fail_on``; ``below`` are the others.
        assessment: the digest that the assessment would have if it were recorded.
    """

    system: str
    release: str
    verdict: GateVerdict
    exit: int
    fail_on: Severity
    counts: Counts
    below: Counts
    as_of: Instant
    bundle: str
    assessment: str


def gate_now(  # noqa: PLR0913 - each is an input that decides
    reading: Reading,
    system: str,
    release: str,
    ruling: Ruling,
    *,
    fail_on: Severity,
    as_of: datetime,
) -> GateNow:
    """Judge a registered release as of an instant, and return the gate alone.

    It is judged anew each time: what is fresh enough now need not be so a second later.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``.
    """
    found = judge_recorded(reading, system, release, ruling, fail_on=fail_on, as_of=as_of)
    gate, head = found.assessment.gate, found.assessment.assessment
    return GateNow(
        system=system,
        release=release,
        verdict=gate.verdict,
        exit=gate.exit,
        fail_on=gate.fail_on,
        counts=gate.counts,
        below=gate.below,
        as_of=head.as_of,
        bundle=head.bundle,
        assessment=head.digest,
    )
