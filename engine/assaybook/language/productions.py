"""One function for each named production of ``grammar.lark``: its children to a node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NoReturn, TypeAlias, cast

from assaybook.domain.expression import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    Compare,
    CompareOp,
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
    QuantifierKind,
    Select,
)
from assaybook.domain.functions import FUNCTIONS, NAMESPACES
from assaybook.language.faults import Place
from assaybook.language.tokens import RESERVED, Token

Entries: TypeAlias = list[tuple[Node, Node]]
_ONE: Final = "Use only(list, x, condition), or size(list.filter(x, condition)) == 1."
_UNSUPPORTED: Final = {
    "exists_one": _ONE,
    "existsOne": _ONE,
    "transformList": "Use list.map(x, value).",
    "transformMap": "",
    "transformMapEntry": "",
}
_MACROS: Final[Mapping[str, QuantifierKind]] = {
    "all": "all",
    "exists": "exists",
    "filter": "filter",
    "map": "map",
}


def node_of(value: object) -> Node:
    """Return a child of a production that the grammar says is a node."""
    return cast("Node", value)


def _token(value: object) -> Token:
    return cast("Token", value)


def _conditional(kept: Sequence[object], _place: Place) -> Node:
    test, then, other = node_of(kept[0]), node_of(kept[2]), node_of(kept[4])
    return Conditional(start=test.start, end=other.end, test=test, then=then, other=other)


def _or(kept: Sequence[object], _place: Place) -> Node:
    left, right = node_of(kept[0]), node_of(kept[2])
    return Or(start=left.start, end=right.end, left=left, right=right)


def _and(kept: Sequence[object], _place: Place) -> Node:
    left, right = node_of(kept[0]), node_of(kept[2])
    return And(start=left.start, end=right.end, left=left, right=right)


def _compare(kept: Sequence[object], _place: Place) -> Node:
    left, right = node_of(kept[0]), node_of(kept[2])
    operator = cast("CompareOp", _token(kept[1]).value)
    return Compare(start=left.start, end=right.end, op=operator, left=left, right=right)


def _in(kept: Sequence[object], _place: Place) -> Node:
    item, container = node_of(kept[0]), node_of(kept[2])
    return In(start=item.start, end=container.end, item=item, container=container)


def _arithmetic(kept: Sequence[object], _place: Place) -> Node:
    left, right = node_of(kept[0]), node_of(kept[2])
    operator = cast("ArithmeticOp", _token(kept[1]).value)
    return Arithmetic(start=left.start, end=right.end, op=operator, left=left, right=right)


def _not(kept: Sequence[object], _place: Place) -> Node:
    operand = node_of(kept[1])
    return Not(start=_token(kept[0]).start, end=operand.end, operand=operand)


def _negate(kept: Sequence[object], place: Place) -> Node:
    """Fold the sign into a number that stands right behind it, as CEL does."""
    start, operand = _token(kept[0]).start, node_of(kept[1])
    if (
        isinstance(operand, Literal_)
        and isinstance(operand.value, int | float)
        and place.text[operand.start] in "0123456789."
        and not (type(operand.value) is int and operand.value > 2**63)
    ):
        return Literal_(start=start, end=operand.end, value=-operand.value)
    return Negate(start=start, end=operand.end, operand=operand)


def _select(kept: Sequence[object], _place: Place) -> Node:
    operand, field = node_of(kept[0]), _token(kept[2])
    return Select(start=operand.start, end=field.end, operand=operand, field=str(field.value))


def _index(kept: Sequence[object], _place: Place) -> Node:
    operand = node_of(kept[0])
    end = _token(kept[3]).end
    return Index(start=operand.start, end=end, operand=operand, index=node_of(kept[2]))


def _group(kept: Sequence[object], _place: Place) -> Node:
    """Widen the inner node over its brackets, so that any slice of the text is whole."""
    return replace(node_of(kept[1]), start=_token(kept[0]).start, end=_token(kept[2]).end)


def _name(kept: Sequence[object], place: Place) -> Node:
    token = _token(kept[0])
    _refuse_reserved(token, place)
    return Name(start=token.start, end=token.end, name=str(token.value))


def _literal(kept: Sequence[object], _place: Place) -> Node:
    token = _token(kept[0])
    return Literal_(start=token.start, end=token.end, value=token.value)


def _list(kept: Sequence[object], _place: Place) -> Node:
    items = () if isinstance(kept[1], Token) else tuple(_items(kept[1]))
    return ListOf(start=_token(kept[0]).start, end=_token(kept[-1]).end, items=items)


def _map(kept: Sequence[object], _place: Place) -> Node:
    entries = () if isinstance(kept[1], Token) else tuple(cast("Entries", kept[1]))
    return MapOf(start=_token(kept[0]).start, end=_token(kept[-1]).end, entries=entries)


def _items(value: object) -> list[Node]:
    return cast("list[Node]", value)


def _first(kept: Sequence[object], _place: Place) -> list[Node]:
    return [node_of(kept[0])]


def _further(kept: Sequence[object], _place: Place) -> list[Node]:
    items = _items(kept[0])
    items.append(node_of(kept[2]))
    return items


def _first_entry(kept: Sequence[object], _place: Place) -> Entries:
    return [(node_of(kept[0]), node_of(kept[2]))]


def _further_entry(kept: Sequence[object], _place: Place) -> Entries:
    entries = cast("Entries", kept[0])
    entries.append((node_of(kept[2]), node_of(kept[4])))
    return entries


def _call(kept: Sequence[object], place: Place) -> Node:
    name = _token(kept[0])
    _refuse_reserved(name, place)
    function, end = str(name.value), _token(kept[-1]).end
    args = _items(kept[2]) if len(kept) == 4 else []  # noqa: PLR2004  name ( items )
    if function == "has":
        return _has(args, name.start, end, place)
    if function == "only":
        if len(args) != 3:  # noqa: PLR2004
            reason = "only takes a list, a name and a condition"
            _refuse(place, reason, name.start, end, "Write only(list, x, condition).")
        variable = _variable(args[1], place)
        return Quantifier(
            start=name.start, end=end, kind="only", over=args[0], variable=variable, body=args[2]
        )
    known = FUNCTIONS.get(function)
    if (known is not None and not known.called) or function in _MACROS:
        reason = f"{function} is called on a value"
        _refuse(place, reason, name.start, name.end, f"Write value.{function}(...).")
    return Call(start=name.start, end=end, function=function, args=tuple(args))


def _has(args: Sequence[Node], start: int, end: int, place: Place) -> Node:
    field = args[0] if len(args) == 1 else None
    if not isinstance(field, Select):
        _refuse(place, "has takes one field", start, end, "Write has(row.field).")
    return Has(start=start, end=end, operand=field.operand, field=field.field)


def _method(kept: Sequence[object], place: Place) -> Node:
    operand, name, end = node_of(kept[0]), _token(kept[2]), _token(kept[-1]).end
    function = str(name.value)
    args = _items(kept[4]) if len(kept) == 6 else []  # noqa: PLR2004  operand . name ( items )
    if isinstance(operand, Name) and operand.name in NAMESPACES:
        whole = f"{operand.name}.{function}"
        return Call(start=operand.start, end=end, function=whole, args=tuple(args))
    if function in _UNSUPPORTED:
        reason, hint = f"{function} is not supported", _UNSUPPORTED[function]
        place.refuse("expression-unsupported", reason, name.start, name.end, hint)
    if function in _MACROS:
        return _quantifier(operand, name, args, end, place)
    known = FUNCTIONS.get(function)
    if known is not None and not known.method:
        reason = f"{function} is not called on a value"
        _refuse(place, reason, name.start, name.end, f"Write {function}(...).")
    return Call(start=operand.start, end=end, function=function, args=(operand, *args))


def _quantifier(over: Node, name: Token, args: Sequence[Node], end: int, place: Place) -> Node:
    kind = _MACROS[str(name.value)]
    test = args[1] if kind == "map" and len(args) == 3 else None  # noqa: PLR2004
    if kind != "map" and len(args) == 3:  # noqa: PLR2004
        reason, hint = f"{kind} with two names is not supported", f"Write list.{kind}(x, ...)."
        place.refuse("expression-unsupported", reason, name.start, end, hint)
    if len(args) != 2 and test is None:  # noqa: PLR2004
        reason = f"{kind} takes a name and a condition"
        if kind == "map":
            reason = "map takes a name, a condition if wanted, and a value"
        _refuse(place, reason, name.start, end, f"Write list.{kind}(x, ...).")
    return Quantifier(
        start=over.start,
        end=end,
        kind=kind,
        over=over,
        variable=_variable(args[0], place),
        body=args[-1],
        test=test,
    )


def _variable(node: Node, place: Place) -> str:
    if not isinstance(node, Name) or place.text[node.start] == "(":
        reason = "the first thing in the brackets is a name for the row"
        _refuse(place, reason, node.start, node.end, "Write a plain name, such as r.")
    return node.name


def _refuse_reserved(token: Token, place: Place) -> None:
    if token.value in RESERVED:
        reason = f"{token.value!r} is a reserved word"
        place.refuse("expression-reserved", reason, token.start, token.end, "Use another name.")


def _refuse(place: Place, reason: str, start: int, end: int, hint: str) -> NoReturn:
    place.refuse("expression-syntax", reason, start, end, hint)


PRODUCTIONS: Final[Mapping[str, Callable[[Sequence[object], Place], object]]] = {
    "conditional": _conditional,
    "or": _or,
    "and": _and,
    "compare": _compare,
    "in": _in,
    "arithmetic": _arithmetic,
    "not": _not,
    "negate": _negate,
    "select": _select,
    "index": _index,
    "group": _group,
    "name": _name,
    "literal": _literal,
    "list": _list,
    "map": _map,
    "first": _first,
    "further": _further,
    "first_entry": _first_entry,
    "further_entry": _further_entry,
    "call": _call,
    "method": _method,
}
