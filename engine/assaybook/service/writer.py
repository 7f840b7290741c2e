"""Group commit: one thread writes for all, and answers each only when it is on the disk.

Functions that wait are run in one unit of work, each in a part of its own that can fail without the
others, and one commit makes all of them durable. So the price of reaching the disk is paid once for
as many callers as were waiting while the last one was paid.
"""

import asyncio
import queue
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

from assaybook.domain.errors import OperatorError
from assaybook.service.takeover import Takeover
from assaybook.store.engine import Database
from assaybook.store.schema import refuse_changed_schema
from assaybook.store.unit_of_work import Clock, PartLostError, UnitOfWork

_Answer = TypeVar("_Answer")
Together = Callable[[UnitOfWork, Sequence[Any]], Sequence[Any]]
"""Runs several functions of one kind at once, and returns for each its answer or its error.

An error is returned only where nothing was written for that function. A function that is an object
with this as its attribute ``together`` is run so. With an attribute ``prepare``, that is called
first, in the thread of the writer and before the transaction begins: two threads that compute at
once would only wait for each other.
"""
WAITING: Final = 1024
"""Functions that may wait; the next is refused with ``too-busy``."""
TOGETHER: Final = 128
"""Functions that share one commit at most."""
_LOOK: Final = 0.0005
"""Seconds between two looks at who has come back."""
_PART: Final = 0.25
"""Of the last turn: how long the next of those who were answered in it is waited for."""
_LONGEST: Final = 0.1
"""Seconds of a turn beyond which it says nothing of the next: the database was locked, say."""
_AT_A_TIME: Final = 8
"""Callers who are woken in one step of their loop: the first ask again while others are told."""
_PATIENCE: Final = 1.5
"""Seconds that a closing process waits; what is not written by then was acknowledged to nobody."""


@dataclass(slots=True)
class _Wish:
    """A function that waits to be run, and who waits for its answer."""

    action: Callable[[UnitOfWork], Any]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    waits: bool = True
    answer: Any = None
    error: BaseException | None = None


class Writer:
    """The one thread that writes, from ``with`` until what was accepted is written.

    Args:
        engine: the database.
        clock: what the time is.
        waiting: functions that may wait.
        together: functions that share one commit at most.
        turn: held while it writes, where other processes write all the time too.
        processes: how many write.
    """

    def __init__(  # noqa: PLR0913 - where to, when, how much, and beside whom
        self,
        engine: Database,
        clock: Clock,
        *,
        waiting: int = WAITING,
        together: int = TOGETHER,
        turn: AbstractContextManager[object] | None = None,
        processes: int = 1,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._together = together
        self._most = waiting
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._work, name="assay-writer", daemon=True)
        self._takeover = Takeover(engine, processes=processes)
        self._turn = turn or nullcontext()
        self._expected, self._turn_seconds = 0, 0.0
        self._wanted, self._all_came = waiting, Event()
        self._door = Lock()
        self._closed = False

    def __enter__(self) -> Self:
        """Start the thread."""
        self._takeover.__enter__()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what waits, and end the thread."""
        with self._door:
            self._closed = True
        self._wishes.put(None)
        self._thread.join(_PATIENCE)
        self._takeover.__exit__(kind, error, trace)

    @property
    def waiting(self) -> int:
        """Return how many functions wait."""
        return self._wishes.qsize()

    async def run(self, action: Callable[[UnitOfWork], _Answer]) -> _Answer:
        """Run a function in a unit of work, and return its answer after the commit.

        What it records is received at the instant of the unit of work, which it shares with others.
        A caller that goes away does not undo it.

        Raises:
            OperatorError: ``too-busy``, ``shutting-down``, or the database cannot be used.
            Exception: whatever the function raises; then nothing of it is recorded.
        """
        loop = asyncio.get_running_loop()
        wish = _Wish(action, loop, loop.create_future())
        with self._door:
            if self._closed:
                raise OperatorError("shutting-down", "the service is going down", hint=_AGAIN)
            if self._wishes.qsize() >= self._most:
                raise OperatorError(
                    "too-busy", "more is waiting to be written than can be", hint=_AGAIN
                )
            self._wishes.put(wish)
        if self._wishes.qsize() >= self._wanted:
            self._all_came.set()
        return cast("_Answer", await wish.future)

    def _work(self) -> None:
        while True:
            first = self._wishes.get()
            if first is None:
                return
            self._wait_for_return(min(self._expected, self._together) - 1)
            began = monotonic()
            batch, last = self._batch(first)
            ready = _prepared(batch)
            if ready:
                with self._turn:
                    _run(ready, self._engine, self._clock)
            self._turn_seconds = min(monotonic() - began, _LONGEST)
            _answer(batch)
            self._expected = len(batch) + self._wishes.qsize()
            self._takeover.wrote(len(batch))
            if last:
                return

    def _wait_for_return(self, wanted: int) -> None:
        """Wait for those who were answered in the last turn, and no longer once all have come."""
        self._all_came.clear()
        self._wanted = wanted
        waiting = self._wishes.qsize
        wait_for_return(waiting, wanted, self._turn_seconds, pause=self._all_came.wait)
        self._wanted = self._most

    def _batch(self, first: _Wish) -> tuple[list[_Wish], bool]:
        """Return what waits with the first, and whether nothing comes after it."""
        batch = [first]
        while len(batch) < self._together:
            try:
                wish = self._wishes.get_nowait()
            except queue.Empty:
                break
            if wish is None:
                return batch, True
            batch.append(wish)
        return batch, False


_AGAIN: Final = "Try again in a few seconds; nothing of it was recorded."


def wait_for_return(
    waiting: Callable[[], int],
    wanted: int,
    turn_seconds: float,
    *,
    clock: Callable[[], float] = monotonic,
    pause: Callable[[float], object] = sleep,
) -> None:
    """Wait for those who were just answered to come back, for as long as they keep coming.

    Whoever asks again and again would else wait for two turns: that of the others, which began
    without them, and their own. Who comes renews the patience, which is a part of the last turn;
    nobody waits for longer than that turn took, since by then the others were served.

    Args:
        waiting: returns how many have come.
        wanted: how many were answered; nothing is waited for where as many have come.
        turn_seconds: how long the last turn took.
        clock: seconds that never run backwards.
        pause: lets so many seconds pass, or fewer where as many have come as are wanted.
    """
    patience = turn_seconds * _PART
    now, came = clock(), waiting()
    latest, until = now + turn_seconds, now + patience
    while came < wanted and now < until:
        pause(_LOOK)
        now, before, came = clock(), came, waiting()
        if came > before:
            until = min(latest, now + patience)


def _prepared(batch: Sequence[_Wish]) -> list[_Wish]:
    """Let each do what it can before the transaction begins, and return those that can go on."""
    ready: list[_Wish] = []
    for wish in batch:
        prepare: Callable[[], None] | None = getattr(wish.action, "prepare", None)
        try:
            if prepare is not None:
                prepare()
            ready.append(wish)
        except BaseException as error:  # noqa: BLE001 - it is the caller's, and the others go on
            wish.error = error
    return ready


class _ApartError(Exception):
    """Functions could not be run at once, so each is run in a part of its own."""


def _run(batch: Sequence[_Wish], engine: Database, clock: Clock) -> None:
    """Run each function, and commit; an error of the whole is the error of each."""
    try:
        try:
            with UnitOfWork(engine, clock) as work:
                refuse_changed_schema(work)
                _run_at_once(batch, work)
        except _ApartError:
            with UnitOfWork(engine, clock) as work:
                refuse_changed_schema(work)
                _run_apart(batch, work)
    except BaseException as error:  # noqa: BLE001 - each caller must be answered
        for wish in batch:
            wish.answer, wish.error = None, wish.error or error


def _run_at_once(batch: Sequence[_Wish], work: UnitOfWork) -> None:
    """Run functions that need no parts, because there is one or all are of one kind.

    Raises:
        _ApartError: they are of several kinds, or running them at once failed.
    """
    if len(batch) == 1:
        batch[0].answer = batch[0].action(work)
        return
    together, wishes = next(iter(_alike(batch).items()), (None, ()))
    if together is None or len(wishes) < len(batch):
        raise _ApartError
    try:
        answers = together(work, [wish.action for wish in wishes])
    except Exception as error:  # run apart, the one that fails says why
        raise _ApartError from error
    for wish, answer in zip(wishes, answers, strict=True):
        _told(wish, answer)


def _run_apart(batch: Sequence[_Wish], work: UnitOfWork) -> None:
    """Run functions in parts that fail without the others, those of one kind in one part."""
    for together, wishes in _alike(batch).items():
        _run_together(together, wishes, work)
    for wish in batch:
        if wish.waits:
            _run_one(wish, work)


def _told(wish: _Wish, answer: object) -> None:
    wish.waits = False
    if isinstance(answer, BaseException):
        wish.error = answer
    else:
        wish.answer = answer


def _alike(batch: Sequence[_Wish]) -> dict[Together, list[_Wish]]:
    """Return the functions that can be run together, where there are several."""
    found: dict[Together, list[_Wish]] = {}
    for wish in batch:
        together: Together | None = getattr(wish.action, "together", None)
        if together is not None:
            found.setdefault(together, []).append(wish)
    return {together: wishes for together, wishes in found.items() if len(wishes) > 1}


def _run_together(together: Together, wishes: Sequence[_Wish], work: UnitOfWork) -> None:
    """Run functions at once; where that fails, nothing is kept, and each is run alone."""
    try:
        with work.part():
            answers = together(work, [wish.action for wish in wishes])
    except PartLostError:
        raise
    except Exception:  # noqa: BLE001 - run alone, the one that fails says why
        return
    for wish, answer in zip(wishes, answers, strict=True):
        _told(wish, answer)


def _run_one(wish: _Wish, work: UnitOfWork) -> None:
    try:
        with work.part():
            wish.answer = wish.action(work)
    except PartLostError:
        raise
    except BaseException as error:  # noqa: BLE001 - it is the caller's, and the others go on
        wish.error = error


def _answer(batch: Sequence[_Wish]) -> None:
    """Wake the callers: one call into each event loop, however many wait there."""
    for loop in {wish.loop for wish in batch}:
        mine = [wish for wish in batch if wish.loop is loop]
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, loop, mine)


def _settle(loop: asyncio.AbstractEventLoop, wishes: Sequence[_Wish]) -> None:
    for wish in wishes[:_AT_A_TIME]:
        if wish.future.done():
            continue
        if wish.error is None:
            wish.future.set_result(wish.answer)
        else:
            wish.future.set_exception(wish.error)
    if len(wishes) > _AT_A_TIME:
        loop.call_soon(_settle, loop, wishes[_AT_A_TIME:])
