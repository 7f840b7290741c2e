"""Calls of the closed list of functions: which signature fits, and texts that can be read now."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NoReturn

from assaybook.domain.durations import read_duration
from assaybook.domain.expression import Call, Expression, Literal_, Node
from assaybook.domain.functions import FUNCTIONS, Function, Signature
from assaybook.domain.types import ListType, ScalarType, Type
from assaybook.language.checker_relations import decided
from assaybook.language.faults import refuse
from assaybook.language.kinds import fits, range_words, spoken, units_clash
from assaybook.language.suggest import did_you_mean
from assaybook.language.text import unparse

_MACROS: Final = ("all", "exists", "filter", "map", "only", "has")
_RFC_3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)
_MEANT: Final = {
    "len": "size(list)",
    "length": "size(list)",
    "count": "size(list.filter(r, condition))",
    "min": "math.least(list)",
    "max": "math.greatest(list)",
    "sum": "stats.mean(list) with size(list)",
    "avg": "stats.mean(list)",
    "any": "list.exists(r, condition)",
    "now": "age(time)",
    "dyn": "the value itself",
    "type": "the value itself",
    "uint": "int(value)",
    "bytes": "the text itself",
}


def call_type(node: Call, expression: Expression) -> Type:
    """Return the type of a call.

    Raises:
        AuthorError: ``unknown-function``, ``expression-type``, ``unit-mismatch``,
            ``argument-range``, ``list-unordered``, ``bad-literal``.
    """
    function = FUNCTIONS.get(node.function)
    if function is None:
        hint = did_you_mean(node.function, (*FUNCTIONS, *_MACROS))
        if node.function in _MEANT:
            hint = f"Write {_MEANT[node.function]}."
        refuse(
            expression, node, "unknown-function", f"there is no function {node.function!r}", hint
        )
    signature = next((one for one in function.signatures if _takes(one, node.args)), None)
    if signature is None:
        _refuse_arguments(node, function, expression)
    for param, arg in zip(_spread(signature, len(node.args)), node.args, strict=True):
        _check_argument(param, arg, expression)
    reader = _READERS.get(node.function)
    if reader is not None and isinstance(node.args[-1], Literal_):
        _check_literal(node.args[-1], reader, expression)
    if node.function == "stats.slope":
        _refuse_unordered(node, expression)
    return _result(node, function, signature, expression)


def _spread(signature: Signature, count: int) -> tuple[Type, ...]:
    more = (signature.params[-1],) * (count - len(signature.params))
    return signature.params + more if signature.variadic else signature.params


def _takes(signature: Signature, args: tuple[Node, ...]) -> bool:
    params = _spread(signature, len(args))
    return len(params) == len(args) and all(
        fits(arg.type, param) for param, arg in zip(params, args, strict=True)
    )


def _refuse_arguments(node: Call, function: Function, expression: Expression) -> NoReturn:
    ways = " or ".join(
        f"({', '.join(spoken(param) for param in one.params) or 'nothing'})"
        for one in function.signatures
    )
    given = ", ".join(spoken(arg.type) for arg in node.args) or "nothing"
    reason = f"{function.name} takes {ways}, and is given ({given})"
    refuse(expression, node, "expression-type", reason, _meant_in(node))


def _meant_in(node: Call) -> str:
    """Return how a list is asked for one of its members, where that was meant."""
    if node.function == "contains" and node.args and isinstance(node.args[0].type, ListType):
        return f"Write {unparse(node.args[-1])} in {unparse(node.args[0])}."
    return ""


def _check_argument(param: Type, arg: Node, expression: Expression) -> None:
    if units_clash(param, arg.type):
        reason = f"this is {spoken(arg.type)}, not {spoken(param)}"
        refuse(expression, arg, "unit-mismatch", reason)
    if isinstance(param, ScalarType) and isinstance(arg.type, ScalarType):
        outside = decided("==", param, arg.type) is False
        if outside:
            reason = f"this is {range_words(arg.type)}, and must be {range_words(param)}"
            refuse(expression, arg, "argument-range", reason)


def _check_literal(arg: Literal_, reader: Callable[[str], object], expression: Expression) -> None:
    if not isinstance(arg.value, str):
        return
    try:
        reader(arg.value)
    except ValueError as error:
        refuse(expression, arg, "bad-literal", str(error))


def _pattern(text: str) -> None:
    import re2  # pyright: ignore[reportMissingTypeStubs]

    engine: Any = re2  # it has no types
    options = engine.Options()
    options.log_errors = False
    try:
        engine.compile(text, options)
    except engine.error as error:
        cause = error.args[0]
        said = cause.decode() if isinstance(cause, bytes) else cause
        message = f"RE2 does not take this regular expression: {said}"
        raise ValueError(message) from error


def _instant(text: str) -> None:
    if _RFC_3339.fullmatch(text):
        try:
            datetime.fromisoformat(text.upper())
        except ValueError:
            pass
        else:
            return
    message = f"{text[:40]!r} is no time such as 2026-01-31T00:00:00Z"
    raise ValueError(message)


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "matches": _pattern,
    "duration": read_duration,
    "timestamp": _instant,
}


def _refuse_unordered(node: Call, expression: Expression) -> None:
    kind = node.args[0].type
    if isinstance(kind, ListType) and not kind.ordered:
        reason = "the rows of this list have no order, so nothing rises or falls along it"
        refuse(expression, node, "list-unordered", reason, "Use a need with last.")


def _result(node: Call, function: Function, signature: Signature, expression: Expression) -> Type:
    result = signature.result
    if not function.keeps_unit or not isinstance(result, ScalarType):
        return result
    kinds = [arg.type.of if isinstance(arg.type, ListType) else arg.type for arg in node.args]
    values = [kind for kind in kinds if isinstance(kind, ScalarType)]
    many = signature.variadic
    for one, arg in zip(values[1:] if many else (), node.args[1:], strict=False):
        if units_clash(values[0], one):
            reason = f"this is {spoken(one)}, and {unparse(node.args[0])} is {spoken(values[0])}"
            refuse(expression, arg, "unit-mismatch", reason)
    first = values[0] if values else result
    unit = next((one.unit for one in values if one.unit), "") if many else first.unit
    if function.name not in ("math.least", "math.greatest"):
        within = first if function.name in ("stats.mean", "stats.percentile") else result
        return ScalarType(result.name, unit, within.low, within.high)
    lows, highs = [one.low for one in values], [one.high for one in values]
    return ScalarType(
        "int" if all(one.name == "int" for one in values) else "double",
        unit,
        None if None in lows else min(low for low in lows if low is not None),
        None if None in highs else max(high for high in highs if high is not None),
    )
