"""Arithmetic: kinds, units and ranges of results.

CEL does not mix whole numbers with others, and its division of whole numbers cuts; a policy that
compares ``failed / examined`` with 0.05 would pass on 0, so that division is refused.
"""

from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from assaybook.domain.expression import Arithmetic, Expression, Negate
from assaybook.domain.types import (
    DURATION,
    STRING,
    TIMESTAMP,
    ListType,
    ScalarName,
    ScalarType,
    Type,
)
from assaybook.language.faults import refuse
from assaybook.language.kinds import comparable, is_number, merged, spoken, units_clash

_TIMES: Final[Mapping[tuple[str, str, str], Type]] = {
    ("timestamp", "+", "duration"): TIMESTAMP,
    ("duration", "+", "timestamp"): TIMESTAMP,
    ("duration", "+", "duration"): DURATION,
    ("timestamp", "-", "timestamp"): DURATION,
    ("timestamp", "-", "duration"): TIMESTAMP,
    ("duration", "-", "duration"): DURATION,
    ("string", "+", "string"): STRING,
}


def negated_type(node: Negate, expression: Expression) -> Type:
    """Return the type of ``-operand``.

    Raises:
        AuthorError: ``expression-type``.
    """
    kind = node.operand.type
    if not isinstance(kind, ScalarType) or not is_number(kind):
        reason = f"- takes a number, and this is {spoken(kind)}"
        refuse(expression, node.operand, "expression-type", reason)
    low = None if kind.high is None else -kind.high
    high = None if kind.low is None else -kind.low
    return ScalarType(kind.name, kind.unit, low, high)


def arithmetic_type(node: Arithmetic, expression: Expression) -> Type:
    """Return the type of ``left op right``.

    Raises:
        AuthorError: ``expression-type``, ``unit-mismatch``, ``integer-division``.
    """
    left, right = node.left.type, node.right.type
    if isinstance(left, ListType) and isinstance(right, ListType):
        return _joined(node, left, right, expression)
    if not isinstance(left, ScalarType) or not isinstance(right, ScalarType):
        _refuse_operands(node, expression)
    if not is_number(left) or not is_number(right):
        found = _TIMES.get((left.name, node.op, right.name))
        if found is None:
            _refuse_operands(node, expression)
        return found
    if left.name != right.name:
        whole = node.left if left.name == "int" else node.right
        reason = f"{node.op} does not mix a whole number with another number"
        text = expression.text[whole.start : whole.end]
        hint = f"Write {text}.0." if text.isdigit() else f"Write double({text})."
        refuse(expression, node, "expression-type", reason, hint)
    return _number(node, left, right, left.name, expression)


def _refuse_operands(node: Arithmetic, expression: Expression) -> NoReturn:
    reason = f"{node.op} does not go with {spoken(node.left.type)} and {spoken(node.right.type)}"
    refuse(expression, node, "expression-type", reason)


def _joined(node: Arithmetic, left: ListType, right: ListType, expression: Expression) -> Type:
    if node.op != "+" or not comparable(left, right):
        _refuse_operands(node, expression)
    return merged(left, right)


def _number(
    node: Arithmetic,
    left: ScalarType,
    right: ScalarType,
    name: ScalarName,
    expression: Expression,
) -> Type:
    if node.op in ("+", "-") and units_clash(left, right):
        reason = f"{node.op} does not mix {spoken(left)} with {spoken(right)}"
        refuse(expression, node, "unit-mismatch", reason)
    if node.op == "/" and name == "int":
        reason = "dividing whole numbers cuts off the rest: 1 / 2 is 0"
        hint = "Write double(a) / double(b)."
        refuse(expression, node, "integer-division", reason, hint)
    if node.op == "%" and name == "double":
        refuse(expression, node, "expression-type", "% takes whole numbers")
    if node.op in ("/", "%"):
        return ScalarType(name)
    ends = _corners(left, right, _OPERATIONS[node.op])
    same_unit = (left.unit or right.unit) if node.op != "*" else ""
    return ScalarType(name, same_unit, *ends)


_OPERATIONS: Final[Mapping[str, Callable[[float, float], float]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}


def _corners(
    left: ScalarType, right: ScalarType, operation: Callable[[float, float], float]
) -> tuple[float | None, float | None]:
    """Return the range of a result where both ranges are closed, and none otherwise."""
    ends = (left.low, left.high), (right.low, right.high)
    first = [end for end in ends[0] if end is not None]
    second = [end for end in ends[1] if end is not None]
    if len(first) + len(second) < 4:  # noqa: PLR2004  an end is open
        return None, None
    found = [operation(a, b) for a in first for b in second]
    return min(found), max(found)
