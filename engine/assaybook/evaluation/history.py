"""``last``: the newest so many documents of one source, oldest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from assaybook.domain.policy import Need
from assaybook.domain.values import Bag, Member, Row, Unknown, unknown
from assaybook.evaluation.rows import merged, reading_of
from assaybook.evaluation.selection import Candidate, Freshness, by_source


@dataclass(frozen=True, slots=True)
class History:
    """Rows of the newest documents, oldest first, each with ``at`` and ``run``."""

    bag: Bag
    counted: tuple[Candidate, ...]
    older: tuple[Candidate, ...]
    gaps: tuple[Unknown, ...]


def bind_last(
    need: Need,
    candidates: Sequence[Candidate],
    freshness: Freshness,
    *,
    within: timedelta | None,
    matching: Callable[[Bag], Bag],
) -> History:
    """Return the history that a need with ``last`` asks for.

    Each document is another blob and lends a sure row. Two sources are a conflict; fewer
    documents than asked, too few.
    """
    wanted = need.last or 0
    useful = [(one, bag) for one in candidates if (bag := _own(need, one, matching)) is not None]
    undated = [one for one, _bag in useful if one.at is None]
    gaps: list[Unknown] = []
    if len(by_source(one for one, _bag in useful)) > 1:
        gaps.append(unknown("conflict", need.name, "two sources lend such rows"))
    if undated:
        gaps.append(unknown("undated", need.name, "a document does not say when it was produced"))
    dated = sorted(
        ((one, bag) for one, bag in useful if one.at is not None),
        key=lambda pair: (pair[0].at or freshness.as_of, pair[0].id),
    )
    distinct = list({one.evidence.envelope.blob: (one, bag) for one, bag in dated}.values())
    newest = distinct[-wanted:]
    if len(newest) < wanted:
        gaps.append(unknown("too_few", need.name, f"{len(newest)} of {wanted} documents"))
    gaps += _ages(need, [one for one, _bag in newest], freshness, within)
    members = tuple(_stamped(one, member) for one, bag in newest for member in bag.members)
    chosen = {one.id for one, _bag in newest}
    return History(
        Bag(members, label=need.name, kind=need.facts),
        tuple(one for one, _bag in newest),
        tuple(one for one, _bag in useful if one.id not in chosen),
        tuple(gaps),
    )


def _own(need: Need, one: Candidate, matching: Callable[[Bag], Bag]) -> Bag | None:
    facts = [fact for fact in one.evidence.facts if fact.type == need.facts]
    bag = matching(merged(need.name, need.facts, (reading_of(f, one.evidence) for f in facts)))
    return bag if any(member.doubt is None for member in bag.members) else None


def _stamped(one: Candidate, member: Member) -> Member:
    row = member.value
    if not isinstance(row, Row):
        return member
    values = {**row.values, "at": one.at, "run": one.evidence.envelope.run}
    return replace(member, value=replace(row, values=values))


def _ages(
    need: Need, newest: Sequence[Candidate], freshness: Freshness, within: timedelta | None
) -> list[Unknown]:
    if not newest:
        return []
    found: list[Unknown] = []
    limits = ((newest[-1].at, freshness.limit, "newest"), (newest[0].at, within, "oldest"))
    for at, limit, which in limits:
        if at is not None and limit is not None and freshness.as_of - at > limit:
            days = (freshness.as_of - at).days
            found.append(unknown("stale", need.name, f"the {which} is {days} days old"))
    return found
