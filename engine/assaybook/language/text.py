"""Trees back to text, and walks over trees."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final, TypeAlias

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
from assaybook.domain.functions import FUNCTIONS
from assaybook.domain.values import Scalar
from assaybook.language.tokens import RESERVED

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
Rarer: TypeAlias = Literal_ | Name | ListOf | MapOf | Index | Conditional | In
_LOOSEST, _EITHER, _BOTH, _RELATION, _SUM, _PRODUCT, _UNARY, _MEMBER = range(8)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under one, in the order of the text."""
    return _CHILDREN[type(node)](node)


def _of_quantifier(node: Quantifier) -> tuple[Node, ...]:
    test = () if node.test is None else (node.test,)
    return (node.over, *test, node.body)


def _of_map(node: MapOf) -> tuple[Node, ...]:
    return tuple(part for entry in node.entries for part in entry)


def _none(_node: Node) -> tuple[Node, ...]:
    return ()


def _operand(node: Select | Has | Not | Negate) -> tuple[Node, ...]:
    return (node.operand,)


_sides: Final = attrgetter("left", "right")
_CHILDREN: Final[Mapping[type, Callable[[Any], tuple[Node, ...]]]] = {
    Literal_: _none,
    Name: _none,
    **dict.fromkeys((Select, Has, Not, Negate), _operand),
    **dict.fromkeys((And, Or, Compare, Arithmetic), _sides),
    Call: attrgetter("args"),
    ListOf: attrgetter("items"),
    Index: attrgetter("operand", "index"),
    Conditional: attrgetter("test", "then", "other"),
    In: attrgetter("item", "container"),
    Quantifier: _of_quantifier,
    MapOf: _of_map,
}


def rebuilt(node: Node, parts: Sequence[Node]) -> Node:
    """Return a node with other nodes directly under it; the inverse of ``children``."""
    start, end, kind = node.start, node.end, node.type
    match node:  # the frequent ones without ``replace``, which costs three times as much
        case Select():
            return Select(start=start, end=end, type=kind, operand=parts[0], field=node.field)
        case And() | Or():
            return type(node)(start=start, end=end, type=kind, left=parts[0], right=parts[1])
        case Compare():
            left, right = parts
            return Compare(start=start, end=end, type=kind, op=node.op, left=left, right=right)
        case Call():
            return Call(start=start, end=end, type=kind, function=node.function, args=tuple(parts))
        case _:
            return _rebuilt(node, parts)


Other: TypeAlias = Has | Not | Negate | Arithmetic | Quantifier | Rarer


def _rebuilt(node: Other, parts: Sequence[Node]) -> Node:
    match node:
        case Has() | Not() | Negate():
            return replace(node, operand=parts[0])
        case Arithmetic():
            return replace(node, left=parts[0], right=parts[1])
        case Quantifier():
            test = parts[1] if node.test is not None else None
            return replace(node, over=parts[0], test=test, body=parts[-1])
        case _:
            return _rarer_rebuilt(node, parts)


def _rarer_rebuilt(node: Rarer, parts: Sequence[Node]) -> Node:
    match node:
        case Literal_() | Name():
            return node
        case ListOf():
            return replace(node, items=tuple(parts))
        case MapOf():
            return replace(node, entries=tuple(zip(parts[::2], parts[1::2], strict=True)))
        case Index():
            return replace(node, operand=parts[0], index=parts[1])
        case Conditional():
            return replace(node, test=parts[0], then=parts[1], other=parts[2])
        case _:
            return replace(node, item=parts[0], container=parts[1])


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything under it, parents first."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending.extend(reversed(children(found)))


def reads(node: Node, bound: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the free names of an expression: needs, ``params``, ``row``, ``let`` names."""
    found: set[str] = set()
    pending = [(node, bound)]
    while pending:
        at, known = pending.pop()
        if isinstance(at, Name) and at.name not in known:
            found.add(at.name)
        if isinstance(at, Quantifier):
            inner = known | {at.variable}
            pending.append((at.over, known))
            pending.extend((part, inner) for part in (at.test, at.body) if part is not None)
        else:
            pending.extend((child, known) for child in children(at))
    return frozenset(found)


def params_read(node: Node) -> frozenset[str]:
    """Return the names of the params that an expression reads."""
    return frozenset(
        at.field
        for at in walk(node)
        if isinstance(at, Select | Has)
        and isinstance(at.operand, Name)
        and at.operand.name == "params"
    )


def slice_of(expression: Expression, node: Node) -> str:
    """Return the text of a node as its author wrote it."""
    return expression.text[node.start : node.end]


def literal_text(value: Scalar) -> str:
    """Return a scalar as an expression would write it; instants and lengths of time as calls."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return f'"{"".join(_escaped(character) for character in value)}"'
    message = f"no literal has the type {type(value).__name__}"
    raise TypeError(message)


def _escaped(character: str) -> str:
    known = _ESCAPES.get(character)
    if known is not None:
        return known
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def unparse(node: Node) -> str:
    """Return text that parses to the same tree, with no bracket that is not needed."""
    return _written(node, _LOOSEST)


def _written(node: Node, least: int) -> str:
    text, strength = _loose(node)
    return text if strength >= least else f"({text})"


def _loose(node: Node) -> tuple[str, int]:
    """Return the text of a node and how strongly its outermost operator binds."""
    match node:
        case Conditional():
            test, then = _written(node.test, _EITHER), _written(node.then, _EITHER)
            found = f"{test} ? {then} : {_written(node.other, _LOOSEST)}", _LOOSEST
        case Or():
            found = f"{_written(node.left, _EITHER)} || {_written(node.right, _BOTH)}", _EITHER
        case And():
            found = f"{_written(node.left, _BOTH)} && {_written(node.right, _RELATION)}", _BOTH
        case Compare():
            left, right = _written(node.left, _RELATION), _written(node.right, _SUM)
            found = f"{left} {node.op} {right}", _RELATION
        case In():
            item, container = _written(node.item, _RELATION), _written(node.container, _SUM)
            found = f"{item} in {container}", _RELATION
        case Arithmetic():
            own = _SUM if node.op in ("+", "-") else _PRODUCT
            left, right = _written(node.left, own), _written(node.right, own + 1)
            found = f"{left} {node.op} {right}", own
        case _:
            found = _signed(node)
    return found


Tight: TypeAlias = ListOf | MapOf | Name | Select | Has | Index | Call | Quantifier


def _signed(node: Not | Negate | Literal_ | Tight) -> tuple[str, int]:
    match node:
        case Not():
            return f"!{_written(node.operand, _UNARY)}", _UNARY
        case Negate():
            return f"-{_negated(node.operand)}", _UNARY
        case Literal_():
            text = literal_text(node.value)
            return text, _UNARY if text.startswith("-") else _MEMBER
        case _:
            return _tight(node), _MEMBER


def _negated(node: Node) -> str:
    """Write what stands after a minus; a bare number there would swallow the sign."""
    text = _written(node, _UNARY)
    return f"({text})" if text[:1].isdigit() and isinstance(node, Literal_) else text


def _tight(node: Tight) -> str:
    match node:
        case ListOf():
            found = f"[{_joined(node.items)}]"
        case MapOf():
            entries = (f"{unparse(key)}: {unparse(value)}" for key, value in node.entries)
            found = f"{{{', '.join(entries)}}}"
        case Name():
            found = node.name
        case Select():
            found = f"{_written(node.operand, _MEMBER)}.{_field(node.field)}"
        case Has():
            found = f"has({_written(node.operand, _MEMBER)}.{_field(node.field)})"
        case Index():
            found = f"{_written(node.operand, _MEMBER)}[{unparse(node.index)}]"
        case Call():
            found = _called(node)
        case _:
            found = _quantified(node)
    return found


def _field(name: str) -> str:
    plain = name.isidentifier() and name not in ("true", "false", "null", "in")
    return name if plain else f"`{name}`"


def _called(node: Call) -> str:
    known = FUNCTIONS.get(node.function)
    as_method = node.function in RESERVED if known is None else not known.called
    if not as_method:
        return f"{node.function}({_joined(node.args)})"
    first, *others = node.args
    return f"{_written(first, _MEMBER)}.{node.function}({_joined(others)})"


def _quantified(node: Quantifier) -> str:
    parts = (node.body,) if node.test is None else (node.test, node.body)
    inner = ", ".join((node.variable, *map(unparse, parts)))
    if node.kind == "only":
        return f"only({unparse(node.over)}, {inner})"
    return f"{_written(node.over, _MEMBER)}.{node.kind}({inner})"


def _joined(nodes: Sequence[Node]) -> str:
    return ", ".join(map(unparse, nodes))
