"""Great Expectations and dbt: how far the data were looked at, and what the tool said of it."""

import json
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.facts import DataCheck, Drift
from assaybook.intake.adapters.check_families import family_of_dbt_test, family_of_expectation
from support.documents import evidence_of, opened, refusal

NOT_NULL = "expect_column_values_to_not_be_null"
BETWEEN = "expect_column_values_to_be_between"


def _expected(kind: str = NOT_NULL, *, success: object = True, **result: Any) -> dict[str, Any]:
    kwargs = {"column": "age", "batch_id": "b"}
    return {
        "success": success,
        "expectation_config": {"type": kind, "kwargs": kwargs},
        "result": result,
        "exception_info": {"raised_exception": False},
    }


def _validation(*results: object, **meta: object) -> dict[str, Any]:
    stated = {"great_expectations_version": "1.2.3", **meta}
    return {"success": True, "results": list(results), "suite_name": "s", "meta": stated}


def _checks(evidence: Evidence) -> list[DataCheck]:
    return [fact for fact in evidence.facts if isinstance(fact, DataCheck)]


def _run(*results: object, **metadata: object) -> dict[str, Any]:
    schema = "https://schemas.getdbt.com/dbt/run-results/v6.json"
    return {"metadata": {"dbt_schema_version": schema, **metadata}, "results": list(results)}


def _test(name: str, status: object = "pass", failures: object = 0) -> dict[str, object]:
    return {"unique_id": f"test.shop.{name}.0a", "status": status, "failures": failures}


def test_a_column_of_nulls_was_not_examined_for_its_range() -> None:
    counts = {"element_count": 50, "missing_count": 50, "unexpected_count": 0}
    (fact,) = _checks(evidence_of(_validation(_expected(BETWEEN, **counts))))
    assert (fact.examined, fact.failed_share, fact.status) == (0, None, "pass")


def test_the_share_of_failures_is_of_the_values_that_were_looked_at() -> None:
    counts = {"element_count": 500, "missing_count": 20, "unexpected_count": 6}
    (fact,) = _checks(evidence_of(_validation(_expected(BETWEEN, success=False, **counts))))
    assert (fact.examined, fact.failed, fact.failed_share) == (480, 6, 0.0125)


def test_a_check_for_nulls_looks_at_every_row() -> None:
    counts = {"element_count": 500, "missing_count": 20, "unexpected_count": 20}
    (fact,) = _checks(evidence_of(_validation(_expected(NOT_NULL, **counts))))
    assert (fact.examined, fact.failed_share, fact.tool_verdict) == (500, 0.04, "success")


@pytest.mark.parametrize("counts", [{}, {"element_count": "many", "unexpected_count": "few"}])
def test_a_result_without_counts_proves_no_share(counts: dict[str, Any]) -> None:
    (fact,) = _checks(evidence_of(_validation(_expected(**counts))))
    assert (fact.examined, fact.failed, fact.failed_share) == (None, None, None)
    assert ("failed" in fact.unknown) == bool(counts)


def test_counts_that_cannot_be_give_no_share() -> None:
    more = {"element_count": 3, "missing_count": 9, "unexpected_count": 8}
    (fact,) = _checks(evidence_of(_validation(_expected(BETWEEN, **more))))
    assert (fact.examined, fact.failed_share) == (None, None)


@pytest.mark.parametrize(
    "info", [{"raised_exception": True}, {"MetricConfigurationID(1)": {"raised_exception": True}}]
)
def test_an_expectation_that_broke_off_is_an_error(info: dict[str, object]) -> None:
    result = _expected(success=False, element_count=5, unexpected_count=5) | {
        "exception_info": info
    }
    evidence = evidence_of(_validation(result))
    (fact,) = _checks(evidence)
    assert (fact.status, fact.examined, fact.failed) == ("error", None, None)
    assert (evidence.coverage[0].examined, evidence.coverage[0].errored) == (0, 1)


def test_an_expectation_that_says_neither_is_not_known_to_have_run() -> None:
    evidence = evidence_of(_validation(_expected(success=None)))
    assert (_checks(evidence)[0].status, evidence.coverage[0].examined) == (None, None)


def test_a_report_of_only_the_failures_does_not_say_what_passed() -> None:
    document = _validation(_expected(success=False, element_count=9, unexpected_count=9))
    document["statistics"] = {"evaluated_expectations": 7}
    evidence = evidence_of(document)
    assert (evidence.coverage[0].examined, evidence.coverage[0].failed) == (None, None)
    assert [one.code for one in evidence.envelope.warnings] == ["results-left-out"]


@pytest.mark.parametrize(
    "said",
    [
        {"success": False},
        {"success": False, "statistics": {"unsuccessful_expectations": 2}},
        {"statistics": {"evaluated_expectations": 2, "unsuccessful_expectations": 1}},
    ],
    ids=["it failed and nothing in it did", "it counts two failures", "one of two is left out"],
)
def test_a_failure_that_is_counted_and_not_listed_keeps_the_list_open(
    said: dict[str, object],
) -> None:
    whole = _validation(_expected(element_count=9, unexpected_count=0))
    assert not evidence_of(whole).envelope.malformed
    envelope = evidence_of(whole | said).envelope
    assert envelope.malformed
    assert "result-not-read" in [one.code for one in envelope.warnings]


@pytest.mark.parametrize(
    "run", [None, {}, "N/A", [], {"validation_result": None}, {"success": True}, {"results": []}]
)
def test_a_run_of_a_checkpoint_that_cannot_be_read_keeps_every_list_open(run: object) -> None:
    sound = _validation(_expected(element_count=9, unexpected_count=0))
    (one,) = opened({"run_results": {"a": sound, "b": run}}).evidence
    assert one.envelope.malformed
    assert [each.pointer for each in one.envelope.warnings] == ["/run_results/b"]
    (one,) = opened({"validation_results": [sound, run]}).evidence
    assert [each.pointer for each in one.envelope.warnings] == ["/validation_results/1"]


def test_a_suite_without_expectations_examined_nothing() -> None:
    (row,) = evidence_of(_validation()).coverage
    assert (row.question, row.examined) == ("data_check", 0)


def test_two_expectations_of_one_kind_and_column_are_told_apart_by_what_they_ask() -> None:
    first, second = _expected(BETWEEN), _expected(BETWEEN)
    second["expectation_config"]["kwargs"]["min_value"] = 3
    names = [[f.check for f in _checks(evidence_of(_validation(*pair)))]
             for pair in ((first, second), (second, first))]  # fmt: skip
    assert len(set(names[0])) == 2
    assert names[0] == names[1][::-1]


@pytest.mark.parametrize(
    ("meta", "when"),
    [
        ({"validation_time": "20220727T154327.625252Z"}, "2022-07-27 15:43:27.625252+00:00"),
        ({"run_id": {"run_time": "2026-11-20T04:00:00+01:00"}}, "2026-11-20 03:00:00+00:00"),
        ({"run_id": "x"}, "None"),
    ],
)
def test_the_time_of_the_run_is_read_in_its_zone(meta: dict[str, object], when: str) -> None:
    envelope = evidence_of(_validation(_expected(), **meta)).envelope
    assert str(envelope.produced_at) == when


@pytest.mark.parametrize(
    "document",
    [
        {"run_results": {"a": _validation(_expected()), "b": _validation(_expected())}},
        {"run_results": {"a": {"validation_result": _validation(_expected())}}},
        {"validation_results": [{"success": True, "expectations": [
            {"expectation_type": NOT_NULL, "success": True, "kwargs": {"batch_id": "src-people"},
             "result": {"element_count": 3, "unexpected_count": 0}}]}]},
    ],
)  # fmt: skip
def test_a_checkpoint_is_read_in_each_of_its_forms(document: dict[str, object]) -> None:
    (evidence,) = opened(document).evidence
    assert {fact.check for fact in _checks(evidence)} == {NOT_NULL}
    places = [fact.pointer for fact in evidence.facts]
    assert all(place.startswith(("/run_results/", "/validation_results/0/")) for place in places)


def test_each_suite_and_asset_of_a_checkpoint_is_a_source_of_its_own() -> None:
    assets = [{"active_batch_definition": {"data_asset_name": name}} for name in ("a", "b")]
    runs = {str(i): _validation(_expected(), **meta) for i, meta in enumerate(assets)}
    found = opened({"run_results": runs}).evidence
    assert [one.envelope.scope.job for one in found] == ["s/a", "s/b"]


def test_no_value_of_the_data_is_kept() -> None:
    name = "ann@example.org"
    result = _expected(
        success=False,
        element_count=1,
        unexpected_count=1,
        partial_unexpected_list=[name],
        partial_unexpected_counts=[{"value": name, "count": 1}],
        unexpected_index_list=[{"email": name}],
        observed_value=[name],
        details={"value_counts": [{"value": name}]},
    )
    result["exception_info"] = {"M": {"exception_message": name, "raised_exception": False}}
    for document in (_validation(result), {"run_results": {"a": _validation(result)}}):
        found = opened(document)
        assert name not in found.kept.decode() + found.evidence[0].model_dump_json()
        assert found.evidence[0].envelope.redactions


@pytest.mark.parametrize(
    ("kind", "observed", "statistic", "value"),
    [
        ("expect_column_kl_divergence_to_be_less_than", 0.25, "distance", 0.25),
        ("expect_column_kl_divergence_to_be_less_than", -1, "distance", None),
        ("expect_column_chisquare_test_p_value_to_be_greater_than", 1.5, "p_value", None),
        ("expect_column_chisquare_test_p_value_to_be_greater_than", float("nan"), "p_value", None),
    ],
)
def test_a_distribution_is_drift_with_its_statistic(
    kind: str, observed: float, statistic: str, value: float | None
) -> None:
    evidence = evidence_of(_validation(_expected(kind, success=False, observed_value=observed)))
    (fact,) = evidence.facts
    assert isinstance(fact, Drift)
    assert (fact.statistic, fact.value, fact.tool_verdict) == (statistic, value, "drift")
    assert evidence.coverage[0].errored == int(value is None)


def test_a_validation_of_a_later_version_is_named_as_not_read() -> None:
    error = refusal(_validation(_expected(), great_expectations_version="2.0.0"))
    assert (error.code, "2" in error.message) == ("format-not-supported", True)


def test_a_result_that_names_no_expectation_is_refused_at_its_place() -> None:
    error = refusal(_validation(_expected(), {"success": True}))
    assert (error.code, error.where) == ("document-breaks-format", "report.json#/results/1")


def test_success_with_results_of_another_tool_is_no_validation() -> None:
    assert refusal({"success": True, "results": [{"name": "x"}]}).code == "format-unknown"
    declared = refusal({"success": True}, as_format="great-expectations")
    assert declared.code == "format-contradicted"


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("not_null_people_age", "null"),
        ("source_not_null_people_age", "null"),
        ("unique_people_id", "unique"),
        ("dbt_utils_unique_combination_of_columns_people_a__b", "duplicate"),
        ("accepted_values_people_country__DE", "range"),
        ("dbt_expectations_expect_column_values_to_be_between_x", "range"),
        ("dbt_expectations_expect_compound_columns_to_be_unique_x", "duplicate"),
        ("dbt_expectations_expect_something_new_x", None),
        ("uniqueness_of_spirit", None),
        ("house_rule", None),
    ],
)
def test_a_dbt_test_belongs_to_the_family_of_its_kind(name: str, family: str | None) -> None:
    assert family_of_dbt_test(name) == family
    assert family_of_expectation("expect_column_to_exist") == "schema"


def test_only_tests_of_data_are_data_checks() -> None:
    others = [{"unique_id": f"{kind}.shop.x", "status": "success"} for kind in ("model", "seed")]
    unit = {"unique_id": "unit_test.shop.x.y", "status": "pass"}
    evidence = evidence_of(_run(*others, unit))
    assert (evidence.facts, evidence.coverage) == ((), ())
    assert evidence.envelope.warnings[0].code == "no-tests"


@pytest.mark.parametrize(
    ("status", "read"),
    [("pass", "pass"), ("fail", "fail"), ("warn", "fail"), ("error", "error"),
     ("runtime error", "error"), ("skipped", "skip"), ("odd", None), (3, None)],
)  # fmt: skip
def test_a_test_that_only_warns_has_failed(status: object, read: str | None) -> None:
    evidence = evidence_of(_run(_test("not_null_people_age", status, None)))
    (fact,) = _checks(evidence)
    assert (fact.status, fact.examined, fact.column) == (read, None, None)
    assert fact.tool_verdict == (status if isinstance(status, str) else None)


def test_what_dbt_skipped_is_named() -> None:
    (row,) = evidence_of(_run(_test("unique_a", "skipped", None), _test("unique_b"))).coverage
    assert (row.examined, row.skipped, row.skipped_items) == (1, 1, ("test.shop.unique_a.0a",))


def test_a_count_that_is_none_is_marked() -> None:
    (fact,) = _checks(evidence_of(_run(_test("unique_a", "fail", "many"))))
    assert (fact.failed, fact.unknown) == (None, {"failed": "malformed"})


def test_a_run_of_a_part_is_another_source_than_a_run_of_all() -> None:
    jobs = [evidence_of({**_run(_test("a")), "args": args}).envelope.scope.job
            for args in ({"which": "test"}, {"which": "test", "select": ["b", "a"]})]  # fmt: skip
    assert jobs == ["shop/test", "shop/test/select=a b"]


def test_other_artefacts_of_dbt_and_broken_ones_are_refused() -> None:
    document = _run(_test("a"))
    schema = json.loads(json.dumps(document).replace("run-results", "manifest"))
    assert refusal(schema).code == "format-unknown"
    later = json.loads(json.dumps(document).replace("v6", "v1"))
    assert refusal(later).code == "format-not-supported"
    assert refusal({**document, "results": {}}).where == "report.json#/results"
    assert refusal(_run({"status": "pass"})).where == "report.json#/results/0"
    assert [one.code for one in evidence_of(_run(_test("a"), generated_at="2026-11-20T04:00:00"))
            .envelope.warnings] == ["time-without-zone"]  # fmt: skip


def _sources(*results: dict[str, Any], kind: str = "sources/v3", **more: object) -> dict[str, Any]:
    schema = f"https://schemas.getdbt.com/dbt/{kind}.json"
    return {"metadata": {"dbt_schema_version": schema, **more}, "results": list(results)}


def test_a_source_that_is_too_old_fails_be_it_that_dbt_only_warns() -> None:
    ends = ("pass", "warn", "error", "runtime error", None)
    rows = [{"unique_id": f"source.shop.raw.{n}", "status": one} for n, one in enumerate(ends)]
    one = evidence_of(_sources(*rows))
    assert [
        (fact.status, fact.tool_verdict) for fact in one.facts if isinstance(fact, DataCheck)
    ] == [
        ("pass", "pass"),
        ("fail", "warn"),
        ("fail", "error"),
        ("error", "runtime error"),
        (None, None),
    ]
    assert one.envelope.scope.job == "shop/source freshness"
    assert [(row.failed, row.errored) for row in one.coverage] == [(2, 1)]


@pytest.mark.parametrize("kind", ["sources/v3", "freshness/v0"])
def test_sources_that_dbt_could_not_query_are_not_in_its_file_so_nobody_knows_of_errors(
    kind: str,
) -> None:
    row = {"unique_id": "source.shop.raw.a", "status": "Pass"}
    (told,) = evidence_of(_sources(row, kind=kind)).coverage
    (nothing,) = evidence_of(_sources(kind=kind)).coverage
    assert (told.examined, told.failed, told.errored) == (1, 0, None)
    assert (nothing.examined, nothing.failed, nothing.errored) == (0, 0, None)


def test_broken_results_of_freshness_are_refused_where_they_are_broken() -> None:
    assert refusal({**_sources(), "results": {}}).where == "report.json#/results"
    assert refusal(_sources({"status": "pass"})).where == "report.json#/results/0"
    assert refusal(_sources(kind="sources/v9")).code == "format-not-supported"
    late = evidence_of(_sources(generated_at="2026-11-20T04:00:00"))
    assert [one.code for one in late.envelope.warnings] == ["time-without-zone"]
