"""Kill the server in the middle of its work, again and again, and count what was lost.

`python bench/faults/kill9.py [KILLS] [--postgres [KILLS]]`, by default 200 on SQLite and 30 on
PostgreSQL; with a number alone, SQLite only. Callers post evidence, singly, in batches and with an
Idempotency-Key, and write every receipt to a file of their own. 20 to 600 ms after they began the
server is killed: as a whole, the process at its door alone, or a worker first; the next one gets
what was not acknowledged a second time. One JSON object for each database. The exit code is 1 when
an acknowledged record is lost or stands elsewhere than its receipt says, when anything is recorded
twice, or when the audit of the ledger finds a fault.
"""

import http.client
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import serving

CALLERS: Final = 8
_BATCH: Final = 3
_LINES: Final = {"Content-Type": "application/x-ndjson"}
_GOOD: Final = (http.HTTPStatus.OK, http.HTTPStatus.CREATED)


@dataclass(frozen=True)
class Post:
    """One request, as it is sent the first time and again."""

    name: str
    body: bytes
    headers: dict[str, str]
    documents: int


@dataclass
class Count:
    """What was seen over all rounds."""

    kills: int = 0
    in_flight: int = 0
    recorded_unacknowledged: int = 0
    refused: int = 0
    changed_receipts: int = 0
    acknowledged: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    restarts: list[float] = field(default_factory=list)

    def take(self, evidence: str, seq: int) -> None:
        """Take a receipt, which must be the same whenever it is given."""
        self.changed_receipts += self.acknowledged.setdefault(evidence, seq) != seq


def posts(name: str) -> Iterator[Post]:
    """Yield requests of three kinds."""
    number = 0
    while True:
        number += 1
        run = f"{name}-{number}"
        if number % 4 == 0:
            lines = [
                {
                    "name": f"{run}-{part}.json",
                    "document": json.loads(serving.report(f"{run}-{part}")),
                }
                for part in range(_BATCH)
            ]
            body = "\n".join(map(json.dumps, lines)).encode()
            yield Post(run, body, _LINES, _BATCH)
        else:
            once = {"Idempotency-Key": run} if number % 4 == 1 else {}
            yield Post(run, serving.report(run), once, 1)


def post_until_killed(
    server: serving.Server, headers: dict[str, str], name: str, file: Path, sent: dict[str, Post]
) -> None:
    """Post until the connection breaks; a receipt counts when it is in the file."""
    with file.open("a", buffering=1) as receipts, suppress(OSError, http.client.HTTPException):
        line = server.connection()
        for post in posts(name):
            sent[post.name] = post
            status, said = serving.answered(
                line, "POST", serving.EVIDENCE, headers | post.headers, post.body
            )
            receipts.write(json.dumps([post.name, status, said]) + "\n")


def receipts_of(status: int, said: Any) -> list[tuple[str, int]]:  # noqa: ANN401 - any JSON
    """Return the ids and places that an answer acknowledges."""
    if status not in _GOOD:
        return []
    return [(one["evidence"], one["seq"]) for one in (*said["accepted"], *said["duplicates"])]


def round_of(
    server: serving.Server, database: str, headers: dict[str, str], folder: Path, count: Count
) -> serving.Server:
    """Load, kill and restart a server, and send again what was not acknowledged."""
    sent: dict[str, Post] = {}
    files = [folder / f"{count.kills}-{number}.jsonl" for number in range(CALLERS)]
    callers = [
        threading.Thread(
            target=post_until_killed, args=(server, headers, file.stem, file, sent), daemon=True
        )
        for file in files
    ]
    for caller in callers:
        caller.start()
    time.sleep(random.uniform(0.02, 0.6))  # noqa: S311 - no secret
    server.kill()
    count.kills += 1
    for caller in callers:
        caller.join(60)
    began = time.monotonic()
    server = serving.Server(database)
    count.restarts.append(time.monotonic() - began)
    acknowledged: dict[str, list[tuple[str, int]]] = {}
    for file in files:
        for line in file.read_text().splitlines():
            name, status, said = json.loads(line)
            count.refused += status not in _GOOD
            acknowledged[name] = receipts_of(status, said)
    for name, found in acknowledged.items():
        count.refused += len(found) != sent[name].documents
        for evidence, seq in found:
            count.take(evidence, seq)
    again = [post for name, post in sent.items() if name not in acknowledged]
    count.in_flight += len(again)
    known = [sent[name] for name in list(acknowledged)[-CALLERS:]]
    count.documents += sum(post.documents for post in sent.values())
    send_again(server, headers, again, known, count)
    return server


def send_again(
    server: serving.Server,
    headers: dict[str, str],
    unacknowledged: list[Post],
    acknowledged: list[Post],
    count: Count,
) -> None:
    """Send requests a second time; each document must have one receipt, whoever gives it."""
    line = server.connection()
    for post in (*unacknowledged, *acknowledged):
        status, said = serving.answered(
            line, "POST", serving.EVIDENCE, headers | post.headers, post.body
        )
        found = receipts_of(status, said)
        count.refused += len(found) != post.documents
        if post in unacknowledged:
            count.recorded_unacknowledged += len(said.get("duplicates", ()))
        for evidence, seq in found:
            count.take(evidence, seq)
    line.close()


def compare(database: str, count: Count) -> dict[str, Any]:
    """Compare every receipt with the tables, and the tables with what was ever sent."""
    evidence = serving.rows(database, "SELECT id, seq, blob FROM evidence")
    entries = serving.rows(database, "SELECT seq, ref FROM entries WHERE kind = 'evidence'")
    seqs = sorted(seq for (seq,) in serving.rows(database, "SELECT seq FROM entries"))
    stands = {one: seq for one, seq, _blob in evidence}
    entered = {ref: seq for seq, ref in entries}
    lost = sum(
        stands.get(one) != seq or entered.get(one) != seq for one, seq in count.acknowledged.items()
    )
    duplicates = len(evidence) - len({blob for _one, _seq, blob in evidence})
    duplicates += len(entries) - len(entered)
    audit = serving.audited(database)
    return {
        "documents_sent": count.documents,
        "recorded": len(evidence),
        "lost": lost,
        "duplicates": duplicates,
        "unasked": len(evidence) - count.documents,
        "holes_in_the_journal": seqs != list(range(1, len(seqs) + 1)),
        "entries": audit["entries"],
        "audit_faults": audit["faults"],
    }


def play(kind: str, database: str, kills: int) -> bool:
    """Kill so many times on a database, print what came of it, and return whether all held."""
    headers = serving.key(database, "kill9", "admin")
    count = Count()
    server = serving.Server(database)
    try:
        serving.register(server, headers)
        with tempfile.TemporaryDirectory(prefix="assay-kill9-") as folder:
            for _number in range(kills):
                server = round_of(server, database, headers, Path(folder), count)
    finally:
        server.kill()
    found = compare(database, count)
    line = {
        "fault": "kill -9",
        "database": kind,
        "kills": count.kills,
        "requests_in_flight": count.in_flight,
        "of_them_recorded_documents": count.recorded_unacknowledged,
        "acknowledged": len(count.acknowledged),
        "refused": count.refused,
        "changed_receipts": count.changed_receipts,
        **found,
        "restart_p50_seconds": round(statistics.median(count.restarts), 2),
        "restart_max_seconds": round(max(count.restarts), 2),
    }
    print(json.dumps(line), flush=True)
    wrong = ("refused", "changed_receipts", "lost", "duplicates", "unasked", "audit_faults")
    return not any(line[name] for name in (*wrong, "holes_in_the_journal"))


if __name__ == "__main__":
    sys.exit(serving.killed_on_both(play))
