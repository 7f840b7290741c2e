"""Outputs of known tools that are not read: who submits one is told what to write in its place."""

from typing import Any

import pytest

from support.documents import refusal

RDF = (
    '<?xml version="1.0"?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://spdx.org/rdf/terms#"><SpdxDocument/></r:RDF>'
)
XML = '<?xml version="1.0"?><Document><spdxVersion>SPDX-2.3</spdxVersion></Document>'
TAGS = "## made\nSPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nPackageName: a\nPackageName: b\n"
CASE = '<testcase name="n"><failure>x</failure></testcase>'
OSV: dict[str, Any] = {"results": [{"source": {}, "packages": []}]}
DBT = {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}}


NONE: list[object] = []


@pytest.mark.parametrize(
    ("content", "name", "what", "remedy"),
    [
        pytest.param(TAGS, "a.spdx", "tag-value", "pyspdxtools", id="tag-value"),
        pytest.param(RDF, "a.rdf", "RDF", "pyspdxtools", id="rdf"),
        pytest.param(XML, "a.xml", "XML", "pyspdxtools", id="xml"),
        pytest.param(
            f'<testsuite name="bandit">{CASE}</testsuite>', "a.xml", "Bandit", "sarif", id="tests"
        ),
        pytest.param(
            f'<testsuites><testsuite name="semgrep results">{CASE}</testsuite></testsuites>',
            *("a.xml", "Semgrep", "--sarif"),
            id="tests within",
        ),
        pytest.param(
            f'<testsuites name="trivy"><testsuite name="a">{CASE}</testsuite></testsuites>',
            *("a.xml", "Trivy", "--format json"),
            id="tests around",
        ),
        pytest.param(
            f'<testsuites name="ruff"><testsuite name="ruff">{CASE}</testsuite></testsuites>',
            *("a.xml", "ruff", "--output-format sarif"),
            id="what a linter found nothing in",
        ),
        pytest.param(
            "model_id,attribute_name,attribute_value,accuracy,tpr,group_size\n0,sex,f,0.5,0.6,52\n",
            *("a.csv", "Aequitas", "slice"),
            id="a feature in a cell",
        ),
        pytest.param(
            "chunk_key,chunk_index,chunk_period,a_wasserstein_value\n[0:199],0,analysis,0.86\n",
            *("a.csv", "NannyML", "drift"),
            id="chunks",
        ),
        pytest.param(
            [{"run_id": "a", "experiment_id": "1", "status": "FINISHED", "artifact_uri": "x"}],
            *("a.json", "MLflow", "run.to_dictionary()"),
            id="a table of runs as records",
        ),
        pytest.param(
            {"EthicalBiasDetector": {}, "PerformanceBiasDetector": {"major": ["slice"]}},
            *("a.json", "Giskard", "--junitxml"),
            id="what a scan detected",
        ),
        pytest.param(
            {"test_results": [{"name": "a", "metrics_data": NONE}], "confident_link": None},
            *("a.json", "DeepEval", "number of cases"),
            id="cases",
        ),
        pytest.param(
            {"testCases": [{"name": "a", "metricsData": NONE}]},
            *("a.json", "DeepEval", "number of cases"),
            id="cases of a run",
        ),
        pytest.param(
            "RuleID,Commit,File,SymlinkFile,Secret,Fingerprint\nr,c,f,,s,p\n",
            *("a.csv", "Gitleaks", "--report-format json"),
            id="table",
        ),
        pytest.param(
            {"results": [], "metrics": {}, "errors": [], "generated_at": "x"},
            *("a.json", "Bandit", "sarif"),
            id="bandit",
        ),
        pytest.param(
            {"results": [], "paths": {}, "errors": [], "version": "1"},
            *("a.json", "Semgrep", "--sarif"),
            id="semgrep",
        ),
        pytest.param(
            {"matches": [], "source": {}, "descriptor": {}}, "a.json", "Grype", "sarif", id="grype"
        ),
        pytest.param(OSV, "a.json", "OSV", "sarif", id="osv"),
        pytest.param(
            {"signed": {"_type": "link"}, "signatures": []},
            *("a.json", "in-toto", "Statement/v1"),
            id="link",
        ),
        pytest.param(
            [dict.fromkeys(("promptIdx", "testIdx", "gradingResult"), 0)],
            *("a.json", "promptfoo", "--output"),
            id="promptfoo",
        ),
        pytest.param({"_wandb": {}, "_step": 1}, "a.json", "W&B", "as: table", id="wandb"),
        pytest.param(DBT, "manifest.json", "dbt", "run_results.json", id="dbt"),
        pytest.param([DBT], "manifest.json", "dbt", "run_results.json", id="in a list"),
    ],
)
def test_a_form_that_is_not_read_is_named_with_one_that_is(
    content: object, name: str, what: str, remedy: str
) -> None:
    error = refusal(content, name)
    assert error.code == "format-unknown"
    assert what in error.message
    assert remedy in error.hint


def test_a_form_that_is_not_read_contradicts_what_it_was_submitted_as() -> None:
    error = refusal(XML, "a.xml", as_format="junit")
    assert (error.code, "SPDX 2" in error.message) == ("format-contradicted", True)


@pytest.mark.parametrize("content", [[1], {"results": []}, {"results": [1]}, {"metadata": 3}])
def test_what_is_of_no_known_tool_is_said_to_be_unknown(content: object) -> None:
    assert "not of a format that is known" in refusal(content).message


def test_a_signature_of_unnamed_bytes_is_named_with_what_to_sign() -> None:
    bundle: dict[str, Any] = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {},
        "messageSignature": {},
    }
    error = refusal(bundle)
    assert (error.code, "attest-blob" in error.hint) == ("format-not-supported", True)


CLASSES = """class,precision,recall,f1-score,support
kat,0.81,1.0,0.89,17.0
hund,1.0,0.83,0.9,23.0
accuracy,0.9,0.9,0.9,0.9
macro avg,0.9,0.91,0.9,40.0
weighted avg,0.92,0.9,0.9,40.0
"""


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (CLASSES, "report.csv"),
        (CLASSES.removeprefix("class"), "report.csv"),
        (
            {"kat": {"precision": 0.8}, "accuracy": 0.9, "macro avg": {}, "weighted avg": {}},
            "r.json",
        ),
    ],
    ids=["table", "nameless-column", "object"],
)
def test_the_classes_of_a_classification_report_are_no_groups_of_people(
    content: object, name: str
) -> None:
    error = refusal(content, name)
    assert error.code == "format-unknown"
    assert "classification_report" in error.message
    assert "support" in error.hint
    assert refusal(content, name, as_format="fairlearn").code == "format-contradicted"
