"""The part of a pack that tells of a period: the worst, the days, and when it was which."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from assaybook.domain.finding import WORST_FIRST, Standing
from assaybook.domain.period import CatalogPeriod, ControlPeriod, Interval, Period
from assaybook.reporting.context import Context
from assaybook.reporting.parts import Pair
from assaybook.reporting.period_parts import (
    PeriodFigure,
    PeriodFramework,
    PeriodLine,
    PeriodPage,
    PeriodSpan,
    PeriodStrip,
)
from assaybook.reporting.sections import number_of
from assaybook.reporting.words import (
    catalog_name,
    count,
    day,
    listed,
    number,
    reason_word,
    sentence_case,
    short_day,
    shortened,
    standing_state,
)

_SILENT: Final = frozenset({Standing.NOT_COVERED, Standing.NOT_APPLICABLE})
_INTERVALS: Final = 8
"""Beyond so many, the rest is counted; the attachment has each."""
_STRIPS: Final = 36
_SHORT: Final = 0.1
_LONG: Final = 10
"""Days from which on the tenth of a day says nothing."""


def period_page(context: Context) -> PeriodPage | None:
    """Return what a pack says of its period; None for a pack as of an instant."""
    period = context.source.period
    if period is None:
        return None
    return PeriodPage(
        number=f"{number_of('conclusion')}.1",
        title="The period as a whole",
        lead=f"From {day(period.since)} to {day(period.until)}. The result of a period is the "
        "worst of it.",
        how=" ".join(_how(context, period)),
        conclusion=tuple(
            Pair(name=catalog_name(one.catalog), text=sentence_case(one.words.value))
            for one in period.conclusion
        ),
        frameworks=tuple(_framework(context, period, one) for one in period.conclusion),
        daily=_daily(period),
    )


def _how(context: Context, period: Period) -> Iterator[str]:
    steps = count(len(period.steps), "instant")
    yield (
        f"By the policies of this pack the release was judged at {steps}: whenever something was "
        "received, expired, began or ended. Between two of them nothing that counts is different."
    )
    if period.since > period.asked_since:
        yield (
            f"It begins with the registration of the release; {short_day(period.asked_since)} "
            "was asked for."
        )
    if any(each.allowed for one in period.controls for each in one.intervals):
        yield (
            "Gaps that the scope allows are named with their reason, and are not the worst; a "
            "fail is never forgiven."
        )
    yield from _refused(context, period)


def _refused(context: Context, period: Period) -> Iterator[str]:
    """Say how many documents were refused in the period; those of an unknown format by name."""
    if not period.refused:
        yield "Every document that came in the period could be read."
        return
    told = count(len(period.refused), "document")
    yield f"In the period {told} came and could not be read; each counts for nothing."
    if period.unknown:
        names = {one.id: shortened(one.name, 40) for one in context.source.refused}
        yield (
            f"Of {len(period.unknown)} the format is unknown, and no control is told of "
            f"{'it' if len(period.unknown) == 1 else 'them'}: "
            f"{listed(names.get(each, each) for each in period.unknown)}."
        )


def _daily(period: Period) -> str:
    if not period.daily:
        return ""
    why = "How these policies reckon with time is not seen through"
    return f"{why}, so each day was judged too: {listed(period.daily)}."


def _framework(context: Context, period: Period, one: CatalogPeriod) -> PeriodFramework:
    known = context.source.catalogs.get(one.catalog)
    judged = [
        each
        for each in period.controls
        if each.catalog == one.catalog
        and (
            known is None or each.control not in known.by_id or known.by_id[each.control].judgeable
        )
    ]
    told = [each for each in judged if not _is_silent(each)]
    rest = Counter(each.worst for each in judged if _is_silent(each))
    words = listed([f"{n} {standing_state(each).word.lower()}" for each, n in rest.items()])
    strips = [_strip(period, each) for each in told]
    return PeriodFramework(
        name=catalog_name(one.catalog),
        words=f"{sentence_case(one.words.value)}.",
        figures=tuple(_figures(period, strips)),
        lines=tuple(_line(context, each) for each in told if _is_worth_a_line(each)),
        rest=f"The whole time: {words}." if words else "",
    )


def _is_silent(each: ControlPeriod) -> bool:
    return each.worst in _SILENT and len(each.intervals) == 1


def _is_worth_a_line(each: ControlPeriod) -> bool:
    return len(each.intervals) > 1 or bool(each.left_out) or bool(each.refused)


def _figures(period: Period, strips: Sequence[PeriodStrip]) -> Iterator[PeriodFigure]:
    for start in range(0, len(strips), _STRIPS):
        yield PeriodFigure(
            first=short_day(period.since),
            last=short_day(period.until),
            strips=tuple(strips[start : start + _STRIPS]),
        )


def _strip(period: Period, one: ControlPeriod) -> PeriodStrip:
    days = [
        f"{standing_state(standing).word.lower()} {_days(length)} d"
        for standing, length in sorted(one.days.items(), key=lambda e: WORST_FIRST.index(e[0]))
    ]
    return PeriodStrip(
        control=one.control,
        worst=standing_state(one.worst),
        days=", ".join(days),
        spans=tuple(_span(period, each) for each in one.intervals),
    )


def _days(length: float) -> str:
    if length < _SHORT:
        return f"<{number(_SHORT)}"
    return number(round(length, 1)) if length < _LONG else f"{length:.0f}"


def _span(period: Period, each: Interval) -> PeriodSpan:
    whole: timedelta = period.until - period.since
    return PeriodSpan(
        key=standing_state(each.standing).key,
        start=(each.since - period.since) / whole,
        end=(each.until - period.since) / whole,
    )


def _line(context: Context, one: ControlPeriod) -> PeriodLine:
    first = one.intervals[:_INTERVALS]
    shown = [_interval(each, before) for each, before in zip(first, (None, *first), strict=False)]
    more = len(one.intervals) - len(shown)
    left_out = [f"{n} {reason_word(code)}" for code, n in one.left_out.items()]
    refused = sum(one.refused.values())
    left_out += [f"{refused} refused"] if refused else []
    return PeriodLine(
        control=one.control,
        title=context.title(one.catalog, one.control),
        when="; ".join([*shown, *([f"{more} more"] if more > 0 else [])]),
        left_out=listed(left_out) or "none",
    )


def _interval(each: Interval, before: Interval | None) -> str:
    """Say since when; until when is said by the next, and what began on a day of more than one."""
    began = short_day(each.since)
    same = before is not None and short_day(before.since) == began
    word = standing_state(each.standing).word.lower()
    told = f"{word} later that day" if same else f"{word} from {began}"
    return f"{told} (allowed: {shortened(each.allowed.rstrip('.'), 120)})" if each.allowed else told
