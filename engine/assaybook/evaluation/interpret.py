"""The reference interpreter: what an expression means, one short function for each node.

It is written to be read. The closures are written for speed and must yield the same.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from assaybook.domain.expression import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
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
from assaybook.domain.record import record
from assaybook.domain.values import Unknown, Value
from assaybook.evaluation import operators_lists as lists
from assaybook.evaluation.budget import (
    SPENT,
    TOO_DEEP,
    Budget,
    BudgetSpentError,
    cost_of,
    is_too_deep,
    row_cost,
)
from assaybook.evaluation.foresight import is_hopeless, nests_of
from assaybook.evaluation.functions import AS_OF, callee_of, reads_the_instant
from assaybook.evaluation.operators import conjunction, disjunction, negation, truth_of
from assaybook.evaluation.operators_access import (
    at_index,
    contains,
    has,
    map_from,
    select,
    unbound,
)
from assaybook.evaluation.operators_compare import compare
from assaybook.evaluation.operators_numbers import arithmetic, minus


@record
class _Room:
    """What a node is judged in: the names that it may use and the steps that are left."""

    env: Mapping[str, Value]
    budget: Budget


def interpret(node: Node, env: Mapping[str, Value], budget: Budget | None = None) -> Value:
    """Return what a tree yields in an environment; an error is an unknown, nothing raises."""
    if is_too_deep(node):
        return TOO_DEEP
    if is_hopeless(nests_of(node), env):
        return SPENT
    room = _Room(env, Budget() if budget is None else budget)
    try:
        room.budget.spend(cost_of(node))
        return _value(node, room)
    except BudgetSpentError:
        return SPENT


def _value(node: Node, room: _Room) -> Value:
    return _MEANINGS[type(node)](node, room)


def _literal(node: Literal_, _room: _Room) -> Value:
    return node.value


def _list(node: ListOf, room: _Room) -> Value:
    return lists.list_of([_value(item, room) for item in node.items])


def _map(node: MapOf, room: _Room) -> Value:
    return map_from([(_value(key, room), _value(value, room)) for key, value in node.entries])


def _name(node: Name, room: _Room) -> Value:
    return room.env[node.name] if node.name in room.env else unbound(node.name)


def _select(node: Select, room: _Room) -> Value:
    return select(_value(node.operand, room), node.field)


def _has(node: Has, room: _Room) -> Value:
    return has(_value(node.operand, room), node.field)


def _index(node: Index, room: _Room) -> Value:
    return at_index(_value(node.operand, room), _value(node.index, room), room.budget)


def _not(node: Not, room: _Room) -> Value:
    return negation(_value(node.operand, room))


def _negate(node: Negate, room: _Room) -> Value:
    return minus(_value(node.operand, room))


def _and(node: And, room: _Room) -> Value:
    left = truth_of(_value(node.left, room), "&&")
    return left and conjunction([left, _value(node.right, room)])


def _or(node: Or, room: _Room) -> Value:
    left = truth_of(_value(node.left, room), "||")
    return left is True or disjunction([left, _value(node.right, room)])


def _conditional(node: Conditional, room: _Room) -> Value:
    test = truth_of(_value(node.test, room), "?:")
    if isinstance(test, Unknown):
        return test
    return _value(node.then if test else node.other, room)


def _compare(node: Compare, room: _Room) -> Value:
    return compare(node.op, _value(node.left, room), _value(node.right, room), room.budget)


def _arithmetic(node: Arithmetic, room: _Room) -> Value:
    return arithmetic(node.op, _value(node.left, room), _value(node.right, room))


def _in(node: In, room: _Room) -> Value:
    return contains(_value(node.item, room), _value(node.container, room), room.budget)


def _call(node: Call, room: _Room) -> Value:
    args = [_value(arg, room) for arg in node.args]
    if reads_the_instant(node.function):
        args.insert(0, room.env.get(AS_OF, unbound(AS_OF)))
    callee = callee_of(node.function, len(args))
    return callee if isinstance(callee, Unknown) else callee.body(args, room.budget)


def _quantifier(node: Quantifier, room: _Room) -> Value:
    over = lists.as_list(_value(node.over, room), node.kind)
    if isinstance(over, Unknown):
        return over
    rows = len(over.members) + (over.ghost is not None)
    room.budget.spend(rows * row_cost(node))
    body = partial(_with_row, node.body, node.variable, room)
    if node.kind == "map":
        test = None if node.test is None else partial(_with_row, node.test, node.variable, room)
        return lists.map_of(over, test, body)
    return lists.QUANTIFIERS[node.kind](over, body)


def _with_row(node: Node, variable: str, room: _Room, value: Value) -> Value:
    return _value(node, _Room({**room.env, variable: value}, room.budget))


_MEANINGS: Final[Mapping[type[Node], Callable[[Any, _Room], Value]]] = {
    Literal_: _literal,
    ListOf: _list,
    MapOf: _map,
    Name: _name,
    Select: _select,
    Has: _has,
    Index: _index,
    Not: _not,
    Negate: _negate,
    And: _and,
    Or: _or,
    Conditional: _conditional,
    Compare: _compare,
    Arithmetic: _arithmetic,
    In: _in,
    Call: _call,
    Quantifier: _quantifier,
}
