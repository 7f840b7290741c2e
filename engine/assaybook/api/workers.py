"""Several processes that serve one address: one at the door, and those that it hands callers to.

The one at the door reads nothing of what callers say: it takes in connections and gives each to
the next process, and starts another where one has died. Nothing is kept in its memory that matters,
and the others end by themselves when it is gone.
"""

import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from prometheus_client import multiprocess

from assaybook.api.logs import JsonLines, log_defect, log_to
from assaybook.api.rates import Rates
from assaybook.api.scratch import clear_after, work_here
from assaybook.api.serving import (
    GRACE,
    LOOK,
    LOOKS,
    SETTLED,
    Handed,
    configured,
    keep_what_is_loaded,
    somebody_waits,
    warm,
)
from assaybook.api.shared import Endings, Requests, Shared
from assaybook.api.state import read_files, service_opened, store_ready
from assaybook.domain.errors import AssayError, OperatorError
from assaybook.service.store_access import Tell, store_opened
from assaybook.service.turns import Turn
from assaybook.settings import Settings
from assaybook.store.unit_of_work import Clock

_AGAIN: Final = 1.0
"""Seconds after which a process is started in the place of one that could not begin."""
_TAKEN: Final = 64
"""Connections that are taken in before signals are looked at again."""
_FULL: Final = 0.005
"""Seconds until a connection is offered again that no process could take."""
_END: Final = GRACE + 2 * SETTLED
"""Seconds that the processes have to end."""
_STOP: Final = (signal.SIGTERM, signal.SIGINT)
_HEARD: Final = (*_STOP, signal.SIGCHLD)
_LOG: Final = logging.getLogger("assaybook.workers")

Answer = Callable[[int, socket.socket], None]
"""What a process does: its number, and the socket on which connections come."""


def serve_together(  # noqa: PLR0913, PLR0917 - where, over what, and how
    settings: Settings,
    clock: Clock,
    listener: socket.socket,
    folder: Path,
    processes: int,
    tell: Tell,
    serving: str,
) -> None:
    """Serve in several processes until SIGTERM or SIGINT; then let them finish, and return.

    Args:
        settings: what the operator chose.
        clock: what the time is.
        listener: the door.
        folder: what the processes share; it is of this server alone.
        processes: how many answer.
        tell: where a word to the person goes.
        serving: told when all can answer.

    Raises:
        OperatorError: ``workers-failing``, or the database cannot be used.
        AssayError: a file that the settings name cannot be used.
    """
    _log_here()
    files, rates, endings = read_files(settings), Rates(settings.rate), Endings(processes)
    with store_ready(settings, clock, tell):
        warm(clock)
    # Nothing that is open here may be used on both sides of a fork, and no thread may run.
    keep_what_is_loaded()

    def answer(number: int, channel: socket.socket) -> None:
        log_to()
        work_here(folder, number)
        endings.count_for(number)
        requests, turn = Requests(folder / "requests"), Turn(folder / "turn")
        shared = Shared(rates, endings, requests, turn, folder, processes)
        with (
            store_opened(settings.database) as engine,
            service_opened(settings, clock, files, engine, shared) as service,
        ):
            Handed(configured(service), channel).run()

    door = _Door(listener, answer, processes, partial(clear_after, folder))
    try:
        door.open()
        if not door.ends:
            tell(serving)
        while not door.ends:
            door.see()
    finally:
        door.shut()


def _log_here() -> None:
    """Write log lines at once: a thread that wrote them later could not be forked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.getLogger().handlers[:] = [handler]
    _LOG.setLevel(logging.INFO)


@dataclass(slots=True)
class _Process:
    """One that answers; ``ready`` once it has said so."""

    number: int
    pid: int
    channel: socket.socket
    ready: bool = False


class _Door:
    """Takes connections in, hands them over, and keeps as many processes as there shall be.

    Attributes:
        ends: whether it was asked to end.
    """

    def __init__(
        self, listener: socket.socket, answer: Answer, processes: int, clear: Callable[[int], None]
    ) -> None:
        self.ends = False
        self._listener = listener
        self._answer = answer
        self._clear = clear
        self._processes: dict[int, _Process] = {}
        self._due = dict.fromkeys(range(processes), 0.0)
        self._opened = False
        self._held: socket.socket | None = None
        self._last = 0
        self._wakes, self._woken = socket.socketpair()
        for one in (listener, self._wakes, self._woken):
            one.setblocking(False)

    def open(self) -> None:
        """Start the processes, and return when all can answer.

        Raises:
            OperatorError: ``workers-failing``.
        """
        for one in _HEARD:
            signal.signal(one, self._hear)
        signal.set_wakeup_fd(self._wakes.fileno())
        while not self.ends and (self._due or not all(self._ready())):
            self.see()
        self._opened = True

    def see(self) -> None:
        """Wait for what comes next, and see to it.

        Raises:
            OperatorError: ``workers-failing``.
        """
        now = time.monotonic()
        for number in [one for one, due in self._due.items() if due <= now]:
            del self._due[number]
            self._start(number)
        for one in self._waited():
            if one is self._woken:
                with suppress(BlockingIOError):
                    self._woken.recv(4096)
                self._bury()
            elif one is self._listener:
                self._take_in()
            else:
                self._hear_ready(one)
        if self._held is not None:
            self._take_in()

    def shut(self) -> None:
        """Take in who waits, shut the door, and wait for the processes to end what they have."""
        self.ends = True
        latest, quiet = time.monotonic() + SETTLED, 0
        while any(self._ready()) and quiet < LOOKS and time.monotonic() < latest:
            self._take_in()
            time.sleep(LOOK)
            quiet = 0 if self._held or somebody_waits([self._listener]) else quiet + 1
        self._listener.close()
        for process in self._processes.values():
            process.channel.close()
        latest = time.monotonic() + _END
        while self._processes and time.monotonic() < latest:
            time.sleep(LOOK)
            self._bury()
        for process in self._processes.values():
            os.kill(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)

    def _hear(self, number: int, frame: object) -> None:
        del frame
        if number in _STOP and not self.ends:
            self.ends = True
            _LOG.info("stopped by %s", signal.Signals(number).name)

    def _ready(self) -> list[bool]:
        return [one.ready for one in self._processes.values()]

    def _waited(self) -> list[socket.socket]:
        """Wait, and return the sockets that have something to say."""
        unready = [one.channel for one in self._processes.values() if not one.ready]
        watched = {one.fileno(): one for one in (self._woken, *unready)}
        if self._held is None and any(self._ready()):
            watched[self._listener.fileno()] = self._listener
        poll = select.poll()
        for one in watched:
            poll.register(one, select.POLLIN)
        now = time.monotonic()
        until = [due - now for due in self._due.values()]
        wait = min([*until, _FULL] if self._held else until, default=None)
        return [watched[one] for one, _why in poll.poll(None if wait is None else wait * 1000)]

    def _hear_ready(self, channel: socket.socket) -> None:
        for process in self._processes.values():
            if process.channel is channel:
                with suppress(OSError):  # it has died, and is buried when that is told
                    process.ready = bool(channel.recv(1))

    def _take_in(self) -> None:
        """Take in who waits, and hand each over; one that nobody can take now is held."""
        for _turn in range(_TAKEN):
            line, self._held = self._held, None
            try:
                line = line or self._listener.accept()[0]
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # too many open files, say: they wait at the door
                _LOG.error("door", extra={"fields": {"code": error.errno}})
                time.sleep(_FULL)
                return
            if not self._handed(line):
                self._held = line
                return
            line.close()

    def _handed(self, line: socket.socket) -> bool:
        """Give a connection to the next process that can take it."""
        ready = [one for one in self._processes.values() if one.ready]
        for _turn in ready:
            self._last += 1
            process = ready[self._last % len(ready)]
            with suppress(BlockingIOError, ConnectionError):
                socket.send_fds(process.channel, [b"+"], [line.fileno()])
                return True
        return False

    def _bury(self) -> None:
        """See which processes have ended, and have others started in their place.

        Raises:
            OperatorError: ``workers-failing``, one ended before the door was opened.
        """
        for process in tuple(self._processes.values()):
            ended, status = os.waitpid(process.pid, os.WNOHANG)
            if not ended:
                continue
            del self._processes[process.number]
            process.channel.close()
            multiprocess.mark_process_dead(process.pid)  # type: ignore[no-untyped-call]
            self._clear(process.number)
            if self.ends:
                continue
            code = os.waitstatus_to_exitcode(status)
            if not self._opened:
                raise OperatorError(
                    "workers-failing",
                    f"a process that answers ended with {code} before it could",
                    hint="Look into the log lines before this one.",
                )
            _LOG.error("worker", extra={"fields": {"code": code, "worker": process.number}})
            pause = 0.0 if process.ready else _AGAIN
            self._due[process.number] = time.monotonic() + pause

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        sys.stderr.flush()
        # A signal between the fork and its own way with signals would be heard as if at the door.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        pid = os.fork()
        if not pid:
            ours.close()
            self._be(number, theirs)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        theirs.close()
        ours.setblocking(False)
        self._processes[number] = _Process(number, pid, ours)

    def _be(self, number: int, channel: socket.socket) -> NoReturn:
        """Be the process that was just made, to its end."""
        code = 1
        try:
            self._let_go()
            self._answer(number, channel)
            code = 0
        except AssayError as error:
            _LOG.error("worker", extra={"fields": {"code": error.code, "detail": error.message}})
        except BaseException as error:  # noqa: BLE001 - nothing above this may run twice
            log_defect(error, "")
        finally:
            logging.shutdown()
            os._exit(code)

    def _let_go(self) -> None:
        """Let go of what is the door's: its sockets, and its ears."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for stop in _STOP:
            # Not ignored, which would be inherited by what this process starts.
            signal.signal(stop, lambda _number, _frame: None)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        others = [one.channel for one in self._processes.values()]
        held = [] if self._held is None else [self._held]
        for one in (self._listener, self._wakes, self._woken, *others, *held):
            one.close()
