"""Waivers and retirements: what people decided, every version of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, insert, select
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Scope
from assaybook.domain.ids import Instant
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.store.journal import Entry
from assaybook.store.paging import Page, page_of, page_size
from assaybook.store.rows import json_of, source_text
from assaybook.store.tables import RetirementRow, WaiverRow
from assaybook.store.unit_of_work import Reading, UnitOfWork


class WaiverRecord(Frozen):
    """One version of a waiver: since when, by whom, and why where a reason of its own was given."""

    waiver: Waiver
    version: int
    at: Instant
    person: str
    digest: str
    why: str | None = None


def save_waivers(
    work: UnitOfWork, waivers: Sequence[Waiver], *, person: str, why: str | None = None
) -> int:
    """Record the next version of each waiver that differs from its last; return how many did.

    ``why`` is the reason of the change, where it is not that of the waiver.

    Raises:
        UsageError: ``waiver-moved``, an id is taken by a waiver of another system.
    """
    written = 0
    for waiver in sorted(waivers, key=lambda one: one.id):
        body = json_of(waiver)
        digest = digest_of(body)
        last = _last_version(work, waiver.id)
        if last is not None and last[1] != waiver.system:
            raise UsageError(
                "waiver-moved",
                f"the waiver {waiver.id!r} is of the system {last[1]!r}, not {waiver.system!r}",
                hint="Give the new waiver an id of its own.",
            )
        if last is not None and last[2] == digest:
            continue
        reason, system = why or waiver.reason, waiver.system
        work.record((Entry("waiver", waiver.id, digest, person, reason, system=system),))
        row = {
            "id": waiver.id,
            "version": 1 if last is None else last[0] + 1,
            "system": waiver.system,
            "at": work.now,
            "person": person,
            "digest": digest,
            "body": body.decode(),
            "why": why,
        }
        work.connection.execute(insert(WaiverRow), row)
        written += 1
    return written


def waivers_of(reading: Reading, system: str, *, as_of: datetime) -> tuple[Waiver, ...]:
    """Return the waivers of a system as they were recorded by an instant, in order of id."""
    query = (
        select(col(WaiverRow.id), col(WaiverRow.body))
        .where(col(WaiverRow.system) == system, col(WaiverRow.at) <= as_of)
        .order_by(col(WaiverRow.id), col(WaiverRow.version))
    )
    newest = {row.id: row.body for row in reading.connection.execute(query)}
    return tuple(Waiver.model_validate_json(body) for body in newest.values())


def load_waiver(
    reading: Reading,
    waiver: str,
    *,
    systems: Collection[str] | None = None,
    as_of: datetime | None = None,
) -> WaiverRecord:
    """Return the newest version of a waiver of one of these systems, or of any.

    With ``as_of`` it is the newest that was recorded by then.

    Raises:
        UsageError: ``waiver-unknown``, also where it is of another system or was asked for later.
    """
    version = col(WaiverRow.version)
    query = select(*_VERSION).where(col(WaiverRow.id) == waiver).order_by(version.desc()).limit(1)
    if as_of is not None:
        query = query.where(col(WaiverRow.at) <= as_of)
    row = reading.connection.execute(query).mappings().first()
    found = None if row is None else _record(row)
    if found is None or (systems is not None and found.waiver.system not in systems):
        raise UsageError("waiver-unknown", f"there is no waiver {waiver[:80]!r}")
    return found


def list_waivers(  # noqa: PLR0913 - each narrows the listing
    reading: Reading,
    *,
    system: str | None,
    systems: Collection[str] | None,
    after: str | None,
    limit: int,
    as_of: datetime | None = None,
) -> Page[WaiverRecord]:
    """Return the newest version of each waiver, or that of an instant, in order of id.

    Raises:
        UsageError: ``limit-invalid``.
    """
    size, key, version = page_size(limit), col(WaiverRow.id), col(WaiverRow.version)
    newest = select(key, func.max(version).label("version")).group_by(key).order_by(key)
    if system is not None:
        newest = newest.where(col(WaiverRow.system) == system)
    if systems is not None:
        newest = newest.where(col(WaiverRow.system).in_(sorted(systems)))
    if after is not None:
        newest = newest.where(key > after)
    if as_of is not None:
        newest = newest.where(col(WaiverRow.at) <= as_of)
    page = newest.limit(size + 1).subquery()
    query = (
        select(*_VERSION).join(page, (key == page.c.id) & (version == page.c.version)).order_by(key)
    )
    found = [_record(row) for row in reading.connection.execute(query).mappings()]
    return page_of([(one.waiver.id, one) for one in found], size)


def save_retirement(work: UnitOfWork, system: str, retirement: Retirement) -> None:
    """Record that a source of a system will not answer again."""
    body = json_of(retirement)
    digest, person = digest_of(body), retirement.person
    entry = Entry("retirement", system, digest, person, retirement.reason, system=system)
    (seq,) = work.record((entry,))
    row = {
        "seq": seq,
        "system": system,
        "source": digest_of(retired_source(retirement)),
        "at": work.now,
        "body": body.decode(),
    }
    work.connection.execute(insert(RetirementRow), row)


def retirements_of(reading: Reading, system: str, *, as_of: datetime) -> tuple[Retirement, ...]:
    """Return the retirements of a system that were recorded by an instant, oldest first."""
    query = (
        select(col(RetirementRow.body))
        .where(col(RetirementRow.system) == system, col(RetirementRow.at) <= as_of)
        .order_by(col(RetirementRow.seq))
    )
    return tuple(
        Retirement.model_validate_json(body) for body in reading.connection.execute(query).scalars()
    )


def retired_source(retirement: Retirement) -> bytes:
    """Return the canonical JSON of the source that a retirement names."""
    scope = Scope(
        dataset=retirement.dataset,
        split=retirement.split,
        path=retirement.path,
        job=retirement.job,
    )
    return source_text(retirement.format, retirement.tool, scope)


def _last_version(work: UnitOfWork, waiver: str) -> tuple[int, str, str] | None:
    version = col(WaiverRow.version)
    query = (
        select(version, col(WaiverRow.system), col(WaiverRow.digest))
        .where(col(WaiverRow.id) == waiver)
        .order_by(version.desc())
        .limit(1)
    )
    row = work.connection.execute(query).first()
    return None if row is None else (row[0], row[1], row[2])


_VERSION = tuple(
    col(getattr(WaiverRow, name)) for name in ("version", "at", "person", "digest", "why", "body")
)


def _record(row: RowMapping) -> WaiverRecord:
    known = {name: row[name] for name in ("version", "at", "person", "digest", "why")}
    return WaiverRecord(waiver=Waiver.model_validate_json(row["body"]), **known)
