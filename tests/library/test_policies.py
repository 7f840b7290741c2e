"""The shipped policies by their own cases, by the worked example, and by files as tools write them.

Also the command that runs cases: what it holds a case to, what it prints, and how it ends.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import as_file
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from assaybook.cli.assembly import assembled
from assaybook.domain.finding import Outcome
from assaybook.domain.policy import Assurance
from assaybook.service.bundles import BundleFiles
from assaybook.service.check import CheckRequest, check_files
from assaybook.service.judge import Judgement
from assaybook.service.run_cases import SuiteResult, read_suites, run_suites
from assaybook.shelf import shelf

AS_OF: Final = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def results() -> Mapping[str, SuiteResult]:
    return {one.policy: one for one in run_suites(read_suites(()))}


def test_every_case_of_every_shipped_policy_holds(results: Mapping[str, SuiteResult]) -> None:
    assert len(results) >= 20
    differing = [
        (one.policy, case.case, each.rule, each.expected, each.actual)
        for one in results.values()
        for case in one.cases
        for each in case.differences
    ]
    assert differing == []


def test_every_shipped_rule_has_a_pass_a_fail_and_an_unknown(
    results: Mapping[str, SuiteResult],
) -> None:
    assert {one.policy: one.lacking for one in results.values() if one.lacking} == {}


# The command.

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
  found: {facts: metric, where: 'row.name == "accuracy"', fresh_for: 90d}
rules:
  - id: holds
    for_each: found
    pass_when: row.value >= params.floor
    fix: Improve it.
  - id: is-there
    pass_when: found.exists(m, m.slice == "")
    fix: Measure it.
"""
FACT: Final = '{type: metric, name: accuracy, slice: "", value: %s}'
CASES: Final = """
policy: mine.floor
defaults: {as_of: "2026-11-20T00:00:00Z", evidence: {age: 1d}}
cases:
  - name: good
    evidence: [{facts: [{type: metric, name: accuracy, slice: "", value: 0.9}]}]
    expect: {holds: pass, is-there: pass}
  - name: bad
    evidence: [{facts: [{type: metric, name: accuracy, slice: "sex=f", value: 0.5}]}]
    expect: {holds: {outcome: fail, rows: {"name=accuracy, slice=sex=f": fail}}, is-there: fail}
  - name: nothing
    expect: {holds: {outcome: inconclusive, reasons: [missing]}, is-there: inconclusive}
"""


def _run(*words: str) -> Result:
    return CliRunner().invoke(assembled(["policy", "test"]), ["policy", "test", *words])


def _written(folder: Path, cases: str = CASES, policy: str = POLICY) -> Path:
    place = folder / "mine"
    place.mkdir()
    (place / "floor.yaml").write_text(policy, encoding="utf-8")
    (place / "floor.cases.yaml").write_text(cases, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["", "mine/floor.yaml", "mine/floor.cases.yaml"])
def test_a_folder_a_policy_or_its_cases_can_be_named(tmp_path: Path, name: str) -> None:
    done = _run(str(_written(tmp_path) / name))
    assert done.exit_code == 0
    assert "held    mine.floor  3 of 3 cases" in done.stdout
    assert "3 cases of 1 policy: 3 held, 0 did not" in done.stderr


def test_shipped_policies_can_be_named_by_a_pattern() -> None:
    done = _run("security.*", "--format", "json")
    assert done.exit_code == 0
    assert [one["policy"] for one in json.loads(done.stdout)] == [
        "security.adversarial",
        "security.dependencies",
        "security.secrets",
    ]


def _failing(tmp_path: Path, old: str, new: str) -> dict[str, Any]:
    folder = _written(tmp_path, CASES.replace(old, new))
    done = _run(str(folder), "--format", "json")
    assert done.exit_code == 1
    (suite,) = json.loads(done.stdout)
    (case,) = [each for each in suite["cases"] if not each["held"]]
    (difference,) = case["differences"]
    found: dict[str, Any] = difference
    return found


@pytest.mark.parametrize(
    ("old", "new", "expected", "actual"),
    [
        pytest.param(
            "{holds: pass, is-there: pass}",
            "{holds: fail, is-there: pass}",
            "fail",
            "pass",
            id="another outcome",
        ),
        pytest.param(
            "reasons: [missing]",
            "reasons: [stale]",
            "inconclusive (stale)",
            "inconclusive (missing)",
            id="another reason",
        ),
        pytest.param(
            '"name=accuracy, slice=sex=f": fail',
            '"name=accuracy, slice=sex=m": fail',
            "row name=accuracy, slice=sex=m: fail",
            "no such row, only name=accuracy, slice=sex=f",
            id="a row that is not there",
        ),
        pytest.param(
            "{holds: pass, is-there: pass}",
            "{holds: {outcome: pass, disposition: waived}, is-there: pass}",
            "disposition waived",
            "open",
            id="another disposition",
        ),
        pytest.param(
            "{holds: pass, is-there: pass}",
            "{holds: pass}",
            "something: the case says nothing of this rule",
            "pass",
            id="a rule that the case does not mention",
        ),
    ],
)
def test_a_case_that_differs_fails_and_says_in_what(
    tmp_path: Path, old: str, new: str, expected: str, actual: str
) -> None:
    difference = _failing(tmp_path, old, new)
    assert (difference["expected"], difference["actual"]) == (expected, actual)


def test_a_failing_case_shows_expected_actual_and_the_trace(tmp_path: Path) -> None:
    folder = _written(tmp_path, CASES.replace("{holds: pass,", "{holds: fail,"))
    done = _run(str(folder))
    assert done.exit_code == 1
    for words in (
        "FAILED  mine.floor  2 of 3 cases",
        "floor.cases.yaml:5:5: good",
        "expected  fail",
        "actual    pass",
        "need      found: 1 rows, 0 possible, closed",
        "row name=accuracy: pass",
        "T  row.value >= params.floor",
        ".  row.value = 0.9",
        ".  params.floor = 0.75",
    ):
        assert words in done.stdout


def test_a_policy_whose_rules_were_not_tried_out_does_not_hold(tmp_path: Path) -> None:
    folder = _written(tmp_path, CASES[: CASES.index("  - name: bad")])
    done = _run(str(folder))
    assert done.exit_code == 1
    assert "rule holds has no case that comes to fail, inconclusive" in done.stdout
    (folder / "mine" / "floor.cases.yaml").unlink()
    assert _run(str(folder)).exit_code == 1


def test_params_of_a_case_hold_even_where_they_relax(tmp_path: Path) -> None:
    case = """
  - name: relaxed
    params: {floor: 0.1}
    evidence: [{facts: [{type: metric, name: accuracy, slice: "", value: 0.2}]}]
    expect: {holds: pass, is-there: pass}
"""
    assert _run(str(_written(tmp_path, CASES.rstrip("\n") + case))).exit_code == 0


FILE_CASE: Final = """
  - name: a file as the tool wrote it
    evidence: [{file: report.json, as: assaybook, produced_at: "2026-11-19T00:00:00Z"}]
    expect: {holds: %s, is-there: pass}
"""


def _report(value: float) -> str:
    fact = {"type": "metric", "name": "accuracy", "slice": "", "value": value, "unit": "ratio"}
    return json.dumps({"assaybook": "v1", "tool": {"name": "t"}, "facts": [fact]})


def test_a_case_can_name_a_real_file_which_intake_reads(tmp_path: Path) -> None:
    folder = _written(tmp_path, CASES.rstrip("\n") + FILE_CASE % "pass")
    (folder / "mine" / "report.json").write_text(_report(0.9), encoding="utf-8")
    done = _run(str(folder))
    assert (done.exit_code, done.stderr.strip()) == (0, "4 cases of 1 policy: 4 held, 0 did not")


@pytest.mark.parametrize(
    "content", [None, "", "{", '{"assaybook": "v1", "facts": [{"type": "x"}]}']
)
def test_a_case_whose_file_cannot_be_read_is_unreadable_and_no_verdict(
    tmp_path: Path, content: str | None
) -> None:
    folder = _written(tmp_path, CASES.rstrip("\n") + FILE_CASE % "pass")
    if content is not None:
        (folder / "mine" / "report.json").write_text(content, encoding="utf-8")
    done = _run(str(folder))
    assert done.exit_code == 5
    assert done.stderr.startswith("error[")
    assert "report.json" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("policy: mine.floor", "policy: mine.other", "cases-policy"),
        ("holds: pass", "hold: pass", "rule-unknown"),
        ("name: accuracy", "nmae: accuracy", ""),
        ("reasons: [missing]", "reasons: [absent]", "reason-unknown"),
        ("cases:", "cases: [", "yaml"),
    ],
)
def test_cases_that_cannot_be_used_end_in_exit_5(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    done = _run(str(_written(tmp_path, CASES.replace(old, new, 1))))
    assert done.exit_code == 5
    assert f"error[{code}" in done.stderr
    assert "floor.cases.yaml" in done.stderr


@pytest.mark.parametrize(
    ("name", "code"), [("nothing.*", 5), ("no/such/folder", 2), ("nothing.yaml", 2)]
)
def test_a_name_that_nothing_goes_by_is_an_error(name: str, code: int) -> None:
    done = _run(name)
    assert done.exit_code == code
    assert done.stdout == ""


# The worked example: an ordinary pipeline, with an overlay and a trust file.


def _example(release: str, evidence: tuple[str, ...] | None = None) -> Judgement:
    with as_file(shelf("examples")) as examples:
        home = examples / "diabetes"
        folder = home / "releases" / release / "evidence"
        return check_files(
            CheckRequest(
                evidence=(folder,) if evidence is None else tuple(folder / e for e in evidence),
                system=home / "system.yaml",
                release=release,
                as_of=AS_OF,
                bundle=BundleFiles(overlays=(home / "overlay.yaml",)),
                manifest=folder / "evidence.yaml" if evidence is None else None,
                assurance=Assurance.CI,
                trust=home / "trust.yaml",
            )
        )


def _outcomes(found: Judgement) -> dict[str, str]:
    return {f"{one.policy}/{one.rule}": one.outcome.value for one in found.assessment.findings}


def test_an_ordinary_pipeline_reaches_exit_0_without_tricks() -> None:
    found = _example("1.0.0-sound")
    assert found.problems == ()
    outcomes = _outcomes(found)
    told = {rule for rule, outcome in outcomes.items() if outcome != "pass"}
    assert told == {
        rule for rule in outcomes if rule.startswith(("genai.", "oversight.prohibited-use/"))
    }
    assert {outcomes[rule] for rule in told} == {"not_applicable"}
    assert found.assessment.gate.exit == 0
    relaxed = {words for one in found.assessment.findings for words in one.relaxed}
    assert len(relaxed) == 1
    assert "ward-units" in relaxed.pop()


def test_the_flawed_release_fails_and_what_is_not_known_of_it_is_said() -> None:
    found = _example("1.1.0-flawed")
    assert found.problems == ()
    assert found.assessment.gate.exit == 1
    outcomes = _outcomes(found)
    assert {rule for rule, outcome in outcomes.items() if outcome == "fail"} == {
        "drift.features/no-feature-has-moved",
        "privacy.training-data-pii/nothing-untreated",
        "transparency.instructions-for-use/topics-answered",
    }
    reasons = {
        f"{one.policy}/{one.rule}": {reason.code for reason in one.reasons}
        for one in found.assessment.findings
        if one.outcome is Outcome.INCONCLUSIVE
    }
    assert "stale" in reasons["fairness.slice-floor/floor"]
    assert "null" in reasons["lineage.training-data/inputs-are-registered"]
    assert "skipped" in reasons["security.dependencies/none-is-known"]
    assert reasons["operations.alert-and-rollback/rollback-was-tested"] == {"not_examined"}
    assert reasons["security.adversarial/withstands"] == {"stale"}
    assert reasons["supply-chain.model-scan/none-is-unsafe"] == {"not_examined"}
    assert reasons["supply-chain.provenance/models-are-signed"] == {"missing"}
    assert outcomes["approval.two-persons/go-ahead"] == "not_applicable"


def test_without_evidence_nothing_is_judged_and_nothing_passes() -> None:
    found = _example("1.0.0-sound", evidence=())
    assert found.assessment.gate.exit == 4
    assert "pass" not in _outcomes(found).values()


def test_evidence_of_one_release_proves_nothing_of_another(tmp_path: Path) -> None:
    with as_file(shelf("examples")) as examples:
        home = shutil.copytree(examples / "diabetes", tmp_path / "diabetes")
    sound = home / "releases" / "1.0.0-sound" / "evidence"
    found = check_files(
        CheckRequest(
            evidence=(sound,),
            system=home / "system.yaml",
            release="1.1.0-flawed",
            as_of=AS_OF,
            bundle=BundleFiles(overlays=(home / "overlay.yaml",)),
            assurance=Assurance.CI,
        )
    )
    passed = {rule for rule, outcome in _outcomes(found).items() if outcome == "pass"}
    assert passed <= {
        "operations.alert-and-rollback/alert-was-tested",
        "operations.alert-and-rollback/rollback-was-tested",
    }


# Files that say one thing, and a manifest that says another.


def _checked(folder: Path, manifest: str, report: dict[str, Any]) -> Judgement:
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    (folder / "evidence.yaml").write_text(manifest, encoding="utf-8")
    (folder / "system.yaml").write_text(
        "system: {id: s, risk_tier: high}\nreleases: [{version: '1', stage: production}]\n",
        encoding="utf-8",
    )
    return check_files(
        CheckRequest(
            evidence=(), system=folder / "system.yaml", release="1", as_of=AS_OF,
            manifest=folder / "evidence.yaml", assurance=Assurance.CI,
        )
    )  # fmt: skip


REPORT: Final[dict[str, Any]] = {
    "assaybook": "v1",
    "tool": {"name": "t"},
    "produced_at": "2026-11-18T00:00:00Z",
    "subject": {"system": "s", "release": "1"},
    "scope": {"dataset": "d", "split": "holdout"},
    "coverage": [
        {"question": "metric/quality", "examined": 1, "failed": 0, "errored": 0, "skipped": 0}
    ],
    "facts": [
        {"type": "metric", "name": "roc_auc", "slice": "", "value": 0.9, "unit": "ratio", "n": 400}
    ],
}


def test_the_report_that_is_contradicted_below_passes_as_it_stands(tmp_path: Path) -> None:
    found = _checked(tmp_path, "files: [{path: report.json, as: assaybook}]", REPORT)
    assert found.problems == ()
    assert _outcomes(found)["quality.floor/floor-is-held"] == "pass"


@pytest.mark.parametrize(
    "claim",
    [
        'produced_at: "2026-11-01T00:00:00Z"',
        "scope: {split: train}",
        "scope: {dataset: other}",
        "release: '2'",
        "system: other",
        "coverage: [{question: metric/quality, examined: 9, failed: 0, errored: 0, skipped: 0}]",
    ],
)
def test_a_manifest_that_claims_what_the_file_contradicts_is_a_problem_and_never_a_pass(
    tmp_path: Path, claim: str
) -> None:
    manifest = f"files:\n- path: report.json\n  as: assaybook\n  {claim}\n"
    found = _checked(tmp_path, manifest, REPORT)
    assert [one.code for one in found.problems] == ["manifest-contradicts"]
    assert found.assessment.gate.exit == 5
    assert "pass" not in _outcomes(found).values()


@pytest.mark.parametrize("value", [65, 90.0, -0.2])
def test_per_cent_in_a_file_is_never_taken_for_a_ratio(tmp_path: Path, value: float) -> None:
    fact = {**REPORT["facts"][0], "value": value}
    manifest = "files: [{path: report.json, as: assaybook}]"
    found = _checked(tmp_path, manifest, {**REPORT, "facts": [fact]})
    assert _outcomes(found)["quality.floor/floor-is-held"] != "pass"
    assert found.assessment.gate.exit != 0
