"""Refusals in and out: each recorded once, as an entry of the journal, and never as evidence."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlmodel import col

from assaybook.domain.canonical import digest_of
from assaybook.domain.refusal import MOST_KEPT, Refusal
from assaybook.store.chunks import chunks
from assaybook.store.journal import Entry
from assaybook.store.paging import Page, page_of, page_size, place_in
from assaybook.store.rows import json_of
from assaybook.store.tables import RefusalRow
from assaybook.store.unit_of_work import Reading, UnitOfWork


def save_refusals(work: UnitOfWork, refusals: Sequence[Refusal]) -> int:
    """Record the refusals of one release that are not recorded yet; return how many were not.

    They are of the instant of the unit of work. Beyond a thousand of a release none is recorded
    any more: that so many were refused is said by then.
    """
    if not refusals:
        return 0
    wanted = {one.id: one for one in refusals}
    system, release = refusals[0].system, refusals[0].release
    key = col(RefusalRow.id)
    for some in chunks(sorted(wanted)):
        for known in work.connection.execute(select(key).where(key.in_(some))).scalars():
            del wanted[known]
    room = max(0, MOST_KEPT - _count(work, system, release))
    new = [one.model_copy(update={"received_at": work.now}) for one in wanted.values()][:room]
    if not new:
        return 0
    bodies = [json_of(one) for one in new]
    about = {"system": system, "release": release}
    places = work.record(
        [
            Entry("refusal", one.id, digest_of(body), one.submitted_by, one.code, **about)
            for one, body in zip(new, bodies, strict=True)
        ]
    )
    rows = [
        {
            "id": one.id,
            "seq": seq,
            "system": one.system,
            "release": one.release,
            "at": work.now,
            "body": body.decode(),
        }
        for one, body, seq in zip(new, bodies, places, strict=True)
    ]
    work.connection.execute(insert(RefusalRow), rows)
    return len(new)


def refusals_of(
    reading: Reading, system: str, release: str, *, as_of: datetime
) -> tuple[Refusal, ...]:
    """Return what was refused of a release by an instant, in the order in which it was."""
    query = (
        select(col(RefusalRow.body))
        .where(
            col(RefusalRow.system) == system,
            col(RefusalRow.release) == release,
            col(RefusalRow.at) <= as_of,
        )
        .order_by(col(RefusalRow.seq))
    )
    found = reading.connection.execute(query).scalars()
    return tuple(map(Refusal.model_validate_json, found))


def list_refusals(  # noqa: PLR0913 - each narrows the listing
    reading: Reading,
    *,
    system: str | None,
    release: str | None,
    after: str | None,
    limit: int,
    among: Collection[str] | None = None,
    last_first: bool = False,
    as_of: datetime | None = None,
) -> Page[Refusal]:
    """Return refusals in the order in which they were recorded, of one release, system or of all.

    ``among`` are the systems that the reader may see, None for all; ``last_first`` turns the order
    around. What was refused later than ``as_of`` is left out.

    Raises:
        UsageError: ``limit-invalid`` or ``cursor-invalid``.
    """
    size, seq = page_size(limit), col(RefusalRow.seq)
    place = place_in(after)
    begin = seq < place if last_first and after else seq > place
    query = select(seq, col(RefusalRow.body)).where(begin)
    if system is not None:
        query = query.where(col(RefusalRow.system) == system)
    if release is not None:
        query = query.where(col(RefusalRow.release) == release)
    if among is not None:
        query = query.where(col(RefusalRow.system).in_(sorted(among)))
    if as_of is not None:
        query = query.where(col(RefusalRow.at) <= as_of)
    rows = reading.connection.execute(
        query.order_by(seq.desc() if last_first else seq).limit(size + 1)
    )
    return page_of([(str(place), Refusal.model_validate_json(body)) for place, body in rows], size)


def _count(work: UnitOfWork, system: str, release: str) -> int:
    mine = select(func.count(col(RefusalRow.id))).where(
        col(RefusalRow.system) == system, col(RefusalRow.release) == release
    )
    return work.connection.execute(mine).scalar_one()
