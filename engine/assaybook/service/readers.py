"""Processes that read files beside the one that records them.

Each is told a file and answers with what it holds. What comes of it is handed on in the order in
which it was asked for, and only a few files are under way at once. One that ends while it reads
takes its file with it and nothing else: that file is refused, and another takes its place.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, cast

from assaybook.domain.documents import problem_of
from assaybook.domain.errors import AssayError, SubmitterError
from assaybook.domain.record import draft, record
from assaybook.intake.limits import Limits
from assaybook.intake.read import Receipt
from assaybook.intake.refused import RefusedFile
from assaybook.service.read_evidence import (
    Found,
    ReadPaths,
    Task,
    read_bytes,
    read_task,
)
from assaybook.store.evidence import EvidenceReceipt

Recorded: TypeAlias = tuple[str, EvidenceReceipt]
"""A file, and the receipt of what is recorded of it."""
Done: TypeAlias = ReadPaths | tuple[Recorded, ...]
_MOST_READERS: Final = 4
_EACH: Final = 2
"""Files that a reader has: one that it reads, and one to go on with."""
_CHILD: Final = "assaybook.service.read_child"
_GONE: Final = (EOFError, OSError)
_UNDER_WAY: Final = 64 * 1024 * 1024
"""Bytes of files that are under way at once; what is read out of a file takes several times it."""
_PATIENCE_SECONDS: Final = 5


@record
class Step:
    """A file to be read, here or apart, or what is known without reading.

    ``digest`` and ``size`` are of its bytes; no digest where they are not those of a document.
    ``raw`` are its bytes, where they are at hand.
    """

    task: Task | None = None
    done: Done | None = None
    digest: str | None = None
    size: int = 0
    apart: bool = False
    raw: bytes | None = None


@draft
class _Wait:
    """A step that waits for its turn."""

    step: Step
    done: Done | AssayError | None = None


@draft
class _Reader:
    """A process and the steps that it was told; the first of them is under way."""

    process: "subprocess.Popen[bytes]"
    line: "Connection[Any, Any]"
    is_ready: bool
    told: deque[_Wait]


class Readers:
    """Reads files for one submission; processes are started when the first file wants them."""

    def __init__(self, receipt: Receipt, limits: Limits) -> None:
        self._receipt = receipt
        self._limits = limits
        self._readers: list[_Reader] = []
        self._asked: deque[_Wait] = deque()
        self._left = min(_MOST_READERS, _processors())
        """How many processes may be started: with one processor, none."""

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End every process; none of them has anything that would be lost."""
        del kind, error, trace
        for one in self._readers:
            _end(one, patience_seconds=0)

    def read(self, steps: Iterator[Step]) -> Iterator[Done]:
        """Yield what comes of steps, in their order.

        Raises:
            AssayError: what keeps a file from being read and is no fault of the file.
        """
        waiting: deque[_Wait] = deque()
        for step in steps:
            waiting.append(_Wait(step, step.done))
            if step.apart and self._can_read_apart():
                self._asked.append(waiting[-1])
                self._tell()
            while waiting and (waiting[0].done is not None or self._is_full(waiting)):
                yield self._awaited(waiting.popleft())
        while waiting:
            yield self._awaited(waiting.popleft())

    def _is_full(self, waiting: deque[_Wait]) -> bool:
        """Tell whether no more may be under way; without a process each step is done at once."""
        if len(waiting) > 2 * _EACH * len(self._readers):
            return True
        return sum(one.step.size for one in waiting) > _UNDER_WAY

    def _can_read_apart(self) -> bool:
        if not self._readers and self._left > 1:
            self._readers = [one for _ in range(self._left) if (one := self._started()) is not None]
            self._left = 0
        return bool(self._readers)

    def _started(self) -> _Reader | None:
        """Start a process; None where the machine lets none be started."""
        ours, theirs = Pipe()
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell, no words of a caller
                (sys.executable, "-P", "-m", _CHILD, str(theirs.fileno())),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                # Ctrl-C is for whoever asked; the readers are ended by it.
                start_new_session=True,
            )
        except OSError:
            ours.close()
            return None
        finally:
            theirs.close()
        with suppress(*_GONE):
            ours.send((sys.path, self._receipt, self._limits))
        return _Reader(process, ours, is_ready=False, told=deque())  # pyright: ignore[reportArgumentType]

    def _tell(self) -> None:
        """Give files to those that have too few; names are short, so that nobody waits for it."""
        for one in self._readers:
            while self._asked and len(one.told) < _EACH:
                one.told.append(self._asked.popleft())
                with suppress(*_GONE):  # that it is gone is seen where its answer is awaited
                    one.line.send(one.told[-1].step.task)

    def _awaited(self, one: _Wait) -> Done:
        while one.done is None:
            if not self._is_told(one):
                if self._asked and self._asked[0] is one:
                    self._asked.popleft()
                one.done = self._read_here(one.step)
            else:
                self._listen()
        if isinstance(one.done, AssayError):
            raise one.done
        return one.done

    def _is_told(self, one: _Wait) -> bool:
        return any(one is each for reader in self._readers for each in reader.told)

    def _read_here(self, step: Step) -> ReadPaths:
        found = Found()
        if step.task is not None and step.raw is not None:
            read_bytes(step.task, step.raw, self._receipt, self._limits, found)
        elif step.task is not None:
            read_task(step.task, self._receipt, self._limits, found)
        return found.told()

    def _listen(self) -> None:
        """Wait until a reader answers or is gone."""
        busy = {one.line: one for one in self._readers if one.told}
        for line in wait(list(busy)):
            reader = next(one for each, one in busy.items() if each is line)
            try:
                answer = reader.line.recv()
            except _GONE:
                self._lose(reader)
                continue
            if not reader.is_ready:
                reader.is_ready = True
            else:
                reader.told.popleft().done = _answered(answer)
        self._tell()

    def _lose(self, reader: _Reader) -> None:
        """Refuse the file that a reader took with it; one that never began is not replaced."""
        _end(reader, patience_seconds=_PATIENCE_SECONDS)
        place = next(at for at, one in enumerate(self._readers) if one is reader)
        self._readers.pop(place)
        if reader.is_ready:
            lost = reader.told.popleft()
            lost.done = _refused(lost.step, reader.process.returncode)
            another = self._started()
            if another is not None:
                self._readers.insert(place, another)
        self._asked.extendleft(reversed(reader.told))


def _answered(answer: object) -> ReadPaths | AssayError:
    """Return what a reader answered; an error comes in its parts."""
    if isinstance(answer, ReadPaths):
        return answer
    kind, code, message, where, hint = cast("tuple[type[AssayError], str, str, str, str]", answer)
    return kind(code, message, where=where, hint=hint)


def _refused(step: Step, ended: int) -> ReadPaths:
    """Return the refusal of the file that a reader took with it; ``ended`` as by ``subprocess``."""
    task = step.task
    if task is None:
        return Found().told()
    how = f"by signal {-ended}" if ended < 0 else f"with exit code {ended}"
    error = SubmitterError(
        "reader-ended",
        f"the process that read it was ended {how}",
        where=task.file,
        hint="It may need more memory than there is. Submit it alone, or the summary of the tool.",
    )
    said = next((one.format for one in task.declared if one.format), None)
    kept = RefusedFile(task.name, error.code, step.digest, step.size, said or "")
    return ReadPaths((), (problem_of(task.file, error),), (), (kept,))


def _end(reader: _Reader, *, patience_seconds: float) -> None:
    reader.line.close()
    with suppress(subprocess.TimeoutExpired):
        reader.process.wait(patience_seconds)
    reader.process.kill()
    reader.process.wait()


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
