"""What tools write where nobody asks for more: defaults that leave out, rename or only plan."""

import json
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import DataCheck, Documentation, Lineage, Metric, Security
from support.documents import evidence_of, opened, refusal

PROMOTED = "/m/a.pkl: dangerous import 'builtins print' FOUND (promoted by --strict)\n"
SUMMARY = "----------- SCAN SUMMARY -----------\nScanned files: 1\nInfected files: 1\n"


def _codes(evidence: Evidence) -> list[str]:
    return [one.code for one in evidence.envelope.warnings]


def _sarif(driver: str, *rules: str) -> dict[str, Any]:
    results = [{"ruleId": rule, "message": {"text": "found"}} for rule in rules]
    return {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": driver}}, "results": results}],
    }


@pytest.mark.parametrize(
    ("driver", "question"),
    [
        ("Snyk Open Source", "security/vulnerability"),
        ("Snyk Container", "security/vulnerability"),
        ("SnykCode", "security/unsafe_code"),
        ("Snyk IaC", "security/misconfiguration"),
        ("Dockle", "security/misconfiguration"),
        ("mobsfscan", "security/unsafe_code"),
    ],
)
def test_a_clean_run_answers_what_its_tool_looks_for_and_not_how_far(
    driver: str, question: str
) -> None:
    (row,) = evidence_of(_sarif(driver)).coverage
    assert (row.question, row.examined, row.failed) == (question, None, 0)


def test_a_licence_that_snyk_objects_to_is_no_vulnerability() -> None:
    rules = ("snyk:lic:pip:certifi:MPL-2.0", "SNYK-PYTHON-JINJA2-1")
    found = evidence_of(_sarif("Snyk Open Source", *rules)).facts
    assert [one.class_ for one in found if isinstance(one, Security)] == [
        "license",
        "vulnerability",
    ]


def test_an_import_that_strict_calls_dangerous_is_a_finding() -> None:
    evidence = evidence_of(PROMOTED + SUMMARY, "scan.txt")
    (fact,), (row,) = evidence.facts, evidence.coverage
    assert isinstance(fact, Security)
    assert (fact.rule, fact.location, row.failed) == ("builtins.print", "/m/a.pkl", 1)


def test_a_scan_that_was_not_asked_for_what_it_skipped_says_how_to_ask() -> None:
    summary: dict[str, Any] = {"modelscan_version": "0.8.8", "scanned": {"total_scanned": 1}}
    document: dict[str, Any] = {"summary": summary, "issues": [], "errors": []}
    evidence = evidence_of(document)
    assert (evidence.coverage[0].skipped, _codes(evidence)) == (None, ["skipped-not-listed"])
    told: dict[str, Any] = {**document, "summary": {**summary, "skipped": {"total_skipped": 0}}}
    assert (evidence_of(told).coverage[0].skipped, _codes(evidence_of(told))) == (0, [])


def test_a_test_of_data_that_was_only_compiled_was_not_run() -> None:
    schema = "https://schemas.getdbt.com/dbt/run-results/v6.json"
    document: dict[str, Any] = {
        "metadata": {"dbt_schema_version": schema},
        "args": {"which": "generate"},
        "results": [{"unique_id": "test.shop.not_null_people_age.1", "status": "success"}],
    }
    evidence = evidence_of(document)
    (fact,), (row,) = evidence.facts, evidence.coverage
    assert isinstance(fact, DataCheck)
    assert (fact.status, row.examined, row.passed, row.skipped) == ("skip", 0, 0, 1)
    assert _codes(evidence) == ["tests-not-run"]
    document["results"] = [{**document["results"][0], "failures": 0}]
    (fact,) = evidence_of(document).facts
    assert isinstance(fact, DataCheck)
    assert (fact.status, fact.failed, _codes(evidence_of(document))) == (None, 0, [])


def _suite(tests: int, *names: str) -> Coverage:
    cases = "".join(f'<testcase name="{name}"/>' for name in names)
    text = f'<testsuites><testsuite name="s" tests="{tests}">{cases}</testsuite></testsuites>'
    evidence = evidence_of(text, "junit.xml")
    assert _codes(evidence) == (["tests-not-run"] if tests < len(names) else [])
    return evidence.coverage[0]


def test_a_test_that_the_suite_does_not_count_is_planned_and_did_not_pass() -> None:
    row = _suite(2, "a", "b", "todo")
    assert (row.examined, row.passed, row.skipped) == (2, 2, 1)
    whole = _suite(2, "a", "b")
    assert (whole.examined, whole.passed, whole.skipped) == (2, 2, 0)


def _card(front: str, body: str = "# m") -> Evidence:
    return evidence_of(f"---\n{front}\n---\n{body}\n", "README.md")


def test_a_split_or_a_data_set_called_none_is_none() -> None:
    results = "results: [{dataset: {name: d, split: None}, metrics: [{type: wer, value: 0.2}]}]"
    evidence = _card(f"datasets: [None, emotion]\nmodel-index:\n- name: m\n  {results}")
    (metric,) = [one for one in evidence.facts if isinstance(one, Metric)]
    edges = [one.target for one in evidence.facts if isinstance(one, Lineage)]
    assert (metric.split, edges) == (None, ["emotion"])


def test_a_placeholder_with_a_link_behind_it_is_no_content() -> None:
    target = "https://github.com/x/datasets/blob/main/CONTRIBUTING.md#how-to"
    body = (
        f"# Dataset Card for x\n\n### Discussion of Biases\n\n[More Information Needed]({target})"
    )
    found = {one.topic: one for one in _card("annotations_creators: [found]", body).facts
             if isinstance(one, Documentation)}  # fmt: skip
    assert (found["biases"].present, found["biases"].placeholder) == (False, True)


def _mlflow(name: str, **metrics: float) -> dict[str, Any]:
    info = {"run_id": name, "experiment_id": "1", "status": "FINISHED", "run_name": name}
    return {"info": info, "data": {"metrics": metrics}}


def test_a_plain_list_of_runs_is_a_search() -> None:
    read = opened([_mlflow("a", accuracy=0.9), _mlflow("b", accuracy=0.8)], "runs.json").evidence
    facts = [one for run in read for one in run.facts if isinstance(one, Metric)]
    assert [(one.pointer, one.value) for one in facts] == [
        ("/0/data/metrics/accuracy", 0.9),
        ("/1/data/metrics/accuracy", 0.8),
    ]
    assert [one.envelope.run for one in read] == ["a", "b"]
    half: list[object] = [_mlflow("a"), {"info": {}}]
    assert refusal(half).code == "format-unknown"


def test_a_table_of_runs_is_named_with_what_to_write_instead() -> None:
    table = "run_id,experiment_id,status,artifact_uri,metrics.accuracy\na,1,FINISHED,x,0.9\n"
    said = refusal(table, "runs.csv")
    assert "MLflow" in said.message
    assert "mlflow runs describe" in said.hint


@pytest.mark.parametrize(
    ("keys", "what", "remedy"),
    [
        ("ok dependencyCount packageManager vulnerabilities", "Snyk", "--sarif"),
        ("check_type results summary url", "Checkov", "--output sarif"),
        ("passed resource_count checkov_version", "nothing to look at", "--output sarif"),
        ("auditReportVersion vulnerabilities metadata", "npm audit", "trivy"),
        ("reportSchema scanInfo dependencies", "Dependency-Check", "SARIF"),
        ("filePath messages errorCount", "ESLint", "sarif"),
        ("code filename noqa_row", "ruff", "sarif"),
        ("numTotalTests testResults success", "Jest", "jest-junit"),
        ("created exitcode summary tests", "pytest", "--junitxml"),
        ("line offender rule leakURL file", "Gitleaks before 8", "Gitleaks 8"),
        ("commitHash diff reason stringsFound", "TruffleHog 2", "TruffleHog 3"),
    ],
)
@pytest.mark.parametrize("listed", [False, True], ids=["alone", "in a list"])
def test_the_usual_json_of_a_tool_says_what_to_write_instead(
    keys: str, what: str, remedy: str, *, listed: bool
) -> None:
    one = dict.fromkeys(keys.split(), "x")
    said = refusal([one] if listed else one)
    assert said.code == "format-unknown"
    assert what in said.message
    assert remedy in said.hint


_HOLDERS: list[tuple[object, str, str]] = [
    ({"sbom": {"spdxVersion": "SPDX-2.3"}}, "GitHub's API", ".sbom"),
    ({"attestations": [{"bundle": {}}]}, "Sigstore bundles", "by itself"),
    ([{"attestation": {}, "verificationResult": {}}], "verified", "gh attestation download"),
    ({"version": 1, "verification_material": {}, "envelope": {}}, "PyPI", "Sigstore bundle"),
    ({"version": 1, "attestation_bundles": []}, "PyPI", "Sigstore bundle"),
    ({"groups": [{"rules": [{"title": "t", "condition": "C"}]}]}, "Grafana", "expr"),
]


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    _HOLDERS,
    ids=["github", "registry", "verified", "pypi", "pypi-bundles", "grafana"],
)
def test_what_holds_evidence_in_a_form_of_its_own_says_where_it_is(
    content: object, what: str, remedy: str
) -> None:
    said = refusal(content)
    assert said.code == "format-unknown"
    assert what in said.message
    assert remedy in said.hint


def test_findings_of_checkov_as_tests_are_no_checks_of_data() -> None:
    case = '<testcase name="[NONE][CKV_DOCKER_3] Ensure a user" classname="/Dockerfile"/>'
    suite = f'<testsuite name="dockerfile scan" tests="1">{case}</testsuite>'
    said = refusal(f"<testsuites>{suite}</testsuites>", "junit.xml")
    assert (said.code, "--output sarif" in said.hint) == ("format-unknown", True)


def test_rules_of_prometheus_are_read_beside_one_of_another_kind() -> None:
    rules = [{"alert": "Drift", "expr": "psi > 0.2"}, {"record": "a", "expr": "b"}]
    (fact,) = evidence_of({"groups": [{"name": "g", "rules": rules}]}).facts
    assert fact.pointer == "/groups/0/rules/0"


def test_secrets_found_by_an_early_trufflehog_3_are_findings_and_are_not_kept() -> None:
    hit = {
        "SourceMetadata": {"Data": {"Git": {"commit": "c1", "file": "keys", "line": 4}}},
        "SourceName": "trufflehog - git",
        "DetectorName": "AWS",
        "Verified": True,
        "Raw": "bWFkZS11cC1mb3ItYS10ZXN0",
    }
    read = opened(f"{json.dumps(hit)}\n{json.dumps(hit)}\n", "secrets.jsonl")
    assert [one.location for one in read.evidence[0].facts if isinstance(one, Security)] == [
        "keys:4",
        "keys:4",
    ]
    assert b"bWFkZS11cC1mb3It" not in read.kept


def test_an_evaluation_by_an_early_promptfoo_has_no_id_and_is_read() -> None:
    asserted = {"componentResults": [{"pass": True, "assertion": {"type": "contains"}}]}
    passed = {"success": True, "score": 1, "gradingResult": {"pass": True, **asserted}}
    stats = {"successes": 1, "failures": 0}
    summary = {"version": 2, "results": [passed], "stats": stats, "table": {}}
    evidence = evidence_of({"results": summary, "config": {}, "shareableUrl": None})
    (rate,) = [one for one in evidence.facts if isinstance(one, Metric) and one.name == "pass_rate"]
    assert (rate.value, rate.n, evidence.envelope.run) == (1.0, 1, None)


@pytest.mark.parametrize(
    ("said", "shown", "read"),
    [
        ("f1", "Macro F1", "f1_macro"),
        ("f1", "F1 (test)", "f1"),
        ("accuracy", "Balanced Accuracy", "balanced_accuracy"),
        ("recall", "Recall@5", "recall_at_k"),
        ("precision", "mAP@0.5(box)", "mAP@0.5(box)"),
        ("precision", "NER Precision", "precision"),
        ("f_score", "Unlabeled Attachment Score (UAS)", "f_score"),
        ("f1", "Accuracy", None),
        ("accuracy", "AUC", None),
    ],
)
def test_a_metric_is_what_its_type_and_its_name_say_together(
    said: str, shown: str, read: str | None
) -> None:
    one = json.dumps({"type": said, "name": shown, "value": 0.9})
    evidence = _card(
        f"model-index:\n- name: m\n  results: [{{dataset: {{name: d}}, metrics: [{one}]}}]"
    )
    found = [fact.name for fact in evidence.facts if isinstance(fact, Metric)]
    assert found == ([read] if read else [])
    assert _codes(evidence) == ([] if read else ["metric-left-out"])


def test_an_error_rate_of_letters_over_one_has_no_known_unit() -> None:
    results = "results: [{dataset: {name: d}, metrics: [{type: cer, value: 3.1}]}]"
    evidence = _card(f"model-index:\n- name: m\n  {results}")
    (metric,) = [one for one in evidence.facts if isinstance(one, Metric)]
    assert (metric.name, metric.value) == ("character_error_rate", None)
    assert metric.unknown == {"value": "unit"}


def _codeql(*notes: tuple[str, str, str], results: tuple[str, ...] = ()) -> Evidence:
    tags = {"py/code-injection": ["security", "correctness"], "py/unused-import": ["useless-code"]}
    told = [
        {
            "descriptor": {"id": f"py/diagnostics/{kind}"},
            "level": level,
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": file}}}],
        }
        for kind, level, file in notes
    ]
    log = _sarif("CodeQL", *results)
    (run,) = log["runs"]
    run["tool"]["driver"]["rules"] = [
        {"id": name, "properties": {"tags": said}} for name, said in tags.items()
    ]
    run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": told}]
    return evidence_of(log)


def test_codeql_names_the_files_that_it_looked_at() -> None:
    read = ("successfully-extracted-files", "none")
    (row,) = _codeql((*read, "a.py"), (*read, "b.py"), (*read, "a.py")).coverage
    assert (row.examined, row.failed, row.errored, row.skipped) == (2, 0, 0, 0)
    (row,) = _codeql((*read, "a.py"), ("extraction-warnings", "warning", "c.py")).coverage
    assert (row.examined, row.skipped_items) == (1, ("c.py",))
    (row,) = _codeql(("expected-extracted-files", "none", "a.py")).coverage
    assert row.examined is None


def test_what_codeql_says_of_quality_is_no_finding_of_security() -> None:
    evidence = _codeql(results=("py/code-injection", "py/unused-import", "py/without-tags"))
    assert [one.rule for one in evidence.facts if isinstance(one, Security)] == [
        "py/code-injection",
        "py/without-tags",
    ]
    assert _codes(evidence) == ["left-out"]


@pytest.mark.parametrize(
    ("driver", "named", "component", "version"),
    [
        ("Snyk Open Source", "lodash@4.17.15", "lodash", "4.17.15"),
        ("Snyk Container", "@babel/core@7.1", "@babel/core", "7.1"),
        ("Snyk Open Source", "lodash", "lodash", None),
        ("Snyk Open Source", "@scope/part", "@scope/part", None),
        ("Grype", "image@sha256:ab:/app", "image@sha256:ab:/app", None),
    ],
)
def test_a_package_that_snyk_names_with_its_version_is_a_component(
    driver: str, named: str, component: str, version: str | None
) -> None:
    log = _sarif(driver, "SNYK-JS-1")
    log["runs"][0]["results"][0]["locations"] = [
        {"logicalLocations": [{"fullyQualifiedName": named}]}
    ]
    (fact,) = evidence_of(log).facts
    assert isinstance(fact, Security)
    assert (fact.component, fact.component_version) == (component, version)
