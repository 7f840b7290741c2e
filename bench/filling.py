"""Fill a store with many small documents quickly, as they would have been submitted.

One document of each system and source is made into rows by the engine itself; the others differ
from it in their bytes, id and run only, so their rows are written from its. The first of every
batch is made by the engine too, and must have the same digest. The log and its tree are written by
the engine for each, and the audit of the engine finds no fault.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, event
from storage import SOURCES, SYSTEMS, document_of

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Evidence
from assaybook.store.blobs import Kept, keep_blobs
from assaybook.store.journal import Entry
from assaybook.store.prepared import add_rows
from assaybook.store.rows import EvidenceRows, joined, rows_of
from assaybook.store.tables import EvidenceRow, ReadingRow
from assaybook.store.unit_of_work import UnitOfWork

TOGETHER: Final = 10_000
"""Documents of one transaction."""
MONTH: Final = timedelta(days=30)
_BLOB: Final = "sha256:" + "b" * 64
_ID: Final = "ev-" + "b" * 64
_RUN: Final = "the-run-of-this-document"


@dataclass(frozen=True)
class Mould:
    """What the documents of one system and source have in common."""

    rows: EvidenceRows
    envelope: str

    def cast(self, run: str, blob: str) -> tuple[str, str]:
        """Return the envelope and the digest of one document."""
        found = self.envelope.replace(_BLOB, blob).replace(_ID, _id(blob)).replace(_RUN, run)
        read = self.rows.reading
        return found, digest_of(joined(found, str(read["coverage"]), str(read["facts"])).encode())


def content_of(number: int) -> bytes:
    """Return the bytes of a document, one KB; no two are the same."""
    return f"{number:016d}".encode() * 64


def _id(blob: str) -> str:
    return f"ev-{blob.removeprefix('sha256:')}"


def _document(number: int, blob: str, run: str, now: datetime) -> Evidence:
    return document_of(number, blob, 1024, run, now)


def _moulds(now: datetime) -> list[Mould]:
    """Return one for each system and source, for what is received at an instant."""
    found: list[Mould] = []
    for number in range(SYSTEMS * SOURCES):
        rows = rows_of(_document(number, _BLOB, _RUN, now))
        found.append(Mould(rows, str(rows.evidence["envelope_json"])))
    return found


def fill(engine: Engine, first: int, last: int, total: int, since: datetime) -> None:
    """Record the documents from one number up to another, received evenly over a month.

    What is written to be measured is thrown away afterwards, so the disk is not waited for.
    """

    def hurry(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -524288")

    engine.dispose()
    event.listen(engine, "connect", hurry)
    for start in range(first, last, TOGETHER):
        _batch(engine, start, min(start + TOGETHER, last), since + MONTH * start / total)
    event.remove(engine, "connect", hurry)
    engine.dispose()


def _batch(engine: Engine, first: int, last: int, at: datetime) -> None:
    with UnitOfWork(engine, lambda: at) as work:
        moulds = _moulds(work.now)
        found = ((digest_of(one), one) for one in map(content_of, range(first, last)))
        contents = {digest: Kept(len(one), one, digest) for digest, one in found}
        cast = [
            (
                mould := moulds[number % len(moulds)],
                blob,
                str(number),
                *mould.cast(str(number), blob),
            )
            for number, blob in zip(range(first, last), contents, strict=True)
        ]
        _check(first, cast[0][1], cast[0][4], work.now)
        keep_blobs(work, contents)
        places = work.record(
            [Entry("evidence", _id(blob), digest) for _mould, blob, _run, _text, digest in cast]
        )
        evidence = [
            {
                **mould.rows.evidence,
                "id": _id(blob),
                "blob": blob,
                "digest": digest,
                "envelope_json": text,
                "seq": seq,
            }
            for (mould, blob, _run, text, digest), seq in zip(cast, places, strict=True)
        ]
        add_rows(work.connection, EvidenceRow, evidence)
        read = [
            {**mould.rows.reading, "seq": seq}
            for (mould, *_rest), seq in zip(cast, places, strict=True)
        ]
        add_rows(work.connection, ReadingRow, read)


def _check(number: int, blob: str, digest: str, now: datetime) -> None:
    """See that what was cast is what the engine makes."""
    if rows_of(_document(number, blob, str(number), now)).digest != digest:
        message = "the documents that fill the store are not those that the engine makes"
        raise RuntimeError(message)
