"""Conditions that exclude one another, so that nothing a person submits can decide them.

Each part of an ``&&`` that compares one value with what is written out leaves that value a range,
some words, or one truth; where two of them leave nothing, the whole is never true. An ``||`` whose
parts leave nothing when all of them are denied is never false.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from assaybook.domain.expression import (
    And,
    Compare,
    CompareOp,
    Expression,
    In,
    ListOf,
    Literal_,
    Node,
    Not,
    Or,
)
from assaybook.domain.record import record
from assaybook.domain.types import ScalarType
from assaybook.language.faults import refuse
from assaybook.language.text import unparse, walk

_DENIED: Final[Mapping[CompareOp, CompareOp]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}
_TURNED: Final[Mapping[CompareOp, CompareOp]] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}


@record
class _Left:
    """What some conditions leave of one value; ``words`` None is every text or truth."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    words: frozenset[str | bool] | None = None
    without: frozenset[str | bool] = frozenset()

    @property
    def is_nothing(self) -> bool:
        if self.words is not None and not self.words - self.without:
            return True
        if self.low == self.high:
            return self.open_low or self.open_high
        return self.low > self.high

    def meets(self, other: "_Left") -> "_Left":
        low, open_low = max((self.low, self.open_low), (other.low, other.open_low))
        high, closed = min((self.high, not self.open_high), (other.high, not other.open_high))
        words = self.words if other.words is None else other.words
        if self.words is not None and other.words is not None:
            words = self.words & other.words
        return _Left(low, high, open_low, not closed, words, self.without | other.without)


def refuse_contradiction(expression: Expression) -> None:
    """Refuse an expression with parts that exclude one another.

    Raises:
        AuthorError: ``never-holds`` for an ``&&``, ``always-holds`` for an ``||``.
    """
    inner: set[int] = set()
    for node in walk(expression.node):
        if not isinstance(node, And | Or) or id(node) in inner:
            continue
        inner.update(map(id, _chain(node)))
        truth = isinstance(node, And)
        found = _clash(_atoms(node, truth=truth), truth=truth, given={})
        if found is not None and truth:
            reason = f"this never holds: {unparse(found)} excludes what stands before it"
            hint = "Write || where either is meant, or take one of them out."
            refuse(expression, found, "never-holds", reason, hint)
        if found is not None:
            reason = f"this always holds: what is not so before it makes {unparse(found)} so"
            hint = "Write && where both are meant, or take one of them out."
            refuse(expression, found, "always-holds", reason, hint)


def refuse_decided(expression: Expression, given: Iterable[Expression]) -> None:
    """Refuse a condition that others, which hold whenever it is asked, decide beforehand.

    Raises:
        AuthorError: ``never-holds`` or ``always-holds``.
    """
    left: dict[str, _Left] = {}
    for each in given:
        _clash(_atoms(each.node, truth=True), truth=True, given=left)
    for truth, word in ((True, "never"), (False, "always")):
        found = _clash(_atoms(expression.node, truth=truth), truth=truth, given=dict(left))
        if found is not None:
            reason = f"this {word} holds for the rows that are judged: their where decides it"
            hint = "Compare what where leaves open, or take the condition out of where."
            refuse(expression, found, f"{word}-holds", reason, hint)


def excluded(condition: Expression, given: Iterable[Expression]) -> Node | None:
    """Return the part of a condition that others exclude, or None where it can hold."""
    left: dict[str, _Left] = {}
    for each in given:
        _clash(_atoms(each.node, truth=True), truth=True, given=left)
    return _clash(_atoms(condition.node, truth=True), truth=True, given=left)


def _chain(node: And | Or) -> Iterator[Node]:
    """Yield the same operators directly under one, which are read together with it."""
    for part in (node.left, node.right):
        if isinstance(part, And | Or) and type(part) is type(node):
            yield part
            yield from _chain(part)


def _atoms(node: Node, *, truth: bool) -> Iterator[Node]:
    """Yield the parts that are all so where a node is (or is not) so."""
    joined = And if truth else Or
    if isinstance(node, joined):
        yield from _atoms(node.left, truth=truth)
        yield from _atoms(node.right, truth=truth)
    else:
        yield node


def _clash(atoms: Iterable[Node], *, truth: bool, given: dict[str, _Left]) -> Node | None:
    """Return the first part that leaves nothing of a value; ``given`` gains what each leaves."""
    for atom in atoms:
        asked = _asked(atom, truth=truth)
        if asked is None:
            continue
        key, left = asked
        given[key] = given[key].meets(left) if key in given else left
        if given[key].is_nothing:
            return atom
    return None


def _asked(node: Node, *, truth: bool) -> tuple[str, _Left] | None:
    """Return which value a condition speaks of and what it leaves, or None where that is open."""
    match node:
        case Not():
            return _asked(node.operand, truth=not truth)
        case Compare():
            return _compared(node, truth=truth)
        case In(container=ListOf(items=items)):
            words = [item.value for item in items if isinstance(item, Literal_)]
            texts = frozenset(word for word in words if isinstance(word, str))
            if not items or len(texts) < len(items):
                return None
            return unparse(node.item), _among(texts, truth=truth)
        case _:
            return unparse(node), _Left(words=frozenset({truth}))


def _among(texts: frozenset[str | bool], *, truth: bool) -> _Left:
    return _Left(words=texts) if truth else _Left(without=texts)


def _compared(node: Compare, *, truth: bool) -> tuple[str, _Left] | None:
    op, value, other = node.op, _written(node.right), node.left
    if value is None:
        op, value, other = _TURNED[op], _written(node.left), node.right
    if value is None:
        return None
    if not truth:
        op = _DENIED[op]
    if isinstance(value, str | bool):
        held = _among(frozenset({value}), truth=op == "==") if op in ("==", "!=") else None
        return None if held is None else (unparse(other), held)
    whole = isinstance(other.type, ScalarType) and other.type.name == "int"
    left = _ranged(op, value, step=float(whole))
    return None if left is None else (unparse(other), left)


def _ranged(op: CompareOp, value: float, *, step: float) -> _Left | None:
    """Return the range that a comparison leaves; whole numbers have a next one, a step away."""
    if step and op in ("<", ">") and value == math.floor(value):
        return _Left(high=value - step) if op == "<" else _Left(low=value + step)
    match op:
        case "<" | "<=":
            return _Left(high=value, open_high=op == "<")
        case ">" | ">=":
            return _Left(low=value, open_low=op == ">")
        case "==":
            return _Left(low=value, high=value)
        case _:
            return None


def _written(node: Node) -> float | str | bool | None:
    """Return a text, truth or number that is written out, or None for anything else."""
    value = node.value if isinstance(node, Literal_) else None
    return value if isinstance(value, bool | int | float | str) else None
