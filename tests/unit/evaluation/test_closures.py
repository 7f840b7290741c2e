"""The quick back end: short paths that must agree with the long ones."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from assaybook.domain.values import Bag, Conflict, Member, Value, unknown
from assaybook.evaluation.closures import compile_expression, compile_node
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.trace import Trace
from assaybook.language.parser import parse
from support.expressions import a_list, a_row, codes, judged


def test_the_same_expression_is_compiled_once() -> None:
    one, other = parse("1 < 2"), parse("1 < 2")
    assert compile_expression(one) is compile_expression(one)
    assert compile_expression(one) is not compile_expression(other)


def test_an_environment_is_left_as_it_was() -> None:
    env: Mapping[str, Value] = MappingProxyType({"recall": a_list(1, 2), "m": 7})
    judge = compile_node(parse("recall.all(m, m > 0) && m == 7").node).judge
    assert judge(env, Trace()) is True
    assert dict(env)["m"] == 7


def test_a_variable_hides_a_name_outside_and_only_inside() -> None:
    assert judged("[1].all(x, [2].all(x, x == 2) && x == 1) && x == 0", x=0) is True


def test_one_judgement_leaves_nothing_for_the_next() -> None:
    judge = compile_node(parse("recall.exists(m, m.value > 0.5)").node).judge
    good, bad = a_list(a_row(value=0.9)), a_list(a_row(value=0.1))
    assert [judge({"recall": bag}, Trace()) for bag in (good, bad, good)] == [True, False, True]


@pytest.mark.parametrize("at", [0, 1, 49, 50, 99])
def test_a_single_failing_row_is_found_in_any_place(at: int) -> None:
    rows = [a_row(str(number), value=0.9) for number in range(100)]
    rows[at] = a_row("bad", value=0.1)
    assert judged("recall.all(m, m.value >= 0.8)", recall=a_list(*rows)) is False
    assert judged("recall.exists(m, m.value < 0.8)", recall=a_list(*rows)) is True
    assert judged("recall.all(m, m.value >= 0.0)", recall=a_list(*rows)) is True
    assert judged("recall.exists(m, m.value < 0.0)", recall=a_list(*rows)) is False


@pytest.mark.parametrize(
    "value", [0.9, 1, None, "x", True, unknown("stale"), Conflict((0.1, 0.9)), float("nan")]
)
@pytest.mark.parametrize("op", ["==", "!=", "<", ">="])
def test_a_threshold_treats_every_kind_of_value_alike_in_both_back_ends(
    op: str, value: Value
) -> None:
    for text in (f"m.value {op} 0.8", f"m.value {op} params.floor", f"x {op} 0.8", f"0.8 {op} x"):
        judged(text, m=a_row(value=value), params=a_row(floor=0.8), x=value)


def test_many_rows_are_mapped_as_few_are() -> None:
    for count in (50, 51, 200):
        assert judged("math.greatest(xs.map(x, x * 2))", xs=a_list(*range(count))) == 2 * count - 2
    assert codes(judged("xs.map(x, x)", xs=a_list(1, ghost="errored"))) == ["errored"]


def test_a_row_that_makes_the_short_path_give_up_costs_no_step_twice() -> None:
    node = parse("recall.all(m, m.value in [0.9, 0.8])").node
    env: dict[str, Value] = {"recall": a_list(a_row(value=0.9), a_row(value=None))}
    trace, budget = Trace(), Trace()
    assert codes(compile_node(node).judge(env, trace)) == ["null"]
    interpret(node, env, budget)
    assert trace.left == budget.left


def test_constants_are_made_once_and_read_wrongly_never() -> None:
    assert codes(judged("duration('soon') > duration('1h')")) == ["error:conversion"]
    assert judged("'a' in ['a']") is True
    assert codes(judged("duration()")) == ["error:no_overload"]


@pytest.mark.parametrize(
    ("bag", "expected"),
    [
        (Bag((Member("b"), Member("a"))), True),
        (Bag((Member("b"),)), False),
        (Bag((Member("b"), Member(1))), False),
        (Bag((Member("a", unknown("stale")),)), ["stale"]),
        (Bag((Member("b"),), unknown("errored"), kind="metric"), ["errored"]),
    ],
)
def test_a_text_is_looked_up_in_any_list_as_the_reference_does(bag: Bag, expected: object) -> None:
    found = judged("'a' in names", names=bag)
    assert (found if isinstance(found, bool) else codes(found)) == expected
