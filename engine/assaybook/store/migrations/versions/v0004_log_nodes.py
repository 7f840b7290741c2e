"""Nodes of the log's tree, so that a proof need not read the whole log, and entries by digest."""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from assaybook.ledger.merkle import leaf_hash, whole_root
from assaybook.store.migrations.guards import guard

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STEP: Final = 5
_WIDE: Final = 1 << _STEP


def upgrade() -> None:
    """Make the table, fill it from the entries that there are, and guard it."""
    made = op.create_table(
        "nodes",
        sa.Column("height", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("place", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("height", "place"),
    )
    height = _STEP
    hashes = list(_whole(_leaves()))
    while hashes:
        rows: list[dict[str, Any]] = [
            {"height": height, "place": place, "hash": one} for place, one in enumerate(hashes)
        ]
        op.bulk_insert(made, rows)
        height, hashes = height + _STEP, list(_whole(iter(hashes)))
    op.create_index("entries_by_digest", "entries", ["digest"])
    guard("nodes", ("height", "place"))


def _leaves() -> Iterator[bytes]:
    entries = sa.table("entries", sa.column("seq", sa.BigInteger), sa.column("body", sa.Text))
    query = sa.select(entries.c.body).order_by(entries.c.seq)
    options = {"yield_per": _WIDE}
    for (body,) in op.get_bind().execute(query, execution_options=options):
        yield leaf_hash(body.encode())


def _whole(hashes: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the root over each so many hashes; those left over at the end have none yet."""
    while True:
        some = [one for one, _ in zip(hashes, range(_WIDE), strict=False)]
        if len(some) < _WIDE:
            return
        yield whole_root(some)
