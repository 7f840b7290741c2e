"""Evidently's layouts of 0.7 and what stands in them by group, class and rank."""

import json

import pytest
from pydantic import JsonValue

from assaybook.domain.facts import DataCheck, Drift, Fact, Metric
from support.documents import evidence_of, opened, refusal


def report(*metrics: dict[str, object], **more: object) -> bytes:
    return json.dumps({"metrics": list(metrics), **more}).encode()


def older(spelt: str, value: object, name: str = "a") -> dict[str, object]:
    """Return a metric as 0.7.0 to 0.7.15 write it: the settings are one text."""
    return {"id": name, "metric_id": spelt, "value": value}


def newer(kind: str, value: object, **settings: object) -> dict[str, object]:
    config = {"type": f"evidently:metric_v2:{kind}", **settings}
    return {"id": kind, "metric_name": f"{kind}()", "config": config, "value": value}


def facts_of(content: bytes) -> tuple[Fact, ...]:
    return evidence_of(content, "report.json").facts


def test_a_report_whose_settings_are_one_text_is_read_like_a_later_one() -> None:
    content = report(
        older("ValueDrift(column=Größe,method=ks,threshold=0.1)", 9.7e-89, "a"),
        older("DriftedColumnsCount(drift_share=0.9,num_method=psi)", {"count": 3.0, "share": 1.0}),
        older("Accuracy(classification_name=default)", 0.5),
        tests=[{"id": "t", "status": "FAIL", "metric_config": {"metric_id": "a"}}],
    )
    assert opened(content, "r.json").detected.version == "0.7"
    column, share, accuracy = facts_of(content)
    assert isinstance(column, Drift)
    assert (column.column, column.method, column.statistic) == ("Größe", "ks", "p_value")
    assert (column.value, column.tool_threshold, column.tool_verdict) == (9.7e-89, 0.1, "drift")
    assert isinstance(share, Drift)
    assert (share.column, share.value, share.tool_threshold) == ("", 1.0, 0.9)
    assert isinstance(accuracy, Metric)
    assert (accuracy.name, accuracy.value, accuracy.slice) == ("accuracy", 0.5, "")


@pytest.mark.parametrize("column", [None, "", -1, [], {}])
@pytest.mark.parametrize("kind", ["MissingValueCount", "OutRangeValueCount", "OutListValueCount"])
def test_a_check_of_a_column_without_its_name_is_not_one_of_the_data_set(
    kind: str, column: object
) -> None:
    error = refusal(report(newer(kind, {"count": 3, "share": 0.1}, column=column)))
    assert error.where == "report.json#/metrics/0"


def test_drift_of_a_method_that_the_report_leaves_out_has_no_statistic() -> None:
    (fact,) = facts_of(report(older("ValueDrift(column=num)", 0.01)))
    assert isinstance(fact, Drift)
    assert (fact.method, fact.statistic, fact.value) == (None, None, 0.01)


def test_a_metric_by_group_is_of_a_slice_and_not_of_all_rows() -> None:
    inner = {"type": "evidently:metric_v2:Accuracy"}
    nulls = {"type": "evidently:metric_v2:MissingValueCount", "column": "num"}
    metric, check = facts_of(
        report(
            newer("GroupByMetric", 0.7, metric=inner, column_name="sex", label="f"),
            newer("GroupByMetric", {"count": 2, "share": 0.1}, metric=nulls, column_name="sex",
                  label="f"),
            newer("RowCount", 305),
        )
    )  # fmt: skip
    assert isinstance(metric, Metric)
    assert (metric.slice, metric.value, metric.n, metric.n_rows) == ("sex=f", 0.7, None, None)
    assert isinstance(check, DataCheck)
    assert (check.check, check.examined, check.failed_share) == ("missing_values[sex=f]", None, 0.1)


def test_a_group_whose_inner_metric_is_not_said_is_named_as_unread() -> None:
    found = opened(report(older("GroupByMetric(column_name=cat,label=c)", 0.5)), "r.json")
    (one,) = found.evidence
    assert not one.facts
    assert [warning.code for warning in one.envelope.warnings] == ["metric-not-read"]


def test_the_value_of_a_class_is_told_apart_from_that_of_all() -> None:
    found = facts_of(report(newer("Recall", 0.5), newer("RecallByLabel", {"0": 0.6, "1": 0.4})))
    assert [(one.dimension, one.value) for one in found if isinstance(one, Metric)] == [
        ("", 0.5),
        ("class=0", 0.6),
        ("class=1", 0.4),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.63, 0.63),
        ({"rank": {"0": 2, "1": 3}, "value": {"0": 0.5, "1": 0.6}}, 0.6),
        ({"rank": {"0": 1}, "value": {"0": 0.5}}, None),
    ],
    ids=["plain", "by-rank", "rank-not-there"],
)
def test_a_ranking_metric_is_of_the_k_that_was_asked(value: object, expected: object) -> None:
    (fact,) = facts_of(report(newer("NDCG", value, k=3)))
    assert isinstance(fact, Metric)
    assert (fact.name, fact.dimension, fact.value) == ("ndcg_at_k", "3", expected)


def test_a_dummy_model_is_not_the_model() -> None:
    found = opened(report(newer("DummyPrecision", 0.9), newer("Precision", 0.4)), "r.json")
    (one,) = found.evidence
    assert [fact.value for fact in one.facts if isinstance(fact, Metric)] == [0.4]


@pytest.mark.parametrize(("share", "examined"), [(0.1, 300), (0.02, 1500), (0.5, None)])
def test_a_share_of_missing_values_says_of_how_many(share: float, examined: int | None) -> None:
    (fact,) = facts_of(
        report(
            newer("DatasetMissingValueCount", {"count": 30, "share": share}),
            newer("RowCount", 300),
            newer("ColumnCount", 5),
        )
    )
    assert isinstance(fact, DataCheck)
    assert (fact.failed, fact.examined) == (30, examined)


def test_a_report_on_no_rows_examined_nothing() -> None:
    one = evidence_of(report(newer("RowCount", 0), newer("DuplicatedRowCount", 0)), "r.json")
    assert [(row.question, row.examined) for row in one.coverage] == [("data_check/duplicate", 0)]


def test_a_suite_before_0_7_lends_the_scores_that_it_tested() -> None:
    tests = [
        {
            "name": "Accuracy Score",
            "description": "The Accuracy Score is 0.56.",
            "status": "FAIL",
            "group": "classification",
            "parameters": {"condition": {"gte": 0.9}, "value": 0.56},
        },
        {
            "name": "Share of Out-of-Range Values",
            "description": "The share of values out of range in the column **Größe** is 0.1.",
            "status": "FAIL",
            "group": "data_quality",
            "parameters": {"value": 0.1},
        },
    ]
    content = json.dumps({"version": "0.4.40", "tests": tests, "summary": {}}).encode()
    score, check = facts_of(content)
    assert isinstance(score, Metric)
    assert (score.name, score.value, score.pointer) == (
        "accuracy",
        0.56,
        "/tests/0/parameters/value",
    )
    assert isinstance(check, DataCheck)
    assert (check.column, check.status) == ("Größe", "fail")


def test_regression_and_ranking_before_0_7_are_read() -> None:
    metrics = [
        {"metric": "RegressionQualityMetric", "result": {"current": {"mean_abs_error": 0.2}}},
        {"metric": "NDCGKMetric", "result": {"k": 3, "current": [0.5], "current_value": 0.44}},
    ]
    content = json.dumps({"version": "0.4.40", "metrics": metrics}).encode()
    found = [
        (one.name, one.dimension, one.value, one.raw_name)
        for one in facts_of(content)
        if isinstance(one, Metric)
    ]
    assert found == [("mae", None, 0.2, "mean_abs_error"), ("ndcg_at_k", "3", 0.44, "NDCGKMetric")]


@pytest.mark.parametrize(
    ("found", "beside", "examined"),
    [
        ('{"count": 0, "share": NaN}', [], 0),
        ('{"count": 0, "share": 0.0}', [], None),
        ('{"count": 10, "share": 0.25}', [], 40),
        ('{"count": 10, "share": 0.9}', [], None),
        ('{"count": 0, "share": 0.0}', [newer("MissingValueCount", {"count": 55}, column="a")], 45),
        ('{"count": 0, "share": 0.0}', [newer("MissingValueCount", 100, column="a")], 0),
        ('{"count": 0, "share": 0.0}', [newer("MissingValueCount", 900, column="a")], None),
        ('{"count": 0, "share": 0.0}', [newer("MissingValueCount", 55, column="b")], None),
    ],
    ids=[
        *("of-no-value", "clean-of-nobody-knows", "by-its-share", "share-that-cannot-be"),
        *("less-the-missing", "all-missing", "more-missing-than-rows", "another-column"),
    ],
)
def test_values_that_are_missing_were_not_held_against_a_range(
    found: str, beside: list[dict[str, object]], examined: int | None
) -> None:
    rows = [newer("OutRangeValueCount", "?", column="a"), newer("RowCount", 100), *beside]
    content = report(*rows).replace(b'"?"', found.encode())
    check = facts_of(content)[0]
    assert isinstance(check, DataCheck)
    assert check.examined == examined
    (row,) = [one for one in evidence_of(content).coverage if one.question == "data_check/range"]
    assert row.examined == (0 if examined == 0 else 1)


def _tests(*statuses: str, of: str) -> list[dict[str, object]]:
    return [{"id": "t", "status": one, "metric_config": {"metric_id": of}} for one in statuses]


@pytest.mark.parametrize(
    ("statuses", "status", "counts"),
    [
        (["SUCCESS"], "pass", (1, 0, 0, 0)),
        (["FAIL", "SUCCESS"], "fail", (1, 1, 0, 0)),
        (["SUCCESS", "WARNING"], "fail", (1, 1, 0, 0)),
        (["SUCCESS", "ERROR", "FAIL"], "error", (0, 0, 1, 0)),
        (["SKIPPED", "SUCCESS"], "skip", (0, 0, 0, 1)),
        (["SUCCESS", "ODD"], None, (None, 0, 0, 0)),
    ],
    ids=["passes", "one-fails", "one-warns", "one-breaks", "one-skipped", "unknown-word"],
)
def test_what_was_tested_is_a_check_and_the_worst_of_its_tests_counts(
    statuses: list[str], status: str | None, counts: tuple[int | None, ...]
) -> None:
    content = report(newer("RowCount", 12), tests=_tests(*statuses, of="RowCount"))
    (check,) = facts_of(content)
    assert isinstance(check, DataCheck)
    assert (check.check, check.family, check.status) == ("row_count", "schema", status)
    (row,) = evidence_of(content).coverage
    assert (row.examined, row.failed, row.errored, row.skipped) == counts


def test_tests_of_one_column_are_told_apart_by_what_they_ask() -> None:
    inner = {"type": "evidently:metric_v2:MeanValue", "column": "Größe"}
    found = facts_of(
        report(
            newer("QuantileValue", 3, column="Größe", quantile=0.5),
            newer("GroupByMetric", 3, metric=inner, column_name="sex", label="f"),
            newer("MaxValue", 3, column="Größe"),
            tests=_tests("FAIL", of="QuantileValue") + _tests("SUCCESS", of="GroupByMetric"),
        )
    )
    assert [(one.check, one.column) for one in found if isinstance(one, DataCheck)] == [
        ("quantile_value[0.5]", "Größe"),
        ("mean_value[sex=f]", "Größe"),
    ]


def test_drift_that_one_of_two_tests_saw_is_drift() -> None:
    metric = newer("ValueDrift", 0.01, column="num", method="ks")
    (fact,) = facts_of(report(metric, tests=_tests("FAIL", "SUCCESS", of="ValueDrift")))
    assert isinstance(fact, Drift)
    assert fact.tool_verdict == "drift"


@pytest.mark.parametrize("status", ["ERROR", "SKIPPED", "FAIL"])
def test_a_test_of_drift_that_broke_off_leaves_the_drift_of_its_suite_open(status: str) -> None:
    tests: list[JsonValue] = [
        {
            "name": "Drift per Column",
            "description": "The drift score for the feature **Alter** is 0.",
            "status": "SUCCESS",
            "group": "data_drift",
            "parameters": {"stattest": "K-S p_value", "score": 0.4, "threshold": 0.05,
                           "detected": False, "column_name": "Alter"},
        },
        {
            "name": "Drift per Column",
            "description": "Test failed with exceptions: 'leer'",
            "status": status,
            "group": "data_drift",
            "parameters": {},
        },
    ]  # fmt: skip
    content = json.dumps({"version": "0.6.7", "tests": tests, "summary": {}}).encode()
    (row,) = evidence_of(content).coverage
    broke = 0 if status == "FAIL" else 1
    assert (row.question, row.examined, row.errored) == ("drift", 1, broke)
    told = [one.code for one in evidence_of(content).envelope.warnings]
    assert told == (["metric-not-read"] if status == "FAIL" else [])
