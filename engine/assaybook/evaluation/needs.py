"""Needs to lists of rows: which evidence counts, what is left out, and whether the list is closed.

An open list has a ghost: one further row of which nothing is known. So an error or a gap can hide
a pass and never a fail. Only a ``may_be_empty`` need with known, complete coverage of every
question can be proven empty.
"""

from collections.abc import Sequence
from datetime import datetime

from assaybook.domain.documents import Evidence
from assaybook.domain.fact_types import question_of
from assaybook.domain.finding import CoverageShown, LeftOut, NeedUse
from assaybook.domain.policy import Assurance, Need
from assaybook.domain.reasons import Reason, ordered
from assaybook.domain.record import record
from assaybook.domain.values import Bag, Member, Row, Unknown, joined, unknown
from assaybook.domain.waiver import Retirement
from assaybook.evaluation.about import (
    Target,
    binding,
    is_of_another_release,
    targets,
    what_it_is_about,
)
from assaybook.evaluation.current import Placed, current
from assaybook.evaluation.history import bind_last
from assaybook.evaluation.nearest import why_none_matches
from assaybook.evaluation.questions import questions_of, unanswered
from assaybook.evaluation.rows import merged, reading_of
from assaybook.evaluation.run import truth
from assaybook.evaluation.selection import (
    SUPERSEDED,
    Candidate,
    by_source,
    choose,
    coverage_of,
    gaps_of,
    instant_of,
    source_of,
    speaks_to,
)
from assaybook.evaluation.shown import shown
from assaybook.evaluation.terms import Answering, Asked, terms_of

RETIRED = "retired"
_NO_REASONS = frozenset({RETIRED, SUPERSEDED})
"""Why a document was left out that is no reason for an unknown: another answers in its place."""
_NAMES = frozenset({"system", "release"})
"""What a submitter declares by name, and what binds by claim alone leans on."""


@record
class Bound:
    """A need with its rows, how it came to them, and when the first document grows stale."""

    bag: Bag
    use: NeedUse
    left_out: tuple[LeftOut, ...]
    expires_at: datetime | None


def by_family(evidence: Sequence[Evidence]) -> dict[str, tuple[Evidence, ...]]:
    """Index documents by the fact types that they lend rows or coverage of."""
    found: dict[str, list[Evidence]] = {}
    for one in evidence:
        families: set[str] = {fact.type for fact in one.facts}
        families |= {row.question.partition("/")[0] for row in one.coverage}
        for family in sorted(families):
            found.setdefault(family, []).append(one)
    return {family: tuple(documents) for family, documents in found.items()}


def bind(need: Need, asked: Asked) -> Bound:
    """Return the rows of a need for a subject as of an instant; pure, and never raises.

    Where a term of it is not known, nothing in it is: with each value another document may count.
    """
    state = Answering(need, asked, terms_of(need, asked))
    if state.terms.unset:
        state.gaps += state.terms.unset
        return _bound(state, Bag((), label=need.name, kind=need.facts), None)
    wanted = targets(need.about, asked.subject)
    # What is about the release itself is no baseline, and is not about the wrong thing either.
    beside = targets("release", asked.subject) if need.about == "baseline" else ()
    state.elsewhere = _about_any(state, wanted if len(wanted) > 1 else beside)
    unasked: list[Candidate] = []
    for target in wanted:
        if target.problem:
            state.gaps.append(unknown(target.problem, need.name, target.why))
            continue
        candidates = _candidates(state, target)
        if need.last is not None:
            if len(wanted) > 1:
                why = f"a history is of one thing, and the release has {len(wanted)}"
                state.gaps.append(unknown("conflict", need.name, why))
            return _last(state, need.last, candidates)
        questions, known = questions_of(state, candidates), len(state.gaps)
        for question in questions:
            _answer(state, target, question, candidates)
        if len(wanted) > 1 and len(state.gaps) == known:
            state.gaps += _of_nobody(state, target, candidates)
        unasked += () if questions else candidates
    state.gaps += _of_other_models(state)
    every = _rows(state)
    bag = _filtered(state, every)
    if not need.may_be_empty and all(member.doubt is not None for member in bag.members):
        state.gaps.append(_no_sure_match(state, bag, every, unasked))
    limit = state.terms.freshness.limit
    dated = [one.at for one in state.counted.values() if one.at is not None]
    expires = min(dated) + limit if dated and limit is not None else None
    return _bound(state, bag, expires)


def _of_nobody(state: Answering, target: Target, candidates: Sequence[Candidate]) -> list[Unknown]:
    """Return that one of several things is spoken of by nobody: what another showed is not its."""
    if any(one.id in state.counted for one in candidates):
        return []
    code = "not_examined" if candidates else "missing"
    why = f"no document that answers this is about {target.name}"
    return [unknown(code, f"{state.need.name} of {target.name}", why)]


def _of_other_models(state: Answering) -> list[Unknown]:
    """Return which models of a release nothing speaks of, where every document names some of them.

    What was measured of one of two models says nothing of the other; a document that names none
    speaks of the release as a whole.
    """
    release = state.asked.subject.release
    models = {one.digest: one.name for one in release.artifacts if one.kind == "model"}
    if state.need.about != "release" or len(models) == 1:
        return []
    named: set[str] = set()
    for one in state.counted.values():
        mine = {each.digest for each in one.evidence.envelope.subject.artifacts} & models.keys()
        if not mine:
            return []
        named |= mine
    return [
        unknown("missing", f"{state.need.name} of model {name}", "no document is about this model")
        for digest, name in sorted(models.items())
        if named and digest not in named
    ]


def _about_any(state: Answering, wanted: Sequence[Target]) -> frozenset[str]:
    """Return the documents that are about one of several targets; they are none about another."""
    if not wanted:
        return frozenset()
    subject = state.asked.subject
    return frozenset(
        one.envelope.id
        for one in state.asked.by_family.get(state.need.facts, ())
        if any(binding(one.envelope, target, subject) != "other" for target in wanted)
    )


def _candidates(state: Answering, target: Target) -> list[Candidate]:
    """Return the documents about the target that are strong enough; note why others are not."""
    asked, least = state.asked, state.terms.assurance
    found: list[Candidate] = []
    for evidence in asked.by_family.get(state.need.facts, ()):
        envelope = evidence.envelope
        if envelope.received_at > asked.as_of:
            continue
        bound = binding(envelope, target, asked.subject)
        strength = strength_of(evidence, by_claim=bound == "claim")
        one = Candidate(evidence, instant_of(evidence), strength)
        if bound == "other" and envelope.id in state.elsewhere:
            continue
        if bound == "other":
            listed = not is_of_another_release(envelope, asked.subject)
            why = what_it_is_about(envelope, target, asked.subject.system.id)
            state.dismisses(one, "wrong_subject", why, listed=listed)
        elif (retired := _retired(evidence, asked)) is not None:
            state.leaves_out(one, RETIRED, f"{retired.person}: {retired.reason}")
        elif strength.rank < least.rank:
            why = f"its assurance is {strength.value}, {least.value} is asked"
            if bound == "claim" and envelope.assurance.rank >= least.rank:
                why = f"it is {envelope.assurance.value}, and no digest in it is one of the release"
            state.dismisses(one, "low_assurance", why)
            state.notes.append(f"{envelope.name or envelope.id} was not counted: {why}")
        else:
            found.append(one)
    return found


def strength_of(evidence: Evidence, *, by_claim: bool) -> Assurance:
    """Return how strong an answer of a document is: as the weakest part that was used.

    What binds by a digest of its own does not lean on the system or release that was declared.
    """
    envelope = evidence.envelope
    parts = [envelope.assurance]
    if set(envelope.declared) - (set() if by_claim else _NAMES):
        parts.append(envelope.declared_assurance)
    if by_claim:
        parts.append(Assurance.CI)
    return min(parts, key=lambda part: part.rank)


def _retired(evidence: Evidence, asked: Asked) -> Retirement | None:
    source = source_of(evidence)
    for one in asked.retirements:
        named = (one.format, one.tool, one.dataset, one.split, one.path, one.job)
        if named == source and evidence.envelope.received_at <= one.at <= asked.as_of:
            return one
    return None


def _answer(
    state: Answering, target: Target, question: str, candidates: Sequence[Candidate]
) -> None:
    """Choose the documents that answer one question about one target; note what stays open."""
    may_skip, least = state.terms.may_skip, state.need.min_examined
    asking = [one for one in candidates if speaks_to(one.evidence, question)]
    answered: list[Candidate] = []
    for documents in by_source(asking).values():
        choice = choose(documents, question, state.terms.freshness, may_skip=may_skip, least=least)
        state.gaps += choice.gaps
        state.notes += choice.notes
        answered += choice.counted
        for one, code, why in choice.left_out:
            state.leaves_out(one, code, why)
    for one in answered:
        state.counts(one)
        state.readings[one.id, question] = one
        _note_document(state, one, question)
    state.gaps += unanswered(state, target, question, answered, candidates)


def _note_document(state: Answering, one: Candidate, question: str) -> None:
    """Note how far a counted document examined a question, and what it leaves open."""
    accepted, evidence = state.terms.may_skip, one.evidence
    state.gaps += gaps_of(evidence, question, may_skip=accepted, least=state.need.min_examined)
    for number, row in enumerate(coverage_of(evidence, question)):
        state.coverage[evidence.envelope.id, question, number] = CoverageShown(
            evidence=evidence.envelope.id,
            question=question,
            examined=row.examined,
            failed=row.failed,
            errored=row.errored,
            skipped=row.skipped,
            accepted_skips=tuple(item for item in row.skipped_items if item in accepted),
        )


def _rows(state: Answering) -> Bag:
    need = state.need
    placed = (
        Placed(one, reading_of(fact, one.evidence))
        for (_id, question), one in state.readings.items()
        for fact in one.evidence.facts
        if fact.type == need.facts and question_of(fact) == question
    )
    return merged(need.name, need.facts, current(need.facts, placed))


def _filtered(state: Answering, bag: Bag) -> Bag:
    """Keep the rows that match ``where``; one for which that is unknown stays possible."""
    where = state.need.where
    if where is None:
        return bag
    members: list[Member] = []
    for member in bag.members:
        match = truth(where, {**state.env, "row": member.value})
        if isinstance(match, Unknown):
            doubts = [match, *([member.doubt] if member.doubt else [])]
            members.append(Member(member.value, joined(doubts)))
        elif match:
            members.append(member)
    return Bag(tuple(members), label=bag.label, kind=bag.kind)


def _no_sure_match(state: Answering, bag: Bag, every: Bag, unasked: Sequence[Candidate]) -> Unknown:
    """Return why an ordinary need without a sure match is open.

    ``unasked`` are documents about the subject of which no row can match, whatever it says.
    """
    need = state.need
    if bag.members:
        return joined(member.doubt for member in bag.members if member.doubt is not None)
    if state.counted:
        rows = [member.value for member in every.members]
        why = why_none_matches(need.where, rows, state.env, need.facts)
        return unknown("no_match", need.name, why)
    causes = {code: why for code, why in state.left_out.values() if code not in _NO_REASONS}
    causes = causes or {code: why for _document, code, why in state.dismissed}
    if causes:
        return Unknown(ordered(Reason(code, need.name, why) for code, why in causes.items()))
    near = _of_need(need, unasked)
    if near:
        why = why_none_matches(need.where, near, state.env, need.facts)
        return unknown("no_match", need.name, why)
    kind = need.facts.replace("_", " ")
    why = f"no {kind} facts that answer this were submitted about the {need.about}"
    return unknown("missing", need.name, why)


def _of_need(need: Need, documents: Sequence[Candidate]) -> list[Row]:
    """Return the rows of the need's type that documents lend, each as it is given."""
    readings = [
        reading_of(fact, one.evidence)
        for one in documents
        for fact in one.evidence.facts
        if fact.type == need.facts
    ]
    return [Row(need.facts, need.name, {**one.columns}) for one in readings]


def _last(state: Answering, wanted: int, candidates: Sequence[Candidate]) -> Bound:
    """Return a need that asks for a history; what its documents leave open opens the list."""
    history = bind_last(
        state.need,
        wanted,
        candidates,
        state.terms,
        lambda bag: _filtered(state, bag),
    )
    for one in history.counted:
        state.counts(one)
        for question in questions_of(state, [one]):
            _note_document(state, one, question)
    for one in history.older:
        state.leaves_out(one, SUPERSEDED, "only the newest are asked")
    state.gaps += history.gaps
    return _bound(state, history.bag, history.expires_at)


def _bound(state: Answering, bag: Bag, expires: datetime | None) -> Bound:
    need = state.need
    reasons = joined(state.gaps).reasons
    proven = need.may_be_empty and not reasons and not bag.members
    ghost = Unknown(reasons) if reasons else None
    closed = Bag(bag.members, ghost, proven, need.name, need.facts, _extra(state))
    use = NeedUse(
        need=need.name,
        evidence=tuple(sorted(state.counted)),
        rows=sum(member.doubt is None for member in bag.members),
        possible=sum(member.doubt is not None for member in bag.members),
        open=tuple(map(shown, reasons)),
        proven_empty=proven,
        coverage=tuple(state.coverage[key] for key in sorted(state.coverage)),
        notes=tuple(sorted(set(state.notes))),
    )
    left_out = tuple(
        LeftOut(evidence=evidence, code=code, need=need.name, message=why)
        for evidence, (code, why) in sorted(state.left_out.items())
    )
    return Bound(closed, use, left_out, expires)


def _extra(state: Answering) -> dict[str, Bag]:
    """Return ``need.coverage`` and ``need.evidence`` as expressions see them."""
    name, unset = state.need.name, state.terms.unset
    ghost = joined(unset) if unset else None
    coverage = [
        Row(
            "coverage",
            f"{name}.coverage[{row.question}]",
            {
                "question": row.question,
                "examined": row.examined,
                "failed": row.failed,
                "errored": row.errored,
                "skipped": row.skipped,
            },
        )
        for _key, row in sorted(state.coverage.items())
    ]
    documents = [
        Row(
            "evidence",
            f"{name}.evidence[{one.id}]",
            {
                "id": one.id,
                "format": one.evidence.envelope.format,
                "tool": one.evidence.envelope.producer.tool or None,
                "produced_at": one.at,
                "received_at": one.evidence.envelope.received_at,
                "assurance": one.evidence.envelope.assurance.value,
            },
        )
        for _id, one in sorted(state.counted.items())
    ]
    return {
        kind: Bag(tuple(map(Member, rows)), ghost, label=f"{name}.{kind}", kind=kind)
        for kind, rows in (("coverage", coverage), ("evidence", documents))
    }
