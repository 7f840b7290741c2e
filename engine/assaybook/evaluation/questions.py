"""The questions of a need, and what stands between them and an answer."""

from collections.abc import Sequence

from assaybook.domain.expression import Expression
from assaybook.domain.fact_types import FACT_TYPES, question_of
from assaybook.domain.facts import Metric
from assaybook.domain.metrics import METRICS
from assaybook.domain.values import Row, Unknown, Value, unknown
from assaybook.evaluation.about import Target
from assaybook.evaluation.run import truth
from assaybook.evaluation.selection import (
    Candidate,
    coverage_of,
    is_complete,
    lent,
    looked_at,
    speaks_to,
)
from assaybook.evaluation.subject_values import scope_row
from assaybook.evaluation.terms import Answering


def questions_of(state: Answering, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the questions of a need: those it names, or those that its ``where`` allows."""
    if state.terms.questions is not None:
        return state.terms.questions
    said = {row.question for one in candidates for row in one.evidence.coverage}
    said |= {question_of(fact) for one in candidates for fact in one.evidence.facts}
    mine = sorted(q for q in said if q.partition("/")[0] == state.need.facts)
    return tuple(question for question in mine if _allowed(state, question, candidates))


def _allowed(state: Answering, question: str, candidates: Sequence[Candidate]) -> bool:
    """Tell whether a row that answers a question could match ``where``.

    A kind of metric is known by its names: those of the alias table, and those that were read.
    """
    need = state.need
    column = FACT_TYPES[need.facts].question
    _family, _slash, word = question.partition("/")
    if need.where is None or not column or not word:
        return True
    open_field = unknown("null", need.name)
    values: dict[str, Value] = {
        name: open_field for name, _type in FACT_TYPES[need.facts].record.fields
    }
    values[column] = word
    if need.facts != "metric":
        return _could_match(state, need.where, values)
    names = {name for name, kind in METRICS.items() if kind.kind == word}
    names |= {
        fact.name
        for one in candidates
        for fact in one.evidence.facts
        if isinstance(fact, Metric) and fact.kind == word
    }
    return any(_could_match(state, need.where, {**values, "name": name}) for name in sorted(names))


def _could_match(state: Answering, where: Expression, values: dict[str, Value]) -> bool:
    row = Row(state.need.facts, state.need.name, values)
    return truth(where, {**state.env, "row": row}) is not False


def unanswered(
    state: Answering,
    target: Target,
    question: str,
    answered: Sequence[Candidate],
    candidates: Sequence[Candidate],
) -> list[Unknown]:
    """Return why a question that a need names is not answered, or not proven.

    Without named questions an ordinary need asks only for a sure match.
    """
    if state.terms.questions is None:
        return []
    path = f"{question} of {target.name}"
    if not answered:
        return _silence(state, target, question, candidates)
    if state.need.may_be_empty:
        return _unproven(state, question, path, answered)
    if all(_examined_nothing(one, question) for one in answered):
        return [unknown("not_examined", path, "nothing was examined")]
    return []


def _silence(
    state: Answering, target: Target, question: str, candidates: Sequence[Candidate]
) -> list[Unknown]:
    """Return why nobody answers; nothing where what was left out has said so already."""
    if any(looked_at(one.evidence, question) for one in candidates):
        return []
    path = f"{question} of {target.name}"
    why = {code: text for one, code, text in state.dismissed if speaks_to(one, question)}
    if why:
        return [unknown(code, path, text) for code, text in why.items()]
    code = "not_examined" if candidates else "missing"
    return [unknown(code, path, f"no document answers {question} about {target.name}")]


def _examined_nothing(one: Candidate, question: str) -> bool:
    """Tell whether a document shows no sign of having looked: no rows, and no count above 0."""
    rows = coverage_of(one.evidence, question)
    if not lent(one.evidence, question):
        return not any(row.examined for row in rows)
    return bool(rows) and all(row.examined == 0 for row in rows)


def _unproven(
    state: Answering, question: str, path: str, answered: Sequence[Candidate]
) -> list[Unknown]:
    """Return what stands between a question and a proof that nothing is there."""
    may_skip, least = state.terms.may_skip, state.need.min_examined
    message = "what was examined is not known to be all, or is nothing"
    gaps = [
        unknown("not_examined", f"{path} in {one.evidence.envelope.name or one.id}", message)
        for one in answered
        if not is_complete(one.evidence, question, may_skip=may_skip, least=least)
    ]
    covers = state.need.covers
    if covers is None:
        return gaps
    scopes = [scope_row(one.evidence.envelope.scope) for one in answered]
    seen = [truth(covers, {**state.env, "scope": scope}) for scope in scopes]
    if any(one is True for one in seen):
        return gaps
    doubts = [one for one in seen if isinstance(one, Unknown)]
    nowhere = "no document looked everywhere that the policy wants covered"
    return [*gaps, *doubts, unknown("not_examined", path, nowhere)]
