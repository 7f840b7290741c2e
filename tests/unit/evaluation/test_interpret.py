"""What expressions mean over evidence that is unknown, uncertain, open, empty or in conflict."""

import pytest

from assaybook.domain.expression import Literal_, Not
from assaybook.domain.values import Bag, Conflict, Member, Row, SizeRange, Unknown, Value, unknown
from assaybook.evaluation.budget import DEEPEST, Budget, is_too_deep
from assaybook.evaluation.closures import compile_node
from assaybook.evaluation.interpret import interpret
from assaybook.evaluation.trace import Trace
from support.expressions import a_list, a_row, codes, judged

STALE = unknown("stale", "x")
GOOD, BAD, MUTE = a_row("a", value=0.9), a_row("b", value=0.1), a_row("c", value=None)
CLOSED = unknown("not_examined", "y")


def over(bag: Value, text: str) -> Value:
    return judged(text, recall=bag)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("false && u", False),
        ("u && false", False),
        ("true || u", True),
        ("u || true", True),
        ("false && 1 / 0 == 1", False),
        ("1 / 0 == 1 || true", True),
        ("false && 32", False),
        ("true || 'text'", True),
        ("(true && false) && u", False),
        ("false || (u || true)", True),
    ],
)
def test_an_unknown_does_not_matter_where_the_rest_decides(text: str, truth: object) -> None:
    assert judged(text, u=STALE) is truth


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("true && u", ["stale"]),
        ("u || false", ["stale"]),
        ("u && v", ["stale", "not_examined"]),
        ("v || u", ["stale", "not_examined"]),
        ("!u", ["stale"]),
        ("u ? true : true", ["stale"]),
        ("u == v", ["stale", "not_examined"]),
        ("32 && true", ["error:no_overload"]),
        ("!3", ["error:no_overload"]),
        ("'cows' ? false : 17", ["error:no_overload"]),
        ("[1, u].exists(x, x == 2)", ["stale"]),
    ],
)
def test_an_unknown_that_could_decide_keeps_its_reasons_in_order(
    text: str, reasons: list[str]
) -> None:
    assert codes(judged(text, u=STALE, v=CLOSED)) == reasons


def test_a_known_condition_chooses_its_branch() -> None:
    assert judged("true ? 1 : 1 / 0") == 1
    assert codes(judged("false ? 1 : 1 / 0")) == ["error:divide_by_zero"]


def test_a_null_fact_field_is_unknown_and_never_equal_to_null() -> None:
    value = judged("m.value == null", m=MUTE)
    assert codes(value) == ["null"]
    assert isinstance(value, Unknown)
    assert value.reasons[0].path == "recall[c].value"


def test_a_null_that_was_bound_is_a_value() -> None:
    assert judged("n == null", n=None) is True
    assert codes(judged("n < n", n=None)) == ["error:no_overload"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, True),
        (None, False),
        (Conflict((0.1, 0.9)), True),
        (STALE, ["stale"]),
    ],
)
def test_has_knows_a_value_a_null_and_what_is_unknown_apart(value: Value, expected: object) -> None:
    found = judged("has(m.value)", m=a_row(value=value))
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


def test_has_of_an_unseen_row_or_an_unknown_operand_is_unknown() -> None:
    assert codes(over(a_list(ghost="errored"), "recall.exists(m, has(m.value))")) == ["errored"]
    assert codes(judged("has(u.value)", u=STALE)) == ["stale"]


def test_has_of_what_cannot_have_the_field_is_an_error() -> None:
    assert codes(judged("has(m.other)", m=GOOD)) == ["error:no_such_field"]
    assert codes(judged("has(n.other)", n=3)) == ["error:no_overload"]


def test_a_need_has_its_coverage_and_evidence_besides_its_rows() -> None:
    bag = Bag(extra={"evidence": a_list(1, 2)}, label="recall")
    assert over(bag, "size(recall.evidence)") == 2
    assert over(bag, "has(recall.evidence)") is True
    assert codes(over(bag, "has(recall.value)")) == ["error:no_such_field"]
    assert codes(over(bag, "recall.coverage")) == ["error:no_such_field"]


ALL = "recall.all(m, m.value >= 0.8)"
EXISTS = "recall.exists(m, m.value < 0.8)"


@pytest.mark.parametrize(
    ("bag", "expected"),
    [
        (a_list(GOOD), True),
        (a_list(GOOD, BAD), False),
        (a_list(GOOD, MUTE), ["null"]),
        (a_list(MUTE, BAD), False),
        (a_list(GOOD, possible=(GOOD,)), True),
        (a_list(GOOD, possible=(BAD,), doubt="stale"), ["stale"]),
        (a_list(GOOD, possible=(MUTE,), doubt="stale"), ["stale", "null"]),
        (a_list(BAD, ghost="errored"), False),
        (a_list(GOOD, ghost="errored"), ["errored"]),
        (a_list(possible=(GOOD,), doubt="stale"), ["stale"]),
        (a_list(), ["empty"]),
        (a_list(ghost="missing"), ["missing"]),
        (a_list(proven=True), True),
        (a_list(proven=True, ghost="missing"), ["missing"]),
        (a_list(proven=True, possible=(GOOD,), doubt="stale"), ["stale"]),
        (STALE, ["stale"]),
        (3, ["error:no_overload"]),
        (a_list(a_row(value=Conflict((0.85, 0.9)))), True),
        (a_list(a_row(value=Conflict((0.1, 0.2)))), False),
        (a_list(a_row(value=Conflict((0.1, 0.9)))), ["conflict"]),
    ],
)
def test_all_holds_only_where_every_row_is_known_to_hold(bag: Value, expected: object) -> None:
    found = over(bag, ALL)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("bag", "expected"),
    [
        (a_list(GOOD), False),
        (a_list(GOOD, BAD), True),
        (a_list(GOOD, MUTE), ["null"]),
        (a_list(MUTE, BAD), True),
        (a_list(GOOD, possible=(GOOD,)), False),
        (a_list(GOOD, possible=(BAD,), doubt="stale"), ["stale"]),
        (a_list(GOOD, possible=(MUTE,), doubt="stale"), ["stale", "null"]),
        (a_list(BAD, ghost="errored"), True),
        (a_list(GOOD, ghost="errored"), ["errored"]),
        (a_list(), False),
        (a_list(proven=True), False),
        (a_list(ghost="missing"), ["missing"]),
        (a_list(a_row(value=Conflict((0.1, 0.2)))), True),
        (a_list(a_row(value=Conflict((0.1, 0.9)))), ["conflict"]),
    ],
)
def test_exists_needs_a_sure_row_and_says_no_only_of_a_closed_list(
    bag: Value, expected: object
) -> None:
    found = over(bag, EXISTS)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


def test_an_open_list_does_not_matter_to_a_body_that_needs_no_field() -> None:
    assert over(a_list(GOOD, ghost="errored"), "recall.all(m, true)") is True
    assert over(a_list(ghost="errored"), "recall.exists(m, false)") is False
    assert codes(over(a_list(ghost="errored"), "recall.all(m, true)")) == ["errored"]


def test_a_body_that_is_no_condition_is_an_error() -> None:
    for kind in ("all", "exists", "filter"):
        found = over(a_list(GOOD), f"recall.{kind}(m, m.value)")
        found = judged("size(r) == 1", r=found) if isinstance(found, Bag) else found
        assert codes(found) == ["error:no_overload"]


def test_a_filter_keeps_a_row_that_it_cannot_decide_as_a_possible_one() -> None:
    kept = over(a_list(GOOD, BAD, MUTE, possible=(GOOD,)), "recall.filter(m, m.value >= 0.8)")
    assert isinstance(kept, Bag)
    assert [(member.value, member.doubt is None) for member in kept.members] == [
        (GOOD, True),
        (MUTE, False),
        (GOOD, False),
    ]
    assert kept.label == "recall.filter(...)"


def test_a_possible_row_that_stays_undecided_has_both_reasons() -> None:
    kept = over(a_list(possible=(MUTE,), doubt="stale"), "recall.filter(m, m.value >= 0.8)")
    assert isinstance(kept, Bag)
    assert codes(kept.members[0].doubt) == ["stale", "null"]


def test_a_filter_of_a_conflicting_field_is_sure_where_the_readings_agree() -> None:
    bag = a_list(a_row(ok=Conflict((True, True))), a_row(ok=Conflict((False, False))))
    assert over(bag, "size(recall.filter(m, m.ok))") == 1


def test_a_filter_that_keeps_nothing_of_a_proven_list_proves_nothing() -> None:
    bag = a_list(GOOD, proven=True)
    assert codes(over(bag, "recall.filter(m, m.value < 0).all(m, false)")) == ["empty"]
    assert over(a_list(proven=True), "recall.filter(m, true).all(m, false)") is True


def test_a_filter_of_an_open_list_is_open() -> None:
    assert codes(over(a_list(ghost="errored"), "size(recall.filter(m, m.ok)) == 0")) == ["errored"]


@pytest.mark.parametrize(
    ("bag", "expected"),
    [
        (a_list(GOOD, ghost="errored"), ["errored"]),
        (a_list(GOOD, possible=(GOOD,), doubt="stale"), ["stale"]),
        (a_list(GOOD, MUTE), ["null"]),
        (a_list(), ["empty"]),
        (a_list(proven=True), ["empty"]),
        (a_list(GOOD, BAD), 0.1),
    ],
)
def test_the_least_of_uncertain_values_is_unknown(bag: Value, expected: object) -> None:
    found = over(bag, "math.least(recall.map(m, m.value))")
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


def test_a_map_with_a_test_takes_the_rows_that_hold_and_is_unknown_if_any_is_undecided() -> None:
    text = "recall.map(m, m.value > 0.5, m.value)"
    mapped = over(a_list(GOOD, BAD), text)
    assert isinstance(mapped, Bag)
    assert [member.value for member in mapped.members] == [0.9]
    assert codes(over(a_list(GOOD, MUTE), text)) == ["null"]
    assert codes(over(STALE, text)) == ["stale"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("size(recall) >= 2", True),
        ("size(recall) <= 4", True),
        ("size(recall) > 4", False),
        ("size(recall) == 5", False),
        ("size(recall) != 5", True),
        ("size(recall) < 2", False),
        ("size(recall) >= 3", ["stale"]),
        ("size(recall) == 3", ["stale"]),
        ("size(recall) != 2", ["stale"]),
        ("2 <= size(recall)", True),
        ("size(recall) == size(recall)", ["stale"]),
        ("size(recall) == 'three'", False),
        ("size(recall) != 'three'", True),
        ("size(recall) < 'three'", ["error:no_overload"]),
        ("size(recall) + 1 == 3", ["stale"]),
        ("size(recall) >= u", ["stale", "not_examined"]),
        ("size(recall) >= c", True),
        ("size(recall) >= d", ["conflict"]),
        ("[size(recall)] == [3]", ["stale"]),
        ("[1] == [size(recall)]", False),
    ],
)
def test_the_size_of_an_uncertain_list_is_an_interval(text: str, expected: object) -> None:
    bag = a_list(GOOD, BAD, possible=(MUTE, GOOD), doubt="stale")
    conflicts = {"c": Conflict((1, 2)), "d": Conflict((2, 5), "d")}
    found = judged(text, recall=bag, u=CLOSED, **conflicts)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("c > 3", "documents disagree: 2 or 5"),
        ("c * 2 > 7", "documents disagree: 2 or 5"),
        ("-(c * 2) < -7", "documents disagree: 2 or 5"),
        ("c * e > 7", "documents disagree: 2 or 4 or 5 or 10"),
    ],
)
def test_documents_that_disagree_are_told_by_what_they_give(text: str, told: str) -> None:
    found = judged(text, c=Conflict((2, 5), "c"), e=Conflict((1, 2), "e"))
    assert isinstance(found, Unknown)
    assert [one.message for one in found.reasons] == [told]


def test_the_size_of_an_open_list_has_no_upper_end() -> None:
    bag = a_list(GOOD, ghost="errored")
    assert over(bag, "size(recall)") == SizeRange(1, None)
    assert over(bag, "size(recall) >= 1") is True
    assert codes(over(bag, "size(recall) < 100")) == ["errored"]


ONLY = "only(recall, m, m.value > 0.5).value"


@pytest.mark.parametrize(
    ("bag", "expected"),
    [
        (a_list(GOOD, BAD), 0.9),
        (a_list(BAD), ["missing"]),
        (a_list(), ["missing"]),
        (a_list(GOOD, a_row("d", value=0.8)), ["conflict"]),
        (a_list(GOOD, MUTE), ["null"]),
        (a_list(GOOD, possible=(GOOD,), doubt="stale"), ["stale"]),
        (a_list(GOOD, possible=(BAD,), doubt="stale"), 0.9),
        (a_list(GOOD, possible=(MUTE,), doubt="stale"), ["stale", "null"]),
        (a_list(GOOD, ghost="errored"), ["errored"]),
        (a_list(ghost="errored"), ["errored"]),
    ],
)
def test_only_takes_the_one_row_or_says_why_there_is_not_one(bag: Value, expected: object) -> None:
    found = over(bag, ONLY)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a' in names", True),
        ("'z' in names", False),
        ("'z' in ['a', 'b']", False),
        ("1 in [1.0]", True),
        ("'1' in [1]", False),
        ("u in ['a']", ["stale"]),
        ("'a' in u", ["stale"]),
        ("'a' in open", True),
        ("'z' in open", ["errored"]),
        ("'a' in maybe", ["null"]),
        ("'z' in maybe", False),
        ("'a' in 3", ["error:no_overload"]),
        ("c in ['a', 'b']", True),
        ("c in ['a']", ["conflict"]),
    ],
)
def test_membership_is_known_only_of_what_is_surely_there_or_surely_not(
    text: str, expected: object
) -> None:
    env: dict[str, Value] = {
        "names": a_list("a", "b"),
        "open": a_list("a", ghost="errored"),
        "maybe": a_list(possible=("a",)),
        "u": STALE,
        "c": Conflict(("a", "b")),
    }
    found = judged(text, **env)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("recall[0]", 5),
        ("recall[1.0]", 6),
        ("recall[2]", ["error:index"]),
        ("recall[-1]", ["error:index"]),
        ("recall[true]", ["error:no_overload"]),
        ("recall[0.5]", ["error:no_overload"]),
        ("recall[u]", ["stale"]),
        ("3[0]", ["error:no_overload"]),
        ("u[0]", ["stale"]),
        ("{'a': 1}['a']", 1),
        ("{'a': 1}['b']", ["error:no_such_key"]),
        ("{true: 1}[1]", ["error:no_such_key"]),
        ("{1: 2}[1.0]", 2),
        ("{'a': 1}.a", 1),
        ("{'a': 1}.b", ["error:no_such_field"]),
        ("has({'a': 1}.a)", True),
        ("has({'a': 1}.b)", False),
        ("'a' in {'a': 1}", True),
        ("u in {'a': 1}", ["stale"]),
        ("{'a': 1, 'a': 2}", ["error:duplicate_key"]),
        ("{1: 1, true: 2}", ["error:duplicate_key"]),
        ("{1.5: 1}", ["error:no_overload"]),
        ("{u: 1}", ["stale"]),
        ("{'a': 1} == {'a': 1.0}", True),
        ("{'a': 1} == {'b': 1}", False),
        ("{'a': 1} == {'a': 1, 'b': 2}", False),
        ("{'a': u} == {'a': 1}", ["stale"]),
        ("{'a': 1}.exists(k, k == 'a')", True),
    ],
)
def test_elements_and_entries_are_found_by_place_and_key(text: str, expected: object) -> None:
    found = judged(text, recall=a_list(5, 6), u=STALE)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


def test_an_element_of_an_uncertain_list_is_unknown() -> None:
    assert codes(over(a_list(5, ghost="errored"), "recall[0]")) == ["errored"]
    assert codes(over(a_list(5, possible=(6,), doubt="stale"), "recall[0]")) == ["stale"]


def test_which_element_a_conflicting_index_means_is_a_conflict_again() -> None:
    assert judged("recall[i] > 1", recall=a_list(5, 6), i=Conflict((0, 1))) is True
    rows = a_list(GOOD, BAD)
    assert codes(judged("recall[i].value", recall=rows, i=Conflict((0, 1)))) == ["conflict"]


def test_a_need_in_conflict_with_a_rule_of_many_readings_is_a_conflict_not_a_guess() -> None:
    many = {key: Conflict(tuple(range(9)), key) for key in "ab"}
    assert codes(judged("a + b > 100", **many)) == ["conflict", "conflict"]


def test_a_conflict_that_cannot_matter_is_passed_on_and_decided_later() -> None:
    assert judged("c * 2.0 >= 1.0", c=Conflict((0.5, 0.9))) is True
    assert judged("c == c", c=Conflict((0.5, 0.5))) is True
    assert judged("c / c", c=Conflict((2.0, 2.0))) == 1.0
    half = judged("c / 2.0", c=Conflict((1.0, 2.0), "recall[a].value"))
    assert half == Conflict((0.5, 1.0))
    assert isinstance(half, Conflict)
    assert half.path == "recall[a].value"
    assert codes(judged("1 / c == 1", c=Conflict((0, 1)))) == ["error:divide_by_zero"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Conflict((True, False)), ["conflict"]),
        (Conflict((True, 1)), ["error:no_overload"]),
        (Conflict((True, True)), True),
    ],
)
def test_a_condition_in_conflict_is_undecided(value: Value, expected: object) -> None:
    found = judged("c && true", c=value)
    assert (codes(found) if isinstance(found, Unknown) else found) == expected


def test_a_field_in_conflict_says_which_row_and_field() -> None:
    found = judged("m.value >= 0.5", m=a_row(value=Conflict((0.1, 0.9))))
    assert isinstance(found, Unknown)
    assert found.reasons[0].path == "recall[a].value"
    kept = judged("m.value", m=a_row(value=Conflict((0.1, 0.9), "elsewhere")))
    assert isinstance(kept, Conflict)
    assert kept.path == "elsewhere"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nobody", "error:no_such_name"),
        ("nobody.field", "error:no_such_name"),
        ("nobody.field > 3", "error:no_such_name"),
        ("m.other", "error:no_such_field"),
        ("m.other > 3", "error:no_such_field"),
        ("m == m", "error:no_overload"),
        ("m > 3", "error:no_overload"),
        ("(3).field", "error:no_overload"),
        ("nothing(1)", "error:no_such_function"),
        ("size()", "error:no_overload"),
        ("size(1, 2)", "error:no_overload"),
    ],
)
def test_what_cannot_be_judged_is_an_error_and_no_value(text: str, code: str) -> None:
    assert codes(judged(text, m=GOOD)) == [code]


def test_an_unseen_row_is_unknown_wherever_it_is_used() -> None:
    ghost = Row("metric", "recall[?]", {}, (), unknown("errored", "recall"))
    for text in ("g == 1", "g.value > 1", "has(g.value)", "[g] == [1]", "size(g)", "g + 1"):
        assert codes(judged(text, g=ghost)) == ["errored"]


def test_lists_are_equal_when_their_elements_surely_are() -> None:
    assert judged("[1, 2] == [1, 2.0]") is True
    assert judged("[1, 2] != [1, 3]") is True
    assert judged("[1] == [1, 2]") is False
    assert judged("[u, 2] == [1, 3]", u=STALE) is False
    assert codes(judged("[u, 3] == [1, 3]", u=STALE)) == ["stale"]
    assert codes(judged("r == [1]", r=a_list(1, ghost="errored"))) == ["errored"]


def test_lists_join_with_all_that_is_uncertain_about_them() -> None:
    env: dict[str, Value] = {"a": a_list(1), "b": a_list(2, possible=(3,), ghost="errored")}
    joined = judged("a + b", **env)
    assert isinstance(joined, Bag)
    assert len(joined.members) == 3
    assert codes(joined.ghost) == ["errored"]
    assert joined.proven is False
    assert judged("([] + []).all(x, false)") is True


def test_an_expression_of_a_thousand_million_steps_is_refused_at_once() -> None:
    text = "xs.all(a, xs.all(b, xs.all(c, a + b + c >= 0)))"
    xs = Bag(tuple(Member(number) for number in range(1000)))
    assert codes(judged(text, xs=xs)) == ["error:budget"]


@pytest.mark.parametrize(
    "text",
    [
        "'a' in xs",
        "1 in xs",
        "xs == xs",
        "math.least(xs) == 1",
        "stats.mean(xs) == 1",
        "xs.all(x, true)",
        "t.matches('a')",
    ],
)
def test_work_that_grows_with_the_evidence_is_paid_for(text: str) -> None:
    from assaybook.language.parser import parse

    node = parse(text).node
    env: dict[str, Value] = {"xs": a_list(*range(2000)), "t": "a" * 128_000}
    assert codes(interpret(node, env, Budget(1000))) == ["error:budget"]
    assert codes(compile_node(node).judge(env, Trace(1000))) == ["error:budget"]


def test_text_and_lists_cannot_grow_without_end() -> None:
    assert codes(judged("t + t", t="a" * 600_000)) == ["error:budget"]
    assert codes(judged("r + r", r=Bag(members=(Member(1),) * 600_000))) == ["error:budget"]


def test_a_tree_that_is_too_deep_is_refused_by_both_back_ends() -> None:
    node: Not | Literal_ = Literal_(value=True, start=0, end=0)
    for _ in range(DEEPEST + 1):
        node = Not(operand=node, start=0, end=0)
    assert is_too_deep(node)
    assert codes(interpret(node, {})) == ["error:budget"]
    trace = Trace()
    assert codes(compile_node(node).judge({}, trace)) == ["error:budget"]
    assert trace.frame[-1] == interpret(node, {})


def test_values_that_are_nested_too_deeply_are_not_compared() -> None:
    deep: Value = 1
    for _ in range(DEEPEST + 2):
        deep = a_list(deep)
    assert codes(judged("d == d", d=deep)) == ["error:budget"]
