"""The page of functions and macros: signatures, sources, and examples judged as it is made."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from docs_text import page, table

if TYPE_CHECKING:
    from assaybook.domain.functions import Function
    from assaybook.domain.types import Type
    from assaybook.domain.values import Value


def functions_page() -> str:
    """Describe every function and macro, each example with what it yields when this is made."""
    from assaybook.domain.functions import FUNCTIONS, Function
    from assaybook.domain.macros import MACROS, Macro

    def of_function(one: Function) -> Iterator[str]:
        yield f"### {one.name}"
        yield f"{one.doc[0].upper()}{one.doc[1:]}."
        yield table(
            ("call", "yields"),
            ((f"`{call}`", result) for call, result in function_calls(one)),
        )
        if one.source:
            yield f"Source: {one.source}."
        yield table(
            ("example", "value", "in words"),
            iter([(f"`{one.example}`", evaluated(one.example), words_of(one.example)), doubt(one)]),
        )

    def of_macro(one: Macro) -> Iterator[str]:
        yield f"### {one.name}"
        yield f"{one.doc[0].upper()}{one.doc[1:]}. {one.unknown}"
        forms = ((f"`{form}`", one.result) for form in one.forms)
        yield table(("form", "yields"), forms)
        if one.examples:
            shown_ = ((f"`{text}`", evaluated(text), words_of(text)) for text in one.examples)
            yield table(("example", "value", "in words"), shown_)

    said = (
        "The list is closed. A null field or another unknown as an argument makes the result "
        "unknown, with every reason that could have decided it; an argument outside the range of a "
        "function is an error, which is an unknown too. A whole number may stand where a number is "
        "wanted. Methods are written after a dot: `x.name(y)`. *In words* is how the sentence of a "
        "rule says it."
    )
    return page(
        "Functions and macros",
        said,
        "## Operators",
        table(("written", "in words"), ((f"`{text}`", words_of(text)) for text in OPERATORS)),
        "## Functions",
        *(block for one in FUNCTIONS.values() for block in of_function(one)),
        "## Macros",
        "Forms that bind a name or ask about a field.",
        *(block for one in MACROS for block in of_macro(one)),
    )


OPERATORS = (
    'system.risk_tier == "high"',
    'system.risk_tier != "high"',
    'system.risk_tier in ["limited", "high"]',
    '"eu" in system.tags',
    "size(system.tags) >= 2",
    "size(release.artifacts) + 1 < 3 * size(system.tags)",
    "7 % size(system.tags) == 1",
    'release.released_at > timestamp("2026-01-01T00:00:00Z")',
    'age(release.released_at) <= duration("90d")',
    'age(release.released_at) >= duration("0s") && age(release.released_at) <= duration("90d")',
    "system.edge && system.generative",
    "system.edge || system.generative",
    "!system.generative",
    "system.edge && (system.generative || has(system.owner))",
    "system.edge ? system.generative : has(system.owner)",
    "system.edge == system.generative",
    "has(system.owner)",
    'release.artifacts.all(a, a.kind != "code")',
    'release.artifacts.exists(a, a.kind == "model" && a.name.startsWith("m"))',
    '!release.artifacts.exists(a, a.kind == "image")',
    'system.intended_uses[0].contains("triage")',
)
"""One example of every operator, over the system and the release, which every rule can read."""


def words_of(text: str) -> str:
    """Return an expression as the sentence of a rule says it."""
    from assaybook.language.checker import check
    from assaybook.language.environment import applies_environment
    from assaybook.language.parser import parse
    from assaybook.language.sentence import expression_words

    return expression_words(check(parse(text), applies_environment()).node, {}, {})


def function_calls(one: "Function") -> Iterator[tuple[str, str]]:
    """Yield every way to call a function, and what it yields then."""
    from assaybook.domain.types import ScalarType
    from assaybook.language.kinds import spoken

    for signature in one.signatures:
        words = [short(kind) for kind in signature.params]
        words[-1] += ", ..." if signature.variadic else ""
        call = f"{one.name}({', '.join(words)})"
        if not one.called:
            call = f"{words[0]}.{one.name}({', '.join(words[1:])})"
        result = spoken(signature.result)
        if isinstance(signature.result, ScalarType) and signature.result.high is not None:
            result += f", {signature.result.low:g} to {signature.result.high:g}"
        yield call, f"{result}{', in the unit of its argument' if one.keeps_unit else ''}"


def short(kind: "Type") -> str:
    """Return a type as params name it."""
    from assaybook.domain.types import ListType, ScalarType

    if isinstance(kind, ListType):
        of = short(kind.of)
        return "list" if of == "any" else f"list<{of}>"
    if not isinstance(kind, ScalarType):
        return kind.name
    ends = "" if kind.high is None else f" {kind.low:g}..{kind.high:g}"
    return f"{'number' if kind.name == 'double' else kind.name}{ends}"


def evaluated(text: str) -> str:
    """Return what an expression yields, as of the last instant of the examples."""
    return value_text(text, {})


def doubt(one: "Function") -> tuple[str, str, str]:
    """Return the example with its first argument unknown, and what that yields."""
    from dataclasses import replace

    from assaybook.domain.expression import Call, Name
    from assaybook.domain.values import unknown
    from assaybook.language.parser import parse
    from assaybook.language.text import unparse

    node = parse(one.example).node
    if not isinstance(node, Call):
        raise TypeError(one.example)
    first = Name(start=0, end=0, name="x")
    text = unparse(replace(node, args=(first, *node.args[1:])))
    return f"`{text}`, x null", value_text(text, {"x": unknown("null", "row.x")}), ""


def value_text(text: str, names: "dict[str, Value]") -> str:
    """Return the value of an expression as the page shows it."""
    from assaybook.domain.values import Bag, Unknown
    from assaybook.evaluation.interpret import interpret
    from assaybook.language.parser import parse

    instant = datetime(2026, 11, 20, tzinfo=UTC)
    value = interpret(parse(text).node, {"$as_of": instant, **names})
    if isinstance(value, Unknown):
        return f"unknown({value.reasons[0].code})"
    if isinstance(value, Bag):
        return f"`[{', '.join(plain_value(each.value) for each in value.members)}]`"
    return f"`{plain_value(value)}`"


def plain_value(value: object) -> str:
    """Return a scalar as the page shows it."""
    from assaybook.domain.durations import duration_words
    from assaybook.domain.ids import written

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, timedelta):
        return duration_words(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
