"""The journal: one entry for each accepted thing, in the transaction that accepts it.

It is dense, ordered, and guarded by triggers; it holds digests and signs nothing. What it proves
is no more than that: somebody who owns the database can write another.
"""

import json
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
"""Of the body of an entry that is about no one system."""
NUMBERED: Final = 2
"""Of the body of an entry about a system: it says the system, and its number among those."""
EntryValues: TypeAlias = tuple[int, str, str, str, datetime, str, str | None, int | None]
"""Place, kind, name, digest, instant, body, system and number."""
_AT_ONCE: Final = 1_000
_ALL: Final = (1 << 63) - 1
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
        system: the one system that it is about; empty where it is about none or several.
        release: the release of that system that it is about, where it is about one.
    """

    kind: Kind
    ref: str
    digest: str
    person: str = ""
    reason: str = ""
    system: str = ""
    release: str = ""

    def body(self, at: datetime, number: int | None = None) -> bytes:
        """Return the canonical JSON of the entry.

        Args:
            at: the instant.
            number: the place among the entries about its system, from 1; None where it has none.
        """
        when = _written(at)
        texts = [_quoted(one) for one in (self.digest, self.person, self.reason, self.ref)]
        digest, person, reason, ref = texts
        begins, ends = f'"kind":"{self.kind}"', f'"version":{VERSION}'
        if number is not None:
            begins += f',"number":{number}'
            ends = (
                f'"release":{_quoted(self.release)},"system":{_quoted(self.system)},'
                f'"version":{NUMBERED}'
            )
        plain = (
            f'{{"at":"{when}","digest":{digest},{begins},"person":{person},'
            f'"reason":{reason},"ref":{ref},{ends}}}'
        )
        if plain.isascii():
            return plain.encode()
        said: JsonValue = json.loads(plain)
        return canonical(said)


class EntryRecord(Frozen):
    """An entry as it stands in the journal; ``body`` is what was written, as canonical JSON.

    ``system`` is the one that it is about and ``number`` its place among the entries about that,
    from 1; None where it is about none or several, or older than the numbers.
    """

    seq: int
    kind: str
    ref: str
    digest: str
    at: Instant
    body: str
    system: str | None = None
    number: int | None = None


class Journal:
    """The end of the journal, as one unit of work sees and moves it."""

    def __init__(self, now: datetime, last: int) -> None:
        self.now = now
        self._last = last
        self._numbers: dict[str, int] = {}

    @property
    def last(self) -> int:
        """Return the place of the last entry."""
        return self._last

    def rewind(self, last: int) -> None:
        """Forget the entries after a place, which were rolled back."""
        self._last = last
        self._numbers.clear()

    def append(self, connection: Connection, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Write entries at the end and return their places."""
        if not entries:
            return ()
        start = self._last + 1
        places = tuple(range(start, start + len(entries)))
        numbers = [self._number(connection, one.system) for one in entries]
        bodies = [one.body(self.now, at) for one, at in zip(entries, numbers, strict=True)]
        rows = [
            {
                "seq": seq,
                "kind": one.kind,
                "ref": one.ref,
                "digest": one.digest,
                "at": self.now,
                "body": body.decode(),
                "system": one.system if number is not None else None,
                "number": number,
            }
            for seq, one, body, number in zip(places, entries, bodies, numbers, strict=True)
        ]
        add_rows(connection, EntryRow, rows)
        keep_nodes(connection, self._last, [leaf_hash(body) for body in bodies])
        self._last = places[-1]
        return places

    def _number(self, connection: Connection, system: str) -> int | None:
        """Return the number of the next entry about a system; None where there is no system."""
        if not system:
            return None
        if system not in self._numbers:
            found = rows_found(connection, _last_number, system=system)
            self._numbers[system] = found[0][0] if found else 0
        self._numbers[system] += 1
        return self._numbers[system]


_COLUMNS: Final = (
    col(EntryRow.seq),
    col(EntryRow.kind),
    col(EntryRow.ref),
    col(EntryRow.digest),
    col(EntryRow.at),
    col(EntryRow.body),
    col(EntryRow.system),
    col(EntryRow.number),
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
    """Yield the columns of every entry as `EntryValues` names them, in order, as they stand."""
    query = select(*_COLUMNS).order_by(col(EntryRow.seq))
    found = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for page in found.partitions():
        yield [(*row[:6], row[6], row[7]) for row in page]


def last_place(connection: Connection) -> tuple[int, datetime | None]:
    """Return the place and the instant of the last entry; 0 and None where there is none."""
    rows = rows_found(connection, _last)
    return (rows[0][0], rows[0][1]) if rows else (0, None)


def _last(_kind: str) -> Query:
    seq = col(EntryRow.seq)
    return select(seq, col(EntryRow.at)).order_by(seq.desc()).limit(1)


def _last_number(_kind: str) -> Query:
    number = col(EntryRow.number)
    mine = col(EntryRow.system) == bindparam("system")
    return select(number).where(mine).order_by(number.desc()).limit(1)


def entries_of(
    connection: Connection,
    system: str,
    *,
    size: int = _ALL,
    after: int = 0,
    limit: int | None = None,
) -> Iterator[EntryRecord]:
    """Yield the entries about a system that follow a number, in order.

    They are among the first ``size`` of the log; what is older than the numbers is not among them.
    """
    mine = (col(EntryRow.system) == system, col(EntryRow.number) > after)
    query = (
        select(*_COLUMNS)
        .where(*mine, col(EntryRow.seq) <= size)
        .order_by(col(EntryRow.number))
        .limit(limit)
    )
    for row in connection.execute(query).mappings():
        yield EntryRecord.model_validate(dict(row))


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
