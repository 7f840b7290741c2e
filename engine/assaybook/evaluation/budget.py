"""How much work one expression may cost, so that none can hang the process.

The charge does not depend on which operand decides: a root is charged for all its nodes at once
and a quantifier for all rows at once, before any is visited. So every back end charges alike.
"""

from collections.abc import Iterator
from typing import Final

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
from assaybook.domain.values import Unknown, unknown

DEFAULT_STEPS: Final = 2_000_000
"""Steps of one expression: about half a second of closures at worst."""
LONGEST: Final = 1_000_000
"""Most characters of a text, or elements of a list, that an expression may make."""
DEEPEST: Final = 100
"""Deepest nesting of nodes, and of values in values, that is judged."""
SPENT: Final[Unknown] = unknown(
    "error:budget", "", "the expression needs more steps than it may take"
)
TOO_LARGE: Final[Unknown] = unknown("error:budget", "", "the result would be too large")
TOO_DEEP: Final[Unknown] = unknown("error:budget", "", "the expression is nested too deeply")


class BudgetSpentError(Exception):
    """The steps of an expression are spent; caught by the back ends, never seen outside."""


class Budget:
    """The steps that are left to one expression."""

    __slots__ = ("left",)

    def __init__(self, steps: int = DEFAULT_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take some steps.

        Raises:
            BudgetSpentError: fewer were left.
        """
        self.left -= steps
        if self.left < 0:
            raise BudgetSpentError


def children_of(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911  one return for each shape
    """Return the nodes directly under one that are visited once, whatever the lists hold.

    The test and the body of a quantifier are not among them.
    """
    match node:
        case Literal_() | Name():
            return ()
        case Select() | Has() | Not() | Negate():
            return (node.operand,)
        case And() | Or() | Compare() | Arithmetic():
            return (node.left, node.right)
        case Index():
            return (node.operand, node.index)
        case Conditional():
            return (node.test, node.then, node.other)
        case In():
            return (node.item, node.container)
        case ListOf():
            return node.items
        case MapOf():
            return tuple(part for entry in node.entries for part in entry)
        case Call():
            return node.args
        case _:
            return (node.over,)


def cost_of(node: Node) -> int:
    """Return the steps of one visit: one for each node outside the bodies of quantifiers."""
    return sum(1 for _ in _visited(node))


def _visited(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(children_of(one))


def row_cost(node: Quantifier) -> int:
    """Return the steps that a quantifier takes for one row."""
    return cost_of(node.body) + (cost_of(node.test) if node.test is not None else 0)


def is_too_deep(node: Node) -> bool:
    """Tell whether a tree is nested beyond ``DEEPEST``."""
    pending: list[tuple[Node, int]] = [(node, 1)]
    while pending:
        one, depth = pending.pop()
        if depth > DEEPEST:
            return True
        inner = children_of(one)
        if isinstance(one, Quantifier):
            inner = (*inner, one.body, *((one.test,) if one.test is not None else ()))
        pending.extend((each, depth + 1) for each in inner)
    return False
