"""Findings of all assessments, to be found by what they say."""

from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant
from assaybook.store.paging import Page, page_of, page_size, two_places_in
from assaybook.store.rows import looked_up
from assaybook.store.tables import AssessmentRow, FindingRow
from assaybook.store.tables_jobs import FindingControlRow
from assaybook.store.unit_of_work import Reading

_OF_ASSESSMENT: Final = ("seq", "as_of")
_COLUMNS: Final = ("policy", "rule", "severity", "outcome", "disposition")


class FindingLine(Frozen):
    """What a listing says of a finding, and the assessment that holds it whole."""

    assessment: str
    ordinal: int
    as_of: Instant
    system: str
    release: str
    policy: str
    policy_version: int
    rule: str
    severity: str
    outcome: str
    disposition: str


_LINE: Final = (
    *(col(getattr(AssessmentRow, name)) for name in _OF_ASSESSMENT),
    *(
        col(getattr(FindingRow, name))
        for name in FindingLine.model_fields
        if name not in _OF_ASSESSMENT
    ),
)


class FindingFilter(Frozen):
    """Which findings are asked for; None asks nothing, and ``systems`` None allows any."""

    assessment: str | None = None
    system: str | None = None
    release: str | None = None
    policy: str | None = None
    rule: str | None = None
    severity: str | None = None
    outcome: str | None = None
    disposition: str | None = None
    catalog: str | None = None
    control: str | None = None
    systems: frozenset[str] | None = None


def list_findings(
    reading: Reading, asked: FindingFilter, *, after: str | None, limit: int
) -> Page[FindingLine]:
    """Return findings in the order in which they were recorded.

    Raises:
        UsageError: ``limit-invalid`` or ``cursor-invalid``.
    """
    size, (place, within) = page_size(limit), two_places_in(after)
    seq, ordinal = col(AssessmentRow.seq), col(FindingRow.ordinal)
    query = (
        select(*_LINE)
        .join(AssessmentRow, col(AssessmentRow.digest) == col(FindingRow.assessment))
        .where(*_wanted(asked))
        .order_by(seq, ordinal)
        .limit(size + 1)
    )
    if after is not None:
        query = query.where(or_(seq > place, and_(seq == place, ordinal > within)))
    found: list[tuple[str, FindingLine]] = []
    for row in reading.connection.execute(query).mappings():
        line = {name: row[name] for name in FindingLine.model_fields}
        found.append((f"{row['seq']}.{row['ordinal']}", FindingLine.model_validate(line)))
    return page_of(found, size)


def _wanted(asked: FindingFilter) -> list[ColumnElement[bool]]:
    wanted = [
        col(getattr(FindingRow, name)) == value
        for name in _COLUMNS
        if (value := getattr(asked, name)) is not None
    ]
    # What an assessment says once is asked of it, so that its own indexes are of use.
    if asked.assessment is not None:
        wanted.append(col(AssessmentRow.digest) == asked.assessment)
    if asked.system is not None:
        wanted.append(col(AssessmentRow.system) == looked_up(asked.system))
    if asked.release is not None:
        wanted.append(col(AssessmentRow.release) == looked_up(asked.release))
    if asked.systems is not None:
        wanted.append(col(AssessmentRow.system).in_(sorted(asked.systems)))
    if asked.catalog is not None or asked.control is not None:
        wanted.append(_bears_on(asked.catalog, asked.control))
    return wanted


def _bears_on(catalog: str | None, control: str | None) -> ColumnElement[bool]:
    reach = select(col(FindingControlRow.ordinal)).where(
        col(FindingControlRow.assessment) == col(FindingRow.assessment),
        col(FindingControlRow.ordinal) == col(FindingRow.ordinal),
    )
    if catalog is not None:
        reach = reach.where(col(FindingControlRow.catalog) == catalog)
    if control is not None:
        reach = reach.where(col(FindingControlRow.control) == control)
    return reach.exists()
