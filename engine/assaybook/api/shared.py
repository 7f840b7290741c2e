"""What the processes that serve one address have in common: endings of keys, turns and figures."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from mmap import mmap
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from assaybook.api.rates import Rates
from assaybook.domain.record import record
from assaybook.service.turns import Turn

_COUNT: Final = 8
"""Bytes of one process's count of endings."""
_PLACES: Final = 2**62
_LOOK: Final = 0.02
"""Seconds between two looks whether another process still answers a request of the same key."""


class Endings:
    """Tells every process at once that a key was revoked in one of them.

    Args:
        processes: how many there are; each counts in a place of its own.
    """

    def __init__(self, processes: int = 1) -> None:
        self._counts = mmap(-1, _COUNT * processes)
        self._mine = 0

    def tell(self) -> None:
        """Say that a key was revoked; what is on record is what counts from here on."""
        mine = slice(self._mine, self._mine + _COUNT)
        count = int.from_bytes(self._counts[mine], "little") + 1
        self._counts[mine] = count.to_bytes(_COUNT, "little")

    def told(self) -> bytes:
        """Return what changes with each ending."""
        return self._counts[:]

    def count_for(self, process: int) -> None:
        """Count from here on in the place of one of the processes, the first of which is 0."""
        self._mine = process * _COUNT


class Requests:
    """Lets requests with one Idempotency-Key pass one after the other, in all processes.

    A process that dies lets go of what it held.

    Args:
        file: what processes hold places of; None where there is one process.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._locks: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()
        self._held = None if file is None else os.open(file, os.O_RDWR | os.O_CREAT, 0o600)

    @asynccontextmanager
    async def in_turn(self, asked: object) -> AsyncGenerator[None]:
        """Wait until no other request of this key is being answered, and hold the others up."""
        async with self._locks.setdefault(asked, asyncio.Lock()):
            if self._held is None:
                yield
                return
            place = hash(asked) % _PLACES
            await _taken(self._held, place)
            try:
                yield
            finally:
                _let_go(self._held, place)


async def _taken(file: int, place: int) -> None:
    # Asked again and again: who waits in the system for a place while another thread of the process
    # waits for its turn to write would be told of a deadlock that there is not.
    import fcntl

    while True:
        with suppress(BlockingIOError, PermissionError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            return
        await asyncio.sleep(_LOOK)


def _let_go(file: int, place: int) -> None:
    import fcntl

    fcntl.lockf(file, fcntl.LOCK_UN, 1, place)


@record
class Shared:
    """What the processes that serve one address have in common.

    Attributes:
        rates: how often each caller has asked.
        endings: of keys.
        requests: with an Idempotency-Key.
        turn: of writing; None where one process writes.
        figures: folder of what each process counts; None where one process serves.
        processes: how many there are.
    """

    rates: Rates
    endings: Endings
    requests: Requests
    turn: Turn | None = None
    figures: Path | None = None
    processes: int = 1


def alone(rate: int) -> Shared:
    """Return what a process that serves alone has; ``rate`` is in requests a minute."""
    return Shared(Rates(rate), Endings(), Requests())
