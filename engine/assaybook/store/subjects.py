"""Systems and releases: every change is a new version of the record, and none is lost."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, func, insert, select
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError, did_you_mean
from assaybook.domain.ids import Instant, written
from assaybook.domain.subject import Release, Subject, System, replaces
from assaybook.store.chunks import chunks
from assaybook.store.journal import Entry
from assaybook.store.names import near
from assaybook.store.paging import Page, page_of, page_size
from assaybook.store.prepared import Query, rows_found
from assaybook.store.rows import json_of
from assaybook.store.tables import ReleaseRow, SystemRow
from assaybook.store.unit_of_work import Reading, UnitOfWork


class SystemRecord(Frozen):
    """One version of the record of a system: since when, by whom and why."""

    system: System
    version: int
    at: Instant
    person: str
    reason: str
    digest: str


class ReleaseRecord(Frozen):
    """One version of the record of a release.

    ``registered_at`` is when the first was recorded, and ``replaced_at`` when the last was that
    took other bytes for what the release is; None where none did.
    """

    system: str
    release: Release
    version: int
    at: Instant
    registered_at: Instant
    person: str
    reason: str
    digest: str
    replaced_at: Instant | None = None


def save_system(work: UnitOfWork, system: System, *, person: str, reason: str) -> SystemRecord:
    """Record the next version of a system; what is equal to the last is not recorded again."""
    body = json_of(system)
    digest = digest_of(body)
    last = find_system(work, system.id)
    if last is not None and last.digest == digest:
        return last
    version = 1 if last is None else last.version + 1
    common = {"version": version, "at": work.now, "person": person, "reason": reason}
    work.record((Entry("system", system.id, digest, person, reason, system=system.id),))
    row = common | {"id": system.id, "digest": digest, "body": body.decode()}
    work.connection.execute(insert(SystemRow), row)
    return SystemRecord(
        system=system, version=version, at=work.now, person=person, reason=reason, digest=digest
    )


def save_release(
    work: UnitOfWork, system: str, release: Release, *, person: str, reason: str
) -> ReleaseRecord:
    """Record the next version of a release; what is equal to the last is not recorded again."""
    body = json_of(release)
    digest = digest_of(body)
    last = find_release(work, system, release.version)
    if last is not None and last.digest == digest:
        return last
    version = 1 if last is None else last.version + 1
    common = {"version": version, "at": work.now, "person": person, "reason": reason}
    ref = f"{system}/{release.version}"
    about = {"system": system, "release": release.version}
    work.record((Entry("release", ref, digest, person, reason, **about),))
    row = {"system": system, "release": release.version, "digest": digest, "body": body.decode()}
    work.connection.execute(insert(ReleaseRow), common | row)
    return ReleaseRecord(
        system=system,
        release=release,
        version=version,
        at=work.now,
        registered_at=work.now if last is None else last.registered_at,
        person=person,
        reason=reason,
        digest=digest,
        replaced_at=_replaced_at(release, last, work.now),
    )


def _replaced_at(release: Release, last: ReleaseRecord | None, now: datetime) -> datetime | None:
    """Return when a release last became one of other bytes, if it is recorded now."""
    if last is None:
        return None
    return now if replaces(release, last.release) else last.replaced_at


def find_system(
    reading: Reading, system: str, *, as_of: datetime | None = None
) -> SystemRecord | None:
    """Return the record of a system as of an instant, by default the newest; None without one."""
    version = col(SystemRow.version)
    query = _columns(SystemRow).where(col(SystemRow.id) == system).order_by(version.desc()).limit(1)
    if as_of is not None:
        query = query.where(col(SystemRow.at) <= as_of)
    row = reading.connection.execute(query).mappings().first()
    return None if row is None else _system(row)


def find_systems(
    reading: Reading, systems: Sequence[str], *, as_of: datetime
) -> tuple[SystemRecord, ...]:
    """Return the records of systems as of an instant, in the order of the ids; none without one."""
    key = col(SystemRow.id)
    found: dict[str, SystemRecord] = {}
    for some in chunks(systems):
        query = _columns(SystemRow).where(key.in_(some), col(SystemRow.at) <= as_of)
        rows = reading.connection.execute(query.order_by(col(SystemRow.version))).mappings()
        found |= {one.system.id: one for one in map(_system, rows)}
    return tuple(found[one] for one in systems if one in found)


def find_release(
    reading: Reading, system: str, release: str, *, as_of: datetime | None = None
) -> ReleaseRecord | None:
    """Return the record of a release as of an instant, by default the newest; None without one."""
    named = (col(ReleaseRow.system) == system, col(ReleaseRow.release) == release)
    version, at = col(ReleaseRow.version), col(ReleaseRow.at)
    query = _columns(ReleaseRow).where(*named).order_by(version)
    if as_of is not None:
        query = query.where(at <= as_of)
    return _newest(system, reading.connection.execute(query).mappings()).get(release)


def releases_of(
    reading: Reading, system: str, *, as_of: datetime | None = None
) -> tuple[ReleaseRecord, ...]:
    """Return the releases of a system as of an instant, in the order of their registration."""
    return releases_among(reading, (system,), as_of=as_of).get(system, ())


def releases_among(
    reading: Reading, systems: Sequence[str], *, as_of: datetime | None = None
) -> dict[str, tuple[ReleaseRecord, ...]]:
    """Return the releases of each of some systems, those of one as ``releases_of`` does."""
    until = () if as_of is None else (col(ReleaseRow.at) <= as_of,)
    found: dict[str, tuple[ReleaseRecord, ...]] = {}
    for some in chunks(systems):
        for name, mine in _by_system(reading, col(ReleaseRow.system).in_(some), *until):
            known = _newest(name, mine).values()
            order = sorted(known, key=lambda one: (one.registered_at, one.release.version))
            found[name] = tuple(order)
    return found


def find_releases(
    reading: Reading, places: AbstractSet[tuple[str, str]]
) -> dict[tuple[str, str], ReleaseRecord]:
    """Return the newest records of those releases that are registered, by system and version."""
    system, release = col(ReleaseRow.system), col(ReleaseRow.release)
    found: dict[tuple[str, str], ReleaseRecord] = {}
    for some in chunks(sorted(places)):
        # SQLite looks these up; pairs of values it would look for in the whole table.
        systems, versions = {one for one, _ in some}, {one for _, one in some}
        narrowed = system.in_(sorted(systems)), release.in_(sorted(versions))
        for name, mine in _by_system(reading, *narrowed):
            known = {(name, key): one for key, one in _newest(name, mine).items()}
            found |= {key: one for key, one in known.items() if key in places}
    return found


def _by_system(
    reading: Reading, *narrowed: ColumnElement[bool]
) -> Iterator[tuple[str, Iterator[RowMapping]]]:
    """Yield the versions of releases, in their order, of one system after the other."""
    system = col(ReleaseRow.system)
    query = _columns(ReleaseRow).add_columns(system.label("owner")).where(*narrowed)
    query = query.order_by(system, col(ReleaseRow.version))
    return groupby(reading.connection.execute(query).mappings(), key=lambda row: str(row["owner"]))


def _newest(system: str, rows: Iterable[RowMapping]) -> dict[str, ReleaseRecord]:
    """Return the newest record of each release, from all versions of it in their order."""
    found: dict[str, ReleaseRecord] = {}
    for row in rows:
        one = _release(system, row, row["at"])
        last = found.get(one.release.version)
        if last is not None:
            since = _replaced_at(one.release, last, one.at)
            then = {"registered_at": last.registered_at, "replaced_at": since}
            one = one.model_copy(update=then)
        found[one.release.version] = one
    return found


def history_of(reading: Reading, system: str) -> tuple[SystemRecord, ...]:
    """Return every version of the record of a system, oldest first."""
    query = _columns(SystemRow).where(col(SystemRow.id) == system)
    rows = reading.connection.execute(query.order_by(col(SystemRow.version)))
    return tuple(map(_system, rows.mappings()))


def subject_as_of(reading: Reading, system: str, release: str, *, as_of: datetime) -> Subject:
    """Return a system and one release of it as they were registered at an instant.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``.
    """
    found = known_system(reading, system, as_of=as_of)
    mine = known_release(reading, system, release, as_of=as_of)
    named = mine.release.baseline
    baseline = None if named is None else find_release(reading, system, named, as_of=as_of)
    return _subject(found, mine, baseline)


def subjects_as_of(reading: Reading, system: str, *, as_of: datetime) -> tuple[Subject, ...]:
    """Return a system with each of its releases at an instant, in the order of registration."""
    releases = releases_of(reading, system, as_of=as_of)
    if not releases:
        return ()
    found = known_system(reading, system, as_of=as_of)
    named = {one.release.version: one for one in releases}
    return tuple(_subject(found, one, named.get(one.release.baseline or "")) for one in releases)


def _subject(system: SystemRecord, mine: ReleaseRecord, baseline: ReleaseRecord | None) -> Subject:
    return Subject(
        system=system.system,
        release=mine.release,
        baseline=None if baseline is None else baseline.release,
        asserted=False,
        replaced_at=mine.replaced_at,
    )


def known_system(reading: Reading, system: str, *, as_of: datetime | None = None) -> SystemRecord:
    """Return the record of a system.

    Raises:
        UsageError: ``system-unknown``, with the nearest names.
    """
    found = find_system(reading, system, as_of=as_of)
    if found is not None:
        return found
    later = find_system(reading, system)
    if later is not None and as_of is not None:
        raise UsageError(
            "system-unknown",
            f"the system {system!r} was not registered by {written(as_of)}",
            hint="See since when it is: assay system show",
        )
    names = reading.connection.execute(select(col(SystemRow.id)).distinct()).scalars()
    raise UsageError(
        "system-unknown",
        f"there is no system {system!r}",
        hint=did_you_mean(near(system, names)) or "Register it: assay system add FILE",
    )


def known_release(
    reading: Reading, system: str, release: str, *, as_of: datetime | None = None
) -> ReleaseRecord:
    """Return the record of a release of a system that is registered.

    Raises:
        UsageError: ``release-unknown``, with the nearest names.
    """
    found = find_release(reading, system, release, as_of=as_of)
    if found is not None:
        return found
    if as_of is not None and find_release(reading, system, release) is not None:
        raise UsageError(
            "release-unknown",
            f"the release {release!r} of {system} was not registered by {written(as_of)}",
            hint="See since when it is: assay system show",
        )
    names = select(col(ReleaseRow.release)).where(col(ReleaseRow.system) == system).distinct()
    known = reading.connection.execute(names).scalars()
    raise UsageError(
        "release-unknown",
        f"{system} has no release {release!r}",
        hint=did_you_mean(near(release, known)) or "Register it: assay system release FILE",
    )


def known_subject(work: UnitOfWork, system: str, release: str) -> None:
    """See that a release of a system is registered; a unit of work asks for each only once.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``, with the nearest names.
    """
    if (system, release) in work.known:
        return
    if not rows_found(work.connection, _registered, system=system, release=release):
        known_system(work, system)
        known_release(work, system, release)
    work.known.add((system, release))


def _registered(_kind: str) -> Query:
    return (
        select(col(ReleaseRow.version))
        .where(
            col(ReleaseRow.system) == bindparam("system"),
            col(ReleaseRow.release) == bindparam("release"),
        )
        .limit(1)
    )


def list_systems(
    reading: Reading,
    *,
    after: str | None,
    limit: int,
    among: Collection[str] | None = None,
) -> Page[SystemRecord]:
    """Return the newest record of each system, in order of id; ``among`` None means all.

    Raises:
        UsageError: ``limit-invalid``.
    """
    size = page_size(limit)
    key, version = col(SystemRow.id), col(SystemRow.version)
    newest = select(key, func.max(version).label("version")).group_by(key).order_by(key)
    if after is not None:
        newest = newest.where(key > after)
    if among is not None:
        newest = newest.where(key.in_(sorted(among)))
    page = newest.limit(size + 1).subquery()
    query = (
        _columns(SystemRow)
        .join(page, (key == page.c.id) & (version == page.c.version))
        .order_by(key)
    )
    found = [_system(row) for row in reading.connection.execute(query).mappings()]
    return page_of([(one.system.id, one) for one in found], size)


def digests_of(reading: Reading, system: str, *, as_of: datetime) -> frozenset[str]:
    """Return the digests of all artifacts of the releases of a system, as of an instant."""
    return frozenset(
        artifact.digest
        for one in releases_of(reading, system, as_of=as_of)
        for artifact in one.release.artifacts
    )


def _columns(
    table: type[SystemRow] | type[ReleaseRow],
) -> Select[int, datetime, str, str, str, str]:
    return select(
        col(table.version),
        col(table.at),
        col(table.person),
        col(table.reason),
        col(table.digest),
        col(table.body),
    )


def _system(row: RowMapping) -> SystemRecord:
    known = {name: row[name] for name in ("version", "at", "person", "reason", "digest")}
    return SystemRecord(system=System.model_validate_json(row["body"]), **known)


def _release(system: str, row: RowMapping, registered_at: datetime) -> ReleaseRecord:
    known = {name: row[name] for name in ("version", "at", "person", "reason", "digest")}
    return ReleaseRecord(
        system=system,
        release=Release.model_validate_json(row["body"]),
        registered_at=registered_at,
        **known,
    )
