"""How much cases prove: the command that says it, and what the shipped cases are held to."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner, Result

from assaybook.catalogs.load import load_catalogs
from assaybook.cli.assembly import assembled
from assaybook.service.bundles import references
from assaybook.service.prove_cases import clauses_shown, mutated
from assaybook.service.run_cases import Suite, read_suites
from assaybook.service.suggest_cases import suggested_cases

POLICY: Final = """
policy: mine.floor
version: 1
title: It is good enough
why: It must be.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: implements}
params:
  floor: {type: ratio, default: 0.75, stricter: higher}
needs:
  found: {facts: metric, where: 'row.name == "accuracy"', fresh_for: never}
rules:
  - id: holds
    for_each: found
    pass_when: row.value >= params.floor
    fix: Improve it.
"""
CASES: Final = """
policy: mine.floor
defaults: {as_of: "2026-11-20T00:00:00Z", evidence: {age: 1d}}
cases:
  - name: good
    evidence: [{facts: [{type: metric, name: accuracy, slice: "", value: 0.9}]}]
    expect: {holds: pass}
  - name: bad
    evidence: [{facts: [{type: metric, name: accuracy, slice: "", value: 0.5}]}]
    expect: {holds: fail}
  - name: nothing
    expect: {holds: {outcome: inconclusive, reasons: [missing]}}
"""
MORE: Final = """
  - name: just good
    evidence: [{facts: [{type: metric, name: accuracy, slice: "", value: 0.75}]}]
    expect: {holds: pass}
  - name: just under
    evidence: [{facts: [{type: metric, name: accuracy, slice: "", value: 0.74}]}]
    expect: {holds: fail}
  - name: another metric is not judged, and the tool may not say the value
    evidence:
      - facts:
          - {type: metric, name: accuracy, slice: ""}
          - {type: metric, name: recall, slice: "", value: 0.1}
    expect: {holds: {outcome: inconclusive, reasons: ["null"]}}
"""


def _run(*words: str) -> Result:
    return CliRunner().invoke(assembled(["policy", "test"]), ["policy", "test", *words])


def _written(folder: Path, cases: str) -> str:
    place = folder / "mine"
    place.mkdir()
    (place / "floor.yaml").write_text(POLICY, encoding="utf-8")
    (place / "floor.cases.yaml").write_text(cases, encoding="utf-8")
    return str(folder)


def test_what_the_cases_leave_unproven_is_shown_as_what_to_write_next(tmp_path: Path) -> None:
    done = _run(_written(tmp_path, CASES), "--coverage", "--mutate")
    assert done.exit_code == 0
    assert "clauses  1 of 2 shown in full" in done.stdout
    assert 'floor.yaml:12: row.name == "accuracy"\n            never false' in done.stdout
    assert (
        "survived: rules[0].pass_when, turned\n"
        "            - row.value >= params.floor\n"
        "            + row.value > params.floor\n"
    ) in done.stdout
    assert "+ (left out)" in done.stdout  # the condition of the need


def test_cases_at_the_boundary_notice_every_fault(tmp_path: Path) -> None:
    done = _run(_written(tmp_path, CASES + MORE), "--coverage", "--mutate", "--format", "json")
    assert done.exit_code == 0
    (found,) = json.loads(done.stdout)
    assert found["mutants"]["survivors"] == []
    assert found["mutants"]["score"] == 1
    assert found["mutants"]["tried"] >= 5
    assert [each["lacking"] for each in found["clauses"]] == [[], []]
    assert found["clauses"][1] == {
        "clause": "row.value >= params.floor",
        "where": f"{tmp_path}/mine/floor.yaml:16",
        "seen": ["false", "true", "unknown"],
        "decides_alone": ["false", "true"],
        "lacking": [],
    }


def test_suggested_cases_say_what_the_policy_comes_to_at_its_boundaries(tmp_path: Path) -> None:
    folder = _written(tmp_path, CASES)
    (found,) = json.loads(_run(folder, "--suggest", "--format", "json").stdout)
    told = {case["name"]: case["expect"]["holds"] for case in found["suggested"]}
    assert told == {
        "value exactly 0.75": "pass",
        "value just under 0.75": "fail",
        "value just over 0.75": "pass",
        "nothing was submitted": {"outcome": "inconclusive", "reasons": ["missing"]},
    }


TABLE: Final = """
policy: mine.floor
defaults: {as_of: "2026-11-20T00:00:00Z"}
tables:
  - name: about the floor
    case: {evidence: [{type: metric, facts: [{name: accuracy, value: 0.9}]}]}
    columns: {value: evidence.0.facts.0.value}
    expect: [holds]
    rows:
      - [0.9, pass]
      - [0.5, fail]
      - [null, inconclusive(null)]
"""


def test_a_table_is_tried_and_gives_the_case_that_suggestions_start_from(tmp_path: Path) -> None:
    (found,) = json.loads(_run(_written(tmp_path, TABLE), "--suggest", "--format", "json").stdout)
    assert (found["held"], len(found["cases"])) == (True, 3)
    assert [case["name"] for case in found["suggested"]][:2] == [
        "value exactly 0.75",
        "value just under 0.75",
    ]


def test_a_case_is_judged_under_its_overlays(tmp_path: Path) -> None:
    tighter = "    overlays: [{for: [case], params: {floor: 0.95}}]\n    expect: {holds: fail}\n"
    case = "cases:\n  - name: a system of higher demands\n    evidence: [{type: metric, facts: "
    facts = "[{name: accuracy, value: 0.9}]}]\n"
    (found,) = json.loads(
        _run(_written(tmp_path, f"{TABLE}{case}{facts}{tighter}"), "--format", "json").stdout
    )
    assert found["held"]


def test_suggested_cases_can_be_kept_as_they_are_written(tmp_path: Path) -> None:
    folder = _written(tmp_path, CASES)
    told = _run(folder, "--suggest").stdout
    written = told[told.index("  # What the policy says now") :]
    cases = tmp_path / "mine" / "floor.cases.yaml"
    cases.write_text(f"{CASES}{written}", encoding="utf-8")
    assert _run(folder).exit_code == 0
    assert "7 of 7 cases" in _run(folder).stdout


def test_where_no_case_passes_no_outcome_is_made_up(tmp_path: Path) -> None:
    folder = _written(tmp_path, CASES.replace("holds: pass", "holds: fail"))
    assert "No case of the policy passes yet." in _run(folder, "--suggest").stdout
    (tmp_path / "mine" / "floor.cases.yaml").unlink()
    assert "value: <number>" in _run(folder, "--suggest").stdout


def test_every_suggestion_for_a_shipped_policy_can_be_run(shipped: Sequence[Suite]) -> None:
    for suite in shipped:
        for case in suggested_cases(suite):
            assert isinstance(case["expect"], dict)
            assert set(case["expect"]) == {rule.id for rule in suite.policy.rules}


@pytest.fixture(scope="module")
def shipped() -> Sequence[Suite]:
    return read_suites(())


ALWAYS_KNOWN = {
    'row.family in ["evasion", "poisoning"]',
    'row.family == "membership"',
    "e.digest == d.digest",
    "trained.exists(e, e.digest == d.digest)",
    "registered.all(d, trained.exists(e, e.digest == d.digest))",
    "a.digest == row.digest",
    'release.artifacts.exists(a, a.kind == "dataset" && a.digest == row.digest)',
}
"""Clauses of which a rule asks first, in ``enough``, whether they can be known, and the family of
an attack, which is known where evidence answers a question about that family."""


def test_every_clause_of_the_shipped_policies_is_shown_at_work(shipped: Sequence[Suite]) -> None:
    lacking = {
        f"{clause.where}: {clause.text}": clause.lacking
        for suite in shipped
        for clause in clauses_shown(suite)
        if clause.lacking
        and (clause.lacking != ("never unknown",) or clause.text not in ALWAYS_KNOWN)
    }
    assert lacking == {}


def test_the_shipped_cases_notice_at_least_95_of_100_small_faults(shipped: Sequence[Suite]) -> None:
    known = references(load_catalogs())
    found = {suite.policy.id: mutated(suite, known) for suite in shipped}
    assert {policy: one.score for policy, one in found.items() if one.score < 0.95} == {}
    assert sum(one.tried for one in found.values()) > 250


def test_nothing_is_said_of_proof_unless_it_is_asked_for(tmp_path: Path) -> None:
    done = _run(_written(tmp_path, CASES), "--format", "json")
    (found,) = json.loads(done.stdout)
    assert "mutants" not in found
    assert "clauses" not in found
