"""Time the gate of one release in a small store and in a large one, one JSON object a line.

`python bench/gate.py [DOCUMENTS]` (a million unless told) fills a temporary SQLite store with what
other systems submit in the month after the example was. It asks the gate of the example's release
as of the end of that month, while the store holds 10,000 documents and again when it holds them
all, and both answers must be the same. The limit is for the time of the processor, since that of
the clock is also that of whatever else runs. The exit status is 1 where it is missed.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filling import MONTH, fill
from sqlalchemy import Engine
from storage import START, say, store_in

from assaybook.domain.policy import Assurance, Severity
from assaybook.service.bundles import BundleFiles, Ruling, read_ruling
from assaybook.service.gate import gate_now
from assaybook.service.register_system import register_releases, register_system
from assaybook.service.subjects import read_subject
from assaybook.service.submission import Submission
from assaybook.service.submit_documents import record_submission
from assaybook.service.submit_files import read_submission
from assaybook.store.unit_of_work import Reading, UnitOfWork

ROOT: Final = Path(__file__).resolve().parents[1]
EXAMPLE: Final = ROOT / "examples" / "diabetes"
RELEASE: Final = "1.0.0-sound"
AS_OF: Final = datetime(2026, 11, 20, tzinfo=UTC)
NOW: Final = AS_OF + MONTH
SMALL: Final = 10_000
MOST_GROWTH: Final = 1.5


def example(engine: Engine) -> tuple[str, Ruling]:
    """Register and submit the example, and return its system and what it is judged by."""
    subject = read_subject(EXAMPLE / "system.yaml", RELEASE)
    before = read_subject(EXAMPLE / "system.yaml", "0.9.0-baseline")
    with UnitOfWork(engine, lambda: START) as work:
        register_system(work, subject.system)
        register_releases(work, subject.system.id, (before.release, subject.release))
    with UnitOfWork(engine, lambda: AS_OF) as work:
        submission = _submission(subject.system.id)
        record_submission(work, submission.origin, read_submission(submission, work.now))
    overlay = EXAMPLE / "overlay.yaml"
    ruling = read_ruling(BundleFiles(overlays=(overlay,), scope=EXAMPLE / "scope.yaml"))
    return subject.system.id, ruling


def _submission(system: str) -> Submission:
    folder = EXAMPLE / "releases" / RELEASE / "evidence"
    return Submission((folder,), system, RELEASE, assurance=Assurance.CI)


def gate(engine: Engine, system: str, ruling: Ruling) -> Callable[[], object]:
    """Return the question: what does the gate of the example say?"""

    def ask() -> object:
        with Reading(engine) as reading:
            return gate_now(reading, system, RELEASE, ruling, fail_on=Severity.HIGH, as_of=NOW)

    return ask


def seconds(job: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the least seconds that a job took, of a processor and of the clock."""
    processor: list[float] = []
    clock: list[float] = []
    for _ in range(runs):
        began, start = time.process_time(), time.perf_counter()
        job()
        processor.append(time.process_time() - began)
        clock.append(time.perf_counter() - start)
    return min(processor), min(clock)


def main(count: int) -> int:
    """Print the timings and return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        engine = store_in(Path(name), "gate.db")
        ask = gate(engine, *example(engine))
        fill(engine, 0, SMALL, count, AS_OF)
        before, (small, clock) = ask(), seconds(ask, 15)
        say("gate, 10,000 documents in the store", kept=True, seconds=small, clock=clock)
        took = time.process_time()
        fill(engine, SMALL, count, count, AS_OF)
        took = time.process_time() - took
        large, clock = seconds(ask, 15)
        kept = say(
            f"gate, {count:,} documents in the store",
            kept=large <= MOST_GROWTH * small and ask() == before,
            seconds=large,
            clock=clock,
            ratio=large / small,
            filled_in=took,
            memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
        engine.dispose()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
