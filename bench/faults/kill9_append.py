"""Kill a writer in the middle of appending to the log, and see that rows and tree still agree.

`python bench/faults/kill9_append.py [KILLS] [--postgres [KILLS]]`, by default 200 on SQLite and 30
on PostgreSQL; with a number alone, SQLite only. A writer submits evidence, one document or many in
a transaction, and says after each commit what was acknowledged. In turn it kills itself before or
after one of the statements of a transaction, also its commit, or is killed at any instant. After
every kill the whole store is audited: each transaction is there whole or not at all, every
acknowledged one is, and each kept node of the tree is what the entries make. One JSON object for
each database; the exit code is 1 where anything is lost, torn, or a fault of the audit.
"""

import json
import os
import random
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import serving
from sqlalchemy import Connection, Engine, event, text
from storage import documents, ours

from assaybook.domain.subject import Release, System
from assaybook.service.ledger_audit import audit
from assaybook.service.register_system import register_release, register_system
from assaybook.store.engine import open_engine
from assaybook.store.unit_of_work import Reading, UnitOfWork

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SIZES: Final = (1, 1, 3, 40)
_MOST_STATEMENTS: Final = 24
_LONGEST_SECONDS: Final = 0.12
_AT_STATEMENT, _AT_COMMIT, _AT_INSTANT = "statement", "commit", "instant"


@dataclass
class Seen:
    """What came of all kills."""

    kills: Counter[str] = field(default_factory=Counter[str])
    acknowledged: int = 0
    recorded: int = 0
    unacknowledged_but_recorded: int = 0
    lost: int = 0
    torn: int = 0
    faults: list[str] = field(default_factory=list[str])


def played(kind: str, database: str, kills: int) -> bool:
    """Kill so many writers on a database, print what came of it, and return whether all held."""
    chance = random.Random(20261121)  # noqa: S311 - no secret
    serving.assay("db", "upgrade", database=database)
    _prepare(database)
    seen = Seen()
    batches: dict[int, int] = {}
    acknowledged: set[int] = set()
    for number in range(kills):
        how = (_AT_STATEMENT, _AT_INSTANT, _AT_COMMIT, _AT_INSTANT)[number % 4]
        started, acks = killed(database, how, chance, first=max(batches, default=0) + 1)
        batches |= started
        acknowledged |= acks
        seen.kills[how] += 1
        _compare(database, batches, acknowledged, seen)
    line: dict[str, Any] = {"fault": "kill -9 in mid-append", "database": kind}
    line |= {"kills": dict(seen.kills)}
    line |= {"transactions_begun": len(batches), "acknowledged": seen.acknowledged}
    line |= {"recorded": seen.recorded, "recorded_unacknowledged": seen.unacknowledged_but_recorded}
    line |= {"lost": seen.lost, "torn": seen.torn, "audit_faults": seen.faults}
    print(json.dumps(line), flush=True)
    return not (seen.lost or seen.torn or seen.faults)


def _prepare(database: str) -> None:
    engine = open_engine(database)
    with UnitOfWork(engine, lambda: NOW) as work:
        for number in range(50):
            register_system(work, System(id=f"s{number}"))
            register_release(work, f"s{number}", Release(version="1"))
    engine.dispose()


def killed(
    database: str, how: str, chance: random.Random, *, first: int
) -> tuple[dict[int, int], set[int]]:
    """Fork a writer, let it be killed, and return the transactions it began and acknowledged."""
    place, after = chance.randint(1, _MOST_STATEMENTS), chance.random() < 0.5  # noqa: PLR2004
    sizes = [chance.choice(_SIZES) for _ in range(400)]
    wait = chance.uniform(0.0, _LONGEST_SECONDS)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _write(database, how, place, writer, zip(count(first), sizes, strict=False), after=after)
        os._exit(0)
    os.close(writer)
    said = b""
    if how == _AT_INSTANT:
        select.select([reader], [], [], 30)  # it has begun
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
    while found := os.read(reader, 65_536):
        said += found
    os.close(reader)
    _child, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        message = f"the writer ended by itself: {status}"
        raise RuntimeError(message)
    begun: dict[int, int] = {}
    done: set[int] = set()
    for line in said.decode().splitlines():
        word, number, size = line.split()
        if word == "begun":
            begun[int(number)] = int(size)
        else:
            done.add(int(number))
    return begun, done


def _write(  # noqa: PLR0913 - what the writer does, and where it dies
    database: str,
    how: str,
    place: int,
    out: int,
    batches: Iterator[tuple[int, int]],
    *,
    after: bool,
) -> None:
    """Submit batches until killed; each is told before it begins and after it is acknowledged."""
    engine = open_engine(database)
    for index, (number, size) in enumerate(batches):
        os.write(out, f"begun {number} {size}\n".encode())
        if index == 1 and how != _AT_INSTANT:
            _arm(engine, how, place, after=after)
        ours(engine, documents(number * 1_000, size), size, NOW + timedelta(seconds=number))
        os.write(out, f"done {number} {size}\n".encode())


def _arm(engine: Engine, how: str, place: int, *, after: bool) -> None:
    """Let the process die at a statement or at a commit from now on."""
    left = [place]

    def statement(*_given: Any) -> None:  # noqa: ANN401 - what SQLAlchemy tells
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def commit(connection: Connection) -> None:
        if after:
            connection.connection.commit()
        os.kill(os.getpid(), signal.SIGKILL)

    if how == _AT_COMMIT:
        event.listen(engine, "commit", commit)
    else:
        event.listen(engine, f"{'after' if after else 'before'}_cursor_execute", statement)


def _compare(database: str, batches: dict[int, int], acknowledged: set[int], seen: Seen) -> None:
    """Hold what is recorded against what was begun and acknowledged, and rows against the tree."""
    engine = open_engine(database)
    with Reading(engine) as reading:
        rows = reading.connection.execute(text("SELECT envelope_json FROM evidence")).scalars()
        there = Counter(int(json.loads(row)["run"]) // 1_000 for row in rows)
        found = audit(reading)
    engine.dispose()
    seen.acknowledged = len(acknowledged)
    seen.recorded = len(there)
    seen.lost = sum(there[number] != batches[number] for number in acknowledged)
    seen.torn = sum(size != batches.get(number) for number, size in there.items())
    seen.unacknowledged_but_recorded = len(set(there) - acknowledged)
    seen.faults += [f"{one.code} {one.where}" for one in found.faults]


if __name__ == "__main__":
    sys.exit(serving.killed_on_both(played))
