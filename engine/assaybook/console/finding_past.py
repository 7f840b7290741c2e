"""How a finding came to be what it is: the assessments that the store keeps, and what moved."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from pydantic_core import from_json, to_json

from assaybook.console import marks
from assaybook.console.marks import Mark
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment
from assaybook.domain.record import record
from assaybook.reporting.changes import CAUSES, finding_changes
from assaybook.reporting.charts_period import periods
from assaybook.reporting.labels import middle
from assaybook.reporting.period_parts import PeriodFigure, PeriodSpan, PeriodStrip
from assaybook.reporting.words import line_state, short_day
from assaybook.store.findings import FindingLine

KEPT: Final = 200
"""Assessments that are looked back over."""
_NAME: Final = 20
"""Characters of a version beside its strip."""
_CHANGES: Final = 8
"""Changes whose cause is looked for; each reads two assessments."""


@record
class Run:
    """Assessments in a row that came to the same.

    Attributes:
        first: the oldest of them: since when it is known to be so.
        last: the newest of them.
        times: how many there are.
        cause: which input made it other than it was before; empty for the oldest, and for
            changes that lie further back than is looked.
        meaning: the cause as words.
    """

    first: FindingLine
    last: FindingLine
    times: int
    marks: tuple[Mark, ...]
    cause: str = ""
    meaning: str = ""


def only_rule(text: str, policy: str, rule: str) -> Assessment:
    """Return an assessment with the finding of one rule, and no standings.

    Raises:
        UsageError: ``rule-unknown``, it has no such finding.
    """
    said = from_json(text)
    mine = [each for each in said["findings"] if (each["policy"], each["rule"]) == (policy, rule)]
    if not mine:
        raise UsageError(
            "rule-unknown",
            f"the assessment has no finding of {policy[:80]}/{rule[:80]}",
            hint="The policies may have been others when it was made; see what it did judge.",
        )
    kept = {**said, "findings": mine, "standings": [], "conclusion": []}
    return Assessment.model_validate_json(to_json(kept))


def runs_of(lines: Sequence[FindingLine], load: Callable[[str], Assessment]) -> tuple[Run, ...]:
    """Return the past of a finding as runs of equal outcomes, the newest first.

    Args:
        lines: what assessments found, the newest first.
        load: returns an assessment with this finding, by its digest.
    """
    alike = [list(same) for _key, same in groupby(lines, key=_came_to)]
    found: list[Run] = []
    for place, same in enumerate(alike):
        newest, oldest = same[0], same[-1]
        state = marks.of_line(oldest.outcome, oldest.disposition)
        cause = ""
        if place + 1 < len(alike) and place < _CHANGES:
            before = alike[place + 1][0]
            changes = finding_changes(load(before.assessment), load(oldest.assessment))
            cause = changes[0].cause if changes else ""
        found.append(Run(oldest, newest, len(same), state, cause, CAUSES.get(cause, "")))
    return tuple(found)


def drawn_past(runs: Sequence[Run], name: str, until: datetime) -> str:
    """Draw what assessments came to, each until the next, up to an instant; as packs draw periods.

    Empty where there is one assessment alone, so that nothing could have changed.
    """
    if not runs or runs[-1].first.as_of == runs[0].last.as_of:
        return ""
    since = runs[-1].first.as_of
    whole = max((until - since).total_seconds(), 1.0)
    ends = (until, *(one.first.as_of for one in runs))
    states = [line_state(one.first.outcome, one.first.disposition) for one in runs]
    spans = [
        PeriodSpan(
            key=state.key,
            start=(one.first.as_of - since).total_seconds() / whole,
            end=(min(end, until) - since).total_seconds() / whole,
        )
        for one, end, state in zip(runs, ends, states, strict=False)
    ]
    strip = PeriodStrip(
        control=middle(name, _NAME),
        worst=states[0],
        days=f"{states[0].word} since {short_day(runs[0].first.as_of)}",
        spans=tuple(reversed(spans)),
    )
    figure = PeriodFigure(first=short_day(since), last=short_day(until), strips=(strip,))
    return periods(figure, what="Outcomes as they were assessed")


def _came_to(line: FindingLine) -> tuple[str, str]:
    return line.outcome, line.disposition
