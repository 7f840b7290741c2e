"""The questions of a need, and what stands between them and an answer."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from assaybook.domain.expression import Expression
from assaybook.domain.fact_types import FACT_TYPES, question_of
from assaybook.domain.facts import Metric
from assaybook.domain.metrics import METRICS
from assaybook.domain.values import Row, Unknown, Value, unknown
from assaybook.evaluation.about import Target
from assaybook.evaluation.run import is_watched, truth
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

_CACHED: Final = 4096
_AGE: Final = "age"
"""What no condition reckons an age without; one that has it in another word is only kept less."""


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
    _family, _slash, word = question.partition("/")
    if need.where is None or not FACT_TYPES[need.facts].question or not word:
        return True
    read = frozenset(
        fact.name
        for one in candidates
        for fact in one.evidence.facts
        if isinstance(fact, Metric) and fact.kind == word
    )
    trial = _Trial(need.where, state.env, question, read - _usual_names(word))
    return _could_match(trial) if is_watched() else _known_match(trial)


class _Trial:
    """A condition, what it reads besides the row, and a question with the names that were read.

    Two are equal where the same must come of them: an assessment tries every name of the alias
    table for every need, and a replay does so at each instant. Params are told apart by their
    text, since 1 and 1.0 are equal and not the same; the instant counts where an age is asked.
    """

    __slots__ = ("env", "key", "names", "question", "where")

    def __init__(
        self, where: Expression, env: dict[str, Value], question: str, names: frozenset[str]
    ) -> None:
        self.where, self.env, self.question, self.names = where, env, question, names
        at = env["$as_of"] if _AGE in where.text else None
        self.key = (id(where), repr(env["params"]), at, question, names)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Trial) and other.key == self.key


@lru_cache
def _usual_names(kind: str) -> frozenset[str]:
    return frozenset(name for name, one in METRICS.items() if one.kind == kind)


@lru_cache(maxsize=_CACHED)
def _known_match(trial: _Trial) -> bool:
    return _could_match(trial)


def _could_match(trial: _Trial) -> bool:
    """Tell whether some row of the names, of which nothing else is known, may match."""
    facts, _slash, word = trial.question.partition("/")
    kind = FACT_TYPES[facts]
    open_field = unknown("null", facts)
    values: dict[str, Value] = {name: open_field for name, _type in kind.record.fields}
    values[kind.question] = word
    if facts != "metric":
        return _is_possible(trial, values)
    names = sorted(_usual_names(word) | trial.names)
    return any(_is_possible(trial, {**values, "name": name}) for name in names)


def _is_possible(trial: _Trial, values: dict[str, Value]) -> bool:
    row = Row(trial.question.partition("/")[0], trial.question, values)
    return truth(trial.where, {**trial.env, "row": row}) is not False


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
