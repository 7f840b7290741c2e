"""Courses of outcomes beside each other: where two criteria differ, since when, and why then.

An outcome is piecewise constant in time, so a course holds the instants at which it turned. What
made it turn is found by trying: one input at a time is put back to what it was just before, and
what then comes out otherwise rests on it. Where no input is needed, nothing but time passed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeAlias

from assaybook.domain.documents import Evidence
from assaybook.domain.finding import Disposition, Finding, Outcome
from assaybook.domain.record import record
from assaybook.domain.replay import Cause, Effect
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver


@record
class Known:
    """What was recorded by an instant, as far as it can decide; evidence in the order of ids."""

    subject: Subject
    evidence: tuple[Evidence, ...]
    retirements: tuple[Retirement, ...]
    waivers: tuple[Waiver, ...]


Recall: TypeAlias = Callable[[datetime], Known]
Judge: TypeAlias = Callable[[Known, datetime], Mapping[str, Finding]]
"""Gives the finding of each rule of a policy, by what was known, as of an instant."""
Said: TypeAlias = tuple[Outcome, Disposition] | None
"""What a rule comes to; None where there is no such rule, or it does not apply."""

_INPUTS: Final[Mapping[Cause, tuple[str, ...]]] = {
    "evidence": ("evidence", "retirements"),
    "subject": ("subject",),
    "waiver": ("waivers",),
}
_BROKEN, _NOTHING, _FAILS, _OPEN, _FINE = 5, 4, 1, 3, 0


@record
class Turn:
    """An instant at which some rule of a policy turned; the first that is judged is one too.

    ``before`` is the instant that was judged just before it; of the first it is the same.
    """

    at: datetime
    before: datetime
    findings: Mapping[str, Finding]


Course: TypeAlias = Sequence[Turn]


@record
class Apart:
    """A rule that two courses tell differently, from an instant until another.

    ``old_turn`` and ``new_turn`` are there where that side turned at the beginning of it.
    """

    rule: str
    since: datetime
    until: datetime
    old: Finding | None
    new: Finding | None
    old_turn: Turn | None = None
    new_turn: Turn | None = None


def said(finding: Finding | None) -> Said:
    """Return what a finding comes to."""
    if finding is None or finding.outcome is Outcome.NOT_APPLICABLE:
        return None
    return (finding.outcome, finding.disposition)


def course_of(instants: Iterable[datetime], recall: Recall, judge: Judge) -> tuple[Turn, ...]:
    """Judge at each instant, in order, and return those at which a rule turned; the first did."""
    found: list[Turn] = []
    before: datetime | None = None
    for at in sorted(instants):
        findings = judge(recall(at), at)
        if not found or _all_said(findings) != _all_said(found[-1].findings):
            found.append(Turn(at, before or at, findings))
        before = at
    return tuple(found)


def _all_said(findings: Mapping[str, Finding]) -> dict[str, Said]:
    return {rule: said(one) for rule, one in findings.items()}


def apart(old: Course, new: Course, until: datetime) -> tuple[Apart, ...]:
    """Return where two courses differ, by rule in the order of the newer, and then by time."""
    times = sorted({turn.at for turn in (*old, *new)})
    rules = dict.fromkeys(rule for turn in (*new[:1], *old[:1]) for rule in turn.findings)
    return tuple(one for rule in rules for one in _of_rule(rule, times, old, new, until))


def _of_rule(
    rule: str, times: Sequence[datetime], old: Course, new: Course, until: datetime
) -> Iterator[Apart]:
    """Yield the intervals in which a rule differs."""
    pairs: list[Apart] = []
    for at in times:
        one = Apart(rule, at, until, _finding_at(old, rule, at), _finding_at(new, rule, at))
        last = pairs[-1] if pairs else None
        if last is None:
            pairs.append(one)
            continue
        old_moved, new_moved = said(last.old) != said(one.old), said(last.new) != said(one.new)
        if old_moved or new_moved:
            pairs[-1] = replace(last, until=at)
            pairs.append(
                replace(
                    one,
                    old_turn=_turn_at(old, at) if old_moved else None,
                    new_turn=_turn_at(new, at) if new_moved else None,
                )
            )
    yield from (one for one in pairs if said(one.old) != said(one.new))


def _turn_at(course: Course, at: datetime) -> Turn | None:
    """Return the last turn of a course by an instant; None before the first."""
    return next((turn for turn in reversed(course) if turn.at <= at), None)


def _finding_at(course: Course, rule: str, at: datetime) -> Finding | None:
    turn = _turn_at(course, at)
    return None if turn is None else turn.findings.get(rule)


def turned_after(course: Course, now: datetime) -> Iterator[tuple[str, Turn, Finding, Finding]]:
    """Yield every rule that turns later than now, with the turn and its findings around it."""
    for last, turn in pairwise(course):
        if turn.at > now:
            for rule, after in turn.findings.items():
                before = last.findings[rule]
                if said(before) != said(after):
                    yield rule, turn, before, after


def causes_of(rule: str, turn: Turn, recall: Recall, judge: Judge) -> tuple[Cause, ...]:
    """Return the inputs without whose change a rule would not have turned; else it is time."""
    then, now = recall(turn.before), recall(turn.at)
    ends = said(turn.findings.get(rule))
    needed: list[Cause] = []
    for cause, names in _INPUTS.items():
        back = {name: getattr(then, name) for name in names}
        if any(getattr(now, name) != value for name, value in back.items()):
            without = judge(replace(now, **back), turn.at)
            if said(without.get(rule)) != ends:
                needed.append(cause)
    return tuple(needed) or ("time",)


def effect_of(old: Said, new: Said) -> Effect:
    """Return what new criteria do to a rule that comes to something else by them."""
    if new is None:
        return "dropped"
    outcome, disposition = new
    if outcome is Outcome.FAIL:
        return "fails" if disposition is Disposition.OPEN else "accepted"
    if outcome is Outcome.ERROR:
        return "error"
    if outcome is Outcome.INCONCLUSIVE:
        return "undecided"
    return "new" if old is None else "better"


def exit_of(effects: Iterable[Effect], *, is_shown: bool) -> int:
    """Return the exit code, first that holds.

    5: a rule could not be evaluated. 4: nothing is shown, for there is no release, no document or
    no rule that applies. 1: something would fail. 3: something would become undecided. 0 else.
    """
    met = frozenset(effects)
    if "error" in met:
        return _BROKEN
    if not is_shown:
        return _NOTHING
    if "fails" in met:
        return _FAILS
    return _OPEN if "undecided" in met else _FINE
