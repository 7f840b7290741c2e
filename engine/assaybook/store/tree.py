"""The tree over the journal: of every fifth height its nodes are kept, the others are hashed.

So one row more is written for 32 entries, and a root or a proof reads some two hundred rows of a
journal of a million. The rows are believed by nobody: a proof is checked against the root that was
signed, and an audit hashes every entry again.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select
from sqlmodel import col

from assaybook.domain.errors import OperatorError
from assaybook.ledger.merkle import (
    consistency_path,
    inclusion_path,
    leaf_hash,
    root_over,
    whole_root,
)
from assaybook.store.prepared import Query, add_rows, rows_found
from assaybook.store.tables import EntryRow, NodeRow

STEP: Final = 5
"""Every so many heights nodes are kept."""
WIDE: Final = 1 << STEP


class StoredTree:
    """The tree of a journal as one transaction sees it; what was read is kept for the next proof.

    Args:
        connection: of the transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def root(self, size: int) -> bytes:
        """Return the root over the first ``size`` entries.

        Raises:
            OperatorError: ``log-gap``, there are not as many.
        """
        return root_over(self._node, size)

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the audit path of an entry, from 0, in the tree over the first ``size``.

        Raises:
            IndexError: there is no such entry.
            OperatorError: ``log-gap``, there are not as many.
        """
        return inclusion_path(self._node, index, size)

    def consistency(self, old: int, size: int) -> tuple[bytes, ...]:
        """Return the proof that the first ``old`` entries are the beginning of the first ``size``.

        Raises:
            IndexError: the first is greater.
            OperatorError: ``log-gap``, there are not as many.
        """
        return consistency_path(self._node, old, size)

    def _node(self, height: int, place: int) -> bytes:
        kept, above = height // STEP, height % STEP
        first = place << above
        block, start = divmod(first, WIDE)
        hashes = self._block(kept * STEP, block)[start : start + (1 << above)]
        if len(hashes) != 1 << above:
            raise _gap()
        return whole_root(hashes)

    def _block(self, height: int, block: int) -> list[bytes]:
        found = self._read.get((height, block))
        if found is None:
            found = _hashes(self._connection, height, block * WIDE, (block + 1) * WIDE)
            self._read[height, block] = found
        return found


def keep_nodes(
    connection: Connection, before: int, hashes: Sequence[bytes], height: int = 0
) -> None:
    """Keep the nodes that new entries have made whole, and those above them.

    Args:
        connection: of the transaction that writes the entries.
        before: how many there were.
        hashes: of the new ones, in their order.
        height: in the tree; 0 for entries.

    Raises:
        OperatorError: ``log-gap``, entries that were written are not there any more.
    """
    first, end = before // WIDE, (before + len(hashes)) // WIDE
    if first == end:
        return
    begun = _hashes(connection, height, first * WIDE, before) if before % WIDE else []
    if len(begun) != before % WIDE:
        raise _gap()
    whole = [*begun, *hashes]
    made = [whole_root(whole[at : at + WIDE]) for at in range(0, (end - first) * WIDE, WIDE)]
    rows = [
        {"height": height + STEP, "place": place, "hash": node}
        for place, node in enumerate(made, first)
    ]
    add_rows(connection, NodeRow, rows)
    keep_nodes(connection, first, made, height + STEP)


def kept_nodes(connection: Connection) -> Iterator[tuple[int, int, bytes]]:
    """Yield every node that is kept: its height, its place, and its hash."""
    height, place = col(NodeRow.height), col(NodeRow.place)
    query = select(height, place, col(NodeRow.hash)).order_by(height, place)
    for row in connection.execute(query, execution_options={"yield_per": WIDE}):
        yield row[0], row[1], bytes(row[2])


def _gap() -> OperatorError:
    return OperatorError(
        "log-gap",
        "entries of the log are missing, so it can be neither signed nor proven nor continued",
        hint="See which: assay ledger audit",
    )


def _hashes(connection: Connection, height: int, start: int, end: int) -> list[bytes]:
    """Return hashes of one kept height, or of the entries themselves, in order."""
    if height == 0:
        rows = rows_found(connection, _leaves, start=start, end=end)
        return [leaf_hash(body.encode()) for (body,) in rows]
    rows = rows_found(connection, _nodes, height=height, start=start, end=end)
    return [bytes(node) for (node,) in rows]


def _leaves(_kind: str) -> Query:
    seq = col(EntryRow.seq)
    here = (seq > bindparam("start"), seq <= bindparam("end"))
    return select(col(EntryRow.body)).where(*here).order_by(seq)


def _nodes(_kind: str) -> Query:
    place = col(NodeRow.place)
    here = (place >= bindparam("start"), place < bindparam("end"))
    same = col(NodeRow.height) == bindparam("height")
    return select(col(NodeRow.hash)).where(same, *here).order_by(place)
