"""The log of everything accepted: its state signed, its entries shown and proven."""

import base64
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from assaybook.domain.errors import OperatorError, SubmitterError, UsageError
from assaybook.domain.record import record
from assaybook.ledger.checkpoint import Checkpoint, parsed_checkpoint, signed_checkpoint
from assaybook.ledger.log import Growth, Receipt
from assaybook.ledger.merkle import leaf_hash, proves_consistency, proves_inclusion
from assaybook.ledger.root import Root
from assaybook.service.files import read_bytes, replace_file
from assaybook.service.ledger_keys import ROOT_FILE, read_keys_root, read_signer
from assaybook.store.journal import (
    Entry,
    EntryRecord,
    body_at,
    entries_after,
    entries_before,
    entries_of,
    last_place,
    place_of_digest,
)
from assaybook.store.paging import Page, page_of, page_size, place_in
from assaybook.store.tree import StoredTree
from assaybook.store.unit_of_work import Reading, UnitOfWork

LAST_NOTE: Final = "checkpoint.note"
"""The file, beside the keys, of what they signed last."""
_LEAST_SECONDS: Final = 1.0
_LOOKED_AT: Final = 20_000
"""Entries that are looked at for a page of one kind."""


@record
class SignedState:
    """A state of the log and the note by which its key says so."""

    checkpoint: Checkpoint
    note: str


class LogSigner:
    """Signs the state of a log for whoever asks, but no more often than it changes.

    Args:
        folder: of the keys.
        seconds: the least time between two states, however fast the log grows.
    """

    def __init__(self, folder: Path, seconds: float = _LEAST_SECONDS) -> None:
        self._folder = folder
        self._seconds = seconds
        self._lock = Lock()
        self._last: tuple[SignedState, datetime, int] | None = None

    def root(self) -> bytes:
        """Return the file that says whose signatures count.

        Raises:
            OperatorError: it cannot be read, or is none.
        """
        with _for_the_operator():
            return read_keys_root(self._folder).raw()

    def state(self, reading: Reading, now: datetime, *, seq: int = 0) -> SignedState:
        """Return the last state, or a new one where the log grew or its keys changed.

        Args:
            reading: of the store.
            now: the present.
            seq: an entry that the state must hold, if the log does.

        Raises:
            OperatorError: as `sign_log`, or a file of the keys cannot be used.
        """
        with self._lock, _for_the_operator():
            file = self._folder / ROOT_FILE
            stamp = file.stat().st_mtime_ns if file.exists() else 0
            if self._last is not None:
                known, at, keys = self._last
                size = last_place(reading.connection)[0]
                young = (now - at).total_seconds() < self._seconds
                held = known.checkpoint.size
                if keys == stamp and (size == held or (young and not held < seq <= size)):
                    return known
            found = sign_log(reading, self._folder, now)
            self._last = (found, now, stamp)
            return found


def signing(signer: LogSigner | None) -> LogSigner:
    """Return what signs the state of the log, on a server that has keys of it.

    Raises:
        UsageError: ``checkpoint-unknown``, it has none.
    """
    if signer is None:
        raise UsageError(
            "checkpoint-unknown",
            "this server has no keys of the log, so it signs nothing",
            hint="The operator gives it some: assay serve --keys",
        )
    return signer


def sign_log(reading: Reading, folder: Path, now: datetime) -> SignedState:
    """Sign the state of the log, if it goes on from what these keys signed last.

    Args:
        reading: of the store.
        folder: of the keys; what was signed is kept in it.
        now: the present.

    Raises:
        OperatorError: ``log-cut`` or ``log-rewritten``, the log is not the one that was signed;
            ``key-missing`` or ``key-exposed``.
        AssayError: a file cannot be used.
    """
    root = read_keys_root(folder)
    signer = read_signer(folder, root, "checkpoint", now)
    state = unlike_none_signed(reading, folder)
    _size, last = last_place(reading.connection)
    # An entry is never later than the state that holds it.
    note = signed_checkpoint(state, signer.key, now if last is None else max(now, last))
    replace_file(folder / LAST_NOTE, note.encode())
    return SignedState(state, note)


def unlike_none_signed(reading: Reading, folder: Path) -> Checkpoint:
    """Return the state of the log, once it is seen that it goes on from what keys signed last.

    Raises:
        OperatorError: ``log-cut`` or ``log-rewritten``, it does not.
        AssayError: a file cannot be used.
    """
    log, size = read_keys_root(folder).log, last_place(reading.connection)[0]
    tree = StoredTree(reading.connection)
    state = Checkpoint(log, size, tree.root(size))
    file = folder / LAST_NOTE
    if file.exists():
        held = parsed_checkpoint(read_bytes(file).decode(errors="replace"), str(file))
        _refuse_other(tree, held, state, str(file))
    return state


def prove(reading: Reading, seq: int, signed: SignedState) -> Receipt:
    """Return the proof that an entry is in the log of a checkpoint.

    Raises:
        UsageError: ``entry-unknown``, the log of the checkpoint has no such entry; or
            ``checkpoint-elsewhere``, it is of another log than this one.
    """
    size, root = signed.checkpoint.size, signed.checkpoint.root
    if not 1 <= seq <= size:
        raise UsageError(
            "entry-unknown",
            f"the log of the checkpoint has entries 1 to {size}, and none {seq}",
            hint="Make a newer checkpoint: assay ledger checkpoint.",
        )
    _refuse_longer(reading, size)
    body = body_at(reading.connection, seq)
    path = StoredTree(reading.connection).inclusion(seq - 1, size)
    if not proves_inclusion(leaf_hash(body.encode()), seq - 1, size, path, root):
        raise _elsewhere()
    return Receipt(seq=seq, entry=body, size=size, path=_texts(path), checkpoint=signed.note)


def prove_growth(reading: Reading, old: int, signed: SignedState) -> Growth:
    """Return the proof that the log of an earlier size is the beginning of a checkpoint's.

    Raises:
        UsageError: ``size-invalid``, the log of the checkpoint was never of that size; or
            ``checkpoint-elsewhere``, it is of another log than this one.
    """
    size, root = signed.checkpoint.size, signed.checkpoint.root
    if not 1 <= old <= size:
        raise UsageError(
            "size-invalid",
            f"the log has {size} entries, so it cannot go on from {old}",
            hint="Name the size of a checkpoint that you hold.",
        )
    _refuse_longer(reading, size)
    tree = StoredTree(reading.connection)
    before, path = tree.root(old), tree.consistency(old, size)
    if not proves_consistency(old, size, before, root, path):
        raise _elsewhere()
    return Growth(old=old, new=size, path=_texts(path), checkpoint=signed.note)


def list_entries(
    reading: Reading, *, after: str | None, limit: int, system: str | None = None
) -> Page[EntryRecord]:
    """Return a page of the log, in its order, or of the numbered entries about one system.

    Raises:
        UsageError: ``cursor-invalid`` or ``limit-invalid``.
    """
    size = page_size(limit)
    if system is not None:
        mine = entries_of(reading.connection, system, after=place_in(after), limit=size + 1)
        return page_of([(str(one.number), one) for one in mine], size)
    found = entries_after(reading.connection, place_in(after), limit=size + 1)
    return page_of([(str(one.seq), one) for one in found], size)


@record
class LatestEntries:
    """The end of the log, or what is before a place of it, the last entry first.

    Attributes:
        size: entries of the whole log.
        looked_back_to: the first place that was looked at; what is before it is not known of.
        next: ``before`` of the following page; None at the beginning of the log.
    """

    items: tuple[EntryRecord, ...]
    size: int
    looked_back_to: int
    next: str | None


def latest_entries(
    reading: Reading, *, before: str | None, kind: str | None, limit: int
) -> LatestEntries:
    """Return the last entries of the log, or those before a place, of one kind or of all.

    Of one kind, no more than 20,000 entries are looked at for a page.

    Raises:
        UsageError: ``cursor-invalid`` or ``limit-invalid``.
    """
    wanted, size = page_size(limit), last_place(reading.connection)[0]
    end = size + 1 if before is None else min(place_in(before), size + 1)
    among = wanted if kind is None else _LOOKED_AT
    found = entries_before(reading.connection, end, kind=kind, limit=wanted, among=among)
    items = tuple(found)
    start = items[-1].seq if len(items) == wanted else max(1, end - among)
    return LatestEntries(items, size, start, str(start) if start > 1 else None)


def seq_of(reading: Reading, name: str) -> int:
    """Return the place of an entry that is named by it, or by the digest of what was accepted.

    Raises:
        UsageError: ``entry-unknown``.
    """
    if name.isascii() and name.isdigit() and len(name) < _DIGITS:
        return int(name)
    found = place_of_digest(reading.connection, name)
    if found is None:
        raise UsageError(
            "entry-unknown",
            f"no entry of the log is for {name[:100]}",
            hint="Name the place of an entry, or the digest that it has.",
        )
    return found


_DIGITS: Final = 19
_LOST: Final = (
    "Where what was signed is lost for good, tell auditors, and move checkpoint.note"
    " from the keys to where it is kept."
)


def record_keys(work: UnitOfWork, root: Root, *, person: str, reason: str = "") -> int:
    """Record the versions of the keys that the log does not hold yet; return how many."""
    new = [
        Entry("root", f"{root.log}/{version.version}", digest, person, reason)
        for version, digest in zip(root.versions, root.digests, strict=True)
        if place_of_digest(work.connection, digest) is None
    ]
    work.record(new)
    return len(new)


@contextmanager
def _for_the_operator() -> Generator[None]:
    """Make what is wrong with the files of a server the operator's, and not that of a caller."""
    try:
        yield
    except (UsageError, SubmitterError) as error:
        raise OperatorError(
            error.code, error.message, where=error.where, hint=error.hint
        ) from error


def _refuse_other(tree: StoredTree, held: Checkpoint, state: Checkpoint, where: str) -> None:
    if held.origin != state.origin or held.size > state.size:
        raise OperatorError(
            "log-cut",
            f"these keys have signed {held.size} entries of {held.origin}, and here are"
            f" {state.size} of {state.origin}",
            where=where,
            hint=f"Restore the newest backup. {_LOST}",
        )
    if tree.root(held.size) != held.root:
        raise OperatorError(
            "log-rewritten",
            "the log is not the one that these keys have signed, so they do not sign it",
            where=where,
            hint="Find out what was changed (assay ledger audit), or whether an older backup was"
            f" restored and written to. {_LOST}",
        )


def _refuse_longer(reading: Reading, size: int) -> None:
    """Refuse a checkpoint of more entries than there are here."""
    if size > last_place(reading.connection)[0]:
        raise _elsewhere()


def _elsewhere() -> UsageError:
    return UsageError(
        "checkpoint-elsewhere",
        "the log here is not the one that was signed, or it was changed since",
        hint="Run assay ledger audit with the checkpoint.",
    )


def _texts(path: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(base64.b64encode(step).decode() for step in path)
