"""The audit of evidence: read in the order of the journal, and held against what its texts make.

The rows of many documents are read side by side, each document is digested as it stands, and its
rows are held whole against those that its texts make. Only where they differ is it asked which.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import Select, bindparam, func, select
from sqlmodel import SQLModel, col

from assaybook.domain.canonical import digest_of
from assaybook.store.audit_glance import looks_right
from assaybook.store.audit_rows import UNREADABLE, columns_of, table_of, unreadable
from assaybook.store.rows import Row, joined, rows_as_written
from assaybook.store.tables import (
    BlobRow,
    EvidenceArtifactRow,
    EvidenceRow,
    ReadingRow,
)
from assaybook.store.unit_of_work import Reading

_AT_ONCE: Final = 1_000
_BEFORE_ALL: Final = -(1 << 63)
_UNTOUCHED: Final = '"redactions":[]'
"""What stands in an envelope whose bytes were kept as they were received."""
_Values: TypeAlias = tuple[Any, ...]
_Parts: TypeAlias = tuple[Sequence[_Values], Sequence[_Values]]
"""What was read from evidence, which is one row, and rows of artifacts."""
RecordedEvidence: TypeAlias = tuple[int, str, str, str | None, str]
"""The place that a row names, its id, the digest over its texts, the system that it names, and
which rows the texts do not make; that is empty where they make all."""


class _Shape:
    """The columns of a table in one order: those of what is read, and of what it is held against.

    Args:
        table: of the rows.
        words: what faults call its rows.
        key: the column that names the evidence, and the column of evidence that it names.
    """

    def __init__(self, table: type[SQLModel], words: str, key: tuple[str, str]) -> None:
        self.table = table_of(table)
        self.words = words
        self._names = columns_of(table)
        self.values_of: Callable[[Row], _Values] = itemgetter(*self._names)
        self.query = self._by_place(*key)

    def place(self, name: str) -> int:
        """Return where a column stands."""
        return self._names.index(name)

    def _by_place(self, key: str, named: str) -> Select[Any]:
        """Return the query of all rows, in the order of the journal.

        Rows beside evidence end in its id. That a place follows another is asked so that SQLite
        goes along their index, and need not sort the whole.
        """
        seq, evidence = col(EvidenceRow.seq), col(EvidenceRow.id)
        found: Select[Any] = select(*(self.table.c[name] for name in self._names))
        if self.table is not table_of(EvidenceRow):
            same = table_of(EvidenceRow).c[named] == self.table.c[key]
            found = found.add_columns(evidence).join(EvidenceRow, same)
        else:
            kept = select(col(BlobRow.digest)).where(col(BlobRow.digest) == self.table.c["blob"])
            found = found.add_columns(seq, kept.exists())
        return found.where(seq > bindparam("after")).order_by(seq, evidence)


class _Beside:
    """The rows of one table, evidence by evidence, for whoever walks along its ids."""

    def __init__(self, rows: Iterator[_Values]) -> None:
        self._groups = groupby(rows, itemgetter(-1))
        self._next = next(self._groups, None)

    def of(self, evidence: str) -> Sequence[_Values]:
        """Return the rows of the next evidence; nothing where the next rows are of another."""
        if self._next is None or self._next[0] != evidence:
            return ()
        rows = [row[:-1] for row in self._next[1]]
        self._next = next(self._groups, None)
        return rows


_EVIDENCE: Final = _Shape(EvidenceRow, "its row", ("id", "id"))
_READINGS: Final = _Shape(ReadingRow, "what was read from it", ("seq", "seq"))
_ARTIFACTS: Final = _Shape(EvidenceArtifactRow, "what it is about", ("evidence", "id"))
_PARTS: Final = (_READINGS, _ARTIFACTS)
_ID: Final = _EVIDENCE.place("id")
_BLOB: Final = _EVIDENCE.place("blob")
_DIGEST: Final = _EVIDENCE.place("digest")
_SYSTEM: Final = _EVIDENCE.place("system")
_ENVELOPE: Final = _EVIDENCE.place("envelope_json")
_SEQ: Final = len(columns_of(EvidenceRow))
_KEPT: Final = _SEQ + 1
_COVERAGE: Final = _READINGS.place("coverage")
_FACTS: Final = _READINGS.place("facts")
_NOTHING_READ: Final = ("[]",) * len(columns_of(ReadingRow))


class EvidenceAudit:
    """Reads the evidence of a store once, place by place.

    Attributes:
        redacted: digests of bytes of which no more than a redacted form was to be kept.
        blobless: digests of bytes of which nothing is kept, not even that there were any.

    Args:
        reading: of the store.
    """

    def __init__(self, reading: Reading) -> None:
        self.redacted: set[str] = set()
        self.blobless: set[str] = set()
        self._connection = reading.connection
        self._seen = dict.fromkeys((_EVIDENCE, *_PARTS), 0)
        self._all = self._each()
        self._next = next(self._all, None)

    def upto(self, place: int) -> Iterator[RecordedEvidence]:
        """Yield the evidence whose rows name the next places, up to this one, in order."""
        while self._next is not None and self._next[0] <= place:
            yield self._next
            self._next = next(self._all, None)

    def _each(self) -> Iterator[RecordedEvidence]:
        of_readings, of_artifacts = [_Beside(self._rows(shape)).of for shape in _PARTS]
        for row in self._rows(_EVIDENCE):
            key = row[_ID]
            parts = (of_readings(key), sorted(of_artifacts(key)))
            if not row[_KEPT]:
                self.blobless.add(row[_BLOB])
            try:
                digest, altered = self._at_a_glance(row, parts), ""
                if not digest:
                    digest, altered = self._read(row, parts)
                if _UNTOUCHED not in row[_ENVELOPE]:
                    self.redacted.add(row[_BLOB])
            except TypeError:  # SQLite keeps bytes and numbers in a column of texts
                digest, altered = "", UNREADABLE
            yield row[_SEQ], key, digest, row[_SYSTEM], altered

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield what belongs to no evidence, and why that is wrong."""
        for shape, seen in self._seen.items():
            there = self._connection.execute(select(func.count()).select_from(shape.table)).scalar()
            if there != seen:
                yield shape.table.name, "there are rows that no entry of the log speaks for"

    def _rows(self, shape: _Shape) -> Iterator[_Values]:
        found = self._connection.execute(
            shape.query, {"after": _BEFORE_ALL}, execution_options={"yield_per": _AT_ONCE}
        )
        try:
            for some in found.partitions():
                self._seen[shape] += len(some)
                yield from map(tuple, some)
        except (ValueError, TypeError) as error:
            raise unreadable(shape.table.name) from error

    def _at_a_glance(self, row: _Values, parts: _Parts) -> str:
        """Return the digest of evidence that is seen to be right unread; empty for all other."""
        if not looks_right(row, *parts):
            return ""
        ((read,), _artifacts) = parts
        digest = digest_of(joined(row[_ENVELOPE], read[_COVERAGE], read[_FACTS]).encode())
        return digest if digest == row[_DIGEST] else ""

    def _read(self, row: _Values, parts: _Parts) -> tuple[str, str]:
        """Return the digest of evidence that the domain reads, and what its texts do not make."""
        readings, artifacts = parts
        read = readings[0] if readings else _NOTHING_READ
        try:
            made = rows_as_written(row[_ENVELOPE], read[_COVERAGE], read[_FACTS])
        except ValueError:
            return "", UNREADABLE
        pairs: tuple[tuple[_Shape, Sequence[_Values], Sequence[Row]], ...] = (
            (_EVIDENCE, [row[:_SEQ]], (made.evidence,)),
            (_READINGS, readings, (made.reading,)),
            (_ARTIFACTS, artifacts, made.artifacts),
        )
        changed = [
            shape.words
            for shape, there, wanted in pairs
            if [*there] != [*map(shape.values_of, wanted)]
        ]
        return made.digest, f"changed: {', '.join(changed)}" if changed else ""
