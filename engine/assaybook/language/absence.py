"""What may not pass for want of evidence: refused when a policy is loaded.

``has(x.f)`` is the one question that turns a null field into a plain false, ``exists``, ``in`` and
``size`` those that turn missing rows into one. Each node is read with a sign: +1 where making it
false (a number smaller, a list shorter) can never help a pass, -1 where making it true (greater,
longer) can never help, 0 where either could. ``has`` and the counting of rows whose completeness
nobody claims are taken only where the sign is +1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Final, Literal, NoReturn, TypeAlias

from assaybook.domain.expression import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Expression,
    Has,
    In,
    Literal_,
    Name,
    Node,
    Not,
    Or,
    Quantifier,
    Select,
)
from assaybook.domain.policy import Need
from assaybook.domain.record import record
from assaybook.domain.types import ScalarType
from assaybook.language.faults import refuse
from assaybook.language.text import children, unparse

Sign: TypeAlias = Literal[-1, 0, 1]
_FLIPPED: Final[Mapping[Sign, Sign]] = {1: -1, 0: 0, -1: 1}
_RISING: Final = frozenset({">", ">="})
_COMPLEMENT: Final = {"==": "!=", "!=": "=="}


@record
class Reading:
    """What an expression can name: the needs of its policy and the lets before it."""

    expression: Expression
    needs: Mapping[str, Need]
    lets: Mapping[str, Expression]
    shares: frozenset[str] = frozenset()
    """Needs that the comparison at hand counts on both sides, as a share of their own rows."""
    seen: set[tuple[str, Sign, frozenset[str]]] = field(default_factory=set)
    """Lets already read, with sign and shares: each is read once, however often it is named."""
    counts: dict[tuple[str, Sign], frozenset[tuple[str, Sign]]] = field(default_factory=dict)
    sources: dict[str, str | None] = field(default_factory=dict)

    def inside(self, let: str) -> "Reading":
        """Return the reading of the expression of a let."""
        return replace(self, expression=self.lets[let])

    def sharing(self, needs: Iterable[str]) -> "Reading":
        """Return the reading of the sides of a comparison that counts these needs on both."""
        return replace(self, shares=frozenset(needs))


def refuse_absence(
    expression: Expression,
    sign: Sign,
    needs: Mapping[str, Need],
    lets: Mapping[str, Expression],
) -> None:
    """Refuse an expression that can help a pass because a field is null or a row is not there.

    Args:
        expression: typed.
        sign: +1 for what must be true for a pass, -1 for what must not, 0 for both.
        needs: the policy's needs by name.
        lets: the rule's names and their typed expressions.

    Raises:
        AuthorError: ``passes_on_absence``, ``unproven-absence``.
    """
    _visit(expression.node, sign, Reading(expression, needs, lets))


def _visit(node: Node, sign: Sign, at: Reading) -> None:
    match node:
        case Has():
            _has(node, sign, at)
        case And() | Or():
            _visit(node.left, sign, at)
            _visit(node.right, sign, at)
        case Not():
            _visit(node.operand, _FLIPPED[sign], at)
        case Conditional():
            _visit(node.test, 0, at)
            _visit(node.then, sign, at)
            _visit(node.other, sign, at)
        case Compare():
            _compare(node, sign, at)
        case Arithmetic():
            _arithmetic(node, sign, at)
        case _:
            _visit_list(node, sign, at)


def _visit_list(node: Node, sign: Sign, at: Reading) -> None:
    match node:
        case Quantifier():
            _quantifier(node, sign, at)
        case In():
            _refuse_unclaimed(node, node.container, sign, at, "is not in")
            _visit(node.item, 0, at)
            _visit(node.container, sign, at)
        case Call(function="size", args=(counted,)):
            _refuse_unclaimed(node, counted, sign, at, "counts few of")
            _visit(counted, sign, at)
        case Call(function="double" | "int", args=(number,)):
            _visit(number, sign, at)
        case Name() if node.name in at.lets:
            if (node.name, sign, at.shares) not in at.seen:
                at.seen.add((node.name, sign, at.shares))
                _visit(at.lets[node.name].node, sign, at.inside(node.name))
        case _:
            for child in children(node):
                _visit(child, 0, at)


def _has(node: Has, sign: Sign, at: Reading) -> None:
    if sign != 1:
        text = unparse(node)
        reason = f"this could pass because {node.field!r} is null: {text} is false then"
        hint = f"Leave {text} out: a null field makes the answer unknown, as it should be."
        refuse(at.expression, node, "passes_on_absence", reason, hint)
    _visit(node.operand, 0, at)


def _compare(node: Compare, sign: Sign, at: Reading) -> None:
    if node.op in ("==", "!="):
        _equal(node, sign, at)
        return
    rising = sign if node.op in _RISING else _FLIPPED[sign]
    left, right = _counted(node.left, rising, at), _counted(node.right, _FLIPPED[rising], at)
    more = {need for need, found in left | right if found == 1}
    fewer = {need for need, found in left | right if found == -1}
    at = at.sharing(more & fewer)
    _visit(node.left, rising, at)
    _visit(node.right, _FLIPPED[rising], at)


def _counted(node: Node, sign: Sign, at: Reading) -> frozenset[tuple[str, Sign]]:
    """Return the needs whose rows a number counts, each with the sign of the count."""
    match node:
        case Call(function="size", args=(counted,)):
            need = _unclaimed(counted, at)
            return frozenset() if need is None else frozenset({(need, sign)})
        case Call(function="double" | "int", args=(number,)):
            return _counted(number, sign, at)
        case Arithmetic():
            left, right = _signs(node, sign)
            return _counted(node.left, left, at) | _counted(node.right, right, at)
        case Name() if node.name in at.lets:
            found = at.counts.get((node.name, sign))
            if found is None:
                found = _counted(at.lets[node.name].node, sign, at)
                at.counts[node.name, sign] = found
            return found
        case _:
            return frozenset()


def _arithmetic(node: Arithmetic, sign: Sign, at: Reading) -> None:
    left, right = _signs(node, sign)
    _visit(node.left, left, at)
    _visit(node.right, right, at)


def _signs(node: Arithmetic, sign: Sign) -> tuple[Sign, Sign]:
    if node.op == "+":
        return sign, sign
    if node.op == "-":
        return sign, _FLIPPED[sign]
    positive = _never_negative(node.left), _never_negative(node.right)
    if node.op == "*":
        return sign if positive[1] else 0, sign if positive[0] else 0
    if node.op == "/":
        return sign if positive[1] else 0, _FLIPPED[sign] if all(positive) else 0
    return 0, 0


def _never_negative(node: Node) -> bool:
    """Tell whether a number is at least 0 for sure."""
    if isinstance(node, Call) and node.function == "double":
        return _never_negative(node.args[0])
    kind = node.type
    return isinstance(kind, ScalarType) and kind.low is not None and kind.low >= 0


def _equal(node: Compare, sign: Sign, at: Reading) -> None:
    """Take ``size(list) == n`` where n is at least one, and ``size(list) != 0``."""
    sized = next((side for side in (node.left, node.right) if _is_size(side, at)), None)
    if sized is None or sign == 0:
        _visit(node.left, 0, at)
        _visit(node.right, 0, at)
        return
    other = node.right if sized is node.left else node.left
    op = node.op if sign == 1 else _COMPLEMENT[node.op]
    counted = _inner(sized, at)
    zero = isinstance(other, Literal_) and other.value == 0
    fine = zero if op == "!=" else _at_least_one(other, at)
    if not fine:
        _refuse_unclaimed(node, counted, 0, at, "counts few of")
    _visit(counted, 1 if op == "!=" and zero else 0, at)
    _visit(other, 0, _sharing(other, at))


def _sharing(other: Node, at: Reading) -> Reading:
    """Let the other side of an equality be a size too."""
    need = _unclaimed(_inner(other, at), at) if _is_size(other, at) else None
    return at if need is None else at.sharing({need})


def _is_size(node: Node, at: Reading) -> bool:
    node = _resolved(node, at)
    return isinstance(node, Call) and node.function == "size"


def _inner(node: Node, at: Reading) -> Node:
    node = _resolved(node, at)
    return node.args[0] if isinstance(node, Call) else node


def _resolved(node: Node, at: Reading) -> Node:
    while isinstance(node, Name) and node.name in at.lets:
        node = at.lets[node.name].node
    return node


def _at_least_one(node: Node, at: Reading) -> bool:
    kind = node.type
    low = kind.low if isinstance(kind, ScalarType) else None
    return (low is not None and low >= 1) or _is_size(node, at)


def _quantifier(node: Quantifier, sign: Sign, at: Reading) -> None:
    over: Sign = sign
    if node.kind == "exists":
        _refuse_unclaimed(node, node.over, sign, at, "finds no row in")
    elif node.kind == "all":
        over = _FLIPPED[sign]
    elif node.kind == "only":
        over = sign = 0
    _visit(node.over, over, at)
    if node.kind == "map":
        if node.test is not None:
            _visit(node.test, sign, at)
        _visit(node.body, 0, at)
    else:
        _visit(node.body, sign, at)


def _refuse_unclaimed(node: Node, counted: Node, sign: Sign, at: Reading, what: str) -> None:
    need = None if sign == 1 else _unclaimed(counted, at)
    if need is None or need in at.shares:
        return
    reason = (
        f"this could pass because it {what} {need!r}, and nothing says that {need!r} is complete"
    )
    hint = (
        f"Write {need}.all(r, ...), which wants rows, or give the need may_be_empty: true and of."
        if need in at.needs
        else "Write .all(r, ...), which wants rows."
    )
    _refuse(at, node, reason, hint)


def _refuse(at: Reading, node: Node, reason: str, hint: str) -> NoReturn:
    refuse(at.expression, node, "unproven-absence", reason, hint)


def _unclaimed(node: Node, at: Reading) -> str | None:
    """Return the need whose rows a list holds, unless its emptiness can be proven."""
    match node:
        case Name():
            return _unclaimed_name(node.name, at)
        case Select(operand=Name(name=name), field=part) if name in at.needs:
            return f"{name}.{part}"
        case Quantifier(kind="filter" | "map"):
            return _unclaimed(node.over, at)
        case Arithmetic():
            return _unclaimed(node.left, at) or _unclaimed(node.right, at)
        case Conditional():
            return _unclaimed(node.then, at) or _unclaimed(node.other, at)
        case _:
            return None


def _unclaimed_name(name: str, at: Reading) -> str | None:
    if name in at.lets:
        if name not in at.sources:
            at.sources[name] = _unclaimed(at.lets[name].node, at)
        return at.sources[name]
    need = at.needs.get(name)
    return None if need is None or need.may_be_empty else name
