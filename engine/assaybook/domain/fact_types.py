"""The fact types as tables: columns with their expression types, keys, values, questions.

Their models are loaded when a fact is made: what policies say of columns is checked without them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from assaybook.domain.fact_table import TABLE
from assaybook.domain.record import record
from assaybook.domain.types import RecordType

if TYPE_CHECKING:
    from assaybook.domain.facts import Fact, FactBase
    from assaybook.domain.values import Scalar

CARRIED: Final = frozenset({"type", "pointer", "unknown"})
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
        record: its columns as an expression sees them.
        key: key columns, before the scope's data set, split and path.
        values: columns that can conflict.
        question: column whose value follows the slash in coverage questions; empty for none.
    """

    name: str
    record: RecordType
    key: tuple[str, ...]
    values: tuple[str, ...]
    question: str

    @property
    def model(self) -> "type[FactBase]":
        """Return the pydantic model of its rows."""
        from assaybook.domain.facts import MODELS

        return MODELS[self.name]


def column_name(field: str) -> str:
    """Return the name of a field as policies and files write it (``class_`` is ``class``)."""
    return field.rstrip("_")


FACT_TYPES: Final[Mapping[str, FactType]] = {
    name: FactType(name, RecordType(name, fields), key, values, question)
    for name, key, values, question, fields in TABLE
}


def columns_of(fact: "Fact") -> "dict[str, Scalar]":
    """Return the columns of a fact, as policies name them, without pointer and unknowns."""
    return {
        column_name(field): getattr(fact, field)
        for field in type(fact).model_fields
        if field not in CARRIED
    }


def question_of(fact: "Fact") -> str:
    """Return the coverage question that a fact answers, such as ``security/secret``.

    A type without a question column has its own name as question (``drift``, ``lineage``); a row
    whose question column is unknown has the type's bare name too.
    """
    column = type(fact).question
    value = getattr(fact, column) if column else None
    return fact.type if value is None else f"{fact.type}/{value}"
