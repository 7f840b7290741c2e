"""The ends of a period, as a person writes them."""

from datetime import timedelta

import pytest

from assaybook.cli.pack_period import span_of
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import written
from assaybook.settings import now


def test_a_period_that_has_not_ended_says_which_end_it_may_have() -> None:
    today = now().date()
    with pytest.raises(UsageError) as refused:
        span_of("2026-01-01", str(today), None)
    assert (refused.value.code, refused.value.where) == ("as-of-in-the-future", "--to")
    assert f"--to {today - timedelta(days=1)}" in refused.value.hint


def test_a_day_is_whole_and_an_instant_is_itself() -> None:
    found = span_of("2026-01-01", "2026-01-31", None)
    assert found is not None
    assert (written(found.since), written(found.until)) == (
        "2026-01-01T00:00:00Z",
        "2026-02-01T00:00:00Z",
    )
    assert span_of(None, None, None) is None


def test_half_a_period_is_none() -> None:
    with pytest.raises(UsageError, match="both ends"):
        span_of("2026-01-01", None, None)


@pytest.mark.parametrize(
    ("written_as", "hint"),
    [
        ("01.06.2026", 'Write "2026-06-01T00:00:00Z".'),
        ("2026-02-30", "There is no such day."),
        ("2026-W01-1", "Write it like 2026-11-20T00:00:00Z."),
    ],
)
def test_a_day_in_another_form_is_quoted_as_it_was_written(written_as: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        span_of(written_as, "2026-01-31", None)
    assert refused.value.message.startswith(f"'{written_as}' is no instant")
    assert (refused.value.where, refused.value.hint) == ("--from", hint)
