"""The tables of who may ask, what was read, and which answers are repeated; see ``tables``.

Keys and revocations are recorded rows like any other. When a key was last used and the answers
that are kept for a day are not: they are worth nothing as evidence, and may change and go.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from assaybook.store.columns import InstantColumn


def _text() -> Any:  # noqa: ANN401 - what Field returns
    return Field(sa_type=Text)


def _instant() -> Any:  # noqa: ANN401 - what Field returns
    return Field(sa_type=InstantColumn)


class ApiKeyRow(SQLModel, table=True):
    """One key for the service, by its public part; of the secret there is a digest only."""

    __tablename__ = "api_keys"  # pyright: ignore[reportAssignmentType]

    id: str = Field(sa_type=Text, primary_key=True)
    name: str = _text()
    made_at: datetime = _instant()
    expires_at: datetime = _instant()
    body: str = _text()


class ApiKeyRevocationRow(SQLModel, table=True):
    """The end of a key before its time."""

    __tablename__ = "api_key_revocations"  # pyright: ignore[reportAssignmentType]

    id: str = Field(sa_type=Text, primary_key=True, foreign_key="api_keys.id")
    at: datetime = _instant()
    person: str = _text()
    reason: str = _text()


class ApiKeyUseRow(SQLModel, table=True):
    """When a key was last used, to the minute."""

    __tablename__ = "api_key_uses"  # pyright: ignore[reportAssignmentType]

    id: str = Field(sa_type=Text, primary_key=True, foreign_key="api_keys.id")
    at: datetime = _instant()


class ReadRow(SQLModel, table=True):
    """Who read evidence or a pack; ``seq`` is that of its entry."""

    __tablename__ = "reads"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("reads_by_ref", "ref", "at"),
        Index("reads_by_principal", "principal", "at"),
        ForeignKeyConstraint(["seq"], ["entries.seq"]),
    )

    seq: int = Field(
        sa_column=Column(BigInteger, primary_key=True, autoincrement=False, nullable=False)
    )
    at: datetime = _instant()
    principal: str = _text()
    what: str = _text()
    ref: str = _text()
    request: str = _text()
    body: str = _text()


class AnswerRow(SQLModel, table=True):
    """The answer to a request that may be repeated, kept for a day."""

    __tablename__ = "answers"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("answers_by_instant", "at"),)

    principal: str = Field(sa_type=Text, primary_key=True)
    route: str = Field(sa_type=Text, primary_key=True)
    key: str = Field(sa_type=Text, primary_key=True)
    at: datetime = _instant()
    request: str = _text()
    status: int
    headers_json: str = _text()
    content: bytes = Field(sa_type=LargeBinary)
