"""How a finding came to be what it is: the assessments that the store keeps, and what moved."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final

from pydantic_core import from_json, to_json

from assaybook.console import marks
from assaybook.console.marks import Mark
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment
from assaybook.domain.record import record
from assaybook.reporting.changes import CAUSES, finding_changes
from assaybook.store.findings import FindingLine

KEPT: Final = 200
"""Assessments that are looked back over."""
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


def _came_to(line: FindingLine) -> tuple[str, str]:
    return line.outcome, line.disposition
