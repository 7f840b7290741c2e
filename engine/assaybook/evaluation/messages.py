"""Fill the message of a rule: names in braces, nothing else; it can never alter an outcome."""

from collections.abc import Mapping
from string import Formatter

from assaybook.domain.values import Conflict, Row, Unknown, Value
from assaybook.evaluation.shown import shown_value

_LONGEST = 400


def filled(template: str, env: Mapping[str, Value]) -> str:
    """Return a message with ``{row.slice}`` and the like put in; what is missing says so."""
    parts: list[str] = []
    try:
        for text, name, _spec, _conversion in Formatter().parse(template):
            parts.append(text)
            if name is not None:
                parts.append(_named(name, env))
    except ValueError:
        return template
    return "".join(parts)


def _named(path: str, env: Mapping[str, Value]) -> str:
    first, *rest = path.split(".")
    value: Value = env.get(first)
    for name in rest:
        value = value.values.get(name) if isinstance(value, Row) else None
    if value is None or isinstance(value, Unknown):
        return f"<missing: {path}>"
    if isinstance(value, Conflict):
        return " or ".join(str(shown_value(one)) for one in value.values)
    shown = shown_value(value)
    return f"{shown:.4g}" if isinstance(shown, float) else str(shown)[:_LONGEST]
