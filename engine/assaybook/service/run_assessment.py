"""Assessing a registered release: from what is recorded, to an assessment that is recorded."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from assaybook.domain.errors import AuthorError, UsageError
from assaybook.domain.ids import written
from assaybook.domain.policy import Bundle, Severity
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Waiver
from assaybook.language.bundle import bundle_json
from assaybook.service.bundles import Ruling
from assaybook.service.judge import Judgement, judged
from assaybook.store.assessments import save_assessment, save_bundle
from assaybook.store.decisions import retirements_of, save_waivers, waivers_of
from assaybook.store.evidence import evidence_for
from assaybook.store.subjects import subject_as_of
from assaybook.store.unit_of_work import Reading, UnitOfWork


@record
class Recorded:
    """A judgement, and whether its assessment was new; an equal one is recorded once."""

    judgement: Judgement
    new: bool


def run_assessment(  # noqa: PLR0913 - what is judged, by what, as of when, for whom
    work: UnitOfWork,
    system: str,
    release: str,
    ruling: Ruling,
    *,
    fail_on: Severity,
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
    refuse_future(instant, work.now)
    elsewhere = sorted({one.system for one in waivers if one.system != system})
    if elsewhere:
        raise UsageError("waiver-elsewhere", f"a waiver is about {elsewhere[0]!r}, not {system!r}")
    save_waivers(work, _not_less_proven(work, system, waivers), person=person)
    found = judge_recorded(work, system, release, ruling, fail_on=fail_on, as_of=instant)
    return record_judgement(work, found, person=person)


def _not_less_proven(
    work: UnitOfWork, system: str, waivers: Sequence[Waiver]
) -> tuple[Waiver, ...]:
    """Return waivers without those whose approval was verified when it was recorded.

    Whoever forgets to name the trust file does not take back what was proven with it.
    """
    known = {one.id: one for one in waivers_of(work, system, as_of=work.now)} if waivers else {}
    return tuple(
        one for one in waivers if (proven := _verified(one)) == one or known.get(one.id) != proven
    )


def _verified(waiver: Waiver) -> Waiver:
    """Return a waiver as it is where its approval is verified."""
    if waiver.approval is None:
        return waiver
    approval = waiver.approval.model_copy(update={"verified": True})
    return waiver.model_copy(update={"approval": approval})


def record_judgement(work: UnitOfWork, found: Judgement, *, person: str) -> Recorded:
    """Record the assessment of a judgement, and the bundle that it was judged by.

    Raises:
        AuthorError: ``bundle-mismatch``, the bundle is not what its digest says.
    """
    keep_bundle(work, found.bundle, person=person)
    system, release = found.subject.system.id, found.subject.release.version
    new = save_assessment(work, found.assessment, system=system, release=release, person=person)
    return Recorded(found, new)


def keep_bundle(work: UnitOfWork, bundle: Bundle, *, person: str) -> None:
    """Record what a bundle is made of, unless it is recorded.

    Raises:
        AuthorError: ``bundle-mismatch``, the bundle is not what its digest says.
    """
    kept = save_bundle(work, dict(bundle_json(bundle)), person=person)
    if kept != bundle.digest:
        raise AuthorError("bundle-mismatch", f"its digest is {kept}, not {bundle.digest}")


def judge_recorded(  # noqa: PLR0913 - each is an input that decides
    reading: Reading,
    system: str,
    release: str,
    ruling: Ruling,
    *,
    fail_on: Severity,
    as_of: datetime,
) -> Judgement:
    """Judge a registered release by what was recorded by an instant, and record nothing.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``.
    """
    subject = subject_as_of(reading, system, release, as_of=as_of)
    (found,) = judge_releases(reading, ruling, (subject,), fail_on=fail_on, as_of=as_of)
    return found


def judge_releases(
    reading: Reading,
    ruling: Ruling,
    subjects: Sequence[Subject],
    *,
    fail_on: Severity,
    as_of: datetime,
) -> Iterator[Judgement]:
    """Judge releases by what was recorded by an instant, and record nothing.

    What is recorded about a system is read once for all of its releases that stand together.
    """
    for system, releases in groupby(subjects, key=lambda one: one.system.id):
        evidence = evidence_for(reading, system, as_of=as_of)
        waivers = waivers_of(reading, system, as_of=as_of)
        retirements = retirements_of(reading, system, as_of=as_of)
        for subject in releases:
            yield judged(
                ruling,
                subject,
                evidence,
                as_of=as_of,
                fail_on=fail_on,
                waivers=waivers,
                retirements=retirements,
            )


def refuse_future(as_of: datetime, now: datetime) -> None:
    """Refuse to judge or to list as of an instant that has not passed.

    Raises:
        UsageError: ``as-of-in-the-future``.
    """
    if as_of > now:
        raise UsageError(
            "as-of-in-the-future",
            f"it is {written(now)}, and what is received until {written(as_of)} may count",
            hint="Leave out --as-of, or name an instant that has passed.",
        )
