"""What holds now: the last assessment of each release up to an instant, and what it found."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Subquery,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Disposition, Outcome
from assaybook.domain.ids import Instant
from assaybook.domain.policy import Severity
from assaybook.store.chunks import chunks
from assaybook.store.findings import FindingLine
from assaybook.store.paging import Page, page_of, page_size, place_in
from assaybook.store.prepared import Query
from assaybook.store.rows import looked_up
from assaybook.store.tables import AssessmentRow, FindingRow, ReleaseRow
from assaybook.store.tables_jobs import FindingControlRow
from assaybook.store.unit_of_work import Reading

_ACCEPTED: Final = 3
_TOGETHER: Final = 100
"""Assessments of one statement; SQLite takes no more than a thousand conditions."""
_LAST: Final = 5
_RANKS: Final = {
    Outcome.FAIL.value: 0,
    Outcome.ERROR.value: 1,
    Outcome.INCONCLUSIVE.value: 2,
    Outcome.PASS.value: 4,
}
"""Worst first; a fail that somebody accepted stands behind what nobody knows."""
_URGENCY: Final = {
    each.value: place
    for place, each in enumerate((Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW))
}
_PLACES: Final = 4


class CurrentRelease(Frozen):
    """A registered release and its last assessment, if there is one.

    ``newest`` tells that it speaks for its system: no release that was assessed was registered
    later. ``waiting`` tells that it was never assessed, and registered after the one that speaks.
    """

    system: str
    release: str
    registered_at: Instant
    newest: bool
    waiting: bool
    assessment: str | None
    as_of: Instant | None
    verdict: str | None


class CurrentFilter(Frozen):
    """Which findings are asked for; None and empty ask nothing, ``systems`` None allows any.

    Without ``release`` and ``every_release`` only the newest release of each system that was
    assessed counts: one that nobody judged yet must not hide what another was found to be.
    """

    system: str | None = None
    release: str | None = None
    every_release: bool = False
    policy: str | None = None
    rule: str | None = None
    severities: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    disposition: str | None = None
    catalog: str | None = None
    control: str | None = None
    systems: frozenset[str] | None = None


class CurrentCount(Frozen):
    """How many findings came to an outcome and a disposition."""

    outcome: str
    disposition: str
    findings: int


def current_releases(
    reading: Reading, *, as_of: datetime, systems: Collection[str] | None
) -> tuple[CurrentRelease, ...]:
    """Return the releases that were registered by an instant, by system, the last one first.

    ``systems`` are those that the reader may know of, None for all.
    """
    head = _heads(as_of, systems)
    query = (
        select(
            head.c.system,
            head.c.release,
            head.c.registered_at,
            head.c.place,
            head.c.assessment,
            col(AssessmentRow.as_of),
            col(AssessmentRow.verdict),
        )
        .outerjoin_from(head, AssessmentRow, col(AssessmentRow.digest) == head.c.assessment)
        .order_by(head.c.system, head.c.registered_at.desc(), head.c.release.desc())
    )
    found: list[CurrentRelease] = []
    judged: set[str] = set()
    for row in reading.connection.execute(query).mappings():
        said = dict(row)
        is_judged = said["assessment"] is not None
        said["newest"] = said.pop("place") == 1 and is_judged
        said["waiting"] = not is_judged and said["system"] not in judged
        if is_judged:
            judged.add(str(said["system"]))
        found.append(CurrentRelease.model_validate(said))
    return tuple(found)


def current_findings(
    reading: Reading, asked: CurrentFilter, *, as_of: datetime, after: str | None, limit: int
) -> Page[FindingLine]:
    """Return what the last assessments found, worst first, then gravest, then oldest.

    Raises:
        UsageError: ``limit-invalid`` or ``cursor-invalid``.
    """
    size = page_size(limit)
    rank, urgency = _rank(), _urgency()
    seq, ordinal = col(AssessmentRow.seq), col(FindingRow.ordinal)
    place = (rank, urgency, seq, ordinal)
    query = _found(select(rank.label("rank"), urgency.label("urgency"), *_LINE), asked, as_of)
    query = query.order_by(*place).limit(size + 1)
    if after is not None:
        query = query.where(tuple_(*place) > tuple_(*map(literal, _places_in(after))))
    found: list[tuple[str, FindingLine]] = []
    for row in reading.connection.execute(query).mappings():
        line = {name: row[name] for name in FindingLine.model_fields}
        cursor = f"{row['rank']}.{row['urgency']}.{row['seq']}.{row['ordinal']}"
        found.append((cursor, FindingLine.model_validate(line)))
    return page_of(found, size)


def current_counts(
    reading: Reading, asked: CurrentFilter, *, as_of: datetime
) -> tuple[CurrentCount, ...]:
    """Return how many findings came to what, worst first."""
    outcome, disposition = col(FindingRow.outcome), col(FindingRow.disposition)
    number, rank = func.count().label("findings"), func.min(_rank())
    query = _found(select(outcome, disposition, number), asked, as_of)
    query = query.group_by(outcome, disposition).order_by(rank, disposition)
    rows = reading.connection.execute(query).mappings()
    return tuple(CurrentCount.model_validate(dict(row)) for row in rows)


def finding_history(  # noqa: PLR0913 - which finding, until when, how many
    reading: Reading,
    policy: str,
    rule: str,
    *,
    system: str,
    release: str,
    as_of: datetime,
    most: int,
) -> tuple[FindingLine, ...]:
    """Return what the newest assessments of a release up to an instant found, newest first."""
    query = (
        select(*_LINE)
        .join_from(
            AssessmentRow, FindingRow, col(AssessmentRow.digest) == col(FindingRow.assessment)
        )
        .where(
            col(AssessmentRow.system) == looked_up(system),
            col(AssessmentRow.release) == looked_up(release),
            col(AssessmentRow.as_of) <= as_of,
            col(FindingRow.policy) == looked_up(policy),
            col(FindingRow.rule) == looked_up(rule),
        )
        .order_by(col(AssessmentRow.as_of).desc(), col(AssessmentRow.seq).desc())
        .limit(most)
    )
    rows = reading.connection.execute(query).mappings()
    return tuple(
        FindingLine.model_validate({name: row[name] for name in FindingLine.model_fields})
        for row in rows
    )


def controls_of(
    reading: Reading, lines: Collection[FindingLine]
) -> dict[tuple[str, int], tuple[tuple[str, str], ...]]:
    """Return the catalogs and controls that findings bear on, by assessment and ordinal."""
    held: dict[str, set[int]] = {}
    for line in lines:
        held.setdefault(line.assessment, set()).add(line.ordinal)
    assessment, ordinal = col(FindingControlRow.assessment), col(FindingControlRow.ordinal)
    catalog, control = col(FindingControlRow.catalog), col(FindingControlRow.control)
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for some in chunks(sorted(held), _TOGETHER):
        # SQLite looks each of these up; pairs of values it would look for in the whole table.
        mine = [and_(assessment == one, ordinal.in_(sorted(held[one]))) for one in some]
        query = select(assessment, ordinal, catalog, control).order_by(catalog, control)
        for digest, place, *reach in reading.connection.execute(query.where(or_(*mine))):
            found.setdefault((digest, place), []).append((reach[0], reach[1]))
    return {key: tuple(reach) for key, reach in found.items()}


_LINE: Final = (
    col(AssessmentRow.seq),
    col(AssessmentRow.as_of),
    *(
        col(getattr(FindingRow, name))
        for name in FindingLine.model_fields
        if name not in {"seq", "as_of"}
    ),
)


def _heads(as_of: datetime, systems: Collection[str] | None) -> Subquery:
    """Return each release with the digest of its last assessment and its place in its system."""
    system, release, at = col(ReleaseRow.system), col(ReleaseRow.release), col(ReleaseRow.at)
    registered = select(system, release, func.min(at).label("registered_at")).where(at <= as_of)
    if systems is not None:
        registered = registered.where(system.in_(sorted(systems)))
    known = registered.group_by(system, release).subquery()
    last = (
        select(col(AssessmentRow.digest))
        .where(
            col(AssessmentRow.system) == known.c.system,
            col(AssessmentRow.release) == known.c.release,
            col(AssessmentRow.as_of) <= as_of,
        )
        .order_by(col(AssessmentRow.as_of).desc(), col(AssessmentRow.seq).desc())
        .limit(1)
        .correlate(known)
        .scalar_subquery()
    )
    head = select(known, last.label("assessment")).subquery()
    place = func.row_number().over(
        partition_by=head.c.system,
        order_by=(
            case((head.c.assessment.is_(None), 1), else_=0),
            head.c.registered_at.desc(),
            head.c.release.desc(),
        ),
    )
    return select(head, place.label("place")).subquery()


def _found(query: Query, asked: CurrentFilter, as_of: datetime) -> Query:
    """Return a query of findings and their assessments, narrowed to what is asked for."""
    systems = asked.systems
    if asked.system is not None:
        own = looked_up(asked.system)
        systems = frozenset({own} if systems is None or own in systems else ())
    head = _heads(as_of, systems)
    query = (
        query.select_from(FindingRow)
        .join(AssessmentRow, col(AssessmentRow.digest) == col(FindingRow.assessment))
        .join(head, col(AssessmentRow.digest) == head.c.assessment)
    )
    if asked.release is not None:
        query = query.where(head.c.release == looked_up(asked.release))
    elif not asked.every_release:
        query = query.where(head.c.place == 1)
    return query.where(*_wanted(asked))


def _wanted(asked: CurrentFilter) -> list[ColumnElement[bool]]:
    wanted = [
        col(getattr(FindingRow, name)) == looked_up(value)
        for name in ("policy", "rule", "disposition")
        if (value := getattr(asked, name)) is not None
    ]
    if asked.severities:
        wanted.append(col(FindingRow.severity).in_(asked.severities))
    if asked.outcomes:
        wanted.append(col(FindingRow.outcome).in_(asked.outcomes))
    reach = [
        col(getattr(FindingControlRow, name)) == looked_up(value)
        for name in ("catalog", "control")
        if (value := getattr(asked, name)) is not None
    ]
    if reach:
        same = and_(
            col(FindingControlRow.assessment) == col(FindingRow.assessment),
            col(FindingControlRow.ordinal) == col(FindingRow.ordinal),
        )
        wanted.append(select(col(FindingControlRow.ordinal)).where(same, *reach).exists())
    return wanted


def _rank() -> ColumnElement[int]:
    outcome, disposition = col(FindingRow.outcome), col(FindingRow.disposition)
    accepted = and_(outcome == Outcome.FAIL.value, disposition != Disposition.OPEN.value)
    known = [(outcome == name, place) for name, place in _RANKS.items()]
    return case((accepted, _ACCEPTED), *known, else_=_LAST)


def _urgency() -> ColumnElement[int]:
    return case(_URGENCY, value=col(FindingRow.severity), else_=len(_URGENCY))


def _places_in(cursor: str) -> list[int]:
    """Return what a cursor says.

    Raises:
        UsageError: ``cursor-invalid``.
    """
    parts = cursor.split(".")
    if len(parts) != _PLACES:
        raise UsageError(
            "cursor-invalid",
            f"{cursor[:40]!r} is no cursor of this listing",
            hint="Use the one that the page before gave.",
        )
    return [place_in(part) for part in parts]
