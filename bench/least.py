"""Servers that do a part of what a post of evidence asks for, and nothing else.

`python bench/least.py nothing PORT` validates the body by a declared model and answers.
`python bench/least.py rows PORT DATABASE` also writes rows such as those that our service writes of
the same body: each group that waits in one transaction that reaches the disk, over a store in which
one such document stands. It reads no document, knows no caller, keeps no limit and no log: what is
between it and the first is the price of keeping the rows, whoever keeps them.
"""

import asyncio
import hashlib
import queue
import sqlite3
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, Request, Response
from posting import PATH
from pydantic import BaseModel, create_model

MOST: Final = 256
OWN: Final = {
    "blobs": ("digest", "kept_digest", "content"),
    "entries": ("seq", "number", "ref", "digest"),
    "evidence": ("id", "seq", "blob", "digest"),
    "readings": ("seq",),
}
"""The columns in which the rows of two documents differ, by table, in the order of writing."""
SETTINGS: Final = (
    "foreign_keys = on",
    "recursive_triggers = on",
    "secure_delete = on",
    "synchronous = full",
    "wal_autocheckpoint = 4000",
)
_Wish = tuple[bytes, "asyncio.Future[None]"]


def body() -> type[BaseModel]:
    """Return the declared model of the body that is posted."""
    fact = create_model(
        "fact", type=str, name=str, slice=str, split=str, dataset=str, value=float, n=int
    )
    row = create_model("row", question=str, examined=int, failed=int, errored=int, skipped=int)
    tool = create_model("tool", name=str, version=str)
    return create_model(
        "document",
        assaybook=str,
        tool=tool,
        run=str,
        produced_at=str,
        coverage=list[row],
        facts=list[fact],
    )


def nothing() -> FastAPI:
    """Return what validates a body, and answers at once."""
    answer = create_model("answer", id=str, ok=bool)
    app = FastAPI()

    async def take(body: Any) -> Any:  # noqa: ANN401 - its type is made above
        return answer(id=body.run, ok=True)

    take.__annotations__ = {"body": body(), "return": answer}
    app.post(PATH)(take)
    return app


def rows(database: str) -> FastAPI:
    """Return what validates a body, and answers when its rows are on the disk."""
    validated = body().model_validate_json
    writer = Writer(database)
    threading.Thread(target=writer.work, daemon=True).start()
    app = FastAPI()

    async def take(request: Request) -> Response:
        raw = await request.body()
        document: Any = validated(raw)
        future = asyncio.get_running_loop().create_future()
        writer.wishes.put((raw, future))
        await future
        return Response(f'{{"id":"{document.run}","ok":true}}', media_type="application/json")

    app.post(PATH)(take)
    return app


@dataclass
class Writer:
    """The one thread that writes: whatever waits, in one transaction."""

    database: str
    wishes: "queue.SimpleQueue[_Wish]" = field(default_factory=queue.SimpleQueue)

    def work(self) -> None:
        """Write for ever."""
        line = sqlite3.connect(self.database, isolation_level=None)
        line.row_factory = sqlite3.Row
        for setting in SETTINGS:
            line.execute(f"pragma {setting}")
        patterns = [(_last(line, one), _statement(line, one)) for one in OWN]
        seq = line.execute("select max(seq) from entries").fetchone()[0]
        while True:
            group = list(self._group())
            own = [_own(seq + turn, raw) for turn, (raw, _future) in enumerate(group, 1)]
            seq += len(group)
            line.execute("begin immediate")
            for number, (pattern, statement) in enumerate(patterns):
                line.executemany(statement, [(*one[number], *pattern) for one in own])
            line.execute("commit")
            futures = [future for _raw, future in group]
            futures[0].get_loop().call_soon_threadsafe(_answer, futures)

    def _group(self) -> Iterator[_Wish]:
        yield self.wishes.get()
        for _turn in range(MOST - 1):
            try:
                yield self.wishes.get_nowait()
            except queue.Empty:
                return


def _answer(futures: "list[asyncio.Future[None]]") -> None:
    for one in futures:
        if not one.done():
            one.set_result(None)


def _last(line: sqlite3.Connection, table: str) -> tuple[object, ...]:
    """Return what all rows of a table share here: the columns of the last that are not its own."""
    found = line.execute(f"select * from {table} order by rowid desc limit 1").fetchone()  # noqa: S608 - ours
    return tuple(found[one] for one in found.keys() if one not in OWN[table])  # noqa: SIM118


def _statement(line: sqlite3.Connection, table: str) -> str:
    names = [one[1] for one in line.execute(f"pragma table_info({table})")]
    ordered = [*OWN[table], *(one for one in names if one not in OWN[table])]
    places = ", ".join("?" * len(ordered))
    return f"insert into {table} ({', '.join(map(repr, ordered))}) values ({places})"  # noqa: S608 - ours


def _own(seq: int, raw: bytes) -> tuple[tuple[object, ...], ...]:
    """Return the columns of a document's rows that no other has, table by table."""
    blob = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    digest = f"sha256:{hashlib.sha256(blob.encode()).hexdigest()}"
    return (blob, blob, raw), (seq, seq, digest, digest), (digest, seq, blob, digest), (seq,)


if __name__ == "__main__":
    APP = nothing() if sys.argv[1] == "nothing" else rows(sys.argv[3])
    uvicorn.run(APP, port=int(sys.argv[2]), access_log=False, log_level="error")
