"""Values in and out of JSON."""

import json
from datetime import timedelta

import pytest
from pydantic import JsonValue

from assaybook.domain.values import Conflict, SizeRange, Unknown, Value, unknown
from assaybook.evaluation.budget import DEEPEST
from assaybook.evaluation.typed_json import answer, from_json, read_typed, typed
from support.expressions import AS_OF, a_list, a_row, codes

PAIRS: list[JsonValue] = [
    ["int", 1],
    ["double", "0.5"],
    ["double", "-0.0"],
    ["string", "\ud800"],
    ["bool", True],
    ["null", None],
    ["timestamp", "2026-11-21T00:00:00Z"],
    ["duration", "5400s"],
    ["list", [["int", 1], ["list", []]]],
    ["map", [[["string", "a"], ["int", 1]], [["int", 1], ["null", None]]]],
]


@pytest.mark.parametrize("pair", PAIRS)
def test_a_typed_pair_is_printed_as_it_was_read(pair: list[JsonValue]) -> None:
    assert typed(read_typed(pair)) == pair
    json.dumps(answer(read_typed(pair)))


def test_numbers_may_be_written_as_text_or_as_numbers() -> None:
    assert read_typed(["int", "12"]) == 12
    assert read_typed(["double", 2]) == 2.0


NO_PAIRS: list[tuple[JsonValue, str]] = [
    (None, "conversion"),
    ("ab", "conversion"),
    ([1, 2], "conversion"),
    (["int"], "conversion"),
    (["uint", 1], "conversion"),
    (["int", 1.5], "conversion"),
    (["int", True], "conversion"),
    (["int", 2**63], "overflow"),
    (["double", None], "conversion"),
    (["double", "NaN"], "conversion"),
    (["bool", 1], "conversion"),
    (["string", 1], "conversion"),
    (["timestamp", 1], "conversion"),
    (["duration", "soon"], "conversion"),
    (["map", {}], "conversion"),
    (["map", [[1]]], "conversion"),
    (["map", [[["string", "a"], ["int", 1]], [["string", "a"], ["int", 2]]]], "duplicate_key"),
    (["list", 1], "conversion"),
]


@pytest.mark.parametrize(("pair", "code"), NO_PAIRS)
def test_what_is_no_typed_pair_is_an_error_and_no_value(pair: JsonValue, code: str) -> None:
    assert codes(read_typed(pair)) == [f"error:{code}"]


def test_plain_json_becomes_values() -> None:
    value = from_json({"a": [1, 2.5, None, "x", True]})
    assert isinstance(value, dict)
    assert typed(value) == read_back(value)
    assert codes(from_json(2**63)) == ["error:overflow"]
    assert codes(from_json(float("nan"))) == ["error:nan"]


def read_back(value: Value) -> object:
    return typed(read_typed(typed(value)))


def test_nesting_has_an_end() -> None:
    pair: JsonValue = ["int", 1]
    plain: JsonValue = 1
    value: Value = 1
    for _ in range(DEEPEST + 2):
        pair, plain, value = ["list", [pair]], [plain], a_list(value)
    for found in (typed(read_typed(pair)), typed(from_json(plain)), typed(value)):
        assert isinstance(found, Unknown)
        assert codes(found) == ["error:budget"]


def test_a_value_shared_many_times_is_not_printed_without_end() -> None:
    value: Value = 1
    for _ in range(40):
        value = a_list(value, value)
    assert codes(found) == ["error:budget"] if isinstance(found := typed(value), Unknown) else False


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (unknown("stale", "x"), {"unknown": {"reason": "stale", "path": "x"}}),
        (unknown("error:nan", "", "m"), {"error": {"code": "nan", "message": "m"}}),
        (Conflict((1, 2), "x"), {"unknown": {"reason": "conflict", "path": "x"}}),
        (
            SizeRange(1, None, unknown("errored", "r").reasons),
            {"unknown": {"reason": "errored", "path": "r"}},
        ),
        (a_list(1, ghost="errored"), {"unknown": {"reason": "errored", "path": "recall"}}),
        (a_list(unknown("null", "n")), {"unknown": {"reason": "null", "path": "n"}}),
        ({"a": unknown("null", "n")}, {"unknown": {"reason": "null", "path": "n"}}),
        (Unknown(()), {"unknown": {"reason": "missing", "path": ""}}),
        (AS_OF, {"value": ["timestamp", "2026-11-21T00:00:00Z"]}),
        (timedelta(days=1), {"value": ["duration", "86400s"]}),
    ],
)
def test_an_answer_is_a_value_an_unknown_or_an_error(value: Value, printed: object) -> None:
    assert answer(value) == printed


def test_a_row_is_no_json_value() -> None:
    found = answer(a_row(value=1))
    assert found["error"] == {"code": "no_overload", "message": "printing is not defined for row"}
