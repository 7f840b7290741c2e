"""What is recorded, digested again: for whoever compares the tables with the journal.

Nothing that a table says of itself is believed: each digest is computed from the bodies that are
read back, and each column for look-up from the body or the entry that it was taken from.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import SQLModel

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.finding import Assessment
from assaybook.store.audit_rows import (
    AT_ONCE,
    GONE,
    UNREADABLE,
    UNTOLD,
    Recorded,
    Said,
    Values,
    placed,
    streamed,
    table_of,
    unplaced,
)
from assaybook.store.rows import Row, control_rows, finding_rows, looked_up
from assaybook.store.tables import AssessmentRow, BlobRow, FindingRow
from assaybook.store.tables_jobs import FindingControlRow, PackRow
from assaybook.store.unit_of_work import Reading

_ASSESSMENT: Final = "assessment"


def recorded_assessments(reading: Reading, entries: int) -> Iterator[Recorded]:
    """Yield every assessment, those that are gone, and tables of findings that belong to none.

    Args:
        reading: of the store.
        entries: how many say that something was assessed.
    """
    seen: dict[type[SQLModel], int] = {FindingRow: 0, FindingControlRow: 0}
    pairs, sound = placed(reading, table_of(AssessmentRow)), 0
    while some := list(islice(pairs, AT_ONCE)):
        digests = [row["digest"] for row, _said in some]
        parts = {table: _by_assessment(reading, table, digests) for table in seen}
        for row, said in some:
            mine = {table: found.get(row["digest"], []) for table, found in parts.items()}
            for table, rows in mine.items():
                seen[table] += len(rows)
            altered = _altered(row, said, mine)
            sound += not altered
            yield Recorded(_ASSESSMENT, row["digest"], altered)
    if sound < entries:
        for ref in unplaced(reading, _ASSESSMENT, table_of(AssessmentRow)):
            yield Recorded(_ASSESSMENT, ref, GONE)
    for table, count in seen.items():
        there = reading.connection.execute(select(func.count()).select_from(table_of(table)))
        if there.scalar() != count:
            message = "there are rows that belong to no assessment"
            yield Recorded("table", table_of(table).name, message)


def kept_blobs(reading: Reading, redacted: Mapping[str, str]) -> Iterator[tuple[str, bool, bool]]:
    """Yield the digest of all kept bytes, whether they are there, and whether they are sound.

    Args:
        reading: of the store.
        redacted: the digest of what was to be kept of bytes that were redacted, empty where
            nothing says it; no others may differ from what was received.
    """
    columns = table_of(BlobRow).c
    query = select(columns.digest, columns.size, columns.kept_digest, columns.content)
    for digest, size, kept, content in streamed(reading, query):
        whole = kept == digest
        sound = whole or redacted.get(digest) in {kept, ""}
        if content is not None:
            sound = sound and digest_of(content) == kept and (not whole or size == len(content))
        yield digest, content is not None, sound


def unkept_packs(reading: Reading) -> set[str]:
    """Return the digests of packs of which not even the digest is kept among the bytes."""
    blob = table_of(PackRow).c.blob
    there = select(table_of(BlobRow).c.digest).where(table_of(BlobRow).c.digest == blob).exists()
    return {digest for (digest,) in streamed(reading, select(blob).where(~there))}


def _altered(row: Values, said: Said | None, parts: Mapping[type[SQLModel], list[Values]]) -> str:
    try:
        whole = json.loads(row["body"])
        whole["assessment"]["digest"] = ""
        found = Assessment.model_validate_json(row["body"])
        digest = digest_of(canonical(whole))
    except (ValueError, KeyError, TypeError):
        return UNREADABLE
    told = (_ASSESSMENT, row["digest"], digest)
    if said is None or (said.kind, said.ref, said.digest) != told:
        return UNTOLD
    pairs = (
        ("its findings", parts[FindingRow], finding_rows(found)),
        ("the controls of its findings", parts[FindingControlRow], control_rows(found)),
    )
    changed = [] if said.agrees(row, _made(row, found)) else ["its row"]
    changed += [name for name, there, made in pairs if not _agree(there, made)]
    return f"changed: {', '.join(changed)}" if changed else ""


def _made(row: Values, found: Assessment) -> Values:
    """Return what an assessment makes of its row; of which release it is, its findings say."""
    head = found.assessment
    made: dict[str, Any] = {
        name: getattr(head, name)
        for name in ("digest", "bundle", "subject", "evidence_set", "as_of", "engine")
    }
    named = {(looked_up(one.system), looked_up(one.release)) for one in found.findings}
    if named - {(row["system"], row["release"])}:
        made |= {"system": "", "release": ""}
    return made | {"verdict": found.gate.verdict.value}


def _agree(there: Sequence[Values], made: Sequence[Row]) -> bool:
    if len(there) != len(made):
        return False
    return all(other.items() <= row.items() for row, other in zip(there, made, strict=True))


def _by_assessment(
    reading: Reading, table: type[SQLModel], digests: Sequence[str]
) -> dict[str, list[Values]]:
    """Return the rows of some assessments, in the order of their primary key."""
    rows, key = table_of(table), itemgetter("assessment")
    query = select(*rows.c).where(rows.c["assessment"].in_(digests))
    names = list(rows.c.keys())
    found = streamed(reading, query.order_by(*rows.primary_key.columns))
    made = (dict(zip(names, values, strict=True)) for values in found)
    return {name: list(some) for name, some in groupby(made, key)}
