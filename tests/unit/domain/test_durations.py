from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.durations import duration_words, read_duration
from assaybook.domain.values import Unknown
from assaybook.evaluation import functions_time


@pytest.mark.parametrize(
    ("text", "length", "words"),
    [
        ("90d", timedelta(days=90), "90 days"),
        ("2w", timedelta(days=14), "14 days"),
        ("1h30m", timedelta(minutes=90), "1 hour and 30 minutes"),
        ("1d1h1m1s", timedelta(days=1, seconds=3_661), "1 day, 1 hour, 1 minute and 1 second"),
        ("-1.5s", timedelta(seconds=-1.5), "minus 1.5 seconds"),
        (".5s", timedelta(seconds=0.5), "0.5 seconds"),
        ("+3ms", timedelta(milliseconds=3), "0.003 seconds"),
        ("2us", timedelta(microseconds=2), "0.000002 seconds"),
        ("0", timedelta(), "0 seconds"),
        ("-0", timedelta(), "0 seconds"),
    ],
)
def test_a_length_of_time_is_read_and_said(text: str, length: timedelta, words: str) -> None:
    assert read_duration(text) == length
    assert duration_words(length) == words


@pytest.mark.parametrize(
    "text", ["", "-", "90", "d", "90x", "1h 30m", "1h-1m", "1ns", "1.2.3s", "300000d", "9" * 300]
)
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no length of time|finer|beyond"):
        read_duration(text)


@given(st.from_regex(r"[-+]?([0-9]{1,6}(\.[0-9]{1,3})?(ns|us|ms|s|m|h|d|w)){0,3}", fullmatch=True))
def test_the_checker_reads_what_the_evaluation_reads(text: str) -> None:
    told = functions_time.read_duration(text)
    if isinstance(told, Unknown):
        with pytest.raises(ValueError, match=r"no length of time|finer|beyond"):
            read_duration(text)
    else:
        assert read_duration(text) == told
