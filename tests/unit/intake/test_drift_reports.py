"""Deepchecks and older Evidently reports: what each drift number is, and how much stands behind."""

import json
from typing import Any

import pytest

from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import DataCheck, Drift, Metric
from assaybook.intake.adapters.drift_methods import method_of
from assaybook.intake.declared import Counts, Declared
from support.documents import evidence_of, opened, refusal


def _check(name: str, value: object, *conditions: tuple[str, str, str], **more: object) -> Any:
    told = [{"Status": s, "Condition": c, "More Info": i} for s, c, i in conditions]
    one = {"type": "CheckResult", "check": {"name": name}, "header": name, "value": value}
    return {**one, "conditions_results": told, **more}


def _suite(*results: object) -> dict[str, object]:
    return {"type": "SuiteResult", "name": "nightly", "results": list(results)}


def _metric(name: str, **result: object) -> dict[str, object]:
    return {"metric": name, "result": result}


def _report(*metrics: object, **more: object) -> dict[str, object]:
    return {"version": "0.4.40", "metrics": list(metrics), **more}


def _column(test: str, score: object, **more: object) -> dict[str, object]:
    said = {"column_name": "age", "stattest_name": test, "stattest_threshold": 0.1}
    return {**said, "drift_score": score, "drift_detected": True, **more}


def _drift(document: object) -> list[Drift]:
    return [fact for fact in evidence_of(document).facts if isinstance(fact, Drift)]


def _row(document: object, question: str) -> Coverage:
    return {row.question: row for row in evidence_of(document).coverage}[question]


@pytest.mark.parametrize(
    ("shown", "method", "statistic"),
    [
        ("PSI", "psi", "distance"),
        ("Population Stability Index", "psi", "distance"),
        ("K-S p_value", "ks", "p_value"),
        ("ks", "ks", "p_value"),
        ("chi-square p_value", "chi2", "p_value"),
        ("Z-test p_value", "z", "p_value"),
        ("Wasserstein distance (normed)", "wasserstein", "distance"),
        ("Jensen-Shannon distance", "js", "distance"),
        ("Kullback-Leibler divergence", "kl", "distance"),
        ("Anderson-Darling p_value", "anderson", "p_value"),
        ("Mann-Whitney U-rank test p_value", "mann_whitney", "p_value"),
        ("Total-Variation-Distance", "tvd", "p_value"),
        ("Hellinger distance", "hellinger", "distance"),
        ("Fisher's Exact test p_value", "fisher_exact", "p_value"),
        ("t_test", "t_test", "p_value"),
        ("emperical_mmd", "mmd", None),
        ("our own p-value", "our own p-value", "p_value"),
        ("Percentile text content drift", "Percentile text content drift", None),
        (None, None, None),
    ],
)
def test_the_name_of_a_method_tells_a_p_value_from_a_distance(
    shown: str | None, method: str | None, statistic: str | None
) -> None:
    assert method_of(shown) == (method, statistic)


def test_rows_are_known_for_categories_that_are_counted() -> None:
    shown = {"small_distribution": {"x": ["a", "b"], "y": [3, 4]}}
    counted = _column("PSI", 0.2, column_type="cat", current=shown, reference=shown)
    densities = {"small_distribution": {"x": [1, 2], "y": [0.2, 0.8]}}
    table = {"age": counted, "pay": {**counted, "column_type": "num", "column_name": "pay"},
             "odd": {**counted, "current": densities, "column_name": "odd"}}  # fmt: skip
    found = _drift(_report(_metric("DataDriftTable", drift_by_columns=table)))
    rows = {fact.column: (fact.n_reference, fact.n_current) for fact in found}
    assert rows == {"": (None, None), "age": (7, 7), "pay": (None, None), "odd": (7, None)}


def test_rows_of_a_summary_count_without_the_nulls_of_the_column() -> None:
    side = {"number_of_rows": 50, "nans_by_columns": {"age": 8}}
    summary = _metric("DatasetSummaryMetric", current=side, reference=side)
    column = _metric("ColumnDriftMetric", **_column("PSI", 0.2))
    (fact,) = _drift(_report(summary, column))
    assert (fact.n_reference, fact.n_current) == (42, 42)


@pytest.mark.parametrize(
    ("test", "score", "unknown"),
    [("K-S p_value", 1.5, True), ("PSI", -1, True), ("PSI", "much", True), ("PSI", None, False),
     ("PSI", float("nan"), True), ("PSI", 7, False)],
)  # fmt: skip
def test_a_score_that_cannot_be_is_marked_and_never_a_value(
    test: str, score: object, *, unknown: bool
) -> None:
    document = _report(_metric("ColumnDriftMetric", **_column(test, score)))
    (fact,) = _drift(document)
    assert ("value" in fact.unknown) == unknown
    assert _row(document, "drift").errored == int(fact.value is None)


@pytest.mark.parametrize("result", [None, "N/A", -1, [], {}, {"drift_by_columns": None}])
@pytest.mark.parametrize(
    "kind", ["DataDriftTable", "DatasetSummaryMetric", "ClassificationQualityMetric"]
)
def test_a_metric_without_what_it_found_broke_off(kind: str, result: object) -> None:
    share = _metric("DatasetDriftMetric", share_of_drifted_columns=0.0, dataset_drift=False)
    envelope = evidence_of(_report(share, {"metric": kind, "result": result})).envelope
    assert envelope.malformed
    assert "result-not-read" in [one.code for one in envelope.warnings]
    assert not evidence_of(_report(share)).envelope.malformed


def test_a_drifted_column_that_is_counted_and_not_listed_keeps_the_list_open() -> None:
    listed = {"bmi": _column("PSI", 0.4), "age": _column("PSI", 0.01, drift_detected=False)}
    for counted, hidden in ((1, False), (2, True)):
        table = _metric(
            "DataDriftTable", drift_by_columns=listed, number_of_drifted_columns=counted
        )
        assert evidence_of(_report(table)).envelope.malformed is hidden


def test_a_suite_that_made_more_tests_than_it_lists_is_not_whole() -> None:
    test = {"name": "Number of Rows", "status": "SUCCESS", "group": "data_integrity"}
    for made, hidden in ((1, False), (2, True)):
        suite = {"version": "0.4.40", "tests": [test], "summary": {"total_tests": made}}
        assert evidence_of(suite).envelope.malformed is hidden


def test_the_share_of_a_report_has_its_threshold_and_stands_once() -> None:
    table = _metric("DataDriftTable", share_of_drifted_columns=0.4, drift_by_columns={})
    whole = _metric(
        "DatasetDriftMetric", drift_share=0.5, share_of_drifted_columns=0.4, dataset_drift=False
    )
    (fact,) = _drift(_report(whole, table))
    assert (fact.value, fact.tool_threshold, fact.tool_verdict) == (0.4, 0.5, "no_drift")
    (alone,) = _drift(_report(table))
    assert (alone.value, alone.tool_threshold) == (0.4, None)


def test_a_time_without_a_zone_is_none_and_is_said() -> None:
    document = _report(_metric("X"), timestamp="2026-11-20 23:30:07.195183")
    envelope = evidence_of(document).envelope
    assert envelope.produced_at is None
    assert [one.code for one in envelope.warnings] == ["metric-not-read", "time-without-zone"]


def test_a_report_written_from_a_dictionary_says_no_version_and_is_read() -> None:
    document = _report(_metric("ColumnDriftMetric", **_column("PSI", 0.2)))
    del document["version"]
    found = opened(document)
    assert (found.detected.version, found.detected.confidence) == ("0.4", 0.9)


def test_a_test_suite_says_drift_once_and_checks_by_their_family() -> None:
    drift = {"stattest": "PSI", "score": 0.4, "threshold": 0.1, "detected": True}
    tests = [
        {"name": "Share of Drifted Columns", "status": "FAIL", "group": "data_drift",
         "parameters": {"features": {"age": drift}}},
        {"name": "Drift per Column", "status": "FAIL", "group": "data_drift",
         "parameters": {**drift, "column_name": "age"}},
        {"name": "Number of Rows", "status": "WARNING", "group": "data_integrity"},
        {"name": "Conflicts in Target", "status": "SKIPPED", "group": "data_quality"},
        {"name": "RMSE", "status": "SUCCESS", "group": "regression"},
    ]  # fmt: skip
    evidence = evidence_of({"version": "0.4.40", "tests": tests, "summary": {}})
    assert [(f.column, f.value) for f in evidence.facts if isinstance(f, Drift)] == [("age", 0.4)]
    checks = [f for f in evidence.facts if isinstance(f, DataCheck)]
    assert [(f.family, f.status) for f in checks] == [("schema", "fail"), ("label", "skip")]
    assert "RMSE" in evidence.envelope.warnings[0].message


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (_report(_metric("ColumnDriftMetric", drift_score=1)), "/metrics/0/result"),
        (_report(_metric("X"), {"result": {}}), "/metrics/1"),
        (_report(_metric("X"), tests={}), "/tests"),
        (_report(_metric("X"), tests=[{"status": "FAIL"}]), "/tests/0"),
    ],
)
def test_a_broken_part_of_an_older_report_is_refused_at_its_place(
    document: object, where: str
) -> None:
    error = refusal(document)
    assert (error.code, error.where) == ("document-breaks-format", f"report.json#{where}")


def test_what_the_data_held_is_counted_with_its_share() -> None:
    current: dict[str, object] = {"number_of_rows": 10, "number_of_columns": 2}
    current |= {"number_of_missing_values": 5, "number_of_duplicated_rows": 11}
    current["nans_by_columns"] = {"age": 5, "x": "?"}
    document = _report(_metric("DatasetSummaryMetric", current=current))
    found = [fact for fact in evidence_of(document).facts if isinstance(fact, DataCheck)]
    assert [(one.check, one.column, one.examined, one.failed_share) for one in found] == [
        ("missing_values", "", 20, 0.25),
        ("duplicated_rows", "", 10, None),
        ("missing_values", "age", 10, 0.5),
    ]


def test_a_drift_score_of_deepchecks_is_a_distance_also_for_kolmogorov_smirnov() -> None:
    value = {"age": {"Drift score": {"dtype": "float64", "value": 0.4},
                     "Method": "Kolmogorov-Smirnov"},
             "city": {"Drift score": 0.1, "Method": "Cramer's V"},
             "note": {"Drift score": float("nan"), "Method": "New"}}  # fmt: skip
    told = ("FAIL", "categorical drift score < 0.3 and numerical drift score < 0.2", "{'age': 1}")
    document = _suite(_check("Feature Drift", value, told))
    found = _drift(document)
    assert [(one.column, one.method, one.statistic, one.tool_threshold, one.tool_verdict)
            for one in found] == [
        ("age", "ks", "distance", 0.2, "drift"),
        ("city", "cramers_v", "distance", 0.3, None),
        ("note", "New", None, 0.2, None),
    ]  # fmt: skip
    assert [one.value for one in found] == [0.4, 0.1, None]
    assert (_row(document, "drift").examined, _row(document, "drift").errored) == (2, 1)


@pytest.mark.parametrize(
    ("kind", "status", "column", "verdict"),
    [
        ("Label Drift", "FAIL", "label", "drift"),
        ("Prediction Drift", "PASS", "prediction", "no_drift"),
        ("Train Test Label Drift", "ERROR", "label", None),
    ],
)
def test_the_verdict_on_label_and_prediction_is_of_that_drift(
    kind: str, status: str, column: str, verdict: str | None
) -> None:
    value = {"Drift score": 0.2, "Method": "PSI"}
    (fact,) = _drift(_suite(_check(kind, value, (status, "Label drift score < 0.15", ""))))
    assert (fact.column, fact.tool_verdict) == (column, verdict)


@pytest.mark.parametrize("status", [None, "", "N/A", -1, [], "PASSED"])
def test_a_condition_without_a_known_status_is_not_passed_over(status: object) -> None:
    document = _check("Data Duplicates", 0.0, ("PASS", "a", ""), ("PASS", "b", ""))
    assert not evidence_of(document).envelope.malformed
    document["conditions_results"][1]["Status"] = status
    evidence = evidence_of(document)
    assert evidence.envelope.malformed
    assert [fact.status for fact in evidence.facts if isinstance(fact, DataCheck)] == [None]
    document["conditions_results"][0]["Status"] = "FAIL"
    (fact,) = evidence_of(document).facts
    assert isinstance(fact, DataCheck)
    assert fact.status == "fail"


@pytest.mark.parametrize("name", ["Feature Drift", "Calibration Score"])
@pytest.mark.parametrize("value", [None, {}, [], "N/A", -1])
def test_a_check_of_which_the_values_are_gone_is_not_passed_over(name: str, value: object) -> None:
    envelope = evidence_of(_suite(_check(name, value))).envelope
    assert envelope.malformed
    assert [(one.code, one.pointer) for one in envelope.warnings] == [
        ("result-not-read", "/results/0")
    ]


def test_a_check_that_broke_off_answers_nothing() -> None:
    def failed(name: str) -> dict[str, object]:
        return {"type": "CheckFailure", "check": {"name": name}, "exception": "x"}

    document = _suite(failed("Feature Drift"), failed("Data Duplicates"), failed("New Thing"))
    assert (_row(document, "drift").examined, _row(document, "drift").errored) == (0, 1)
    assert _row(document, "data_check/duplicate").errored == 1
    assert _row(document, "data_check").errored == 1


@pytest.mark.parametrize(
    ("name", "value", "share", "family"),
    [
        ("Data Duplicates", 0.04, 0.04, "duplicate"),
        ("Train Test Samples Mix", {"ratio": 0.1, "data": {"values": "ann"}}, 0.1, "leakage"),
        ("Conflicting Labels", {"percent_of_conflicting_samples": 2}, None, "label"),
        ("Class Imbalance", {"a": 0.9}, None, "imbalance"),
        ("Data Duplicates", [0.04], None, "duplicate"),
        ("Is Nice", 0.3, None, None),
    ],
)
def test_the_share_of_a_check_is_read_where_its_number_is_one(
    name: str, value: object, share: float | None, family: str | None
) -> None:
    found = opened(_suite(_check(name, value, ("WARN", "c", ""), ("PASS", "d", ""))))
    (fact,) = found.evidence[0].facts
    assert isinstance(fact, DataCheck)
    assert (fact.failed_share, fact.family, fact.status) == (share, family, "fail")
    assert (fact.examined, fact.tool_verdict) == (None, "WARN")
    assert b"ann" not in found.kept


def test_a_check_without_conditions_or_a_known_name_is_said_to_be_left_out() -> None:
    evidence = evidence_of(_suite(_check("Roc Report", {"0": 0.9})))
    assert (evidence.facts, evidence.envelope.warnings[0].code) == ((), "check-not-read")


def test_the_trials_of_a_class_are_behind_its_recall_alone() -> None:
    rows: list[dict[str, object]] = [
            {"Dataset": "Test", "Class": 1, "Metric": name, "Value": 0.8, "Number of samples": 40}
            for name in ("Recall", "Precision")]  # fmt: skip
    rows.append({"Dataset": "Train", "Class": None, "Metric": "Accuracy", "Value": float("nan")})
    document = _suite(_check("Train Test Performance", json.dumps(rows)))
    found = [fact for fact in evidence_of(document).facts if isinstance(fact, Metric)]
    assert [(one.name, one.split, one.dimension, one.n) for one in found] == [
        ("recall", "test", "class=1", 40),
        ("precision", "test", "class=1", None),
        ("accuracy", "train", None, None),
    ]
    assert found[2].unknown == {"value": "malformed"}


def test_a_brier_score_by_class_is_of_the_data_set_in_the_header() -> None:
    value = {"0": {"dtype": "float64", "value": 0.1}}
    header = {"header": "Calibration Metric - Test Dataset"}
    (fact,) = evidence_of(_check("Calibration Score", value, **header)).facts
    assert isinstance(fact, Metric)
    assert (fact.name, fact.split, fact.dimension, fact.value) == ("brier", "test", None, 0.1)
    assert fact.pointer == "/value/0/value"


def test_predictive_power_is_kept_beside_the_verdict_on_it() -> None:
    told = ("FAIL", "less than 0.8", "")
    facts = evidence_of(_suite(_check("Feature Label Correlation", {"leak": 1.0}, told))).facts
    metric, check = facts
    assert isinstance(metric, Metric)
    assert (metric.name, metric.dimension, metric.value) == ("predictive_power_score", "leak", 1.0)
    assert isinstance(check, DataCheck)
    assert (check.family, check.status) == ("leakage", "fail")


def test_broken_parts_of_a_suite_are_refused_at_their_place() -> None:
    assert refusal(_suite({"value": 1})).where == "report.json#/results/0"
    assert refusal({"type": "SuiteResult", "results": {}}).where == "report.json#/results"
    table = '[{"Metric": "", "Value": 1}]'
    assert refusal(_suite(_check("X", table))).where == "report.json#/results/0/value"
    assert evidence_of(_suite(_check("X", "[{oops"))).facts == ()


def test_a_declared_window_fills_what_the_report_does_not_count_and_may_hold_nulls() -> None:
    shown = {"small_distribution": {"x": ["a"], "y": [7]}}
    town = {"column_name": "town", "column_type": "cat", "current": shown, "reference": shown}
    table = {"age": _column("PSI", 0.2), "town": _column("PSI", 0.2, **town)}
    document = _report(_metric("DataDriftTable", drift_by_columns=table))

    def declared(rows: int) -> Declared:
        return Declared(counts=Counts(n_reference=rows, n_current=rows))

    facts = evidence_of(document, said=declared(9)).facts
    rows = {fact.column: fact.n_current for fact in facts if isinstance(fact, Drift)}
    assert rows == {"": 9, "age": 9, "town": 7}
    assert refusal(document, said=declared(5)).code == "manifest-contradicts"
