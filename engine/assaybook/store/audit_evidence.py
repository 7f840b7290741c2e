"""The audit of evidence: read in the order of the journal, and held against what its texts make.

The rows of many documents are read side by side, each document is digested as it stands, and its
rows are held whole against those that its texts make. Only where they differ is it asked which.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import Select, Table, bindparam, func, select
from sqlmodel import SQLModel, col

from assaybook.domain.canonical import digest_of
from assaybook.domain.record import record
from assaybook.store.rows import Row, rows_as_written
from assaybook.store.tables import (
    CoverageRow,
    EvidenceArtifactRow,
    EvidenceRow,
    FactRow,
    SourceRow,
)
from assaybook.store.unit_of_work import Reading

_AT_ONCE: Final = 1_000
_UNTOUCHED: Final = '"redactions":[]'
"""What stands in an envelope whose bytes were kept as they were received."""
_Values: TypeAlias = tuple[Any, ...]


@record
class RecordedEvidence:
    """One piece of evidence as its rows stand.

    Attributes:
        seq: the place of its entry, as its row says.
        digest: over its texts.
        altered: which of its rows are not those that its texts make; empty where all are.
    """

    seq: int
    ref: str
    digest: str
    altered: str


class _Shape:
    """The columns of a table in one order: those of what is read, and of what it is held against.

    Args:
        table: of the rows.
        key: the column that names the evidence.
        words: what faults call its rows.
    """

    def __init__(self, table: type[SQLModel], key: str, words: str) -> None:
        self.table: Table = cast("Any", table).__table__
        self.words = words
        self._names = [column.name for column in self.table.columns if column.name != "seq"]
        self.key: Callable[[_Values], str] = itemgetter(self._names.index(key))
        self.values_of: Callable[[Row], _Values] = itemgetter(*self._names)
        self.query = self._by_place(self.table.c[key])

    def place(self, name: str) -> int:
        """Return where a column stands."""
        return self._names.index(name)

    def _by_place(self, key: Any) -> Select[Any]:  # noqa: ANN401 - a column of any table
        """Return the query of all rows between two places of the journal, in its order."""
        seq, evidence = col(EvidenceRow.seq), col(EvidenceRow.id)
        columns = [self.table.c[name] for name in self._names]
        found: Select[Any] = select(*columns)
        if self.table.name != EvidenceRow.__tablename__:
            found = found.join(EvidenceRow, evidence == key)
        else:
            found = found.add_columns(seq)
        some = found.where(seq > bindparam("after"), seq <= bindparam("upto"))
        return some.order_by(seq, key, *self.table.primary_key.columns)


class _Beside:
    """The rows of one table, evidence by evidence, for whoever walks along its ids."""

    def __init__(self, groups: Iterator[tuple[str, Iterator[_Values]]]) -> None:
        self._groups = groups
        self._next = next(groups, None)

    def of(self, evidence: str) -> list[_Values]:
        """Return the rows of the next evidence; nothing where the next rows are of another."""
        if self._next is None or self._next[0] != evidence:
            return []
        rows = list(self._next[1])
        self._next = next(self._groups, None)
        return rows


_EVIDENCE: Final = _Shape(EvidenceRow, "id", "its row")
_FACTS: Final = _Shape(FactRow, "evidence", "its facts")
_COVERAGE: Final = _Shape(CoverageRow, "evidence", "its coverage")
_ARTIFACTS: Final = _Shape(EvidenceArtifactRow, "evidence", "what it is about")
_PARTS: Final = (_FACTS, _COVERAGE, _ARTIFACTS)
_ID: Final = _EVIDENCE.place("id")
_BLOB: Final = _EVIDENCE.place("blob")
_ENVELOPE: Final = _EVIDENCE.place("envelope_json")
_FACT: Final = _FACTS.place("body")
_COVERED: Final = _COVERAGE.place("body")


class EvidenceAudit:
    """Reads the evidence of a store once, place by place.

    Attributes:
        redacted: digests of bytes of which no more than a redacted form was to be kept.

    Args:
        reading: of the store.
    """

    def __init__(self, reading: Reading) -> None:
        self.redacted: set[str] = set()
        self._connection = reading.connection
        self._seen = dict.fromkeys(_PARTS, 0)
        self._sources: set[tuple[str, str]] = set()

    def between(self, after: int, upto: int) -> Iterator[RecordedEvidence]:
        """Yield the evidence whose rows name a place after one and up to another, in order."""
        parts = [_Beside(groupby(self._rows(shape, after, upto), shape.key)) for shape in _PARTS]
        for *row, seq in self._rows(_EVIDENCE, after, upto):
            values = tuple(row)
            facts, coverage, artifacts = (part.of(values[_ID]) for part in parts)
            yield self._held(seq, values, facts, coverage, artifacts)

    def strays(self) -> Iterator[tuple[str, str]]:
        """Yield what belongs to no evidence, or is missing beside it, and why that is wrong."""
        for shape, seen in self._seen.items():
            there = self._connection.execute(select(func.count()).select_from(shape.table)).scalar()
            if there != seen:
                yield shape.table.name, "there are rows that belong to no evidence"
        columns = (col(SourceRow.system), col(SourceRow.source), col(SourceRow.body))
        for system, source, body in self._connection.execute(select(*columns)):
            if digest_of(body.encode()) != source or (system, source) not in self._sources:
                yield f"source {system}/{source}", "no evidence came from it"
            self._sources.discard((system, source))
        for system, source in sorted(self._sources):
            yield f"source {system}/{source}", "it is not listed, and evidence came from it"

    def _rows(self, shape: _Shape, after: int, upto: int) -> Iterator[_Values]:
        found = self._connection.execute(
            shape.query, {"after": after, "upto": upto}, execution_options={"yield_per": _AT_ONCE}
        )
        return map(tuple, chain.from_iterable(found.partitions()))

    def _held(
        self,
        seq: int,
        row: _Values,
        facts: list[_Values],
        coverage: list[_Values],
        artifacts: list[_Values],
    ) -> RecordedEvidence:
        for shape, found in zip(_PARTS, (facts, coverage, artifacts), strict=True):
            self._seen[shape] += len(found)
        envelope: str = row[_ENVELOPE]
        if _UNTOUCHED not in envelope:
            self.redacted.add(row[_BLOB])
        try:
            made = rows_as_written(
                envelope, [one[_COVERED] for one in coverage], [one[_FACT] for one in facts]
            )
        except ValueError:
            return RecordedEvidence(seq, row[_ID], "", "it can no longer be read")
        if made.source is not None:
            self._sources.add((str(made.source["system"]), str(made.source["source"])))
        pairs: tuple[tuple[_Shape, list[_Values], Sequence[Row]], ...] = (
            (_EVIDENCE, [row], (made.evidence,)),
            (_FACTS, facts, made.facts),
            (_COVERAGE, coverage, made.coverage),
            (_ARTIFACTS, artifacts, made.artifacts),
        )
        changed = [
            shape.words
            for shape, there, wanted in pairs
            if there != list(map(shape.values_of, wanted))
        ]
        altered = f"changed: {', '.join(changed)}" if changed else ""
        return RecordedEvidence(seq, row[_ID], made.digest, altered)
