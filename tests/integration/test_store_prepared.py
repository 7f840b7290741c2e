"""Statements that are written out once do what SQLAlchemy does, errors included."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, select, text
from sqlmodel import col

from assaybook.domain.errors import OperatorError
from assaybook.store.engine import READS, is_sqlite
from assaybook.store.prepared import Query, add_rows, one_of, rows_found
from assaybook.store.tables import BlobRow, EntryRow
from assaybook.store.unit_of_work import Reading
from support.stores import SteadyClock, a_work, registered

ODD = ("it's", 'a "quote"', "ünïcödé", "", "a,b", "[]")


def _kept(kind: str) -> Query:
    digest = col(BlobRow.digest)
    return select(digest, col(BlobRow.content)).where(digest.in_(one_of(kind))).order_by(digest)


def _instants(_kind: str) -> Query:
    return select(col(EntryRow.at)).order_by(col(EntryRow.seq)).limit(1)


def _row(digest: str) -> dict[str, Any]:
    return {"digest": digest, "size": 1, "kept_digest": digest, "content": b"\x00\xff"}


def test_rows_come_back_as_they_were_written_and_lists_hold_any_text(engine: Engine) -> None:
    with a_work(engine) as work:
        add_rows(work.connection, BlobRow, [])
        add_rows(work.connection, BlobRow, [_row(one) for one in ODD])
    with Reading(engine) as reading:
        found = rows_found(reading.connection, _kept, some=set(ODD[:3]) | {"none such"})
        nothing = rows_found(reading.connection, _kept, some=())
    assert {name: bytes(content) for name, content in found} == dict.fromkeys(ODD[:3], b"\x00\xff")
    assert nothing == []


def test_instants_come_back_in_utc(engine: Engine, clock: SteadyClock) -> None:
    registered(engine, clock)
    with Reading(engine) as reading:
        ((at,),) = rows_found(reading.connection, _instants)
    assert at.tzinfo is UTC


def _refused(engine: Engine, write: Callable[[Connection], object]) -> str:
    with pytest.raises(OperatorError) as refused, a_work(engine) as work:
        write(work.connection)
    return refused.value.code


def test_what_the_database_refuses_is_told_as_if_sqlalchemy_had_asked(engine: Engine) -> None:
    twice = [_row("a"), _row("a")]
    quick = _refused(engine, lambda open_one: add_rows(open_one, BlobRow, twice))
    assert quick == _refused(engine, lambda open_one: open_one.execute(insert(BlobRow), twice))
    with Reading(engine) as reading:
        assert rows_found(reading.connection, _kept, some=["a"]) == []


def test_a_connection_that_is_gone_is_told_and_the_next_one_works(engine: Engine) -> None:
    if is_sqlite(engine):
        return  # a file has no connection that could be cut

    def cut_off(mine: Connection) -> object:
        pid = mine.execute(text("SELECT pg_backend_pid()")).scalar()
        with engine.connect().execution_options(**{READS: True}) as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        return rows_found(mine, _kept, some=["a"])

    assert _refused(engine, cut_off) == "database-unreachable"
    with Reading(engine) as reading:
        assert rows_found(reading.connection, _kept, some=["a"]) == []
