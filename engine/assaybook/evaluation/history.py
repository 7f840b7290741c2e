"""``last``: the newest so many documents of one source, oldest first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from assaybook.domain.policy import Need
from assaybook.domain.record import record
from assaybook.domain.values import Bag, Member, Row, Unknown, joined, unknown
from assaybook.evaluation.rows import merged, reading_of
from assaybook.evaluation.selection import Candidate, by_source, when
from assaybook.evaluation.terms import Terms


@record
class History:
    """Rows of the newest documents, oldest first, each with ``at`` and ``run``."""

    bag: Bag
    counted: tuple[Candidate, ...]
    older: tuple[Candidate, ...]
    gaps: tuple[Unknown, ...]
    expires_at: datetime | None
    """When its newest document grows stale or its oldest too old; None where neither can."""


def bind_last(
    need: Need,
    wanted: int,
    candidates: Sequence[Candidate],
    terms: Terms,
    matching: Callable[[Bag], Bag],
) -> History:
    """Return the newest ``wanted`` documents that a need with ``last`` asks for.

    Each document is another blob and lends a sure row; the same bytes stand where they were
    first seen. Two sources are a conflict, and none of their rows is sure, since nobody knows whose
    series is asked for; fewer documents than asked, too few.
    """
    useful = [(one, bag) for one in candidates if (bag := _own(need, one, matching)) is not None]
    undated = [one for one, _bag in useful if one.at is None]
    gaps: list[Unknown] = []
    torn: Unknown | None = None
    if len(by_source(one for one, _bag in useful)) > 1:
        torn = unknown("conflict", need.name, "two sources lend such rows")
        gaps.append(torn)
    if undated:
        gaps.append(unknown("undated", need.name, "a document does not say when it was produced"))
    dated = sorted(
        ((one, bag) for one, bag in useful if one.at is not None),
        key=lambda pair: (when(pair[0]), pair[0].id),
    )
    first: dict[str, tuple[Candidate, Bag]] = {}
    for one, bag in dated:
        first.setdefault(one.evidence.envelope.blob, (one, bag))
    distinct = list(first.values())
    newest = distinct[-wanted:]
    if len(newest) < wanted:
        gaps.append(unknown("too_few", need.name, f"{len(newest)} of {wanted} documents"))
    gaps += _ages(need, [one for one, _bag in newest], terms)
    members = tuple(_stamped(one, member, torn) for one, bag in newest for member in bag.members)
    chosen = {one.id for one, _bag in newest}
    ends = _limits([one for one, _bag in newest], terms)
    return History(
        Bag(members, label=need.name, kind=need.facts),
        tuple(one for one, _bag in newest),
        tuple(one for one, _bag in useful if one.id not in chosen),
        tuple(gaps),
        min((at + limit for at, limit, _which in ends), default=None),
    )


def _own(need: Need, one: Candidate, matching: Callable[[Bag], Bag]) -> Bag | None:
    facts = [fact for fact in one.evidence.facts if fact.type == need.facts]
    bag = matching(merged(need.name, need.facts, (reading_of(f, one.evidence) for f in facts)))
    return bag if any(member.doubt is None for member in bag.members) else None


def _stamped(one: Candidate, member: Member, torn: Unknown | None) -> Member:
    row = cast("Row", member.value)
    values = {**row.values, "at": one.at, "run": one.evidence.envelope.run}
    doubts = [doubt for doubt in (member.doubt, torn) if doubt is not None]
    return Member(replace(row, values=values), joined(doubts) if doubts else None)


def _ages(need: Need, newest: Sequence[Candidate], terms: Terms) -> list[Unknown]:
    found: list[Unknown] = []
    for at, limit, which in _limits(newest, terms):
        age = terms.freshness.as_of - at
        if age > limit:
            found.append(unknown("stale", need.name, f"the {which} is {age.days} days old"))
    return found


def _limits(newest: Sequence[Candidate], terms: Terms) -> list[tuple[datetime, timedelta, str]]:
    """Return the instants of a history that may grow too old, with how old they may be."""
    if not newest:
        return []
    ends = ((newest[-1], terms.freshness.limit, "newest"), (newest[0], terms.within, "oldest"))
    return [(when(one), limit, which) for one, limit, which in ends if limit is not None]
