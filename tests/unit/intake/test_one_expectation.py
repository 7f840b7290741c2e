"""Great Expectations: the result of one expectation, and checks that saw no value."""

from typing import Any

import pytest

from assaybook.domain.facts import DataCheck
from support.documents import evidence_of, opened, refusal


def result(kind: str = "type", **more: Any) -> dict[str, Any]:
    counts = {
        "element_count": 100,
        "unexpected_count": 20,
        "partial_unexpected_list": ["ann@x.org"],
    }
    asked = {"column": "mail", "batch_id": "pd-kunden"}
    config = {kind: "expect_column_values_to_not_be_null", "kwargs": asked}
    return {"success": False, "expectation_config": config, "result": counts, "meta": {}, **more}


@pytest.mark.parametrize(("kind", "version"), [("type", "1"), ("expectation_type", "0")])
def test_the_result_of_one_expectation_is_read_like_one_of_many(kind: str, version: str) -> None:
    one = evidence_of(result(kind))
    assert one.envelope.format_version == version
    assert one.envelope.scope.job == "pd-kunden"
    (fact,) = one.facts
    assert isinstance(fact, DataCheck)
    assert (fact.pointer, fact.column, fact.examined, fact.failed) == ("", "mail", 100, 20)
    assert (fact.status, fact.failed_share) == ("fail", 0.2)
    assert [(row.question, row.examined, row.failed) for row in one.coverage] == [
        ("data_check/null", 1, 1)
    ]


def test_values_in_the_result_of_one_expectation_are_removed() -> None:
    assert b"ann@x.org" not in opened(result()).kept


def test_an_expectation_without_a_result_is_none() -> None:
    content = result()
    del content["result"]
    assert refusal(content).code == "format-unknown"


def test_a_check_that_passed_over_no_value_examined_nothing() -> None:
    seen = result(success=True, result={"element_count": 5, "unexpected_count": 0})
    none = result(success=True, result={"element_count": 0, "unexpected_count": 0})
    none["expectation_config"]["kwargs"] = {"column": "other"}
    one = evidence_of({"success": True, "results": [seen, none], "meta": {}})
    assert [(row.examined, row.passed, row.failed) for row in one.coverage] == [(1, 1, 0)]
