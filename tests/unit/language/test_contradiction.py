"""Conditions that exclude one another are refused when a policy is loaded."""

import pytest

from assaybook.domain.errors import AuthorError
from assaybook.domain.types import STRING, Type
from assaybook.language.contradiction import refuse_contradiction, refuse_decided
from assaybook.language.environment import row_of
from assaybook.language.soundness import check_rule
from support.policy_parts import ENVIRONMENT, NEEDS, a_rule, typed

ROW: Type = row_of(ENVIRONMENT["checks"]) or STRING


def refused(text: str, *given: str) -> str | None:
    """Return the code with which a condition over a row is refused, or None."""
    expression = typed(text, row=ROW)
    try:
        refuse_contradiction(expression)
        refuse_decided(expression, [typed(each, row=ROW) for each in given])
    except AuthorError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    "text",
    [
        "row.examined > 9 && row.examined < 5",
        "row.examined >= 5 && row.check == 'a' && row.examined < 5",
        "row.examined == 5 && row.examined > 5",
        "5 < row.examined && 4 >= row.examined",
        "row.examined > 5 && row.examined < 6",
        "row.failed_share >= 0.5 && !(row.failed_share > 0.25)",
        "row.check == 'a' && row.check == 'b'",
        "row.check in ['a', 'b'] && !(row.check in ['a', 'b', 'c'])",
        "row.check == 'a' && row.check != 'a'",
        "params.strict && !params.strict",
        "params.factor < -3.0 && params.factor > -2.0",
        "recall.exists(m, m.slice == 'a' && (m.n > 3 && m.n < 2)) && params.strict",
    ],
)
def test_parts_that_exclude_one_another_never_hold(text: str) -> None:
    assert refused(text) == "never-holds"


@pytest.mark.parametrize(
    "text",
    [
        "row.examined > 4 || row.examined < 5",
        "row.check != 'a' || row.check != 'b'",
        "params.strict || row.examined > 9 || !params.strict",
        "!(row.check == 'a') || row.check == 'a'",
    ],
)
def test_parts_of_which_one_must_be_so_always_hold(text: str) -> None:
    assert refused(text) == "always-holds"


@pytest.mark.parametrize(
    "text",
    [
        "row.examined >= 5 && row.examined <= 5",
        "row.examined > 5 && row.failed < 5",
        "row.examined > 5 || row.examined < 5",
        "row.check == 'a' || row.check == 'b'",
        "row.check in ['a', 'b'] && row.check != 'a'",
        "row.check in ['a', row.column] && row.check == 'b'",
        "row.examined > row.failed && row.examined < row.failed",
        "row.examined != 5 && row.examined != 6",
        "row.failed_share > 0.5 && row.failed_share < 0.75",
        "row.failed_share > 0.25 && 1 < row.examined && 'a' in ['a', row.check]",
        "row.check < 'b' && row.check > 'c'",
        "row.failed_share > 0.5 && params.factor == -params.factor",
    ],
)
def test_what_evidence_can_decide_is_not_refused(text: str) -> None:
    assert refused(text) is None


def test_what_the_where_of_the_rows_has_decided_is_refused() -> None:
    assert refused("row.examined >= 50", "row.examined >= 100") == "always-holds"
    assert refused("row.examined < 50", "row.examined >= 100") == "never-holds"
    assert refused("row.examined >= 50", "row.examined >= 10") is None


@pytest.mark.parametrize("part", ["where", "enough"])
def test_a_rule_of_which_no_row_can_be_judged_is_unreachable(part: str) -> None:
    where, enough = ("row.failed < 1", "") if part == "where" else ("", "row.failed == 0")
    rule = a_rule("row.failed_share < 0.5", for_each="checks", where=where, enough=enough)
    with pytest.raises(AuthorError, match="exclude it") as caught:
        check_rule(rule, NEEDS, implements=True)
    assert caught.value.code == "rule-unreachable"


def test_a_let_list_brings_no_condition_of_its_own() -> None:
    rule = a_rule(
        "row.failed_share < 0.5",
        for_each="some",
        where="row.failed < 1",
        let={"some": "checks.filter(c, c.failed > 3)"},
    )
    check_rule(rule, NEEDS, implements=True)
