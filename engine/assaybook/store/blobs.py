"""Received bytes, by the digest of what was received."""

import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select, update
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.domain.ids import Instant, written
from assaybook.domain.record import record
from assaybook.store.chunks import chunks
from assaybook.store.journal import Entry
from assaybook.store.prepared import Query, add_rows, one_of, rows_found
from assaybook.store.tables import BlobRow, EntryRow
from assaybook.store.unit_of_work import Reading, UnitOfWork


class Erasure(Frozen):
    """That bytes were removed for good, by whom and why; ``seq`` is the place of its entry."""

    at: Instant
    person: str
    reason: str
    seq: int

    def words(self) -> str:
        """Return it as packs and errors tell it."""
        return f"{written(self.at)[:10]} by {self.person}: {self.reason}"


@record
class Kept:
    """What is kept of received bytes: how many they were, what is left of them, and its digest."""

    size: int
    content: bytes
    digest: str


def keep_blobs(work: UnitOfWork, blobs: Mapping[str, Kept]) -> None:
    """Keep bytes under the digest of what was received.

    Raises:
        SubmitterError: ``blob-erased``, the same bytes were erased before.
    """
    known = _known(work, blobs)
    for digest in sorted(set(known) & set(blobs)):
        if known[digest]:
            raise SubmitterError(
                "blob-erased",
                f"the bytes {digest} were erased on purpose and are not taken again",
                hint="Submit a document without what had to be erased.",
            )
    rows = [
        {
            "digest": digest,
            "size": kept.size,
            "kept_digest": kept.digest,
            "content": kept.content,
        }
        for digest, kept in sorted(blobs.items())
        if digest not in known
    ]
    add_rows(work.connection, BlobRow, rows)
    # Of what was redacted no other digest is in the log, and nobody could tell it from another.
    work.record(
        [
            Entry("blob-redacted", str(row["digest"]), str(row["kept_digest"]))
            for row in rows
            if row["digest"] != row["kept_digest"]
        ]
    )


def load_blob(reading: Reading, digest: str) -> bytes | None:
    """Return the kept bytes, or None where they were erased.

    Raises:
        UsageError: ``blob-unknown``.
    """
    query = select(col(BlobRow.content)).where(col(BlobRow.digest) == digest)
    row = reading.connection.execute(query).first()
    if row is None:
        raise UsageError("blob-unknown", f"no bytes with the digest {digest} were received")
    (content,) = row
    return content


def erase_blob(work: UnitOfWork, digest: str, *, person: str, reason: str) -> None:
    """Remove bytes for good; their digest, the evidence and its facts stay.

    SQLite overwrites them at the next checkpoint of its write-ahead log, at the latest when the
    last connection is closed; PostgreSQL when the table is vacuumed. Backups keep theirs.

    Raises:
        UsageError: ``blob-unknown``.
    """
    if load_blob(work, digest) is None:
        return
    work.connection.execute(
        update(BlobRow).where(col(BlobRow.digest) == digest).values(content=None)
    )
    work.record((Entry("blob-erased", digest, digest, person, reason),))


def erasures(reading: Reading, digests: Collection[str]) -> dict[str, Erasure]:
    """Return how bytes were erased, by their digest, for those of these that were."""
    found: dict[str, Erasure] = {}
    digest = col(EntryRow.digest)
    for some in chunks(sorted(digests)):
        query = select(col(EntryRow.seq), digest, col(EntryRow.at), col(EntryRow.body)).where(
            digest.in_(some), col(EntryRow.kind) == "blob-erased"
        )
        for seq, of, at, body in reading.connection.execute(query):
            said = json.loads(body)
            found[of] = Erasure(at=at, person=said["person"], reason=said["reason"], seq=seq)
    return found


def _known(work: UnitOfWork, digests: Iterable[str]) -> dict[str, bool]:
    """Return which digests are known, and whether their bytes were erased."""
    rows = rows_found(work.connection, _kept, some=set(digests))
    return {row[0]: bool(row[1]) for row in rows}


def _kept(kind: str) -> Query:
    key = col(BlobRow.digest)
    return select(key, col(BlobRow.content).is_(None)).where(key.in_(one_of(kind)))
