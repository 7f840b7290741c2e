"""The log of everything accepted: its state signed, its entries proven, its tables audited."""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaybook.domain.base import Frozen
from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.domain.ids import written
from assaybook.ledger.checkpoint import Checkpoint, signed_checkpoint
from assaybook.ledger.merkle import Tree, leaf_hash, proves_inclusion
from assaybook.store.audit import kept_blobs, recorded_things
from assaybook.store.journal import EntryRecord, entries_after
from assaybook.store.unit_of_work import Reading

ORIGIN: Final = "assaybook.local/log"
_AT_ONCE: Final = 5_000
_PROVEN_BY_RECORD: Final = frozenset(
    {"assessment", "bundle", "evidence", "key", "pack", "release", "retirement", "system", "waiver"}
)
"""Kinds of entries whose content the store holds; the others are their own record."""


class Receipt(Frozen):
    """The proof that one entry is in the log as of a checkpoint.

    Attributes:
        seq: place of the entry, from 1.
        entry: its canonical JSON, which is the leaf.
        size: entries in the log of the checkpoint.
        path: audit path from leaf to root, base64.
        checkpoint: the signed note.
    """

    seq: int
    entry: str
    size: int
    path: tuple[str, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that an audit found: a stable code, where, and what it means."""

    code: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit looked at and found; no fault means that all agrees with the log."""

    size: int
    root: bytes
    things: int
    blobs: int
    erased: int
    faults: tuple[Fault, ...]


def make_checkpoint(reading: Reading, key: Ed25519PrivateKey, origin: str) -> str:
    """Return the state of the log as a note signed by the log's key.

    Raises:
        UsageError: ``log-name-invalid``.
    """
    tree = _tree(list(_entries(reading)))
    return signed_checkpoint(Checkpoint(origin, tree.size, tree.root()), key)


def prove(reading: Reading, seq: int, checkpoint: Checkpoint, note: str) -> Receipt:
    """Return the proof that an entry is in the log of a checkpoint.

    Raises:
        UsageError: ``entry-unknown``, the log of the checkpoint has no such entry; or
            ``checkpoint-elsewhere``, it is of another log than this one.
    """
    entries = list(_entries(reading))
    if not 1 <= seq <= checkpoint.size:
        raise UsageError(
            "entry-unknown",
            f"the log of the checkpoint has entries 1 to {checkpoint.size}, and none {seq}",
            hint="Make a newer checkpoint: assay ledger checkpoint.",
        )
    tree = _tree(entries)
    if checkpoint.size > tree.size or tree.root(checkpoint.size) != checkpoint.root:
        raise UsageError(
            "checkpoint-elsewhere",
            "the log here is not the one that was signed, or it was changed since",
            hint="Run assay ledger audit with the checkpoint.",
        )
    path = tree.inclusion(seq - 1, checkpoint.size)
    return Receipt(
        seq=seq,
        entry=entries[seq - 1].body,
        size=checkpoint.size,
        path=tuple(base64.b64encode(step).decode() for step in path),
        checkpoint=note,
    )


def receipt_holds(receipt: Receipt, checkpoint: Checkpoint) -> bool:
    """Tell whether a receipt proves its entry under a checkpoint; needs no store."""
    try:
        path = tuple(base64.b64decode(step, validate=True) for step in receipt.path)
    except ValueError:
        return False
    leaf = leaf_hash(receipt.entry.encode())
    same = receipt.size == checkpoint.size
    return same and proves_inclusion(leaf, receipt.seq - 1, checkpoint.size, path, checkpoint.root)


def read_receipt(raw: bytes, where: str) -> Receipt:
    """Return the receipt of a file.

    Raises:
        SubmitterError: ``receipt-unreadable``.
    """
    try:
        return Receipt.model_validate_json(raw)
    except ValueError as error:
        raise SubmitterError("receipt-unreadable", "this is no receipt", where=where) from error


def audit(reading: Reading, held: Checkpoint | None = None) -> Audit:
    """Compare everything that is recorded with the log, and the log with a held checkpoint."""
    entries = list(_entries(reading))
    tree = _tree(entries)
    faults = list(_of_entries(entries))
    if held is not None:
        faults += _of_checkpoint(tree, held)
    said = Counter((one.kind, one.ref, one.digest) for one in entries)
    things = 0
    changed: set[tuple[str, str]] = set()
    for one in recorded_things(reading):
        things += 1
        key = (one.kind, one.ref, one.digest)
        if said[key] <= 0 or one.altered:
            changed.add(key[:2])
            why = one.altered or "its content is not what any entry of the log says"
            faults.append(Fault("record-changed", f"{one.kind} {one.ref}", why))
        said[key] -= 1
    faults += [
        Fault("record-missing", f"{kind} {ref}", "the log says that it was recorded")
        for (kind, ref, _digest), left in sorted(said.items())
        if left > 0 and kind in _PROVEN_BY_RECORD and (kind, ref) not in changed
    ]
    blobs, erased, more = _blobs(reading, entries)
    return Audit(tree.size, tree.root(), things, blobs, erased, (*faults, *more))


def _entries(reading: Reading) -> Iterator[EntryRecord]:
    last = 0
    while True:
        some = list(entries_after(reading.connection, last, limit=_AT_ONCE))
        yield from some
        if len(some) < _AT_ONCE:
            return
        last = some[-1].seq


def _tree(entries: list[EntryRecord]) -> Tree:
    return Tree(leaf_hash(one.body.encode()) for one in entries)


def _of_entries(entries: list[EntryRecord]) -> Iterator[Fault]:
    """Yield gaps in the sequence, and entries whose columns differ from what was written."""
    before: datetime | None = None
    for place, one in enumerate(entries, start=1):
        where = f"entry {one.seq}"
        if one.seq != place:
            message = f"it stands where entry {place} should: the log has a gap"
            yield Fault("log-gap", where, message)
            return
        if _said(one.body) != (one.kind, one.ref, one.digest, written(one.at)):
            yield Fault("entry-changed", where, "its columns differ from what was written")
        if before is not None and one.at < before:
            yield Fault("log-backwards", where, "it is older than the entry before it")
        before = one.at


def _said(body: str) -> tuple[object, ...]:
    """Return what the body of an entry says of itself; nothing where it cannot be read."""
    try:
        said = json.loads(body)
        return (said["kind"], said["ref"], said["digest"], said["at"])
    except (ValueError, KeyError, TypeError):
        return ()


def _of_checkpoint(tree: Tree, held: Checkpoint) -> Iterator[Fault]:
    where = f"checkpoint {held.size}"
    if held.size > tree.size:
        message = f"the log was cut: it has {tree.size} entries and had {held.size}"
        yield Fault("log-cut", where, message)
    elif tree.root(held.size) != held.root:
        message = "the log is not a continuation of the one that was signed"
        yield Fault("log-rewritten", where, message)


def _blobs(reading: Reading, entries: list[EntryRecord]) -> tuple[int, int, list[Fault]]:
    gone = {one.ref for one in entries if one.kind == "blob-erased"}
    faults: list[Fault] = []
    count = erased = 0
    for one in kept_blobs(reading):
        count += 1
        erased += not one.there
        if not one.sound:
            faults.append(Fault("blob-changed", one.digest, "the bytes are not those received"))
        elif not one.there and one.digest not in gone:
            message = "its bytes are gone, and the log does not say that they were erased"
            faults.append(Fault("blob-missing", one.digest, message))
    return count, erased, faults
