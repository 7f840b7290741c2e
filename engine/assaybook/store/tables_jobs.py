"""The tables of work outside a request, of its packs, and of findings by control; see ``tables``.

A pack is a recorded row like any other. A job is not: it says how far the work has come, and that
changes; what comes of it is recorded elsewhere.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text
from sqlmodel import Field, SQLModel

from assaybook.store.columns import InstantColumn


def _text() -> Any:  # noqa: ANN401 - what Field returns
    return Field(sa_type=Text)


def _instant() -> Any:  # noqa: ANN401 - what Field returns
    return Field(sa_type=InstantColumn)


class JobRow(SQLModel, table=True):
    """One piece of work, who asked for it, and how far it has come."""

    __tablename__ = "jobs"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("jobs_by_state", "state", "asked_at"),)

    id: str = Field(sa_type=Text, primary_key=True)
    asked_at: datetime = _instant()
    asked_by: str = _text()
    task_json: str = _text()
    state: str = _text()
    attempts: int
    owner: str = _text()
    held_until: datetime | None = _instant()
    ended_at: datetime | None = _instant()
    result: str | None = _text()
    problem_json: str | None = _text()


class PackRow(SQLModel, table=True):
    """One audit pack that was made; its bytes are a blob."""

    __tablename__ = "packs"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("packs_by_release", "system", "release", "as_of"),)

    id: str = Field(sa_type=Text, primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    system: str = _text()
    release: str = _text()
    as_of: datetime = _instant()
    assessment: str = Field(sa_type=Text, foreign_key="assessments.digest")
    blob: str = Field(sa_type=Text, foreign_key="blobs.digest")
    at: datetime = _instant()
    body: str = _text()


class FindingControlRow(SQLModel, table=True):
    """A control that a finding bears on, to find the finding by."""

    __tablename__ = "finding_controls"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("finding_controls_by_control", "catalog", "control"),
        ForeignKeyConstraint(
            ["assessment", "ordinal"], ["findings.assessment", "findings.ordinal"]
        ),
    )

    assessment: str = Field(sa_type=Text, primary_key=True)
    ordinal: int = Field(primary_key=True)
    catalog: str = Field(sa_type=Text, primary_key=True)
    control: str = Field(sa_type=Text, primary_key=True)
