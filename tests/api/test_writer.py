"""The one writer: what it answers is on the disk, and one caller's error is nobody else's."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assaybook.domain.errors import AssayError, OperatorError, UsageError
from assaybook.service.takeover import Takeover
from assaybook.service.writer import Writer, wait_for_return
from assaybook.store.engine import open_engine, take_over
from assaybook.store.journal import Entry, entries_after
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.stores import SteadyClock

_DIGEST = f"sha256:{'0' * 64}"


def _writes(ref: str) -> Callable[[UnitOfWork], int]:
    def write(work: UnitOfWork) -> int:
        return work.record((Entry("system", ref, _DIGEST),))[0]

    return write


def _writes_and_fails(work: UnitOfWork) -> int:
    work.record((Entry("system", "lost", _DIGEST),))
    raise UsageError("system-unknown", "there is none")


def _refs(engine: Engine) -> list[str]:
    with Reading(engine) as reading:
        return [one.ref for one in entries_after(reading.connection, 0, limit=1000)]


async def _in_one_batch(
    writer: Writer, *actions: Callable[[UnitOfWork], int]
) -> list[int | BaseException]:
    """Run functions that all wait while another is at work."""
    started, may_end = threading.Event(), threading.Event()

    def hold(_work: UnitOfWork) -> int:
        started.set()
        may_end.wait(10)
        return 0

    first = asyncio.ensure_future(writer.run(hold))
    await asyncio.to_thread(started.wait, 10)
    others = [asyncio.ensure_future(writer.run(one)) for one in actions]
    await asyncio.sleep(0)
    may_end.set()
    await first
    return await asyncio.gather(*others, return_exceptions=True)


def test_what_is_answered_can_be_read_by_others(engine: Engine, clock: SteadyClock) -> None:
    with Writer(engine, clock) as writer:
        assert asyncio.run(writer.run(_writes("a"))) == 1
        assert _refs(engine) == ["a"]


def test_an_error_of_one_caller_is_not_that_of_others_in_the_same_commit(
    engine: Engine, clock: SteadyClock
) -> None:
    with Writer(engine, clock) as writer:
        told = asyncio.run(
            _in_one_batch(writer, _writes("a"), _writes_and_fails, _writes("b"), _writes("c"))
        )
    assert [told[0], told[2], told[3]] == [1, 2, 3]
    assert isinstance(told[1], UsageError)
    assert _refs(engine) == ["a", "b", "c"]


def test_an_error_of_the_database_in_one_part_is_spoken_and_undoes_that_part_only(
    engine: Engine, clock: SteadyClock
) -> None:
    def breaks(work: UnitOfWork) -> int:
        work.record((Entry("system", "lost", _DIGEST),))
        work.connection.exec_driver_sql("SELECT 1 FROM nowhere")
        return 0

    with Writer(engine, clock) as writer:
        told = asyncio.run(_in_one_batch(writer, _writes("a"), breaks, _writes("b")))
    assert isinstance(told[1], OperatorError)
    assert told[1].code == "database-not-ready"
    assert _refs(engine) == ["a", "b"]


def test_what_a_database_undid_as_a_whole_is_acknowledged_to_nobody(
    engine: Engine, clock: SteadyClock
) -> None:
    def undoes_all(work: UnitOfWork) -> int:
        work.connection.exec_driver_sql("ROLLBACK")
        raise UsageError("system-unknown", "there is none")

    with Writer(engine, clock) as writer:
        told = asyncio.run(_in_one_batch(writer, _writes("a"), undoes_all, _writes("b")))
        assert all(isinstance(one, OperatorError) for one in told)
        assert _refs(engine) == []
        assert asyncio.run(writer.run(_writes("c"))) == 1


def test_the_error_of_a_lone_caller_undoes_all_that_it_wrote(
    engine: Engine, clock: SteadyClock
) -> None:
    with Writer(engine, clock) as writer, pytest.raises(UsageError, match="there is none"):
        asyncio.run(writer.run(_writes_and_fails))
    assert _refs(engine) == []


def test_a_locked_database_is_an_error_of_each_caller_and_passes(
    sqlite_database: str, clock: SteadyClock
) -> None:
    engine, other = open_engine(sqlite_database, wait_seconds=0.05), open_engine(sqlite_database)
    with Writer(engine, clock) as writer:
        with UnitOfWork(other, clock):
            told = asyncio.run(_gathered(writer, _writes("a"), _writes("b")))
        assert {one.code for one in told if isinstance(one, AssayError)} == {"database-locked"}
        assert len(told) == 2
        assert asyncio.run(writer.run(_writes("c"))) == 1
    engine.dispose()
    other.dispose()


async def _gathered(
    writer: Writer, *actions: Callable[[UnitOfWork], int]
) -> list[int | BaseException]:
    return await asyncio.gather(*map(writer.run, actions), return_exceptions=True)


def test_more_than_can_wait_is_refused_at_once_and_the_rest_is_written(
    engine: Engine, clock: SteadyClock
) -> None:
    with Writer(engine, clock, waiting=2) as writer:
        told = asyncio.run(_in_one_batch(writer, *(_writes(ref) for ref in "abcd")))
    assert told[:2] == [1, 2]
    assert [one.code for one in told[2:] if isinstance(one, AssayError)] == ["too-busy"] * 2
    assert _refs(engine) == ["a", "b"]


def test_closing_writes_what_waits_and_takes_no_more(engine: Engine, clock: SteadyClock) -> None:
    async def close_while_two_wait(writer: Writer) -> list[int | BaseException]:
        tasks = [asyncio.ensure_future(writer.run(_writes(ref))) for ref in "ab"]
        await asyncio.sleep(0)
        writer.__exit__(None, None, None)
        told = await asyncio.gather(*tasks, return_exceptions=True)
        return [*told, *await _gathered(writer, _writes("c"))]

    told = asyncio.run(close_while_two_wait(Writer(engine, clock).__enter__()))
    assert told[:2] == [1, 2]
    assert isinstance(told[2], OperatorError)
    assert told[2].code == "shutting-down"
    assert _refs(engine) == ["a", "b"]


def test_a_caller_that_went_away_does_not_undo_what_it_asked_for(
    engine: Engine, clock: SteadyClock
) -> None:
    async def leave(writer: Writer) -> None:
        task = asyncio.ensure_future(writer.run(_writes("a")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await writer.run(_writes("b"))

    with Writer(engine, clock) as writer:
        asyncio.run(leave(writer))
    assert _refs(engine) == ["a", "b"]


def test_what_was_written_is_taken_over_into_the_file_beside_the_writer(
    sqlite_database: str, clock: SteadyClock, tmp_path: Path
) -> None:
    engine = open_engine(sqlite_database)
    upgrade(engine)
    with UnitOfWork(engine, clock) as work:
        work.record((Entry("system", "taken-over", _DIGEST),))
    file, copy = Path(sqlite_database.removeprefix("sqlite:///")), tmp_path / "copy.db"
    assert b"taken-over" not in file.read_bytes()
    with Takeover(engine, after=2) as takeover:
        takeover.wrote(1)
        takeover.wrote(1)
        for _turn in range(500):
            if b"taken-over" in file.read_bytes():
                break
            time.sleep(0.01)
    copy.write_bytes(file.read_bytes())
    alone = open_engine(f"sqlite:///{copy}")
    assert _refs(alone) == ["taken-over"]
    for one in (alone, engine):
        one.dispose()


def test_a_log_that_cannot_be_taken_over_is_left_to_the_writer(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'none.db'}")
    (tmp_path / "none.db").mkdir()
    take_over(engine)
    engine.dispose()


def test_nobody_is_held_up_by_callers_who_do_not_come_back(
    engine: Engine, clock: SteadyClock
) -> None:
    async def all_and_one(writer: Writer) -> int:
        await _in_one_batch(writer, _writes("a"), _writes("b"), _writes("c"))
        return await asyncio.wait_for(writer.run(_writes("alone")), 10)

    with Writer(engine, clock) as writer:
        assert asyncio.run(all_and_one(writer)) == 4
    assert _refs(engine) == ["a", "b", "c", "alone"]


def _waited(arrivals: Sequence[float], wanted: int, turn_seconds: float) -> tuple[int, float]:
    """Return how many of those who come at these seconds were waited for, and how long."""
    passed = 0.0

    def pause(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    def waiting() -> int:
        return sum(one <= passed for one in arrivals)

    wait_for_return(waiting, wanted, turn_seconds, clock=lambda: passed, pause=pause)
    return waiting(), passed


def test_callers_are_waited_for_as_long_as_they_keep_coming_back() -> None:
    came, seconds = _waited([0.02, 0.04, 0.06], 3, 0.1)
    assert came == 3
    assert seconds == pytest.approx(0.06, abs=0.002)


def test_who_stays_away_for_a_quarter_of_a_turn_is_not_waited_for() -> None:
    came, seconds = _waited([0.02, 0.09], 2, 0.1)
    assert came == 1
    assert seconds == pytest.approx(0.045, abs=0.002)


def test_nobody_waits_for_others_for_longer_than_a_turn() -> None:
    late = [number / 50 for number in range(100)]
    assert _waited(late, 100, 0.1)[1] == pytest.approx(0.1, abs=0.002)


def test_a_caller_that_is_alone_waits_for_nobody() -> None:
    assert _waited([], 0, 0.1) == (0, 0.0)


def test_more_callers_than_are_woken_in_one_step_are_all_answered(
    engine: Engine, clock: SteadyClock
) -> None:
    refs = [f"r{number:02}" for number in range(20)]
    with Writer(engine, clock) as writer:
        told = asyncio.run(_in_one_batch(writer, *map(_writes, refs)))
    assert told == list(range(1, 21))
    assert _refs(engine) == refs
