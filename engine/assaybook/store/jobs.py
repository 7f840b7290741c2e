"""Work outside a request: queued, held by one worker at a time, and never forgotten.

A worker holds a job until an instant and keeps moving it. What a dead worker held is taken up
again once that instant has passed, so many times at the most.
"""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Final

from pydantic import JsonValue
from sqlalchemy import func, insert, select, update
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.ids import Digest, Instant
from assaybook.domain.policy import Severity
from assaybook.store.rows import json_of
from assaybook.store.tables_jobs import JobRow
from assaybook.store.unit_of_work import Reading, UnitOfWork

ATTEMPTS: Final = 3
"""How often a job is begun, at the most."""


class JobKind(StrEnum):
    """What a job makes."""

    ASSESSMENT = "assessment"
    PACK = "pack"


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Task(Frozen):
    """What is to be done; equal tasks come to the same."""

    kind: JobKind
    system: str
    release: str
    as_of: Instant
    fail_on: Severity
    bundle: Digest
    engine: str
    organisation: str = ""


class JobProblem(Frozen):
    """Why a job failed: what an error says of itself."""

    code: str
    message: str
    where: str = ""
    hint: str = ""


class Job(Frozen):
    """One piece of work, and how far it is.

    ``result`` is the digest of the assessment that it made; of a pack too.
    """

    id: str
    task: Task
    state: JobState
    attempts: int
    asked_at: Instant
    asked_by: str
    ended_at: Instant | None = None
    result: str | None = None
    problem: JobProblem | None = None


_PREFIX: Final = {JobKind.ASSESSMENT: "job", JobKind.PACK: "pk"}
_ACTIVE: Final = (JobState.QUEUED.value, JobState.RUNNING.value)
_ABANDONED: Final = JobProblem(
    code="job-abandoned",
    message=f"it was begun {ATTEMPTS} times, and each time the worker ended before it did",
    hint="Look into the log of the server for what ends it, and ask again.",
)


_SHARES: Final = 4
"""Persons at least whose jobs fill the queue."""


def job_id(task: Task) -> str:
    """Return the id of a task: equal tasks are one job."""
    return f"{_PREFIX[task.kind]}-{digest_of(json_of(task)).partition(':')[2][:32]}"


def ask_job(work: UnitOfWork, task: Task, *, person: str, most: int) -> Job:
    """Queue a task, and return its job; what is queued, running or done is not queued again.

    Of the places of the queue, one person takes a quarter at most, so that others find some.

    Raises:
        OperatorError: ``too-many-jobs``, so many are waiting that this one is not taken.
    """
    name = job_id(task)
    known = _found(work, name)
    if known is not None and known.state is not JobState.FAILED:
        return known
    share = max(1, most // _SHARES)
    if count_active(work) >= most or count_active(work, asked_by=person) >= share:
        raise OperatorError(
            "too-many-jobs",
            f"{most} jobs are waiting or running already, or {share} of yours",
            hint="Ask again when some of them are done; nothing was recorded.",
        )
    fresh: dict[str, object] = {
        "asked_at": work.now,
        "asked_by": person,
        "state": JobState.QUEUED.value,
        "attempts": 0,
        "owner": "",
        "held_until": None,
        "ended_at": None,
        "result": None,
        "problem_json": None,
    }
    if known is None:
        row = fresh | {"id": name, "task_json": json_of(task).decode()}
        work.connection.execute(insert(JobRow), row)
    else:
        work.connection.execute(update(JobRow).where(col(JobRow.id) == name).values(**fresh))
    return load_job(work, name)


def load_job(reading: Reading, job: str, *, systems: Collection[str] | None = None) -> Job:
    """Return a job of one of these systems, or of any.

    Raises:
        UsageError: ``job-unknown``, also where it is of another system.
    """
    found = _found(reading, job)
    if found is None or (systems is not None and found.task.system not in systems):
        raise UsageError("job-unknown", f"there is no job {job[:80]!r}")
    return found


def count_active(reading: Reading, *, asked_by: str | None = None) -> int:
    """Return how many jobs wait or run: all of them, or those that a person asked for."""
    query = select(func.count(col(JobRow.id))).where(col(JobRow.state).in_(_ACTIVE))
    if asked_by is not None:
        query = query.where(col(JobRow.asked_by) == asked_by)
    return reading.connection.execute(query).scalar_one()


def unmade_packs(
    reading: Reading, *, most: int, systems: Collection[str] | None = None
) -> tuple[Job, ...]:
    """Return the jobs that were to make packs and have not, the last asked first.

    Args:
        reading: of the store.
        most: how many jobs are looked at, of whatever system.
        systems: those that the reader may see, None for all.
    """
    state, asked = col(JobRow.state), col(JobRow.asked_at)
    name = col(JobRow.id)
    query = (
        select(name)
        .where(state.in_((*_ACTIVE, JobState.FAILED.value)))
        .where(name.startswith(f"{_PREFIX[JobKind.PACK]}-"))
        .order_by(asked.desc(), name)
        .limit(most)
    )
    found = [_found(reading, one) for one in reading.connection.execute(query).scalars().all()]
    return tuple(one for one in found if one and (systems is None or one.task.system in systems))


def next_job(work: UnitOfWork, *, owner: str, hold: timedelta) -> Job | None:
    """Take the job that has waited longest, and hold it; None where none waits.

    A job whose holder let its time pass waits again, or has failed after the last attempt.
    """
    _take_back(work)
    waiting = (
        select(col(JobRow.id))
        .where(col(JobRow.state) == JobState.QUEUED.value)
        .order_by(col(JobRow.asked_at), col(JobRow.id))
        .limit(1)
    )
    name = work.connection.execute(waiting).scalar()
    if name is None:
        return None
    work.connection.execute(
        update(JobRow)
        .where(col(JobRow.id) == name)
        .values(
            state=JobState.RUNNING.value,
            attempts=col(JobRow.attempts) + 1,
            owner=owner,
            held_until=work.now + hold,
        )
    )
    return load_job(work, name)


def hold_job(work: UnitOfWork, job: str, *, owner: str, hold: timedelta) -> bool:
    """Hold a job for longer; tell whether it is still this worker's."""
    return _moved(work, job, owner, held_until=work.now + hold)


def end_job(work: UnitOfWork, job: str, *, owner: str, came_to: str | JobProblem) -> bool:
    """Say what a job came to: the digest of its assessment, or why it failed.

    Return whether it was still this worker's to say.
    """
    values: dict[str, object] = {"ended_at": work.now, "held_until": None}
    if isinstance(came_to, JobProblem):
        values |= {"state": JobState.FAILED.value, "problem_json": json_of(came_to).decode()}
    else:
        values |= {"state": JobState.DONE.value, "result": came_to}
    return _moved(work, job, owner, **values)


def requeue_job(work: UnitOfWork, job: Job, *, owner: str, why: JobProblem | None) -> bool:
    """Let a job wait again; return whether it was still this worker's.

    ``why`` is what ended the attempt; after the last attempt the job has failed of it. None is a
    worker that was asked to stop, and no attempt of the job's.
    """
    if why is not None and job.attempts >= ATTEMPTS:
        return end_job(work, job.id, owner=owner, came_to=why)
    attempts = job.attempts if why is not None else job.attempts - 1
    queued = JobState.QUEUED.value
    return _moved(work, job.id, owner, state=queued, attempts=attempts, held_until=None, owner="")


def _take_back(work: UnitOfWork) -> None:
    """Let what a dead worker held wait again, or fail after the last attempt."""
    overdue = (
        col(JobRow.state) == JobState.RUNNING.value,
        col(JobRow.held_until) < work.now,
    )
    work.connection.execute(
        update(JobRow)
        .where(*overdue, col(JobRow.attempts) >= ATTEMPTS)
        .values(
            state=JobState.FAILED.value,
            ended_at=work.now,
            held_until=None,
            problem_json=json_of(_ABANDONED).decode(),
        )
    )
    work.connection.execute(
        update(JobRow)
        .where(*overdue)
        .values(state=JobState.QUEUED.value, held_until=None, owner="")
    )


def _moved(work: UnitOfWork, job: str, by: str, **values: object) -> bool:
    done = work.connection.execute(
        update(JobRow)
        .where(
            col(JobRow.id) == job,
            col(JobRow.owner) == by,
            col(JobRow.state) == JobState.RUNNING.value,
        )
        .values(**values)
    )
    return done.rowcount == 1


def _found(reading: Reading, job: str) -> Job | None:
    names = ("id", "state", "attempts", "asked_at", "asked_by", "ended_at", "result")
    query = select(
        *(col(getattr(JobRow, name)) for name in names),
        col(JobRow.task_json),
        col(JobRow.problem_json),
    ).where(col(JobRow.id) == job)
    row = reading.connection.execute(query).mappings().first()
    if row is None:
        return None
    problem: JsonValue = row["problem_json"]
    return Job(
        **{name: row[name] for name in names if name != "state"},
        state=JobState(row["state"]),
        task=Task.model_validate_json(row["task_json"]),
        problem=None if problem is None else JobProblem.model_validate_json(row["problem_json"]),
    )
