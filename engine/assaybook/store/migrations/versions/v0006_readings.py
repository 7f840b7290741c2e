"""What was read out of a document as one row, and no column or table that nothing looks into."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from alembic import op

from assaybook.domain.errors import OperatorError
from assaybook.store.migrations.guards import guard

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_Bodies: TypeAlias = dict[tuple[str, int], list[str]]
_TOGETHER: Final = 500
_UNASKED: Final = (
    *("tool", "dataset", "split", "path", "job", "source"),
    *("produced_at", "submission", "adapter"),
)
"""Columns of evidence that repeat its envelope."""
_EVIDENCE: Final = sa.table(
    "evidence",
    *(sa.column("id", sa.Text), sa.column("seq", sa.BigInteger)),
    sa.column("adapter_version", sa.Integer),
)


def upgrade() -> None:
    """Make the table, fill it from those that it replaces, and drop them and what is not asked."""
    _refuse_shared_places()
    op.drop_index("evidence_by_seq", "evidence")
    op.create_index("evidence_by_seq", "evidence", ["seq"], unique=True)
    readings = op.create_table(
        "readings",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("adapter_version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("coverage", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["evidence.seq"]),
        sa.PrimaryKeyConstraint("seq", "adapter_version"),
    )
    facts, coverage = _Lent("facts"), _Lent("coverage")
    for evidence in _pages():
        op.bulk_insert(readings, _readings(evidence, coverage, facts))
    for lent in (facts, coverage):
        lent.refuse_strays()
        op.drop_table(lent.name)
    guard("readings", ("seq", "adapter_version"))
    op.drop_table("sources")
    op.drop_index("evidence_by_source", "evidence")
    for name in _UNASKED:
        op.drop_column("evidence", name)


class _Lent:
    """The rows of facts or of coverage, for whoever asks for those of some evidence.

    Args:
        name: of the table.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._rows = sa.table(
            name,
            *(sa.column("evidence", sa.Text), sa.column("body", sa.Text)),
            *(sa.column(one, sa.Integer) for one in ("adapter_version", "ordinal")),
        )
        self._taken = 0

    def of(self, evidence: Sequence[str]) -> _Bodies:
        """Return the bodies in their order, by evidence and version of the adapter."""
        rows = self._rows.c
        query = (
            sa.select(rows.evidence, rows.adapter_version, rows.body)
            .where(rows.evidence.in_(evidence))
            .order_by(rows.evidence, rows.adapter_version, rows.ordinal)
        )
        found = op.get_bind().execute(query).all()
        self._taken += len(found)
        return {key: [row[2] for row in some] for key, some in groupby(found, itemgetter(0, 1))}

    def refuse_strays(self) -> None:
        """Refuse to drop rows that nobody took.

        Raises:
            OperatorError: ``database-altered``.
        """
        count = sa.select(sa.func.count()).select_from(self._rows)
        if op.get_bind().execute(count).scalar() != self._taken:
            raise _altered(self.name, "it holds rows that belong to no evidence")


def _refuse_shared_places() -> None:
    seq = _EVIDENCE.c.seq
    twice = sa.select(seq).group_by(seq).having(sa.func.count() > 1).limit(1)
    if op.get_bind().execute(twice).first() is not None:
        raise _altered("evidence", "two pieces of evidence have one place in the log")


def _altered(table: str, what: str) -> OperatorError:
    return OperatorError(
        "database-altered",
        f"{what}, so it was not written by us alone; nothing was changed",
        where=table,
        hint="Restore a backup, or see with the engine that made it: assay ledger audit",
    )


def _pages() -> Iterator[list[tuple[int, str, int]]]:
    """Yield place, id and version of the adapter of all evidence, in the order of the places."""
    rows, last = _EVIDENCE.c, -(1 << 63)
    query = sa.select(rows.seq, rows.id, rows.adapter_version).order_by(rows.seq).limit(_TOGETHER)
    while page := op.get_bind().execute(query.where(rows.seq > last)).all():
        yield [(seq, key, version) for seq, key, version in page]
        last = page[-1][0]


def _readings(
    evidence: Sequence[tuple[int, str, int]], coverage: _Lent, facts: _Lent
) -> list[dict[str, Any]]:
    """Return one row for each version of an adapter that read some of this evidence."""
    places = {key: seq for seq, key, _version in evidence}
    covered, read = coverage.of(list(places)), facts.of(list(places))
    said = {(key, version) for _seq, key, version in evidence}
    of = [(places[one[0]], one) for one in said | covered.keys() | read.keys()]
    return [
        {
            "seq": seq,
            "adapter_version": one[1],
            "coverage": _listed(covered.get(one, [])),
            "facts": _listed(read.get(one, [])),
        }
        for seq, one in sorted(of)
    ]


def _listed(bodies: list[str]) -> str:
    return f"[{','.join(bodies)}]"
