"""Time the log as it grows, and the audit of a store, one JSON object a line.

`python bench/ledger.py [ENTRIES [DOCUMENTS]]`, by default a million entries and 100,000 documents,
in temporary SQLite files with the settings that ship. Times are of the CPU, in milliseconds, so
that a busy machine does not matter. ``limit`` is what was promised; the exit status is 1 where it
is missed. The append at the end is compared with the one at 1,000 entries of the same run.
"""

import gc
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from storage import START, documents, ours, say, store_in

from assaybook.domain.canonical import digest_of
from assaybook.service.ledger import prove, prove_growth, sign_log
from assaybook.service.ledger_audit import audit
from assaybook.service.ledger_keys import Change, make_keys
from assaybook.store.journal import Entry
from assaybook.store.unit_of_work import Reading, UnitOfWork

LATER: Final = START + timedelta(days=30)
EARLY: Final = 1_000
BATCH: Final = 5_000
TRIES: Final = 200
BLOCK: Final = 256
PROOF_MS: Final = 5.0
GROWTH_MS: Final = 10.0
AUDIT_MS: Final = 10_000.0
APPEND_RATIO: Final = 1.5
OBJECTS_BETWEEN_COLLECTIONS: Final = 200_000


def entry(number: int) -> Entry:
    """Return an entry of the usual length."""
    digest = digest_of(str(number).encode())
    return Entry("evidence", f"ev-{digest.removeprefix('sha256:')}", digest, "pipeline")


def append(engine: Engine, first: int, count: int) -> None:
    """Record entries as one unit of work."""
    with UnitOfWork(engine, lambda: START) as work:
        work.record([entry(number) for number in range(first, first + count)])


def grown(engine: Engine, start: int, end: int) -> None:
    """Let a log grow to a size."""
    for first in range(start, end, BATCH):
        append(engine, first, min(BATCH, end - first))


def cpu(job: Callable[[int], object], tries: int) -> list[float]:
    """Return the milliseconds of the CPU that each of some tries took."""
    found: list[float] = []
    for number in range(tries):
        start = time.process_time()
        job(number)
        found.append((time.process_time() - start) * 1000)
    return found


def appending(engine: Engine, first: int) -> float:
    """Return the milliseconds of one entry in a unit of work of its own, of two blocks of them."""
    parts = [
        cpu(lambda number: append(engine, first + number, 1), BLOCK),
        cpu(lambda number: append(engine, first + BLOCK + number, 1), BLOCK),
    ]
    return min(map(statistics.mean, parts))


def growing(folder: Path, size: int) -> list[bool]:
    """Time appends, signing and proofs."""
    engine = store_in(folder, "log.db")
    there = 100  # systems and releases of the store
    grown(engine, there, EARLY)
    early = appending(engine, EARLY)
    grown(engine, EARLY + 2 * BLOCK, size - 2 * BLOCK)
    late = appending(engine, size - 2 * BLOCK)
    ratio = late / early
    kept = [
        say("append, 1,000 entries", kept=True, ms=early),
        say(
            f"append, {size:,} entries",
            kept=ratio <= APPEND_RATIO,
            ms=late,
            ratio=ratio,
            limit=APPEND_RATIO,
        ),
    ]
    keys = folder / "keys"
    make_keys(keys, "bench.example/log", Change(START))
    with Reading(engine) as reading:
        signed = sign_log(reading, keys, LATER)
        signing = statistics.median(cpu(lambda _: sign_log(reading, keys, LATER), 20))
        kept.append(say("sign", kept=True, ms=signing))
        choose = random.Random(7).randint  # noqa: S311 - places to look at
        places = [choose(1, signed.checkpoint.size) for _ in range(TRIES)]
        for name, job, limit in (
            ("inclusion proof", lambda n: prove(reading, places[n], signed), PROOF_MS),
            ("consistency proof", lambda n: prove_growth(reading, places[n], signed), GROWTH_MS),
        ):
            times = sorted(cpu(job, TRIES))
            middle, worst = statistics.median(times), times[TRIES * 99 // 100]
            kept.append(say(name, kept=worst <= limit, ms=middle, p99_ms=worst, limit=limit))
    engine.dispose()
    return kept


def auditing(folder: Path, count: int) -> bool:
    """Time the audit of a store of documents, each with an entry, a file and two rows."""
    engine = store_in(folder, "audit.db")
    for start in range(0, count, 1_000):
        ours(engine, documents(start, min(1_000, count - start)), 1_000)
    with Reading(engine) as reading:
        start = time.process_time()
        found = audit(reading)
        spent = (time.process_time() - start) * 1000
    engine.dispose()
    kept = not found.faults and spent <= AUDIT_MS
    return say("audit", kept=kept, entries=found.size, ms=spent, limit=AUDIT_MS)


def main(size: int, count: int) -> int:
    """Print the timings and return the exit status."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)  # as the command does
    with tempfile.TemporaryDirectory() as name:
        kept = [*growing(Path(name), size), auditing(Path(name), count)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*given, *(1_000_000, 100_000)[len(given) :]))
