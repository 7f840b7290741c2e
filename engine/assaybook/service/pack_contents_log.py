"""What an audit pack carries of the log: its signed state, and the proofs of what it rests on.

A proof is made for everything that the parts of the pack say was recorded: bundle, system,
releases, evidence, waivers, retirements and the assessment. Whoever holds an older checkpoint of
the log gets the proof that this one goes on from it, if it was named when the pack was made.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pydantic import JsonValue

from assaybook.domain.attachment import (
    CHECKPOINT,
    JSON_TYPE,
    NOTE_TYPE,
    PROOFS,
    Attachment,
)
from assaybook.domain.canonical import canonical
from assaybook.domain.errors import UsageError
from assaybook.ledger.checkpoint import Checkpoint, signed_checkpoint
from assaybook.ledger.merkle import Tree, leaf_hash
from assaybook.service.pack_keys import PackKeys
from assaybook.service.pack_named import Named
from assaybook.store.journal import EntryRecord, entries_after
from assaybook.store.unit_of_work import Reading

PROOFS_KIND: Final = "assaybook/proofs/v1"
_AT_ONCE: Final = 5_000


def log_parts(
    reading: Reading, named: Sequence[Named], keys: PackKeys, held: Sequence[Checkpoint] = ()
) -> tuple[Attachment, Attachment]:
    """Return the log's state as of now, signed, and the proofs under it.

    Args:
        reading: of the store that the judgement was made from.
        named: what must be proven.
        keys: of the log; its name is that of its root.
        held: older checkpoints that readers of the pack hold.

    Raises:
        UsageError: ``checkpoint-elsewhere``, the log here does not go on from one that is held.
    """
    entries = list(_entries(reading))
    tree = Tree(leaf_hash(one.body.encode()) for one in entries)
    state = Checkpoint(keys.root.log, tree.size, tree.root())
    proofs: JsonValue = {
        "consistency": [_consistency(tree, one) for one in held],
        "kind": PROOFS_KIND,
        "receipts": [_receipt(tree, one) for one in _wanted(entries, named)],
        "size": tree.size,
    }
    note = signed_checkpoint(state, keys.checkpoint.key)
    return (
        Attachment(
            name=CHECKPOINT,
            media_type=NOTE_TYPE,
            relationship="Supplement",
            description="State of the log when the pack was made, signed by the log's key",
            data=note.encode(),
        ),
        Attachment(
            name=PROOFS,
            media_type=JSON_TYPE,
            relationship="Supplement",
            description="Proofs that everything the pack rests on is in the log",
            data=canonical(proofs),
        ),
    )


def _entries(reading: Reading) -> Iterator[EntryRecord]:
    last = 0
    while True:
        some = list(entries_after(reading.connection, last, limit=_AT_ONCE))
        yield from some
        if len(some) < _AT_ONCE:
            return
        last = some[-1].seq


def _wanted(entries: Iterable[EntryRecord], named: Sequence[Named]) -> list[EntryRecord]:
    """Return the last entry of each thing that is named, in the order of the log."""
    wanted = set(named)
    found: dict[Named, EntryRecord] = {}
    for one in entries:
        name = Named(one.kind, one.ref, one.digest)
        if name in wanted:
            found[name] = one
    return sorted(found.values(), key=lambda one: one.seq)


def _receipt(tree: Tree, entry: EntryRecord) -> JsonValue:
    path: list[JsonValue] = [_text(step) for step in tree.inclusion(entry.seq - 1)]
    return {"entry": entry.body, "path": path, "seq": entry.seq}


def _consistency(tree: Tree, held: Checkpoint) -> JsonValue:
    if held.size > tree.size or tree.root(held.size) != held.root:
        raise UsageError(
            "checkpoint-elsewhere",
            "the log here does not go on from the checkpoint that is held",
            where=f"checkpoint {held.size}",
            hint="Run assay ledger audit with the checkpoint.",
        )
    path: list[JsonValue] = [_text(step) for step in tree.consistency(held.size)]
    return {"path": path, "root": _text(held.root), "size": held.size}


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
