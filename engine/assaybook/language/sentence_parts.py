"""What sentences look for in a tree, and the words for each operator and function."""

from collections.abc import Mapping
from typing import Final

from assaybook.domain.expression import Compare, Literal_, Name, Node, Select, param_named
from assaybook.domain.policy import Param
from assaybook.domain.types import ListType, RecordType, ScalarType, Type
from assaybook.language.sentence_shape import aside, joined
from assaybook.language.sentence_words import Speech, singular, value_words

OPERATORS: Final = {
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
}
TIMES: Final = {
    **OPERATORS,
    "<": "is before",
    "<=": "is at or before",
    ">": "is after",
    ">=": "is at or after",
}
SUMS: Final = {"+": "plus", "-": "less", "*": "times", "/": "divided by"}
TESTS: Final = {
    "contains": ("contains", "does not contain"),
    "startsWith": ("starts with", "does not start with"),
    "endsWith": ("ends with", "does not end with"),
    "matches": ("holds a match of the pattern", "holds no match of the pattern"),
}
CALLS: Final[Mapping[str, str]] = {
    "size": "the number of {0}",
    "string": "{0} as text",
    "int": "{0} cut to a whole number",
    "double": "{0}",
    "bool": "{0} as true or false",
    "timestamp": "the time {0}",
    "duration": "the length of time {0}",
    "getFullYear": "the year of {0}",
    "getMonth": "the month of {0} (0 is January)",
    "getDate": "the day of the month of {0}",
    "getDayOfMonth": "the day of the month of {0} (0 is the first)",
    "getDayOfWeek": "the day of the week of {0} (0 is Sunday)",
    "getDayOfYear": "the day of the year of {0} (0 is the first)",
    "getHours": "the hours of {0}",
    "getMinutes": "the minutes of {0}",
    "getSeconds": "the seconds of {0}",
    "getMilliseconds": "the milliseconds of {0}",
    "math.abs": "{0} without its sign",
    "math.ceil": "{0} rounded up",
    "math.floor": "{0} rounded down",
    "math.round": "{0} rounded to the nearest whole number",
    "stats.wilson_lower": "the lower end of the {2} interval of {0} over {1}",
    "stats.wilson_upper": "the upper end of the {2} interval of {0} over {1}",
    "stats.mean": "the mean of {0}",
    "stats.stddev": "the standard deviation of {0}",
    "stats.percentile": "the percentile {1} of {0}",
    "stats.slope": "the change per step of {0}",
    "age": "the time since {0}",
}


def is_ratio(node: Node) -> bool:
    """Tell whether a node is a ratio."""
    kind = node.type
    return isinstance(kind, ScalarType) and kind.unit == "ratio"


def is_time(kind: Type) -> bool:
    """Tell whether a type is an instant."""
    return isinstance(kind, ScalarType) and kind.name == "timestamp"


def is_truth(kind: Type) -> bool:
    """Tell whether a type is true or false."""
    return isinstance(kind, ScalarType) and kind.name == "bool"


def param_of(node: Node, speech: Speech) -> Param | None:
    """Return the param that a node names, or None."""
    return speech.params.get(param_named(node))


def param_words(param: Param) -> str:
    """Return a param with the value in force: a list under its name, else the value alone."""
    label = param.name.replace("_", " ")
    if param.value is None or isinstance(param.value, tuple):
        declared = "declared " if not singular(param.name).endswith(" entry") else ""
        lead = declared if param.kind.startswith("list") else ""
        return f"the {lead}{label}{param_values(param)}"
    return value_words(param.value, ratio=param.kind == "ratio")


def param_values(param: Param) -> str:
    """Return what a param holds, in brackets, as is said at its first mention alone."""
    if isinstance(param.value, tuple) and param.value:
        return aside(param.name, joined(map(value_words, param.value), "and"))
    return aside(param.name, "not set yet" if param.value is None else "none so far")


def holds_plain(node: Node) -> bool:
    """Tell whether the elements of a list are plain values."""
    return not (isinstance(node.type, ListType) and isinstance(node.type.of, RecordType))


def owner_words(name: str) -> str:
    """Return what a name of a record stands for."""
    return {"scope": "the document"}.get(name, f"the {name}")


def fixed_text(node: Node, speech: Speech) -> tuple[str, str] | None:
    """Return field and text of ``row.field == "text"``, or None; a param is its value in force."""
    match node:
        case Compare(op="==", left=Select(operand=Name(name="row"), field=field), right=right):
            param = param_of(right, speech)
            text = right.value if isinstance(right, Literal_) else param and param.value
            return (field, text) if isinstance(text, str) else None
        case _:
            return None
