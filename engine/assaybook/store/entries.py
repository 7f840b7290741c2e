"""Entries of the journal by the digest of what was accepted."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlmodel import col

from assaybook.store.chunks import chunks
from assaybook.store.journal import EntryRecord
from assaybook.store.tables import EntryRow
from assaybook.store.unit_of_work import Reading


def entries_for(reading: Reading, digests: Collection[str]) -> Iterator[EntryRecord]:
    """Yield the entries for what has one of these digests, whatever they say of it."""
    columns = [col(getattr(EntryRow, name)) for name in EntryRecord.model_fields]
    for some in chunks(sorted(digests)):
        query = select(*columns).where(col(EntryRow.digest).in_(some)).order_by(col(EntryRow.seq))
        for row in reading.connection.execute(query).mappings():
            yield EntryRecord.model_validate(dict(row))
