"""Time the store beside a session that commits row by row, in one run, one JSON object a line.

`python bench/storage.py [DOCUMENTS]` writes to a temporary SQLite file with the settings that ship.
Rates are documents per second; ``ratio`` compares with the naive session of the same run, since
rates alone are those of the disk. The exit status is 1 where a ratio or a limit is missed.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutSubject, Coverage, Envelope, Producer
from assaybook.domain.facts import Metric
from assaybook.domain.subject import Release, System
from assaybook.service.register_system import register_release, register_system
from assaybook.service.submit_evidence import submit_evidence
from assaybook.store.engine import open_engine
from assaybook.store.evidence import evidence_for, load_evidence
from assaybook.store.rows import rows_of
from assaybook.store.schema import upgrade
from assaybook.store.tables import BlobRow, EvidenceRow, ReadingRow
from assaybook.store.unit_of_work import Reading, UnitOfWork

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
BATCH: Final = 1000
SYSTEMS: Final = 50
SOURCES: Final = 4
MOST_GROWTH: Final = 3
_PLACES: Final = count()


def documents(first: int, count: int) -> list[tuple[Evidence, bytes]]:
    """Return documents of 4 KB with two facts and one coverage row each, over fifty systems."""
    return [_document(number) for number in range(first, first + count)]


def _document(number: int) -> tuple[Evidence, bytes]:
    content = f"{number:016d}".encode() * 256
    return document_of(number, digest_of(content), len(content), str(number), START), content


def document_of(number: int, blob: str, size: int, run: str, now: datetime) -> Evidence:
    """Return the document of a number, over fifty systems with four sources each."""
    envelope = Envelope(
        id=f"ev-{blob.removeprefix('sha256:')}",
        blob=blob,
        size=size,
        subject=AboutSubject(system=f"s{number % SYSTEMS}", release="1"),
        format="bench",
        producer=Producer(tool=f"tool-{number // SYSTEMS % SOURCES}"),
        run=run,
        received_at=now,
        adapter="bench",
    )
    facts = tuple(
        Metric(pointer=f"/{name}", name=name, slice="", value=0.9, n=100, kind="quality")
        for name in ("recall", "precision")
    )
    covered = Coverage(question="metric/quality", examined=2, failed=0, errored=0, skipped=0)
    return Evidence(envelope=envelope, facts=facts, coverage=(covered,))


def ours(
    engine: Engine, made: Sequence[tuple[Evidence, bytes]], batch: int, now: datetime = START
) -> None:
    """Submit documents, so many in one submission."""
    for start in range(0, len(made), batch):
        some = made[start : start + batch]
        with UnitOfWork(engine, lambda: now) as work:
            blobs = {one.envelope.blob: content for one, content in some}
            submit_evidence(work, [one for one, _content in some], blobs)


def naive(engine: Engine, made: Sequence[tuple[Evidence, bytes]]) -> None:
    """Write the same rows with one session for each document, as an example of SQLModel would."""
    for one, content in made:
        rows, blob, seq = rows_of(one), one.envelope.blob, next(_PLACES)
        with Session(engine) as session:
            kept = BlobRow(digest=blob, size=len(content), kept_digest=blob, content=content)
            session.add(kept)
            session.flush()
            session.add(EvidenceRow.model_validate(rows.evidence | {"seq": seq}))
            session.flush()
            session.add(ReadingRow.model_validate(rows.reading | {"seq": seq}))
            session.commit()


def store_in(folder: Path, name: str) -> Engine:
    """Return a new store in which every system of the documents is registered."""
    engine = open_engine(f"sqlite:///{folder / name}")
    upgrade(engine)
    with UnitOfWork(engine, lambda: START) as work:
        for number in range(SYSTEMS):
            register_system(work, System(id=f"s{number}"))
            register_release(work, f"s{number}", Release(version="1"))
    return engine


def seconds(job: Callable[[], object], runs: int = 1) -> float:
    """Return the best time of some runs."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        job()
        best = min(best, time.perf_counter() - start)
    return best


def say(job: str, *, kept: bool, **figures: float) -> bool:
    """Print one line and return whether what was promised was kept."""
    rounded = {name: round(value, 6) for name, value in figures.items()}
    print(json.dumps({"job": job, **rounded, "kept": kept}), flush=True)
    return kept


def main(count: int) -> int:
    """Print the timings and return the exit status."""
    kept: list[bool] = []
    few = 400
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        other, made = store_in(folder, "naive.db"), documents(0, few)
        plain = few / seconds(lambda: naive(other, made))
        other.dispose()
        say("a session for each document", kept=True, rate=plain)
        store = store_in(folder, "ours.db")
        single = few / seconds(lambda: ours(store, made, 1))
        kept.append(say("one submission a document", kept=True, rate=single, ratio=single / plain))
        made = documents(few, BATCH)
        batch = BATCH / seconds(lambda: ours(store, made, BATCH))
        kept.append(
            say("batches of 1000", kept=batch >= 2.5 * plain, rate=batch, ratio=batch / plain)
        )
        small = looking(store)
        for start in range(few + BATCH, count, BATCH):
            ours(store, documents(start, BATCH), BATCH)
        made = documents(count + BATCH, BATCH)
        late = BATCH / seconds(lambda: ours(store, made, BATCH))
        kept.append(say("batches, later", kept=late >= 0.5 * batch, rate=late, ratio=late / batch))
        large = looking(store)
        for job, before, after in zip(("one document", "nothing yet"), small, large, strict=True):
            growth = after / before
            kept.append(say(job, kept=growth <= MOST_GROWTH, seconds=after, ratio=growth))
        whole = seconds(lambda: all_of_one(store))
        say("all documents of one system", kept=True, seconds=whole)
        store.dispose()
    return 0 if all(kept) else 1


def looking(engine: Engine) -> tuple[float, float]:
    """Return the seconds of a look-up of one document, and of one as of before all others."""
    ((one, _content),) = documents(7, 1)
    with Reading(engine) as reading:
        before = START - timedelta(days=1)
        whole = seconds(lambda: load_evidence(reading, one.envelope.id), 20)
        return whole, seconds(lambda: evidence_for(reading, "s7", as_of=before), 20)


def all_of_one(engine: Engine) -> int:
    """Return how many documents one system has, all of them read."""
    with Reading(engine) as reading:
        return len(evidence_for(reading, "s7", as_of=START + timedelta(days=1)))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
