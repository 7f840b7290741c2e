"""Trying expressions: every line gets an answer."""

import json

import pytest

from assaybook.service.evaluate_expression import evaluate_cases, evaluate_text


def answers(*lines: str | bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in evaluate_cases(lines)]


def case(expr: str, **bind: object) -> str:
    return json.dumps({"expr": expr, "bind": bind})


def test_a_case_is_answered_with_a_typed_value() -> None:
    assert answers(case("x + 1", x=["int", 2])) == [{"value": ["int", 3]}]
    assert answers('{"expr": "1 + 1"}') == [{"value": ["int", 2]}]


def test_bound_lists_are_proven_as_those_in_the_text_are() -> None:
    nothing: list[object] = []
    assert answers(case("xs.all(x, x > 0)", xs=["list", nothing])) == [{"value": ["bool", True]}]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "case-invalid"),
        ("{", "case-invalid"),
        ("[]", "case-invalid"),
        ("{}", "case-invalid"),
        ('{"expr": 1}', "case-invalid"),
        ('{"expr": "1", "bind": []}', "case-invalid"),
        ('{"expr": "NaN", "bind": {"x": ["double", NaN]}}', "case-invalid"),
        (b'{"expr": "\xff"}', "case-invalid"),
        ("[" * 100_000, "case-invalid"),
        ('{"expr": ' + "1" * 5000 + "}", "case-invalid"),
        (case("1 +"), "expression-syntax"),
        (case("("), "expression-syntax"),
        (case("[" * 500 + "1" + "]" * 500), "expression-too-deep"),
        (case("x"), "no_such_name"),
        (case("1 / 0"), "divide_by_zero"),
        (case("x", x=["uint", 1]), "conversion"),
    ],
)
def test_every_line_gets_an_answer_whatever_it_holds(line: str | bytes, code: str) -> None:
    (found,) = answers(line)
    error = found["error"]
    assert isinstance(error, dict)
    assert error["code"] == code


def test_answers_come_in_the_order_of_their_lines() -> None:
    assert [*answers(case("1"), "nonsense", case("2"))][2] == {"value": ["int", 2]}


def test_a_name_with_dots_is_the_longest_that_is_bound() -> None:
    c, other = ["string", "c"], ["map", [[["string", "b"], ["string", "other"]]]]
    assert answers(case("a.b", **{"a.b": c, "a": other})) == [{"value": c}]
    text = (
        "[{'b': 1}].all(a, a.b == 1) && a.b.size() == 1 && [a.b][0] == {'k': a.b}.k && !has({}.b)"
    )
    assert answers(case(text, **{"a.b": c})) == [{"value": ["bool", True]}]
    text = "a.b.exists(a, a == 'c') && (a.b)[0].startsWith('c') && 'x'.size().z == 0 || true"
    assert answers(case(text, **{"a.b": ["list", [c]]})) == [{"value": ["bool", True]}]


def test_plain_variables_are_json_values() -> None:
    assert evaluate_text("x.y + 1", {"x": {"y": 2}}) == {"value": ["int", 3]}
    assert evaluate_text("x[0] > 0.5", {"x": [0.9]}) == {"value": ["bool", True]}
    assert "error" in evaluate_text("x >", {})
