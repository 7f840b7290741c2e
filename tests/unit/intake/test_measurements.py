"""MLflow, Fairlearn and Evidently: numbers with direction, unit and trials, as far as they say."""

from typing import Any

import pytest

from assaybook.domain.facts import DataCheck, Drift, Lineage, Metric
from support.documents import evidence_of, refusal

INFO = {
    "run_id": "abc",
    "experiment_id": "7",
    "run_name": "base",
    "status": "FINISHED",
    "start_time": 1795217080249,
    "end_time": 1795217101873,
}


def _run(metrics: object, **info: object) -> dict[str, object]:
    return {"info": {**INFO, **info}, "data": {"metrics": metrics, "params": {}, "tags": {}}}


def _drift(column: str, method: str, value: object, **config: object) -> dict[str, object]:
    kind = {"type": "evidently:metric_v2:ValueDrift", "column": column, "method": method}
    return {"id": column, "metric_name": "ValueDrift", "config": kind | config, "value": value}


def _count(kind: str, value: object, **config: object) -> dict[str, object]:
    said = {"type": f"evidently:metric_v2:{kind}", **config}
    return {"id": kind, "metric_name": kind, "config": said, "value": value}


def test_both_shapes_of_an_mlflow_run_say_the_same() -> None:
    rest = [
        {"key": "test_recall", "value": 0.5, "step": 0, "timestamp": 1},
        {"key": "test_recall", "value": 0.8, "step": 3, "timestamp": 2},
    ]
    facts = [evidence_of(document).facts[0] for document in (
        _run({"test_recall": 0.8}), {"run": _run(rest)}, _run(rest))]  # fmt: skip
    assert {(fact.model_dump()["name"], fact.model_dump()["value"], fact.model_dump()["split"])
            for fact in facts} == {("recall", 0.8, "test")}  # fmt: skip
    assert [fact.pointer for fact in facts] == [
        "/data/metrics/test_recall",
        "/run/data/metrics/1/value",
        "/data/metrics/1/value",
    ]


def test_experiment_and_run_name_are_the_job_and_the_end_is_when_it_was_produced() -> None:
    envelope = evidence_of(_run({"accuracy": 0.9})).envelope
    assert (envelope.scope.job, envelope.run, str(envelope.produced_at)) == (
        "7/base",
        "abc",
        "2026-11-20 23:25:01.873000+00:00",
    )


def test_a_run_that_no_longer_has_a_metric_says_so_by_its_silence() -> None:
    rows = {row.question: row for row in evidence_of(_run({"accuracy": 0.9})).coverage}
    silent = rows["metric/calibration"]
    assert (silent.examined, silent.failed, silent.errored) == (0, 0, 0)
    assert rows["metric/quality"].examined == 1


@pytest.mark.parametrize(
    ("status", "errored"), [("FAILED", 1), ("KILLED", 1), ("RUNNING", 1), ("SCHEDULED", 1)]
)
def test_a_run_that_did_not_finish_was_not_examined_whole(status: str, errored: int | None) -> None:
    evidence = evidence_of(_run({"accuracy": 0.9}, status=status))
    assert {row.errored for row in evidence.coverage} == {errored}
    assert [one.code for one in evidence.envelope.warnings] == ["run-unfinished"]


def test_a_run_that_was_deleted_no_longer_stands() -> None:
    evidence = evidence_of(_run({"accuracy": 0.9}, lifecycle_stage="deleted"))
    assert {row.errored for row in evidence.coverage} == {1}
    assert [one.code for one in evidence.envelope.warnings] == ["run-deleted"]


def test_a_data_set_of_a_run_is_lineage_by_its_context_and_mlflows_own_digest() -> None:
    inputs = [
        {"dataset": {"name": "wdbc", "digest": "7085821e"},
         "tags": [{"key": "mlflow.data.context", "value": "training"}]},
        {"dataset": {"name": "wdbc-test", "digest": "1"},
         "tags": {"mlflow.data.context": "eval"}},
        {"dataset": {"name": "other"}},
    ]  # fmt: skip
    document = {**_run({}), "inputs": {"dataset_inputs": inputs}}
    document["outputs"] = {"model_outputs": [{"model_id": "m-1", "step": 0}]}
    facts = [fact for fact in evidence_of(document).facts if isinstance(fact, Lineage)]
    assert [(fact.source, fact.target, fact.relation, fact.digest) for fact in facts] == [
        ("m-1", "wdbc", "trained_on", "mlflow:7085821e"),
        ("m-1", "wdbc-test", "tested_on", "mlflow:1"),
        ("m-1", "other", None, None),
    ]


def test_broken_parts_of_a_run_are_refused_at_their_place() -> None:
    assert refusal(_run("many")).where == "report.json#/data/metrics"
    assert refusal(_run([{"value": 1}])).where == "report.json#/data/metrics/0"
    unnamed: dict[str, Any] = {**_run({}), "inputs": {"dataset_inputs": [{"dataset": {}}]}}
    assert refusal(unnamed).where == "report.json#/inputs/dataset_inputs/0"


def test_a_model_version_names_its_run_and_printed_metrics() -> None:
    printed = (
        "<Metric: dataset_digest=None, dataset_name='wdbc', key='ece', model_id='m', run_id='r',"
        " step=0, timestamp=1, value=0.031>"
    )
    document = {"name": "t", "version": 3, "creation_timestamp": 1795217101856, "run_id": "r"}
    evidence = evidence_of({**document, "metrics": [printed, "junk"]})
    said = [fact.model_dump() for fact in evidence.facts]
    assert [one["type"] for one in said] == ["artifact", "lineage", "metric", "documentation"]
    assert (said[0]["name"], said[1]["relation"], said[2]["value"], said[2]["dataset"]) == (
        *("t/3", "built_by", 0.031, "wdbc"),
    )


def test_an_mlmodel_file_has_no_time_since_its_time_has_no_zone() -> None:
    text = "flavors: {}\nmodel_id: m-1\nrun_id: r\nmodel_size_bytes: 10\nutc_time_created: '2026'\n"
    evidence = evidence_of(text, "MLmodel")
    assert evidence.envelope.produced_at is None
    assert [fact.type for fact in evidence.facts] == ["artifact", "lineage"]


def test_the_metadata_of_a_run_without_its_metrics_answers_nothing() -> None:
    text = (
        "run_id: r\nexperiment_id: '1'\nlifecycle_stage: active\nstatus: 4\nend_time: 1795217022144"
    )
    evidence = evidence_of(text, "meta.yaml")
    assert (evidence.facts, evidence.coverage) == ((), ())
    assert "FAILED" in evidence.envelope.warnings[0].message


TABLE = "sex,age,accuracy,recall,count,positives\nF,old,0.75,0.7,318.0,130\nM,old,0.85,,582.0,0\n"


def test_each_group_of_fairlearn_is_a_slice_with_the_trials_of_each_metric() -> None:
    facts = [fact for fact in evidence_of(TABLE, "by.csv").facts if isinstance(fact, Metric)]
    assert [(fact.name, fact.slice, fact.value, fact.n, fact.n_rows) for fact in facts] == [
        ("accuracy", "age=old,sex=F", 0.75, 318, 318),
        ("recall", "age=old,sex=F", 0.7, 130, 318),
        ("accuracy", "age=old,sex=M", 0.85, 582, 582),
        ("recall", "age=old,sex=M", None, 0, 582),
    ]
    assert facts[0].pointer == "/0/accuracy"


def test_the_count_of_a_group_is_not_the_trials_behind_its_recall() -> None:
    text = "sex,recall,count\nF,0.7,318.0\n"
    (fact,) = evidence_of(text, "by.csv").facts
    assert (fact.model_dump()["n"], fact.model_dump()["n_rows"]) == (None, 318)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("age,accuracy,n\n30+,0.88,0.8\n<30,0.77,0.615\n", "by.csv#/0/n"),
        ("sex,accuracy,count\nF,0.61,\nM,0.65,34.425\n", "by.csv#/1/count"),
    ],
    ids=["ratio-by-control-feature", "limits-of-a-bootstrap"],
)
def test_a_table_whose_counts_are_not_whole_is_of_no_group(text: str, at: str) -> None:
    error = refusal(text, "by.csv")
    assert (error.code, error.where) == ("document-breaks-format", at)
    assert "by_group" in error.hint


def test_groups_that_nobody_is_in_are_read_without_a_count() -> None:
    found = evidence_of("sex,accuracy,count\nF,0.75,40.0\nM,,\n", "by.csv").facts
    assert [(one.model_dump()["value"], one.model_dump()["n"]) for one in found] == [
        (0.75, 40),
        (None, None),
    ]


def _envelope(**more: object) -> dict[str, object]:
    schema = {"fields": [{"name": "sex"}], "primaryKey": ["sex"]}
    data = [{"sex": "F", "accuracy": 0.7, "count": 10.0}]
    return {"overall": {"accuracy": 0.8, "count": 20.0},
            "by_group": {"schema": schema, "data": data}, **more}  # fmt: skip


def test_differences_between_groups_are_fairness_by_the_feature_that_they_compare() -> None:
    document = _envelope(difference={"accuracy": 0.1, "count": 5}, ratio={"accuracy": 0.9})
    document["equalized_odds_difference"] = 0.2
    facts = [fact.model_dump() for fact in evidence_of(document).facts]
    assert [(one["name"], one["slice"], one["dimension"], one["direction"]) for one in facts] == [
        ("accuracy", "sex=F", None, "higher"),
        ("accuracy", "", None, "higher"),
        ("accuracy_difference", "", "sex", "lower"),
        ("accuracy_ratio", "", "sex", "higher"),
        ("equalized_odds_difference", "", "sex", "lower"),
    ]


@pytest.mark.parametrize("part", ["overall", "difference", "ratio"])
@pytest.mark.parametrize("value", ["N/A", -1, [], [{"recall": 0.9}], True])
def test_a_part_of_an_envelope_that_is_no_object_is_refused(part: str, value: object) -> None:
    assert refusal(_envelope(**{part: value})).where == f"report.json#/{part}"


def test_a_fairlearn_envelope_without_a_table_is_refused() -> None:
    assert refusal({"overall": {}, "by_group": {}}).where == "report.json#/by_group"


def test_a_group_without_a_name_is_refused() -> None:
    assert refusal("sex,accuracy,count\n,0.7,3\n", "by.csv").code == "document-breaks-format"


def test_a_table_of_data_is_not_taken_for_one_of_metrics() -> None:
    assert refusal("age,sex,bmi\n1,2,3\n", "train.csv").code == "format-unknown"


def test_a_table_of_very_many_rows_is_not_taken_for_one_of_groups() -> None:
    text = "id,accuracy,count\n" + "".join(f"{n},0.5,1\n" for n in range(10_001))
    assert refusal(text, "by.csv").code == "format-unknown"


def test_a_distance_and_a_p_value_are_told_apart() -> None:
    document = {"metrics": [_drift("age", "psi", 1.59, threshold=0.1), _drift("bp", "ks", 0.04)]}
    facts = [fact for fact in evidence_of(document).facts if isinstance(fact, Drift)]
    assert [(fact.column, fact.method, fact.statistic, fact.value) for fact in facts] == [
        ("age", "psi", "distance", 1.59),
        ("bp", "ks", "p_value", 0.04),
    ]
    assert (facts[0].n_reference, facts[0].n_current, facts[0].tool_verdict) == (None, None, None)


def test_a_method_that_is_not_known_has_no_direction() -> None:
    (fact,) = evidence_of({"metrics": [_drift("age", "new_method", 0.5)]}).facts
    assert (fact.model_dump()["method"], fact.model_dump()["statistic"]) == ("new_method", None)


def test_the_verdict_of_the_tool_is_kept_apart() -> None:
    tests = [{"metric_config": {"metric_id": "age"}, "status": "FAIL"},
             {"metric_config": {"metric_id": "bp"}, "status": "SUCCESS"}]  # fmt: skip
    document = {"metrics": [_drift("age", "ks", 0.5), _drift("bp", "ks", 0.5)], "tests": tests}
    verdicts = [fact.model_dump()["tool_verdict"] for fact in evidence_of(document).facts]
    assert verdicts == ["drift", "no_drift"]


@pytest.mark.parametrize("value", [-0.1, 1.5, "high"])
def test_a_p_value_that_can_be_none_is_malformed(value: object) -> None:
    (fact,) = evidence_of({"metrics": [_drift("age", "ks", value)]}).facts
    assert fact.unknown == {"value": "malformed"}


def test_the_share_of_drifted_columns_is_of_the_whole_data_set() -> None:
    share = _count("DriftedColumnsCount", {"count": 2, "share": 0.4}, drift_share=0.5,
                   cat_method="psi", num_method="ks")  # fmt: skip
    (fact,) = evidence_of({"metrics": [share]}).facts
    said = fact.model_dump()
    assert (said["column"], said["statistic"], said["value"], said["method"]) == (
        *("", "share", 0.4, "ks+psi"),
    )


def test_missing_values_are_checks_with_the_rows_that_the_report_counts() -> None:
    missing = _count("MissingValueCount", {"count": 3, "share": 0.03}, column="age")
    evidence = evidence_of({"metrics": [_count("RowCount", 100.0), missing]})
    (fact,) = evidence.facts
    assert isinstance(fact, DataCheck)
    assert (fact.family, fact.column, fact.examined, fact.failed, fact.status) == (
        *("null", "age", 100, 3, "fail"),
    )
    assert evidence.coverage[0].failed == 1


def test_copies_that_are_only_counted_are_a_share_of_the_rows() -> None:
    for rows, share in ((100.0, 0.03), (2.0, None)):
        metrics = [_count("RowCount", rows), _count("DuplicatedRowCount", 3)]
        (fact,) = evidence_of({"metrics": metrics}).facts
        assert isinstance(fact, DataCheck)
        assert fact.failed_share == share


def test_metrics_that_are_neither_are_named_as_not_read() -> None:
    evidence = evidence_of({"metrics": [_count("MinValue", 1.0), _count("MinValue", 2.0)]})
    assert [one.message for one in evidence.envelope.warnings] == [
        "MinValue is no drift or clear data check"
    ]


def test_quality_metrics_of_evidently_are_metrics() -> None:
    document = {"metrics": [_count("F1Score", 0.5), _count("RMSE", {"mean": 2.0, "std": 1.0})]}
    said = [fact.model_dump() for fact in evidence_of(document).facts]
    assert [(one["name"], one["value"]) for one in said] == [("f1", 0.5), ("rmse", 2.0)]


def test_broken_metrics_of_evidently_are_refused_at_their_place() -> None:
    assert refusal({"metrics": [{"metric_name": "x"}]}).where == "report.json#/metrics/0"
    assert refusal({"metrics": [_drift("", "psi", 1)]}).where == "report.json#/metrics/0"


def test_a_version_of_evidently_that_is_not_read_is_named() -> None:
    document: dict[str, Any] = {
        "version": "0.1.59",
        "metrics": [{"metric": "DataDriftTable", "result": {}}],
    }
    error = refusal(document)
    assert (error.code, "0.1" in error.message) == ("format-not-supported", True)


GROUPED: dict[str, Any] = {
    "schema": {
        "fields": [{"name": "sex"}, {"name": "accuracy"}, {"name": "count"}],
        "primaryKey": ["sex"],
        "pandas_version": "1.4.0",
    },
    "data": [{"sex": "f", "accuracy": 0.9, "count": 30}],
}


def test_the_table_of_groups_is_read_as_pandas_writes_it_with_its_features() -> None:
    one = evidence_of(GROUPED)
    (fact,) = (fact for fact in one.facts if isinstance(fact, Metric))
    assert (one.envelope.format_version, fact.pointer) == ("by-group-json", "/data/0/accuracy")
    assert (fact.slice, fact.value, fact.n) == ("sex=f", 0.9, 30)


def test_groups_of_nobody_knows_which_feature_are_refused_with_what_to_write() -> None:
    bare = {"accuracy": {"f": 0.9, "m": None}, "count": {"f": 30, "m": 0}}
    unnamed = {**GROUPED, "schema": {**GROUPED["schema"], "primaryKey": ["index"]}}
    assert refusal(bare).code == refusal(unnamed).code == "format-unknown"
    assert refusal({"schema": {}, "data": []}, as_format="fairlearn").code == "format-contradicted"
    for content, where in ((bare, "report.json"), (unnamed, "report.json")):
        error = refusal(content, as_format="fairlearn")
        assert (error.code, error.where) == ("document-breaks-format", where)
        assert 'orient="table"' in error.hint


@pytest.mark.parametrize("stored", [1.7976931348623157e308, -1.7976931348623157e308])
@pytest.mark.parametrize("form", ["mapping", "list"])
def test_an_infinite_metric_as_a_database_of_mlflow_stores_it_is_no_number(
    stored: float, form: str
) -> None:
    metrics: object = {"psnr": stored, "lift": 3.0}
    if form == "list":
        metrics = [{"key": "psnr", "value": stored}, {"key": "lift", "value": 3.0}]
    info = {"run_id": "a", "experiment_id": "1", "status": "FINISHED", "run_name": "a"}
    facts = evidence_of({"info": info, "data": {"metrics": metrics}}).facts
    found = {one.name: (one.value, dict(one.unknown)) for one in facts if isinstance(one, Metric)}
    assert found == {"psnr": (None, {"value": "malformed"}), "lift": (3.0, {})}
