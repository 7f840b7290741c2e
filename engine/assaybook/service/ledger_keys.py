"""The folder of keys of a log: private keys that only their owner can read, and the root beside.

A key's file is named for its role and the beginning of its id. The private half of a key that was
replaced or revoked is removed: what signs no more need not be kept from thieves.
"""

import base64
import stat
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaybook.domain.errors import OperatorError, UsageError
from assaybook.domain.record import record
from assaybook.ledger.checkpoint import log_key
from assaybook.ledger.keys import (
    PrivateKey,
    new_key,
    new_report_key,
    private_key,
    private_pem,
    private_report_key,
    self_signed,
)
from assaybook.ledger.public_keys import print_of
from assaybook.ledger.root import MOST_SIGNERS, Role, Root, RootKey, RootVersion, read_root
from assaybook.ledger.root_change import (
    first_version,
    root_key,
    signed_root,
    with_key,
    with_revocation,
)
from assaybook.service.files import read_bytes, replace_file, write_private
from assaybook.service.pack_keys import PackKeys, ReportSigner, Signer

ROOT_FILE: Final = "root.json"
ROOT_DAYS: Final = 3_650
KEY_DAYS: Final = 1_095
_SHOWN: Final = 12
"""Hex digits of a key's id in the name of its file."""
_LEAST: Final = 8
"""Hex digits by which a person may name a key."""
_ALGORITHM: Final = "sha256:"
_ROOTS: Final[tuple[Role, ...]] = ("root",)
_OTHERS: Final[tuple[Role, ...]] = ("checkpoint", "statement", "report")


@record
class Change:
    """How a person wants the keys of a log changed.

    Attributes:
        now: when; it is done as of the second that began last, since notes tell whole seconds.
        days: how long a new key holds; None for the usual of its role.
        root_keys: files of root keys that are kept elsewhere than in the folder.
    """

    now: datetime
    days: int | None = None
    root_keys: Sequence[Path] = ()

    @property
    def at(self) -> datetime:
        """Return the instant from which the change counts."""
        return self.now.replace(microsecond=0)


def make_keys(
    folder: Path, log: str, change: Change, *, root_keys: int = 1, threshold: int = 1
) -> Root:
    """Make the keys of a log, one for each role, and the first version of its root.

    Args:
        folder: where; it holds no root yet.
        log: its name in checkpoints.
        change: when, and for how long.
        root_keys: how many keys may sign the next version.
        threshold: how many of them must.

    Raises:
        UsageError: ``keys-exist``, ``threshold-invalid``, ``log-name-invalid`` or
            ``file-unwritable``.
    """
    if (folder / ROOT_FILE).exists():
        raise UsageError(
            "keys-exist",
            "there are keys in it already, and they are never overwritten",
            where=str(folder),
            hint="Change them with `assay ledger keys rotate` or `revoke`.",
        )
    if not 1 <= threshold <= root_keys <= MOST_SIGNERS:
        raise UsageError(
            "threshold-invalid",
            f"{threshold} of {root_keys} root keys cannot be asked for",
            hint=f"Choose 1 to {MOST_SIGNERS} root keys, and no threshold above their number.",
        )
    log_key(new_key(), log)  # refuses a name that no note can hold
    made = [_new(role, log, change) for role in _ROOTS * root_keys + _OTHERS]
    version = first_version(log, [one for one, _ in made], at=change.at, threshold=threshold)
    return _kept(folder, None, version, made, _signers(made))


def rotate_key(folder: Path, name: str, change: Change) -> Root:
    """Let a new key take over; what the old one signed stays good.

    Args:
        folder: of the keys.
        name: a role in which one key counts, or did last; or the beginning of an id.
        change: when, and for how long.

    Raises:
        UsageError: ``key-unknown``; or ``key-ended``, and another key has taken over.
        AssayError: a file cannot be used, or too few root keys are at hand.
    """
    root = read_keys_root(folder)
    old = _last(root, name, change.at) or _named(folder, root, name, change.at)
    if not old.counts_at(change.at) and _last(root, old.role, change.at) is None:
        message = "it ended, and another key of its role counts"
        raise UsageError("key-ended", message, where=old.id)
    new = _new(old.role, root.log, change)
    version = with_key(root, new[0], instead_of=old.id, at=change.at)
    signers = (*_at_hand(folder, root, change), *_signers([new]))
    after = _kept(folder, root, version, [new], signers)
    _key_file(folder, old).unlink(missing_ok=True)
    return after


def revoke_key(
    folder: Path, name: str, change: Change, *, reason: str, since: datetime | None = None
) -> Root:
    """Let nothing count that a key signed from an instant on; where it still signed, make another.

    Args:
        folder: of the keys.
        name: a role in which one key counts, or the beginning of an id.
        change: when, and for how long a key in its place holds.
        reason: why.
        since: from when; None for now.

    Raises:
        UsageError: ``key-unknown``, ``key-revoked`` or ``reason-missing``.
        AssayError: a file cannot be used, or too few root keys are at hand.
    """
    if not reason.strip():
        raise UsageError("reason-missing", "a key is revoked for a reason", hint="Give --reason.")
    root = read_keys_root(folder)
    old = _named(folder, root, name, change.at)
    new = [_new(old.role, root.log, change)] if old.counts_at(change.at) else []
    version = with_revocation(
        root,
        old.id,
        since=since or change.at,
        reason=reason,
        at=change.at,
        instead=new[0][0] if new else None,
    )
    signers = (*_at_hand(folder, root, change), *_signers(new))
    after = _kept(folder, root, version, new, signers)
    _key_file(folder, old).unlink(missing_ok=True)
    return after


def read_keys_root(folder: Path) -> Root:
    """Return the root of a folder of keys.

    Raises:
        UsageError: ``file-missing``, there are no keys.
        SubmitterError: it is no root, as `read_root` says.
    """
    file = folder / ROOT_FILE
    if not file.exists():
        raise UsageError(
            "file-missing",
            "there are no keys of a log",
            where=str(file),
            hint="Name the folder that has them, or make them: assay ledger keys init --keys DIR",
        )
    return read_root(read_bytes(file), str(file))


def read_keys(folder: Path, at: datetime) -> PackKeys:
    """Return the keys that count at an instant: for the log's state, statements and reports.

    Raises:
        OperatorError: ``key-exposed``, or ``key-missing``: no key of a role counts or is here.
        AssayError: a file cannot be used.
    """
    root = read_keys_root(folder)
    report = _counting(root, "report", at)
    certificate = base64.b64decode(report.certificate)
    return PackKeys(
        root=root,
        checkpoint=read_signer(folder, root, "checkpoint", at),
        statement=read_signer(folder, root, "statement", at),
        report=ReportSigner(report.id, _private_report(folder, report), certificate),
    )


def read_signer(folder: Path, root: Root, role: Role, at: datetime) -> Signer:
    """Return the Ed25519 key that counts in a role at an instant.

    Raises:
        OperatorError: ``key-exposed``, or ``key-missing``: none counts, or its file is not here.
        UsageError: ``key-unreadable``.
    """
    named = _counting(root, role, at)
    return Signer(named.id, _private(folder, named))


def _counting(root: Root, role: Role, at: datetime) -> RootKey:
    found = [one for one in root.keys_of(role) if one.counts_at(at)]
    if not found:
        raise OperatorError(
            "key-missing",
            f"no key for the role {role} counts now",
            hint=f"Bring one in: assay ledger keys rotate {role} --keys DIR",
        )
    return found[-1]


def _new(role: Role, log: str, change: Change) -> tuple[RootKey, PrivateKey]:
    days = change.days or (ROOT_DAYS if role == "root" else KEY_DAYS)
    until = change.at + timedelta(days=days)
    if role != "report":
        key = new_key()
        named = root_key(key.public_key(), role, not_before=change.at, not_after=until)
        return named, key
    report = new_report_key()
    signs = self_signed(report, log, not_before=change.at, not_after=until)
    public = report.public_key()
    return root_key(public, role, not_before=change.at, not_after=until, certificate=signs), report


def _signers(made: Sequence[tuple[RootKey, PrivateKey]]) -> list[Ed25519PrivateKey]:
    """Return the root keys among keys that were made."""
    return [
        key for named, key in made if named.role == "root" and isinstance(key, Ed25519PrivateKey)
    ]


def _at_hand(folder: Path, root: Root, change: Change) -> list[Ed25519PrivateKey]:
    """Return the root keys that are in the folder, or in the files that were named."""
    counting = root.current.signers(change.at)
    here = [one for one in counting.values() if _key_file(folder, one).exists()]
    found = [_private(folder, one) for one in here]
    for file in change.root_keys:
        key = private_key(_read_private(file), str(file))
        if print_of(key.public_key()) not in counting:
            raise UsageError("key-unknown", "it is no root key that counts now", where=str(file))
        found.append(key)
    return found


def _kept(
    folder: Path,
    root: Root | None,
    version: RootVersion,
    made: Sequence[tuple[RootKey, PrivateKey]],
    signers: Sequence[Ed25519PrivateKey],
) -> Root:
    """Sign a version and write it; the new keys first, so that none is named that is not there."""
    after = signed_root(root, version, signers)
    for named, key in made:
        write_private(_key_file(folder, named), private_pem(key))
    replace_file(folder / ROOT_FILE, after.raw())
    return after


def _last(root: Root, role: str, at: datetime) -> RootKey | None:
    """Return the key of a role that ended last, where none counts that could be meant."""
    if role not in _OTHERS:
        return None
    ended = [one for one in root.current.keys if one.role == role]
    if not ended or any(one.counts_at(at) for one in ended):
        return None
    return max(ended, key=lambda one: one.not_after)


def _named(folder: Path, root: Root, name: str, at: datetime) -> RootKey:
    """Return the one key that a person means by a role or by the beginning of an id.

    Of several keys of a role, it is the one whose private half is here.
    """
    begins = name.removeprefix(_ALGORITHM)
    counting = [one for one in root.current.keys if one.role == name and one.counts_at(at)]
    here = [one for one in counting if _key_file(folder, one).exists()]
    found = (here or counting) or [
        one
        for one in root.current.keys
        if len(begins) >= _LEAST and one.id.removeprefix(_ALGORITHM).startswith(begins)
    ]
    if len(found) != 1:
        why = "no key is" if not found else f"{len(found)} keys are"
        raise UsageError(
            "key-unknown",
            f"{why} meant by {name!r}",
            hint=f"Name a role, or at least {_LEAST} digits of an id: assay ledger keys show",
        )
    return found[0]


def _key_file(folder: Path, key: RootKey) -> Path:
    return folder / f"{key.role}-{key.id.removeprefix(_ALGORITHM)[:_SHOWN]}.pem"


def _private(folder: Path, named: RootKey) -> Ed25519PrivateKey:
    file = _key_file(folder, named)
    key = private_key(_read_private(file), str(file))
    _refuse_other(key, named, file)
    return key


def _private_report(folder: Path, named: RootKey) -> EllipticCurvePrivateKey:
    file = _key_file(folder, named)
    key = private_report_key(_read_private(file), str(file))
    _refuse_other(key, named, file)
    return key


def _refuse_other(key: PrivateKey, named: RootKey, file: Path) -> None:
    if print_of(key.public_key()) != named.id:
        message = "it is not the key that the root has under this name"
        raise OperatorError("key-missing", message, where=str(file))


def _read_private(file: Path) -> bytes:
    """Return the bytes of a file that only its owner can read.

    Raises:
        OperatorError: ``key-missing``; ``key-exposed``, others may read or change it.
    """
    if not file.exists():
        raise OperatorError(
            "key-missing",
            "the private half of a key that counts is not here",
            where=str(file),
            hint="Put the file back, or bring in another: assay ledger keys rotate ROLE --keys DIR",
        )
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OperatorError(
            "key-exposed",
            "others than its owner can read or change this key",
            where=str(file),
            hint=f"If nobody did: chmod 600 {file}. Otherwise revoke it: assay ledger keys revoke",
        )
    return read_bytes(file)
