"""Which documents have no say any more, whatever is asked, and which have at an instant.

A document is spent once another of its kind was received that is newer and answers whole: the same
source, about the same, as well known, and with the same questions. For every need and release the
two are candidates or not alike, and from then on the older one is superseded by the newer one, or
by what superseded that. So what is judged at an instant grows with what stands, not with what ever
came. Documents that hold answers of persons are never spent.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import Final, TypeAlias

from assaybook.domain.documents import Evidence
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Metric
from assaybook.domain.record import record
from assaybook.evaluation.selection import (
    Candidate,
    by_source,
    groups_of,
    instant_of,
    is_complete,
    source_of,
    when,
)

_PERSONS: Final = "attestation"
Kind: TypeAlias = tuple[object, ...]


@record
class Spending:
    """The documents that are spent, by id, with the instant from which on they are.

    ``told`` is the same, save that of each kind it keeps the first that was spent, and the last by
    id of what had been received: by these a missing answer is told in the same words.
    """

    since: Mapping[str, datetime]
    told: Mapping[str, datetime]


@record
class _Together:
    """Documents of one kind that stand together, with whether they can take another's place."""

    documents: tuple[Candidate, ...]
    first: datetime
    last: datetime
    received: datetime
    answers: bool


def spent(
    evidence: Sequence[Evidence],
    families: frozenset[str],
    retired: Sequence[datetime],
    replaced: Sequence[datetime] = (),
) -> Spending:
    """Return which documents that lend some families of facts are spent, and since when.

    ``evidence`` is all that can ever be seen of the sources, ``retired`` holds the instants at
    which sources are retired, and ``replaced`` those at which a release got other artifacts, in
    order: what was received on both sides of one is not alike.
    """
    sides = _Sides(tuple(retired), tuple(replaced))
    kinds: dict[Kind, list[_Together]] = {}
    for documents in by_source(_dated(evidence)).values():
        for group in groups_of(documents):
            kind, *others = {_kind(one.evidence, families, sides) for one in group}
            if kind is not None and not others:
                kinds.setdefault(kind, []).append(_together(group, families))
    since: dict[str, datetime] = {}
    told: dict[str, datetime] = {}
    for groups in kinds.values():
        mine = dict(_spent_of(groups))
        since |= mine
        told |= _told(groups, mine)
    return Spending(since, told)


def _dated(evidence: Iterable[Evidence]) -> Iterator[Candidate]:
    for one in evidence:
        at = instant_of(one)
        if at is not None:
            yield Candidate(one, at)


@record
class _Sides:
    """Instants that part what was received up to them, or before them, from what came later."""

    retired: tuple[datetime, ...]
    replaced: tuple[datetime, ...]

    def of(self, received: datetime) -> tuple[int, int]:
        """Return between which of them something was received."""
        return bisect_left(self.retired, received), bisect_right(self.replaced, received)


def _kind(evidence: Evidence, families: frozenset[str], sides: _Sides) -> Kind | None:
    """Return all of a document that tells whether it is a candidate, and for what.

    None is one that holds an answer of a person.
    """
    if any(fact.type == _PERSONS for fact in evidence.facts):
        return None
    envelope = evidence.envelope
    return (
        source_of(evidence),
        envelope.subject,
        envelope.assurance,
        envelope.declared_assurance,
        frozenset(envelope.declared),
        sides.of(envelope.received_at),
        _questions(evidence, families),
        frozenset((one.kind, one.name) for one in evidence.facts if isinstance(one, Metric)),
    )


def _questions(evidence: Evidence, families: frozenset[str]) -> frozenset[str]:
    said = {row.question for row in evidence.coverage} | {question_of(f) for f in evidence.facts}
    return frozenset(one for one in said if one.partition("/")[0] in families)


def _together(group: Sequence[Candidate], families: frozenset[str]) -> _Together:
    received = {one.evidence.envelope.received_at for one in group}
    times = [when(one) for one in group]
    answers = len(received) == 1 and all(_is_whole(one.evidence, families) for one in group)
    return _Together(tuple(group), min(times), max(times), max(received), answers)


def _is_whole(evidence: Evidence, families: frozenset[str]) -> bool:
    """Tell whether coverage is complete for all that is asked, whoever may accept skips."""
    return all(
        is_complete(evidence, question, may_skip=frozenset(), least=1.0)
        for question in _questions(evidence, families)
    )


def _spent_of(groups: Sequence[_Together]) -> Iterator[tuple[str, datetime]]:
    """Yield the documents of one kind that are spent, with the instant, in the order of these."""
    standing: list[tuple[datetime, int]] = []
    ordered = sorted(groups, key=lambda one: (one.received, one.last))
    for number, newer in enumerate(ordered):
        while newer.answers and standing and standing[0][0] < newer.first:
            _last, older = heappop(standing)
            for one in ordered[older].documents:
                yield one.id, newer.received
        heappush(standing, (newer.last, number))


def _told(groups: Sequence[_Together], mine: Mapping[str, datetime]) -> dict[str, datetime]:
    """Return since when what is spent is of no use for the words either."""
    every = sorted(
        (one for group in groups for one in group.documents),
        key=lambda one: (one.evidence.envelope.received_at, one.id),
    )
    found = dict(mine)
    highest: str | None = None
    for one in every:
        if highest is None or one.id > highest:
            received = one.evidence.envelope.received_at
            if highest in found:
                found[highest] = max(found[highest], received)
            highest = one.id
    for kept in (highest, next(iter(mine), None)):
        found.pop(kept or "", None)
    return found


def standing_at(
    evidence: Sequence[Evidence], ends: Mapping[str, datetime]
) -> Callable[[datetime], tuple[Evidence, ...]]:
    """Return what gives the documents that were received by an instant and end later than it.

    They come in the order in which they were given. Work grows with those that are given back.
    """
    begins = [one.envelope.received_at for one in evidence]
    until = [ends.get(one.envelope.id) for one in evidence]
    times = sorted({*begins, *(end for end in until if end is not None)})
    size = len(times)
    # A tree of stretches of time: each document is at the few nodes that make up its own.
    nodes: list[list[int]] = [[] for _ in range(2 * size)]
    for number, (begin, end) in enumerate(zip(begins, until, strict=True)):
        left = bisect_left(times, begin) + size
        right = (size if end is None else bisect_left(times, end)) + size
        while left < right:
            if left % 2:
                nodes[left].append(number)
                left += 1
            if right % 2:
                right -= 1
                nodes[right].append(number)
            left, right = left // 2, right // 2

    def standing(at: datetime) -> tuple[Evidence, ...]:
        begun = bisect_right(times, at)
        place = begun - 1 + size if begun else 0
        found: list[int] = []
        while place:
            found += nodes[place]
            place //= 2
        return tuple(evidence[number] for number in sorted(found))

    return standing
