"""What whoever trusts nobody may believe of a log: states under keys that counted, and proofs.

Nothing that a server says is believed but for a signature of a key that the root names, in its role
and its time, and for hashes that lead to what was signed. A newer state is believed only as a
continuation of the one that is held.
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import BaseModel, ConfigDict, TypeAdapter

from assaybook.domain.base import Frozen
from assaybook.domain.errors import SubmitterError
from assaybook.domain.ids import Instant, written
from assaybook.domain.record import record
from assaybook.ledger.checkpoint import Checkpoint, LogKey, read_checkpoint, signed_at
from assaybook.ledger.merkle import HASH_BYTES, leaf_hash, proves_consistency, proves_inclusion
from assaybook.ledger.root import Root, RootKey, key_at, public_of

SKEW: Final = timedelta(seconds=300)
"""By how much clocks may differ."""
MOST_STEPS: Final = 128


class _Dated(BaseModel):
    """What an entry says of its time, whatever else it says."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    at: Instant


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


class Growth(Frozen):
    """The proof that the log of one size is the beginning of that of a later checkpoint.

    Attributes:
        old: entries of the earlier log.
        new: entries of the log of the checkpoint.
        path: consistency proof, base64.
        checkpoint: the signed note.
    """

    old: int
    new: int
    path: tuple[str, ...]
    checkpoint: str


@record
class State:
    """A state of a log that a key signed which counted at that time.

    Attributes:
        checkpoint: name, size and root.
        key_id: of the key, as the root names it.
        at: when it was signed.
    """

    checkpoint: Checkpoint
    key_id: str
    at: datetime


def read_state(
    note: str, root: Root, where: str = "", *, now: datetime, at: datetime | None = None
) -> State:
    """Return the state of a log that a note proves.

    Args:
        note: the signed checkpoint.
        root: whose keys count.
        where: the file, for errors.
        now: the present; nothing signed later is believed.
        at: when it was signed, where something else proves that and the note does not say it.

    Raises:
        SubmitterError: ``checkpoint-unreadable``; ``checkpoint-unsigned``, by no key of the root;
            ``checkpoint-undated``; ``checkpoint-early``, it is of the future; or the key did not
            count, as `key_at` says.
    """
    fault = SubmitterError("checkpoint-unsigned", "no key of the root signed it", where=where)
    for key in root.current.keys:
        # Keys for other things are tried too, so that they are refused by their own name.
        if key.algorithm != "ed25519":
            continue
        try:
            checkpoint = read_checkpoint(note, log_key_of(key, root.log), where)
            said = _time_of(note, log_key_of(key, root.log), at, now, where)
            key_at(root, key.id, "checkpoint", said)
        except SubmitterError as error:
            fault = fault if error.code == "checkpoint-unsigned" else error
        else:
            return State(checkpoint, key.id, said)
    raise fault


def check_goes_on(held: State, shown: State, path: Sequence[str], where: str = "") -> None:
    """See that a state that is shown goes on from the one that is held.

    Args:
        held: what was believed before.
        shown: what is to be believed.
        path: the proof, in base64.
        where: who shows it, for errors.

    Raises:
        SubmitterError: ``log-other``, it is of another log; ``log-cut``, it is shorter;
            ``log-backwards``, it is longer and signed before; ``log-rewritten``, no continuation.
    """
    old, new = held.checkpoint, shown.checkpoint
    if old.origin != new.origin:
        raise SubmitterError("log-other", f"it is the log {new.origin}", where=where)
    if new.size < old.size:
        message = f"the log shown has {new.size} entries and had {old.size}"
        raise SubmitterError("log-cut", message, where=where)
    if new.size > old.size and shown.at + SKEW < held.at:
        message = "the log shown is longer than the one that was signed after it"
        raise SubmitterError("log-backwards", message, where=where)
    steps = hashes_of(path)
    if steps is None or not proves_consistency(old.size, new.size, old.root, new.root, steps):
        message = "the log shown is not proven to go on from the one that you hold"
        raise SubmitterError(
            "log-rewritten",
            message,
            where=where,
            hint="Keep both checkpoints: if each is signed, together they prove a fork.",
        )


def check_receipt(
    receipt: Receipt, state: State, where: str = "", *, seq: int | None = None
) -> None:
    """See that a receipt proves its entry under a state.

    Args:
        receipt: the proof.
        state: what is believed of the log.
        where: who shows it, for errors.
        seq: the place of the entry that was asked for, where one was.

    Raises:
        SubmitterError: ``receipt-other``, it is of another entry; ``receipt-false``;
            ``receipt-late``, the entry says that it was made after the state was signed.
    """
    if seq is not None and receipt.seq != seq:
        message = f"it is of the entry {receipt.seq}, not of {seq}"
        raise SubmitterError("receipt-other", message, where=where)
    steps = hashes_of(receipt.path)
    size = state.checkpoint.size
    leaf = leaf_hash(receipt.entry.encode("utf-8", "surrogatepass"))
    if (
        receipt.size != size
        or steps is None
        or not proves_inclusion(leaf, receipt.seq - 1, size, steps, state.checkpoint.root)
    ):
        raise SubmitterError(
            "receipt-false", "it does not prove that its entry is in the log", where=where
        )
    made = entry_time(receipt.entry)
    if made is None or made > state.at + SKEW:
        message = "its entry is of no time, or later than the state that it is proven under"
        raise SubmitterError("receipt-late", message, where=where)


def check_proof(
    proof: Receipt | Growth, root: Root, held: str | None = None, *, now: datetime
) -> State:
    """Return the state of the log under which a proof holds.

    Args:
        proof: of an entry, or that the log goes on.
        root: whose keys count.
        held: the note of the earlier state; without it nothing is proven to go on from it.
        now: the present.

    Raises:
        SubmitterError: it does not hold, as `read_state`, `check_receipt` and `check_goes_on` say;
            or ``growth-false``, it is of other sizes than the checkpoints.
    """
    state = read_state(proof.checkpoint, root, now=now)
    if isinstance(proof, Receipt):
        check_receipt(proof, state)
        return state
    if held is None:
        raise SubmitterError(
            "growth-false",
            "that the log goes on is proven only to who holds the earlier checkpoint",
            hint="Give the checkpoint that you hold.",
        )
    earlier = read_state(held, root, now=now)
    if (proof.old, proof.new) != (earlier.checkpoint.size, state.checkpoint.size):
        raise SubmitterError("growth-false", "it is a proof for other checkpoints")
    check_goes_on(earlier, state, proof.path)
    return state


def read_proof(raw: bytes, where: str = "") -> Receipt | Growth:
    """Return the proof of a file: of an entry, or that the log goes on.

    Raises:
        SubmitterError: ``proof-unreadable``.
    """
    try:
        return _PROOF.validate_json(raw)
    except ValueError as error:
        raise SubmitterError(
            "proof-unreadable",
            "this is no proof",
            where=where,
            hint="Name a file that `assay ledger prove` wrote, or the proofs of /v1/ledger gave.",
        ) from error


_PROOF: Final[TypeAdapter[Receipt | Growth]] = TypeAdapter(Receipt | Growth)


def hashes_of(path: Sequence[str]) -> tuple[bytes, ...] | None:
    """Return the hashes of a path in base64; None where it is no path."""
    if len(path) > MOST_STEPS:
        return None
    try:
        found = tuple(base64.b64decode(step, validate=True) for step in path)
    except ValueError:
        return None
    return found if all(len(each) == HASH_BYTES for each in found) else None


def entry_time(entry: str) -> datetime | None:
    """Return when an entry says that it was made; None where it does not."""
    try:
        return _Dated.model_validate_json(entry.encode("utf-8", "replace")).at
    except ValueError:
        return None


def log_key_of(key: RootKey, log: str) -> LogKey:
    """Return a key of a root as notes name it."""
    return LogKey(log, public_of(key).public_bytes(Encoding.Raw, PublicFormat.Raw))


def _time_of(note: str, key: LogKey, at: datetime | None, now: datetime, where: str) -> datetime:
    said = signed_at(note, key) or at
    if said is None:
        raise SubmitterError(
            "checkpoint-undated",
            "it does not say when it was signed, so its key cannot be held to its time",
            where=where,
        )
    if said > now + SKEW:
        message = f"it says that it was signed at {written(said)}, which is not yet"
        raise SubmitterError("checkpoint-early", message, where=where)
    return said
