"""Work that is done outside a request, the packs that it makes, and findings by assessment."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from assaybook.store.migrations.guards import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and guard the packs; a job says how far it is, and that changes."""
    _jobs()
    _packs()
    _finding_controls()
    op.add_column("waivers", sa.Column("why", sa.Text(), nullable=True))
    guard("packs", ("id",))
    guard("finding_controls", ("assessment", "ordinal", "catalog", "control"))


def _jobs() -> None:
    op.create_table(
        "jobs",
        *_texts("id"),
        _instant("asked_at"),
        *_texts("asked_by", "task_json", "state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_texts("owner"),
        _instant("held_until", nullable=True),
        _instant("ended_at", nullable=True),
        *_texts("result", "problem_json", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "asked_at"])


def _packs() -> None:
    op.create_table(
        "packs",
        *_texts("id"),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        *_texts("system", "release"),
        _instant("as_of"),
        *_texts("assessment", "blob"),
        _instant("at"),
        *_texts("body"),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["assessment"], ["assessments.digest"]),
        sa.ForeignKeyConstraint(["blob"], ["blobs.digest"]),
    )
    op.create_index("packs_by_release", "packs", ["system", "release", "as_of"])


def _finding_controls() -> None:
    made = op.create_table(
        "finding_controls",
        *_texts("assessment"),
        sa.Column("ordinal", sa.Integer(), nullable=False, autoincrement=False),
        *_texts("catalog", "control"),
        sa.PrimaryKeyConstraint("assessment", "ordinal", "catalog", "control"),
        sa.ForeignKeyConstraint(
            ["assessment", "ordinal"], ["findings.assessment", "findings.ordinal"]
        ),
    )
    op.create_index("finding_controls_by_control", "finding_controls", ["catalog", "control"])
    # What was judged before is found by control too.
    assessments = sa.table("assessments", sa.column("digest", sa.Text), sa.column("body", sa.Text))
    digests = op.get_bind().execute(sa.select(assessments.c.digest)).scalars().all()
    for digest in digests:
        one = sa.select(assessments.c.body).where(assessments.c.digest == digest)
        rows = _rows(digest, op.get_bind().execute(one).scalar_one())
        if rows:
            op.bulk_insert(made, rows)


def _rows(digest: str, body: str) -> list[dict[str, Any]]:
    return [
        {"assessment": digest, "ordinal": number, "catalog": catalog, "control": control}
        for number, finding in enumerate(json.loads(body)["findings"])
        for catalog, control in sorted({(c["catalog"], c["control"]) for c in finding["controls"]})
    ]


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]
