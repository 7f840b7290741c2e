"""What judgements show of each clause: truth values seen, and whether it decided alone."""

from assaybook.domain.policy import Policy
from assaybook.domain.values import Row, Value
from assaybook.evaluation.clauses import Clause, Clauses
from assaybook.evaluation.run import run, watched
from support import policies
from support.expressions import a_list, a_row

POLICY = """\
policy: demo.clauses
version: 1
title: It is so
why: A demonstration.
severity: low
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: supports}
applies_when: system.risk_tier == "high"
PARAMS
needs:
  recall: {facts: metric, where: NEED, fresh_for: 90d}
rules:
  - id: one
    pass_when: 'RULE'
"""
PARAMS = """\
params:
  floor: {type: ratio, default: 0.5, stricter: higher}
  wanted: {type: string}
"""
ANY_NEED = 'row.name == "recall"'


def _policy(rule: str, need: str = ANY_NEED) -> Policy:
    params = PARAMS if "params." in rule else ""
    text = POLICY.replace("PARAMS\n", params).replace("RULE", rule).replace("NEED", f"'{need}'")
    return policies.policy(text)


def _clauses(rule: str, *rows: dict[str, Value], need: str = ANY_NEED) -> dict[str, Clause]:
    """Return the clauses of a rule judged over lists, each a list of one row or of none."""
    policy = _policy(rule, need)
    clauses = Clauses(policy)
    condition = policy.rules[0].pass_when
    assert condition is not None
    with watched(clauses.take):
        for row in rows:
            listed = a_list(Row("metric", "recall[a]", row)) if row else a_list(ghost="errored")
            run(condition, {"recall": listed, "params": a_row(floor=0.5, wanted="x")})
    return {each.text: each for each in clauses.found.values()}


def test_a_clause_that_no_case_reaches_is_listed_as_never_seen() -> None:
    clause = _clauses("recall.exists(m, m.value >= 0.5)")["m.value >= 0.5"]
    assert clause.lacking == ("never true", "never false", "never unknown")
    assert clause.where == "demo.yaml:13"


def test_a_clause_is_covered_when_each_truth_was_seen_and_it_decided_alone() -> None:
    found = _clauses(
        "recall.exists(m, m.value >= 0.5)", {"value": 0.9}, {"value": 0.1}, {"value": None}
    )
    assert found["m.value >= 0.5"].lacking == ()
    assert found["recall.exists(m, m.value >= 0.5)"].lacking == ()


def test_a_clause_masked_by_another_did_not_decide() -> None:
    rule = 'recall.exists(m, (m.value >= 0.5 && m.split == "test") || m.slice == "x")'
    found = _clauses(rule, {"value": 0.9, "split": "train", "slice": "x"})
    assert found["m.value >= 0.5"].lacking[-1] == "never decides alone when true"
    assert found['m.split == "test"'].decided == set()  # the other side of the choice holds
    found = _clauses(rule, {"value": 0.9, "split": "train", "slice": "y"})
    assert found['m.split == "test"'].decided == {"false"}


def test_what_was_not_reached_does_not_keep_a_clause_from_deciding() -> None:
    rule = 'recall.exists(m, m.value >= 0.5 && m.split == "test")'
    found = _clauses(rule, {"value": 0.1, "split": "test"})
    assert found["m.value >= 0.5"].decided == {"false"}
    assert found['m.split == "test"'].seen == set()


def test_beside_an_unknown_a_clause_does_not_decide() -> None:
    rule = 'recall.exists(m, m.value >= 0.5 && m.split == "test")'
    found = _clauses(rule, {"value": None, "split": "test"}, {"value": 0.9, "split": None})
    assert found["m.value >= 0.5"].decided == set()
    assert found['m.split == "test"'].seen == {"true", "unknown"}


def test_a_negation_turns_a_clause_and_is_none() -> None:
    found = _clauses('recall.exists(m, !(m.split == "test"))', {"split": "test"}, {"split": "a"})
    assert "!" not in found
    assert {each for each in found if each.startswith("m.")} == {'m.split == "test"'}
    assert found['m.split == "test"'].decided == {"true", "false"}
    unclear = _clauses(
        'recall.exists(m, !(m.split == "test" && m.value >= 0.5))', {"split": "test", "value": None}
    )
    assert unclear['m.split == "test"'].decided == set()


def test_the_parts_of_a_choice_are_conditions_of_their_own() -> None:
    rule = 'recall.exists(m, m.split == "test" ? m.value >= 0.5 : m.value >= 0.6)'
    found = _clauses(rule, {"split": "test", "value": 0.9})
    assert found['m.split == "test"'].seen == {"true"}
    assert found["m.value >= 0.5"].seen == {"true"}
    assert found["m.value >= 0.6"].seen == set()


def test_a_number_that_is_compared_is_no_clause_and_its_conditions_are() -> None:
    found = _clauses("size(recall.filter(m, m.value >= 0.5)) >= 1", {"value": 0.9}, {})
    assert found["m.value >= 0.5"].seen == {"true"}
    assert "size(recall.filter(m, m.value >= 0.5)) >= 1" in found


def test_only_what_evidence_or_a_person_can_leave_out_may_be_unknown() -> None:
    need = 'row.name == "recall" && row.slice == params.wanted && row.value >= params.floor'
    rule = (
        "recall.exists(m, m.value >= params.floor)"
        " && system.intended_uses.all(u, u != params.wanted)"
        ' && system.intended_uses.all(u, u != "war")'
    )
    found = _clauses(rule, need=need)
    doubtful = {text for text, clause in found.items() if clause.may_be_unknown}
    assert doubtful == {
        'system.risk_tier == "high"',
        "row.slice == params.wanted",  # nobody has set it
        "row.value >= params.floor",  # the tool may not say it
        "recall.exists(m, m.value >= params.floor)",
        "m.value >= params.floor",
        "system.intended_uses.all(u, u != params.wanted)",
        "u != params.wanted",
    }
    assert found['row.name == "recall"'].lacking == ("never true", "never false")


def test_judgements_of_another_policy_leave_no_mark() -> None:
    mine = Clauses(_policy("recall.exists(m, m.value >= 0.5)"))
    other = policies.policy(policies.SOUND).rules[0].pass_when
    assert other is not None
    with watched(mine.take):
        run(other, {"row": a_row(value=0.9), "params": a_row(floor=0.5)})
    assert all(not clause.seen for clause in mine.found.values())


def test_nothing_watches_once_the_watch_has_ended() -> None:
    policy = policies.policy()
    clauses = Clauses(policy)
    with watched(clauses.take):
        pass
    condition = policy.rules[0].pass_when
    assert condition is not None
    run(condition, {"row": a_row(value=0.9), "params": a_row(floor=0.5)})
    assert all(not clause.seen for clause in clauses.found.values())


def test_a_condition_that_is_a_literal_has_no_clause() -> None:
    found = _clauses("recall.exists(m, m.value >= 0.5)", need="true")
    assert "true" not in found
