"""Which documents count for one question of one need: by source, the newest, whole.

A newer document replaces an older one only where its coverage of the question is known and
complete. Documents of one submission, or of one instant, stand together: order decides nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.durations import duration_words
from assaybook.domain.evidence import Coverage
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Attack, DataCheck
from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.domain.values import Unknown, unknown

SUPERSEDED: Final = "superseded"
_UNDATED: Final = "nobody said when it was produced"

Source = tuple[str, str, str | None, str | None, str | None, str | None]


@record
class Candidate:
    """A document that could count: about the target, and strong enough.

    ``at`` is when it was produced, as far as known and never after it was received; ``strength``
    is how well the weakest part of its answer is known.
    """

    evidence: Evidence
    at: datetime | None
    strength: Assurance = Assurance.SELF

    @property
    def id(self) -> str:
        """Return the evidence id."""
        return self.evidence.envelope.id


@record
class Choice:
    """What one source answers to one question."""

    counted: tuple[Candidate, ...]
    left_out: tuple[tuple[Candidate, str, str], ...]
    """Document, code and a sentence."""
    gaps: tuple[Unknown, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know of it; it decides nothing."""


@record
class Freshness:
    """What a need asks of age: ``limit`` None where it asks nothing."""

    limit: timedelta | None
    as_of: datetime


def source_of(evidence: Evidence) -> Source:
    """Return where documents that replace each other come from."""
    envelope = evidence.envelope
    scope = envelope.scope
    tool = envelope.producer.tool
    return (envelope.format, tool, scope.dataset, scope.split, scope.path, scope.job)


def instant_of(evidence: Evidence) -> datetime | None:
    """Return when a document was produced: claimed or observed, never after it was received."""
    envelope = evidence.envelope
    said = envelope.produced_at or envelope.observed_at
    return None if said is None else min(said, envelope.received_at)


def coverage_of(evidence: Evidence, question: str) -> tuple[Coverage, ...]:
    """Return the coverage rows of one question."""
    return tuple(row for row in evidence.coverage if row.question == question)


def lent(evidence: Evidence, question: str) -> int:
    """Return how many facts of one question a document lends."""
    return sum(question_of(fact) == question for fact in evidence.facts)


def _told_in_full(evidence: Evidence, question: str) -> int:
    """Return how many of the failures that a document reports it can mean by the rows it lends.

    A check that passed is none of them; of other types every row is something that was found.
    """
    return sum(
        question_of(fact) == question
        and not (isinstance(fact, DataCheck) and fact.status == "pass" and not fact.failed)
        for fact in evidence.facts
    )


def speaks_to(evidence: Evidence, question: str) -> bool:
    """Tell whether a document has an answer, or a gap, for a question."""
    return any(row.question == question for row in evidence.coverage) or any(
        question_of(fact) == question for fact in evidence.facts
    )


def looked_at(evidence: Evidence, question: str) -> bool:
    """Tell whether a document may have examined something for a question, or lends a row of it."""
    rows = coverage_of(evidence, question)
    return any(row.examined != 0 for row in rows) or bool(lent(evidence, question))


def gaps_of(
    evidence: Evidence, question: str, *, may_skip: frozenset[str], least: float
) -> tuple[Unknown, ...]:
    """Return why a document leaves a question open although it was counted.

    Errors, attempts of which nobody knows what came of them, skips that nobody accepted beyond the
    share that may be missing, and more failures than it lends rows. Unknown counts are no gap
    here; they prove nothing elsewhere.
    """
    found: list[Unknown] = []
    path = f"{question} in {evidence.envelope.name or evidence.envelope.id}"
    rows = coverage_of(evidence, question)
    for row in rows:
        if row.errored:
            found.append(unknown("errored", path, f"{row.errored} could not be examined"))
        skipped = open_skips(row, may_skip)
        examined = row.examined or 0
        if skipped and examined < least * (examined + skipped):
            found.append(unknown("skipped", path, f"{skipped} skipped, {examined} examined"))
    undecided = _undecided(evidence, question)
    if undecided and not any(row.errored for row in rows):
        found.append(unknown("errored", path, f"{undecided} attempts could not be decided"))
    failed = sum(row.failed or 0 for row in rows)
    have = _told_in_full(evidence, question) if failed else 0
    if failed > have:
        message = f"it reports {failed} failures and shows {have} of them"
        found.append(unknown("missing", path, message))
    if evidence.envelope.malformed:
        found.append(unknown("malformed", path, "only a part of the document could be read"))
    return tuple(found)


def _undecided(evidence: Evidence, question: str) -> int:
    """Return of how many attempts of a question nobody knows what came of them."""
    if question.partition("/")[0] != "attack":
        return 0
    return sum(
        fact.undecided or 0
        for fact in evidence.facts
        if isinstance(fact, Attack) and question_of(fact) == question
    )


def open_skips(row: Coverage, may_skip: frozenset[str]) -> int:
    """Return how many were skipped without anyone accepting it by name."""
    accepted = sum(item in may_skip for item in row.skipped_items)
    return max(0, (row.skipped or len(row.skipped_items)) - accepted)


def is_complete(
    evidence: Evidence, question: str, *, may_skip: frozenset[str], least: float
) -> bool:
    """Tell whether coverage of a question is known, not nothing, without a gap and no nonsense."""
    rows = coverage_of(evidence, question)
    told = lent(evidence, question) > 0
    known = bool(rows) and all(
        row.examined is not None
        and row.failed is not None
        and row.errored is not None
        and row.skipped is not None
        and _adds_up(row.examined, row.passed, row.failed + row.errored + row.skipped, told=told)
        for row in rows
    )
    return (
        known
        and any(row.examined for row in rows)
        and not gaps_of(evidence, question, may_skip=may_skip, least=least)
    )


def _adds_up(examined: int, passed: int | None, others: int, *, told: bool) -> bool:
    """Tell whether each item is accounted for, where a document says how many passed.

    Without a row, an item that neither passed nor came to anything else is one that nobody may
    have looked at. A row can stand for many.
    """
    return passed is None or (passed <= examined and (told or examined <= passed + others))


def choose(
    documents: Sequence[Candidate],
    question: str,
    freshness: Freshness,
    *,
    may_skip: frozenset[str],
    least: float,
) -> Choice:
    """Choose among the documents of one source that speak to one question.

    What is weaker never replaces what is stronger and still fresh: both stand.
    """
    counted: list[Candidate] = []
    left_out: list[tuple[Candidate, str, str]] = []
    gaps: list[Unknown] = []
    dated = [one for one in documents if one.at is not None]
    answers: list[tuple[datetime, Assurance]] = []
    answered: Assurance | None = None
    newest: list[Candidate] = []
    for group in groups_of(dated):
        standing: list[Candidate] = []
        replaced: list[Candidate] = []
        for one in group:
            (replaced if _is_replaced(one, answered, freshness) else standing).append(one)
        left_out += [(one, SUPERSEDED, "a newer document answers whole") for one in replaced]
        if not standing:
            continue
        counted += standing
        if all(
            is_complete(one.evidence, question, may_skip=may_skip, least=least) for one in standing
        ):
            answered = min((one.strength for one in standing), key=lambda one: one.rank)
            newest = newest or standing
            answers.append((max(map(when, standing)), answered))
        elif answered is None:
            gaps += _gap_beside_older(standing, dated, counted, question)
    found = Choice(tuple(counted), tuple(left_out), tuple(gaps))
    chosen = _without_stale(
        _with_undated(found, documents, question, freshness, answers), question, freshness
    )
    before = [one for one, code, _ in left_out if code == SUPERSEDED]
    fresh = [one for one in before if not _is_stale(one, freshness)]
    return replace(chosen, notes=tuple(_shrunk(newest, fresh, question)))


def _shrunk(
    newest: Sequence[Candidate], before: Sequence[Candidate], question: str
) -> Iterator[str]:
    """Yield a word on a newer answer that looked at much less than one that found something.

    That what was found is gone with its file is no news; that more is gone may be, and for good
    reasons too, so it changes nothing. Of several, the one that had looked at most is named.
    """
    now = sum(_examined(one, question) or 0 for one in newest)
    dirty = [(_examined(one, question) or 0, _found(one, question), one) for one in before]
    lost = [each for each in dirty if each[1] and now + each[1] < each[0]]
    for examined, found, one in sorted(lost, key=lambda each: (-each[0], each[2].id))[:1]:
        name = one.evidence.envelope.name or one.id
        yield (
            f"{name} examined {examined} for {question}, found {found}, and was replaced by an "
            f"answer that examined {now}"
        )


def _examined(one: Candidate, question: str) -> int | None:
    """Return how much a document examined for a question; None where that is not known."""
    counts = [row.examined for row in coverage_of(one.evidence, question)]
    return None if None in counts else sum(each for each in counts if each is not None)


def _found(one: Candidate, question: str) -> int:
    """Return how much a document found that should not be there."""
    failed = sum(row.failed or 0 for row in coverage_of(one.evidence, question))
    return max(failed, _told_in_full(one.evidence, question)) if failed else 0


def _with_undated(
    choice: Choice,
    documents: Sequence[Candidate],
    question: str,
    freshness: Freshness,
    answers: Sequence[tuple[datetime, Assurance]],
) -> Choice:
    """Add the documents of unknown age: replaced, left out where age is asked, else counted.

    ``answers`` are the instants of whole answers with their strength: what was received before
    such an instant was made before it too.
    """
    counted, left_out, gaps = list(choice.counted), list(choice.left_out), list(choice.gaps)
    for one in documents:
        if one.at is not None:
            continue
        received = one.evidence.envelope.received_at
        if any(received < made and one.strength.rank <= by.rank for made, by in answers):
            left_out.append((one, SUPERSEDED, "a document made after it was received answers"))
        elif freshness.limit is not None:
            left_out.append((one, "undated", _UNDATED))
            if looked_at(one.evidence, question):
                gaps.append(unknown("undated", _path(question, one), _UNDATED))
        else:
            counted.append(one)
    return Choice(tuple(counted), tuple(left_out), tuple(gaps))


def _is_replaced(one: Candidate, answered: Assurance | None, freshness: Freshness) -> bool:
    """Tell whether a newer whole answer, as strong as ``answered``, takes a document's place."""
    if answered is None:
        return False
    return one.strength.rank <= answered.rank or _is_stale(one, freshness)


def _is_stale(one: Candidate, freshness: Freshness) -> bool:
    """Tell whether a dated document is older than a need allows."""
    limit = freshness.limit
    return one.at is not None and limit is not None and freshness.as_of - one.at > limit


def groups_of(dated: Sequence[Candidate]) -> list[list[Candidate]]:
    """Return documents that stand together, newest group first.

    Those of one submission and those of one instant stand together, and so do groups that share
    a document. Cost grows with the documents.
    """
    home: dict[object, int] = {}
    groups: dict[int, list[tuple[int, Candidate]]] = {}
    for number, one in enumerate(sorted(dated, key=lambda c: (when(c), c.id))):
        joined = {home[tie] for tie in _ties(one) if tie in home}
        # The largest takes the others in, so that no document is moved often.
        target = max(joined, key=lambda each: (len(groups[each]), each), default=number)
        for other in joined - {target}:
            moved = groups.pop(other)
            groups[target] += moved
            home.update((tie, target) for _, member in moved for tie in _ties(member))
        groups.setdefault(target, []).append((number, one))
        home.update((tie, target) for tie in _ties(one))
    ordered = ([one for _, one in sorted(group, key=itemgetter(0))] for group in groups.values())
    return sorted(ordered, key=lambda group: max(map(when, group)), reverse=True)


def _ties(one: Candidate) -> Iterator[tuple[str, object]]:
    """Yield what a document shares with those that stand with it."""
    yield "at", one.at
    if one.evidence.envelope.submission:
        yield "submission", one.evidence.envelope.submission


def when(one: Candidate) -> datetime:
    """Return the instant of a dated document."""
    return one.at if one.at is not None else one.evidence.envelope.received_at


def _gap_beside_older(
    group: Sequence[Candidate],
    dated: Sequence[Candidate],
    counted: Sequence[Candidate],
    question: str,
) -> list[Unknown]:
    """Return the gap that an incomplete newer document opens where older rows stay beside it."""
    if len(counted) == len(dated):
        return []
    first = group[0]
    message = "its coverage is not known to be complete, so older documents stay beside it"
    return [unknown("not_examined", _path(question, first), message)]


def _without_stale(choice: Choice, question: str, freshness: Freshness) -> Choice:
    """Leave out what is too old; its source keeps the list open until it answers again.

    A source that never examined anything for the question has nothing to answer again.
    """
    limit = freshness.limit
    if limit is None:
        return choice
    fresh: list[Candidate] = []
    left_out, gaps = list(choice.left_out), list(choice.gaps)
    for one in choice.counted:
        if one.at is not None and _is_stale(one, freshness):
            old = f"{_old(freshness.as_of - one.at, limit)}, fresh for {duration_words(limit)}"
            left_out.append((one, "stale", old))
            if looked_at(one.evidence, question):
                gaps.append(unknown("stale", _path(question, one), old))
        else:
            fresh.append(one)
    return Choice(tuple(fresh), tuple(left_out), tuple(gaps))


def _old(age: timedelta, limit: timedelta) -> str:
    """Return an age in whole days, or exactly where these would not be over the limit."""
    exact = timedelta(age.days) <= limit
    return (
        f"{duration_words(timedelta(age.days, age.seconds) if exact else timedelta(age.days))} old"
    )


def _path(question: str, one: Candidate) -> str:
    return f"{question} in {one.evidence.envelope.name or one.id}"


def by_source(documents: Iterable[Candidate]) -> dict[Source, list[Candidate]]:
    """Return the documents of each source, in a stable order."""
    found: dict[Source, list[Candidate]] = {}
    for one in sorted(documents, key=lambda c: c.id):
        found.setdefault(source_of(one.evidence), []).append(one)
    return dict(sorted(found.items(), key=lambda item: tuple(str(part) for part in item[0])))
