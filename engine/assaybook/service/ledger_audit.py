"""The audit of a store: everything that is recorded, hashed again and held against the log."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from assaybook.domain.ids import written
from assaybook.domain.record import record
from assaybook.ledger.log import SKEW, State
from assaybook.ledger.merkle import CompactRange, leaf_hash, whole_root
from assaybook.store.audit import kept_blobs, recorded_things
from assaybook.store.journal import VERSION, all_entries
from assaybook.store.tree import STEP, WIDE, kept_nodes
from assaybook.store.unit_of_work import Reading

_PROVEN_BY_RECORD: Final = frozenset(
    {
        "assessment",
        "bundle",
        "evidence",
        "key",
        "pack",
        "refusal",
        "release",
        "retirement",
        "system",
        "waiver",
    }
)
"""Kinds of entries whose content the store holds; the others are their own record."""


@record
class Fault:
    """One thing that an audit found: a stable code, where, and what it means."""

    code: str
    where: str
    message: str


@record
class Audit:
    """What an audit looked at and found; no fault means that all agrees with the log."""

    size: int
    root: bytes
    things: int
    blobs: int
    erased: int
    faults: tuple[Fault, ...]


class _Log:
    """What one pass over the entries gathers; no entry is kept."""

    def __init__(self, held: State | None) -> None:
        self.range = CompactRange()
        self.said: Counter[tuple[str, str, str]] = Counter()
        self.erased: set[str] = set()
        self.faults: list[Fault] = []
        self.held_root = b""
        self.held_at: datetime | None = None
        self._held = held
        self._before: datetime | None = None
        self._nodes: list[list[bytes]] = []
        self._open: list[list[bytes]] = [[]]
        self._gap = False

    def take(self, seq: int, kind: str, ref: str, digest: str, at: datetime, body: str) -> None:  # noqa: PLR0913, PLR0917 - the columns of an entry
        """Look at the next entry."""
        where = f"entry {seq}"
        if seq != self.range.size + 1 and not self._gap:
            self._gap = True
            message = f"it stands where entry {self.range.size + 1} should: the log has a gap"
            self.faults.append(Fault("log-gap", where, message))
        if not _says(body, kind, ref, digest, written(at)):
            message = "its columns differ from what was written"
            self.faults.append(Fault("entry-changed", where, message))
        if self._before is not None and at < self._before:
            message = "it is older than the entry before it"
            self.faults.append(Fault("log-backwards", where, message))
        self._before = at
        self.said[kind, ref, digest] += 1
        if kind == "blob-erased":
            self.erased.add(ref)
        leaf = leaf_hash(body.encode())
        self.range.append(leaf)
        self._grow(0, leaf)
        if self._held is not None and self.range.size == self._held.checkpoint.size:
            self.held_root, self.held_at = self.range.root(), at

    def nodes(self, height: int) -> list[bytes]:
        """Return the nodes of a kept height, in order."""
        kept = height // STEP
        return self._nodes[kept - 1] if height % STEP == 0 and 1 <= kept <= len(self._nodes) else []

    def _grow(self, level: int, hash_: bytes) -> None:
        self._open[level].append(hash_)
        if len(self._open[level]) < WIDE:
            return
        node = whole_root(self._open[level])
        self._open[level] = []
        if len(self._nodes) == level:
            self._nodes.append([])
            self._open.append([])
        self._nodes[level].append(node)
        self._grow(level + 1, node)


def audit(reading: Reading, held: State | None = None) -> Audit:
    """Compare everything that is recorded with the log, and the log with a state that is held."""
    log = _Log(held)
    for row in all_entries(reading.connection):
        log.take(*row)
    faults = [*log.faults, *_of_nodes(reading, log)]
    if held is not None:
        faults += _of_state(log, held)
    things, of_records = _of_records(reading, log.said)
    blobs, erased, of_blobs = _of_blobs(reading, log.erased)
    found = (*faults, *of_records, *of_blobs)
    return Audit(log.range.size, log.range.root(), things, blobs, erased, found)


def _says(body: str, kind: str, ref: str, digest: str, at: str) -> bool:
    """Tell whether the body of an entry says what its columns say."""
    if body.startswith(f'{{"at":"{at}","digest":"{digest}","kind":"{kind}",') and body.endswith(
        f',"ref":"{ref}","version":{VERSION}}}'
    ):
        return True
    try:
        said = json.loads(body)
        return bool(
            (said["kind"], said["ref"], said["digest"], said["at"]) == (kind, ref, digest, at)
        )
    except (ValueError, KeyError, TypeError):
        return False


def _of_nodes(reading: Reading, log: _Log) -> Iterator[Fault]:
    """Yield nodes that are not what the entries under them make, or are not there."""
    count = 0
    for height, place, hash_ in kept_nodes(reading.connection):
        count += 1
        made = log.nodes(height)
        if not 0 <= place < len(made) or made[place] != hash_:
            message = "it is not what the entries under it make"
            yield Fault("node-changed", f"node {height}/{place}", message)
    height, expected = STEP, 0
    while nodes := log.nodes(height):
        expected += len(nodes)
        height += STEP
    if count != expected:
        message = f"there are {count} kept nodes, and the log makes {expected}"
        yield Fault("node-missing", "nodes", message)


def _of_state(log: _Log, held: State) -> Iterator[Fault]:
    size, where = held.checkpoint.size, f"checkpoint {held.checkpoint.size}"
    root = log.held_root if size else CompactRange().root()
    if size > log.range.size:
        message = f"the log was cut: it has {log.range.size} entries and had {size}"
        yield Fault("log-cut", where, message)
    elif root != held.checkpoint.root:
        message = "the log is not a continuation of the one that was signed"
        yield Fault("log-rewritten", where, message)
    elif log.held_at is not None and log.held_at > held.at + SKEW:
        message = "it says that it was signed before an entry that it holds was made"
        yield Fault("checkpoint-backdated", where, message)


def _of_records(reading: Reading, said: Counter[tuple[str, str, str]]) -> tuple[int, list[Fault]]:
    things = 0
    faults: list[Fault] = []
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
    return things, faults


def _of_blobs(reading: Reading, gone: set[str]) -> tuple[int, int, list[Fault]]:
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
