"""Documents of real tools: each is what its folder says, or is refused for a stated reason."""

from pathlib import Path

import pytest

from assaybook.domain.errors import SubmitterError
from assaybook.domain.facts import DataCheck, Documentation, Drift, Lineage, Metric
from assaybook.intake.registry import BUILT_IN
from support.documents import opened

FOLDERS = {
    "hf-model-card": "huggingface",
    "data-card": "huggingface",
    "google-mct": "model-card-toolkit",
    "cyclonedx-ml": "cyclonedx",
    "spdx3-ai": "spdx",
    "slsa": "dsse",
    "model-signing": "dsse",
}
REFUSED = {
    "analyze-empty.json": "format-ambiguous",
    "empty.json": "format-ambiguous",
    "key-signed-v1.1.1-public.pem": "format-not-supported",
    "bom-examples-bert-INVALID-JSON.json": "json-malformed",
    "kitfile-generation-type-detect.yaml": "format-unknown",
    "modelkit-refs-basic.yaml": "format-unknown",
}


def _files(samples: Path) -> list[Path]:
    found = sorted(path for path in samples.rglob("*") if path.is_file())
    return [path for path in found if path.name != "SOURCES.md"]


NAMED = {"oci-manifestA.json": "modelkit-manifest"}


def test_every_sample_is_what_its_folder_says_or_is_refused_for_a_reason(samples: Path) -> None:
    told = {path: _told(path) for path in _files(samples)}
    wrong = {
        path.name: said
        for path, said in told.items()
        if said not in _expected(path.relative_to(samples).parts[0], path.name)
    }
    assert wrong == {}


def _told(path: Path) -> str:
    try:
        return opened(path.read_bytes(), path.name).detected.format
    except SubmitterError as error:
        return error.code


def _expected(folder: str, name: str) -> set[str]:
    """Return what may be said of a sample: a format that is read, or a reason."""
    if name in REFUSED:
        return {REFUSED[name]}
    wanted = NAMED.get(name) or FOLDERS.get(folder, folder)
    read = {adapter.name for adapter in BUILT_IN}
    other = {"sarif"} if ".sarif" in name else set[str]()
    partly = wanted not in read
    return other or ({"format-not-supported"} if partly else {wanted})


def test_an_empty_list_is_read_as_what_the_submitter_names(samples: Path) -> None:
    for folder, name in {"presidio": "analyze-empty.json", "gitleaks": "empty.json"}.items():
        found = opened((samples / folder / name).read_bytes(), name, as_format=folder)
        assert (found.detected.format, found.evidence[0].facts) == (folder, ())


@pytest.mark.parametrize(
    ("file", "facts"),
    [
        ("pip-audit/docs-example-with-vulns.json", 2),
        ("trivy/pip.json.golden.json", 2),
        ("trivy/secrets.json.golden.json", 2),
        ("trivy/dockerfile.json.golden.json", 1),
        ("trivy/alpine-310.sarif.golden.json", 4),
        ("gitleaks/sarif_simple.sarif", 1),
        ("gitleaks/json_simple.json", 1),
        ("garak/test-blank.report.jsonl", 3),
        ("garak/test-blank.hitlog.jsonl", 1),
        ("promptfoo/results-mixed.json", 12),
        ("art/robustness-privacy-breast-cancer.json", 15),
        ("lm-eval/results-tiny_mc.json", 2),
        ("modelscan/scan-clean.json", 0),
        ("modelscan/scan-directory.json", 2),
        ("picklescan/scan-directory.txt", 3),
        ("mlflow/model-version.json", 8),
        ("mlflow/MLmodel.yaml", 2),
        ("mlflow/filestore-run-meta.yaml", 0),
        ("prometheus-rules/prometheus-rules.lint.yml", 2),
        ("prometheus-rules/seldon-instance-availability.rules.yml", 1),
        ("cyclonedx-ml/sbom-environment-1.6.json", 75),
        ("cyclonedx-ml/valid-attestation-1.6.json", 1),
        ("cyclonedx-ml/valid-ml-considerations-env-1.6.json", 4),
        ("spdx3-ai/dataset-example01.spdx3.json", 9),
        ("fairlearn/metricframe-sex-by_group.csv", 12),
        ("mlflow/run.json", 6),
        ("openlineage/facet-dataQualityAssertions.json", 10),
        ("presidio/analyze.json", 10),
        ("evidently/v0.7-report-drift-psi.json", 4),
        ("evidently/v0.4-report-drift-psi.json", 6),
        ("great-expectations/validation-basic.json", 8),
        ("dbt/run_results-test.json", 14),
        ("dbt/dbt1.10-build-fail.json", 4),
        ("deepchecks/suite-drift-leakage.json", 16),
        ("deepchecks/suite-calibration.json", 14),
        ("google-mct/model_card-v0.0.1.json", 15),
        ("croissant/wildchat-1.1.json", 8),
        ("croissant/kaggle_croissant.json", 7),
        ("kitops/Kitfile-jenkins-example.yaml", 16),
        ("kitops/oci-manifestA.json", 2),
    ],
)
def test_a_sample_lends_as_many_rows_as_a_reader_counts(
    file: str, facts: int, samples: Path
) -> None:
    path = samples / file
    assert sum(len(one.facts) for one in opened(path.read_bytes(), path.name).evidence) == facts


def test_an_audit_that_skipped_everything_and_exited_0_examined_nothing(samples: Path) -> None:
    path = samples / "pip-audit" / "all-skipped.json"
    (row,) = opened(path.read_bytes(), path.name).evidence[0].coverage
    assert (row.examined, row.skipped, len(row.skipped_items)) == (0, 4, 4)


def test_each_drift_number_of_the_sample_has_its_direction(samples: Path) -> None:
    path = samples / "evidently" / "v0.7-report-drift-ks-with-tests.json"
    facts = [
        f for f in opened(path.read_bytes(), path.name).evidence[0].facts if isinstance(f, Drift)
    ]
    assert {(fact.column, fact.statistic, fact.tool_verdict) for fact in facts} == {
        ("", "share", "drift"),
        ("age", "p_value", "drift"),
        ("income", "p_value", "drift"),
        ("region", "distance", "drift"),
    }


def test_the_numbers_of_a_real_run_have_kind_split_and_unit(samples: Path) -> None:
    path = samples / "mlflow" / "run.json"
    (evidence,) = opened(path.read_bytes(), path.name).evidence
    metrics = {f.raw_name: f for f in evidence.facts if isinstance(f, Metric)}
    assert (metrics["val_auc"].name, metrics["val_auc"].split) == ("roc_auc", "validation")
    assert {name: fact.kind for name, fact in metrics.items()} == {
        "ece": "calibration",
        "brier": "calibration",
        "accuracy": "quality",
        "val_auc": "quality",
        "latency_p95_ms": "latency",
    }
    (lineage,) = [fact for fact in evidence.facts if isinstance(fact, Lineage)]
    assert (lineage.target, lineage.digest) == ("wdbc", "mlflow:7085821e")


def test_no_text_that_was_examined_for_personal_data_is_kept(samples: Path) -> None:
    path = samples / "presidio" / "batch-analyze-dict.json"
    found = opened(path.read_bytes(), path.name)
    said = found.kept.decode() + found.evidence[0].model_dump_json()
    assert not any(text in said for text in ("415-555-0132", "bob@corp", "5555555555554444"))


def test_no_line_of_code_that_a_scanner_quotes_is_kept(samples: Path) -> None:
    secrets = samples / "trivy" / "secrets.json.golden.json"
    leak = samples / "gitleaks" / "sarif_simple.sarif"
    found = opened(secrets.read_bytes(), secrets.name).kept
    assert not any(text in found for text in (b"ghp_0123", b"AWS_ACCESS_KEY_ID=", b"#!/bin/sh"))
    said = opened(leak.read_bytes(), leak.name).kept
    assert not any(text in said for text in (b"a secret", b"johndoe", b"John Doe", b"opps"))


def test_the_settings_that_a_scanner_looked_at_are_counted_from_its_own_summary(
    samples: Path,
) -> None:
    path = samples / "trivy" / "dockerfile.json.golden.json"
    (row,) = opened(path.read_bytes(), path.name).evidence[0].coverage
    assert (row.question, row.examined, row.passed, row.failed) == (
        *("security/misconfiguration", 27),
        *(26, 1),
    )


def test_both_models_of_a_bill_of_materials_are_told_apart(samples: Path) -> None:
    path = samples / "spdx3-ai" / "simplehtr-example.json"
    found = opened(path.read_bytes(), path.name).evidence
    scopes = [one.envelope.scope for one in found]
    assert [one.path or one.dataset for one in scopes] == [
        *(None, "word-model", "line-model", "IAMdataset"),
    ]
    edges = [fact for fact in found[0].facts if isinstance(fact, Lineage)]
    assert {(edge.source, edge.relation) for edge in edges} == {
        ("word-model", "trained_on"),
        ("word-model", "tested_on"),
        ("line-model", "trained_on"),
        ("line-model", "tested_on"),
    }


def test_tonnes_of_emissions_are_read_in_kilograms(samples: Path) -> None:
    path = samples / "cyclonedx-ml" / "valid-ml-considerations-env-1.6.json"
    (evidence,) = opened(path.read_bytes(), path.name).evidence
    (found,) = [fact for fact in evidence.facts if isinstance(fact, Metric)]
    assert (found.name, found.value, found.unit) == ("co2_kg", 31220.0, "kg_co2e")


def test_an_expectation_that_broke_off_in_the_sample_is_an_error_and_no_failure(
    samples: Path,
) -> None:
    path = samples / "great-expectations" / "validation-exception.json"
    found = opened(path.read_bytes(), path.name)
    (evidence,) = found.evidence
    broken = [f for f in evidence.facts if isinstance(f, DataCheck) and f.status == "error"]
    assert [(fact.column, fact.examined, fact.failed) for fact in broken] == [("email", None, None)]
    assert {row.question: row.errored for row in evidence.coverage}["data_check/schema"] == 1
    assert b"Traceback" not in found.kept


def test_the_older_drift_report_of_the_sample_says_how_many_rows_its_categories_have(
    samples: Path,
) -> None:
    path = samples / "evidently" / "v0.4-report-drift-psi.json"
    (evidence,) = opened(path.read_bytes(), path.name).evidence
    drift = {fact.column: fact for fact in evidence.facts if isinstance(fact, Drift)}
    assert (drift["region"].n_reference, drift["region"].n_current) == (400, 400)
    assert (drift["age"].n_reference, drift["age"].tool_verdict) == (None, "drift")
    assert evidence.envelope.produced_at is None


def test_the_drift_scores_of_the_deepchecks_sample_are_distances(samples: Path) -> None:
    path = samples / "deepchecks" / "suite-drift-leakage.json"
    (evidence,) = opened(path.read_bytes(), path.name).evidence
    drift = [fact for fact in evidence.facts if isinstance(fact, Drift)]
    assert {(fact.method, fact.statistic) for fact in drift} == {
        ("ks", "distance"),
        ("cramers_v", "distance"),
    }


def test_the_template_of_a_data_card_documents_nothing(samples: Path) -> None:
    path = samples / "data-card" / "datasetcard_template.md"
    (evidence,) = opened(path.read_bytes(), path.name).evidence
    said = [fact for fact in evidence.facts if isinstance(fact, Documentation)]
    assert [fact.topic for fact in said if fact.present] == []
    assert len(said) >= 8
