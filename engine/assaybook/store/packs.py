"""Audit packs that were made: recorded once, with their bytes."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import digest_of
from assaybook.domain.ids import Instant
from assaybook.store.blobs import Kept, keep_blobs
from assaybook.store.journal import Entry
from assaybook.store.paging import Page, page_of, page_size, place_in
from assaybook.store.rows import json_of, looked_up
from assaybook.store.tables_jobs import PackRow
from assaybook.store.unit_of_work import Reading, UnitOfWork

_MEDIA_TYPE: Final = "application/pdf"


class PackRecord(Frozen):
    """A pack: what it is of, and the digest and size of its document."""

    id: str
    system: str
    release: str
    as_of: Instant
    assessment: str
    digest: str
    size: int
    media_type: str = _MEDIA_TYPE


def save_pack(work: UnitOfWork, pack: PackRecord, content: bytes, *, person: str) -> None:
    """Record a pack and its bytes, unless it is recorded. Its assessment must be."""
    known = select(col(PackRow.id)).where(col(PackRow.id) == pack.id)
    if work.connection.execute(known).first() is not None:
        return
    keep_blobs(work, {pack.digest: Kept(pack.size, content, digest_of(content))})
    body = json_of(pack)
    about = {"system": pack.system, "release": pack.release}
    (seq,) = work.record((Entry("pack", pack.id, digest_of(body), person, **about),))
    row = {
        "id": pack.id,
        "seq": seq,
        "system": looked_up(pack.system),
        "release": looked_up(pack.release),
        "as_of": pack.as_of,
        "assessment": pack.assessment,
        "blob": pack.digest,
        "at": work.now,
        "body": body.decode(),
    }
    work.connection.execute(insert(PackRow), row)


def find_pack(
    reading: Reading, pack: str, *, systems: Collection[str] | None = None
) -> PackRecord | None:
    """Return a pack of one of these systems, or of any; None where none was made."""
    query = select(col(PackRow.body)).where(col(PackRow.id) == pack)
    if systems is not None:
        query = query.where(col(PackRow.system).in_(sorted(systems)))
    body = reading.connection.execute(query).scalar()
    return None if body is None else PackRecord.model_validate_json(body)


def list_packs(  # noqa: PLR0913 - each narrows the listing
    reading: Reading,
    *,
    system: str | None,
    release: str | None,
    after: str | None,
    limit: int,
    among: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> Page[PackRecord]:
    """Return the packs that were made, the last first, of one release, system or of all.

    ``among`` are the systems that the reader may see, None for all. What was made later than
    ``as_of`` is left out.

    Raises:
        UsageError: ``limit-invalid`` or ``cursor-invalid``.
    """
    size, seq, mine = page_size(limit), col(PackRow.seq), col(PackRow.system)
    query = select(seq, col(PackRow.body))
    if after is not None:
        query = query.where(seq < place_in(after))
    if system is not None:
        query = query.where(mine == system)
    if release is not None:
        query = query.where(col(PackRow.release) == release)
    if among is not None:
        query = query.where(mine.in_(sorted(among)))
    if as_of is not None:
        query = query.where(col(PackRow.at) <= as_of)
    rows = reading.connection.execute(query.order_by(seq.desc()).limit(size + 1))
    found = [(str(at), PackRecord.model_validate_json(body)) for at, body in rows]
    return page_of(found, size)
