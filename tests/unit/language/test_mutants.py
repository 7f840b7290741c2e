"""The faults that are put into policies to try out their cases."""

from collections.abc import Mapping
from typing import Any

import pytest

from assaybook.language.mutants import Mutant, mutants
from assaybook.language.source import read_text
from support import policies


def _mutants(text: str) -> list[Mutant]:
    return list(mutants(read_text(text, "demo.yaml").values()))


def _of(expression: str) -> set[tuple[str, str]]:
    """Return what becomes of a rule's condition."""
    document: Any = {"rules": [{"id": "one", "pass_when": expression}]}
    return {(each.change, each.after) for each in mutants(document) if each.path[-1] == "pass_when"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a >= 1", {"a > 1", "a < 1", "a >= 2", "a >= 0"}),
        ("a > b", {"a >= b", "a <= b"}),
        ("a <= b", {"a < b", "a > b"}),
        ("a < b", {"a <= b", "a >= b"}),
        ("a == b", {"a != b"}),
        ("a != b", {"a == b"}),
        ("a && b", {"a", "b", "a || b"}),
        ("a || b", {"a", "b", "a && b"}),
        ("!a", {"a"}),
        ("a in b", {"!(a in b)"}),
        ("a ? b : c", {"a ? c : b"}),
        ("l.all(x, x.ok)", {"l.exists(x, x.ok)"}),
        ("l.exists(x, x.ok)", {"l.all(x, x.ok)"}),
        ("size(l.filter(x, x.ok)) == n", {"size(l) == n", "size(l.filter(x, x.ok)) != n"}),
        ("l.map(x, x.v)", set[str]()),
        ("a == true", {"a != true"}),
        ("a + b == c", {"a - b == c", "a + b != c"}),
        ("a % b == c", {"a % b != c"}),
        ("math.greatest(l) == c", {"math.least(l) == c", "math.greatest(l) != c"}),
        ("stats.mean(l) == c", {"stats.mean(l) != c"}),
        ("a == 0.0", {"a != 0.0", "a == 0.1", "a == -0.1"}),
        ("a == 0.5", {"a != 0.5", "a == 0.55", "a == 0.45"}),
    ],
)
def test_each_fault_is_one_slip_of_an_author(written: str, expected: set[str]) -> None:
    assert {after for _, after in _of(written)} == expected


def test_a_fault_that_changes_nothing_is_not_tried() -> None:
    assert ("and for or", "a && a") not in _of("a && a")
    assert _of("a && a") == {("clause left out", "a"), ("and for or", "a || a")}


def test_every_kind_of_place_in_a_policy_is_tried() -> None:
    text = """
applies_when: system.risk_tier == "high"
params:
  floor: {type: ratio, default: 0.5}
  word: {type: string, default: recall}
  unset: {type: int}
needs:
  recall: {facts: metric, where: row.name == "recall", fresh_for: 90d, last: 5, within: params.w}
rules:
  - id: floor
    let: {known: 'recall.filter(m, m.value > 0.0)'}
    for_each: known
    where: row.split == "holdout"
    at_least: 2
    enough: row.n >= 10
    pass_when: row.value >= params.floor
  - id: people
    attested: {question: Is it good?, role: lead, people: 2, valid_for: 1d}
"""
    found = {(each.place, each.change, each.before, each.after) for each in _mutants(text)}
    for expected in (
        ("applies_when", "left out", 'system.risk_tier == "high"', ""),
        ("params.floor.default", "shifted", "0.5", "0.55"),
        ("needs.recall.where", "left out", 'row.name == "recall"', ""),
        ("needs.recall.fresh_for", "shifted", "90d", "81d"),
        ("needs.recall.last", "shifted", "5", "6"),
        ("rules[0].let.known", "filter left out", "recall.filter(m, m.value > 0.0)", "recall"),
        ("rules[0].where", "left out", 'row.split == "holdout"', ""),
        ("rules[0].at_least", "shifted", "2", "3"),
        ("rules[0].at_least", "left out", "2", ""),
        ("rules[0].enough", "turned", "row.n >= 10", "row.n > 10"),
        ("rules[0].on_unknown", "on_unknown", "inconclusive", "fail"),
        ("rules[1].attested.people", "shifted", "2", "1"),
        ("rules[1].attested.valid_for", "shifted", "1d", "2d"),
    ):
        assert expected in found
    places = {place for place, *_ in found}
    assert "params.word.default" not in places  # a word has no other near it
    assert "rules[1].on_unknown" not in places  # what persons left open stays open


def test_a_rule_that_fails_on_the_unknown_is_tried_without() -> None:
    document: Any = {"rules": [{"pass_when": "a", "on_unknown": "fail"}]}
    assert [(each.before, each.after) for each in mutants(document)] == [("fail", "inconclusive")]


def test_the_policy_itself_stays_as_it_is() -> None:
    written: Mapping[str, Any] = read_text(policies.SOUND, "demo.yaml").values()
    before = repr(written)
    for each in mutants(written):
        assert repr(each.document) != before
    assert repr(written) == before


def test_what_is_no_expression_is_left_alone() -> None:
    document: Any = {"rules": [{"pass_when": "a >=", "let": None}, "odd"], "needs": 3}
    assert {each.path[-1] for each in mutants(document)} == {"on_unknown"}
