"""The audit of a store: everything that is recorded, hashed again and held against the log."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final

from assaybook.domain.ids import written
from assaybook.domain.record import record
from assaybook.ledger.log import SKEW, State
from assaybook.ledger.merkle import CompactRange, leaf_hash
from assaybook.store.audit import kept_blobs, recorded_assessments, unkept_packs
from assaybook.store.audit_evidence import EvidenceAudit
from assaybook.store.audit_records import LISTED, recorded_things
from assaybook.store.audit_rows import GONE, UNTOLD, Said
from assaybook.store.journal import NUMBERED, VERSION, EntryValues, pages_of_entries
from assaybook.store.tree import STEP, kept_nodes
from assaybook.store.unit_of_work import Reading

_AFTER_ALL: Final = (1 << 63) - 1
_EVIDENCE: Final = "evidence"
_BEGINS: Final = '{"at":"'
"""How the canonical JSON of an entry begins."""
_ERASED: Final = "blob-erased"
_REDACTED: Final = "blob-redacted"
_LOOKED_AT: Final = LISTED | {_ERASED, _REDACTED}


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
        self.tree = CompactRange(STEP)
        self.kinds: Counter[str] = Counter()
        self.numbered: dict[tuple[str, str], list[Said]] = {}
        self.erased: set[str] = set()
        self.redacted: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.counts_from = _AFTER_ALL
        self._numbers: dict[str, int] = {}
        self.held_root = b""
        self.held_at: datetime | None = None
        self._held = None if held is None else held.checkpoint.size
        self._before: datetime | None = None
        self._gap = False

    def take(self, page: Sequence[EntryValues]) -> None:
        """Look at the next entries."""
        tree = self.tree
        for entry in page:
            seq, kind, ref, digest, at, body, system, number = entry
            if seq != tree.size + 1 and not self._gap:
                self._gap = True
                message = f"it stands where entry {tree.size + 1} should: the log has a gap"
                self.faults.append(Fault("log-gap", f"entry {seq}", message))
            if not _says(entry):
                message = "its columns differ from what was written"
                self.faults.append(Fault("entry-changed", f"entry {seq}", message))
            if system is not None:
                self._count(seq, system, number)
            if self._before is not None and at < self._before:
                message = "it is older than the entry before it"
                self.faults.append(Fault("log-backwards", f"entry {seq}", message))
            self._before = at
            self.kinds[kind] += 1
            if kind in _LOOKED_AT:
                self._look_at(kind, ref, digest, at, body)
            tree.append(leaf_hash(body.encode()))
            if tree.size == self._held:
                self.held_root, self.held_at = tree.root(), at

    def _count(self, seq: int, system: str, number: int | None) -> None:
        """See that an entry has the next number among those about its system."""
        self.counts_from = min(self.counts_from, seq)
        wanted = self._numbers.get(system, 0) + 1
        if number != wanted:
            message = f"it is entry {number} about {system}, and should be {wanted}"
            self.faults.append(Fault("number-gap", f"entry {seq}", message))
        self._numbers[system] = wanted if number is None else number

    def _look_at(self, kind: str, ref: str, digest: str, at: datetime, body: str) -> None:
        if kind == _ERASED:
            self.erased.add(ref)
        elif kind == _REDACTED:
            self.redacted[ref] = digest
        else:
            said = Said(kind, ref, digest, at, body)
            self.numbered.setdefault((kind, ref), []).append(said)


class _Found:
    """The rows that were held against the log, and what was wrong with them."""

    def __init__(self) -> None:
        self.things = 0
        self.faults: list[Fault] = []
        self._changed: set[tuple[str, str]] = set()

    def row(self, kind: str, ref: str, why: str) -> None:
        """Take a row, and what is wrong with it where anything is."""
        self.things += 1
        if why:
            self._changed.add((kind, ref))
            self.faults.append(Fault("record-changed", f"{kind} {ref}", why))

    def no_row(self, kind: str, ref: str) -> None:
        """Take an entry without a row; one that was found to be changed is told once."""
        if (kind, ref) not in self._changed:
            self.faults.append(Fault("record-missing", f"{kind} {ref}", GONE))


def audit(reading: Reading, held: State | None = None) -> Audit:
    """Compare everything that is recorded with the log, and the log with a state that is held."""
    log, evidence, found = _Log(held), EvidenceAudit(reading), _Found()
    for page in pages_of_entries(reading.connection):
        log.take(page)
        _hold(evidence, page, found, log.counts_from)
    for _seq, ref, _digest, _system, _altered in evidence.upto(_AFTER_ALL):
        found.row(_EVIDENCE, ref, UNTOLD)
    found.faults += [Fault("record-changed", where, why) for where, why in evidence.strays()]
    for thing in chain(
        recorded_things(reading, log.kinds, log.numbered),
        recorded_assessments(reading, log.kinds["assessment"]),
    ):
        if thing.altered == GONE:
            found.no_row(thing.kind, thing.ref)
        else:
            found.row(thing.kind, thing.ref, thing.altered)
    of_log = [*log.faults, *_of_nodes(reading, log.tree), *_of_state(log, held)]
    blobs, erased, of_blobs = _of_blobs(reading, log, evidence)
    faults = (*of_log, *found.faults, *of_blobs)
    return Audit(log.tree.size, log.tree.root(), found.things, blobs, erased, faults)


def _hold(
    evidence: EvidenceAudit, page: Sequence[EntryValues], found: _Found, counts_from: int
) -> None:
    """Hold the evidence of a page of entries, and what claims to be there, against its entries.

    Entries from before those about a system were counted do not say which it is.
    """
    told = {one[0]: (one[2], one[3], one[6]) for one in page if one[1] == _EVIDENCE}
    for seq, ref, digest, system, altered in evidence.upto(page[-1][0]):
        if told.get(seq) == (ref, digest, None) and seq < counts_from:
            told[seq] = (ref, digest, system)
        if told.get(seq) != (ref, digest, system):
            found.row(_EVIDENCE, ref, altered or UNTOLD)
            continue
        del told[seq]
        if altered:
            found.row(_EVIDENCE, ref, altered)
        else:
            found.things += 1
    for ref, _digest, _system in told.values():
        found.no_row(_EVIDENCE, ref)


def _says(entry: EntryValues) -> bool:
    """Tell whether the body of an entry says what its columns say."""
    _seq, kind, ref, digest, at, body, system, number = entry
    end = body.find('"', len(_BEGINS))
    begins, ends = f'"kind":"{kind}",', f'"ref":"{ref}","version":{VERSION}}}'
    if number is not None:
        begins += f'"number":{number},'
        ends = f'"system":"{system}","version":{NUMBERED}}}'
    try:
        if (
            body.startswith(_BEGINS)
            and datetime.fromisoformat(body[len(_BEGINS) : end]) == at
            and body.startswith(f'","digest":"{digest}",{begins}', end)
            and body.endswith(ends)
            and (number is None or f'"ref":"{ref}","release":' in body)
        ):
            return True
        said = json.loads(body)
        found = (said["kind"], said["ref"], said["digest"], said["at"])
        about = (said.get("system"), said.get("number"))
    except (ValueError, KeyError, TypeError):
        return False
    return bool((found, about) == ((kind, ref, digest, written(at)), (system, number)))


def _of_nodes(reading: Reading, tree: CompactRange) -> Iterator[Fault]:
    """Yield nodes that are not what the entries under them make, or are not there."""
    count = 0
    for height, place, hash_ in kept_nodes(reading.connection):
        count += 1
        made = tree.nodes(height)
        if not 0 <= place < len(made) or made[place] != hash_:
            message = "it is not what the entries under it make"
            yield Fault("node-changed", f"node {height}/{place}", message)
    expected = sum(map(len, tree.kept))
    if count != expected:
        message = f"there are {count} kept nodes, and the log makes {expected}"
        yield Fault("node-missing", "nodes", message)


def _of_state(log: _Log, held: State | None) -> Iterator[Fault]:
    if held is None:
        return
    size, where = held.checkpoint.size, f"checkpoint {held.checkpoint.size}"
    root = log.held_root if size else CompactRange(STEP).root()
    if size > log.tree.size:
        message = f"the log was cut: it has {log.tree.size} entries and had {size}"
        yield Fault("log-cut", where, message)
    elif root != held.checkpoint.root:
        message = "the log is not a continuation of the one that was signed"
        yield Fault("log-rewritten", where, message)
    elif log.held_at is not None and log.held_at > held.at + SKEW:
        message = "it says that it was signed before an entry that it holds was made"
        yield Fault("checkpoint-backdated", where, message)


def _of_blobs(reading: Reading, log: _Log, evidence: EvidenceAudit) -> tuple[int, int, list[Fault]]:
    faults: list[Fault] = []
    count = erased = 0
    # What was redacted before the log said of it what is kept is believed to be that.
    redacted = dict.fromkeys(evidence.redacted, "") | log.redacted
    for digest, there, sound in kept_blobs(reading, redacted):
        count += 1
        erased += not there
        if not sound:
            faults.append(Fault("blob-changed", digest, "the bytes are not those received"))
        elif not there and digest not in log.erased:
            message = "its bytes are gone, and the log does not say that they were erased"
            faults.append(Fault("blob-missing", digest, message))
        elif there and digest in log.erased:
            message = "its bytes are there, and the log says that they were erased"
            faults.append(Fault("blob-returned", digest, message))
    message = "it is named, and nothing is kept of it"
    unkept = sorted(evidence.blobless | unkept_packs(reading))
    faults += [Fault("blob-missing", digest, message) for digest in unkept]
    return count, erased, faults
