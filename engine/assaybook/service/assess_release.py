"""Judge a registered release from the store, with everything that a report of it needs."""

from dataclasses import dataclass
from datetime import datetime

from assaybook.domain.policy import Severity
from assaybook.domain.waiver import Waiver
from assaybook.language.sentence import rule_sentence
from assaybook.service.bundles import Ruling
from assaybook.service.judge import ENGINE, Judgement
from assaybook.service.run_assessment import Judging, recorded_inputs, run_assessment
from assaybook.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release to judge; ``as_of`` None means now."""

    system: str
    release: str
    as_of: datetime | None = None
    fail_on: Severity = Severity.HIGH
    waivers: tuple[Waiver, ...] = ()
    person: str = ""


def assess_release(work: UnitOfWork, ruling: Ruling, request: ReleaseRequest) -> Judgement:
    """Judge a release by what was recorded by an instant, and record the assessment.

    Raises:
        AssayError: as ``run_assessment``.
    """
    judging = Judging(ruling.bundle, ruling.catalogs, rule_sentence, ENGINE, request.fail_on)
    recorded = run_assessment(
        work,
        request.system,
        request.release,
        judging,
        as_of=request.as_of,
        waivers=request.waivers,
        person=request.person,
    )
    as_of = recorded.assessment.assessment.as_of
    inputs = recorded_inputs(work, request.system, request.release, judging, as_of=as_of)
    return Judgement(
        assessment=recorded.assessment,
        bundle=ruling.bundle,
        subject=inputs.subject,
        evidence=inputs.evidence,
        catalogs=ruling.catalogs,
    )
