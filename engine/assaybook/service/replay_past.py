"""What was recorded of a system until an instant, so that it can be recalled as of any earlier one.

It is read once. What people recorded is kept by the moments at which it changed, and evidence is
seen from the instant at which it was received; one that names no system is seen once a release
with an artifact of its digest is registered, as an assessment would see it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from typing import TypeAlias

from assaybook.domain.documents import Evidence
from assaybook.domain.policy import Policy
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.evaluation.about import Target, binding, targets
from assaybook.evaluation.replay import Known, Recall
from assaybook.evaluation.spent import Spending, spent, standing_at
from assaybook.store.decisions import retirements_of, waivers_of
from assaybook.store.evidence import evidence_for
from assaybook.store.period import decided_between
from assaybook.store.subjects import ReleaseRecord, find_system, releases_of
from assaybook.store.unit_of_work import Reading

ATTESTATION = "attestation"
Seen: TypeAlias = Callable[[datetime], tuple[Evidence, ...]]
"""Gives the documents that count as received by an instant, in the order of ids."""


@record
class Moment:
    """What people had recorded of a system from an instant on: releases by version, decisions."""

    at: datetime
    subjects: dict[str, Subject]
    waivers: tuple[Waiver, ...]
    retirements: tuple[Retirement, ...]
    digests: frozenset[str]


@record
class Lent:
    """The documents that lend what policies read, which of them are spent, and what they tell.

    ``told`` gives those by which an outcome is said in the words of an assessment.
    """

    evidence: tuple[Evidence, ...]
    spending: Spending
    told: Seen


@record
class Past:
    """A system from one instant to another: its moments, the first at the beginning, and evidence.

    ``evidence`` is all that was received by the end, in the order of ids. ``lent`` keeps what has
    been looked for in it: it is the same for every release.
    """

    releases: tuple[ReleaseRecord, ...]
    moments: tuple[Moment, ...]
    evidence: tuple[Evidence, ...]
    lent: dict[object, Lent] = field(default_factory=dict, compare=False, repr=False)

    def subjects_of(self, release: str) -> tuple[Subject, ...]:
        """Return every subject that a release was, in order of time; each once in a row."""
        found: list[Subject] = []
        for moment in self.moments:
            subject = moment.subjects.get(release)
            if subject is not None and subject not in found[-1:]:
                found.append(subject)
        return tuple(found)

    def waivers_of(self, policy: str) -> tuple[Waiver, ...]:
        """Return every version of every waiver of a policy."""
        found = (one for moment in self.moments for one in moment.waivers if one.policy == policy)
        return tuple(dict.fromkeys(found))


def past_of(reading: Reading, system: str, *, since: datetime, until: datetime) -> Past:
    """Read what was recorded of a system, as much of it as can decide in a period.

    Raises:
        OperatorError: ``reading-missing``.
    """
    decided = decided_between(reading, system, since=since, until=until)
    return Past(
        releases=releases_of(reading, system),
        moments=tuple(_moment(reading, system, at) for at in sorted({since, *decided})),
        evidence=evidence_for(reading, system, as_of=until),
    )


def _moment(reading: Reading, system: str, at: datetime) -> Moment:
    found = find_system(reading, system, as_of=at)
    known = releases_of(reading, system, as_of=at)
    releases = {one.release.version: one.release for one in known}
    subjects = {
        one.release.version: Subject(
            system=found.system,
            release=one.release,
            baseline=releases.get(one.release.baseline or ""),
            replaced_at=one.replaced_at,
        )
        for one in known
        if found is not None
    }
    return Moment(
        at=at,
        subjects=subjects,
        waivers=waivers_of(reading, system, as_of=at),
        retirements=retirements_of(reading, system, as_of=at),
        digests=frozenset(each.digest for one in releases.values() for each in one.artifacts),
    )


def lent_to(policies: Sequence[Policy], past: Past) -> Lent:
    """Return the documents that lend what policies read: their families of facts, or answers.

    A history asks for more than the newest, so where there is one nothing is ever spent.
    """
    needs = [need for policy in policies for need in policy.needs.values()]
    families = frozenset(need.facts for need in needs)
    looked = families
    if any(rule.attested for policy in policies for rule in policy.rules):
        looked |= {ATTESTATION}
    whole = any(need.last is not None for need in needs)
    if (looked, whole) not in past.lent:
        evidence = tuple(one for one in past.evidence if _lends(one, looked))
        retired = sorted({one.at for moment in past.moments for one in moment.retirements})
        known = (one for moment in past.moments for one in moment.subjects.values())
        replaced = replacements(known)
        spending = Spending({}, {}) if whole else spent(evidence, families, retired, replaced)
        told = standing_at(evidence, spending.told)
        past.lent[looked, whole] = Lent(evidence, spending, told)
    return past.lent[looked, whole]


def _lends(evidence: Evidence, families: frozenset[str]) -> bool:
    return any(fact.type in families for fact in evidence.facts) or any(
        row.question.partition("/")[0] in families for row in evidence.coverage
    )


def able_to_decide(
    policies: Sequence[Policy], subjects: Sequence[Subject], evidence: Sequence[Evidence]
) -> tuple[Evidence, ...]:
    """Return the documents that can change an outcome for a release: those about what is asked.

    One that is about nothing that a need asks of is never a candidate; it may change the words in
    which a missing answer is told, and no outcome.
    """
    speaks = _speaking(_wanted(policies, subjects))
    return tuple(
        one
        for one in evidence
        if any(fact.type == ATTESTATION for fact in one.facts) or speaks(one)
    )


def about_release(past: Past, release: str, policies: Sequence[Policy]) -> tuple[Evidence, ...]:
    """Return the documents about a release, or about something of it that policies ask of."""
    subjects = past.subjects_of(release)
    itself = {(Target("release", one.release), one) for one in subjects}
    wanted = _wanted(policies, subjects) | itself
    return tuple(filter(_speaking(wanted), past.evidence))


def _wanted(
    policies: Sequence[Policy], subjects: Sequence[Subject]
) -> frozenset[tuple[Target, Subject]]:
    """Return what needs ask of, with what the release was then."""
    return frozenset(
        (target, subject)
        for subject in subjects
        for policy in policies
        for need in policy.needs.values()
        for target in targets(need.about, subject)
        if not target.problem
    )


def replacements(subjects: Iterable[Subject]) -> list[datetime]:
    """Return the instants at which releases became ones of other bytes, in order."""
    return sorted({one.replaced_at for one in subjects if one.replaced_at is not None})


def _speaking(wanted: frozenset[tuple[Target, Subject]]) -> Callable[[Evidence], bool]:
    """Return what tells whether a document is about something; asked once of what names the same.

    What a document is about is in what it names, in the data set of its scope, and in when it was
    received: before or after the release got other artifacts.
    """
    known: dict[object, bool] = {}
    replaced = replacements(subject for _target, subject in wanted)

    def speaks(evidence: Evidence) -> bool:
        envelope = evidence.envelope
        side = bisect_right(replaced, envelope.received_at)
        names = (envelope.subject, envelope.scope.dataset, side)
        if names not in known:
            known[names] = any(
                binding(envelope, target, subject) != "other" for target, subject in wanted
            )
        return known[names]

    return speaks


def seen_since(past: Past, evidence: Evidence) -> datetime:
    """Return since when a document is seen; by the end of a past each of it is."""
    received = evidence.envelope.received_at
    if evidence.envelope.subject.system is not None:
        return received
    return max(received, next(one.at for one in past.moments if _is_bound(evidence, one)))


def recall_of(past: Past, release: str, seen: Seen) -> Recall:
    """Return what gives what was known of a release at an instant, of some documents."""
    times = [one.at for one in past.moments]

    def recall(at: datetime) -> Known:
        moment = past.moments[bisect_right(times, at) - 1]
        return Known(
            subject=moment.subjects[release],
            evidence=tuple(
                one
                for one in seen(at)
                if one.envelope.subject.system is not None or _is_bound(one, moment)
            ),
            retirements=moment.retirements,
            waivers=moment.waivers,
        )

    return recall


def _is_bound(evidence: Evidence, moment: Moment) -> bool:
    return any(one.digest in moment.digests for one in evidence.envelope.subject.artifacts)


def turns_of(
    past: Past, release: str, policy: str, evidence: Sequence[Evidence], recall: Recall
) -> Iterator[datetime]:
    """Yield the moments at which what people recorded can change the outcome of a policy."""
    before: object = None
    unnamed = any(one.envelope.subject.system is None for one in evidence)
    for moment in past.moments:
        if release not in moment.subjects:
            continue
        known = (
            moment.subjects[release],
            tuple(one for one in moment.waivers if one.policy == policy),
            moment.retirements,
            recall(moment.at).evidence if unnamed else (),
        )
        if known != before:
            yield moment.at
        before = known
