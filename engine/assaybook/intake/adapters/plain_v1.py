"""A plain document of ours in one step: parsed and validated by compiled code, straight from bytes.

It takes what needs no second look: each fact is written as it is kept, and no key stands twice.
Anything else, and anything doubtful, is left to the adapter, which tells every fault; so nothing is
refused here, and nothing is read here that would be refused, or read otherwise, there.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, Final, Literal, cast

from pydantic import Field, GetPydanticSchema, ValidationError
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from assaybook.domain.base import Frozen
from assaybook.domain.documents import Detected
from assaybook.domain.evidence import AboutSubject, Coverage, Producer, Scope
from assaybook.domain.fact_types import FACT_TYPES, OUR_CLAIMS, FactType, question_of
from assaybook.domain.facts import Documentation, Drift, Fact, Metric, Pii
from assaybook.domain.ids import Instant
from assaybook.intake.adapter import Reading, certain, producer, recorded
from assaybook.intake.adapters.drift_methods import tidy_method
from assaybook.intake.adapters.plain_metric import settled
from assaybook.intake.entities import canonical_entity, canonical_question
from assaybook.intake.json_quick import is_usual
from assaybook.intake.limits import Limits
from assaybook.intake.prose import Looked, as_text_shows

SCANS: Final = frozenset({"pii", "security", "attack", "data_check"})
"""Types of which a file without coverage does not tell how much was looked through."""
_SIGN: Final = b'"assaybook"'
_SOON: Final = 200
"""Bytes in which the sign of the format stands, where a person or a tool wrote it first."""
_LONGEST: Final = 1_000_000
_LEVELS: Final = 6
"""How deep the deepest document can be."""
_QUESTIONS: Final = 1024
_FEW: Final = 1024
_POINTERS: Final = tuple(f"/facts/{index}" for index in range(_FEW))
_NOWHERE: Final = Scope()
_NOBODY: Final = Producer()
_WRITTEN: Final = attrgetter("__pydantic_fields_set__")
_UNSAID: Final = ("pointer", "unknown")


class Tool(Frozen):
    """The tool that a document of ours names."""

    name: str = Field(max_length=200)
    version: str = Field(default="", max_length=200)


def _as_written(kind: FactType) -> CoreSchema:
    """Return the schema of a fact as a document may write it.

    Fields that it may not say have a name there that no JSON text without NUL can hold.
    """
    kind.model.model_rebuild()
    whole = cast("dict[str, Any]", kind.model.__pydantic_core_schema__)
    inner = cast("dict[str, Any]", whole["schema"])
    fields = dict(inner["fields"])
    for number, name in enumerate((*_UNSAID, *sorted(OUR_CLAIMS.get(kind.name, ()))), start=1):
        fields[name] = {**fields[name], "validation_alias": "\x00" * number}
    said = core_schema.with_default_schema(core_schema.str_schema(), default="")
    fields["pointer"] = {**fields["pointer"], "schema": said}
    bare = {key: value for key, value in whole.items() if key != "ref"}
    return cast("CoreSchema", {**bare, "schema": {**inner, "fields": fields}})


def _any_as_written() -> CoreSchema:
    choices = {name: _as_written(kind) for name, kind in FACT_TYPES.items()}
    return core_schema.tuple_variable_schema(core_schema.tagged_union_schema(choices, "type"))


class PlainHead(Frozen):
    """What a document of ours says beside its facts and its coverage."""

    assaybook: Literal["v1"]
    tool: Tool | None = None
    run: str | None = Field(default=None, max_length=500)
    produced_at: Instant | None = None
    subject: AboutSubject = AboutSubject()
    scope: Scope | None = None


class _Document(PlainHead):
    coverage: tuple[Coverage, ...] = ()
    facts: Annotated[tuple[Fact, ...], GetPydanticSchema(lambda _, __: _any_as_written())] = ()


@lru_cache(1)
def _validator() -> SchemaValidator:
    """Return it of the model, built anew: else those of the facts would be those that exist."""
    _Document.model_rebuild(force=True)
    return cast("SchemaValidator", _Document.__pydantic_validator__)


def plain_v1(raw: bytes, limits: Limits) -> Reading | None:
    """Return what a document of ours says, or None where it must be read with all care."""
    if not raw.startswith(b"{") or _SIGN not in raw[:_SOON]:
        return None
    if len(raw) > min(_LONGEST, limits.items) or limits.depth < _LEVELS or not is_usual(raw):
        return None
    try:
        found: _Document = _validator().validate_json(raw)
        keys = _keys(found)
        if keys > limits.keys or len(found.facts) > limits.facts or keys != raw.count(b'":'):
            return None
        lent = _lent(found.facts)
        if lent is None or any(map(_is_asked_otherwise, found.coverage)):
            return None
        coverage = _covered(found.coverage, lent)
    except ValidationError:
        return None
    tool = found.tool
    return Reading(
        facts=found.facts,
        coverage=coverage,
        subject=found.subject,
        producer=_NOBODY if tool is None else producer(tool.name, tool.version),
        run=found.run,
        scope=found.scope or _NOWHERE,
        produced_at=found.produced_at,
    )


def _keys(found: _Document) -> int:
    """Return how many different keys the objects of a document have."""
    held: list[Frozen] = [found, found.subject, *found.subject.artifacts, *found.coverage]
    held += found.facts
    held += [one for one in (found.tool, found.scope) if one is not None]
    return sum(map(len, map(_WRITTEN, held)))


def _lent(facts: Sequence[Fact]) -> dict[str, int] | None:
    """Give each fact what it may not say itself, and return how many each question has.

    Nobody has seen the facts yet, so they can still be changed. None where one is not plain.
    """
    lent: dict[str, int] = {}
    for index, fact in enumerate(facts):
        held = vars(fact)
        held["pointer"] = _POINTERS[index] if index < _FEW else f"/facts/{index}"
        if type(fact) is Metric:
            question = settled(held)
        else:
            question = None if _is_spelt_otherwise(fact) else question_of(fact)
        if question is None:
            return None
        lent[question] = lent.get(question, 0) + 1
    return lent


def _is_spelt_otherwise(fact: Fact) -> bool:
    """Tell whether a fact is kept in another spelling, or other than it says of its text."""
    if isinstance(fact, Pii):
        return canonical_entity(fact.entity) != fact.entity
    if isinstance(fact, Documentation):
        claimed = (fact.present, fact.placeholder)
        shown = as_text_shows(
            fact.text, Looked(), present=fact.present, placeholder=fact.placeholder
        )
        return shown != claimed
    return isinstance(fact, Drift) and tidy_method(fact.method) != fact.method


def _is_asked_otherwise(row: Coverage) -> bool:
    """Tell whether a question is kept in another spelling."""
    return canonical_question(row.question) != row.question


def _covered(said: tuple[Coverage, ...], lent: Mapping[str, int]) -> tuple[Coverage, ...]:
    """Return the coverage of a document, with a row for each question that it does not speak of."""
    told = {row.question for row in said}
    if told.issuperset(lent):
        return said
    rest = (question for question in lent if question not in told)
    return (*said, *(unsaid(question, lent[question]) for question in rest))


@lru_cache(_QUESTIONS)
def unsaid(question: str, rows: int) -> Coverage:
    """Return the coverage of a question of which a document has facts and says no more.

    Raises:
        ValidationError: it is none.
    """
    scan = question.partition("/")[0] in SCANS
    return Coverage(question=question) if scan else recorded(question, rows)


def detected_v1() -> Detected:
    """Return what such a document is detected as."""
    return certain("assaybook", "v1", "the key assaybook says v1")
