"""One maker for each kind of node: it returns a closure and the place of its value."""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from assaybook.domain.expression import (
    And,
    Arithmetic,
    Compare,
    Conditional,
    Has,
    Index,
    Literal_,
    Name,
    Negate,
    Node,
    Not,
    Or,
    Select,
)
from assaybook.domain.values import Row, Unknown, Value, joined
from assaybook.evaluation.closures_layout import Env, Layout, Made, Makers
from assaybook.evaluation.operators import PLAIN, negation, truth_of
from assaybook.evaluation.operators_access import (
    at_index,
    has,
    select,
    unbound,
)
from assaybook.evaluation.operators_compare import compare
from assaybook.evaluation.operators_numbers import arithmetic, minus
from assaybook.evaluation.trace import (
    Frame,
    Site,
)

_ALIKE: Final = frozenset({bool, int, str, datetime, timedelta})
"""Types whose values compare among themselves without any further question."""
_CONSTANT: Final = _ALIKE | {float}
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _test_of(op: str) -> Callable[[Any, Any], bool]:
    return _COMPARISONS[op]


def _literal(node: Literal_, _layout: Layout) -> Made:
    value = node.value
    return (lambda _env, _frame: value), Site(node, 0)


def _name(node: Name, layout: Layout) -> Made:
    slot, name = layout.place(), node.name

    def run(env: Env, frame: Frame) -> Value:
        try:
            value = env[name]
        except KeyError:
            value = unbound(name)
        frame[slot] = value
        return value

    return run, Site(node, slot)


def _select(node: Select, layout: Layout) -> Made:
    if isinstance(node.operand, Name):
        return _field_of_name(node, node.operand.name, layout)
    operand, site = layout.made(node.operand)
    slot, field = layout.place(), node.field

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = value = select(operand(env, frame), field)
        return value

    return run, Site(node, slot, (site,))


def _field_of_name(node: Select, name: str, layout: Layout) -> Made:
    """Make the closure of ``row.field``, the commonest node of all."""
    slot, field = layout.place(), node.field

    def run(env: Env, frame: Frame) -> Value:
        try:
            operand = env[name]
        except KeyError:
            operand = unbound(name)
        if type(operand) is Row and operand.ghost is None:
            value = operand.values.get(field)
            if value is not None and type(value) in PLAIN:
                frame[slot] = value
                return value
        frame[slot] = value = select(operand, field)
        return value

    return run, Site(node, slot)


def _has(node: Has, layout: Layout) -> Made:
    operand, site = layout.made(node.operand)
    slot, field = layout.place(), node.field

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = value = has(operand(env, frame), field)
        return value

    return run, Site(node, slot, (site,))


def _index(node: Index, layout: Layout) -> Made:
    operand, site = layout.made(node.operand)
    index, index_site = layout.made(node.index)
    slot = layout.place()

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = value = at_index(operand(env, frame), index(env, frame), frame[0])
        return value

    return run, Site(node, slot, (site, index_site))


def _not(node: Not, layout: Layout) -> Made:
    operand, site = layout.made(node.operand)
    slot = layout.place()

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = value = negation(operand(env, frame))
        return value

    return run, Site(node, slot, (site,))


def _negate(node: Negate, layout: Layout) -> Made:
    operand, site = layout.made(node.operand)
    slot = layout.place()

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = value = minus(operand(env, frame))
        return value

    return run, Site(node, slot, (site,))


def _and(node: And, layout: Layout) -> Made:
    return _chain(node, layout, deciding=False, what="&&")


def _or(node: Or, layout: Layout) -> Made:
    return _chain(node, layout, deciding=True, what="||")


def _chain(node: And | Or, layout: Layout, *, deciding: bool, what: str) -> Made:
    """Make one closure of a chain of one logical operator; the order of operands stays."""
    built = [layout.made(part) for part in _operands(node, type(node))]
    runs, slot, neutral = tuple(run for run, _ in built), layout.place(), not deciding

    def run(env: Env, frame: Frame) -> Value:
        unknowns: list[Unknown] = []
        for part in runs:
            value = part(env, frame)
            if value is neutral:
                continue
            truth = truth_of(value, what)
            if truth is deciding:
                frame[slot] = deciding
                return deciding
            if isinstance(truth, Unknown):
                unknowns.append(truth)
        frame[slot] = result = joined(unknowns) if unknowns else neutral
        return result

    return run, Site(node, slot, tuple(site for _, site in built))


def _operands(node: Node, kind: type[And | Or]) -> tuple[Node, ...]:
    if not isinstance(node, kind):
        return (node,)
    return (*_operands(node.left, kind), *_operands(node.right, kind))


def _conditional(node: Conditional, layout: Layout) -> Made:
    test, test_site = layout.made(node.test)
    then, then_site = layout.made(node.then)
    other, other_site = layout.made(node.other)
    slot = layout.place()

    def run(env: Env, frame: Frame) -> Value:
        truth = truth_of(test(env, frame), "?:")
        value: Value
        if isinstance(truth, Unknown):
            value = truth
        else:
            value = then(env, frame) if truth else other(env, frame)
        frame[slot] = value
        return value

    return run, Site(node, slot, (test_site, then_site, other_site))


def _compare(node: Compare, layout: Layout) -> Made:
    if isinstance(node.right, Literal_) and type(node.right.value) in _CONSTANT:
        return _compare_constant(node, node.right, layout)
    left, left_site = layout.made(node.left)
    right, right_site = layout.made(node.right)
    slot, op, test = layout.place(), node.op, _test_of(node.op)

    def run(env: Env, frame: Frame) -> Value:
        a = left(env, frame)
        b = right(env, frame)
        kind = type(a)
        result = (
            test(a, b)
            if kind is type(b) and (kind in _ALIKE or (kind is float and a == a and b == b))  # noqa: PLR0124  no NaN
            else compare(op, a, b, frame[0])
        )
        frame[slot] = result
        return result

    return run, Site(node, slot, (left_site, right_site))


def _compare_constant(node: Compare, right: Literal_, layout: Layout) -> Made:
    """Make the closure of a comparison with a literal, the commonest threshold."""
    left, left_site = layout.made(node.left)
    slot, op, test, constant = layout.place(), node.op, _test_of(node.op), right.value
    kind = type(constant)

    def run(env: Env, frame: Frame) -> Value:
        a = left(env, frame)
        result = (
            test(a, constant)
            if type(a) is kind and a == a  # noqa: PLR0124  no NaN
            else compare(op, a, constant, frame[0])
        )
        frame[slot] = result
        return result

    if not (isinstance(node.left, Select) and isinstance(node.left.operand, Name)):
        return run, Site(node, slot, (left_site, Site(right, 0)))
    name, field, left_slot = node.left.operand.name, node.left.field, left_site.slot

    def run_field(env: Env, frame: Frame) -> Value:
        row = env.get(name)
        if type(row) is Row and row.ghost is None:
            a = row.values.get(field)
            if type(a) is kind and a == a:  # noqa: PLR0124  no NaN
                frame[left_slot] = a
                frame[slot] = result = test(a, constant)
                return result
        return run(env, frame)

    return run_field, Site(node, slot, (left_site, Site(right, 0)))


def _arithmetic(node: Arithmetic, layout: Layout) -> Made:
    left, left_site = layout.made(node.left)
    right, right_site = layout.made(node.right)
    slot, op = layout.place(), node.op

    def run(env: Env, frame: Frame) -> Value:
        frame[slot] = value = arithmetic(op, left(env, frame), right(env, frame))
        return value

    return run, Site(node, slot, (left_site, right_site))


NODES: Final[Makers] = {
    Literal_: _literal,
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
}
