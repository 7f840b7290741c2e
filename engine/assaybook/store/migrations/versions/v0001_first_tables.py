"""The first tables: blobs, evidence, subjects, assessments, decisions and the journal."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from assaybook.store.migrations.guards import begin_guards, guard, guard_blobs

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEYS: Final = {
    "entries": ("seq",),
    "evidence": ("id",),
    "evidence_artifacts": ("digest", "evidence"),
    "sources": ("system", "source"),
    "facts": ("evidence", "adapter_version", "ordinal"),
    "coverage": ("evidence", "adapter_version", "ordinal"),
    "systems": ("id", "version"),
    "releases": ("system", "release", "version"),
    "bundles": ("digest",),
    "assessments": ("digest",),
    "findings": ("assessment", "ordinal"),
    "waivers": ("id", "version"),
    "retirements": ("seq",),
}


def upgrade() -> None:
    """Make the tables and guard them."""
    _journal_and_blobs()
    _evidence()
    _facts()
    _subjects()
    _assessments()
    _decisions()
    begin_guards()
    for table, key in _KEYS.items():
        guard(table, key)
    guard_blobs(("digest", "size", "kept_digest"))


def _journal_and_blobs() -> None:
    _table(
        "entries",
        _number("seq", sa.BigInteger(), key=True),
        *_texts("kind", "ref", "digest"),
        _instant("at"),
        *_texts("body"),
    )
    _table(
        "blobs",
        _key("digest"),
        _number("size", sa.BigInteger()),
        *_texts("kept_digest"),
        sa.Column("content", sa.LargeBinary(), nullable=True),
    )


def _evidence() -> None:
    _table(
        "evidence",
        _key("id"),
        _number("seq", sa.BigInteger()),
        *_texts("blob"),
        *_texts("system", "release", nullable=True),
        *_texts("format", "tool"),
        *_texts("dataset", "split", "path", "job", nullable=True),
        *_texts("source"),
        _instant("produced_at", nullable=True),
        _instant("received_at"),
        *_texts("submission", "adapter"),
        _number("adapter_version", sa.Integer()),
        *_texts("digest", "envelope_json"),
        sa.ForeignKeyConstraint(["blob"], ["blobs.digest"]),
    )
    op.create_index("evidence_by_system", "evidence", ["system", "received_at"])
    op.create_index("evidence_by_source", "evidence", ["system", "source", "received_at"])
    op.create_index("evidence_by_seq", "evidence", ["seq"])
    _table("evidence_artifacts", _key("digest"), _key("evidence"), _of_evidence())
    _table("sources", _key("system"), _key("source"), *_texts("body"))


def _facts() -> None:
    _table(
        "facts",
        *_derived(),
        *_texts("adapter", "type", "question", "pointer"),
        *_texts("name", nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        _number("n", sa.BigInteger(), nullable=True),
        *_texts("body"),
        _of_evidence(),
    )
    _table(
        "coverage",
        *_derived(),
        *_texts("question"),
        *(
            _number(name, sa.BigInteger(), nullable=True)
            for name in ("examined", "failed", "errored", "skipped")
        ),
        *_texts("body"),
        _of_evidence(),
    )


def _subjects() -> None:
    for table, keys in (("systems", ("id",)), ("releases", ("system", "release"))):
        _table(
            table,
            *(_key(name) for name in keys),
            _number("version", sa.Integer(), key=True),
            _instant("at"),
            *_texts("person", "reason", "digest", "body"),
        )


def _assessments() -> None:
    _table("bundles", _key("digest"), _instant("at"), *_texts("body"))
    _table(
        "assessments",
        _key("digest"),
        _number("seq", sa.BigInteger()),
        *_texts("system", "release"),
        _instant("as_of"),
        _instant("at"),
        *_texts("bundle", "subject", "evidence_set", "engine", "verdict", "body"),
        sa.ForeignKeyConstraint(["bundle"], ["bundles.digest"]),
    )
    op.create_index("assessments_by_release", "assessments", ["system", "release", "as_of"])
    op.create_index("assessments_by_seq", "assessments", ["seq"])
    _table(
        "findings",
        _key("assessment"),
        _number("ordinal", sa.Integer(), key=True),
        *_texts("system", "release", "policy"),
        _number("policy_version", sa.Integer()),
        *_texts("rule", "severity", "outcome", "disposition"),
        sa.ForeignKeyConstraint(["assessment"], ["assessments.digest"]),
    )
    op.create_index("findings_by_rule", "findings", ["policy", "rule", "outcome"])
    op.create_index("findings_by_release", "findings", ["system", "release", "outcome"])


def _decisions() -> None:
    _table(
        "waivers",
        _key("id"),
        _number("version", sa.Integer(), key=True),
        *_texts("system"),
        _instant("at"),
        *_texts("person", "digest", "body"),
    )
    op.create_index("waivers_by_system", "waivers", ["system"])
    _table(
        "retirements",
        _number("seq", sa.BigInteger(), key=True),
        *_texts("system", "source"),
        _instant("at"),
        *_texts("body"),
        sa.ForeignKeyConstraint(["seq"], ["entries.seq"]),
    )
    op.create_index("retirements_by_system", "retirements", ["system", "at"])


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    keys = [part.name for part in parts if isinstance(part, sa.Column) and part.info.get("key")]
    op.create_table(name, *parts, sa.PrimaryKeyConstraint(*keys))


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False, info={"key": True})


def _number(
    name: str, kind: sa.types.TypeEngine[Any], *, key: bool = False, nullable: bool = False
) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, autoincrement=False, info={"key": key})


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _derived() -> list[sa.Column[Any]]:
    return [
        _key("evidence"),
        _number("adapter_version", sa.Integer(), key=True),
        _number("ordinal", sa.Integer(), key=True),
    ]


def _of_evidence() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["evidence"], ["evidence.id"])
