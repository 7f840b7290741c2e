"""Waivers and retirements: what people decided, every version of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlmodel import col

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Scope
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.store.journal import Entry
from assaybook.store.rows import json_of, source_text
from assaybook.store.tables import RetirementRow, WaiverRow
from assaybook.store.unit_of_work import Reading, UnitOfWork


def save_waivers(work: UnitOfWork, waivers: Sequence[Waiver], *, person: str) -> int:
    """Record the next version of each waiver that differs from its last; return how many did.

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
        work.record((Entry("waiver", waiver.id, digest, person, waiver.reason),))
        row = {
            "id": waiver.id,
            "version": 1 if last is None else last[0] + 1,
            "system": waiver.system,
            "at": work.now,
            "person": person,
            "digest": digest,
            "body": body.decode(),
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


def save_retirement(work: UnitOfWork, system: str, retirement: Retirement) -> None:
    """Record that a source of a system will not answer again."""
    body = json_of(retirement)
    entry = Entry("retirement", system, digest_of(body), retirement.person, retirement.reason)
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
