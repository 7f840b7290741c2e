"""What earlier assessments say: since when a finding is open, how standings went, the trend."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from assaybook.domain.finding import Assessment, Finding, Outcome, Standing
from assaybook.reporting.context import Context
from assaybook.reporting.pages import Age, Ageing, Trend, TrendLine
from assaybook.reporting.words import (
    catalog_name,
    count,
    day,
    finding_state,
    of,
    short_day,
    shortened,
    standing_state,
)

_SETTLED: Final = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})
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
    def _open_at(self) -> tuple[tuple[datetime, frozenset[tuple[str, str]]], ...]:
        """Return for each earlier assessment, newest first, what was open in it."""
        return tuple(
            (
                each.assessment.as_of,
                frozenset(
                    (one.policy, one.rule) for one in each.findings if one.outcome not in _SETTLED
                ),
            )
            for each in reversed(self.context.earlier)
        )

    def first_seen(self, finding: Finding) -> datetime:
        """Return since when a finding has been open without a break, as far as was looked."""
        since = self._as_of
        for instant, held in self._open_at:
            if (finding.policy, finding.rule) not in held:
                break
            since = instant
        return since

    def age(self, finding: Finding) -> str:
        """Return ``12 Aug 2026, 100 days``, or that it was first seen now; empty if settled."""
        if finding.outcome in _SETTLED:
            return ""
        since = self.first_seen(finding)
        days = (self._as_of - since).total_seconds() / _DAY
        return f"{short_day(since)}, {count(int(days), 'day')}" if days else "first seen now"

    @cached_property
    def _standings(self) -> tuple[Mapping[tuple[str, str], Standing], ...]:
        return tuple(
            {(one.catalog, one.control): one.standing for one in each.standings}
            for each in self.context.earlier[-_DRAWN:]
        )

    def standings(self, catalog: str, control: str) -> str:
        """Return the marks of a control's standings, oldest first; empty without a past."""
        marks = [
            standing_state(found[catalog, control]).mark
            for found in self._standings
            if (catalog, control) in found
        ]
        return " ".join(marks)

    def ageing(self) -> Ageing:
        """Return the chart of open findings by age, oldest first."""
        whole = [one for one in self.context.shown if one.outcome not in _SETTLED]
        if not self.context.earlier:
            note = "No earlier assessment of this release was given: no finding has an age yet."
            return Ageing(caption="", note=note, as_of=short_day(self._as_of), ages=(), span=0)
        ages = sorted(
            ((self._as_of - self.first_seen(one)).total_seconds() / _DAY, place)
            for place, one in enumerate(whole)
        )[::-1]
        old = sum(days > 0 for days, _ in ages)
        drawn = tuple(self._drawn(whole[place], days) for days, place in ages[:_DRAWN] if days > 0)
        return Ageing(
            caption=f"{of(old, len(whole))} open findings were open before.",
            note=f"Looked back over {count(len(self.context.earlier), 'earlier assessment')}, to "
            f"{day(self.context.earlier[0].assessment.as_of)}.",
            as_of=short_day(self._as_of),
            ages=drawn,
            span=max((each.days for each in drawn), default=0),
        )

    def _drawn(self, finding: Finding, days: float) -> Age:
        return Age(
            label=self.context.label(finding),
            name=shortened(f"{finding.policy} / {finding.rule}", 36),
            state=finding_state(finding),
            since=short_day(self.first_seen(finding)),
            days=days,
        )

    def trend(self) -> Trend | None:
        """Return controls met of applicable over time, by framework; None without a past."""
        runs = (*self.context.earlier[-_DRAWN + 1 :], self.context.source.assessment)
        if len(runs) < _LEAST:
            return None
        lines = tuple(
            TrendLine(
                name=catalog_name(each.catalog),
                points=tuple(_met(one, each.catalog) for one in runs),
            )
            for each in self.context.source.assessment.conclusion
        )
        return Trend(
            caption=f"Controls met over {count(len(runs), 'assessment')}.",
            first=short_day(runs[0].assessment.as_of),
            last=short_day(self._as_of),
            lines=lines,
        )


def _met(assessment: Assessment, catalog: str) -> tuple[int, int]:
    for each in assessment.conclusion:
        if each.catalog == catalog:
            whole = sum(each.counts.values()) - each.counts.get(Standing.NOT_APPLICABLE, 0)
            return each.counts.get(Standing.MET, 0), whole
    return 0, 0
