"""Comparisons and membership: kinds, units, closed words, and ranges that decide beforehand."""

import re
from typing import Final

from assaybook.domain.expression import (
    ORDERS,
    Compare,
    CompareOp,
    Expression,
    In,
    ListOf,
    Literal_,
    Node,
)
from assaybook.domain.types import ListType, RecordType, ScalarType, Type
from assaybook.language.checker_hints import meant_comparison
from assaybook.language.faults import refuse
from assaybook.language.kinds import comparable, is_number, range_words, spoken, units_clash
from assaybook.language.suggest import did_you_mean, listing
from assaybook.language.text import unparse

_ORDERED: Final = frozenset({"int", "double", "string", "timestamp", "duration"})


def check_compare(node: Compare, expression: Expression) -> None:
    """Refuse a comparison of what cannot be compared, or whose answer is known beforehand.

    Raises:
        AuthorError: ``expression-type``, ``unit-mismatch``, ``unknown-word``, ``always-holds``,
            ``never-holds``.
    """
    left, right = node.left.type, node.right.type
    if not comparable(left, right):
        reason = f"{spoken(left)} cannot be compared with {spoken(right)}"
        refuse(expression, node, "expression-type", reason, _hint(node))
    if units_clash(left, right):
        reason = f"{spoken(left)} cannot be compared with {spoken(right)}"
        refuse(expression, node, "unit-mismatch", reason, "Compare values of one unit.")
    for each in (left, right):
        _refuse_kind(node, each, expression)
    _check_words(node, expression)
    _check_range(node, expression)
    if unparse(node.left) == unparse(node.right):
        code = "always-holds" if node.op in ("==", "<=", ">=") else "never-holds"
        refuse(expression, node, code, "a value is compared with itself")


def _hint(node: Compare) -> str:
    if isinstance(node.left, Compare):
        return "Write a <= x && x <= b."
    for each in (node.left, node.right):
        if isinstance(each.type, ListType):
            return meant_comparison(each.type)
        if isinstance(each.type, ScalarType) and each.type.name == "duration":
            return 'Write duration("90d").'
        if isinstance(each, Literal_) and isinstance(each.value, str) and _is_number(each.value):
            return f"Write the number without quotes: {each.value}."
    return ""


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _refuse_kind(node: Compare, kind: Type, expression: Expression) -> None:
    ordering = node.op in ORDERS
    if isinstance(kind, RecordType):
        reason, hint = "rows cannot be compared", "Compare a field of them."
        refuse(expression, node, "expression-type", reason, hint)
    if isinstance(kind, ListType):
        if ordering:
            refuse(expression, node, "expression-type", "lists have no order", "Use size(...).")
        if not kind.ordered or isinstance(kind.of, RecordType):
            reason = "the rows of this list have no order, so lists of them cannot be equal"
            hint = "Use .all(x, x in other) or size(...)."
            refuse(expression, node, "expression-type", reason, hint)
        return
    if ordering and kind.name not in _ORDERED:
        reason, hint = f"{node.op} does not order {spoken(kind)}", "Use == or !=."
        refuse(expression, node, "expression-type", reason, hint)
    if ordering and kind.words:
        reason = f"{node.op} would order these words by their letters"
        hint = f"List the words that you accept: in [...]. They are {listing(kind.words)}."
        refuse(expression, node, "order-of-words", reason, hint)


def _check_words(node: Compare, expression: Expression) -> None:
    for value, other in ((node.left, node.right), (node.right, node.left)):
        check_word(value, other, expression)
    left, right = node.left.type, node.right.type
    if isinstance(left, ScalarType) and isinstance(right, ScalarType):
        apart = left.words and right.words and not set(left.words) & set(right.words)
        if apart:
            code = "never-holds" if node.op == "==" else "always-holds"
            reason = f"one side is {listing(left.words)}, the other {listing(right.words)}"
            refuse(expression, node, code, reason)


def check_word(value: Node, other: Node, expression: Expression, of: Type | None = None) -> None:
    """Refuse a text that is none of the words that the other side, or ``of`` it, can have.

    Raises:
        AuthorError: ``unknown-word``.
    """
    kind = of or other.type
    words = kind.words if isinstance(kind, ScalarType) else ()
    if words and isinstance(value, Literal_) and value.value not in words:
        wrong = str(value.value)
        hint = did_you_mean(wrong, words) or f"It is {listing(words)}."
        reason = f"{unparse(other)} is never {wrong!r}"
        refuse(expression, value, "unknown-word", reason, hint)


def _check_range(node: Compare, expression: Expression) -> None:
    left, right = node.left.type, node.right.type
    if not isinstance(left, ScalarType) or not isinstance(right, ScalarType):
        return
    if not is_number(left) or not is_number(right):
        return
    answer = decided(node.op, left, right)
    if answer is not None:
        holds = "always" if answer else "never"
        ends = " and ".join(
            f"{unparse(side)} is {range_words(kind)}"
            for side, kind in ((node.left, left), (node.right, right))
            if not isinstance(side, Literal_)
        )
        reason = f"this {holds} holds: {ends or 'both sides are written out'}"
        hint = "A ratio goes from 0 to 1." if "ratio" in (left.unit, right.unit) else ""
        refuse(expression, node, f"{holds}-holds", reason, hint)


def decided(op: CompareOp, left: ScalarType, right: ScalarType) -> bool | None:
    """Return what a comparison of two ranges must give, or None where it can give both."""
    below, above = _less(left, right), _less(right, left)
    at_most, at_least = _less_or_equal(left, right), _less_or_equal(right, left)
    same = at_most and at_least
    answers: dict[CompareOp, tuple[bool, bool]] = {
        "<": (below, at_least),
        "<=": (at_most, above),
        ">": (above, at_most),
        ">=": (at_least, below),
        "==": (same, below or above),
        "!=": (below or above, same),
    }
    always, never = answers[op]
    return True if always else False if never else None


def _less(left: ScalarType, right: ScalarType) -> bool:
    return left.high is not None and right.low is not None and left.high < right.low


def _less_or_equal(left: ScalarType, right: ScalarType) -> bool:
    return left.high is not None and right.low is not None and left.high <= right.low


def check_in(node: In, expression: Expression) -> None:
    """Refuse membership in what is no list, or of what can never be in it.

    Raises:
        AuthorError: ``expression-type``, ``unit-mismatch``, ``unknown-word``, ``never-holds``.
    """
    container = node.container.type
    if not isinstance(container, ListType):
        hint = "Use text.contains(part)." if spoken(container).startswith("a text") else ""
        reason = f"in looks into a list, and this is {spoken(container)}"
        refuse(expression, node.container, "expression-type", reason, hint)
    item = node.item.type
    if not isinstance(item, ScalarType) or not comparable(item, container.of):
        reason = f"{spoken(item)} is never in {spoken(container)}"
        hint = "Use .exists(r, r.field == ...)." if isinstance(container.of, RecordType) else ""
        refuse(expression, node, "expression-type", reason, hint)
    if units_clash(item, container.of):
        reason = f"{spoken(item)} is never in {spoken(container)}"
        refuse(expression, node, "unit-mismatch", reason, "Compare values of one unit.")
    check_word(node.item, node.container, expression, container.of)
    if isinstance(node.container, ListOf):
        if not node.container.items:
            refuse(expression, node, "never-holds", "nothing is in an empty list")
        for each in node.container.items:
            check_word(each, node.item, expression)
    of = container.of
    if is_number(item) and isinstance(of, ScalarType) and decided("==", item, of) is False:
        reason = f"this never holds: {unparse(node.item)} is {range_words(item)}"
        refuse(expression, node, "never-holds", reason)
