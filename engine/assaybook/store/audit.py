"""What is recorded, digested again: for whoever compares the tables with the journal.

Nothing that a table says of itself is believed: each digest is computed from the bodies that are
read back, and each column for look-up from the body that it was taken from.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, cast

from sqlalchemy import Column, Table, select
from sqlmodel import SQLModel, col

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.finding import Assessment
from assaybook.domain.record import record
from assaybook.store.audit_evidence import evidence_digests
from assaybook.store.chunks import chunks
from assaybook.store.rows import control_rows, finding_rows, rows_as_written
from assaybook.store.tables import (
    AssessmentRow,
    BlobRow,
    BundleRow,
    CoverageRow,
    EvidenceArtifactRow,
    EvidenceRow,
    FactRow,
    FindingRow,
    RefusalRow,
    ReleaseRow,
    RetirementRow,
    SystemRow,
    WaiverRow,
)
from assaybook.store.tables_access import ApiKeyRow
from assaybook.store.tables_jobs import FindingControlRow, PackRow
from assaybook.store.unit_of_work import Reading

_AT_ONCE: Final = 200
_BODIES: Final[Mapping[str, tuple[type[SQLModel], tuple[str, ...]]]] = {
    "bundle": (BundleRow, ("digest",)),
    "key": (ApiKeyRow, ("id",)),
    "pack": (PackRow, ("id",)),
    "refusal": (RefusalRow, ("id",)),
    "release": (ReleaseRow, ("system", "release")),
    "retirement": (RetirementRow, ("system",)),
    "system": (SystemRow, ("id",)),
    "waiver": (WaiverRow, ("id",)),
}
"""Kinds whose digest is that of the body, and the columns that name them."""


@record
class Recorded:
    """One recorded thing as its row stands: its kind, its name, and the digest over its content.

    ``altered`` says what of the row is not what its content makes it; empty where all is.
    """

    kind: str
    ref: str
    digest: str
    altered: str = ""


@record
class KeptBlob:
    """Kept bytes: whether they are those that were kept, and whether any are there."""

    digest: str
    there: bool
    sound: bool


def recorded_things(reading: Reading) -> Iterator[Recorded]:
    """Yield everything that an entry of the journal speaks for, kind by kind."""
    for kind, (table, names) in _BODIES.items():
        columns = [_column(table, name) for name in names]
        query = select(*columns, _column(table, "body"))
        for *ref, body in reading.connection.execute(query):
            yield Recorded(kind, "/".join(map(str, ref)), digest_of(str(body).encode()))
    yield from _evidence(reading)
    yield from _assessments(reading)


def kept_blobs(reading: Reading) -> Iterator[KeptBlob]:
    """Yield all kept bytes, digested again."""
    query = select(col(BlobRow.digest), col(BlobRow.kept_digest), col(BlobRow.content))
    for digest, kept, content in reading.connection.execute(
        query, execution_options={"yield_per": _AT_ONCE}
    ):
        sound = content is None or digest_of(content) == kept
        yield KeptBlob(digest, content is not None, sound)


def _evidence(reading: Reading) -> Iterator[Recorded]:
    """Yield all evidence; what is not seen to be sound at once is looked at column by column."""
    doubtful: list[str] = []
    for one, digest in evidence_digests(reading):
        if digest:
            yield Recorded("evidence", one, digest)
        else:
            doubtful.append(one)
    for ids in chunks(doubtful):
        rows = _by_key(reading, EvidenceRow, "id", ids)
        parts = {
            table: _by_key(reading, table, "evidence", ids)
            for table in (FactRow, CoverageRow, EvidenceArtifactRow)
        }
        for one in ids:
            (row,) = rows[one]
            yield _piece(row, {table: found.get(one, []) for table, found in parts.items()})


def _piece(
    row: Mapping[str, Any], parts: Mapping[type[SQLModel], list[dict[str, Any]]]
) -> Recorded:
    """Return one piece of evidence, read back as it is for judging and taken apart again."""
    read_by = row["adapter_version"]
    facts = [one for one in parts[FactRow] if one["adapter_version"] == read_by]
    coverage = [one for one in parts[CoverageRow] if one["adapter_version"] == read_by]
    try:
        found = rows_as_written(
            row["envelope_json"],
            [one["body"] for one in coverage],
            [one["body"] for one in facts],
        )
    except ValueError:
        return Recorded("evidence", row["id"], "", "it can no longer be read")
    pairs: tuple[tuple[str, Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]], ...] = (
        ("its row", [row], [found.evidence]),
        ("its facts", facts, found.facts),
        ("its coverage", coverage, found.coverage),
        ("what it is about", parts[EvidenceArtifactRow], found.artifacts),
    )
    return Recorded("evidence", row["id"], found.digest, _altered(pairs))


def _assessments(reading: Reading) -> Iterator[Recorded]:
    rows = _rows(reading, AssessmentRow, ("digest",))
    while some := [row for _, row in zip(range(_AT_ONCE), rows, strict=False)]:
        ids = [row["digest"] for row in some]
        findings = _by_key(reading, FindingRow, "assessment", ids)
        controls = _by_key(reading, FindingControlRow, "assessment", ids)
        for row in some:
            key = row["digest"]
            yield _assessment(row, findings.get(key, []), controls.get(key, []))


def _assessment(
    row: Mapping[str, Any], findings: list[dict[str, Any]], controls: list[dict[str, Any]]
) -> Recorded:
    try:
        whole = json.loads(row["body"])
        whole["assessment"]["digest"] = ""
        found = Assessment.model_validate_json(row["body"])
    except (ValueError, KeyError, TypeError):
        return Recorded("assessment", row["digest"], "", "it can no longer be read")
    head = found.assessment
    said: dict[str, Any] = {
        "bundle": head.bundle,
        "subject": head.subject,
        "evidence_set": head.evidence_set,
    }
    said |= {"as_of": head.as_of, "engine": head.engine, "verdict": found.gate.verdict.value}
    pairs = (
        ("its row", [{name: row[name] for name in said}], [said]),
        ("its findings", findings, finding_rows(found)),
        ("the controls of its findings", controls, control_rows(found)),
    )
    return Recorded("assessment", row["digest"], digest_of(canonical(whole)), _altered(pairs))


def _altered(
    pairs: Sequence[tuple[str, Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]],
) -> str:
    """Return which rows differ from those that their content makes."""
    found = [name for name, there, made in pairs if not _agree(there, made)]
    return f"changed: {', '.join(found)}" if found else ""


def _agree(there: Sequence[Mapping[str, Any]], made: Sequence[Mapping[str, Any]]) -> bool:
    if len(there) != len(made):
        return False
    return all(other.items() <= row.items() for row, other in zip(there, made, strict=True))


def _rows(
    reading: Reading, table: type[SQLModel], order: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    query = select(_table(table)).order_by(*(_column(table, name) for name in order))
    found = reading.connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    names = tuple(found.keys())
    for row in found:
        yield dict(zip(names, row, strict=True))


def _by_key(
    reading: Reading, table: type[SQLModel], key: str, ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of some documents, in the order of their primary key."""
    column = _column(table, key)
    order = [each for each in _table(table).primary_key.columns if each.name != key]
    query = select(_table(table)).where(column.in_(ids)).order_by(column, *order)
    rows = reading.connection.execute(query)
    names = tuple(rows.keys())
    found = (dict(zip(names, row, strict=True)) for row in rows)
    return {name: list(some) for name, some in groupby(found, itemgetter(key))}


def _table(table: type[SQLModel]) -> Table:
    found: Table = cast("Any", table).__table__
    return found


def _column(table: type[SQLModel], name: str) -> Column[Any]:
    return _table(table).c[name]
