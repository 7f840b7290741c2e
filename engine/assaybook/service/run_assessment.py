"""Assessing a registered release: from what is recorded, to an assessment that is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assaybook.domain.control import Catalog
from assaybook.domain.errors import AuthorError, UsageError
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import written
from assaybook.domain.policy import Bundle, Severity
from assaybook.domain.waiver import Waiver
from assaybook.evaluation.assess import Inputs, assess
from assaybook.evaluation.judge_policy import Sentence
from assaybook.language.bundle import bundle_json
from assaybook.store.assessments import save_assessment, save_bundle
from assaybook.store.decisions import retirements_of, save_waivers, waivers_of
from assaybook.store.evidence import evidence_for
from assaybook.store.subjects import subject_as_of
from assaybook.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Judging:
    """What a release is judged by.

    Attributes:
        catalogs: every catalog in scope, in the order of the report.
        sentence: makes the plain English of a rule for the params in force.
        engine: name and version of the engine.
    """

    bundle: Bundle
    catalogs: tuple[Catalog, ...]
    sentence: Sentence
    engine: str
    fail_on: Severity = Severity.HIGH


@dataclass(frozen=True, slots=True)
class Recorded:
    """An assessment, and whether it was new; an equal one is recorded once."""

    assessment: Assessment
    new: bool


def run_assessment(  # noqa: PLR0913 - what is judged, by what, as of when, for whom
    work: UnitOfWork,
    system: str,
    release: str,
    judging: Judging,
    *,
    as_of: datetime | None = None,
    waivers: Sequence[Waiver] = (),
    person: str = "",
) -> Recorded:
    """Judge a registered release by what was recorded by an instant, and record the outcome.

    ``as_of`` is by default the instant of the unit of work. ``waivers`` are recorded first, so
    that the assessment can be repeated; as of an earlier instant they are not there yet.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown``, ``waiver-elsewhere``, or
            ``as-of-in-the-future``: what is received until then could change it.
        AuthorError: ``bundle-mismatch``, the bundle is not what its digest says.
    """
    instant = as_of or work.now
    if instant > work.now:
        raise UsageError(
            "as-of-in-the-future",
            f"it is {written(work.now)}, and what is received until {written(instant)} may count",
            hint="Leave out --as-of, or name an instant that has passed.",
        )
    elsewhere = sorted({one.system for one in waivers if one.system != system})
    if elsewhere:
        raise UsageError("waiver-elsewhere", f"a waiver is about {elsewhere[0]!r}, not {system!r}")
    save_waivers(work, waivers, person=person)
    found = assess(recorded_inputs(work, system, release, judging, as_of=instant))
    kept = save_bundle(work, dict(bundle_json(judging.bundle)), person=person)
    if kept != judging.bundle.digest:
        raise AuthorError("bundle-mismatch", f"its digest is {kept}, not {judging.bundle.digest}")
    new = save_assessment(work, found, system=system, release=release, person=person)
    return Recorded(found, new)


def recorded_inputs(
    reading: Reading, system: str, release: str, judging: Judging, *, as_of: datetime
) -> Inputs:
    """Return all that an assessment of a registered release depends on, as of an instant.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``.
    """
    return Inputs(
        bundle=judging.bundle,
        subject=subject_as_of(reading, system, release, as_of=as_of),
        evidence=evidence_for(reading, system, as_of=as_of),
        catalogs=judging.catalogs,
        as_of=as_of,
        sentence=judging.sentence,
        engine=judging.engine,
        waivers=waivers_of(reading, system, as_of=as_of),
        retirements=retirements_of(reading, system, as_of=as_of),
        fail_on=judging.fail_on,
        asserted=False,
    )
