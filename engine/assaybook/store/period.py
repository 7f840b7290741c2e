"""When people decided something about a system: what a period has to look at besides evidence."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import SQLModel, col

from assaybook.store.tables import ReleaseRow, RetirementRow, SystemRow, WaiverRow
from assaybook.store.unit_of_work import Reading


def decided_between(
    reading: Reading, system: str, *, since: datetime, until: datetime
) -> tuple[datetime, ...]:
    """Return when the system, its releases, waivers and retirements changed, both ends included."""
    found: set[datetime] = set()
    tables: tuple[tuple[type[SQLModel], str], ...] = (
        (SystemRow, "id"),
        (ReleaseRow, "system"),
        (WaiverRow, "system"),
        (RetirementRow, "system"),
    )
    for table, name in tables:
        at = col(getattr(table, "at"))  # noqa: B009 - a table of SQLModel does not say its columns
        mine = col(getattr(table, name)) == system
        query = select(at).where(mine, at >= since, at <= until)
        found.update(reading.connection.execute(query).scalars())
    return tuple(sorted(found))
