"""Small faults put into a policy, one at a time: cases that do not notice one prove too little.

A mutant is the policy as its author might have written it by mistake: a comparison turned or moved
to the other side of its boundary, a clause left out, ``all`` for ``exists``, a constant or the
default of a parameter a little off, a condition dropped, ``on_unknown`` changed. Whether it loads
is for the checker to say; what it refuses needs no case.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Final, TypeAlias

from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import (
    And,
    Arithmetic,
    ArithmeticOp,
    Call,
    Compare,
    CompareOp,
    Conditional,
    In,
    Literal_,
    Node,
    Not,
    Or,
    Quantifier,
)
from assaybook.domain.record import record
from assaybook.language.parser import parse
from assaybook.language.text import children, rebuilt, unparse

Path: TypeAlias = tuple[str | int, ...]
Change: TypeAlias = tuple[str, Node]
"""What was done, in a word or two, and the node that came of it."""

_SHARE: Final = 0.1
"""By how much of itself a number with a fraction, or a length of time, is shifted."""
_TURNED: Final[Mapping[CompareOp, tuple[CompareOp, ...]]] = {
    ">=": (">", "<"),
    ">": (">=", "<="),
    "<=": ("<", ">"),
    "<": ("<=", ">="),
    "==": ("!=",),
    "!=": ("==",),
}
_REVERSED: Final[Mapping[ArithmeticOp, ArithmeticOp]] = {"+": "-", "-": "+", "*": "/", "/": "*"}
_TWINS: Final = {
    "math.greatest": "math.least",
    "math.least": "math.greatest",
    "math.ceil": "math.floor",
    "math.floor": "math.ceil",
    "stats.wilson_lower": "stats.wilson_upper",
    "stats.wilson_upper": "stats.wilson_lower",
    "startsWith": "endsWith",
    "endsWith": "startsWith",
}
_CONDITIONS: Final = ("where", "enough", "at_least")
_OTHER_UNKNOWN: Final = {"inconclusive": "fail", "fail": "inconclusive"}


@record
class Mutant:
    """A policy with one fault in it.

    Attributes:
        path: where in the document the fault is.
        change: what was done, in a word or two.
        before: what stood there; for an expression its text.
        after: what stands there now; empty where it was left out.
        document: the whole policy document with the fault.
    """

    path: Path
    change: str
    before: str
    after: str
    document: Mapping[str, JsonValue]

    @property
    def place(self) -> str:
        """Return the path as ``rules[0].pass_when``."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).removeprefix(".")


def mutants(document: Mapping[str, JsonValue]) -> Iterator[Mutant]:
    """Yield every mutant of a policy document, in the order of the document.

    Args:
        document: a policy as written, which loads.
    """
    for path, text in _expressions(document):
        yield from _of_expression(document, path, text)
    for path in _droppable(document):
        yield _made(document, path, "left out", None)
    for path, value in _constants(document):
        for shifted in _shifted_value(value):
            yield _made(document, path, "shifted", shifted)
    for index, rule in enumerate(_list(document.get("rules"))):
        asked = str(_mapping(rule).get("on_unknown", "inconclusive"))
        if "attested" not in _mapping(rule):
            other = _OTHER_UNKNOWN[asked]
            yield _made(document, ("rules", index, "on_unknown"), "on_unknown", other, asked)


def _expressions(document: Mapping[str, JsonValue]) -> Iterator[tuple[Path, str]]:
    """Yield every condition and value that is written as an expression."""
    places: list[Path] = [("applies_when",)]
    for name in _mapping(document.get("needs")):
        places += [("needs", name, key) for key in ("where", "covers")]
    for index, rule in enumerate(_list(document.get("rules"))):
        places += [("rules", index, "let", name) for name in _mapping(_mapping(rule).get("let"))]
        places += [("rules", index, key) for key in (*_CONDITIONS, "pass_when")]
    for path in places:
        found = _at(document, path)
        if isinstance(found, str):
            yield path, found


def _droppable(document: Mapping[str, JsonValue]) -> Iterator[Path]:
    """Yield the conditions without which a policy says something else."""
    places: list[Path] = [("applies_when",)]
    places += [("needs", name, "where") for name in _mapping(document.get("needs"))]
    rules = range(len(_list(document.get("rules"))))
    places += [("rules", index, key) for index in rules for key in _CONDITIONS]
    yield from (path for path in places if _at(document, path) is not None)


def _constants(document: Mapping[str, JsonValue]) -> Iterator[tuple[Path, JsonValue]]:
    """Yield the numbers and lengths of time that stand outside of expressions."""
    for name, param in _mapping(document.get("params")).items():
        yield ("params", name, "default"), _mapping(param).get("default")
    for name, need in _mapping(document.get("needs")).items():
        for key in ("fresh_for", "within", "last", "min_examined"):
            yield ("needs", name, key), _mapping(need).get(key)
    for index, rule in enumerate(_list(document.get("rules"))):
        yield ("rules", index, "at_least"), _mapping(rule).get("at_least")
        asked = _mapping(_mapping(rule).get("attested"))
        yield ("rules", index, "attested", "people"), asked.get("people")
        yield ("rules", index, "attested", "valid_for"), asked.get("valid_for")


def _shifted_value(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, str) and value[-1:] in ("d", "h", "m", "s") and value[:-1].isdigit():
        step = max(1, round(int(value[:-1]) * _SHARE))
        yield from (f"{int(value[:-1]) + one}{value[-1]}" for one in (step, -step))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _shifted(value)


def _shifted(number: float) -> Iterator[int | float]:
    if isinstance(number, int):
        yield from (number + 1, number - 1)
    else:
        step = abs(number) * _SHARE or _SHARE
        yield from (round(number + step, 12), round(number - step, 12))


def _of_expression(document: Mapping[str, JsonValue], path: Path, text: str) -> Iterator[Mutant]:
    try:
        root = parse(text).node
    except AuthorError:  # a length of time such as 90d: a constant, and no expression
        return
    seen = {unparse(root)}
    for change, node in _changed(root, condition=path[-1] != "at_least"):
        after = unparse(node)
        if after not in seen:
            seen.add(after)
            yield _made(document, path, change, after)


def _changed(node: Node, *, condition: bool = False) -> Iterator[Change]:
    """Yield the trees with one change in or under a node."""
    yield from _here(node)
    parts = children(node)
    for index, part in enumerate(parts):
        for change, other in _changed(part):
            yield change, rebuilt(node, [*parts[:index], other, *parts[index + 1 :]])
    if condition and isinstance(node, In):
        yield "turned", Not(start=node.start, end=node.end, operand=node)


def _here(node: Node) -> Iterator[Change]:
    """Yield what one change makes of a node itself."""
    match node:
        case Compare():
            yield from (("turned", replace(node, op=op)) for op in _TURNED[node.op])
        case And() | Or():
            yield from (("clause left out", part) for part in (node.right, node.left))
            other = Or if isinstance(node, And) else And
            yield (
                "and for or",
                other(start=node.start, end=node.end, left=node.left, right=node.right),
            )
        case Not():
            yield "turned", node.operand
        case Conditional():
            yield "turned", replace(node, then=node.other, other=node.then)
        case Literal_() if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            yield from (("shifted", replace(node, value=one)) for one in _shifted(node.value))
        case Arithmetic() if node.op in _REVERSED:
            yield "turned", replace(node, op=_REVERSED[node.op])
        case Call() if node.function in _TWINS:
            yield "turned", replace(node, function=_TWINS[node.function])
        case Quantifier():
            yield from _of_quantifier(node)
        case _:
            pass


def _of_quantifier(node: Quantifier) -> Iterator[Change]:
    if node.kind == "all":
        yield "exists for all", replace(node, kind="exists")
    elif node.kind == "exists":
        yield "all for exists", replace(node, kind="all")
    elif node.kind == "filter":
        yield "filter left out", node.over


def _made(
    document: Mapping[str, JsonValue],
    path: Path,
    change: str,
    after: JsonValue,
    before: JsonValue = None,
) -> Mutant:
    """Return the mutant whose document has another value at a path, or none there."""
    copy: dict[str, JsonValue] = deepcopy(dict(document))
    stood = _at(document, path) if before is None else before
    holder: JsonValue = copy
    for step in path[:-1]:
        holder = _step(holder, step)
    if isinstance(holder, dict):
        if after is None:
            del holder[str(path[-1])]
        else:
            holder[str(path[-1])] = after
    return Mutant(path, change, _text(stood), _text(after), copy)


def _at(document: Mapping[str, JsonValue], path: Path) -> JsonValue:
    found: JsonValue = dict(document)
    for step in path:
        found = _step(found, step)
    return found


def _step(value: JsonValue, step: str | int) -> JsonValue:
    if isinstance(value, list) and isinstance(step, int):
        return value[step]
    return value.get(str(step)) if isinstance(value, dict) else None


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
