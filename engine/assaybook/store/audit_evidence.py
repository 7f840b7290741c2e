"""The quick half of an audit of evidence: what is as it was recorded is seen to be so at once.

The rows of all documents are read side by side, each document is digested as it stands, and its
rows are held whole against those that its texts make. What is not equal is left to the slow half,
which names what differs.
"""

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import Table, select
from sqlmodel import SQLModel

from assaybook.store.rows import EvidenceRows, Row, rows_as_written
from assaybook.store.tables import CoverageRow, EvidenceArtifactRow, EvidenceRow, FactRow
from assaybook.store.unit_of_work import Reading

_AT_ONCE: Final = 1_000
_Values: TypeAlias = tuple[Any, ...]


class _Shape:
    """The columns of a table in one order: those of what is read, and of what it is held against.

    Args:
        table: of the rows.
        key: the column that names the evidence.
        own: a column that the journal gives and no text says.
    """

    def __init__(self, table: type[SQLModel], key: str, own: str = "") -> None:
        self._table: Table = cast("Any", table).__table__
        self._names = [column.name for column in self._table.columns if column.name != own]
        self._key = key
        self.values_of: Callable[[Row], _Values] = itemgetter(*self._names)

    def place(self, name: str) -> int:
        """Return where a column stands."""
        return self._names.index(name)

    def rows(self, reading: Reading) -> Iterator[_Values]:
        """Yield all rows, by evidence and then as their primary key has them."""
        columns = self._table.c
        order = [columns[self._key], *self._table.primary_key.columns]
        query = select(*(columns[name] for name in self._names)).order_by(*order)
        found = reading.connection.execute(query, execution_options={"yield_per": _AT_ONCE})
        for row in found:
            values: _Values = tuple(row)
            yield values

    def by_evidence(self, reading: Reading) -> "_Beside":
        """Return the rows of each evidence, to be read beside other tables in the same order."""
        return _Beside(groupby(self.rows(reading), itemgetter(self.place(self._key))))


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


_EVIDENCE: Final = _Shape(EvidenceRow, "id", "seq")
_FACTS: Final = _Shape(FactRow, "evidence")
_COVERAGE: Final = _Shape(CoverageRow, "evidence")
_ARTIFACTS: Final = _Shape(EvidenceArtifactRow, "evidence")


def evidence_digests(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield the id of each evidence, and the digest over it; no digest where a row differs."""
    facts, coverage = _FACTS.by_evidence(reading), _COVERAGE.by_evidence(reading)
    artifacts = _ARTIFACTS.by_evidence(reading)
    id_, version = _EVIDENCE.place("id"), _EVIDENCE.place("adapter_version")
    for row in _EVIDENCE.rows(reading):
        key, read_by = row[id_], row[version]
        yield (
            key,
            _digest(
                row,
                _read_by(facts.of(key), _FACTS, read_by),
                _read_by(coverage.of(key), _COVERAGE, read_by),
                artifacts.of(key),
            ),
        )


def _read_by(rows: list[_Values], shape: _Shape, version: int) -> list[_Values]:
    """Return the rows that one version of the adapter has read."""
    place = shape.place("adapter_version")
    return [row for row in rows if row[place] == version]


def _digest(
    row: _Values, facts: list[_Values], coverage: list[_Values], artifacts: list[_Values]
) -> str:
    try:
        made = rows_as_written(
            row[_EVIDENCE.place("envelope_json")],
            [one[_COVERAGE.place("body")] for one in coverage],
            [one[_FACTS.place("body")] for one in facts],
        )
    except ValueError:
        return ""
    return made.digest if _agrees(made, row, facts, coverage, artifacts) else ""


def _agrees(
    made: EvidenceRows,
    row: _Values,
    facts: list[_Values],
    coverage: list[_Values],
    artifacts: list[_Values],
) -> bool:
    return (
        _EVIDENCE.values_of(made.evidence) == row
        and list(map(_FACTS.values_of, made.facts)) == facts
        and list(map(_COVERAGE.values_of, made.coverage)) == coverage
        and list(map(_ARTIFACTS.values_of, made.artifacts)) == artifacts
    )
