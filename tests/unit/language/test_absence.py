import time

import pytest

from assaybook.domain.errors import AuthorError
from assaybook.domain.policy import Attested, Rule
from assaybook.domain.types import BOOL
from assaybook.language.absence import refuse_absence
from assaybook.language.checker import check
from assaybook.language.cost import MAX_NESTING
from assaybook.language.environment import (
    applies_environment,
    overlay_environment,
    params_environment,
)
from assaybook.language.parser import parse
from assaybook.language.soundness import (
    check_applies,
    check_need,
    check_overlay,
    check_rule,
    names_read,
    needs_read,
    rule_expressions,
)
from support.policy_parts import NEEDS, PARAMS, a_need, a_rule, typed

HARMLESS = [
    "recall.all(r, has(r.n) && r.n > 3)",
    "recall.filter(r, has(r.n)).exists(r, r.n > 3)",
    "!(!recall.exists(r, has(r.n)))",
    "!recall.all(r, !has(r.n))",
    "params.strict ? recall.exists(r, has(r.n)) : recall.exists(r, r.n > 3)",
    "size(recall.filter(r, has(r.n))) >= 3",
    "3 <= size(recall.filter(r, has(r.n)))",
    "double(size(recall.filter(r, has(r.n)))) * 2.0 + 1.0 > 3.0",
    "double(size(recall.filter(r, has(r.n)))) / 2.0 > 3.0",
    "size(recall.map(r, has(r.n), r.value)) >= 3",
    "!secrets.exists(s, s.severity == 'high')",
    "!secrets.filter(s, s.severity == 'high').exists(s, s.suppressed)",
    "size(secrets) <= 3",
    "size(secrets) == 0",
    "size(recall) == 2",
    "2 == size(recall)",
    "size(recall) == params.some",
    "size(recall) == size(params.slices)",
    "size(recall) == size(drift)",
    "size(recall) != 0",
    "0 != size(recall)",
    "!(size(recall) == 0)",
    "!(size(recall) < 3)",
    "!(size(secrets) >= 3)",
    "'x' in recall.map(r, r.slice)",
    "!('x' in params.slices)",
    "!('x' in (params.strict ? params.slices : params.forbidden))",
    "!('x' in params.slices + params.forbidden)",
    "!params.slices.exists(s, s == 'x')",
    "!(params.slices[0] in ['x'])",
    "double(size(recall.filter(r, r.value > 0.5))) / double(size(recall)) >= 0.95",
    "double(size(recall.filter(r, r.value < 0.5))) <= 0.05 * double(size(recall))",
    "only(recall, r, r.slice == '').value > 0.5",
    "recall.all(r, only(drift, d, d.column == r.slice).value < 0.1)",
    "stats.slope(trend.map(t, t.value)) > 0.0",
    "-size(secrets) > -3",
    "size(secrets) % 2 == 0",
    "recall.evidence.all(e, e.tool == 'x')",
    "system.name == 'a' || [1, 2].exists(x, x > params.some)",
    "!release.artifacts.exists(a, a.kind == 'image')",
]
BY_NULL = [
    "recall.all(r, !has(r.n) || r.n > 3)",
    "recall.filter(r, has(r.n)).all(r, r.n > 3)",
    "recall.exists(r, has(r.n) ? r.n > 3 : r.value > 0.5)",
    "recall.exists(r, has(r.n) == false)",
    "!recall.all(r, has(r.n))",
    "size(recall.filter(r, has(r.n))) == 3",
    "size(recall.filter(r, !has(r.n))) != 0",
    "size(secrets.filter(s, has(s.rule))) <= 3",
    "10 - size(secrets.filter(s, has(s.rule))) > 3",
    "1.0 / double(size(secrets.filter(s, has(s.rule)))) > 0.3",
    "params.factor * double(size(secrets.filter(s, has(s.rule)))) > 0.3",
    "only(recall, r, has(r.n)).value > 0.5",
    "stats.mean(recall.filter(r, has(r.n)).map(r, r.value)) > 0.5",
    "recall.map(r, has(r.n)).all(b, b)",
    "recall.map(r, !has(r.n), r.value).exists(v, v > 0.5)",
    "[has(system.owner)].all(b, b)",
]
BY_MISSING_ROWS = [
    "!recall.exists(r, r.value < 0.5)",
    "!recall.filter(r, r.n > 3).exists(r, r.value < 0.5)",
    "recall.exists(r, r.value < 0.5) == false",
    "recall.exists(r, r.value < 0.5) ? params.strict : 1 < params.some",
    "params.slices.all(s, !recall.exists(r, r.slice == s))",
    "recall.filter(r, drift.exists(d, d.column == r.slice)).all(r, r.value > 0.5)",
    "size(recall) <= 3",
    "3 > size(recall)",
    "!(size(recall) >= 3)",
    "size(recall.filter(r, r.value < 0.5)) == 0",
    "size(recall) != 3",
    "!(size(recall) == 3)",
    "size(recall) < params.min_n",
    "size(recall) == params.min_n",
    "(size(recall) == 2) == true",
    "!('x' in recall.map(r, r.slice))",
    "!('x' in recall.map(r, r.slice) + params.slices)",
    "!('x' in params.slices + recall.map(r, r.slice))",
    "!('x' in (params.strict ? params.slices : recall.map(r, r.slice)))",
    "!recall.evidence.exists(e, e.tool == 'x')",
    "!secrets.coverage.exists(c, c.failed > 0)",
    "double(size(recall.filter(r, r.value < 0.5))) / double(size(drift)) <= 0.05",
    "size(drift) % 2 == 1",
]


def test_what_absence_cannot_turn_into_a_pass_is_taken() -> None:
    for text in HARMLESS:
        refuse_absence(typed(text, BOOL), 1, NEEDS, {})


@pytest.mark.parametrize("text", BY_NULL)
def test_a_rule_that_could_pass_because_a_field_is_null_is_refused(text: str) -> None:
    with pytest.raises(AuthorError, match=r"because .* is null") as caught:
        refuse_absence(typed(text, BOOL), 1, NEEDS, {})
    assert caught.value.code == "passes_on_absence"
    assert "Leave has(" in caught.value.hint


@pytest.mark.parametrize("text", BY_MISSING_ROWS)
def test_a_rule_that_could_pass_for_want_of_rows_is_refused(text: str) -> None:
    with pytest.raises(AuthorError, match=r"nothing says that .* is complete") as caught:
        refuse_absence(typed(text, BOOL), 1, NEEDS, {})
    assert caught.value.code == "unproven-absence"
    assert ".all(r, ...)" in caught.value.hint


def refused(rule: Rule, *, implements: bool = False) -> AuthorError:
    with pytest.raises(AuthorError) as caught:
        check_rule(rule, NEEDS, implements=implements)
    return caught.value


def test_a_let_hides_nothing() -> None:
    few = {"few": "recall.filter(r, r.value < 0.5)", "n": "size(few)"}
    for text in ("!few.exists(r, r.n > 3)", "n <= 3", "n == 0", "double(n) / 2.0 < 3.0"):
        assert refused(a_rule(text, let=few)).code == "unproven-absence"
    check_rule(a_rule("n >= 3", let=few), NEEDS, implements=True)
    check_rule(a_rule("n == 3", let=few), NEEDS, implements=True)
    known = {"known": "recall.filter(r, has(r.n))"}
    assert refused(a_rule("known.all(r, r.n > 3)", let=known)).code == "passes_on_absence"
    assert refused(a_rule("row.n > 3", for_each="known", let=known)).code == "passes_on_absence"
    share = {"bad": "size(recall.filter(r, r.value < 0.5))", "of": "size(recall)"}
    check_rule(a_rule("double(bad) <= 0.1 * double(of)", let=share), NEEDS, implements=True)


def test_lets_that_double_each_other_are_read_once_each() -> None:
    lets = {"x0": "size(recall)", "l0": "recall.map(r, r.value)", "b0": "recall.all(r, r.n > 3)"}
    for place in range(1, 40):
        before = place - 1
        lets[f"x{place}"] = f"x{before} + x{before}"
        lets[f"l{place}"] = f"l{before} + l{before}"
        lets[f"b{place}"] = f"b{before} && b{before}"
    start = time.perf_counter()
    rule = a_rule("x39 > 3 && b39 && l39.exists(v, v > 0.5)", let=lets)
    check_rule(rule, NEEDS, implements=True)
    assert refused(a_rule("!l39.exists(v, v > 0.5)", let=lets)).code == "unproven-absence"
    assert needs_read(rule, NEEDS) == ("recall",)
    assert time.perf_counter() - start < 5


def test_rows_may_not_be_left_out_or_let_in_because_a_field_is_null() -> None:
    for where in ("has(row.n)", "!has(row.n)", "drift.exists(d, d.column == row.slice)"):
        rule = a_rule("row.value > 0.5", for_each="recall", where=where)
        assert refused(rule).code in {"passes_on_absence", "unproven-absence"}
    check_rule(
        a_rule("has(row.n) && row.n > 3", for_each="recall", enough="has(row.n_rows)"),
        NEEDS,
        implements=True,
    )


def test_a_need_may_not_choose_rows_by_what_they_lack() -> None:
    with pytest.raises(AuthorError, match="null"):
        check_need(a_need("n", "metric", "has(row.n)"))
    with pytest.raises(AuthorError, match="null"):
        check_need(a_need("n", "pii", covers="!has(scope.path)"))
    check_need(a_need("n", "pii", covers="has(scope.path)"))
    check_need(NEEDS["recall"])


def test_a_need_whose_condition_cannot_hold_is_refused() -> None:
    with pytest.raises(AuthorError, match="two words at once") as caught:
        check_need(a_need("n", "metric", 'row.name == "recall" && row.name == "precision"'))
    assert caught.value.code == "never-holds"


def test_a_policy_does_not_vanish_because_a_field_is_null() -> None:
    names = applies_environment()
    with pytest.raises(AuthorError, match="null"):
        check_applies(check(parse('has(system.owner) && system.name == "a"'), names))
    check_applies(check(parse('!has(system.owner) || system.name == "a"'), names))
    with pytest.raises(AuthorError, match="null"):
        check_overlay(check(parse("!has(system.owner)"), overlay_environment()))


def test_at_least_zero_wants_a_need_that_can_be_proven_empty() -> None:
    for for_each, where in (("recall", ""), ("secrets", "row.suppressed"), ("some", "")):
        let = {"some": "secrets.filter(s, s.suppressed)"} if for_each == "some" else {}
        rule = a_rule("row.suppressed" if for_each != "recall" else "row.n > 3",
                      for_each=for_each, where=where, at_least="0", let=let)  # fmt: skip
        assert refused(rule).code == "at-least-zero"
    check_rule(a_rule("row.suppressed", for_each="secrets", at_least="0"), NEEDS, implements=True)
    check_rule(a_rule("row.n > 3", for_each="recall", at_least="2"), NEEDS, implements=True)
    check_rule(
        a_rule("row.n > 3", for_each="recall", at_least="size(params.slices)"),
        NEEDS,
        implements=True,
    )
    assert refused(a_rule("row.n > 3", for_each="recall", at_least="1 - 1")).code == "at-least-zero"


def test_a_rule_that_implements_a_control_reads_evidence_or_asks_persons() -> None:
    rule = a_rule("has(system.owner)")
    assert refused(rule, implements=True).code == "implements-nothing"
    check_rule(rule, NEEDS, implements=False)
    days = check(parse('duration("180d")'), params_environment(PARAMS))
    asked = Rule("a", None, attested=Attested("Is it so?", "risk", 2, days))
    check_rule(asked, NEEDS, implements=True)
    assert rule_expressions(asked) == (days,)


def test_a_rule_that_no_evidence_can_change_is_refused() -> None:
    for text in ("params.strict", "size(params.slices) > 2", "'a' in params.slices"):
        assert refused(a_rule(text)).code == "constant-rule"
    assert refused(a_rule("params.strict", for_each="recall")).code == "constant-rule"
    assert refused(a_rule("on", let={"on": "params.strict"})).code == "constant-rule"
    check_rule(a_rule("row > 3.0", for_each="params.limits"), NEEDS, implements=False)
    check_rule(a_rule("on", let={"on": "recall.all(r, r.n > 3)"}), NEEDS, implements=True)


def test_a_name_that_nothing_reads_is_refused() -> None:
    rule = a_rule("recall.all(r, r.n > 3)", let={"n": "size(recall)"})
    assert refused(rule).code == "unused-let"


def test_what_a_rule_reads_is_told_through_its_lets() -> None:
    rule = a_rule(
        "known.all(v, v > params.floor)",
        let={"known": "recall.map(r, r.value)"},
        enough="size(drift) > 2",
    )
    assert needs_read(rule, NEEDS) == ("recall", "drift")
    assert names_read(rule) == {"known", "params", "recall", "drift"}
    assert len(rule_expressions(rule)) == 3


def test_lists_inside_lists_have_a_limit_and_the_culprit_is_named() -> None:
    inner = "checks.exists(d, d.failed > 3)"
    deep = f"recall.all(a, drift.all(b, trend.all(c, {inner})))"
    error = refused(a_rule(deep))
    assert error.code == "expression-too-costly"
    assert f"checks is gone through inside {MAX_NESTING} other lists" in error.message
    two = "recall.all(a, drift.all(b, b.column == a.slice))"
    check_rule(a_rule(two), NEEDS, implements=True)
    check_rule(
        a_rule(two.replace("recall", "[1]").replace("a.slice", "'x'")), NEEDS, implements=True
    )
    rule = a_rule(
        "drift.all(a, trend.all(b, alerts.all(c, c.target == row.slice)))", for_each="recall"
    )
    assert refused(rule).code == "expression-too-costly"
    third = "recall.filter(a, drift.all(b, trend.map(c, c.n > 3, c.value).exists(d, d > 0.5)))"
    check_rule(a_rule("known.exists(k, k.n > 3)", let={"known": third}), NEEDS, implements=True)
