import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assaybook.domain.errors import AuthorError
from assaybook.domain.expression import (
    Base,
    Call,
    Compare,
    Has,
    Literal_,
    Name,
    Negate,
    Node,
    Quantifier,
    Select,
)
from assaybook.language.faults import Place
from assaybook.language.parser import MAX_DEPTH, MAX_NODES, parse
from assaybook.language.text import (
    children,
    literal_text,
    params_read,
    reads,
    rebuilt,
    slice_of,
    unparse,
    walk,
)
from assaybook.language.tokens import MAX_TEXT


def shape(value: object) -> object:
    """Return a tree without places."""
    if isinstance(value, Base):
        kept = [field.name for field in fields(value) if field.name not in ("start", "end")]
        return (type(value).__name__, *(shape(getattr(value, name)) for name in kept))
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        return tuple(shape(part) for part in parts)
    return (type(value).__name__, repr(value)) if isinstance(value, (int, float)) else value


def refused(text: str) -> AuthorError:
    with pytest.raises(AuthorError) as caught:
        parse(text, file="p.yaml", line=3, column=7)
    return caught.value


def conformance() -> Iterator[str]:
    folder = os.environ.get("ASSAY_VECTORS")
    if folder is None:
        pytest.skip("ASSAY_VECTORS is not set: the conformance cases of CEL are not here")
    for line in (Path(folder) / "cel-conformance.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)["expr"]


def test_every_conformance_case_parses_but_for_the_macros_that_we_refuse() -> None:
    deviations: list[tuple[str, str]] = []
    for text in conformance():
        try:
            tree = parse(text).node
        except AuthorError as error:
            deviations.append((error.code, text))
            continue
        assert shape(parse(unparse(tree)).node) == shape(tree), text
    macros = ("exists_one", "existsOne", "transform", "exists(i, v", "all(i, v")
    assert {code for code, _text in deviations} == {"expression-unsupported"}
    assert all(any(macro in text for macro in macros) for _code, text in deviations)
    assert len(deviations) == 24


def test_the_tables_are_those_of_the_grammar(checkout: Path) -> None:
    tool = checkout / "tools" / "make_expression_tables.py"
    assert subprocess.run([sys.executable, str(tool), "--check"], check=False).returncode == 0


def test_a_parser_is_ready_without_loading_lark() -> None:
    code = (
        "import sys; from assaybook.language.parser import parse; parse('a && b');"
        "print(sorted({'lark', 're2', 'pandas', 'yaml'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0x1F", 31),
        ("-7", -7),
        ("- 7", -7),
        ("-9223372036854775808", -(2**63)),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-2.3e+1", -23.0),
        (r"'\x41\u00e9\U0001F600\101\n\''", "A\u00e9\U0001f600A\n'"),
        (r'r"a\n"', "a\\n"),
        ('"""a\n"b" """', 'a\n"b" '),
        ("'''it's'''", "it's"),
        ("true // yes", True),
        ("null", None),
    ],
)
def test_a_literal_means_what_it_means_in_cel(text: str, value: object) -> None:
    node = parse(text).node
    assert isinstance(node, Literal_)
    assert node.value == value
    assert type(node.value) is type(value)


def test_a_sign_before_brackets_stays_an_operation() -> None:
    assert isinstance(parse("-(7)").node, Negate)
    assert isinstance(parse("--7").node, Negate)
    assert isinstance(parse("-x").node, Negate)


def test_operators_bind_as_in_cel() -> None:
    assert unparse(parse("((a) || (b && c)) ? (d) : (e ? f : g)").node) == (
        "a || b && c ? d : e ? f : g"
    )
    assert unparse(parse("(a || b) && !(c == d) && (1 - (2 - 3)) * 4 in [x]").node) == (
        "(a || b) && !(c == d) && (1 - (2 - 3)) * 4 in [x]"
    )


def test_every_node_knows_its_own_text() -> None:
    text = "  recall.all(m, (m.value) >= 0.5 && has(m.n)) ? size([1, 2]) : -x[0]"
    expression = parse(text)
    assert expression.text == text.strip()
    assert expression.column == 3
    for node in walk(expression.node):
        assert shape(parse(slice_of(expression, node)).node) == shape(node)


def test_a_text_of_several_lines_keeps_its_place() -> None:
    expression = parse("\n\n  a &&\n  b", file="p.yaml", line=4, column=5)
    assert (expression.line, expression.column) == (6, 7)
    error = refused("a &&\n  =b")
    assert error.where == "p.yaml:4:9"
    assert "\n      =b\n      ^" in error.message


def test_calls_methods_and_macros_become_their_nodes() -> None:
    call = parse("math.least(1, 2)").node
    assert isinstance(call, Call)
    assert call.function == "math.least"
    method = parse("'a'.startsWith('b')").node
    assert isinstance(method, Call)
    assert len(method.args) == 2
    only = parse("only(list, x, x.a == 1)").node
    assert isinstance(only, Quantifier)
    assert only.kind == "only"
    mapped = parse("list.map(x, x.a, x.b)").node
    assert isinstance(mapped, Quantifier)
    assert mapped.test is not None
    quoted = parse("a.`b-c`").node
    assert isinstance(quoted, Select)
    assert quoted.field == "b-c"
    assert isinstance(parse("has(a.b)").node, Has)
    assert isinstance(parse("f()").node, Call)
    assert isinstance(parse("a.while()").node, Call)
    chained = parse("a < b < c").node
    assert isinstance(chained, Compare)
    assert isinstance(chained.left, Compare)


SYNTAX = [
    ("", "empty", ""),
    ("a = 1", "= is no operator", "=="),
    ("a => 1", "=> is no operator", ">="),
    ("a =< 1", "=< is no operator", "<="),
    ("a <> 1", "<> is no operator", "!="),
    ("a === 1", "=== is no operator", "=="),
    ("a !== 1", "!== is no operator", "!="),
    ("a & b", "& is no operator", "&&"),
    ("a | b", "| is no operator", "||"),
    ("a and b", "'and' is no operator", "&&"),
    ("a or b", "'or' is no operator", "||"),
    ("x not y", "'not' is no operator", "!"),
    ("(a", "too early", ")"),
    ("[a", "too early", "]"),
    ("(a) && [f(b)", "too early", "Add ]"),
    ("{a: b", "too early", "}"),
    ("a ||", "too early", ""),
    ("a ? b", "too early", ""),
    ("a b", "found 'b' where an operator was expected", ""),
    ("a )", "found ')'", ""),
    ("&& a", "a value was expected", ""),
    ("a.1", "found '.1'", ""),
    ("a..b", "a name was expected", ""),
    ("'abc", "not closed", "Close"),
    ("'a\nb'", "not closed", ""),
    ("'''abc'", "not closed", "'''"),
    (r"'\q'", "unknown escape", "raw string"),
    (r"'\u12'", "unknown escape", "raw string"),
    (r"'\uD800'", "no Unicode character", ""),
    (r"'\UFFFFFFFF'", "no Unicode character", ""),
    ("rr'a'", "string prefix", "Use r"),
    ("90d", "90d is no number", 'duration("90d")'),
    ("5x", "5x is no number", ""),
    ("0x", "needs digits", ""),
    ("1e999", "too large", ""),
    ("9223372036854775808", "beyond 64 bits", ""),
    ("-(9223372036854775808)", "beyond 64 bits", ""),
    ("-9223372036854775809", "beyond 64 bits", ""),
    ("9" * 61, "60 digits", ""),
    ("\u201ca\u201d", "unexpected character", "straight quotes"),
    ("`a`b", "found '`a`'", ""),
    ("a.`b", "unexpected character", "Backticks"),
    ("a # b", "unexpected character", ""),
    ("has(a)", "has takes one field", "has(row.field)"),
    ("has()", "has takes one field", ""),
    ("has(a.b, c)", "has takes one field", ""),
    ("only(a, b)", "only takes", "only(list, x, condition)"),
    ("only(a, b.c, d)", "a name for the row", ""),
    ("a.all((x), x)", "a name for the row", ""),
    ("a.all(x)", "all takes a name and a condition", ""),
    ("a.map(x)", "map takes", ""),
    ("a.map(x, y, z, w)", "map takes", ""),
    ("all(a, x, x)", "called on a value", "value.all"),
    ("startsWith(a, b)", "called on a value", "value.startsWith"),
    ("a.age()", "not called on a value", "age(...)"),
]


@pytest.mark.parametrize(("text", "reason", "hint"), SYNTAX)
def test_a_mistake_is_named_with_its_place_and_a_remedy(text: str, reason: str, hint: str) -> None:
    error = refused(text)
    assert error.code == "expression-syntax"
    assert reason in error.message
    assert hint in error.hint
    assert error.where.startswith("p.yaml:")
    assert "^" in error.message.splitlines()[-1]


@pytest.mark.parametrize(
    "text",
    [
        "b'a'",
        "rb'a'",
        "1u",
        "0x1U",
        "Foo{a: 1}",
        "a.exists_one(x, x)",
        "a.transformList(i, v, v)",
        "a.transformMap(k, v, v)",
        "a.all(i, v, v)",
    ],
)
def test_what_cel_has_and_we_do_not_is_refused_by_name(text: str) -> None:
    assert refused(text).code == "expression-unsupported"


@pytest.mark.parametrize("text", ["while", "package.a", "import(1)"])
def test_reserved_words_are_no_names(text: str) -> None:
    assert refused(text).code == "expression-reserved"


def test_size_depth_and_length_have_limits() -> None:
    assert refused("a" * (MAX_TEXT + 1)).code == "expression-too-long"
    assert refused("!" * MAX_DEPTH + "a").code == "expression-too-deep"
    parse("!" * (MAX_DEPTH - 1) + "a")
    assert refused(f"[{'1,' * MAX_NODES}]").code == "expression-too-large"


@pytest.mark.parametrize("text", ["(" * 19_000, "[" * 19_000, "!" * 19_000, "a.b" + ".c" * 9_000])
def test_deep_input_neither_crashes_nor_hangs(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(AuthorError):
        parse(text)
    assert time.perf_counter() - start < 5


def test_many_brackets_around_one_value_are_still_that_value() -> None:
    assert isinstance(parse("(" * 3_900 + "a" + ")" * 3_900).node, Name)


def test_a_long_line_is_quoted_around_the_place() -> None:
    error = refused("a" * 200 + " = 1")
    quoted, carets = error.message.splitlines()[1:]
    assert len(quoted) < 100
    assert quoted[carets.index("^")] == "="


def test_a_place_without_a_file_is_line_and_column() -> None:
    assert Place("a\nb").where(2) == "2:1"


def test_free_names_are_told_from_bound_ones() -> None:
    node = parse("recall.map(m, m.n > params.min_n, m.value) + [m] && has(params.floor)").node
    assert reads(node) == {"recall", "params", "m"}
    assert reads(parse("only(a, x, x.b == c)").node) == {"a", "c"}
    assert params_read(node) == {"min_n", "floor"}


def test_only_scalars_of_cel_have_a_literal() -> None:
    assert literal_text('a"\\\n\x07') == '"a\\"\\\\\\n\\U00000007"'
    with pytest.raises(TypeError):
        literal_text(parse)  # type: ignore[arg-type]


def parses_or_is_refused(text: str) -> bool:
    try:
        parse(text)
    except AuthorError as error:
        return bool(error.message and error.where and error.code)
    return True


@given(st.text(max_size=60))
@example("\x00")
@example("'\\")
@example("a.b(")
@example("1..2")
def test_any_text_parses_or_is_refused_politely(text: str) -> None:
    assert parses_or_is_refused(text)


_WORDS = st.lists(
    st.sampled_from(
        [
            "a",
            "b.c",
            "1",
            "2.5",
            "-3",
            "'x'",
            "true",
            "null",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "?",
            "&&",
            "||",
            "!",
            "==",
            "<",
            "in",
            "+",
            "-",
            "*",
            "/",
            "%",
            "has(",
            ".all(x,",
            ".map(",
            "only(",
            "size(",
            ".size()",
            ".",
            "math.least(",
            "0x1",
            "r'y'",
            "//",
            "\n",
        ]
    ),
    max_size=25,
)


@given(_WORDS)
def test_any_order_of_words_parses_or_is_refused_politely(words: list[str]) -> None:
    assert parses_or_is_refused(" ".join(words))


def _trees() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["a", "1", "-2", "0.5", "-1.5", "'x\\n'", "true", "null", "[]", "{}"])

    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pairs = st.tuples(inner, inner)
        binary = st.sampled_from(["&&", "||", "==", "!=", "<", ">=", "in", "+", "-", "*", "/", "%"])
        return st.one_of(
            st.tuples(inner, binary, inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
            inner.map(lambda a: f"!({a})"),
            inner.map(lambda a: f"-({a})"),
            inner.map(lambda a: f"({a}).f"),
            inner.map(lambda a: f"({a}).`x y`"),
            inner.map(lambda a: f"has(({a}).g)"),
            inner.map(lambda a: f"size({a})"),
            pairs.map(lambda p: f"({p[0]})[{p[1]}]"),
            pairs.map(lambda p: f"({p[0]}).startsWith({p[1]})"),
            pairs.map(lambda p: f"math.least({p[0]}, {p[1]})"),
            pairs.map(lambda p: f"({p[0]}).break({p[1]})"),
            pairs.map(lambda p: f"[{p[0]}, {p[1]}]"),
            pairs.map(lambda p: f"({p[0]}) in ({p[1]})"),
            pairs.map(lambda p: f"{{{p[0]}: {p[1]}}}"),
            pairs.map(lambda p: f"({p[0]}).exists(x, {p[1]})"),
            pairs.map(lambda p: f"only({p[0]}, x, {p[1]})"),
            st.tuples(inner, inner, inner).map(lambda t: f"({t[0]}).map(x, {t[1]}, {t[2]})"),
            st.tuples(inner, inner, inner).map(lambda t: f"({t[0]}) ? ({t[1]}) : ({t[2]})"),
        )

    return st.recursive(leaves, more, max_leaves=12)


@given(_trees())
def test_what_is_written_back_reads_as_the_same_tree(text: str) -> None:
    node = parse(text).node
    assert shape(parse(unparse(node)).node) == shape(node)


@given(_trees())
def test_a_node_rebuilt_from_its_own_parts_is_itself(text: str) -> None:
    def again(node: Node) -> Node:
        return rebuilt(node, [again(child) for child in children(node)])

    node = parse(text).node
    assert again(node) == node
