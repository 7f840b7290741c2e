"""Time intake beside libraries that only parse and validate, in one run, one JSON object a line.

`python bench/intake.py [DOCUMENTS]` reads documents of 4 KB from bytes to evidence and compares it
with orjson, pydantic and SHA-256 over the same bytes. It submits batches of a thousand to SQLite,
with the settings that ship, beside raw `executemany` of the same bytes and of the same rows, and
beside a session of SQLModel for each document. Last it submits DOCUMENTS files and tells how much
memory it holds after a thousand, ten thousand and so on (`python bench/intake.py memory 100000`
does that alone). Seconds are those of the processor, the best of rounds in which all take turns, so
that a busy machine and its disk change little; `ratio` is our rate to theirs.
"""

import gc
import hashlib
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final, TypeVar

from intake_documents import Kind, assaybook, kinds
from sqlalchemy import Engine
from storage import naive, store_in

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.intake.declared import Declared
from assaybook.intake.detect import detect
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.read import Receipt, open_document
from assaybook.intake.redact import redact
from assaybook.service.submission import Submission
from assaybook.service.submit_documents import Origin, Sent, read_documents, record_submission
from assaybook.service.submit_files import submit_in_parts
from assaybook.store.engine import open_engine
from assaybook.store.rows import rows_of
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import UnitOfWork

START: Final = datetime(2026, 2, 1, tzinfo=UTC)
LIMITS: Final = Limits()
DECLARED: Final = (Declared(system="s1", release="1"),)
RECEIPT: Final = Receipt(START)
ORIGIN: Final = Origin("s1", "1")
ROUNDS: Final = 7
SOME: Final = 200
BATCH: Final = 1000
TABLES: Final = ("entries", "blobs", "evidence", "readings")
Job = Callable[[], object]
_Each = TypeVar("_Each")


def main(documents: int) -> None:
    """Print the timings; both sides collect garbage as seldom as the command does."""
    gc.set_threshold(200_000)
    for kind in kinds():
        small(kind)
    batches()
    subprocess.run([sys.executable, __file__, "memory", str(documents)], check=True)


def opened(raw: bytes) -> tuple[Evidence, ...]:
    """Read one document to its evidence."""
    return open_document(
        raw,
        name="report.json",
        declared=DECLARED,
        receipt=RECEIPT,
        limits=LIMITS,
    ).evidence


def small(kind: Kind) -> None:
    """Print how long documents of a format take beside the peer, and which step how long."""
    raws = [kind.make(number) for number in range(SOME)]
    jobs = {"ours": lambda: every(opened, raws), "peer": lambda: every(peer(kind), raws)}
    took = {name: taken / SOME for name, taken in best(jobs | parts(raws)).items()}
    ours, theirs = took.pop("ours"), took.pop("peer")
    facts = sum(len(one.facts) for one in opened(raws[0]))
    line: dict[str, object] = {"job": "read 4 KB", "format": kind.name}
    line |= {"bytes": len(raws[0]), "facts": facts, "microseconds": micro(ours)}
    line |= {"peer_microseconds": micro(theirs), "ratio": round(theirs / ours, 3)}
    print(json.dumps(line | {"steps": {name: micro(each) for name, each in took.items()}}))


def peer(kind: Kind) -> Callable[[bytes], object]:
    """Return what parses, validates by a declared model and digests bytes."""
    import orjson

    validated = kind.model.model_validate
    return lambda raw: (validated(orjson.loads(raw)), hashlib.sha256(raw).hexdigest())


def parts(raws: Sequence[bytes]) -> dict[str, Job]:
    """Return the steps of reading, each alone; what is left to the whole is laying and sealing.

    A document that is redacted is changed, so each is parsed for it anew.
    """
    documents = [parse(raw, "report.json", LIMITS) for raw in raws]
    adapter, seen = detect(documents[0], None)
    clean = [redact(parse(raw, "report.json", LIMITS), adapter.name).document for raw in raws]
    evidence = [one for raw in raws for one in opened(raw)]
    return {
        "parse": lambda: every(lambda raw: parse(raw, "report.json", LIMITS), raws),
        "detect": lambda: every(lambda one: detect(one, None), documents),
        "parse and redact": lambda: every(
            lambda raw: redact(parse(raw, "report.json", LIMITS), adapter.name), raws
        ),
        "facts": lambda: every(lambda one: adapter.read(one, seen), clean),
        "digest": lambda: every(digest_of, raws),
        "rows, when it is submitted": lambda: every(rows_of, evidence),
    }


def every(job: Callable[[_Each], object], things: Sequence[_Each]) -> None:
    """Do a job with each thing, and keep nothing of it."""
    for one in things:
        job(one)


def best(jobs: dict[str, Job], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the best processor time of each job, over rounds in which they take turns."""
    found = dict.fromkeys(jobs, float("inf"))
    for _ in range(rounds):
        for name, job in jobs.items():
            began = time.process_time()
            job()
            found[name] = min(found[name], time.process_time() - began)
    return found


def micro(seconds: float) -> float:
    """Return seconds as microseconds."""
    return round(seconds * 1e6, 1)


def batches() -> None:
    """Print the rates of batches: ours beside raw SQL and a session for each document."""
    with tempfile.TemporaryDirectory() as name:
        folder, numbers = Path(name), count()
        stores = {one: store_in(folder, f"{one}.db") for one in ("ours", "session")}
        submitted(stores["ours"], [assaybook(next(numbers)) for _ in range(BATCH)])
        rows = rows_in(folder / "ours.db")
        line = empty(folder / "bytes.db")
        line.execute("create table documents (digest text primary key, content blob)")

        def fresh(many: int) -> list[bytes]:
            return [assaybook(next(numbers)) for _ in range(many)]

        made = {
            "ours": lambda: submitted(stores["ours"], fresh(BATCH)),
            "raw executemany of the same bytes": lambda: of_bytes(line, fresh(BATCH)),
            "raw executemany of the same rows": lambda: of_rows(folder, next(numbers), rows),
            "a session of SQLModel for each": lambda: sessions(stores["session"], fresh(SOME)),
        }
        took = dict.fromkeys(made, float("inf"))
        for _ in range(3):
            for peer_name, job in made.items():
                took[peer_name] = min(took[peer_name], job())
        for store in stores.values():
            store.dispose()
        line.close()
    ours = took.pop("ours")
    for peer_name, each in took.items():
        told = {"job": "submit 4 KB", "rate": round(1 / ours), "peer": peer_name}
        print(json.dumps(told | {"peer_rate": round(1 / each), "ratio": round(each / ours, 3)}))


def submitted(store: Engine, raws: Sequence[bytes]) -> float:
    """Submit a batch in one commit, and return the processor seconds of a document."""
    began = time.process_time()
    sent = [Sent(f"{number}.json", raw) for number, raw in enumerate(raws)]
    with UnitOfWork(store, lambda: START) as work:
        record_submission(work, ORIGIN, read_documents(sent, ORIGIN, work.now))
    return (time.process_time() - began) / len(raws)


def of_bytes(line: sqlite3.Connection, raws: Sequence[bytes]) -> float:
    """Write a batch of bytes with their digests, and return the seconds of a document."""
    began = time.process_time()
    line.execute("begin immediate")
    rows = ((hashlib.sha256(raw).hexdigest(), raw) for raw in raws)
    line.executemany("insert into documents values (?, ?)", rows)
    line.execute("commit")
    return (time.process_time() - began) / len(raws)


def of_rows(folder: Path, number: int, rows: dict[str, list[tuple[object, ...]]]) -> float:
    """Write rows that are ready into the same tables, and return the seconds of a document."""
    path = folder / f"rows{number}.db"
    store = open_engine(f"sqlite:///{path}")
    upgrade(store)
    store.dispose()
    line = empty(path)
    began = time.process_time()
    line.execute("begin immediate")
    for table, held in rows.items():
        marks = ", ".join("?" * len(held[0]))
        line.executemany(f"insert into {table} values ({marks})", held)  # noqa: S608 - our names
    line.execute("commit")
    took = time.process_time() - began
    line.close()
    return took / BATCH


def sessions(store: Engine, raws: Sequence[bytes]) -> float:
    """Write each document in a session of its own, and return the seconds of a document."""
    began = time.process_time()
    naive(store, [(one, raw) for raw in raws for one in opened(raw)])
    return (time.process_time() - began) / len(raws)


def rows_in(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what the tables hold that a submission writes to."""
    line = empty(path)
    held = {one: line.execute(f"select * from {one}").fetchall() for one in TABLES}  # noqa: S608
    line.close()
    return held


def empty(path: Path) -> sqlite3.Connection:
    """Return a connection with the settings of the store."""
    line = sqlite3.connect(path, isolation_level=None)
    line.execute("pragma journal_mode=wal")
    line.execute("pragma synchronous=full")
    return line


def memory(documents: int) -> None:
    """Submit a folder of so many files, and print how much memory is held on the way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "evidence")
        for number in range(documents):
            place = folder / str(number // BATCH)
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{number}.json").write_bytes(assaybook(number))
        store_in(Path(name), "ours.db").dispose()
        url = f"sqlite:///{name}/ours.db"
        clock = (START + timedelta(seconds=number) for number in count())
        said = Submission((folder,), "s1", "1")
        began, accepted, mark = time.process_time(), 0, BATCH
        for done in submit_in_parts(url, said, lambda: next(clock)):
            accepted += len(done.report.accepted)
            if accepted >= mark:
                mark = min(mark * 10, max(documents, accepted + 1))
                took = time.process_time() - began
                line = {"job": "submit a folder", "documents": accepted}
                line |= {"held_mb": held(), "rate": round(accepted / took)}
                print(json.dumps(line), flush=True)


def held() -> int:
    """Return how many megabytes of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 2**20


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        memory(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
