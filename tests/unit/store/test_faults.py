"""What a database says becomes a code, a place, a reason and a remedy of ours."""

import sqlite3

import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from assaybook.domain.errors import OperatorError
from assaybook.store import engine
from assaybook.store.columns import InstantColumn
from assaybook.store.engine import open_engine
from assaybook.store.faults import place_of, spoken_fault
from support.evidence import AS_OF

URL = make_url("postgresql+psycopg://ann:secret@server/assay")


class _ServerError(Exception):
    """What a driver of PostgreSQL raises."""

    def __init__(self, state: str | None, words: str = "") -> None:
        super().__init__(words)
        self.sqlstate = state


def _file_error(name: str, words: str = "") -> sqlite3.Error:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        pytest.param(_file_error("SQLITE_BUSY_SNAPSHOT"), "database-locked", id="busy"),
        pytest.param(_file_error("SQLITE_READONLY_DBMOVED"), "database-read-only", id="moved"),
        pytest.param(_file_error("SQLITE_FULL"), "database-full", id="full"),
        pytest.param(_file_error("SQLITE_CANTOPEN"), "database-missing", id="cannot open"),
        pytest.param(_file_error("SQLITE_CORRUPT_INDEX"), "database-damaged", id="corrupt"),
        pytest.param(
            _file_error("SQLITE_ERROR", "no such table: x"), "database-not-ready", id="no table"
        ),
        pytest.param(_file_error("SQLITE_INTERRUPT"), "database-failed", id="anything else"),
        pytest.param(_ServerError("55P03"), "database-locked", id="lock timeout"),
        pytest.param(_ServerError("53100"), "database-full", id="disk full"),
        pytest.param(_ServerError("25006"), "database-read-only", id="read only"),
        pytest.param(_ServerError("42501"), "database-refused", id="no right"),
        pytest.param(_ServerError("28P01"), "database-refused", id="wrong password"),
        pytest.param(_ServerError("57P01"), "database-unreachable", id="shut down"),
        pytest.param(_ServerError("XX001"), "database-damaged", id="corrupted"),
        pytest.param(_ServerError("99999"), "database-failed", id="another state"),
        pytest.param(
            _ServerError(None, "password authentication failed"), "database-refused", id="door"
        ),
        pytest.param(
            _ServerError(None, 'database "x" does not exist'), "database-missing", id="no such"
        ),
        pytest.param(_ServerError(None), "database-failed", id="no words at all"),
        pytest.param(
            type("OperationalError", (Exception,), {})(), "database-unreachable", id="no answer"
        ),
    ],
)
def test_each_fault_has_its_code_and_a_remedy(cause: BaseException, code: str) -> None:
    found = spoken_fault(OperationalError("SELECT 1", {}, cause), URL)
    assert found.code == code
    assert found.hint
    assert "secret" not in f"{found}{found.hint}"


def test_an_unknown_fault_is_told_in_its_own_first_line() -> None:
    error = ProgrammingError("SELECT 1", {}, _ServerError("22000", "odd\nCONTEXT: more"))
    assert spoken_fault(error, URL).message == "the database failed: odd"
    assert spoken_fault(ArgumentError("bad"), URL).message == "the database failed: bad"


def test_a_password_is_never_part_of_a_place() -> None:
    assert place_of(URL) == "postgresql+psycopg://ann:***@server/assay"
    assert place_of(make_url("sqlite:///a.db")) == "a.db"
    assert place_of(make_url("sqlite://")) == "memory"


def test_a_server_needs_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: object, **_options: object) -> None:
        raise ModuleNotFoundError

    monkeypatch.setattr(engine, "create_engine", missing)
    with pytest.raises(OperatorError) as caught:
        open_engine("postgresql://ann@server/assay")
    assert caught.value.code == "database-driver-missing"
    assert "assaybook[postgres]" in caught.value.hint


def test_an_instant_without_a_time_zone_is_never_written() -> None:
    column, dialect = InstantColumn(), sqlite.dialect()
    with pytest.raises(ValueError, match="time zone"):
        column.process_bind_param(AS_OF.replace(tzinfo=None), dialect)
    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None
    assert column.process_result_value(AS_OF.replace(tzinfo=None), dialect) == AS_OF
