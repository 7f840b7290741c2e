"""Checkpoints: the size and root of a log in a signed note, as C2SP defines both.

A note may carry when it was signed: a cosignature by the key of the log itself, over the time and
the text. So a key can be held to its time.

Sources: C2SP ``tlog-checkpoint``, ``signed-note`` and ``tlog-cosignature``. A key's id is the first
four bytes of the SHA-256 of its name, a line feed, the algorithm (1 for Ed25519, 4 for a
cosignature with it) and the key.
"""

import base64
import binascii
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.domain.record import record
from assaybook.ledger.keys import public_bytes
from assaybook.ledger.merkle import HASH_BYTES

_ED25519: Final = b"\x01"
_COSIGNED: Final = b"\x04"
_DASH: Final = "\N{EM DASH} "
_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64
_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999, in seconds since 1970."""
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_NAME: Final = re.compile(r"[^\s+]{1,200}")
_MOST_SIGNATURES: Final = 16
_MOST_BYTES: Final = 16_384


@record
class Checkpoint:
    """The state of a log: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_text(self.root)}\n"


@record
class LogKey:
    """The public key of a log, under the name of the log."""

    name: str
    key: bytes

    @property
    def key_id(self) -> bytes:
        """Return the four bytes by which a signature names its key."""
        return _key_id(self, _ED25519)

    def text(self) -> str:
        """Return the key as ``name+id+key``, for whoever checks."""
        return f"{self.name}+{self.key_id.hex()}+{_text(_ED25519 + self.key)}"


def log_key(key: Ed25519PrivateKey, name: str) -> LogKey:
    """Return the public half of a log's key.

    Raises:
        UsageError: ``log-name-invalid``.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            "log-name-invalid",
            f"{name!r} is no name of a log",
            hint="Use a name without spaces and +, such as assay.example.org/log.",
        )
    return LogKey(name, public_bytes(key))


def read_log_key(text: str) -> LogKey:
    """Return the key that ``LogKey.text`` wrote.

    Raises:
        UsageError: ``log-key-invalid``.
    """
    name, _, rest = text.strip().partition("+")
    written, _, encoded = rest.partition("+")
    raw = _bytes(encoded)
    if raw is None or raw[:1] != _ED25519 or len(raw) != 1 + HASH_BYTES:
        raise _no_key("it is not name+id+key with an Ed25519 key")
    found = LogKey(name, raw[1:])
    if not _NAME.fullmatch(name) or found.key_id.hex() != written:
        raise _no_key("its id is not that of its name and key")
    return found


def signed_checkpoint(
    checkpoint: Checkpoint, key: Ed25519PrivateKey, at: datetime | None = None
) -> str:
    """Return a checkpoint as a note signed by the key of its log, with the time where it is given.

    The time is kept in whole seconds.
    """
    body = checkpoint.body()
    named = log_key(key, checkpoint.origin)
    note = f"{body}\n{_line(named, named.key_id + key.sign(body.encode()))}"
    if at is None:
        return note
    seconds = int(at.timestamp())
    cosigned = key.sign(_cosigned(seconds, body))
    stamp = seconds.to_bytes(_TIME_BYTES, "big")
    return note + _line(named, _key_id(named, _COSIGNED) + stamp + cosigned)


def parsed_checkpoint(note: str, where: str = "") -> Checkpoint:
    """Return the checkpoint that a note tells of, whoever signed it: it proves nothing.

    Raises:
        SubmitterError: ``checkpoint-unreadable``.
    """
    body, _, lines = note.partition("\n\n")
    parts = body.split("\n")
    root = _bytes(parts[2]) if len(parts) == _LINES else None
    if (
        len(note) > _MOST_BYTES
        or root is None
        or len(root) != HASH_BYTES
        or not _SIZE.fullmatch(parts[1])
        or not lines.endswith("\n")
    ):
        raise SubmitterError(
            "checkpoint-unreadable",
            "this is no checkpoint: a name, a size and a root, then signatures",
            where=where,
            hint="Name a file that `assay ledger checkpoint` wrote, or /v1/ledger/checkpoint gave.",
        )
    return Checkpoint(parts[0], int(parts[1]), root)


def read_checkpoint(note: str, key: LogKey, where: str = "") -> Checkpoint:
    """Return the checkpoint of a note that the key of its log signed.

    Other signatures, such as those of witnesses, are allowed and not checked.

    Raises:
        SubmitterError: ``checkpoint-unreadable``, or ``checkpoint-unsigned``: not by this key.
    """
    found = parsed_checkpoint(note, where)
    body, _, lines = note.partition("\n\n")
    signatures = lines[:-1].split("\n")
    signed = f"{body}\n".encode("utf-8", "surrogatepass")
    if found.origin != key.name or not any(
        _is_by(key, line, signed) for line in signatures[:_MOST_SIGNATURES]
    ):
        raise SubmitterError(
            "checkpoint-unsigned",
            f"it is not signed by the key of {key.name}",
            where=where,
            hint="Ask whoever runs the log for its key, by a way that you trust.",
        )
    return found


_LINES: Final = 3


def signed_at(note: str, key: LogKey) -> datetime | None:
    """Return when the key of a log says that it signed a note; None where it does not say."""
    body, _, lines = note.partition("\n\n")
    for line in lines.split("\n")[:_MOST_SIGNATURES]:
        raw = _signature(key, line)
        if raw is None or raw[:_ID_BYTES] != _key_id(key, _COSIGNED):
            continue
        stamp, signature = raw[_ID_BYTES:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        seconds = int.from_bytes(stamp, "big")
        if (
            len(stamp) == _TIME_BYTES
            and seconds <= _LAST_SECOND
            and _verifies(key, signature, _cosigned(seconds, f"{body}\n"))
        ):
            return datetime.fromtimestamp(seconds, UTC)
    return None


def _is_by(key: LogKey, line: str, signed: bytes) -> bool:
    raw = _signature(key, line)
    if raw is None or raw[:_ID_BYTES] != key.key_id:
        return False
    return _verifies(key, raw[_ID_BYTES:], signed)


def _verifies(key: LogKey, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _key_id(key: LogKey, algorithm: bytes) -> bytes:
    return sha256(key.name.encode() + b"\n" + algorithm + key.key).digest()[:_ID_BYTES]


def _cosigned(seconds: int, body: str) -> bytes:
    """Return the text that a cosignature signs."""
    return f"cosignature/v1\ntime {seconds}\n{body}".encode("utf-8", "surrogatepass")


def _line(key: LogKey, raw: bytes) -> str:
    return f"{_DASH}{key.name} {_text(raw)}\n"


def _signature(key: LogKey, line: str) -> bytes | None:
    """Return what stands in the line of a signature under the name of a key."""
    start = f"{_DASH}{key.name} "
    return _bytes(line.removeprefix(start)) if line.startswith(start) else None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes | None:
    """Return bytes written in base64 in the one way that they can be."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _text(raw) == text else None


def _no_key(why: str) -> UsageError:
    return UsageError(
        "log-key-invalid", f"this is no key of a log: {why}", hint="Give it as it was printed."
    )
