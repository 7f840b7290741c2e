"""Needs of a policy: which evidence counts, checked against the fact types."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import Expression
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Assurance, Need, Param
from assaybook.domain.types import DURATION, STRING, ListType, ScalarType
from assaybook.language.build_expressions import Reading
from assaybook.language.document import NeedDocument
from assaybook.language.document_problems import unknown_word
from assaybook.language.durations import read_duration
from assaybook.language.environment import (
    covers_environment,
    params_environment,
    where_environment,
)
from assaybook.language.soundness import check_need
from assaybook.language.source import Path

_PARAMS: Final = "params."
_TEXTS: Final = ListType(STRING)


def unknown_facts(word: str, where: str) -> AuthorError:
    """Return the error for a fact type that there is not; it may be a word of one that there is."""
    error = unknown_word("facts-unknown", "fact type", word, FACT_TYPES, where)
    likely = get_close_matches(word, FACT_TYPES, n=1, cutoff=0.8)
    for name, kind in () if likely else FACT_TYPES.items():
        for column, of in kind.record.fields:
            if isinstance(of, ScalarType) and word in of.words:
                hint = f'Write facts: {name}, and where: row.{column} == "{word}".'
                return AuthorError(error.code, error.message, where=where, hint=hint)
    return error


def build_needs(
    documents: Mapping[str, NeedDocument],
    params: Mapping[str, Param],
    reading: Reading,
    produced: frozenset[str] | None,
) -> dict[str, Need] | None:
    """Return the needs of a policy; None where one of them is of no known fact type.

    ``produced`` are the fact types that some adapter yields, or None where that is not known.
    """
    needs: dict[str, Need] = {}
    for name, document in documents.items():
        path: Path = ("needs", name)
        if document.facts not in FACT_TYPES:
            where = reading.source.where((*path, "facts"))
            reading.problems.append(unknown_facts(document.facts, where))
            continue
        if produced is not None and document.facts not in produced:
            message = f"no adapter reads {document.facts} facts out of any format"
            reading.refuse("facts-unproduced", message, (*path, "facts"))
        needs[name] = _need(name, document, params, reading)
    return needs if len(needs) == len(documents) else None


def _need(name: str, document: NeedDocument, params: Mapping[str, Param], reading: Reading) -> Need:
    path: Path = ("needs", name)
    _hold_together(document, reading, path)
    need = Need(
        name=name,
        facts=document.facts,
        fresh_for=_fresh_for(document.fresh_for, params, reading, (*path, "fresh_for")),
        assurance=_assurance(document.assurance, params, reading, (*path, "assurance")),
        about=document.about,
        of=_of(document, params, reading, (*path, "of")),
        may_be_empty=document.may_be_empty,
        min_examined=document.min_examined,
        last=document.last,
    )
    if document.within is not None:
        within = _duration(document.within, params, reading, (*path, "within"))
        need = replace(need, within=within)
    if document.where is not None:
        environment = where_environment(need, params)
        where = reading.condition(document.where, (*path, "where"), environment)
        need = replace(need, where=where)
    if document.covers is not None:
        environment = covers_environment(params)
        covers = reading.condition(document.covers, (*path, "covers"), environment)
        need = replace(need, covers=covers)
    if document.may_skip is not None:
        environment = params_environment(params)
        at = (*path, "may_skip")
        need = replace(
            need, may_skip=reading.expression(document.may_skip, at, environment, _TEXTS)
        )
    reading.hold(lambda: check_need(need), (*path, "where"), (*path, "covers"))
    return need


def _hold_together(document: NeedDocument, reading: Reading, path: Path) -> None:
    """Refuse keys that say something only together with another."""
    if document.may_be_empty and document.of is None:
        message = "may_be_empty needs of: only an answered question proves that there is nothing"
        hint = f"Add of: with the exact questions, such as [{_an_example(document.facts)}]."
        reading.refuse_key("need-of-missing", message, (*path, "may_be_empty"), hint)
    if document.covers is not None and not document.may_be_empty:
        message = "covers says when an empty list is proven, which may_be_empty alone allows"
        hint = "Add may_be_empty: true, or remove covers."
        reading.refuse_key("need-covers-alone", message, (*path, "covers"), hint)
    if document.within is not None and document.last is None:
        message = "within is for the oldest of the last documents, and last is not there"
        reading.refuse_key(
            "need-within-alone", message, (*path, "within"), "Add last: with a number."
        )
    if document.last is not None and document.may_be_empty:
        message = "last wants rows in every document, so the list cannot be proven empty"
        reading.refuse_key("need-last-empty", message, (*path, "last"), "Remove one of the two.")


def _of(
    document: NeedDocument, params: Mapping[str, Param], reading: Reading, path: Path
) -> tuple[str, ...] | Expression | None:
    written = document.of
    if written is None:
        return None
    if isinstance(written, str) and written.startswith(_PARAMS):
        return reading.expression(written, path, params_environment(params), _TEXTS)
    texts = _question_texts(written)
    if texts is None:
        message = "of must be a list of questions, or a param that lists them"
        hint = f"Such as [{_an_example(document.facts)}]."
        reading.refuse("wrong-type", message, path, hint)
        return None
    for index, question in enumerate(texts):
        _question(question, document.facts, reading, (*path, index))
        if question in texts[:index]:
            reading.refuse("question-twice", f"{question} stands twice", (*path, index))
    return texts


def _question_texts(written: JsonValue) -> tuple[str, ...] | None:
    if not isinstance(written, list) or not written:
        return None
    texts = tuple(each for each in written if isinstance(each, str))
    return texts if len(texts) == len(written) else None


def _question(question: str, facts: str, reading: Reading, path: Path) -> None:
    kind, slash, word = question.partition("/")
    words = question_words(facts)
    if kind != facts:
        message = f"{question} is no question about {facts}"
        hint = f"Questions here begin with {facts}, such as {_an_example(facts)}."
        reading.refuse("question-unknown", message, path, hint)
    elif slash and (not word or not FACT_TYPES[facts].question):
        reading.refuse("question-unknown", f"{facts} facts answer the question {facts}", path)
    elif slash and words and word not in words:
        where = reading.source.where(path)
        what = f"question of {facts}"
        known = [f"{facts}/{each}" for each in words]
        reading.problems.append(unknown_word("question-unknown", what, question, known, where))


def question_words(facts: str) -> tuple[str, ...]:
    """Return the words that may follow the slash in a question; empty where any may."""
    described = FACT_TYPES[facts]
    column = described.record.field(described.question) if described.question else None
    return column.words if isinstance(column, ScalarType) else ()


def _an_example(facts: str) -> str:
    if not FACT_TYPES[facts].question:
        return facts
    return f"{facts}/{next(iter(question_words(facts)), 'email')}"


def _fresh_for(
    text: str, params: Mapping[str, Param], reading: Reading, path: Path
) -> Expression | None:
    return None if text == "never" else _duration(text, params, reading, path)


def _duration(
    text: str, params: Mapping[str, Param], reading: Reading, path: Path
) -> Expression | None:
    length = read_duration(text)
    if length is not None:
        return reading.literal(length, path)
    return reading.expression(text, path, params_environment(params), DURATION)


def _assurance(
    text: str, params: Mapping[str, Param], reading: Reading, path: Path
) -> Assurance | Expression:
    if not text.startswith(_PARAMS):
        return Assurance(text)
    checked = reading.expression(text, path, params_environment(params), STRING)
    param = params.get(text.removeprefix(_PARAMS))
    words = tuple(each.value for each in Assurance)
    if checked is not None and param is not None and param.value not in (None, *words):
        reading.refuse("not-a-choice", f"{text} must be one of {', '.join(words)}", path)
    return checked or Assurance.VERIFIED
