"""Types of expressions: what the checker knows of a value before any evidence is seen."""

from typing import Final, Literal, TypeAlias

from assaybook.domain.record import record

ScalarName = Literal["bool", "int", "double", "string", "timestamp", "duration", "null", "any"]


@record
class ScalarType:
    """A plain type.

    Attributes:
        name: the CEL name; ``any`` only in ``policy eval``, never in a checked policy.
        unit: ``ratio``, ``ms``, ... or empty; two different units cannot be compared.
        low: least possible value of a number, or None.
        high: greatest possible value of a number, or None.
        words: the closed list of words of a string, or empty.
        nullable: a fact field that may be null, which reads as unknown(null).
    """

    name: ScalarName
    unit: str = ""
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()
    nullable: bool = False


@record
class ListType:
    """A list; ``need`` is the name of the need when it is one (or a filter of one)."""

    of: "Type"
    need: str = ""
    may_be_empty: bool = False
    ordered: bool = True


@record
class RecordType:
    """A row or record with named fields: a fact type, ``system``, ``release``, ``params``."""

    name: str
    fields: tuple[tuple[str, "Type"], ...]

    def field(self, name: str) -> "Type | None":
        """Return the type of a field, or None where there is no such field."""
        return next((kind for known, kind in self.fields if known == name), None)


Type: TypeAlias = ScalarType | ListType | RecordType

BOOL: Final = ScalarType("bool")
INT: Final = ScalarType("int")
DOUBLE: Final = ScalarType("double")
STRING: Final = ScalarType("string")
TIMESTAMP: Final = ScalarType("timestamp")
DURATION: Final = ScalarType("duration")
NULL: Final = ScalarType("null")
ANY: Final = ScalarType("any")
