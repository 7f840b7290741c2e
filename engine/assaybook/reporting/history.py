"""What earlier assessments say: since when a finding is open, how standings went, the trend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Final

from assaybook.domain.finding import Finding, Standing
from assaybook.domain.history import Deadlines, Earlier, Remediation, earlier_of, is_settled
from assaybook.reporting.context import Context
from assaybook.reporting.pages import Age, Ageing, Trend, TrendLine
from assaybook.reporting.words import (
    catalog_name,
    count,
    day,
    finding_state,
    of,
    short_day,
    standing_state,
)

_DAY: Final = 86_400
_DRAWN: Final = 12
"""The most assessments of a trend, and the most findings of the chart of ages."""
_LEAST: Final = 2


@dataclass(frozen=True)
class History:
    """What the earlier assessments of a context say."""

    context: Context

    @property
    def _as_of(self) -> datetime:
        return self.context.source.as_of

    @cached_property
    def earlier(self) -> tuple[Earlier, ...]:
        """What is told of the assessments of this release before this one, oldest first."""
        return tuple(earlier_of(each) for each in self.context.earlier)

    @cached_property
    def _deadlines(self) -> Deadlines:
        within = self.context.source.bundle.scope.remediate_within
        return Deadlines(self._as_of, self.earlier, within)

    def remediation(self, finding: Finding) -> Remediation:
        """Return since when a finding is open, as far as was looked, and when it is due."""
        return self._deadlines.of(finding)

    def _days(self, since: datetime) -> float:
        return (self._as_of - since).total_seconds() / _DAY

    def age(self, finding: Finding) -> str:
        """Return ``12 Aug 2026, 100 days``, or that it was first seen now; empty if settled."""
        if is_settled(finding):
            return ""
        since = self.remediation(finding).first_seen
        days = self._days(since)
        return f"{short_day(since)}, {count(_whole(days), 'day')}" if days else "first seen now"

    def due(self, finding: Finding) -> str:
        """Return ``due 12 Dec 2026`` or ``overdue since 1 Nov 2026``; empty without a date."""
        told = self.remediation(finding)
        if is_settled(finding) or told.due is None:
            return ""
        return f"{'overdue since' if told.overdue else 'due'} {short_day(told.due)}"

    def _overdue(self) -> str:
        shown = [self.remediation(one) for one in self.context.shown if not is_settled(one)]
        late = sum(one.overdue for one in shown)
        if not any(one.due for one in shown):
            return ""
        return f"; {late or 'none'} {'is' if late < _LEAST else 'are'} overdue"

    @cached_property
    def _standings(self) -> tuple[Mapping[tuple[str, str], Standing], ...]:
        return tuple(
            {
                (catalog, control): standing
                for catalog, held in each.standings.items()
                for standing, controls in held.items()
                for control in controls
            }
            for each in self.earlier[-_DRAWN:]
        )

    def standings(self, catalog: str, control: str) -> str:
        """Return how a control stood, oldest first, in words; empty without a past."""
        words = [
            standing_state(found[catalog, control]).word.lower()
            for found in self._standings
            if (catalog, control) in found
        ]
        runs = [(word, sum(1 for _ in same)) for word, same in groupby(words)]
        return ", then ".join(
            word if times == 1 else f"{word} ({times} times)" for word, times in runs
        )

    def ageing(self) -> Ageing:
        """Return the chart of open findings by age, oldest first."""
        whole = [one for one in self.context.shown if not is_settled(one)]
        if not self.context.earlier:
            note = "No earlier assessment of this release was given: no finding has an age yet."
            return Ageing(
                caption="", note=note, as_of=short_day(self._as_of), ages=(), span=0, ahead=0
            )
        ages = sorted(
            (self._days(self.remediation(one).first_seen), place) for place, one in enumerate(whole)
        )[::-1]
        old = sum(days > 0 for days, _ in ages)
        drawn = tuple(self._drawn(whole[place], days) for days, place in ages[:_DRAWN] if days > 0)
        dated = " A diamond is the day on which it is due." if any(e.due for e in drawn) else ""
        return Ageing(
            caption=f"{of(old, len(whole))} open findings were open before{self._overdue()}.",
            note=f"Looked back over {count(len(self.context.earlier), 'earlier assessment')}, to "
            f"{day(self.context.earlier[0].assessment.as_of)}.{dated}",
            as_of=short_day(self._as_of),
            ages=drawn,
            span=max((each.days for each in drawn), default=0),
            ahead=max((each.due for each in drawn if each.due and each.due > 0), default=0),
        )

    def _drawn(self, finding: Finding, days: float) -> Age:
        due = self.remediation(finding).due
        left = None if due is None else -self._days(due)
        told = f"{_whole(days)} d"
        if left is not None:
            told += f", {_whole(-left)} d late" if left < 0 else f", due in {_whole(left)} d"
        return Age(
            label=self.context.label(finding),
            name=f"{finding.policy} / {finding.rule}",
            state=finding_state(finding),
            since=short_day(self.remediation(finding).first_seen),
            days=days,
            due=left,
            told=told,
        )

    def trend(self) -> Trend | None:
        """Return controls met of applicable over time, by framework; None without a past."""
        if not self.earlier:
            return None
        runs = (*self.earlier[-_DRAWN + 1 :], earlier_of(self.context.source.assessment))
        lines = tuple(
            TrendLine(
                name=catalog_name(each.catalog),
                points=tuple(_met(one, each.catalog) for one in runs),
            )
            for each in self.context.source.assessment.conclusion
        )
        return Trend(
            caption=f"Controls met over {count(len(runs), 'assessment')}.",
            first=short_day(runs[0].as_of),
            last=short_day(self._as_of),
            lines=lines,
        )


def _whole(days: float) -> int:
    """Return whole days; what is recorded a moment after midnight is not a day less."""
    return int(days + 1 / _DAY)


def _met(found: Earlier, catalog: str) -> tuple[int, int]:
    told = {one.catalog: (one.met, one.applicable) for one in found.tallies}
    return told.get(catalog, (0, 0))
