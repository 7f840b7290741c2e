"""Try an expression: ``assay policy eval``."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, NoReturn, cast

from pydantic import JsonValue

from assaybook.domain.errors import AssayError
from assaybook.domain.expression import Base, Name, Node, Quantifier, Select
from assaybook.domain.values import Value
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.typed_json import answer, from_json, read_typed
from assaybook.language.parser import parse


def evaluate_cases(lines: Iterable[str | bytes]) -> Iterator[str]:
    """Yield one line of JSON for each line of cases, in order, whatever the line holds.

    A case is ``{"expr": text, "bind": {name: typed pair}}``; ``bind`` may be absent and other keys
    are not read. Lists and maps that are bound are proven, like those written in an expression.
    """
    for line in lines:
        yield json.dumps(_case(line))


def evaluate_text(text: str, variables: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the answer for one expression; variables are plain JSON values, objects are maps.

    An expression that cannot be read is ``{"error": {"code", "message"}}`` too.
    """
    return _evaluated(text, {name: from_json(value) for name, value in variables.items()})


def _case(line: str | bytes) -> dict[str, JsonValue]:
    try:
        case: Any = json.loads(line, parse_constant=_refuse)
        members = cast("dict[str, object]", case) if isinstance(case, dict) else {}
        text, bind = members.get("expr"), members.get("bind", {})
        if not isinstance(text, str) or not isinstance(bind, dict):
            return _problem("case-invalid", 'a case is {"expr": text, "bind": {name: typed pair}}')
        pairs = cast("dict[str, object]", bind)
        return _evaluated(text, {name: read_typed(pair) for name, pair in pairs.items()})
    except ValueError as error:
        return _problem("case-invalid", f"the line is no JSON: {error}")
    except RecursionError:
        return _problem("case-invalid", "the line is nested too deeply")


def _refuse(word: str) -> NoReturn:
    message = f"{word} is no number of JSON"
    raise ValueError(message)


def _problem(code: str, message: str) -> dict[str, JsonValue]:
    return {"error": {"code": code, "message": message}}


def _evaluated(text: str, env: Mapping[str, Value]) -> dict[str, JsonValue]:
    try:
        node = parse(text).node
    except AssayError as error:
        return _problem(error.code, error.message)
    dotted = frozenset(name for name in env if "." in name)
    return answer(interpret(_with_dotted_names(node, dotted) if dotted else node, env))


def _with_dotted_names(node: Node, names: frozenset[str]) -> Node:
    """Read ``a.b`` as one name where that is bound: CEL takes the longest name."""
    if isinstance(node, Select):
        path = _path(node)
        if path in names:
            return Name(start=node.start, end=node.end, name=path)
    hidden = f"{node.variable}." if isinstance(node, Quantifier) else "."
    inside = frozenset(name for name in names if not name.startswith(hidden))
    changed: dict[str, Any] = {}
    for part in fields(node):
        value = getattr(node, part.name)
        known = names if part.name == "over" else inside
        if isinstance(value, Base):
            changed[part.name] = _with_dotted_names(cast("Node", value), known)
        elif isinstance(value, tuple):
            changed[part.name] = _each(cast("tuple[object, ...]", value), known)
    return replace(node, **changed)


def _each(parts: tuple[object, ...], names: frozenset[str]) -> tuple[object, ...]:
    """Change the nodes in a tuple, or in the entries of a map."""
    return tuple(
        _each(cast("tuple[object, ...]", part), names)
        if isinstance(part, tuple)
        else _with_dotted_names(cast("Node", part), names)
        for part in parts
    )


def _path(node: Node) -> str:
    """Return ``a.b.c`` of a chain of fields of a name, else an empty text."""
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select):
        before = _path(node.operand)
        return f"{before}.{node.field}" if before else ""
    return ""
