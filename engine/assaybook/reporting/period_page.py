"""The part of a pack that tells of a period: the worst, the days, and when it was which."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from assaybook.domain.finding import Standing
from assaybook.domain.period import ControlPeriod, Interval, Period
from assaybook.reporting.context import Context
from assaybook.reporting.parts import Pair
from assaybook.reporting.period_parts import PeriodLine, PeriodPage
from assaybook.reporting.words import (
    catalog_name,
    count,
    listed,
    number,
    reason_word,
    sentence_case,
    short_day,
    standing_state,
)

_SILENT: Final = frozenset({Standing.NOT_COVERED, Standing.NOT_APPLICABLE})
_INTERVALS: Final = 12
"""Beyond so many, the rest is counted; the attachment has each."""


def period_page(context: Context) -> PeriodPage | None:
    """Return what a pack says of its period; None for a pack as of an instant."""
    period = context.source.period
    if period is None:
        return None
    told = [one for one in period.controls if one.worst not in _SILENT or len(one.intervals) > 1]
    rest = Counter(one.worst for one in period.controls if one not in told)
    words = listed([f"{n} {standing_state(one).word.lower()}" for one, n in rest.items()])
    return PeriodPage(
        title=f"The period from {short_day(period.since)} to {short_day(period.until)}",
        lead=" ".join(_lead(period)),
        conclusion=tuple(
            Pair(name=catalog_name(one.catalog), text=sentence_case(one.words.value))
            for one in period.conclusion
        ),
        lines=tuple(_line(context, one) for one in told),
        rest=f"Of the others, the whole time: {words}." if words else "",
        daily=_daily(period),
    )


def _lead(period: Period) -> Iterator[str]:
    yield "The result of a period is the worst of it."
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
    yield "Documents that were refused when they came in are not recorded, so none is counted here."


def _daily(period: Period) -> str:
    if not period.daily:
        return ""
    named = listed(period.daily)
    why = "How these policies reckon with time is not seen through"
    return f"{why}, so each day was judged too: {named}."


def _line(context: Context, one: ControlPeriod) -> PeriodLine:
    shown = [_interval(each) for each in one.intervals[:_INTERVALS]]
    more = len(one.intervals) - len(shown)
    days = [
        f"{standing_state(standing).word.lower()} {number(round(length, 1))}"
        for standing, length in one.days.items()
    ]
    left_out = [f"{n} {reason_word(code)}" for code, n in one.left_out.items()]
    return PeriodLine(
        control=f"{catalog_name(one.catalog)} {one.control}",
        title=context.title(one.catalog, one.control),
        worst=standing_state(one.worst),
        days="; ".join(days),
        intervals="; ".join([*shown, *([f"{more} more"] if more > 0 else [])]),
        left_out=listed(left_out) or "none",
    )


def _interval(each: Interval) -> str:
    word = standing_state(each.standing).word.lower()
    return f"{short_day(each.since)} to {short_day(each.until)} {word}"
