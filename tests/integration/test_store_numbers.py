"""Entries about one system are numbered without a gap, on either database."""

from contextlib import suppress

import pytest
from sqlalchemy import Engine, text

from assaybook.domain.errors import OperatorError
from assaybook.service.ledger_audit import audit
from assaybook.store.journal import Entry, entries_after, entries_of
from assaybook.store.unit_of_work import Reading
from support.evidence import a_document, a_metric
from support.stores import SteadyClock, a_work, registered, submitted


def _entry(system: str, ref: str) -> Entry:
    return Entry("sign-off", ref, "sha256:0", "ann", "seen", system=system)


def _numbers(engine: Engine) -> list[tuple[str | None, int | None]]:
    with Reading(engine) as reading:
        found = entries_after(reading.connection, 0, limit=99)
        return [(one.system, one.number) for one in found]


def test_each_system_has_numbers_of_its_own(engine: Engine, clock: SteadyClock) -> None:
    with a_work(engine, clock) as work:
        work.record((_entry("s", "1"), _entry("t", "1"), _entry("s", "2"), _entry("", "1")))
    with a_work(engine, clock) as work:
        work.record((_entry("t", "2"),))
    assert _numbers(engine) == [("s", 1), ("t", 1), ("s", 2), (None, None), ("t", 2)]
    with Reading(engine) as reading:
        assert [one.ref for one in entries_of(reading.connection, "t", size=5)] == ["1", "2"]
        assert [one.ref for one in entries_of(reading.connection, "t", size=4)] == ["1"]


def test_a_part_that_is_undone_takes_its_numbers_back(engine: Engine, clock: SteadyClock) -> None:
    with a_work(engine, clock) as work:
        work.record((_entry("s", "1"),))
        with suppress(KeyError), work.part():
            work.record((_entry("s", "lost"),))
            raise KeyError
        work.record((_entry("s", "2"),))
    assert _numbers(engine) == [("s", 1), ("s", 2)]


def test_a_number_is_given_once(engine: Engine, clock: SteadyClock) -> None:
    with a_work(engine, clock) as work:
        work.record((_entry("s", "1"),))
    again = (
        "INSERT INTO entries (seq, kind, ref, digest, at, body, system, number) "
        "SELECT 2, kind, ref, digest, at, body, system, number FROM entries"
    )
    with pytest.raises(OperatorError), a_work(engine, clock) as work:
        work.connection.execute(text(again))


def test_what_is_submitted_is_about_its_system_and_release(
    engine: Engine, clock: SteadyClock
) -> None:
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    assert _numbers(engine) == [("s", 1), ("s", 2), ("s", 3)]
    with Reading(engine) as reading:
        (last,) = list(entries_after(reading.connection, 2, limit=1))
        assert '"release":"1","system":"s","version":2' in last.body
        assert audit(reading).faults == ()
