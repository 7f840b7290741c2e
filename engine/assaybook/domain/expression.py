"""The typed tree of an expression: one intermediate form for every back end.

Only the parser makes nodes and only the checker types them. Every node knows where it stands in
its text, so that an error or a trace line can quote it.
"""

from typing import Final, Literal, TypeAlias

from assaybook.domain.record import keyed_record, record
from assaybook.domain.types import ANY, Type
from assaybook.domain.values import Scalar

CompareOp = Literal["==", "!=", "<", "<=", ">", ">="]
ORDERS: Final = frozenset(("<", "<=", ">", ">="))
"""Comparisons that put two values in an order."""
ArithmeticOp = Literal["+", "-", "*", "/", "%"]
QuantifierKind = Literal["all", "exists", "filter", "map", "only"]


@keyed_record
class Base:
    """Where a node stands in its text (character offsets, half open) and its type."""

    start: int
    end: int
    type: Type = ANY


@keyed_record
class Literal_(Base):  # noqa: N801
    """A scalar written in the text."""

    value: Scalar


@keyed_record
class ListOf(Base):
    """A list written in the text."""

    items: tuple["Node", ...]


@keyed_record
class MapOf(Base):
    """A map written in the text: ``policy eval`` only, the checker refuses it."""

    entries: tuple[tuple["Node", "Node"], ...]


@keyed_record
class Name(Base):
    """A need, ``system``, ``release``, ``params``, ``row``, a ``let`` name or a bound variable."""

    name: str


@keyed_record
class Select(Base):
    """``operand.field``."""

    operand: "Node"
    field: str


@keyed_record
class Has(Base):
    """``has(operand.field)``."""

    operand: "Node"
    field: str


@keyed_record
class Index(Base):
    """``operand[index]``."""

    operand: "Node"
    index: "Node"


@keyed_record
class Not(Base):
    """``!operand``."""

    operand: "Node"


@keyed_record
class Negate(Base):
    """``-operand``."""

    operand: "Node"


@keyed_record
class And(Base):
    """``left && right``."""

    left: "Node"
    right: "Node"


@keyed_record
class Or(Base):
    """``left || right``."""

    left: "Node"
    right: "Node"


@keyed_record
class Conditional(Base):
    """``test ? then : other``."""

    test: "Node"
    then: "Node"
    other: "Node"


@keyed_record
class Compare(Base):
    """``left op right``."""

    op: CompareOp
    left: "Node"
    right: "Node"


@keyed_record
class Arithmetic(Base):
    """``left op right``."""

    op: ArithmeticOp
    left: "Node"
    right: "Node"


@keyed_record
class In(Base):
    """``item in container``."""

    item: "Node"
    container: "Node"


@keyed_record
class Call(Base):
    """A function of the closed list; a method's receiver is its first argument.

    ``function`` is the bare name (``size``, ``startsWith``, ``math.least``, ``stats.mean``).
    """

    function: str
    args: tuple["Node", ...]


@keyed_record
class Quantifier(Base):
    """``over.kind(variable, body)``, or ``only(over, variable, body)``.

    For ``map`` with three arguments ``test`` is the middle one; otherwise it is None.
    """

    kind: QuantifierKind
    over: "Node"
    variable: str
    body: "Node"
    test: "Node | None" = None


Node: TypeAlias = (
    Literal_
    | ListOf
    | MapOf
    | Name
    | Select
    | Has
    | Index
    | Not
    | Negate
    | And
    | Or
    | Conditional
    | Compare
    | Arithmetic
    | In
    | Call
    | Quantifier
)


@record
class Expression:
    """An expression of a policy: its text as written, its tree, and where it was written.

    Attributes:
        text: as in the file, without outer space.
        node: the typed root.
        file: path as the person named it; empty for ``eval``.
        line: line of the text's first character, from 1.
        column: column of it, from 1.
    """

    text: str
    node: Node
    file: str = ""
    line: int = 1
    column: int = 1


def param_named(node: Node) -> str:
    """Return the name of the param that a node is; empty for any other node."""
    if isinstance(node, Select) and isinstance(node.operand, Name):
        return node.field if node.operand.name == "params" else ""
    return ""


def chained(node: Node, kind: type = And) -> tuple[Node, ...]:
    """Return the operands of a chain of one operator, in their order; any other node alone."""
    if not isinstance(node, And | Or) or not isinstance(node, kind):
        return (node,)
    return (*chained(node.left, kind), *chained(node.right, kind))
