"""Who may ask, what was read, and which answers are repeated."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from assaybook.store.migrations.guards import guard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and guard those that are records."""
    _keys()
    _reads()
    _answers()
    for table, key in (("api_keys", "id"), ("api_key_revocations", "id"), ("reads", "seq")):
        guard(table, (key,))


def _keys() -> None:
    op.create_table(
        "api_keys",
        *_texts("id", "name"),
        _instant("made_at"),
        _instant("expires_at"),
        *_texts("body"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "api_key_revocations",
        *_texts("id"),
        _instant("at"),
        *_texts("person", "reason"),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["id"], ["api_keys.id"]),
    )
    op.create_table(
        "api_key_uses",
        *_texts("id"),
        _instant("at"),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["id"], ["api_keys.id"]),
    )


def _reads() -> None:
    op.create_table(
        "reads",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        _instant("at"),
        *_texts("principal", "what", "ref", "request", "body"),
        sa.PrimaryKeyConstraint("seq"),
        sa.ForeignKeyConstraint(["seq"], ["entries.seq"]),
    )
    op.create_index("reads_by_ref", "reads", ["ref", "at"])
    op.create_index("reads_by_principal", "reads", ["principal", "at"])


def _answers() -> None:
    op.create_table(
        "answers",
        *_texts("principal", "route", "key"),
        _instant("at"),
        *_texts("request"),
        sa.Column("status", sa.Integer(), nullable=False),
        *_texts("headers_json"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "route", "key"),
    )
    op.create_index("answers_by_instant", "answers", ["at"])


def _instant(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
