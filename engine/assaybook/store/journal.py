"""The journal: one entry for each accepted thing, in the transaction that accepts it.

It is dense, ordered, and guarded by triggers; it holds digests and signs nothing. What it proves
is no more than that: somebody who owns the database can write another.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from json import JSONEncoder
from typing import Final, Literal, TypeAlias

from pydantic import JsonValue
from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import canonical
from assaybook.domain.ids import Instant, written
from assaybook.domain.record import record
from assaybook.ledger.merkle import leaf_hash
from assaybook.store.prepared import Query, add_rows, rows_found
from assaybook.store.tables import EntryRow
from assaybook.store.tree import keep_nodes

Kind = Literal[
    "assessment",
    "blob-erased",
    "blob-redacted",
    "bundle",
    "disagreement",
    "evidence",
    "key",
    "key-revoked",
    "pack",
    "read",
    "refusal",
    "release",
    "retirement",
    "root",
    "sign-off",
    "system",
    "waiver",
]
VERSION: Final = 1
EntryValues: TypeAlias = tuple[int, str, str, str, datetime, str]
"""Place, kind, name, digest, instant and body."""
_AT_ONCE: Final = 1_000
_quoted: Final = JSONEncoder(ensure_ascii=False).encode
_written: Final = lru_cache(maxsize=8)(written)
"""All entries of a transaction are of one instant."""
_BODY: Final = select(col(EntryRow.body)).where(col(EntryRow.seq) == bindparam("seq"))


@record
class Entry:
    """One accepted thing.

    Attributes:
        ref: its name: an evidence id, a system id, ``system/release``, a digest.
        digest: SHA-256 over its canonical JSON.
        person: who did it, where that is known; empty otherwise.
        reason: why, where a reason is asked for or given.
    """

    kind: Kind
    ref: str
    digest: str
    person: str = ""
    reason: str = ""

    def body(self, at: datetime) -> bytes:
        """Return the canonical JSON of the entry."""
        when = _written(at)
        texts = [_quoted(one) for one in (self.digest, self.person, self.reason, self.ref)]
        digest, person, reason, ref = texts
        plain = (
            f'{{"at":"{when}","digest":{digest},"kind":"{self.kind}","person":{person},'
            f'"reason":{reason},"ref":{ref},"version":{VERSION}}}'
        )
        if plain.isascii():
            return plain.encode()
        said: dict[str, JsonValue] = {
            "at": when,
            "digest": self.digest,
            "kind": self.kind,
            "person": self.person,
            "reason": self.reason,
            "ref": self.ref,
            "version": VERSION,
        }
        return canonical(said)


class EntryRecord(Frozen):
    """An entry as it stands in the journal; ``body`` is what was written, as canonical JSON."""

    seq: int
    kind: str
    ref: str
    digest: str
    at: Instant
    body: str


class Journal:
    """The end of the journal, as one unit of work sees and moves it."""

    def __init__(self, now: datetime, last: int) -> None:
        self.now = now
        self._last = last

    @property
    def last(self) -> int:
        """Return the place of the last entry."""
        return self._last

    def rewind(self, last: int) -> None:
        """Forget the entries after a place, which were rolled back."""
        self._last = last

    def append(self, connection: Connection, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Write entries at the end and return their places."""
        if not entries:
            return ()
        start = self._last + 1
        places = tuple(range(start, start + len(entries)))
        bodies = [one.body(self.now) for one in entries]
        rows = [
            {
                "seq": seq,
                "kind": one.kind,
                "ref": one.ref,
                "digest": one.digest,
                "at": self.now,
                "body": body.decode(),
            }
            for seq, one, body in zip(places, entries, bodies, strict=True)
        ]
        add_rows(connection, EntryRow, rows)
        keep_nodes(connection, self._last, [leaf_hash(body) for body in bodies])
        self._last = places[-1]
        return places


_COLUMNS: Final = (
    col(EntryRow.seq),
    col(EntryRow.kind),
    col(EntryRow.ref),
    col(EntryRow.digest),
    col(EntryRow.at),
    col(EntryRow.body),
)


def entries_after(connection: Connection, seq: int, *, limit: int) -> Iterator[EntryRecord]:
    """Yield the entries that follow a place, in order."""
    place = col(EntryRow.seq)
    query = select(*_COLUMNS).where(place > seq).order_by(place).limit(limit)
    for row in connection.execute(query).mappings():
        yield EntryRecord.model_validate(dict(row))


def entries_before(
    connection: Connection, seq: int, *, kind: str | None, limit: int, among: int
) -> Iterator[EntryRecord]:
    """Yield the entries before a place, the last first; those of one kind among so many of them.

    The log has no index of kinds: ``among`` bounds what is looked at where few are of that kind.
    """
    place = col(EntryRow.seq)
    query = select(*_COLUMNS).where(place < seq, place >= seq - among)
    if kind is not None:
        query = query.where(col(EntryRow.kind) == kind)
    query = query.order_by(place.desc()).limit(limit)
    for row in connection.execute(query).mappings():
        yield EntryRecord.model_validate(dict(row))


def pages_of_entries(connection: Connection) -> Iterator[Sequence[EntryValues]]:
    """Yield place, kind, name, digest, instant and body of every entry, in order, as they stand."""
    query = select(*_COLUMNS).order_by(col(EntryRow.seq))
    found = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for page in found.partitions():
        yield [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in page]


def last_place(connection: Connection) -> tuple[int, datetime | None]:
    """Return the place and the instant of the last entry; 0 and None where there is none."""
    rows = rows_found(connection, _last)
    return (rows[0][0], rows[0][1]) if rows else (0, None)


def _last(_kind: str) -> Query:
    seq = col(EntryRow.seq)
    return select(seq, col(EntryRow.at)).order_by(seq.desc()).limit(1)


def body_at(connection: Connection, seq: int) -> str:
    """Return the canonical JSON of the entry at a place; empty where there is none."""
    return connection.execute(_BODY, {"seq": seq}).scalar() or ""


def entries_about(
    connection: Connection, digest: str, kinds: Collection[Kind]
) -> Iterator[EntryRecord]:
    """Yield the entries of some kinds for what has a digest, in order."""
    place = col(EntryRow.seq)
    query = (
        select(*_COLUMNS)
        .where(col(EntryRow.digest) == digest, col(EntryRow.kind).in_(sorted(kinds)))
        .order_by(place)
    )
    for row in connection.execute(query).mappings():
        yield EntryRecord.model_validate(dict(row))


def place_of_digest(connection: Connection, digest: str) -> int | None:
    """Return the place of the first entry for what has a digest; None where there is none."""
    place = col(EntryRow.seq)
    query = select(place).where(col(EntryRow.digest) == digest).order_by(place).limit(1)
    return connection.execute(query).scalar()


def is_settled(connection: Connection, instant: datetime, *, seen: int) -> bool:
    """Tell whether nothing up to an instant was recorded after a place that was seen."""
    place, at = col(EntryRow.seq), col(EntryRow.at)
    query = select(at).where(place > seen).order_by(place).limit(1)
    row = connection.execute(query).first()
    return row is None or row[0] > instant
