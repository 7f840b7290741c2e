"""What an audit pack carries of the log: its signed state, and the proofs of what it rests on.

A proof is made for everything that the parts of the pack say was recorded: bundle, system,
releases, evidence, waivers, retirements and the assessment; and for every entry about the system up
to the instant that is judged, which are numbered, so that it shows where one is left out. Whoever
holds an older checkpoint of the log gets the proof that this one goes on from it, if it was named
when the pack was made.
"""

import base64
from collections.abc import Iterator, Sequence
from datetime import datetime
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
from assaybook.ledger.checkpoint import Checkpoint
from assaybook.service.ledger import SignedState
from assaybook.service.pack_named import ERASED, Named
from assaybook.store.entries import entries_for
from assaybook.store.journal import EntryRecord, entries_of
from assaybook.store.tree import StoredTree
from assaybook.store.unit_of_work import Reading

PROOFS_KIND: Final = "assaybook/proofs/v1"


def log_parts(
    reading: Reading,
    named: Sequence[Named],
    about: tuple[str, datetime],
    signed: SignedState,
    held: Sequence[Checkpoint],
) -> tuple[Attachment, Attachment]:
    """Return a state of the log and the proofs under it.

    Args:
        reading: of the store that the judgement was made from.
        named: what must be proven.
        about: the system, and the instant up to which nothing about it may be left out.
        signed: the state, with the note by which the log's key says so.
        held: older states that readers of the pack hold.

    Raises:
        UsageError: ``checkpoint-elsewhere``, the log here does not go on from one that is held.
    """
    tree, size = StoredTree(reading.connection), signed.checkpoint.size
    entries = {
        one.seq: one for one in (*_wanted(reading, named, size), *_all(reading, about, size))
    }
    proofs: JsonValue = {
        "consistency": [_consistency(tree, size, one) for one in held],
        "kind": PROOFS_KIND,
        "receipts": [_receipt(tree, size, one) for _seq, one in sorted(entries.items())],
        "size": size,
    }
    return (
        Attachment(
            name=CHECKPOINT,
            media_type=NOTE_TYPE,
            relationship="Supplement",
            description="State of the log when the pack was made, signed by the log's key",
            data=signed.note.encode(),
        ),
        Attachment(
            name=PROOFS,
            media_type=JSON_TYPE,
            relationship="Supplement",
            description="Proofs that everything the pack rests on is in the log",
            data=canonical(proofs),
        ),
    )


def _wanted(reading: Reading, named: Sequence[Named], size: int) -> list[EntryRecord]:
    """Return the first entry of each thing that is named, in the order of the log.

    Of erasures the last: a copy that came again was erased again.
    """
    wanted = set(named)
    found: dict[Named, EntryRecord] = {}
    for one in entries_for(reading, {name.digest for name in wanted}):
        name = Named(one.kind, one.ref, one.digest)
        if name in wanted and one.seq <= size and (name not in found or name.kind == ERASED):
            found[name] = one
    return sorted(found.values(), key=lambda one: one.seq)


def _all(reading: Reading, about: tuple[str, datetime], size: int) -> Iterator[EntryRecord]:
    """Yield every numbered entry about a system up to an instant, and the first after it.

    That one has the next number, so nothing stands between it and those before.
    """
    system, as_of = about
    for one in entries_of(reading.connection, system, size=size):
        yield one
        if one.at > as_of:
            return


def _receipt(tree: StoredTree, size: int, entry: EntryRecord) -> JsonValue:
    path: list[JsonValue] = [_text(step) for step in tree.inclusion(entry.seq - 1, size)]
    return {"entry": entry.body, "path": path, "seq": entry.seq}


def _consistency(tree: StoredTree, size: int, held: Checkpoint) -> JsonValue:
    if held.size > size or tree.root(held.size) != held.root:
        raise UsageError(
            "checkpoint-elsewhere",
            "the log here does not go on from the checkpoint that is held",
            where=f"checkpoint {held.size}",
            hint="Run assay ledger audit with the checkpoint.",
        )
    path: list[JsonValue] = [_text(step) for step in tree.consistency(held.size, size)]
    return {"path": path, "root": _text(held.root), "size": held.size}


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
