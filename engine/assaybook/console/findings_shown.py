"""Findings of one assessment as lists show them: most urgent first, each with what was observed."""

from collections.abc import Collection, Iterable
from typing import Final

from assaybook.console import links, marks
from assaybook.console.marks import Mark
from assaybook.domain.finding import Assessment, ControlReach, Disposition, Finding, Outcome
from assaybook.domain.record import record
from assaybook.reporting.changes import CAUSES, finding_changes
from assaybook.reporting.observe import observed
from assaybook.reporting.urgency import urgency

_UNDECIDED: Final = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
_CONTROLS: Final = 3


@record
class Row:
    """A finding in a list.

    Attributes:
        marks: of its outcome, and of who accepts a fail.
        controls: the first that it bears on.
        more: how many more there are.
        observed: in words; never empty.
    """

    finding: Finding
    link: str
    marks: tuple[Mark, ...]
    controls: tuple[ControlReach, ...]
    more: int
    observed: str


@record
class Change:
    """A rule that came to something else; no marks where one of the two did not judge it.

    Attributes:
        cause: which input of the assessment moved.
        why: the same as a sentence.
    """

    name: str
    link: str
    before: tuple[Mark, ...]
    after: tuple[Mark, ...]
    cause: str
    why: str


def in_order(found: Assessment) -> tuple[Row, ...]:
    """Return the findings of an assessment, most urgent first; none is left out."""
    digest = found.assessment.digest
    scope = frozenset(one.catalog for one in found.conclusion)
    return tuple(_row(one, digest, scope) for one in sorted(found.findings, key=urgency))


def needs_action(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return those that somebody must do something about: open fails, and what nobody knows."""
    return tuple(
        one
        for one in rows
        if one.finding.outcome in _UNDECIDED
        or (one.finding.outcome is Outcome.FAIL and one.finding.disposition is Disposition.OPEN)
    )


def changes(before: Assessment, after: Assessment) -> tuple[Change, ...]:
    """Return the rules that came to something else between two assessments, and why."""
    digest = after.assessment.digest
    found: list[Change] = []
    for one in finding_changes(before, after):
        held = one.after or one.before
        if held is None:
            continue
        found.append(
            Change(
                name=f"{held.policy}/{held.rule}",
                link=_link(held, digest if one.after else before.assessment.digest),
                before=marks.of_finding(one.before) if one.before else (),
                after=marks.of_finding(one.after) if one.after else (),
                cause=one.cause,
                why=CAUSES[one.cause],
            )
        )
    return tuple(found)


def _row(finding: Finding, digest: str, scope: Collection[str]) -> Row:
    # What was judged comes first; what is cited besides it is counted.
    controls = sorted(finding.controls, key=lambda one: one.catalog not in scope)
    return Row(
        finding=finding,
        link=_link(finding, digest),
        marks=marks.of_finding(finding),
        controls=tuple(controls[:_CONTROLS]),
        more=len(controls[_CONTROLS:]),
        observed=observed(finding),
    )


def _link(finding: Finding, digest: str) -> str:
    return links.finding(
        finding.policy, finding.rule, finding.system, finding.release, assessment=digest
    )
