from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.language.durations import (
    LONGEST,
    read_duration,
    written_duration,
)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90d", timedelta(days=90)),
        ("12h", timedelta(hours=12)),
        ("2w", timedelta(weeks=2)),
        ("30m", timedelta(minutes=30)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("1w1d1h1m1s", timedelta(days=8, hours=1, minutes=1, seconds=1)),
        ("36500d", LONGEST),
    ],
)
def test_a_duration_says_its_units(text: str, length: timedelta) -> None:
    assert read_duration(text) == length


@pytest.mark.parametrize(
    "text",
    [
        *("", "90", "d", "0d", "0w0d", "1.5d", "-1d", "1 d", "12h1d", "1y", "36501d"),
        *("9" * 30 + "d", "1" * 61, "٣d"),
    ],
)
def test_what_has_no_unit_no_length_or_no_end_is_no_duration(text: str) -> None:
    assert read_duration(text) is None


@given(st.integers(1, int(LONGEST.total_seconds())))
def test_a_written_duration_is_read_as_what_it_was(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert read_duration(written_duration(length)) == length


def test_no_length_at_all_is_written_as_such() -> None:
    assert written_duration(timedelta(0)) == "0s"
