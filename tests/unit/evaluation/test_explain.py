"""Why a rule came to its outcome: the clauses that decided, and nothing else."""

import pytest

from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Outcome
from assaybook.evaluation.explain import Clause, Explanation, deciding, explain, first_deciding
from support.assessing import a_policy, approval_rule, assessed, at
from support.evidence import a_document, a_fact, a_metric, a_subject
from support.rules import a_rule

LOW = a_document(
    a_metric(value=0.7, slice="f", n=60), a_metric(value=0.9, slice="m", n=60), name="m.json", age=2
)


def _explained(*documents: object, when: str, **changes: object) -> Explanation:
    rule = a_rule(id="x", pass_when=when, needs=("recall",), fix="Retrain.")
    found = assessed(*documents, policies=[a_policy(rule)], **changes)  # type: ignore[arg-type]
    return explain(found, "house.recall", "x")


def _texts(found: Explanation) -> list[tuple[str, str]]:
    return [(one.truth, one.text) for one in found.deciding]


@pytest.mark.parametrize(
    ("when", "deciding"),
    [
        pytest.param("1 > 2 && 2 > 1 && 3 > 4", [("F", "1 > 2")], id="the first false one"),
        pytest.param("2 > 1 && 1 > 2", [("F", "1 > 2")], id="the false part"),
        pytest.param("2 > 1 && 3 > 1", [("T", "2 > 1"), ("T", "3 > 1")], id="all true parts"),
        pytest.param("1 > 2 || 3 > 4", [("F", "1 > 2"), ("F", "3 > 4")], id="all false parts"),
        pytest.param("1 > 2 || 4 > 3", [("T", "4 > 3")], id="the true part"),
        pytest.param("!(2 > 1 && 1 > 2)", [("F", "1 > 2")], id="under a negation"),
        pytest.param(
            "system.purpose == 'x' && 2 > 1", [("U", "system.purpose == 'x'")], id="the unknown"
        ),
        pytest.param(
            "system.purpose == 'x' && 1 > 2", [("F", "1 > 2")], id="a false one beside an unknown"
        ),
        pytest.param(
            "system.purpose == 'x' || system.owner == 'y'",
            [("U", "system.purpose == 'x'"), ("U", "system.owner == 'y'")],
            id="both unknown",
        ),
        pytest.param(
            "2 > 1 ? 1 > 2 : 2 > 1", [("T", "2 > 1"), ("F", "1 > 2")], id="a test and its branch"
        ),
        pytest.param("2 > 1 ? false : true", [("T", "2 > 1")], id="a branch that is written out"),
        pytest.param("false", [("F", "false")], id="a word"),
    ],
)
def test_the_least_set_of_clauses_that_makes_the_outcome(
    when: str, deciding: list[tuple[str, str]]
) -> None:
    assert _texts(_explained(when=when)) == deciding


def test_a_false_quantifier_rests_on_its_failing_rows_and_says_where_they_were_read() -> None:
    found = _explained(LOW, when="recall.all(r, r.value >= 0.8 && r.n > 50)")
    assert found.outcome is Outcome.FAIL
    (clause,) = found.deciding
    assert (clause.truth, clause.text) == ("F", "r.value >= 0.8")
    assert clause.row == "recall[name=recall, slice=f, dataset=d, split=holdout]"
    assert [(one.text, one.value) for one in clause.observed] == [("r.value", 0.7)]
    assert [(one.id, one.pointer, one.age) for one in clause.evidence] == [
        (LOW.envelope.id, "/0", 2 * 86_400)
    ]


def test_a_true_quantifier_rests_on_all_of_its_rows_or_on_one() -> None:
    every = _explained(LOW, when="recall.all(r, r.value >= 0.5)")
    assert [one.text for one in every.deciding] == ["r.value >= 0.5"] * 2
    some = _explained(LOW, when="recall.exists(r, r.value >= 0.8)")
    assert len(some.deciding) == 1
    assert "slice=m" in some.deciding[0].row


def test_quantifiers_in_one_another_name_both_rows() -> None:
    found = _explained(LOW, when="recall.all(r, ['f', 'x'].exists(s, r.slice == s))")
    assert {one.row.split("; ")[1] for one in found.deciding} == {"f", "x"}


def test_nothing_to_judge_is_its_own_clause_with_the_reason() -> None:
    found = _explained(when="recall.all(r, r.value >= 0.8)")
    assert [one.code for one in found.deciding[0].reasons] == ["missing"]
    assert found.deciding[0].row == "recall[?]"


def test_a_clause_shows_the_parts_that_it_observed_each_once() -> None:
    found = _explained(LOW, when="size(recall.filter(r, r.n > 100)) >= size(recall)")
    assert [(one.text, one.value) for one in found.deciding[0].observed] == [
        ("size(recall.filter(r, r.n > 100))", 0),
        ("recall.filter(r, r.n > 100)", "0 rows"),
        ("recall", "2 rows"),
        ("size(recall)", 2),
    ]
    has = _explained(LOW, when="has(system.purpose) || system.purpose == ''")
    assert [one.text for one in has.deciding] == ["system.purpose == ''"]


def _rows(*documents: object, **texts: object) -> Explanation:
    rule = a_rule(
        id="x",
        for_each="recall",
        pass_when="row.value >= 0.8",
        message="{row.slice}!",
        needs=("recall",),
        **texts,
    )
    return explain(
        assessed(*documents, policies=[a_policy(rule)]),  # type: ignore[arg-type]
        "house.recall",
        "x",
        str(texts["row"]) if "row" in texts else None,
    )


def test_a_rule_over_rows_is_decided_by_the_rows_of_its_outcome() -> None:
    found = _rows(LOW)
    assert [(one.row, one.message) for one in found.deciding] == [
        ("name=recall, slice=f, dataset=d, split=holdout", "f!")
    ]
    assert [one.pointer for one in found.deciding[0].evidence] == ["/0"]


def test_a_row_that_was_not_judged_by_a_clause_says_why() -> None:
    thin = a_document(a_metric(value=0.9, n=3))
    (clause,) = _rows(thin, enough="row.n >= 50").deciding
    assert (clause.text, clause.truth, clause.reasons[0].code) == ("", "U", "too_few")
    doubtful = a_document(a_metric(value=0.5, n=None))
    (maybe,) = _rows(doubtful, where="row.n > 3").deciding
    assert (maybe.text, maybe.reasons[0].code) == ("", "null")
    unknown = a_document(a_metric(value=None))
    (null,) = _rows(unknown).deciding
    assert (null.text, null.truth) == ("row.value >= 0.8", "U")


def test_too_few_rows_are_the_reason_though_each_of_them_holds() -> None:
    good = a_document(a_metric(value=0.9))
    found = _rows(good, at_least="2")
    assert [(one.text, one.reasons[0].code) for one in found.deciding] == [("", "too_few")]


def test_one_row_can_be_explained_by_its_key() -> None:
    rule = a_rule(id="x", for_each="recall", pass_when="row.value >= 0.8", needs=("recall",))
    found = assessed(LOW, policies=[a_policy(rule)])
    key = "name=recall, slice=m, dataset=d, split=holdout"
    one = explain(found, "house.recall", "x", key)
    assert (one.outcome, one.row) == (Outcome.PASS, key)
    assert [(clause.truth, clause.row) for clause in one.deciding] == [("T", key)]
    with pytest.raises(UsageError, match="no row") as caught:
        explain(found, "house.recall", "x", "slice=other")
    assert caught.value.code == "row-unknown"
    assert key in caught.value.hint


def test_a_rule_without_rows_has_none_to_explain() -> None:
    found = assessed(LOW, policies=[a_policy(a_rule(id="x", pass_when="true"))])
    with pytest.raises(UsageError) as caught:
        explain(found, "house.recall", "x", "slice=other")
    assert caught.value.hint == "The rule judges no rows."


def test_a_rule_that_was_not_judged_is_named_with_those_that_were() -> None:
    found = assessed(LOW)
    for policy, rule, known in (
        ("house.recall", "other", "house.recall/floor"),
        ("house.other", "floor", "house.recall"),
    ):
        with pytest.raises(UsageError) as caught:
            explain(found, policy, rule)
        assert caught.value.code == "rule-unknown"
        assert known in caught.value.hint


def test_what_was_counted_left_out_unused_and_until_when_it_holds_is_told() -> None:
    old = a_document(a_metric(value=0.1), age=9, received=9)
    scan = a_document(a_fact("security", fingerprint="x", **{"class": "secret"}), name="scan.json")
    found = _explained(
        a_document(a_metric(value=0.9)), old, scan, when="recall.all(r, r.value > 0.8)"
    )
    assert [one.code for one in found.left_out] == ["superseded"]
    assert [one.name for one in found.unused if one.name == "scan.json"] == ["scan.json"]
    assert [(one.need, one.coverage[0].examined) for one in found.needs] == [("recall", 100)]
    assert found.expires_at == at(89)
    assert found.fix == ""


def test_a_rule_that_does_not_apply_has_nothing_that_decided() -> None:
    policy = a_policy(applies='system.risk_tier == "minimal"')
    found = explain(assessed(LOW, policies=[policy]), "house.recall", "floor")
    assert (found.deciding, found.outcome) == ((), Outcome.NOT_APPLICABLE)
    assert found.message.startswith("it does not apply")
    unsure = a_policy(applies='system.purpose == "x"')
    maybe = explain(assessed(LOW, policies=[unsure]), "house.recall", "floor")
    assert [one.reasons[0].code for one in maybe.deciding] == ["null"]


def test_a_question_to_persons_is_explained_by_what_they_said() -> None:
    no = a_fact(
        "attestation",
        policy="house.recall",
        rule="asked",
        person="ben",
        answer="no",
        role="approver",
        signed_at=at(-1),
    )
    policy = a_policy(approval_rule(), needs=())
    found = explain(assessed(a_document(no), policies=[policy]), "house.recall", "asked")
    assert [(one.row, one.truth, one.message) for one in found.deciding] == [
        ("person=ben", "F", "ben says no")
    ]


def test_no_more_than_fifty_clauses_are_shown_and_the_rest_are_counted() -> None:
    facts = [a_metric(value=0.1, slice=f"s{number}") for number in range(60)]
    found = _rows(a_document(*facts))
    assert (len(found.deciding), found.more) == (50, 10)


def test_the_first_clauses_are_those_that_a_whole_explanation_begins_with() -> None:
    rule = a_rule(id="x", for_each="recall", pass_when="row.value >= 0.8", needs=("recall",))
    facts = [a_metric(value=0.1, slice=f"s{number}") for number in range(9)]
    (finding,) = assessed(a_document(*facts), policies=[a_policy(rule)]).findings
    assert first_deciding(finding, 3) == deciding(finding)[:3]
    assert first_deciding(finding, 99) == deciding(finding)


def test_an_explanation_is_plain_json() -> None:
    subject = a_subject(system={"purpose": "x"})
    found = _explained(LOW, when='system.purpose == "x"', subject=subject)
    again = Explanation.model_validate_json(found.model_dump_json())
    assert again == found
    assert isinstance(again.deciding[0], Clause)
