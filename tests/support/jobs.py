"""Jobs with a real writer, a real worker and real children, waited for without a clock."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from assaybook.domain.policy import Severity
from assaybook.service.bundles import Ruling
from assaybook.service.jobs import ask_for
from assaybook.service.worker import Worker, WorkLimits
from assaybook.service.writer import Writer
from assaybook.settings import now
from assaybook.store.jobs import Job, JobKind, JobState, load_job
from assaybook.store.unit_of_work import Reading, UnitOfWork

QUICK: Final = WorkLimits(hold_seconds=2, pause_seconds=0.05)
ENDED: Final = frozenset({JobState.DONE, JobState.FAILED})
_TURNS: Final = 1200


def asked(
    engine: Engine, ruling: Ruling, kind: JobKind = JobKind.ASSESSMENT, **more: object
) -> Job:
    """Ask for a job about release 1 of system s, by the real clock."""
    known: dict[str, object] = {"fail_on": Severity.HIGH, "as_of": None, "person": "ann"}
    with UnitOfWork(engine, now) as work:
        return ask_for(work, kind, "s", "1", ruling, **(known | more))  # type: ignore[arg-type]


@contextmanager
def working(
    engine: Engine,
    limits: WorkLimits = QUICK,
    child: str | None = None,
    keys: Path | None = None,
) -> Generator[Worker]:
    """Open a worker; ``child`` is Python to run in place of the real one, ``keys`` sign packs."""
    with Writer(engine, now) as writer:
        if child is None:
            made = Worker(engine, writer, limits=limits, keys=keys)
        else:
            command = (sys.executable, "-c", child)
            made = Worker(engine, writer, limits=limits, command=command)
        with made as worker:
            yield worker


def job_of(engine: Engine, job: str) -> Job:
    """Return a job as it stands."""
    with Reading(engine) as reading:
        return load_job(reading, job)


def awaited(engine: Engine, job: str, states: frozenset[JobState] = ENDED) -> Job:
    """Return a job once it is in one of these states."""
    for _turn in range(_TURNS):
        found = job_of(engine, job)
        if found.state in states:
            return found
        threading.Event().wait(0.05)
    message = f"the job has not ended after {_TURNS} turns"
    raise AssertionError(message)
