"""Whoever writes a day in another way is told how an instant is written, and never another day."""

import pytest

from assaybook.language.instants import meant_instant


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        pytest.param("2027-01-01", 'Write "2027-01-01T00:00:00Z".', id="a day"),
        pytest.param("2027-1-1", 'Write "2027-01-01T00:00:00Z".', id="without zeros"),
        pytest.param("31.12.2027", 'Write "2027-12-31T00:00:00Z".', id="with dots"),
        pytest.param("2027-02-30", "There is no such day.", id="no day"),
        pytest.param("31.13.2027", "There is no such day.", id="no month"),
        pytest.param("", "", id="nothing"),
        pytest.param("never", "", id="a word"),
        pytest.param("2027-01-01 or so", "", id="a day and words"),
    ],
)
def test_a_day_is_shown_as_an_instant(written: str, hint: str) -> None:
    assert meant_instant(written) == hint


@pytest.mark.parametrize("written", ["12/31/2027", "03/04/2027", "03-04-2027", "2027/03/04"])
def test_of_two_numbers_nobody_guesses_which_is_the_month(written: str) -> None:
    assert meant_instant(written).startswith("Write the year, the month and the day in this order")


@pytest.mark.parametrize(
    "written", ["2027-01-01T10:00", "2027-01-01 10:00", "2027-01-01T10:00:00.5"]
)
def test_a_time_without_a_zone_is_not_taken_for_utc(written: str) -> None:
    time = written[11:]
    assert meant_instant(written) == (
        f'Write "2027-01-01T{time}Z" if that is UTC, or its distance from it: +01:00.'
    )
