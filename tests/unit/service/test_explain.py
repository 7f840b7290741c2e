"""``assay policy explain``: what decided, in words and as data."""

from dataclasses import replace
from pathlib import Path

import pytest

from assaybook.cli.explain import explanation_lines
from assaybook.domain.facts import AnyFact
from assaybook.domain.policy import Assurance, Rule, Scope
from assaybook.evaluation.explain import explain
from support.assessing import RECALL, a_policy, a_waiver, assessed
from support.commands import Done, assay
from support.evidence import a_document as a_built_document
from support.evidence import a_metric
from support.rules import a_rule
from support.small import AS_OF, Small, a_document, a_small_system

RULE = "quality.floor/floor-is-held"


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return a_small_system(tmp_path)


def _explain(small: Small, *more: object, rule: str = RULE, evidence: str = "evidence") -> Done:
    fixed = ("--policies", "policies", "--as-of", AS_OF)
    return assay("policy", "explain", rule, evidence, *fixed, *more, inside=small.folder)


def test_a_pass_says_what_it_rests_on_and_until_when_it_holds(small: Small) -> None:
    done = _explain(small)
    assert done.code == 0
    assert f"{RULE}: pass" in done.out
    assert "row.value >= params.floor is true" in done.out
    assert "row.value = 0.9" in done.out
    assert "params.floor = 0.75" in done.out
    assert "metrics.json#/facts/0, 7 days old" in done.out
    assert "It holds until\n  2027-02-10T10:00:00Z" in done.out
    assert "What to do" not in done.out


def test_a_fail_says_what_to_do(small: Small) -> None:
    small.write("evidence/metrics.json", a_document(0.5))
    done = _explain(small)
    assert (done.code, f"{RULE}: fail" in done.out) == (0, True)
    assert "row.value >= params.floor is false" in done.out
    assert "What to do\n  Improve the model." in done.out


def test_no_evidence_is_told_as_such(small: Small) -> None:
    for file in small.evidence.iterdir():
        file.unlink()
    done = _explain(small)
    assert "any further row" in done.out
    assert "missing" in done.out
    assert "quality: 0 sure, of 0 documents" in done.out


def test_what_was_left_out_and_what_no_rule_used_are_told(small: Small) -> None:
    old = a_document(0.9, produced_at="2026-01-12T10:00:00Z", tool={"name": "old", "version": "1"})
    small.write("evidence/old.json", old)
    small.write("evidence/notes.txt", "hello")
    done = _explain(small)
    assert "old.json: stale: 311 days old, fresh for 90 days" in done.out
    assert "notes.txt: it was not recognised as evidence" in done.out


def test_the_same_is_given_as_data(small: Small) -> None:
    found = _explain(small, "--format", "json").value
    assert (found["outcome"], found["rule"]) == ("pass", "floor-is-held")
    (clause,) = found["deciding"]
    assert [part["text"] for part in clause["observed"]] == ["row.value", "params.floor"]
    assert list(found["names"].values()) == ["metrics.json"]


def test_one_row_is_explained_by_its_key(small: Small) -> None:
    key = "name=roc_auc, dataset=patients, split=holdout"
    assert f"{RULE} [{key}]: pass" in _explain(small, "--row", key).out
    unknown = _explain(small, "--row", "slice=x")
    assert (unknown.code, key in unknown.err) == (2, True)


def test_a_waived_row_says_what_the_rest_comes_to(small: Small) -> None:
    small.write("evidence/metrics.json", a_document(0.5))
    done = _explain(small, "--waivers", "waivers.yaml")
    assert "Without the rows" not in done.out


LOW = a_metric(value=0.5, slice="f", n=60)


def _lines(rule: Rule, *facts: AnyFact, **changes: object) -> str:
    policy = a_policy(replace(rule, id="floor", needs=("recall",)))
    found = assessed(a_built_document(*facts, name="m.json"), policies=[policy], **changes)
    return "\n".join(explanation_lines(explain(found, "house.recall", "floor")))


def test_a_waived_row_shows_what_the_rest_comes_to() -> None:
    rule = a_rule(for_each="recall", pass_when="row.value >= 0.8")
    waiver = a_waiver(rows=("name=recall, slice=f, dataset=d, split=holdout",))
    told = _lines(rule, LOW, waivers=(waiver,))
    assert "house.recall/floor: fail, waived" in told
    assert "Without the rows that waivers name it comes to: pass." in told


def test_a_rule_that_does_not_apply_says_why() -> None:
    told = _lines(a_rule(pass_when="true"), LOW, scope=Scope(left_out={"house.recall": "later"}))
    assert "Why\n  the scope leaves the policy out: later" in told


def test_a_message_stands_beside_its_clause_and_a_clause_is_not_its_own_part() -> None:
    rule = a_rule(for_each="recall", pass_when="row.value >= 0.8", message="{row.slice} is low")
    assert "is false\n      f is low" in _lines(rule, LOW)
    assert "true is true\n" in _lines(a_rule(pass_when="true"), LOW)


def test_many_rows_are_cut_and_many_places_counted() -> None:
    facts = [a_metric(value=0.1, slice=f"s{number}", pointer=f"/{number}") for number in range(60)]
    rule = a_rule(for_each="recall", pass_when="row.value >= 0.8")
    assert "  and 10 more" in _lines(rule, *facts)
    whole = a_rule(pass_when="size(recall) > 100")
    assert "and in 47 other places" in _lines(whole, *facts)


def test_what_a_document_left_open_or_was_too_weak_for_is_told() -> None:
    rule = a_rule(for_each="recall", pass_when="row.value >= 0.8")
    need = replace(RECALL, assurance=Assurance.SIGNED)
    policy = a_policy(replace(rule, id="floor", needs=("recall",)), needs=(need,))
    found = assessed(a_built_document(a_metric(), name="m.json"), policies=[policy])
    told = "\n".join(explanation_lines(explain(found, "house.recall", "floor")))
    assert "m.json was not counted: its assurance is ci, signed is asked" in told


@pytest.mark.parametrize("rule", ["quality.floor", "/x", "quality.floor/", "quality.floor/other"])
def test_a_name_that_is_no_rule_is_misuse(small: Small, rule: str) -> None:
    done = _explain(small, rule=rule)
    assert (done.code, done.out) == (2, "")
    assert "error[rule-unknown]" in done.err


def test_a_file_that_cannot_be_read_is_said_and_exits_5(small: Small) -> None:
    small.write("evidence/broken.json", "{")
    done = _explain(small)
    assert (done.code, f"{RULE}: pass" in done.out) == (5, True)
    assert "broken.json" in done.err


def test_the_same_is_given_as_one_paragraph(small: Small) -> None:
    done = _explain(small, "--format", "paragraph")
    assert done.code == 0
    assert done.out.startswith("quality.floor/floor-is-held passes. It asks: ")
    assert done.out.count("\n") == 1
