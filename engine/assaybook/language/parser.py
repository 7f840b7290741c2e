"""Expression text to an untyped tree.

The parser is a plain shift-reduce loop over the tables that lark made from ``grammar.lark``; it
keeps its own stack, so that no input can exhaust the interpreter's.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pkgutil import get_data
from typing import Final, NoReturn

from assaybook.domain.expression import Expression, Literal_, Node
from assaybook.domain.record import record
from assaybook.language.faults import Place
from assaybook.language.productions import PRODUCTIONS, node_of
from assaybook.language.text import children
from assaybook.language.tokens import Token, scan

MAX_DEPTH: Final = 64
"""Deepest nesting of nodes."""
MAX_NODES: Final = 2_000
"""Most nodes of one expression."""
_LAST_INT: Final = 2**63 - 1
_CODE: Final = "expression-syntax"
_CLOSED_BY: Final = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
_SPLIT: Final = "Name parts of it with let."
_SPOKEN: Final = {
    "and": "Write && for and.",
    "or": "Write || for or.",
    "not": "Write ! for not.",
    "is": "Write == for is, >= for at least, <= for at most.",
    "at": "Write >= for at least, <= for at most.",
    "then": "Write condition ? one : other.",
}
_NOT: Final = frozenset({"not", "NOT"})
"""What stands before what it negates, so that the next word is the one that surprises."""
_IF: Final = "Write condition ? one : other, or put the condition into where or applies_when."


@record
class _Tables:
    rules: list[tuple[str, int, str]]
    states: list[Mapping[str, int]]
    last: int


@cache
def _tables() -> _Tables:
    return _Tables(**json.loads(get_data("assaybook.language", "grammar.json") or b""))


def parse(text: str, *, file: str = "", line: int = 1, column: int = 1) -> Expression:
    """Return the untyped tree of an expression.

    Args:
        text: the expression; outer space is not kept.
        file: path as the person named it, for errors.
        line: line of the text's first character, from 1.
        column: column of it, from 1.

    Raises:
        AuthorError: ``expression-syntax``, ``expression-unsupported``, ``expression-reserved``,
            ``expression-too-long``, ``expression-too-deep``, ``expression-too-large``.
    """
    inner = text.lstrip(" \t\n\f\r")
    skipped = text[: len(text) - len(inner)]
    if "\n" in skipped:
        line, column = line + skipped.count("\n"), column - skipped.rfind("\n") - 1
    place = Place(inner.rstrip(" \t\n\f\r"), file, line, column + len(skipped))
    node = _tree(place)
    _hold_limits(node, place)
    return Expression(place.text, node, file, place.line, place.column)


def _tree(place: Place) -> Node:
    tables = _tables()
    states: list[int] = [0]
    values: list[object] = []
    tokens = scan(place)
    at = 0
    while True:
        token, state = tokens[at], tables.states[states[-1]]
        action = state.get(token.kind)
        if action is None:
            _refuse_token(place, tokens, token, state)
        if action > 0:
            states.append(action - 1)
            values.append(token)
            at += 1
            continue
        origin, size, production = tables.rules[-action - 1]
        if production:
            kept = values[len(values) - size :]
            del values[len(values) - size :]
            values.append(PRODUCTIONS[production](kept, place))
        del states[len(states) - size :]
        states.append(tables.states[states[-1]][origin] - 1)
        if token.kind == "$END" and states[-1] == tables.last:
            return node_of(values[0])


def _refuse_token(
    place: Place, tokens: Sequence[Token], token: Token, state: Mapping[str, int]
) -> NoReturn:
    start, end = token.start, max(token.end, token.start + 1)
    if token.kind == "$END":
        if not place.text:
            place.refuse(_CODE, "the expression is empty", 0, 1)
        missing = _unclosed(tokens)
        hint = f"Add {missing} at the end." if missing else _of_percent(tokens)
        place.refuse(_CODE, "the expression ends too early", start, end, hint)
    found = place.text[token.start : token.end]
    if token.kind == "LBRACE":
        reason = "a message cannot be written here: there are no message types"
        place.refuse("expression-unsupported", reason, start, end)
    before = tokens[tokens.index(token) - 1]
    for each in (token, before):
        word = place.text[each.start : each.end]
        if each.kind == "IDENT" and word.lower() in _SPOKEN and (each is token or word in _NOT):
            reason = f"{word!r} is no operator"
            place.refuse(_CODE, reason, each.start, each.end, _SPOKEN[word.lower()])
    wanted = "an operator"
    if "IDENT" in state:
        wanted = "a value" if "STRING" in state else "a name"
    reason = f"found {found!r} where {wanted} was expected"
    first = tokens[0].value == "if"
    hint = _IF if first else "Check the brackets and operators before this place."
    if found == "," and isinstance(before.value, int | float):
        hint = "Numbers have a point: write 0.02 for 0,02."
    place.refuse(_CODE, reason, start, end, hint)


def _of_percent(tokens: Sequence[Token]) -> str:
    """Return how a percentage is written, where an expression ends with one."""
    kinds = [(token.kind, token.value) for token in tokens[-3:-1]]
    if len(kinds) == 2 and kinds[1] == ("TIMES", "%"):  # noqa: PLR2004 - a number and its sign
        number = kinds[0][1]
        if isinstance(number, int | float):
            return f"Write {number / 100:g} for {number} %."
    return ""


def _unclosed(tokens: Sequence[Token]) -> str:
    """Return what closes the innermost bracket that is still open, or nothing."""
    open_: list[str] = []
    for token in tokens:
        if token.kind in _CLOSED_BY:
            open_.append(_CLOSED_BY[token.kind])
        elif open_ and token.value == open_[-1]:
            open_.pop()
    return open_[-1] if open_ else ""


def _hold_limits(root: Node, place: Place) -> None:
    """Refuse a tree that is too deep, too large, or holds an integer beyond 64 bits."""
    pending = [(root, 1)]
    count = 0
    while pending:
        node, depth = pending.pop()
        count += 1
        if depth > MAX_DEPTH:
            reason = f"the expression nests deeper than {MAX_DEPTH} levels"
            place.refuse("expression-too-deep", reason, node.start, node.end, _SPLIT)
        if count > MAX_NODES:
            reason = f"the expression has more than {MAX_NODES} parts"
            place.refuse("expression-too-large", reason, node.start, node.end, _SPLIT)
        if isinstance(node, Literal_) and type(node.value) is int and node.value > _LAST_INT:
            reason = "the number is beyond 64 bits"
            place.refuse(_CODE, reason, node.start, node.end)
        pending.extend((child, depth + 1) for child in children(node))
