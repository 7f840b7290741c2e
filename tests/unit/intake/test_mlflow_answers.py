"""What MLflow's tracking server and client of 2026 write: searches of runs, logged models."""

from typing import Any

import pytest

from assaybook.domain.facts import Lineage, Metric
from support.documents import evidence_of, opened, refusal


def run(name: str, status: str = "FINISHED", /, **metrics: float) -> dict[str, Any]:
    listed = [{"key": key, "value": value, "step": 0} for key, value in metrics.items()]
    info = {"run_id": name, "run_name": name, "experiment_id": "1", "status": status}
    return {"info": info, "data": {"metrics": listed}}


def test_each_run_of_a_search_is_a_document_of_its_own() -> None:
    found = opened({"runs": [run("a", accuracy=0.9), run("b", "FAILED", accuracy=0.99)]})
    assert [one.envelope.run for one in found.evidence] == ["a", "b"]
    facts = [one.facts[0] for one in found.evidence]
    assert [(one.pointer, one.value) for one in facts if isinstance(one, Metric)] == [
        ("/runs/0/data/metrics/0/value", 0.9),
        ("/runs/1/data/metrics/0/value", 0.99),
    ]
    errored = [{row.errored for row in one.coverage} for one in found.evidence]
    assert errored == [{0}, {1}]


def test_a_search_with_another_page_says_that_runs_are_missing() -> None:
    one = evidence_of({"runs": [run("a", accuracy=0.9)], "next_page_token": "t"})
    assert [warning.code for warning in one.envelope.warnings] == ["runs-left-out"]


@pytest.mark.parametrize("runs", [[], [{"tool": {}}], [run("a"), {"info": {}}], "x"])
def test_a_list_of_something_else_is_no_search(runs: object) -> None:
    assert refusal({"runs": runs}).code == "format-unknown"


PRINTED = (
    "<Metric: dataset_digest='c0', dataset_name='hospital-b', key='accuracy', "
    "model_id='m-1', run_id='r', step=0, timestamp=1, value=0.83>"
)
FLAT: dict[str, Any] = {
    "model_id": "m-1",
    "name": "clf",
    "experiment_id": "1",
    "source_run_id": "r",
    "status": 2,
    "creation_timestamp": 1795271517783,
    "metrics": [PRINTED],
}
REST: dict[str, Any] = {
    "model": {
        "info": {
            "model_id": "m-1",
            "name": "clf",
            "experiment_id": "1",
            "source_run_id": "r",
            "status": "LOGGED_MODEL_READY",
            "creation_timestamp_ms": 1795271517783,
        },
        "data": {"metrics": [{"key": "accuracy", "value": 0.83, "dataset_name": "hospital-b"}]},
    }
}


@pytest.mark.parametrize("content", [FLAT, REST], ids=["client", "server"])
def test_a_logged_model_has_its_run_and_its_metrics_by_data_set(content: object) -> None:
    one = evidence_of(content)
    assert one.envelope.format_version == "logged-model"
    assert (one.envelope.run, one.envelope.scope.job) == ("r", "clf")
    assert one.envelope.produced_at is not None
    assert not one.envelope.warnings
    (edge,) = (fact for fact in one.facts if isinstance(fact, Lineage))
    assert (edge.source, edge.target, edge.relation) == ("m-1", "r", "built_by")
    (fact,) = (fact for fact in one.facts if isinstance(fact, Metric))
    assert (fact.name, fact.value, fact.dataset) == ("accuracy", 0.83, "hospital-b")


def test_a_logged_model_that_is_not_ready_or_not_readable_says_so() -> None:
    one = evidence_of({**FLAT, "status": 3, "source_run_id": None, "metrics": ["?", {"value": 1}]})
    codes = [warning.code for warning in one.envelope.warnings]
    assert codes == ["version-not-ready", "metric-left-out", "metric-left-out"]
    assert one.envelope.malformed
    assert [fact.type for fact in one.facts] == ["artifact"]


def test_a_printed_version_of_a_registered_model_is_left_out_and_said() -> None:
    content: dict[str, Any] = {
        "name": "m",
        "creation_timestamp": 1,
        "aliases": {},
        "latest_versions": ["<M: 1>"],
    }
    one = evidence_of(content)
    assert [warning.code for warning in one.envelope.warnings] == ["version-left-out"]
    assert one.envelope.malformed


COUNTS = {"true_positives": 6, "false_positives": 2, "true_negatives": 9, "false_negatives": 3}


def trials_of(**metrics: float) -> dict[str, tuple[int | None, int | None]]:
    facts = evidence_of({"runs": [run("a", **metrics)]}).facts
    found = (one for one in facts if isinstance(one, Metric) and one.kind is not None)
    return {one.raw_name or "": (one.n, one.n_rows) for one in found}


def test_counts_that_come_to_a_share_are_its_trials() -> None:
    shares = {"accuracy_score": 15 / 20, "precision_score": 6 / 8, "recall_score": 6 / 9}
    assert trials_of(**COUNTS, **shares, roc_auc=0.8) == {
        "accuracy_score": (20, 20),
        "precision_score": (8, 20),
        "recall_score": (9, 20),
        "roc_auc": (None, None),
    }


@pytest.mark.parametrize(
    "metrics",
    [
        {**COUNTS, "recall_score": 0.9},
        {**COUNTS, "test_recall_score": 6 / 9},
        {"true_positives": 6, "recall_score": 6 / 9},
        {**COUNTS, "true_positives": 6.5, "recall_score": 6 / 9},
        {**dict.fromkeys(COUNTS, 0), "recall_score": 0.0},
        {**COUNTS, "recall_score": float("nan")},
        {"recall_score": 6 / 9},
    ],
    ids=["other-value", "other-split", "one-count", "half", "none", "nan", "no-counts"],
)
def test_counts_that_do_not_come_to_a_share_are_not_lent_to_it(metrics: dict[str, float]) -> None:
    assert set(trials_of(**metrics).values()) == {(None, None)}
