"""One side of a replay: criteria, and the course of each of their policies for a release.

A policy is judged at the instants at which its own outcome can change, by the judge of every
assessment. With it go the policies whose rules compensate for its waivers, and no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, cast

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Finding
from assaybook.domain.policy import Need, Overlay, Param, Policy, Rule
from assaybook.domain.record import record
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.assess import rule_on
from assaybook.evaluation.judge_policy import Sentence, Setting
from assaybook.evaluation.needs import by_family
from assaybook.evaluation.replay import Judge, Known, Recall, Turn, course_of
from assaybook.evaluation.spent import standing_at
from assaybook.language.sentence import rule_sentence
from assaybook.service.bundles import Ruling
from assaybook.service.period_instants import instants_of_change, unclear_policies
from assaybook.service.replay_past import (
    Lent,
    Past,
    Seen,
    able_to_decide,
    lent_to,
    recall_of,
    turns_of,
)

MOST_INSTANTS: Final = 50_000
_DAY: Final = timedelta(days=1)
_NEAR: Final = "no_match"


@record
class Side:
    """Criteria, with their policies by id."""

    ruling: Ruling
    policies: Mapping[str, Policy]


@record
class Stretch:
    """A release from one instant to another, the end included."""

    past: Past
    release: str
    since: datetime
    until: datetime


@record
class Run:
    """The course of a policy, with what it takes to judge it once more, and in full words.

    ``recall`` gives what can decide, ``whole`` what is told besides, ``all`` every document.
    ``judged`` counts the instants at which it was judged; ``daily`` says that each day is among
    them, since its reckoning with time is not seen through.
    """

    course: tuple[Turn, ...]
    recall: Recall
    judge: Judge
    whole: Recall
    all: Recall
    told: Judge
    judged: int
    daily: bool

    def told_at(self, at: datetime) -> Mapping[str, Finding]:
        """Return the findings at an instant as an assessment as of it has them.

        What was superseded is not listed in them and noted nowhere. It tells nothing else, save
        what came near where nothing matches; there all of it is looked at.
        """
        found = self.told(self.whole(at), at)
        opened = (each for one in found.values() for use in one.needs for each in use.open)
        if any(one.code == _NEAR for one in opened):
            return self.told(self.all(at), at)
        return found


def side_of(ruling: Ruling) -> Side:
    """Return criteria as a side of a replay."""
    return Side(ruling, {one.id: one for one in ruling.bundle.policies})


def asked_of(side: Side, policy: str) -> object:
    """Return all criteria that can decide an outcome of a policy; None where there is none such.

    The params that overlays set, what the scope says, and the catalogs that it cites are among
    them. Equal criteria come to the same, whatever is known.
    """
    found = side.policies.get(policy)
    if found is None:
        return None
    bundle = side.ruling.bundle
    return (
        found.source or found,  # an expression says in which file it stands, which decides nothing
        [one for overlay in bundle.overlays for one in _sets(overlay, policy)],
        bundle.scope.controls,
        bundle.scope.left_out.get(policy),
        {link.catalog: bundle.catalogs.get(link.catalog) for link in found.controls},
    )


def _sets(overlay: Overlay, policy: str) -> Iterator[object]:
    """Yield what an overlay sets of a policy, as it is written where that is known."""
    entries = cast("list[Mapping[str, object]]", overlay.source.get("set", []))
    yield from (one for one in entries if one.get("policy") == policy)
    if not entries:
        yield from (one for one in overlay.sets if one.policy == policy)


def compensating(past: Past, policy: str) -> frozenset[str]:
    """Return the policies whose rules compensate for waivers of a policy."""
    named = (one.compensating or "" for one in past.waivers_of(policy))
    return frozenset(one.partition("/")[0] for one in named) - {"", policy}


def run_of(side: Side, policy: str, stretch: Stretch) -> Run:
    """Judge a policy over a stretch; without such a policy the course is empty.

    Raises:
        UsageError: ``period-too-long``.
    """
    past, release = stretch.past, stretch.release
    beside = compensating(past, policy)
    ids = [policy, *sorted(beside)]
    policies = tuple(side.policies[one] for one in ids if one in side.policies)
    lent = lent_to(policies, past)
    deciding = able_to_decide(policies, past.subjects_of(release), lent.evidence)
    recall = recall_of(past, release, standing_at(deciding, lent.spending.since))
    judge, told = (_judge(side, policies, policy, words) for words in (_unsaid, rule_sentence))
    course: tuple[Turn, ...] = ()
    instants: Sequence[datetime] = ()
    if policy in side.policies:
        instants = _instants(side, policies, stretch, (deciding, lent.spending.since), recall)
        course = course_of(instants, recall, judge)
    whole, every = recall_of(past, release, lent.told), recall_of(past, release, _received(lent))
    daily = bool(unclear_policies(replace(side.ruling.bundle, policies=policies)))
    return Run(course, recall, judge, whole, every, told, len(instants), daily=daily)


def _received(lent: Lent) -> Seen:
    return lambda at: tuple(one for one in lent.evidence if one.envelope.received_at <= at)


def _unsaid(_rule: Rule, _needs: Mapping[str, Need], _params: Mapping[str, Param]) -> str:
    return ""


def _judge(side: Side, policies: tuple[Policy, ...], policy: str, sentence: Sentence) -> Judge:
    bundle = side.ruling.bundle
    catalogs = {one.id: one for one in side.ruling.catalogs}

    def judge(known: Known, at: datetime) -> Mapping[str, Finding]:
        setting = Setting(
            subject=known.subject,
            overlays=bundle.overlays,
            scope=bundle.scope,
            catalogs=catalogs,
            documents={one.envelope.id: one for one in known.evidence},
            by_family=by_family(known.evidence),
            retirements=known.retirements,
            as_of=at,
            sentence=sentence,
        )
        found = rule_on(policies, setting, known.waivers).findings
        return {one.rule: one for one in found if one.policy == policy}

    return judge


def _instants(
    side: Side,
    policies: tuple[Policy, ...],
    stretch: Stretch,
    deciding: tuple[Sequence[Evidence], Mapping[str, datetime]],
    recall: Recall,
) -> Sequence[datetime]:
    """Return the instants of a stretch at which an outcome of policies can change.

    ``deciding`` are the documents that can, and from when on those that are spent no longer do.

    Raises:
        UsageError: ``period-too-long``.
    """
    past, first, until = stretch.past, stretch.since, stretch.until
    evidence, gone = deciding
    bundle = replace(side.ruling.bundle, policies=policies)
    decided: tuple[Waiver | Retirement, ...]
    decided = (*past.waivers_of(policies[0].id), *past.moments[-1].retirements)
    found = {first, until, *turns_of(past, stretch.release, policies[0].id, evidence, recall)}
    for subject in past.subjects_of(stretch.release):
        found |= instants_of_change(bundle, subject, evidence, decided, gone)
    within = sorted(at for at in found if first <= at <= until)
    days = (until - first) // _DAY + 1 if unclear_policies(bundle) else 0
    if len(within) + days > MOST_INSTANTS:
        message = f"{policies[0].id} has {len(within) + days} instants at which it can change"
        hint = f"At most {MOST_INSTANTS} are judged: ask for a shorter period."
        raise UsageError("period-too-long", message, where="--from", hint=hint)
    return sorted({*within, *(first + _DAY * number for number in range(days))})
