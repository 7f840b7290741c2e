"""A replay for somebody who asks a server: in a child process that can be ended, and unrecorded.

It takes a processor as long as it needs, up to a limit, and memory up to another; the server goes
on meanwhile. One is under way at a time in a process of the server, and whoever asks while it is
may ask again soon.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from threading import Lock
from typing import Final

from pydantic import Field, JsonValue, ValidationError

from assaybook.domain.base import Frozen
from assaybook.domain.errors import (
    AssayError,
    AuthorError,
    OperatorError,
    SubmitterError,
    UsageError,
)
from assaybook.domain.ids import Instant, SystemId, Version, written
from assaybook.domain.policy import Severity
from assaybook.domain.replay import Replay
from assaybook.store.engine import Database

_LOG: Final = logging.getLogger("assaybook.jobs")
_CHILD: Final = (sys.executable, "-m", "assaybook.service.replay_child")
_ONE_AT_A_TIME: Final = Lock()
_KINDS: Final[dict[str, type[AssayError]]] = {
    one.__name__: one for one in (AuthorError, OperatorError, SubmitterError, UsageError)
}
_LESS: Final = "Ask for one system or release, for some policies, or for a shorter period."


class ReplayWanted(Frozen):
    """New criteria, and the releases and the period that they are tried on.

    Attributes:
        bundle: what `assay bundle build` wrote, plain or signed.
        since: the first instant of the period.
        until: the last; what is later than now is a forecast.
        in_force: what to compare with, as `bundle`; without it, that of each last assessment.
        system: this one alone; without it, all that you may see.
        release: this one of the system alone.
        policies: ids or patterns of the policies to compare; all where there is none.
        fail_on: the least severity that decides `exit`.
    """

    bundle: dict[str, JsonValue]
    since: Instant
    until: Instant
    in_force: dict[str, JsonValue] | None = None
    system: SystemId | None = None
    release: Version | None = None
    policies: tuple[str, ...] = Field(default=(), max_length=200)
    fail_on: Severity = Severity.LOW


@dataclass(frozen=True, slots=True)
class ReplayLimits:
    """What one replay may cost: less than the time for which a client waits for an answer."""

    wall_seconds: float = 50
    cpu_seconds: int = 45
    memory_bytes: int = 4 * 2**30


class ReplayTold(Frozen):
    """What the child says at its end: the replay, or why there is none."""

    replay: Replay | None = None
    kind: str = ""
    code: str = ""
    message: str = ""
    where: str = ""
    hint: str = ""
    frames: tuple[str, ...] = ()


def replay_apart(
    engine: Database,
    wanted: ReplayWanted,
    *,
    now: datetime,
    systems: Collection[str] | None,
    limits: ReplayLimits = ReplayLimits(),
) -> Replay:
    """Replay over a database in a child process; ``systems`` are those that may be looked at.

    Raises:
        OperatorError: ``too-busy``, another is under way; or it failed.
        UsageError: ``replay-too-long``; and what ``replay`` raises.
        AuthorError: a bundle cannot be used.
    """
    order = {
        "database": engine.url.render_as_string(hide_password=False),
        "wanted": wanted.model_dump(mode="json"),
        "systems": None if systems is None else sorted(systems),
        "now": written(now),
        "cpu_seconds": limits.cpu_seconds,
        "memory_bytes": limits.memory_bytes,
    }
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise OperatorError("too-busy", "another replay is under way", hint="Ask again soon.")
    try:
        code, said = _done(json.dumps(order).encode() + b"\n", limits.wall_seconds)
    finally:
        _ONE_AT_A_TIME.release()
    return _answered(code, said)


def _done(order: bytes, wall_seconds: float) -> tuple[int, bytes]:
    """Run the child to its end, and return how it ended and what it said.

    Raises:
        UsageError: ``replay-too-long``.
    """
    with TemporaryFile() as out:
        child = subprocess.Popen(  # noqa: S603 - our own module, no shell, no words of a caller
            _CHILD,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert child.stdin is not None  # noqa: S101 - it was asked for
        try:
            with suppress(BrokenPipeError):  # it has ended; how is told by its exit code
                child.stdin.write(order)
                child.stdin.flush()
            code = child.wait(wall_seconds)
        except subprocess.TimeoutExpired:
            raise _too_long() from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            # It stays open until here: that is how the child knows that somebody waits.
            with suppress(BrokenPipeError):
                child.stdin.close()
        out.seek(0)
        return code, out.read()


def _answered(code: int, said: bytes) -> Replay:
    if code == -signal.SIGXCPU:
        raise _too_long()
    try:
        told = ReplayTold.model_validate_json(said)
    except ValidationError:
        told = ReplayTold(code="internal-error", message=f"it ended with {code} and no reason")
    if told.replay is not None:
        return told.replay
    if told.kind in _KINDS:
        raise _KINDS[told.kind](told.code, told.message, where=told.where, hint=told.hint)
    _LOG.error("defect", extra={"fields": {"code": told.code, "frames": list(told.frames)}})
    raise OperatorError(told.code, told.message, hint="Tell the operator: the log says where.")


def _too_long() -> UsageError:
    return UsageError("replay-too-long", "it takes longer than a request may", hint=_LESS)
