"""Untyped tree to typed tree: names, fields, operands, ranges, units and words.

Every node gets its type after those below it, so a rule of this module sees typed children. What
the checker lets through cannot fail at run for its types alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, NoReturn

from assaybook.domain.expression import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Expression,
    Has,
    In,
    Index,
    ListOf,
    Literal_,
    MapOf,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Quantifier,
    Select,
)
from assaybook.domain.functions import NAMESPACES
from assaybook.domain.record import record
from assaybook.domain.types import ANY, BOOL, INT, STRING, ListType, RecordType, ScalarType, Type
from assaybook.language.checker_calls import call_type
from assaybook.language.checker_hints import meant_name, meant_of_list
from assaybook.language.checker_numbers import arithmetic_type, negated_type
from assaybook.language.checker_relations import check_compare, check_in
from assaybook.language.environment import EXTRAS
from assaybook.language.faults import refuse
from assaybook.language.kinds import (
    comparable,
    field_listing,
    field_names,
    fits,
    merged,
    spoken,
    units_clash,
)
from assaybook.language.suggest import did_you_mean
from assaybook.language.text import children, rebuilt

_LAST_INT: Final = 2**53
_KEPT: Final = frozenset({"row", "system", "release", "params", "scope", *NAMESPACES})


@record
class Known:
    """An expression and the names that can be used at one place of it."""

    expression: Expression
    names: Mapping[str, Type]

    def refuse(self, node: Node, code: str, reason: str, hint: str = "") -> NoReturn:
        """Raise an error about a node."""
        refuse(self.expression, node, code, reason, hint)


def check(
    expression: Expression, environment: Mapping[str, Type], *, expected: Type = ANY
) -> Expression:
    """Return the expression with a type on every node.

    Args:
        expression: as parsed.
        environment: the names that it can use; see ``environment``.
        expected: what the whole must be; ``ANY`` takes everything.

    Raises:
        AuthorError: it cannot be used as written; the code says why.
    """
    known = Known(expression, environment)
    node = _typed(expression.node, known)
    if not fits(node.type, expected):
        known.refuse(
            node, "expression-type", f"this is {spoken(node.type)}, not {spoken(expected)}"
        )
    return replace(expression, node=node)


def _typed(node: Node, known: Known) -> Node:
    if isinstance(node, Quantifier):
        return _quantifier(node, known)
    parts = [_typed(child, known) for child in children(node)]
    if isinstance(node, Name):
        return Name(start=node.start, end=node.end, type=_name(node, known), name=node.name)
    if not parts:
        return replace(node, type=_TYPES[type(node)](node, known))
    made = rebuilt(node, parts)
    # It is new and known here alone, so it may still be filled in; a copy would cost as much again.
    object.__setattr__(made, "type", _TYPES[type(made)](made, known))
    return made


def _literal(node: Literal_, known: Known) -> Type:
    match node.value:
        case bool():
            return BOOL
        case int():
            if abs(node.value) > _LAST_INT:
                known.refuse(node, "number-too-large", "a whole number stays within 2 to the 53")
            return ScalarType("int", "", float(node.value), float(node.value))
        case float():
            return ScalarType("double", "", node.value, node.value)
        case str():
            return STRING
        case _:
            reason = "null cannot be written in a policy: a field that is null is unknown"
            return known.refuse(
                node, "null-literal", reason, "Ask has(row.field) whether it is known."
            )


def _list(node: ListOf, known: Known) -> Type:
    of: Type = ANY
    for item in node.items:
        if not comparable(of, item.type):
            reason = (
                f"a list holds one kind of value: this is {spoken(item.type)}, not {spoken(of)}"
            )
            known.refuse(item, "expression-type", reason)
        of = merged(of, item.type)
    return ListType(of)


def _map(node: MapOf, known: Known) -> NoReturn:
    reason = "maps cannot be written in a policy"
    known.refuse(node, "map-literal", reason, "Write a list, or a param of type list<string>.")


def _name(node: Name, known: Known) -> Type:
    kind = known.names.get(node.name)
    if kind is None:
        hint = did_you_mean(node.name, known.names) or meant_name(node.name, known.names)
        known.refuse(node, "unknown-name", f"there is no {node.name!r} here", hint)
    return kind


def _select(node: Select | Has, known: Known) -> Type:
    operand = node.operand.type
    if isinstance(operand, RecordType):
        kind = operand.field(node.field)
        if kind is None:
            _no_field(node, operand, known)
        return kind
    if isinstance(operand, ListType) and isinstance(node.operand, Name) and operand.need:
        extra = EXTRAS.get(node.field)
        if extra is not None:
            return extra
        reason = f"{operand.need} is a list, which has no {node.field!r}"
        known.refuse(node, "unknown-field", reason, meant_of_list(operand, node.field))
    hint = "Use .exists(r, ...) or .all(r, ...)." if isinstance(operand, ListType) else ""
    reason = f"this is {spoken(operand)}, which has no fields"
    return known.refuse(node.operand, "unknown-field", reason, hint)


def _no_field(node: Select | Has, record: RecordType, known: Known) -> NoReturn:
    of = "params" if record.name == "params" else f"a row of {record.name}"
    reason = f"{of} has no {node.field!r}"
    if record.name in ("params", "system", "release", "scope"):
        reason = f"{record.name} has no {node.field!r}"
    hint = did_you_mean(node.field, field_names(record)) or field_listing(record)
    known.refuse(node, "unknown-field", reason, hint)


def _has(node: Has, known: Known) -> Type:
    kind = _select(node, known)
    if isinstance(kind, ScalarType) and kind.nullable:
        return BOOL
    reason = f"{node.field!r} is never null, so this always holds"
    hint = "Ask size(...) > 0." if isinstance(kind, ListType) else ""
    return known.refuse(node, "always-holds", reason, hint)


def _index(node: Index, known: Known) -> Type:
    operand = node.operand.type
    if not isinstance(operand, ListType):
        known.refuse(node.operand, "expression-type", f"this is {spoken(operand)}, not a list")
    if not operand.ordered:
        reason = "the rows of this list have no order"
        hint = "Use only(list, r, condition), or a need with last."
        known.refuse(node, "index-unordered", reason, hint)
    if not fits(node.index.type, INT):
        reason = f"an index is a whole number, and this is {spoken(node.index.type)}"
        known.refuse(node.index, "expression-type", reason)
    if isinstance(node.index, Literal_) and str(node.index.value).startswith("-"):
        known.refuse(node.index, "expression-type", "an index counts from 0")
    return operand.of


def _truth(node: Node, known: Known) -> None:
    if not fits(node.type, BOOL):
        reason = f"this is {spoken(node.type)}, not true or false"
        known.refuse(node, "expression-type", reason)
    if isinstance(node, Literal_):
        reason = f"{known.expression.text[node.start : node.end]} here decides nothing"
        known.refuse(node, "constant-operand", reason, "Leave it out.")


def _not(node: Not, known: Known) -> Type:
    _truth(node.operand, known)
    return BOOL


def _logic(node: And | Or, known: Known) -> Type:
    _truth(node.left, known)
    _truth(node.right, known)
    return BOOL


def _conditional(node: Conditional, known: Known) -> Type:
    _truth(node.test, known)
    then, other = node.then.type, node.other.type
    if not comparable(then, other) or units_clash(then, other):
        reason = f"one side is {spoken(then)} and the other {spoken(other)}"
        known.refuse(node, "expression-type", reason)
    return merged(then, other)


def _compare(node: Compare, known: Known) -> Type:
    check_compare(node, known.expression)
    return BOOL


def _in(node: In, known: Known) -> Type:
    check_in(node, known.expression)
    return BOOL


def _arithmetic(node: Arithmetic, known: Known) -> Type:
    return arithmetic_type(node, known.expression)


def _negate(node: Negate, known: Known) -> Type:
    return negated_type(node, known.expression)


def _call(node: Call, known: Known) -> Type:
    return call_type(node, known.expression)


def _quantifier(node: Quantifier, known: Known) -> Node:
    over = _typed(node.over, known)
    if not isinstance(over.type, ListType):
        reason = f"{node.kind} goes over a list, and this is {spoken(over.type)}"
        known.refuse(over, "expression-type", reason)
    if node.variable in known.names or node.variable in _KEPT:
        reason = f"{node.variable!r} already has a meaning here"
        known.refuse(node, "name-shadowed", reason, "Use another name for the row.")
    inner = Known(known.expression, {**known.names, node.variable: over.type.of})
    test = None if node.test is None else _typed(node.test, inner)
    body = _typed(node.body, inner)
    for condition in (test, None if node.kind == "map" else body):
        if condition is not None:
            _truth(condition, inner)
    kind = _quantified(node, over.type, body.type)
    return replace(node, over=over, test=test, body=body, type=kind)


def _quantified(node: Quantifier, over: ListType, body: Type) -> Type:
    if node.kind == "filter":
        return over
    if node.kind == "map":
        return ListType(body, ordered=over.ordered)
    return over.of if node.kind == "only" else BOOL


_TYPES: Final[Mapping[type, Callable[..., Type]]] = {
    Literal_: _literal,
    ListOf: _list,
    MapOf: _map,
    Name: _name,
    Select: _select,
    Has: _has,
    Index: _index,
    Not: _not,
    Negate: _negate,
    And: _logic,
    Or: _logic,
    Conditional: _conditional,
    Compare: _compare,
    Arithmetic: _arithmetic,
    In: _in,
    Call: _call,
}
