"""Values as findings show them: plain JSON, nothing lost silently."""

from datetime import UTC, datetime, timedelta

import pytest

from assaybook.domain.reasons import Reason
from assaybook.domain.values import (
    Bag,
    Conflict,
    Member,
    Row,
    SizeRange,
    Value,
    plain_list,
    unknown,
)
from assaybook.evaluation.shown import shown, shown_value, words_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (3, 3),
        (0.5, 0.5),
        ("text", "text"),
        (None, None),
        (unknown("null"), None),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"),
        (timedelta(hours=12), "12 h"),
        (Row("metric", "recall[?]", {}), "recall[?]"),
        (Conflict((0.5, 0.9)), {"conflict": [0.5, 0.9]}),
        (SizeRange(1, None), {"at_least": 1, "at_most": None}),
        (plain_list(["a", None]), ["a", None]),
        (Bag((Member("a", unknown("null")),)), ["a"]),
        ({"a": 1, 2: timedelta(0)}, {"a": 1, "2": "0 s"}),
    ],
)
def test_a_value_is_shown_as_json(value: Value, expected: object) -> None:
    assert shown_value(value) == expected


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=90), "90 days"),
        (timedelta(hours=36), "36 h"),
        (timedelta(minutes=90), "90 min"),
        (timedelta(seconds=30), "30 s"),
        (timedelta(days=3, seconds=1), "3.0 days"),
        (timedelta(milliseconds=1500), "1.5 s"),
        (timedelta(0), "0 s"),
    ],
)
def test_a_length_of_time_is_said_in_the_largest_unit_that_divides_it(
    length: timedelta, words: str
) -> None:
    assert words_of(length) == words


def test_a_reason_keeps_code_path_and_sentence() -> None:
    told = shown(Reason("stale", "recall", "91 days old"))
    assert (told.code, told.path, told.message) == ("stale", "recall", "91 days old")
