"""Work outside the request: one job at a time in a child process that can be ended.

A job is held for some seconds and held again while it runs. So what a killed server was doing is
taken up by the next one, and nothing that was asked for is lost.
"""

import asyncio
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self, TypeAlias, TypeVar

from pydantic import ValidationError

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AssayError
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import written
from assaybook.service.job_child import ASSESSMENT, PACK
from assaybook.service.jobs import Made, record_judged, record_made
from assaybook.service.store_access import reading_here
from assaybook.service.writer import Writer
from assaybook.store.engine import Database
from assaybook.store.jobs import (
    Job,
    JobKind,
    JobProblem,
    Task,
    count_active,
    end_job,
    hold_job,
    next_job,
    requeue_job,
)
from assaybook.store.unit_of_work import UnitOfWork

_Answer = TypeVar("_Answer")
_LOG: Final = logging.getLogger("assaybook.jobs")
_CHILD: Final = (sys.executable, "-m", "assaybook.service.job_child")
_AGAIN: Final = "Ask again; if it fails again, look into the log of the server."


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """What one job may cost, and how it is held.

    Attributes:
        wall_seconds: time on the clock, after which the child is ended.
        cpu_seconds: processor time of the judging; the layout of a pack has its own limit.
        memory_bytes: address space of the judging; the same holds.
        hold_seconds: after which a job of a dead worker is taken up again.
        pause_seconds: between two looks for work that nobody announced.
    """

    wall_seconds: float = 900
    cpu_seconds: int = 600
    memory_bytes: int = 4 * 2**30
    hold_seconds: float = 30
    pause_seconds: float = 5


@dataclass(frozen=True, slots=True)
class _Again:
    """A job waits again; ``why`` None where the attempt does not count."""

    why: JobProblem | None


_CameTo: TypeAlias = Made | JobProblem | _Again


def _said_of(came_to: _CameTo) -> tuple[str, str]:
    """Return what a log line says: whether a job is done, failed or waits again, and why."""
    if isinstance(came_to, Made):
        return "done", ""
    if isinstance(came_to, JobProblem):
        return "failed", came_to.code
    return "waiting", came_to.why.code if came_to.why else ""


class Worker:
    """The one thread that sees jobs done, from ``with`` until it is told to stop."""

    def __init__(  # noqa: PLR0913 - what it works for, within what, and with what
        self,
        engine: Database,
        writer: Writer,
        *,
        limits: WorkLimits = WorkLimits(),
        command: tuple[str, ...] = _CHILD,
        keys: Path | None = None,
        cache: Path | None = None,
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._limits = limits
        self._command = command
        self._keys = keys
        self._cache = cache
        self._owner = secrets.token_hex(8)
        self._hold = timedelta(seconds=limits.hold_seconds)
        self._thread = Thread(target=self._work, name="assay-worker", daemon=True)
        self._awake = Event()
        self._stopping = Event()

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child, let its job wait for another worker, and end the thread."""
        del kind, error, trace
        self._stopping.set()
        self._awake.set()
        self._thread.join()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._awake.set()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._awake.clear()
            try:
                job = self._taken()
                if job is not None:
                    self._see_done(job)
                    continue
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever it meets
                # What could not be said of a job is found out when its time has passed.
                code = error.code if isinstance(error, AssayError) else type(error).__name__
                _LOG.error("worker", extra={"fields": {"code": code}})
            self._awake.wait(self._limits.pause_seconds)

    def _taken(self) -> Job | None:
        with reading_here(self._engine) as reading:
            if not count_active(reading):
                return None
        return self._write(lambda work: next_job(work, owner=self._owner, hold=self._hold))

    def _see_done(self, job: Job) -> None:
        with TemporaryDirectory(prefix="assay-job-") as name:
            folder = Path(name)
            came_to = self._made(job, folder)
            if isinstance(came_to, Made):
                came_to = self._recorded(job, came_to)
            self._tell(job, came_to)
        state, code = _said_of(came_to)
        fields = {"job": job.id, "attempt": job.attempts, "state": state, "code": code}
        _LOG.info("job", extra={"fields": fields})

    def _made(self, job: Job, folder: Path) -> _CameTo:
        """Do a job; the assessment of a signed pack is recorded before the pack proves that."""
        if job.task.kind is JobKind.PACK and self._keys is not None:
            only = job.task.model_copy(update={"kind": JobKind.ASSESSMENT})
            first = self._run(job, only, folder)
            if not isinstance(first, Made):
                return first
            try:
                self._write(lambda work: record_judged(work, job, first))
            except AssayError as error:
                return _Again(_problem(error.code, error.message))
        return self._run(job, job.task, folder)

    def _recorded(self, job: Job, made: Made) -> _CameTo:
        try:
            self._write(lambda work: record_made(work, job, made, owner=self._owner))
        except AssayError as error:
            return _Again(_problem(error.code, error.message))
        return made

    def _tell(self, job: Job, came_to: _CameTo) -> None:
        """Put on record what became of a job that was not done."""
        if isinstance(came_to, JobProblem):
            problem = came_to
            self._write(lambda work: end_job(work, job.id, owner=self._owner, came_to=problem))
        elif isinstance(came_to, _Again):
            why = came_to.why
            self._write(lambda work: requeue_job(work, job, owner=self._owner, why=why))

    def _run(self, job: Job, task: Task, folder: Path) -> _CameTo:
        """Do a task in a child, and return what it made or why it did not."""
        now = self._write(lambda work: work.now) if self._keys is not None else None
        order = {
            "database": self._engine.url.render_as_string(hide_password=False),
            "task": task.model_dump(mode="json"),
            "folder": str(folder),
            "keys": None if self._keys is None else str(self._keys.absolute()),
            "now": None if now is None else written(now),
            "cache": None if self._cache is None else str(self._cache.absolute()),
            "cpu_seconds": self._limits.cpu_seconds,
            "memory_bytes": self._limits.memory_bytes,
        }
        said, failed = folder / "said.json", folder / "failed.txt"
        with said.open("wb") as out, failed.open("wb") as err:
            child = subprocess.Popen(  # noqa: S603 - our own module, no shell, no words of a caller
                self._command,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                cwd=folder,
                start_new_session=True,
            )
            try:
                _order(child, json.dumps(order).encode() + b"\n")
                ended = self._awaited(child, job)
            finally:
                _end(child)
        if ended is not None:
            return ended
        return _outcome(child.returncode, said.read_bytes(), folder)

    def _awaited(self, child: "subprocess.Popen[bytes]", job: Job) -> JobProblem | _Again | None:
        """Wait for a child and hold its job; return why it is ended early, or None."""
        started = held = time.monotonic()
        while True:
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.1)
                return None
            now = time.monotonic()
            if self._stopping.is_set():
                return _Again(None)
            if now - started > self._limits.wall_seconds:
                seconds = f"{self._limits.wall_seconds:g} seconds"
                return _problem("job-too-slow", f"it was not done after {seconds}")
            if now - held > self._limits.hold_seconds / 3:
                held = now
                if not self._is_held(job):
                    return _Again(None)

    def _is_held(self, job: Job) -> bool:
        """Hold a job for longer; where that cannot be written now, the work goes on."""
        try:
            return self._write(
                lambda work: hold_job(work, job.id, owner=self._owner, hold=self._hold)
            )
        except AssayError:
            return True

    def _write(self, action: Callable[[UnitOfWork], _Answer]) -> _Answer:
        """Run a function in the writer's thread, and wait for its commit."""
        return asyncio.run(self._writer.run(action))


def _order(child: "subprocess.Popen[bytes]", order: bytes) -> None:
    """Give a child its order and keep the pipe open: that is how it knows that somebody waits."""
    assert child.stdin is not None  # noqa: S101 - it was asked for
    with suppress(BrokenPipeError):  # it has ended; how is told by its exit code
        child.stdin.write(order)
        child.stdin.flush()


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End a child and all that it started, unless it has ended well."""
    if child.poll() != 0:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()


class _Told(Frozen):
    """What a child says at its end: how much of the journal it has seen, or a problem."""

    seen: int | None = None
    code: str = ""
    message: str = ""
    where: str = ""
    hint: str = ""
    passing: bool = False
    frames: tuple[str, ...] = ()


def _outcome(code: int, said: bytes, folder: Path) -> _CameTo:
    """Return what a child that ended by itself has made, or why it did not."""
    try:
        told = _Told.model_validate_json(said)
    except ValidationError:
        told = _Told()
    if code == 0 and told.seen is not None:
        pack = folder / PACK
        return Made(
            Assessment.model_validate_json((folder / ASSESSMENT).read_bytes()),
            told.seen,
            pack.read_bytes() if pack.exists() else None,
        )
    if told.frames:
        _LOG.error("defect", extra={"fields": {"code": told.code, "frames": list(told.frames)}})
    if told.code:
        problem = JobProblem(code=told.code, message=told.message, where=told.where, hint=told.hint)
        return _Again(problem) if told.passing else problem
    if code == -signal.SIGXCPU:
        return _problem("job-too-slow", "it used up its time on the processor")
    return _Again(_problem("job-crashed", f"it ended with {code} and no reason"))


def _problem(code: str, message: str) -> JobProblem:
    return JobProblem(code=code, message=message, hint=_AGAIN)
