"""A release over a period: how each control stood, from when to when, and what the worst was.

The release is judged by one bundle, the criteria of whoever asks, at every instant at which an
outcome can change; between two of them nothing changes. So the work grows with changes, not with
days. What was recorded later than an instant is not seen at it.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from assaybook.domain.control import Catalog
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    WORST_FIRST,
    Assessment,
    ControlStanding,
    Counts,
    Standing,
)
from assaybook.domain.ids import written
from assaybook.domain.period import (
    CatalogPeriod,
    ControlPeriod,
    Interval,
    Period,
    PeriodMoment,
    PeriodStep,
)
from assaybook.domain.policy import Bundle, Severity
from assaybook.domain.refusal import Refusal
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.roll_up import conclude, supported_themselves
from assaybook.service.bundles import Ruling
from assaybook.service.judge import judged
from assaybook.service.period_gaps import Key, forgiven, worst_but_gaps
from assaybook.service.period_instants import instants_of_change, unclear_policies
from assaybook.store.decisions import retirements_of, waivers_of
from assaybook.store.evidence import evidence_for
from assaybook.store.period import decided_between
from assaybook.store.refusals import refusals_of
from assaybook.store.subjects import known_release, subject_as_of
from assaybook.store.unit_of_work import Reading

MOST_INSTANTS: Final = 5_000
_DAY: Final = timedelta(days=1)


def judge_period(  # noqa: PLR0913 - what is judged, by what, from when to when
    reading: Reading,
    system: str,
    release: str,
    ruling: Ruling,
    *,
    since: datetime,
    until: datetime,
    fail_on: Severity,
) -> Period:
    """Judge a registered release over a period, by what was recorded at each instant of it.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown``; ``period-empty``, it ends before it
            begins, or before the release was registered; ``period-too-long``.
    """
    registered = known_release(reading, system, release).registered_at
    first = max(since, registered)
    if until <= first:
        raise UsageError(
            "period-empty",
            f"the period ends on {written(until)} and begins on {written(first)}",
            where="--from",
            hint="It begins no earlier than the registration of the release.",
        )
    evidence = evidence_for(reading, system, as_of=until)
    return replay_period(
        ruling,
        evidence,
        _moments(reading, system, release, first, until),
        asked_since=since,
        until=until,
        fail_on=fail_on,
        refused=refusals_of(reading, system, release, as_of=until),
    )


def _moments(
    reading: Reading, system: str, release: str, first: datetime, until: datetime
) -> list[PeriodMoment]:
    """Return what persons had registered and decided at the beginning and at each change of it."""
    decided = decided_between(reading, system, since=first, until=until)
    return [
        PeriodMoment(
            as_of=at,
            subject=subject_as_of(reading, system, release, as_of=at),
            waivers=waivers_of(reading, system, as_of=at),
            retirements=retirements_of(reading, system, as_of=at),
        )
        for at in sorted({first, *decided})
    ]


def replay_period(  # noqa: PLR0913 - each is an input that decides
    ruling: Ruling,
    evidence: tuple[Evidence, ...],
    moments: Sequence[PeriodMoment],
    *,
    asked_since: datetime,
    until: datetime,
    fail_on: Severity,
    refused: tuple[Refusal, ...] = (),
) -> Period:
    """Judge a period from what was recorded, the first moment being its beginning; pure.

    ``refused`` is what could not be read; it is counted, and decides nothing.

    Raises:
        UsageError: ``period-too-long``.
    """
    times = [one.as_of for one in moments]
    found = [
        judged(
            ruling,
            moment.subject,
            tuple(one for one in evidence if one.envelope.received_at <= at),
            as_of=at,
            fail_on=fail_on,
            waivers=moment.waivers,
            retirements=moment.retirements,
        ).assessment
        for at in _instants(ruling, evidence, moments, until)
        for moment in (moments[bisect_right(times, at) - 1],)
    ]
    return period_of(ruling, found, moments, asked_since=asked_since, until=until, refused=refused)


def _instants(
    ruling: Ruling,
    evidence: Sequence[Evidence],
    moments: Sequence[PeriodMoment],
    until: datetime,
) -> tuple[datetime, ...]:
    """Return every instant to judge at, in order.

    Raises:
        UsageError: ``period-too-long``.
    """
    first = moments[0].as_of
    found = {until, *(one.as_of for one in moments)}
    for one in moments:
        decided: tuple[Waiver | Retirement, ...] = (*one.waivers, *one.retirements)
        found |= instants_of_change(ruling.bundle, one.subject, evidence, decided)
    if unclear_policies(ruling.bundle):
        found.update(first + _DAY * number for number in range((until - first) // _DAY + 1))
    within = sorted(at for at in found if first <= at <= until)
    if len(within) > MOST_INSTANTS:
        message = f"it has {len(within)} instants at which something can change"
        hint = f"At most {MOST_INSTANTS} are judged: ask for a shorter period."
        raise UsageError("period-too-long", message, where="--from", hint=hint)
    return tuple(within)


def period_of(  # noqa: PLR0913 - each is a part of the period
    ruling: Ruling,
    found: Sequence[Assessment],
    moments: Sequence[PeriodMoment],
    *,
    asked_since: datetime,
    until: datetime,
    refused: tuple[Refusal, ...] = (),
) -> Period:
    """Return a period out of its assessments, in order of their instants; one at least."""
    head = found[0].assessment
    came = [one for one in refused if head.as_of <= one.received_at <= until]
    controls = tuple(_controls(ruling, found, until, came, begins_here=head.as_of > asked_since))
    worst = {(one.catalog, one.control): one.worst for one in controls}
    standings = [_worst_of(one, worst) for one in found[-1].standings]
    concluded = [
        conclude(each, standings, ruling.bundle.scope, _supported(each, found, ruling))
        for each in ruling.catalogs
    ]
    return Period(
        system=standings[0].system if standings else "",
        release=standings[0].release if standings else "",
        asked_since=asked_since,
        since=head.as_of,
        until=until,
        engine=head.engine,
        controls=controls,
        conclusion=tuple(
            CatalogPeriod(
                catalog=one.catalog,
                words=one.words,
                counts={standing: count for standing, count in one.counts.items() if count},
            )
            for one in concluded
        ),
        steps=tuple(_step(one) for one in found),
        moments=tuple(moments),
        daily=unclear_policies(ruling.bundle),
        refused=tuple(one.id for one in came),
        unknown=tuple(one.id for one in came if not one.families),
    )


def _supported(catalog: Catalog, found: Sequence[Assessment], ruling: Ruling) -> frozenset[str]:
    """Return the controls that their own rules only supported at some instant of a period."""
    scope = ruling.bundle.scope
    each = (supported_themselves(one.findings, catalog, scope) for one in found)
    return frozenset[str]().union(*each)


def _worst_of(one: ControlStanding, worst: Mapping[tuple[str, str], Standing]) -> ControlStanding:
    update = {"standing": worst[one.catalog, one.control], "counts": Counts(), "reason": ""}
    return one.model_copy(update=update)


def _step(found: Assessment) -> PeriodStep:
    head = found.assessment
    return PeriodStep(
        as_of=head.as_of,
        assessment=head.digest,
        bundle=head.bundle,
        subject=head.subject,
        evidence_set=head.evidence_set,
    )


def _controls(
    ruling: Ruling,
    found: Sequence[Assessment],
    until: datetime,
    refused: Sequence[Refusal],
    *,
    begins_here: bool,
) -> Iterable[ControlPeriod]:
    """Yield every control of the assessments, in the order of the last of them."""
    ends = [*(one.assessment.as_of for one in found[1:]), until]
    intervals: dict[Key, list[Interval]] = {}
    for assessment, end in zip(found, ends, strict=True):
        at = assessment.assessment.as_of
        for one in assessment.standings:
            held = intervals.setdefault((one.catalog, one.control), [])
            held.append(Interval(since=at, until=end, standing=one.standing))
    merged = {key: _merged(each) for key, each in intervals.items()}
    since, scope = found[0].assessment.as_of, ruling.bundle.scope
    gaps = forgiven(
        merged, scope, ruling.catalogs, since=since, until=until, begins_here=begins_here
    )
    outside = worst_but_gaps(found, ruling.catalogs, gaps) if gaps else {}
    left_out, unread = _left_out(found), _unread(ruling.bundle, found, refused)
    order = [(one.catalog, one.control) for one in found[-1].standings]
    for key in dict.fromkeys((*order, *intervals)):
        allowed = {one.since: one for one in gaps.get(key, ())}
        yield ControlPeriod(
            catalog=key[0],
            control=key[1],
            worst=outside.get(key) or min((e.standing for e in merged[key]), key=_rank),
            days=_days(merged[key]),
            intervals=tuple(allowed.get(each.since, each) for each in merged[key]),
            left_out=left_out.get(key, {}),
            refused=unread.get(key, {}),
        )


def _rank(standing: Standing) -> int:
    return WORST_FIRST.index(standing)


def _days(intervals: Iterable[Interval]) -> dict[Standing, float]:
    days: dict[Standing, float] = {}
    for each in intervals:
        length = (each.until - each.since) / _DAY
        days[each.standing] = days.get(each.standing, 0.0) + length
    return days


def _merged(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """Return intervals in order, those of one standing that touch as one.

    The instant at which the period ends is judged too: what changed with it stands without length.
    """
    merged: list[Interval] = []
    for one in intervals:
        last = merged[-1] if merged else None
        if last is not None and last.standing is one.standing and last.until == one.since:
            merged[-1] = last.model_copy(update={"until": one.until})
        else:
            merged.append(one)
    return tuple(merged)


def _left_out(found: Sequence[Assessment]) -> dict[Key, dict[str, int]]:
    """Count by control and reason the documents that did not count at some instant."""
    met: dict[tuple[str, str], dict[str, set[str]]] = {}
    for assessment in found:
        for finding in assessment.findings:
            for out in finding.left_out:
                for reach in finding.controls:
                    codes = met.setdefault((reach.catalog, reach.control), {})
                    codes.setdefault(out.code, set()).add(out.evidence)
    return {key: {code: len(codes[code]) for code in sorted(codes)} for key, codes in met.items()}


def _unread(
    bundle: Bundle, found: Sequence[Assessment], refused: Sequence[Refusal]
) -> dict[Key, dict[str, int]]:
    """Count by control and code the documents that could not be read and may have answered it."""
    asked: dict[Key, set[str]] = {}
    needs = {one.id: {need.facts for need in one.needs.values()} for one in bundle.policies}
    for assessment in found if refused else ():
        for finding in assessment.findings:
            for reach in finding.controls:
                asked.setdefault((reach.catalog, reach.control), set()).update(
                    needs.get(finding.policy, ())
                )
    return {
        key: dict(
            sorted(Counter(one.code for one in refused if families & {*one.families}).items())
        )
        for key, families in asked.items()
    }
