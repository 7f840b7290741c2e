"""Types as the checker compares and joins them, and as it says them to people."""

from dataclasses import replace
from typing import Final

from assaybook.domain.types import ListType, RecordType, ScalarType, Type
from assaybook.language.suggest import listing

NUMERIC: Final = frozenset({"int", "double"})
_SPOKEN: Final = {
    "bool": "true or false",
    "int": "a whole number",
    "double": "a number",
    "string": "a text",
    "timestamp": "a time",
    "duration": "a length of time",
    "null": "null",
    "any": "any value",
}


def spoken(kind: Type) -> str:
    """Return what a type is, in words: ``a list of numbers`` is ``a list (of a number)``."""
    if isinstance(kind, ListType):
        return f"a list (each {spoken(kind.of)})"
    if isinstance(kind, RecordType):
        return f"a row of {kind.name}"
    unit = f" in {kind.unit}" if kind.unit else ""
    return f"{_SPOKEN[kind.name]}{unit}"


def is_any(kind: Type) -> bool:
    """Tell whether nothing is known of a type (an element of ``[]``)."""
    return isinstance(kind, ScalarType) and kind.name == "any"


def is_number(kind: Type) -> bool:
    """Tell whether a type is a whole number or a number."""
    return isinstance(kind, ScalarType) and kind.name in NUMERIC


def comparable(left: Type, right: Type) -> bool:
    """Tell whether two types can be equal: the same kind, or both numbers."""
    if is_any(left) or is_any(right):
        return True
    if isinstance(left, ScalarType) and isinstance(right, ScalarType):
        return left.name == right.name or (is_number(left) and is_number(right))
    if isinstance(left, ListType) and isinstance(right, ListType):
        return comparable(left.of, right.of)
    if isinstance(left, RecordType) and isinstance(right, RecordType):
        return left.name == right.name
    return False


def fits(kind: Type, wanted: Type) -> bool:
    """Tell whether a value of a type can stand where another type is wanted."""
    if is_any(wanted) or is_any(kind):
        return True
    if isinstance(kind, ScalarType) and isinstance(wanted, ScalarType):
        return kind.name == wanted.name or (wanted.name == "double" and kind.name == "int")
    if isinstance(kind, ListType) and isinstance(wanted, ListType):
        return fits(kind.of, wanted.of)
    if isinstance(kind, RecordType) and isinstance(wanted, RecordType):
        return kind.name == wanted.name
    return False


def merged(left: Type, right: Type) -> Type:
    """Return the narrowest type that holds the values of two comparable types."""
    if is_any(left):
        return right
    if is_any(right):
        return left
    if isinstance(left, ListType) and isinstance(right, ListType):
        return _merged_lists(left, right)
    if not isinstance(left, ScalarType) or not isinstance(right, ScalarType):
        return left
    return ScalarType(
        left.name if left.name == right.name else "double",
        left.unit or right.unit,
        None if left.low is None or right.low is None else min(left.low, right.low),
        None if left.high is None or right.high is None else max(left.high, right.high),
        tuple(dict.fromkeys(left.words + right.words)) if left.words and right.words else (),
        left.nullable or right.nullable,
    )


def _merged_lists(left: ListType, right: ListType) -> ListType:
    of = left.of if left.of == right.of else merged(left.of, right.of)
    same = left.need if left.need == right.need else ""
    empty = left.may_be_empty and right.may_be_empty
    return ListType(of, same, empty and bool(same), ordered=left.ordered and right.ordered)


def units_clash(left: Type, right: Type) -> bool:
    """Tell whether two numbers have units, and different ones."""
    if not isinstance(left, ScalarType) or not isinstance(right, ScalarType):
        return False
    return bool(left.unit and right.unit) and left.unit != right.unit


def range_words(kind: ScalarType) -> str:
    """Return the range of a number: ``0 to 1``, ``at least 0``, ``exactly 3``."""
    if kind.low is not None and kind.low == kind.high:
        return f"exactly {kind.low:g}"
    if kind.low is None:
        return f"at most {kind.high:g}"
    return f"at least {kind.low:g}" if kind.high is None else f"{kind.low:g} to {kind.high:g}"


def known(kind: ScalarType) -> ScalarType:
    """Return a type without null: what a calculation with it yields."""
    return replace(kind, nullable=False)


def field_names(record: RecordType) -> tuple[str, ...]:
    """Return the names of a record's fields."""
    return tuple(name for name, _kind in record.fields)


def field_listing(record: RecordType) -> str:
    """Return the fields of a record for a hint."""
    return f"It has {listing(field_names(record))}." if record.fields else "It has no fields."
