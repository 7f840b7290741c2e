"""The log as it is shown over HTTP; proofs are written as `assay ledger check` reads them."""

from assaybook.domain.base import Frozen
from assaybook.store.journal import EntryRecord


class LogPage(Frozen):
    """Some entries, in the order of the log, and the cursor of those that follow.

    The ``body`` of an entry is the leaf of the tree, byte for byte.
    """

    items: tuple[EntryRecord, ...]
    next: str | None
