"""The account of a judgement: what was seen, in the words of the policy."""

from datetime import timedelta

from assaybook.domain.finding import TraceNode
from assaybook.domain.values import Value, unknown
from assaybook.evaluation.closures import compile_expression
from assaybook.evaluation.run import traced
from assaybook.evaluation.trace import LINES, ROWS_KEPT, Trace, build
from assaybook.language.parser import parse
from support.expressions import AS_OF, a_list, a_row


def account(text: str, **env: Value) -> TraceNode:
    expression, trace = parse(text), Trace()
    compiled = compile_expression(expression)
    compiled.judge(env, trace)
    return build(expression, compiled.site, trace)


def lines(node: TraceNode) -> int:
    return 1 + sum(map(lines, node.children))


def test_a_comparison_shows_both_sides_as_written_and_as_observed() -> None:
    node = account("m.value >= params.floor", m=a_row(value=0.7), params=a_row(floor=0.8))
    assert (node.text, node.truth, node.value) == ("m.value >= params.floor", "F", None)
    assert [(child.text, child.value) for child in node.children] == [
        ("m.value", 0.7),
        ("params.floor", 0.8),
    ]


def test_a_literal_needs_no_line_of_its_own() -> None:
    node = account("m.value >= 0.8", m=a_row(value=0.9))
    assert [child.text for child in node.children] == ["m.value"]
    assert account("true").truth == "T"


def test_an_unknown_shows_its_reasons_and_no_value() -> None:
    node = account("m.value >= 0.8", m=a_row(value=None))
    assert (node.truth, node.value) == ("U", None)
    assert [(one.code, one.path) for one in node.reasons] == [("null", "recall[a].value")]
    assert node.children[0].reasons == node.reasons
    assert node.children[0].truth == ""


def test_what_was_not_reached_is_not_told() -> None:
    node = account("b && m.value >= 0.8", b=False, m=a_row(value=0.9))
    assert [(child.text, child.truth) for child in node.children] == [("b", "F")]


def test_a_chain_of_conditions_is_told_side_by_side() -> None:
    node = account("(a && b) && c", a=True, b=True, c=True)
    assert [child.text for child in node.children] == ["a", "b", "c"]


def test_a_line_says_how_the_truths_under_it_make_its_own() -> None:
    names: dict[str, Value] = {"a": True, "b": True, "recall": a_list(a_row(ok=True))}
    texts = ("a && b", "a || b", "!a", "a ? b : a", "recall.all(m, m.ok)", "recall.exists(m, m.ok)")
    found = [account(text, **names).joins for text in (*texts, "a == b")]
    assert found == ["and", "or", "not", "if", "all", "exists", ""]


def test_every_row_has_a_line_with_its_name_and_what_was_observed() -> None:
    rows = a_list(a_row("x", value=0.9), a_row("y", value=0.1))
    node = account("recall.all(m, m.value >= 0.8)", recall=rows)
    assert [(child.text, child.truth, child.value) for child in node.children] == [
        ("recall", "", "2 rows"),
        ("recall[x]: m.value >= 0.8", "T", None),
        ("recall[y]: m.value >= 0.8", "F", None),
    ]
    assert node.children[2].children[0].value == 0.1


def test_possible_rows_and_an_open_end_are_told() -> None:
    rows = a_list(a_row(value=0.9), possible=(a_row(value=0.9),), ghost="errored")
    node = account("recall.all(m, m.value >= 0.8)", recall=rows)
    assert node.children[0].value == "2 rows, 1 of them possible, and perhaps more"
    assert [child.truth for child in node.children[1:]] == ["T", "T", "U"]
    one = account("size(recall) >= 2", recall=a_list(a_row(value=1.0), ghost="errored"))
    assert one.children[0].value == {"at_least": 1, "at_most": None}
    assert one.children[0].children[0].value == "1 row, and perhaps more"


def test_of_many_rows_the_first_and_the_deciding_one_are_told() -> None:
    rows = [a_row(str(number), value=0.9) for number in range(200)]
    rows[150] = a_row("bad", value=0.1)
    node = account("recall.all(m, m.value >= 0.8)", recall=a_list(*rows))
    told = node.children[1:]
    assert len(told) == ROWS_KEPT
    assert told[-1].text.startswith("recall[bad]:")


def test_a_long_list_of_values_is_cut_and_says_so() -> None:
    node = account("size(xs) > 0", xs=a_list(*range(60)))
    value = node.children[0].children[0].value
    assert isinstance(value, list)
    assert value[-1] == "... and 10 more"
    assert account("size(xs) > 0", xs=a_list(1)).children[0].children[0].value == [1]


def test_an_account_of_lists_in_lists_stays_within_its_limit() -> None:
    text = "xs.all(a, xs.all(b, xs.all(c, a + b + c >= 0)))"
    assert lines(account(text, xs=a_list(*range(60)))) <= LINES


def test_both_steps_of_a_map_are_told_for_each_row() -> None:
    rows = a_list(a_row("x", value=0.9), a_row("y", value=0.1))
    node = account("recall.map(m, m.value > 0.5, m.value)", recall=rows)
    assert [child.text for child in node.children[1:]] == [
        "recall[x]: m.value > 0.5",
        "recall[y]: m.value > 0.5",
        "recall[x]: m.value",
    ]
    assert node.value == [0.9]


def test_a_list_that_is_unknown_has_no_rows_to_tell() -> None:
    node = account("recall.all(m, m.value > 0.5)", recall=unknown("stale"))
    assert node.truth == "U"
    assert [child.text for child in node.children] == ["recall"]


def test_times_are_told_as_people_write_them() -> None:
    env: dict[str, Value] = {"$as_of": AS_OF, "t": AS_OF - timedelta(days=3)}
    node = account("age(t) <= duration('90d')", **env)
    assert [child.value for child in node.children] == ["3 days", "90 days"]


def test_methods_that_answer_yes_or_no_are_conditions() -> None:
    assert account("t.matches('a')", t=unknown("stale")).truth == "U"
    assert account("size(t)", t=unknown("stale")).truth == ""


def test_a_judgement_that_never_ran_has_a_line_and_no_more() -> None:
    expression = parse("a && b")
    node = build(expression, compile_expression(expression).site, Trace())
    assert node == TraceNode(text="a && b")


def told(text: str, **env: Value) -> list[tuple[str, str]]:
    """Return what the account of a rule tells of each row that it names, and their truth."""
    _held, node = traced(parse(text), env)
    rows = node if node.joins == "all" else node.children[-1]
    return [(child.row, child.truth) for child in rows.children if child.row]


def test_a_fail_of_all_is_told_of_every_row_and_not_of_the_first_alone() -> None:
    rows = a_list("a", "b", "c")
    assert told('l.all(t, t == "b")', l=rows) == [("a", "F"), ("b", "T"), ("c", "F")]
    assert told('true && l.all(t, t == "b")', l=rows) == [("a", "F"), ("b", "T"), ("c", "F")]
    mixed = a_list(0.1, unknown("null", "x", "nobody knows"), 0.2)
    assert told("l.all(t, t >= 0.5)", l=mixed) == [("0.1", "F"), ("None", "U"), ("0.2", "F")]


def test_what_is_not_the_outermost_all_stops_where_it_is_decided() -> None:
    rows = a_list("a", "b", "c")
    assert told('l.all(t, l.all(u, u == "b"))', l=rows)[0] == ("a", "F")
    _held, node = traced(parse('l.all(t, l.all(u, u == "b"))'), {"l": rows})
    inner = [child for child in node.children if child.row]
    assert [len([each for each in one.children if each.row]) for one in inner] == [1, 1, 1]


def test_the_rest_of_a_fail_costs_no_more_than_it_may_and_changes_no_outcome() -> None:
    """The first row decides; what would follow needs more steps than an expression may take."""
    many = a_list(*map(float, range(1500)))
    text = 'l.all(t, t == "a" ? false : n.all(x, n.all(y, x + y >= 0.0)))'
    assert told(text, l=a_list("a", "b"), n=many) == [("a", "F")]
