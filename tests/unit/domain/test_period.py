"""A release over a period: what is read back of one is a period, whole and unambiguous."""

import json

import pytest
from pydantic import ValidationError

from assaybook.domain.period import Interval

_SAID = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z", "standing": "met"}


def test_an_interval_is_read_back_as_it_was_written() -> None:
    read = Interval.model_validate_json(json.dumps(_SAID))
    assert read.allowed == ""
    assert Interval.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("standing", "fine", id="a standing that there is none of"),
        pytest.param("until", "2026-02-01T00:00:00", id="an end in no time zone"),
        pytest.param("until", None, id="no end"),
        pytest.param("forgiven", "by the owner", id="a word that nobody reads"),
    ],
)
def test_an_interval_that_says_something_else_is_refused(name: str, value: str | None) -> None:
    with pytest.raises(ValidationError) as caught:
        Interval.model_validate_json(json.dumps({**_SAID, name: value}))
    assert caught.value.errors()[0]["loc"] == (name,)
