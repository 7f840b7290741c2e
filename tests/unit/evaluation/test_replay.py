"""Two courses beside each other: where they differ, since when, and what made it so."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from assaybook.domain.finding import Disposition, Finding, Outcome
from assaybook.domain.replay import Effect
from assaybook.evaluation.replay import (
    Known,
    Said,
    Turn,
    apart,
    causes_of,
    course_of,
    effect_of,
    exit_of,
    turned_after,
)
from support.assessing import a_finding, a_waiver, at
from support.evidence import a_document, a_metric, a_subject

EMPTY = Known(a_subject(), (), (), ())


def _turn(day: float, outcome: str | None, rule: str = "r", before: float | None = None) -> Turn:
    findings = {} if outcome is None else {rule: a_finding(outcome, rule=rule)}
    return Turn(at(day), at(day if before is None else before), findings)


def _told(old: list[Turn], new: list[Turn]) -> list[tuple[datetime, datetime, str, str]]:
    return [
        (
            one.since,
            one.until,
            one.old.outcome if one.old else "",
            one.new.outcome if one.new else "",
        )
        for one in apart(old, new, at(9))
    ]


def test_equal_courses_do_not_differ() -> None:
    course = [_turn(0, "pass"), _turn(3, "fail")]
    assert _told(course, course) == []


def test_a_difference_begins_and_ends_where_a_side_turns() -> None:
    old = [_turn(0, "pass"), _turn(4, "fail")]
    new = [_turn(0, "pass"), _turn(2, "fail"), _turn(6, "inconclusive")]
    assert _told(old, new) == [
        (at(2), at(4), "pass", "fail"),
        (at(6), at(9), "fail", "inconclusive"),
    ]
    first, second = apart(old, new, at(9))
    assert (first.old_turn, first.new_turn) == (None, new[1])
    assert (second.old_turn, second.new_turn) == (None, new[2])


def test_a_difference_that_both_sides_change_at_once_is_another_one() -> None:
    old, new = [_turn(0, "pass"), _turn(4, "inconclusive")], [_turn(0, "fail"), _turn(4, "pass")]
    assert _told(old, new) == [
        (at(0), at(4), "pass", "fail"),
        (at(4), at(9), "inconclusive", "pass"),
    ]
    first, second = apart(old, new, at(9))
    assert (first.old_turn, first.new_turn) == (None, None)
    assert (second.old_turn, second.new_turn) == (old[1], new[1])


def test_a_rule_that_only_one_side_has_differs_for_the_whole_period() -> None:
    assert _told([], [_turn(0, "fail")]) == [(at(0), at(9), "", "fail")]
    assert _told([_turn(0, "pass")], []) == [(at(0), at(9), "pass", "")]
    assert _told([_turn(0, "pass", "a")], [_turn(0, "pass", "b")]) == [
        (at(0), at(9), "", "pass"),
        (at(0), at(9), "pass", ""),
    ]


def test_a_rule_that_does_not_apply_is_as_one_that_is_not_there() -> None:
    assert _told([], [_turn(0, "not_applicable")]) == []
    old, new = [_turn(0, "pass"), _turn(2, "not_applicable")], [_turn(0, "pass")]
    assert _told(old, new) == [(at(2), at(9), "not_applicable", "pass")]


def test_a_difference_goes_on_while_another_rule_turns() -> None:
    def both(day: float, other: str) -> Turn:
        findings = {"r": a_finding("fail"), "q": a_finding(other, rule="q")}
        return Turn(at(day), at(day), findings)

    found = apart([], [both(0, "not_applicable"), both(2, "pass")], at(9))
    assert [(one.rule, one.since) for one in found] == [("r", at(0)), ("q", at(2))]


def test_a_course_holds_the_instants_at_which_something_turned() -> None:
    outcomes = {at(1): "pass", at(2): "pass", at(3): "fail", at(4): "fail"}

    def judge(_known: Known, instant: datetime) -> Mapping[str, Finding]:
        return {"r": a_finding(outcomes[instant])}

    course = course_of(reversed(outcomes), lambda _at: EMPTY, judge)
    assert [(one.at, one.before) for one in course] == [(at(1), at(1)), (at(3), at(2))]


def _causes(then: Known, now: Known, *, at_day: float = 2) -> tuple[str, ...]:
    """Return why a rule turned that passes with a document, under a waiver, or after ten days."""

    def judge(known: Known, instant: datetime) -> Mapping[str, Finding]:
        passes = known.evidence or known.waivers or instant > at(10)
        passes = passes or known.subject != a_subject()
        return {"r": a_finding("pass" if passes else "fail")}

    turn = Turn(at(at_day), at(1), judge(now, at(at_day)))
    return causes_of("r", turn, lambda instant: then if instant == at(1) else now, judge)


def test_the_cause_is_the_input_without_which_nothing_had_turned() -> None:
    document, other = a_document(a_metric()), a_subject(release={"stage": "staging"})
    with_evidence = Known(a_subject(), (document,), (), ())
    assert _causes(EMPTY, with_evidence) == ("evidence",)
    assert _causes(EMPTY, Known(other, (), (), ())) == ("subject",)
    assert _causes(EMPTY, Known(a_subject(), (), (), (a_waiver(),))) == ("waiver",)


def test_what_turns_with_no_input_turns_because_time_passed() -> None:
    assert _causes(EMPTY, EMPTY, at_day=11) == ("time",)
    document = a_document(a_metric())
    assert _causes(EMPTY, Known(a_subject(), (document,), (), ()), at_day=11) == ("time",)


def test_only_what_turns_later_than_now_is_foreseen() -> None:
    course = [_turn(0, "pass"), _turn(2, "fail"), _turn(4, "inconclusive")]
    found = [
        (rule, turn.at, one.outcome, other.outcome)
        for rule, turn, one, other in turned_after(course, at(2))
    ]
    assert found == [("r", at(4), "fail", "inconclusive")]


def test_a_rule_that_did_not_turn_is_not_foreseen_beside_one_that_did() -> None:
    def both(day: float, outcome: str) -> Turn:
        findings = {"r": a_finding(outcome), "q": a_finding(rule="q")}
        return Turn(at(day), at(day), findings)

    found = turned_after([both(0, "pass"), both(2, "fail")], at(1))
    assert [rule for rule, *_rest in found] == ["r"]


def _said(outcome: str, disposition: str = "open") -> Said:
    return (Outcome(outcome), Disposition(disposition))


@pytest.mark.parametrize(
    ("old", "new", "effect"),
    [
        pytest.param(_said("pass"), _said("fail"), "fails", id="passes and would fail"),
        pytest.param(None, _said("fail"), "fails", id="a new rule would fail"),
        pytest.param(_said("inconclusive"), _said("fail"), "fails", id="undecided and would fail"),
        pytest.param(_said("pass"), _said("fail", "waived"), "accepted", id="a waiver accepts it"),
        pytest.param(_said("pass"), _said("error"), "error", id="cannot be evaluated"),
        pytest.param(_said("pass"), _said("inconclusive"), "undecided", id="nobody can tell"),
        pytest.param(None, _said("inconclusive"), "undecided", id="a new rule without evidence"),
        pytest.param(_said("fail"), _said("pass"), "better", id="fails and would pass"),
        pytest.param(None, _said("pass"), "new", id="a new rule would pass"),
        pytest.param(_said("fail"), None, "dropped", id="nobody would judge it"),
    ],
)
def test_what_new_criteria_do_to_a_rule_has_a_word(old: Said, new: Said, effect: Effect) -> None:
    assert effect_of(old, new) == effect


@pytest.mark.parametrize(
    ("effects", "code"),
    [
        pytest.param(("error", "fails"), 5, id="a rule that cannot be evaluated is first"),
        pytest.param(("fails", "undecided"), 1, id="a fail is before what is undecided"),
        pytest.param(("undecided", "better"), 3, id="something becomes undecided"),
        pytest.param(("better", "accepted", "dropped", "new"), 0, id="nothing gets worse"),
        pytest.param((), 0, id="nothing differs"),
    ],
)
def test_the_exit_code_is_that_of_the_worst(effects: tuple[Effect, ...], code: int) -> None:
    assert exit_of(effects, is_shown=True) == code


def test_where_nothing_is_shown_nothing_is_a_pass() -> None:
    assert exit_of(["fails"], is_shown=False) == exit_of([], is_shown=False) == 4
