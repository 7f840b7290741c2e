"""What is wrong with a document, in words of the person who wrote it.

Every fault of a document is reported at once, each with a code, its file, line and column, the
reason and what to do. The library that checks shapes has words of its own; none of them is shown.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from assaybook.domain.errors import AuthorError, did_you_mean
from assaybook.language.document_words import FORMS, OTHER_STEP, WORD_STEP
from assaybook.language.durations import meant_duration
from assaybook.language.instants import meant_instant
from assaybook.language.source import Path, Source
from assaybook.language.source_fold import Node

_Model = TypeVar("_Model", bound=BaseModel)
_WIDTH: Final = 60
_KEY_STEP: Final = "[key]"
_NO_STEPS: Final = frozenset({_KEY_STEP, WORD_STEP, OTHER_STEP})
_YAML_1_1_TRUE: Final = frozenset({"yes", "on", "y"})
_YAML_1_1_FALSE: Final = frozenset({"no", "off", "n"})


class ProblemsError(AuthorError):
    """Everything that is wrong with one or more files.

    Attributes:
        problems: the single errors, in the order of their places; at least one.
    """

    def __init__(self, problems: Sequence[AuthorError]) -> None:
        """Take code, place, message and hint of the first; the message counts the others."""
        self.problems = tuple(sorted(problems, key=_order))
        first = self.problems[0]
        more = len(self.problems) - 1
        tail = f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""
        super().__init__(first.code, f"{first.message}{tail}", where=first.where, hint=first.hint)


def problems_of(error: AuthorError) -> tuple[AuthorError, ...]:
    """Return the single errors of an error."""
    return error.problems if isinstance(error, ProblemsError) else (error,)


def raise_all(problems: Sequence[AuthorError]) -> None:
    """Raise all problems as one, if there is any.

    Raises:
        ProblemsError: there is a problem.
    """
    if problems:
        raise ProblemsError([single for problem in problems for single in problems_of(problem)])


def read_document(
    model: type[_Model],
    source: Source,
    *,
    may_be_null: Callable[[Path], bool] = lambda _path: False,
) -> _Model:
    """Return the document that a source holds.

    A key without a value is refused unless ``may_be_null`` allows it: an emptied condition must
    not read as no condition.

    Raises:
        ProblemsError: with every fault of shape.
    """
    # Of a file of another kind, nothing but that is worth telling.
    other = isinstance(source.root.value, list)
    emptied = [path for path in _nulls(source.root, ()) if not other and not may_be_null(path)]
    problems = [
        AuthorError(
            "no-value",
            f"{_spoken(path)} has no value",
            where=source.where_key(path),
            hint=_of_nothing(source, path),
        )
        for path in emptied
    ]
    try:
        # JSON mode is as strict as the model, yet takes words for enums and lists for tuples.
        document = model.model_validate_json(to_json(source.data))
    except ValidationError as error:
        told = {source.where(path) for path in emptied}
        told |= {source.where_key(path) for path in emptied if _is_code(path)}
        problems += [each for each in explained(model, source, error) if each.where not in told]
        raise ProblemsError(problems) from error
    raise_all(problems)
    return document


def _of_nothing(source: Source, path: Path) -> str:
    """Return what to do about a key without a value; what follows a # is a comment."""
    if _is_code(path):
        return "A comma within {...} begins another key: put the whole expression in quotes."
    line = source.text.splitlines()[source.node(path).place[0] - 1 :][:1]
    if line and _COMMENT.search(line[0]):
        return "What begins with # is a comment: put it in quotes, or remove the key."
    return "Write a value, or remove the key."


def _is_code(path: Path) -> bool:
    """Tell whether a key is a part of an expression that a comma has cut off."""
    return bool(path) and not _CODE.isdisjoint(str(path[-1]))


def unknown_word(code: str, what: str, word: str, known: Iterable[str], where: str) -> AuthorError:
    """Return the error for a name that is not one of the known, with the nearest of them."""
    names = list(known)
    kind, within, whole = what.partition(" of ")
    near = get_close_matches(word, names, n=2, cutoff=0.5)
    listed = f"There are {', '.join(names)}." if names else f"There is no {what}."
    return AuthorError(
        code,
        f"there is no {kind} {word!r}{within}{whole}",
        where=where,
        hint=did_you_mean(near) or listed,
    )


def explained(
    model: type[BaseModel], source: Source, error: ValidationError, base: Path = ()
) -> list[AuthorError]:
    """Return what does not fit a model, where the model's mapping stands at ``base``."""
    details = error.errors(include_url=False)
    problems: list[AuthorError] = []
    meant: set[Path] = set()
    for detail in details:
        if detail["type"] == "extra_forbidden":
            problem, near = _unknown_key(model, source, base, detail["loc"])
            problems.append(problem)
            meant.update((*detail["loc"][:-1], each) for each in near)
    problems += [
        _explain(source, base, detail)
        for detail in details
        if detail["type"] != "extra_forbidden"
        # One fault is told once: not the key that was mistyped, nor a list of which no item fits.
        and not (detail["type"] == "missing" and detail["loc"] in meant)
        and not (
            detail["type"] == "too_short" and source.node((*base, *_in_file(detail["loc"]))).value
        )
    ]
    return problems


def _unknown_key(
    model: type[BaseModel], source: Source, base: Path, inner: Path
) -> tuple[AuthorError, list[str]]:
    path = (*base, *_in_file(inner))
    key = str(path[-1])
    known = _keys_at(model, inner[:-1])
    near = get_close_matches(key.replace("-", "_").lower(), known, n=2, cutoff=0.6)
    inside = f" in {_spoken(path[:-1])}" if path[:-1] else ""
    hint = did_you_mean(near) or _BELONGS.get(key) or f"The keys here are {', '.join(known)}."
    message = f"the key {key!r} is not known{inside}"
    return AuthorError("unknown-key", message, where=source.where_key(path), hint=hint), near[:1]


def _in_file(steps: Path) -> Path:
    """Return the steps that stand in the file, without those of the shapes."""
    return tuple(step for step in steps if step not in _NO_STEPS)


def _keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """Return the keys that the document may have at a path."""
    at = model
    for step in _in_file(path):
        fields = at.model_fields.items()
        found = [
            _model_in(info.annotation) for name, info in fields if (info.alias or name) == step
        ]
        at = (found[0] if found else None) or at
    return [info.alias or name for name, info in at.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model inside ``tuple[M, ...]``, ``dict[str, M]`` or ``M | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((each for each in found if each is not None), None)


def _explain(source: Source, base: Path, detail: ErrorDetails) -> AuthorError:
    path = (*base, *_in_file(detail["loc"]))
    if detail["type"] == "missing":
        message = f"the key {path[-1]!r} is missing{_inside(path[:-1])}"
        hint = _HOW.get(str(path[-1]), "Write the key with its value.")
        return AuthorError("missing-key", message, where=source.where(path[:-1]), hint=hint)
    if detail["loc"][-1:] == (_KEY_STEP,):
        key = Node(str(path[-1]), written=str(path[-1]))
        return _misfit(f"the name {path[-1]!r}", key, source.where_key(path), detail)
    node = given(source.node(path), detail.get("input"))
    return _misfit(_spoken(path), node, source.where(path), detail)


def given(node: Node, value: object) -> Node:
    """Return what was refused: what stands in the file, or what a row of a table put there."""
    if isinstance(value, str | int | float) and value != node.value:
        return Node(value, written=str(value))
    return node


def _misfit(name: str, node: Node, where: str, detail: ErrorDetails) -> AuthorError:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "string_type":
        return _not_text(name, node, where)
    if kind in {"literal_error", "enum"}:
        return _not_a_choice(name, node, str(context["expected"]), where)
    if kind in {"too_short", "string_too_short"}:
        hint = _HOW.get(name.rpartition(".")[2], "")
        return AuthorError("out-of-range", f"{name} must not be empty", where=where, hint=hint)
    code, hint = "wrong-type", ""
    if kind in _SHAPES:
        wanted, hint = _SHAPES[kind], _unquoted(kind, node) or _HOW.get(name) or _shaped(kind, node)
    elif kind in _BOUNDS:
        limit, words = _BOUNDS[kind]
        code, wanted = "out-of-range", words.format(f"{context[limit]:g}")
    elif kind == "string_pattern_mismatch":
        code, wanted = "bad-form", FORMS[str(context["pattern"])]
    else:
        message = f"{name}: {detail['msg'].removeprefix('Value error, ')}"
        code = kind.replace("_", "-") if kind in _OWN_KINDS else code
        meant = meant_duration(node.value) or meant_instant(node.written)
        return AuthorError(code, message, where=where, hint=meant)
    return AuthorError(code, f"{name} must be {wanted}, not {shown(node)}", where=where, hint=hint)


_HOW: Final = {
    "the document": "This is a file of another kind: name the right one.",
    "fresh_for": "Say how old evidence may be: fresh_for: 90d, or never for what stays true.",
    "version": "Write version: 1, and raise it whenever a verdict can change.",
    "controls": "Write controls: {nist-ai-rmf-1.0: {MEASURE 2.3: implements}}, or {} for none.",
    "severity": "Write severity: low, medium, high or critical.",
    "expect": "Say of each rule what it must come to, such as pass, fail or inconclusive.",
    "reason": "Say why in a sentence; every report shows it.",
    "rows": "Write a row for each case: the values of the columns, then the outcomes.",
}
"""What to write where a key is missing or empty."""
_COMMENT: Final = re.compile(r": +#")
_CODE: Final = frozenset("()<>=!&|")
"""What stands in expressions and in no key."""
_BELONGS: Final = {
    **dict.fromkeys(
        ("for_each", "at_least", "enough", "let", "pass_when", "on_unknown", "message", "fix"),
        "It belongs to a rule, under rules.",
    ),
    **dict.fromkeys(
        ("facts", "fresh_for", "about", "of", "may_be_empty", "covers", "last", "within"),
        "It belongs to a need, under needs.",
    ),
}
"""Keys that stand at another level than some authors write them."""
_LENGTHS: Final = frozenset({"fresh_for", "within", "valid_for", "age", "max_age"})
"""Keys that hold a length of time, of which people forget the unit."""
_SHAPES: Final = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
}
_OWN_KINDS: Final = frozenset(
    ("bad_certificate", "bad_duration", "bad_instant", "bad_key", "bad_path", "not_a_choice")
)
"""What the validators of our documents refuse; each is a code."""
_BOUNDS: Final = {
    "greater_than": ("gt", "more than {}"),
    "greater_than_equal": ("ge", "at least {}"),
    "less_than_equal": ("le", "at most {}"),
    "string_too_long": ("max_length", "at most {} characters long"),
    "too_long": ("max_length", "a list of at most {}"),
}


def _not_text(name: str, node: Node, where: str) -> AuthorError:
    if isinstance(node.value, list | dict):
        return AuthorError("wrong-type", f"{name} must be text, not {shown(node)}", where=where)
    message = f"{name} must be text, and {node.written} is not read as text"
    hint = f"Put it in quotes: {json.dumps(node.written)}"
    if name.rpartition(".")[2] in _LENGTHS and node.written.isdecimal():
        message = f"{name} must be a length of time, not {node.written}"
        hint = f"Write {node.written}d for {node.written} days."
    return AuthorError("wrong-type", message, where=where, hint=hint)


def _unquoted(kind: str, node: Node) -> str:
    if kind == "bool_type" and node.written.lower() in _YAML_1_1_TRUE:
        return "Write true."
    if kind == "bool_type" and node.written.lower() in _YAML_1_1_FALSE:
        return "Write false."
    if kind.startswith("int") and isinstance(node.value, float) and node.value.is_integer():
        return f"Write {node.value:.0f}, without a point."
    if _SHAPES[kind].endswith("number") and isinstance(node.value, str):
        return "Write the digits plainly, such as 1000 or 0.5, without quotes."
    return ""


def _shaped(kind: str, node: Node) -> str:
    """Return how a list or a mapping is written, where the other or a single value stands."""
    if _SHAPES[kind] == "a list" and isinstance(node.value, dict):
        return "Begin each entry of it with a hyphen and a blank."
    if _SHAPES[kind] == "a list" and isinstance(node.value, str) and node.written:
        return f"Write [{node.written}]."
    if _SHAPES[kind].startswith("a mapping") and isinstance(node.value, list):
        return "Write key: value in lines of their own, without hyphens or brackets."
    return ""


def _not_a_choice(name: str, node: Node, expected: str, where: str) -> AuthorError:
    words = expected.replace("'", "").replace(" or ", ", ").split(", ")
    near = get_close_matches(_MEANT.get(node.written, node.written), words, n=1, cutoff=0.5)
    message = f"{name} must be {_either(words)}, not {shown(node)}"
    return AuthorError("not-a-choice", message, where=where, hint=did_you_mean(near))


_MEANT: Final = {
    "percent": "ratio",
    "percentage": "ratio",
    "share": "ratio",
    "integer": "int",
    "whole": "int",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "str": "string",
    "text": "string",
    "boolean": "bool",
    "list": "list<string>",
    "time": "duration",
}
"""Names that other tools have for the types of params."""


def _either(words: Sequence[str]) -> str:
    *firsts, last = words
    return f"{', '.join(firsts)} or {last}" if firsts else last


def shown(node: Node) -> str:
    """Return what stands in a file, short and in words."""
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return f"a list of {len(node.value)}"
    if isinstance(node.value, str):
        short = node.value if len(node.value) <= _WIDTH else f"{node.value[:_WIDTH]}..."
        return f"the text {short!r}"
    return node.written or "nothing"


def _spoken(path: Path) -> str:
    """Return a path as a person says it: ``needs.recall.fresh_for``, ``rules[1].where``."""
    said = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return said.removeprefix(".") or "the document"


def _inside(path: Path) -> str:
    return f" in {_spoken(path)}" if path else ""


def _nulls(node: Node, path: Path) -> Iterable[Path]:
    value = node.value
    if value is None:
        yield path
    listed = value if isinstance(value, list) else ()
    for key, each in value.items() if isinstance(value, dict) else enumerate(listed):
        if each.value is None:
            yield (*path, key)
        elif isinstance(each.value, dict | list):
            yield from _nulls(each, (*path, key))


def _order(problem: AuthorError) -> tuple[str, int, int]:
    file, *numbers = problem.where.rsplit(":", 2)
    if len(numbers) == 2 and all(number.isdecimal() for number in numbers):  # noqa: PLR2004 - line, column
        return file, int(numbers[0]), int(numbers[1])
    return problem.where, 0, 0
