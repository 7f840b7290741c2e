"""Params of a policy, and the values that overlays and cases give them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.params import measure_of
from assaybook.domain.policy import Param, ParamKind, ParamValue
from assaybook.language.document import ParamDocument
from assaybook.language.document_problems import given, problems_of, shown
from assaybook.language.durations import meant_duration, read_duration, written_duration
from assaybook.language.source import Path, Source

_DIRECTIONS: Final[Mapping[ParamKind, tuple[str, ...]]] = {
    "bool": (),
    "string": (),
    "int": ("higher", "lower"),
    "number": ("higher", "lower"),
    "ratio": ("higher", "lower"),
    "duration": ("higher", "lower"),
    "list<string>": ("superset", "subset"),
    "list<number>": ("superset", "subset"),
}
_WANTED: Final[Mapping[ParamKind, str]] = {
    "bool": "true or false",
    "int": "a whole number",
    "number": "a number",
    "ratio": "a number from 0 to 1",
    "string": "text",
    "duration": "a duration, such as 90d",
    "list<string>": "a list of texts",
    "list<number>": "a list of numbers",
}
_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?(%?)")
_ORDERED: Final = frozenset({"int", "number", "ratio", "duration"})


def build_params(
    documents: Mapping[str, ParamDocument], source: Source
) -> tuple[dict[str, Param], list[AuthorError]]:
    """Return the params of a policy and what is wrong with them."""
    params: dict[str, Param] = {}
    problems: list[AuthorError] = []
    for name, document in documents.items():
        path = ("params", name)
        params[name] = Param(
            name=name,
            kind=document.type,
            stricter=document.stricter,
            min_items=document.min_items,
            description=document.description or "",
        )
        try:
            params[name] = _param(document, params[name], source, path)
        except AuthorError as error:
            problems += problems_of(error)
    return params, problems


def read_param_value(param: Param, written: JsonValue, source: Source, path: Path) -> ParamValue:
    """Return a value that a document gives a param, within its type and bounds.

    Raises:
        AuthorError: ``param-type`` or ``param-bounds``, at the place of the value.
    """
    value = _typed(param.kind, written)
    where = source.where(path)
    if value is None:
        found = shown(given(source.node(path), written))
        message = f"params.{param.name} must be {_WANTED[param.kind]}, not {found}"
        raise AuthorError("param-type", message, where=where, hint=_quoting(param.kind, written))
    fault = _out_of_bounds(param, value)
    if fault:
        message, hint = f"params.{param.name} {fault}", _as_share(param.kind, written)
        raise AuthorError("param-bounds", message, where=where, hint=hint)
    return value


def written_value(value: ParamValue | None) -> str:
    """Return a param's value as a policy would write it; nothing for an unset one."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return written_duration(value)
    if isinstance(value, tuple):
        return f"[{', '.join(str(each) for each in value)}]"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _param(document: ParamDocument, param: Param, source: Source, path: Path) -> Param:
    """Return the whole param: direction, bounds, then the default against both."""
    directions = _DIRECTIONS[document.type]
    if document.stricter is not None and document.stricter not in directions:
        fits = f"it can be {' or '.join(directions)}" if directions else "it can have none"
        message = f"stricter: {document.stricter} does not fit a {document.type}; {fits}"
        raise AuthorError("param-direction", message, where=source.where((*path, "stricter")))
    if document.min_items is not None and not document.type.startswith("list"):
        where = source.where_key((*path, "min_items"))
        raise AuthorError("param-bounds", f"min_items does not fit a {document.type}", where=where)
    least = _bound(document.min, param, source, (*path, "min"))
    most = _bound(document.max, param, source, (*path, "max"))
    if least is not None and most is not None and least > most:
        raise AuthorError("param-bounds", "max is below min", where=source.where((*path, "max")))
    if param.kind == "ratio":
        least, most = least or 0.0, 1.0 if most is None else most
    bounded = replace(param, minimum=least, maximum=most)
    if document.default is None:
        return bounded
    value = read_param_value(bounded, document.default, source, (*path, "default"))
    return replace(bounded, value=value)


def _bound(written: JsonValue, param: Param, source: Source, path: Path) -> float | None:
    if written is None:
        return None
    if param.kind not in _ORDERED:
        message = f"{path[-1]} does not fit a {param.kind}"
        raise AuthorError("param-bounds", message, where=source.where_key(path))
    value = read_param_value(param, written, source, path)
    return measure_of(value)


def _typed(kind: ParamKind, written: JsonValue) -> ParamValue | None:
    if isinstance(written, bool):
        return written if kind == "bool" else None
    return _TYPED[kind](written)


def _whole(written: JsonValue) -> int | None:
    return written if isinstance(written, int) else None


def _text(written: JsonValue) -> str | None:
    return written if isinstance(written, str) else None


def _duration(written: JsonValue) -> timedelta | None:
    return read_duration(written) if isinstance(written, str) else None


def _number(written: JsonValue) -> float | None:
    if isinstance(written, int | float) and not isinstance(written, bool):
        return float(written)
    return None


def _texts(written: JsonValue) -> tuple[str, ...] | None:
    if not isinstance(written, list):
        return None
    texts = tuple(each for each in written if isinstance(each, str))
    return texts if len(texts) == len(written) else None


def _numbers(written: JsonValue) -> tuple[float, ...] | None:
    if not isinstance(written, list):
        return None
    numbers = tuple(number for each in written if (number := _number(each)) is not None)
    return numbers if len(numbers) == len(written) else None


_TYPED: Final[Mapping[ParamKind, Callable[[JsonValue], ParamValue | None]]] = {
    "bool": lambda _written: None,
    "int": _whole,
    "number": _number,
    "ratio": _number,
    "string": _text,
    "duration": _duration,
    "list<string>": _texts,
    "list<number>": _numbers,
}


def _out_of_bounds(param: Param, value: ParamValue) -> str:
    if isinstance(value, tuple):
        return _list_fault(param, value)
    if isinstance(value, str | bool):
        return ""
    low, high = (0.0, 1.0) if param.kind == "ratio" else (None, None)
    low = low if param.minimum is None else param.minimum
    high = high if param.maximum is None else param.maximum
    if low is not None and measure_of(value) < low:
        return f"must be at least {_bound_text(param, low)}, not {written_value(value)}"
    if high is not None and measure_of(value) > high:
        return f"must be at most {_bound_text(param, high)}, not {written_value(value)}"
    return ""


def _list_fault(param: Param, value: tuple[str, ...] | tuple[float, ...]) -> str:
    if len(set(value)) < len(value):
        # Twice the same item would count as two where a policy asks for the size of the list.
        return "names an item twice"
    if param.min_items is not None and len(value) < param.min_items:
        return f"must have at least {param.min_items} items"
    return ""


def _bound_text(param: Param, bound: float) -> str:
    if param.kind == "duration":
        return written_duration(timedelta(seconds=bound))
    return f"{bound:g}"


def _quoting(kind: ParamKind, written: JsonValue) -> str:
    if kind == "string" and not isinstance(written, list | dict):
        return "Put it in quotes."
    if kind == "duration":
        return meant_duration(written)
    if kind in {"int", "number", "ratio"} and isinstance(written, str):
        return _as_share(kind, written) or "Write digits with a point, without quotes: 0.8."
    if kind == "list<string>" and isinstance(written, list):
        return "Put items that look like numbers, true or false in quotes."
    if kind == "bool" and isinstance(written, str):
        return "Write true or false."
    return ""


def _as_share(kind: ParamKind, written: JsonValue) -> str:
    """Return how a percentage is written as a ratio, as a hint; nothing for another value."""
    found = _PERCENT.fullmatch(str(written)) if kind == "ratio" else None
    if found is None or not (found[2] or 1 < float(found[1]) <= 100):  # noqa: PLR2004 - percent
        return ""
    return f"Write {float(found[1]) / 100:g} for {found[1]} %."
