"""The fact types as tables: columns with their expression types, keys, values, questions."""

import types
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AwareDatetime

from assaybook.domain.facts import (
    ArtifactFact,
    Attack,
    Attestation,
    DataCheck,
    Documentation,
    Drift,
    Fact,
    FactBase,
    Lineage,
    Metric,
    Operation,
    Pii,
    Review,
    Security,
    Unit,
)
from assaybook.domain.record import record
from assaybook.domain.types import RecordType, ScalarName, ScalarType
from assaybook.domain.values import Scalar

_SCALARS: Final[Mapping[object, ScalarName]] = {
    bool: "bool",
    int: "int",
    float: "double",
    str: "string",
    datetime: "timestamp",
    AwareDatetime: "timestamp",
}
_CARRIED: Final = frozenset({"type", "pointer", "unknown"})
OUR_CLAIMS: Final[Mapping[str, frozenset[str]]] = {
    "artifact": frozenset({"verified", "signer"}),
    "operation": frozenset({"loaded"}),
    "attestation": frozenset({"person"}),
}
"""Fields that only our verification, or an authenticated principal, may set."""


@record
class FactType:
    """One fact type.

    Attributes:
        name: the word that policies use.
        model: the pydantic model of its rows.
        record: its columns as an expression sees them.
        key: key columns, before the scope's data set, split and path.
        values: columns that can conflict.
        question: column whose value follows the slash in coverage questions; empty for none.
    """

    name: str
    model: type[FactBase]
    record: RecordType
    key: tuple[str, ...]
    values: tuple[str, ...]
    question: str


def column_name(field: str) -> str:
    """Return the name of a field as policies and files write it (``class_`` is ``class``)."""
    return field.rstrip("_")


def _scalar(annotation: object, metadata: tuple[object, ...]) -> ScalarType:
    nullable, unit = False, ""
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    pending: list[tuple[object, tuple[object, ...]]] = [(annotation, metadata)]
    base: ScalarName = "string"
    while pending:
        kind, marks = pending.pop()
        for mark in (inner for item in marks for inner in _marks(item)):
            unit = mark.name if isinstance(mark, Unit) else unit
            low = float(str(mark.ge)) if isinstance(mark, Ge) else low
            high = float(str(mark.le)) if isinstance(mark, Le) else high
        if get_origin(kind) is Annotated:
            inner, *more = get_args(kind)
            pending.append((inner, tuple(more)))
        elif get_origin(kind) in (Union, types.UnionType):
            pending.extend((part, ()) for part in get_args(kind))
        elif get_origin(kind) is Literal:
            words = tuple(str(word) for word in get_args(kind))
        elif kind is type(None):
            nullable = True
        else:
            base = _SCALARS[kind]
    return ScalarType(base, unit, low, high, words, nullable)


def _marks(item: object) -> tuple[object, ...]:
    inner: Any = getattr(item, "metadata", None)
    return (item,) if inner is None else (item, *inner)


def _described(model: type[FactBase]) -> FactType:
    name = str(model.model_fields["type"].default)
    fields = tuple(
        (column_name(field), _scalar(info.annotation, tuple(info.metadata)))
        for field, info in model.model_fields.items()
        if field not in _CARRIED
    )
    return FactType(
        name=name,
        model=model,
        record=RecordType(name, fields),
        key=model.key,
        values=model.values,
        question=column_name(model.question),
    )


_MODELS: Final[tuple[type[FactBase], ...]] = (
    Documentation,
    Metric,
    Drift,
    DataCheck,
    Pii,
    Security,
    Attack,
    Lineage,
    ArtifactFact,
    Operation,
    Attestation,
    Review,
)
FACT_TYPES: Final[Mapping[str, FactType]] = {
    described.name: described for described in map(_described, _MODELS)
}


def columns_of(fact: Fact) -> dict[str, Scalar]:
    """Return the columns of a fact, as policies name them, without pointer and unknowns."""
    return {
        column_name(field): getattr(fact, field)
        for field in type(fact).model_fields
        if field not in _CARRIED
    }


def question_of(fact: Fact) -> str:
    """Return the coverage question that a fact answers, such as ``security/secret``.

    A type without a question column has its own name as question (``drift``, ``lineage``); a row
    whose question column is unknown has the type's bare name too.
    """
    column = type(fact).question
    value = getattr(fact, column) if column else None
    return fact.type if value is None else f"{fact.type}/{value}"
