"""Identifiers, digests and instants are checked where they enter."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from assaybook.domain.errors import AssayError, AuthorError, UsageError
from assaybook.domain.ids import (
    Digest,
    Instant,
    PolicyId,
    SystemId,
    read_instant,
    same_person,
    written,
)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (PolicyId, "fairness.slice-floor", "Fairness.floor"),
        (PolicyId, "a.b.c", "a"),
        (SystemId, "triage_1.x", "../x"),
        (Digest, "sha256:00ff", "00ff"),
        (Digest, "mlflow:12345678", "sha256:"),
    ],
)
def test_an_identifier_is_what_it_says_or_refused(kind: Any, good: str, bad: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    assert adapter.validate_python(good) == good
    with pytest.raises(ValidationError):
        adapter.validate_python(bad)


def test_an_instant_has_a_zone_and_is_kept_in_utc() -> None:
    adapter: TypeAdapter[datetime] = TypeAdapter(Instant)
    east = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    kept = adapter.validate_python(east)
    assert (kept, kept.tzinfo) == (datetime(2026, 1, 1, tzinfo=UTC), UTC)
    assert written(east) == "2026-01-01T00:00:00Z"
    assert written(east + timedelta(microseconds=5)) == "2026-01-01T00:00:00.000005Z"
    with pytest.raises(ValidationError):
        adapter.validate_python(datetime(2026, 1, 1))  # noqa: DTZ001 - it is what is refused


def test_a_person_is_the_same_in_any_case_and_spacing() -> None:
    assert same_person("ada", " Ada ")
    assert not same_person("ada", "adam")
    assert not same_person("ada", None)


def test_an_error_says_where_and_why() -> None:
    error = AuthorError("code", "the reason", where="file:3", hint="do this")
    assert (str(error), error.hint) == ("file:3: the reason", "do this")
    assert str(AssayError("code", "the reason")) == "the reason"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_an_instant_off_the_calendar_in_utc_is_refused_like_any_other(text: str) -> None:
    adapter: TypeAdapter[datetime] = TypeAdapter(Instant)
    with pytest.raises(ValidationError):
        adapter.validate_json(f'"{text}"')


@pytest.mark.parametrize("said", ['"2026"', '"20261121"', '"1763700000"', "2026", "0.5", "true"])
def test_a_number_is_no_instant_however_it_is_written(said: str) -> None:
    adapter: TypeAdapter[datetime] = TypeAdapter(Instant)
    with pytest.raises(ValidationError, match="such as 2026-11-21T09:30:00Z"):
        adapter.validate_json(said)


def test_an_instant_that_somebody_gives_is_kept_in_utc() -> None:
    there = datetime(2026, 11, 20, 2, tzinfo=timezone(timedelta(hours=2)))
    assert read_instant(there, "as_of") == read_instant("2026-11-20T00:00:00Z", "as_of")
    assert read_instant(there, "as_of").tzinfo is UTC


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("2026-11-20T00:00:00", id="text without a zone"),
        pytest.param(datetime(2026, 11, 20), id="a time without a zone"),  # noqa: DTZ001 - the point
        pytest.param("yesterday", id="a word"),
        pytest.param("0001-01-01T00:00:00+14:00", id="before the year 1 in UTC"),
    ],
)
def test_an_instant_without_a_zone_or_outside_of_time_is_refused(said: datetime | str) -> None:
    with pytest.raises(UsageError) as caught:
        read_instant(said, "as_of")
    assert (caught.value.code, caught.value.where) == ("instant-invalid", "as_of")
