"""Who read what: each reading of evidence or of a pack is an entry of the journal."""

from pydantic import JsonValue
from sqlalchemy import insert

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.ids import written
from assaybook.store.journal import Entry
from assaybook.store.tables_access import ReadRow
from assaybook.store.unit_of_work import UnitOfWork


def save_read(  # noqa: PLR0913 - each is a part of what is recorded
    work: UnitOfWork, *, principal: str, name: str, what: str, ref: str, request: str
) -> int:
    """Record one reading; return its place in the journal."""
    said: dict[str, JsonValue] = {
        "at": written(work.now),
        "name": name,
        "principal": principal,
        "ref": ref,
        "request": request,
        "what": what,
    }
    body = canonical(said)
    (seq,) = work.record((Entry("read", ref, digest_of(body), name),))
    row = {
        "seq": seq,
        "at": work.now,
        "principal": principal,
        "what": what,
        "ref": ref,
        "request": request,
        "body": body.decode(),
    }
    work.connection.execute(insert(ReadRow), row)
    return seq
