"""What new criteria would have come to, over what is recorded, before they are switched on.

Every release is judged by the new criteria and by those in force, at every instant at which an
outcome can change, by what was known then. Policies that ask the same on both sides come to the
same and are not judged, save to foresee what runs out. Nothing is recorded.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final

from assaybook.domain.errors import AuthorError, UsageError
from assaybook.domain.ids import written
from assaybook.domain.policy import Severity
from assaybook.domain.record import record
from assaybook.domain.replay import Cause, Difference, Effect, Foreseen, Replay, ReplayedRelease
from assaybook.evaluation.replay import (
    Apart,
    apart,
    causes_of,
    effect_of,
    exit_of,
    said,
    turned_after,
)
from assaybook.reporting.spoken import verdict_of
from assaybook.service.bundles import Ruling, recorded_ruling
from assaybook.service.replay_past import Past, about_release, past_of, seen_since
from assaybook.service.replay_side import (
    Run,
    Side,
    Stretch,
    asked_of,
    compensating,
    run_of,
    side_of,
)
from assaybook.service.replay_words import asked_otherwise, reason_of, summary_of
from assaybook.store.assessments import last_assessment, load_bundle_text
from assaybook.store.paging import MOST
from assaybook.store.subjects import ReleaseRecord, known_release, known_system, list_systems
from assaybook.store.unit_of_work import Reading

_NOT_A_FLIP: Final[Effect] = "new"


@record
class Asked:
    """What a replay is asked for.

    ``in_force`` is what the new criteria are compared with; None for those by which each release
    was last assessed. ``globs`` keeps the policies whose id matches one. ``fail_on`` is the least
    severity that decides the exit code; ``now`` is the instant after which all is a forecast.
    ``systems`` are those that may be looked at; None means every one.
    """

    ruling: Ruling
    since: datetime
    until: datetime
    now: datetime
    in_force: Ruling | None = None
    system: str | None = None
    release: str | None = None
    globs: tuple[str, ...] = ()
    fail_on: Severity = Severity.LOW
    systems: frozenset[str] | None = None


@record
class _Found:
    """What became of one release, and whether anything was shown of it."""

    head: ReplayedRelease
    differences: tuple[Difference, ...]
    foreseen: tuple[Foreseen, ...]
    judged: int
    daily: frozenset[str]
    applies: bool
    """Whether a rule of the new criteria applied to it at some instant."""


def replay(
    reading: Reading, asked: Asked, done: Callable[[str], None] = lambda _release: None
) -> Replay:
    """Judge the releases of a store over a period by new criteria and by those in force.

    ``done`` is told of each release that was judged.

    Raises:
        UsageError: ``period-empty``, ``period-too-long``; ``system-unknown``,
            ``release-unknown``, ``release-of-what``.
        AuthorError: a recorded bundle cannot be used any more.
    """
    if asked.until <= asked.since:
        raise UsageError(
            "period-empty",
            f"the period ends on {written(asked.until)} and begins on {written(asked.since)}",
            where="--from",
            hint="Name a day or an instant before that of --to.",
        )
    old, new = _Old(reading, asked), side_of(asked.ruling)
    found: list[_Found] = []
    later: list[str] = []
    for system in _systems(reading, asked):
        past = past_of(reading, system, since=asked.since, until=asked.until)
        for one in past.releases:
            name = f"{system} {one.release.version}"
            if asked.release not in {None, one.release.version}:
                continue
            if one.registered_at > asked.until:
                later.append(name)
                continue
            found.append(_release(past, one, old.of(one), new, asked))
            done(name)
    return _answer(asked, found, later)


def _systems(reading: Reading, asked: Asked) -> Iterator[str]:
    """Yield the systems to look at, in the order of their ids.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown``, ``release-of-what``.
    """
    if asked.system is not None:
        known_system(reading, asked.system)
        if asked.release is not None:
            known_release(reading, asked.system, asked.release)
        yield asked.system
        return
    if asked.release is not None:
        raise UsageError(
            "release-of-what",
            f"release {asked.release} may be one of several systems",
            where="--release",
            hint="Name the system too: --system ID",
        )
    after: str | None = None
    while True:
        page = list_systems(reading, after=after, limit=MOST)
        ids = (one.system.id for one in page.items)
        yield from (one for one in ids if asked.systems is None or one in asked.systems)
        after = page.next
        if after is None:
            return


class _Old:
    """The criteria in force: those that were named, or those of the last assessment."""

    def __init__(self, reading: Reading, asked: Asked) -> None:
        self._reading, self._now = reading, asked.now
        self._named = None if asked.in_force is None else side_of(asked.in_force)
        self._read: dict[str, Side] = {}

    def of(self, release: ReleaseRecord) -> Side | None:
        """Return what is in force for a release; None where nobody has assessed it."""
        if self._named is not None:
            return self._named
        version = release.release.version
        last = last_assessment(self._reading, release.system, version, as_of=self._now)
        if last is None:
            return None
        if last.bundle not in self._read:
            text = load_bundle_text(self._reading, last.bundle)
            self._read[last.bundle] = side_of(_recorded(text, f"{release.system} {version}"))
        return self._read[last.bundle]


def _recorded(text: str, release: str) -> Ruling:
    """Return what a release was assessed by.

    Raises:
        AuthorError: it cannot be used any more, as after a new edition of a catalog.
    """
    try:
        return recorded_ruling(json.loads(text))
    except AuthorError as error:
        hint = "It was last assessed by that. Name what to compare with: --in-force FILE"
        where = f"what is in force for {release}"
        raise AuthorError(error.code, error.message, where=where, hint=hint) from error


def matching(ruling: Ruling, globs: Sequence[str]) -> tuple[str, ...]:
    """Return patterns of the policies to compare, each of which names one of the new criteria.

    Raises:
        AuthorError: ``policy-unmatched``.
    """
    for glob in globs:
        if not any(fnmatchcase(one.id, glob) for one in ruling.bundle.policies):
            raise AuthorError("policy-unmatched", f"no policy matches {glob!r}", where="--policy")
    return tuple(globs)


def _release(
    past: Past, record_: ReleaseRecord, old: Side | None, new: Side, asked: Asked
) -> _Found:
    """Return what becomes of one release, from the first document about it: before, nothing is."""
    version = record_.release.version
    before = old or Side(new.ruling, {})
    policies = (*new.policies.values(), *before.policies.values())
    shown = about_release(past, version, policies)
    first = min((seen_since(past, one) for one in shown), default=asked.since)
    since = max(asked.since, record_.registered_at, first)
    stretch = Stretch(past, version, since, asked.until)
    if not shown:
        return _Found(
            _head(stretch, record_.system, old, 0, ()), (), (), 0, frozenset(), applies=False
        )
    differences: list[Difference] = []
    foreseen: list[Foreseen] = []
    runs: dict[str, tuple[Run, ...]] = {}
    for policy in dict.fromkeys([*new.policies, *before.policies]):
        if asked.globs and not any(fnmatchcase(policy, glob) for glob in asked.globs):
            continue
        if _is_touched(past, before, new, policy):
            sides = (run_of(before, policy, stretch), run_of(new, policy, stretch))
            differences += _differences(sides, (before, new), stretch, asked)
            runs[policy] = sides
        else:
            runs[policy] = _ahead(new, policy, stretch, asked.now)
        foreseen += _foreseen(runs[policy][-1], asked) if runs[policy] else ()
    return _Found(
        _head(stretch, record_.system, old, len(shown), differences),
        tuple(differences),
        tuple(foreseen),
        sum(one.judged for each in runs.values() for one in each),
        frozenset(policy for policy, each in runs.items() if any(one.daily for one in each)),
        any(not each or _applies(each[-1]) for each in runs.values()),
    )


def _is_touched(past: Past, old: Side, new: Side, policy: str) -> bool:
    """Tell whether the outcome of a policy can be another on the other side."""
    asks = (policy, *compensating(past, policy))
    return any(asked_of(old, one) != asked_of(new, one) for one in asks)


def _ahead(new: Side, policy: str, stretch: Stretch, now: datetime) -> tuple[Run, ...]:
    """Return the course of a policy from now on; none where the period has ended."""
    if stretch.until <= now:
        return ()
    return (run_of(new, policy, replace(stretch, since=max(now, stretch.since))),)


def _applies(run: Run) -> bool:
    return any(said(one) is not None for turn in run.course for one in turn.findings.values())


def _differences(
    runs: tuple[Run, Run], sides: tuple[Side, Side], stretch: Stretch, asked: Asked
) -> Iterator[Difference]:
    """Yield where a policy comes to something else, each with its causes and its reason."""
    for one in apart(runs[0].course, runs[1].course, stretch.until):
        held = next(each for each in (one.new, one.old) if each is not None)
        old, new = (run.told_at(one.since).get(one.rule) for run in runs)
        policies = (sides[0].policies.get(held.policy), sides[1].policies.get(held.policy))
        yield Difference(
            system=held.system,
            release=held.release,
            policy=held.policy,
            rule=one.rule,
            severity=held.severity,
            since=one.since,
            until=one.until,
            old=None if one.old is None else one.old.outcome,
            old_disposition=None if one.old is None else one.old.disposition,
            new=None if one.new is None else one.new.outcome,
            new_disposition=None if one.new is None else one.new.disposition,
            effect=effect_of(said(one.old), said(one.new)),
            causes=_causes(one, runs),
            reason=reason_of(new),
            criteria=asked_otherwise(policies, old, new),
            forecast=one.since > asked.now,
        )


def _causes(one: Apart, runs: tuple[Run, Run]) -> tuple[Cause, ...]:
    """Return what made a difference begin; at the beginning of the period it is the criteria."""
    turns = (one.old_turn, one.new_turn)
    met = {
        cause
        for run, turn in zip(runs, turns, strict=True)
        if turn is not None
        for cause in causes_of(one.rule, turn, run.recall, run.judge)
    }
    order: tuple[Cause, ...] = ("evidence", "subject", "waiver", "time")
    return tuple(cause for cause in order if cause in met) or ("policy",)


def _foreseen(run: Run, asked: Asked) -> Iterator[Foreseen]:
    """Yield what runs out later than now."""
    for rule, turn, before, after in turned_after(run.course, asked.now):
        yield Foreseen(
            system=after.system,
            release=after.release,
            policy=after.policy,
            rule=rule,
            severity=after.severity,
            at=turn.at,
            before=before.outcome,
            after=after.outcome,
            disposition=after.disposition,
            reason=verdict_of(run.told_at(turn.at)[rule]),
        )


def _head(
    stretch: Stretch,
    system: str,
    old: Side | None,
    documents: int,
    differences: Sequence[Difference],
) -> ReplayedRelease:
    met: Counter[Effect] = Counter(effect for effect, _policy, _rule in _met(differences))
    return ReplayedRelease(
        system=system,
        release=stretch.release,
        since=stretch.since,
        in_force=None if old is None else old.ruling.bundle.digest,
        documents=documents,
        flips=any(effect != _NOT_A_FLIP for effect in met),
        effects=dict(met),
    )


def _met(differences: Sequence[Difference]) -> set[tuple[Effect, str, str]]:
    return {(one.effect, one.policy, one.rule) for one in differences}


def _answer(asked: Asked, found: Sequence[_Found], later: Sequence[str]) -> Replay:
    releases = tuple(one.head for one in found)
    differences = tuple(each for one in found for each in one.differences)
    deciding: list[Effect] = [
        one.effect for one in differences if one.severity.rank >= asked.fail_on.rank
    ]
    is_shown = any(one.applies and one.head.documents for one in found)
    return Replay(
        bundle=asked.ruling.bundle.digest,
        since=asked.since,
        until=asked.until,
        now=asked.now,
        summary=summary_of(releases, since=asked.since, until=asked.until, now=asked.now),
        releases=releases,
        differences=differences,
        foreseen=tuple(
            sorted((each for one in found for each in one.foreseen), key=lambda one: one.at)
        ),
        judged=sum(one.judged for one in found),
        daily=tuple(sorted({policy for one in found for policy in one.daily})),
        later=tuple(later),
        exit=exit_of(deciding, is_shown=is_shown),
    )
