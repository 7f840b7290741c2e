"""Changes of what the register says of a system: what was said before, who changed it, and why."""

from datetime import datetime

from assaybook.domain.record import record
from assaybook.reporting.pages import RecordLine
from assaybook.reporting.words import moment

RISK_TIER = "risk tier"
NEVER = "None since the system was registered."
UNREGISTERED = "The record came with the evidence: nobody registered it, so no change is on record."
UNKNOWN = "This pack was made without the register, so it cannot tell."


@record
class FieldChange:
    """A field of the record with what it said, in words."""

    name: str
    before: str
    after: str


@record
class RecordChange:
    """A version of the record of a system that says something else than the one before.

    ``person`` and ``reason`` are empty where nobody was named.
    """

    at: datetime
    person: str
    reason: str
    fields: tuple[FieldChange, ...]


def record_lines(changes: tuple[RecordChange, ...]) -> tuple[RecordLine, ...]:
    """Return a line for each change, oldest first."""
    return tuple(
        RecordLine(
            when=moment(each.at),
            what="; ".join(f"{f.name}: {f.before}, then {f.after}" for f in each.fields),
            who=each.person or "Nobody named",
            why=each.reason or "No reason was given.",
        )
        for each in changes
    )


def nothing_changed(changes: tuple[RecordChange, ...] | None, *, asserted: bool) -> str:
    """Say why no change is listed; empty where some are."""
    if asserted:
        return UNREGISTERED
    if changes is None:
        return UNKNOWN
    return "" if changes else NEVER


def tier_before(changes: tuple[RecordChange, ...] | None) -> tuple[datetime, str] | None:
    """Return since when the risk tier is what it is, and what it was; None where always."""
    for each in reversed(changes or ()):
        for one in each.fields:
            if one.name == RISK_TIER:
                return each.at, one.before
    return None
