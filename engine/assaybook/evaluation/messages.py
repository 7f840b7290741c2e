"""Fill the message of a rule: names in braces, nothing else; it can never alter an outcome."""

import json
from collections.abc import Mapping
from string import Formatter

from pydantic import JsonValue

from assaybook.domain.values import Conflict, Row, Unknown, Value
from assaybook.evaluation.shown import shown_value

_LONGEST = 400


def filled(template: str, env: Mapping[str, Value]) -> str:
    """Return a message with ``{row.slice}`` and the like put in; what is missing says so.

    Numbers are rounded, unless that would make two of them look like one.
    """
    try:
        parts = [(text, name) for text, name, _spec, _conversion in Formatter().parse(template)]
    except ValueError:
        return template
    found = {name: _value(name, env) for _text, name in parts if name is not None}
    rounded = {f"{one:.4g}": one for one in found.values() if isinstance(one, float)}
    exact = any(isinstance(one, float) and rounded[f"{one:.4g}"] != one for one in found.values())
    said = {name: _words(name, value, exact=exact) for name, value in found.items()}
    return "".join(text + ("" if name is None else said[name]) for text, name in parts)


def _value(path: str, env: Mapping[str, Value]) -> Value:
    first, *rest = path.split(".")
    value: Value = env.get(first)
    for name in rest:
        value = value.values.get(name) if isinstance(value, Row) else None
    return value


def _item(value: JsonValue) -> str:
    """Return an entry of a list; a text of which its ends could not be seen stands in quotes."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if text != text.strip(" ,") or not text else text


def _words(path: str, value: Value, *, exact: bool) -> str:
    if value is None or isinstance(value, Unknown):
        return f"<missing: {path}>"
    if isinstance(value, Conflict):
        return " or ".join(str(shown_value(one)) for one in value.values)
    shown = shown_value(value)
    if isinstance(shown, list):
        return ", ".join(map(_item, shown))[:_LONGEST]
    if isinstance(shown, float):
        return repr(shown) if exact else f"{shown:.4g}"
    return str(shown)[:_LONGEST]
