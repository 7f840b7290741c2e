"""Evidence in and out: recorded once, whole, and found by system as of any instant."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.evidence import Envelope
from assaybook.domain.ids import Instant
from assaybook.domain.record import record
from assaybook.store.chunks import chunks
from assaybook.store.journal import Entry
from assaybook.store.paging import Page, page_of, page_size, place_in
from assaybook.store.prepared import Query, add_rows, one_of, rows_found
from assaybook.store.rows import evidence_of, rows_of
from assaybook.store.subjects import digests_of
from assaybook.store.tables import EntryRow, EvidenceArtifactRow, EvidenceRow, ReadingRow
from assaybook.store.unit_of_work import Reading, UnitOfWork

_LISTED: Final = select(col(EvidenceRow.seq), col(EvidenceRow.envelope_json))


class EvidenceReceipt(Frozen):
    """That a piece of evidence is recorded: its place in the journal, and the digest there."""

    evidence: str
    blob: str
    seq: int
    digest: str
    received_at: Instant


def receipts_of(reading: Reading, ids: Collection[str]) -> dict[str, EvidenceReceipt]:
    """Return the receipts of those ids that are recorded."""
    rows = rows_found(reading.connection, _receipts, some=ids)
    return {
        evidence: EvidenceReceipt(
            evidence=evidence, blob=blob, seq=seq, digest=digest, received_at=received_at
        )
        for evidence, blob, seq, digest, received_at in rows
    }


def _receipts(kind: str) -> Query:
    key = col(EvidenceRow.id)
    return select(
        key,
        col(EvidenceRow.blob),
        col(EvidenceRow.seq),
        col(EvidenceRow.digest),
        col(EvidenceRow.received_at),
    ).where(key.in_(one_of(kind)))


def systems_of_blob(reading: Reading, blob: str) -> dict[str, str | None]:
    """Return the system of each evidence whose bytes have a digest, by its id."""
    key, system = col(EvidenceRow.id), col(EvidenceRow.system)
    query = select(key, system).where(col(EvidenceRow.blob) == blob).order_by(key)
    return {row[0]: row[1] for row in reading.connection.execute(query)}


def save_evidence(
    work: UnitOfWork, evidence: Sequence[Evidence], *, person: str
) -> tuple[EvidenceReceipt, ...]:
    """Record evidence that is not recorded yet, received at the instant of the unit of work.

    The blobs must be kept already, and no id may be recorded or stand twice.
    """
    now = work.now
    rows = [rows_of(one, received_at=now) for one in evidence]
    places = work.record(
        [
            Entry(
                "evidence",
                one.envelope.id,
                each.digest,
                person,
                system=one.envelope.subject.system or "",
                release=one.envelope.subject.release or "",
            )
            for one, each in zip(evidence, rows, strict=True)
        ]
    )
    for each, seq in zip(rows, places, strict=True):
        each.evidence["seq"] = each.reading["seq"] = seq
    connection = work.connection
    add_rows(connection, EvidenceRow, [each.evidence for each in rows])
    add_rows(connection, EvidenceArtifactRow, [row for each in rows for row in each.artifacts])
    add_rows(connection, ReadingRow, [each.reading for each in rows])
    return tuple(
        [
            EvidenceReceipt(
                evidence=one.envelope.id,
                blob=one.envelope.blob,
                seq=seq,
                digest=each.digest,
                received_at=now,
            )
            for one, each, seq in zip(evidence, rows, places, strict=True)
        ]
    )


def evidence_for(reading: Reading, system: str, *, as_of: datetime) -> tuple[Evidence, ...]:
    """Return the documents about a system that were received by an instant, in order of id.

    About it are those that name it, and those that name no system but a digest of an artifact of
    one of its releases. None is left out for being old: which of them count is for the evaluation
    to say, and a finding says of each why not. Work grows with the documents of the system, not of
    the store.

    Raises:
        OperatorError: ``reading-missing``.
    """
    received = col(EvidenceRow.received_at) <= as_of
    queries = [_with_reading().where(col(EvidenceRow.system) == system, received)]
    for digests in chunks(sorted(digests_of(reading, system, as_of=as_of))):
        about = select(col(EvidenceArtifactRow.evidence)).where(
            col(EvidenceArtifactRow.digest).in_(digests)
        )
        unnamed = col(EvidenceRow.system).is_(None)
        queries.append(_with_reading().where(col(EvidenceRow.id).in_(about), unnamed, received))
    found = {row[0]: row for query in queries for row in reading.connection.execute(query)}
    return tuple(_whole(*found[key]) for key in sorted(found))


def load_evidence(reading: Reading, evidence: str) -> Evidence:
    """Return one piece of evidence.

    Raises:
        UsageError: ``evidence-unknown``.
        OperatorError: ``reading-missing``.
    """
    query = _with_reading().where(col(EvidenceRow.id) == evidence)
    row = reading.connection.execute(query).first()
    if row is None:
        raise UsageError(
            "evidence-unknown",
            f"there is no evidence {evidence!r}",
            hint="List what there is: assay evidence list",
        )
    return _whole(*row)


def envelopes_of(reading: Reading, ids: Collection[str]) -> dict[str, Envelope]:
    """Return the envelopes of those ids that are recorded, without what was read from them."""
    key = col(EvidenceRow.id)
    found: dict[str, Envelope] = {}
    for some in chunks(sorted(ids)):
        query = select(key, col(EvidenceRow.envelope_json)).where(key.in_(some))
        for evidence, text in reading.connection.execute(query):
            found[evidence] = Envelope.model_validate_json(text)
    return found


def list_evidence(  # noqa: PLR0913 - each narrows the listing
    reading: Reading,
    *,
    system: str | None,
    after: str | None,
    limit: int,
    release: str | None = None,
    form: str | None = None,
    among: Collection[str] | None = None,
    last_first: bool = False,
    as_of: datetime | None = None,
) -> Page[Envelope]:
    """Return envelopes in the order in which they were recorded, of one system or of all.

    ``form`` is the format; ``among`` are the systems that the reader may see, None for all;
    ``last_first`` turns the order around, and ``after`` is then what earlier ones follow. What was
    received later than ``as_of`` is left out.

    Raises:
        UsageError: ``limit-invalid`` or ``cursor-invalid``.
    """
    size, place = page_size(limit), place_in(after)
    wanted = {"release": release, "format": form}
    said = [
        col(getattr(EvidenceRow, name)) == value
        for name, value in wanted.items()
        if value is not None
    ]
    if as_of is not None:
        said.append(col(EvidenceRow.received_at) <= as_of)
    seq = col(EvidenceRow.seq)
    begin = seq < place if last_first and after else seq > place
    asked = _LISTED.where(begin, *said).limit(size + 1)
    turned = _Turned(asked, place, last_first)
    systems = among if system is None else [system] if among is None or system in among else []
    if systems is None:
        rows = reading.connection.execute(asked.order_by(turned.way(seq))).all()
    else:
        rows = [row for one in sorted(systems) for row in _of_system(reading, turned, one)]
    kept = sorted(rows, reverse=last_first)[: size + 1]
    return page_of([(str(at), Envelope.model_validate_json(text)) for at, text in kept], size)


@record
class _Turned:
    """A query of a listing, the place that it goes on from, and whether it goes backwards."""

    asked: Select[int, str]
    place: int
    backwards: bool

    def way(self, key: Mapped[Any]) -> ColumnElement[Any]:
        """Return a column in the order of the listing."""
        return key.desc() if self.backwards else key.asc()


def _of_system(reading: Reading, turned: _Turned, system: str) -> Sequence[Row[int, str]]:
    """Return a page of one system, by the index in which it stands in the order of its receipt.

    That is the order of the journal, where an instant belongs to one unit of work: what follows a
    place was received no earlier, and nothing before it is looked at.
    """
    received = col(EvidenceRow.received_at)
    query = turned.asked.where(col(EvidenceRow.system) == system)
    if turned.place:
        at = select(col(EntryRow.at)).where(col(EntryRow.seq) == turned.place).scalar_subquery()
        query = query.where(received <= at if turned.backwards else received >= at)
    order = turned.way(received), turned.way(col(EvidenceRow.seq))
    return reading.connection.execute(query.order_by(*order)).all()


def _with_reading() -> Select[str, str, str, str]:
    """Return the query of evidence with what the adapter of its envelope read, or with nulls."""
    mine = and_(
        col(ReadingRow.seq) == col(EvidenceRow.seq),
        col(ReadingRow.adapter_version) == col(EvidenceRow.adapter_version),
    )
    return select(
        col(EvidenceRow.id),
        col(EvidenceRow.envelope_json),
        col(ReadingRow.coverage),
        col(ReadingRow.facts),
    ).outerjoin_from(EvidenceRow, ReadingRow, mine)


def _whole(evidence: str, envelope: str, coverage: str | None, facts: str | None) -> Evidence:
    """Return evidence; without what was read from it, it could hide a fail behind nothing."""
    if coverage is None or facts is None:
        raise OperatorError(
            "reading-missing",
            "what was read from it is not there any more",
            where=f"evidence {evidence}",
            hint="Restore the newest backup, and see what else is gone: assay ledger audit",
        )
    return evidence_of(envelope, coverage, facts)
