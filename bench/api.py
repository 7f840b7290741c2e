"""Load the service with durable posts beside a FastAPI route that does nothing, in one run.

`python bench/api.py [POSTS]` starts `assay serve` on a new SQLite file and a server of one process
whose route takes the same body into a declared model and answers at once; both get such
posts over 32 connections, in turns, ours also with an Idempotency-Key each, as our client sends
them, and with one worker. A third server writes rows such as ours and does nothing else
(`least.py`): what it is slower by than the one that does nothing is the price of the rows. One JSON
object a line: requests a second, median and 99th percentile in milliseconds, and last the
quartiles of the ratios. Rates alone are those of the machine.
"""

import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from posting import CONNECTIONS, load, runner, written

ROUNDS: Final = 9
POSTS: Final = 1500
WARM: Final = 400
MANY: Final = 100_000
MOST_GROWTH: Final = 1.05
ASSAY: Final = (sys.executable, "-m", "assaybook")


def report(number: int) -> bytes:
    """Return a document of 1.2 KB with eight metrics, one for each group; each is another."""
    facts = [
        {
            "type": "metric",
            "name": "recall",
            "slice": f"group={group}",
            "split": "holdout",
            "dataset": "d",
            "value": 0.9 + number % 97 / 1000,
            "n": 100 + number % 50,
        }
        for group in range(8)
    ]
    row = {"question": "metric/quality", "examined": 8, "failed": 0, "errored": 0, "skipped": 0}
    document = {
        "assaybook": "v1",
        "tool": {"name": "evaluate", "version": "1.2"},
        "run": f"run-{number}",
        "produced_at": "2026-01-02T03:04:05Z",
        "coverage": [row],
        "facts": facts,
    }
    return json.dumps(document).encode()


def reports(first: int, count: int) -> Iterator[bytes]:
    """Yield so many documents."""
    return map(report, range(first, first + count))


@contextmanager
def started(command: tuple[str, ...], port: int) -> Generator[int]:
    """Run a server until it is no longer needed; yield the id of its process."""
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _turn in range(600):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        server.wait(20)


def family(pid: int) -> list[int]:
    """Return a process and those that it has started."""
    began = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, began)]


def processor_seconds(pid: int) -> float:
    """Return how long a process and those that it has started have used processors."""
    used = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        port: int = line.getsockname()[1]
        return port


@dataclass
class Rounds:
    """What the rounds of one server came to: rates, the seconds of each post, and of processors.

    ``keyed`` tells that each post has an Idempotency-Key; ``first`` is the number of its first.
    """

    name: str
    port: int
    pid: int
    keyed: bool = False
    first: int = 0
    rates: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def a_round(found: Rounds, turn: int, posts: int, key: str) -> None:
    """Load one server with so many documents, other ones each turn."""
    first = found.first + turn * posts
    ready = written(reports(first, posts), key, keyed=found.keyed)
    before = processor_seconds(found.pid)
    rate, times = runner()(load(found.port, ready))
    found.processor.append((processor_seconds(found.pid) - before) / posts)
    found.rates.append(rate)
    found.times += times


def measured(found: Rounds) -> None:
    """Print what the rounds of a server came to."""
    rate, processor = statistics.median(found.rates), statistics.median(found.processor)
    times = sorted(found.times)
    line = {
        "server": found.name,
        "posts": len(times),
        "connections": CONNECTIONS,
        "per_second": round(rate, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p99_ms": round(times[len(times) * 99 // 100] * 1000, 2),
        "processor_ms": round(processor * 1000, 3),
    }
    print(json.dumps(line))


def registered(port: int, key: str) -> None:
    """Register the release that the documents are about."""
    import httpx

    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for path in ("/v1/systems/s", "/v1/systems/s/releases/1"):
            client.put(path, json={}).raise_for_status()


def resident_mb(pid: int) -> float:
    """Return how much memory a process and those that it has started hold, in MB."""
    held = 0
    for one in family(pid):
        lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        # What several share is counted in parts, one for each.
        held += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return held / 2**10


def settled(folder: str) -> tuple[tuple[str, ...], str]:
    """Return the command of the service over a new database, and a key of it."""
    database = f"ASSAY_DATABASE=sqlite:///{Path(folder) / 'bench.db'}"
    assay = ("env", database, f"ASSAY_RATE={10**9}", *ASSAY)
    make = ("key", "create", "--name", "bench", "--kind", "person", "--role", "admin")
    return assay, subprocess.check_output((*assay, *make), text=True).strip()


def least(kind: str, port: int, stack: ExitStack, *database: str) -> Rounds:
    """Start a server that does a part of what ours does."""
    command = (sys.executable, str(Path(__file__).with_name("least.py")), kind, str(port))
    pid = stack.enter_context(started((*command, *database), port))
    return Rounds(
        {"nothing": "fastapi, no-op", "rows": "fastapi, rows alone"}[kind],
        port,
        pid,
        first=3 * ROUNDS * POSTS,
    )


def copied(folder: Path) -> str:
    """Return a copy of the database as it stands; its server may go on writing to it."""
    copy = folder / "rows.db"
    with (
        closing(sqlite3.connect(folder / "bench.db")) as ours,
        closing(sqlite3.connect(copy)) as theirs,
    ):
        ours.backup(theirs)
    return str(copy)


def main(posts: int) -> None:
    """Load both servers in turns."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        assay, key = settled(folder)
        ours, single, theirs = free_port(), free_port(), free_port()
        serve = (*assay, "serve", "--port")
        pid = stack.enter_context(started((*serve, str(ours)), ours))
        plain = Rounds("assay serve, durable", ours, pid)
        once = Rounds(f"{plain.name}, keyed", ours, pid, keyed=True, first=ROUNDS * posts)
        lone = stack.enter_context(started((*serve, str(single), "--workers", "1"), single))
        alone = Rounds(f"{plain.name}, one worker", single, lone, first=2 * ROUNDS * posts)
        idle = least("nothing", theirs, stack)
        registered(ours, key)
        for port in (ours, single, theirs):
            runner()(load(port, written(reports(-WARM, WARM), key)))
        rows = least("rows", free_port(), stack, copied(Path(folder)))
        servers = (plain, once, alone, rows, idle)
        for turn in range(ROUNDS):
            for found in servers:
                a_round(found, turn, posts, key)
        for found in servers:
            measured(found)
        ratios = {
            "ratio": paired(plain.rates, idle.rates),
            "keyed": paired(once.rates, idle.rates),
            "one_worker": paired(alone.rates, idle.rates),
            "rows_alone": paired(rows.rates, idle.rates),
            "of_rows_alone": paired(plain.rates, rows.rates),
            "processor": paired(idle.processor, plain.processor),
        }
        print(json.dumps(ratios))


def paired(ours: list[float], theirs: list[float]) -> list[float]:
    """Return the quartiles of the ratios of rounds that followed one another.

    The machine's own speed changes from minute to minute, so rounds are held against their
    neighbours alone, and how far their ratios lie apart is told.
    """
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return [round(one, 3) for one in statistics.quantiles(ratios, n=4)]


def memory(posts: int) -> int:
    """Post many documents, and return 1 where the memory of the service grew with them."""
    held: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        assay, key = settled(folder)
        port = free_port()
        pid = stack.enter_context(started((*assay, "serve", "--port", str(port)), port))
        registered(port, key)
        part = posts // 10
        for first in range(0, posts, part):
            runner()(load(port, written(reports(first, part), key)))
            held.append(resident_mb(pid))
            print(json.dumps({"posts": first + part, "memory_mb": round(held[-1], 1)}), flush=True)
    growth = held[-1] / held[0]
    print(json.dumps({"growth": round(growth, 3), "kept": growth <= MOST_GROWTH}))
    return 0 if growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    asked, *more = sys.argv[1:] or [str(POSTS)]
    if asked == "memory":
        sys.exit(memory(int(more[0]) if more else MANY))
    else:
        main(int(asked))
