"""The next version of a root: keys brought in, ended or revoked, and signed by those who may."""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.ledger.dsse import Envelope, Signature, pae
from assaybook.ledger.public_keys import PublicKey, der_of, print_of
from assaybook.ledger.root import (
    ALGORITHMS,
    ROOT_TYPE,
    Role,
    Root,
    RootKey,
    RootVersion,
    read_root,
)

_SECOND: Final = timedelta(seconds=1)


def root_key(
    public: PublicKey,
    role: Role,
    *,
    not_before: datetime,
    not_after: datetime,
    certificate: Certificate | None = None,
) -> RootKey:
    """Return a key as a root names it; a report's key comes with its certificate."""
    signs = b"" if certificate is None else certificate.public_bytes(Encoding.DER)
    return RootKey(
        id=print_of(public),
        role=role,
        algorithm=ALGORITHMS[role],
        public_key=base64.b64encode(der_of(public)).decode(),
        certificate=base64.b64encode(signs).decode(),
        not_before=not_before,
        not_after=not_after,
    )


def first_version(
    log: str, keys: Sequence[RootKey], *, at: datetime, threshold: int = 1
) -> RootVersion:
    """Return the version with which the keys of a log begin."""
    return RootVersion(
        version=1, previous="", log=log, issued_at=at, threshold=threshold, keys=tuple(keys)
    )


def with_key(
    root: Root, key: RootKey, *, instead_of: str | None = None, at: datetime
) -> RootVersion:
    """Return the next version, with a key more; the one that it takes over from ends as it begins.

    What that one signed before stays good. Where notes tell whole seconds, both count in the one
    in which they change.
    """
    end = at if key.role == "root" else at + _SECOND
    keys = tuple(
        one.model_copy(update={"not_after": end})
        if one.id == instead_of and one.not_after > end
        else one
        for one in root.current.keys
    )
    return _next(root, (*keys, key), at)


def with_revocation(  # noqa: PLR0913 - each is a part of what is said
    root: Root,
    key_id: str,
    *,
    since: datetime,
    reason: str,
    at: datetime,
    instead: RootKey | None = None,
) -> RootVersion:
    """Return the next version in which nothing that a key signed from an instant on is believed.

    Args:
        root: what it goes on from.
        key_id: of the key.
        since: from when; it may be in the past.
        reason: why.
        at: when this is said.
        instead: the key that does its work from now on, where it still did any.

    Raises:
        UsageError: ``key-unknown``, or ``key-revoked``: it was revoked from that instant or before.
    """
    key = next((one for one in root.current.keys if one.id == key_id), None)
    if key is None:
        raise UsageError("key-unknown", "no version of the root names this key", where=key_id)
    if key.revoked_at is not None and key.revoked_at <= since:
        raise UsageError(
            "key-revoked", "it was revoked before, from no later instant", where=key_id
        )
    gone = key.model_copy(update={"revoked_at": since, "reason": reason})
    keys = tuple(gone if one.id == key_id else one for one in root.current.keys)
    return _next(root, keys if instead is None else (*keys, instead), at)


def signed_root(
    root: Root | None, version: RootVersion, signers: Sequence[Ed25519PrivateKey]
) -> Root:
    """Return a root that goes on with a version, signed.

    Args:
        root: what it goes on from; None for the first version.
        version: the next one.
        signers: private root keys, of the version before and of this one.

    Raises:
        SubmitterError: ``root-broken`` or ``root-unsigned``, as `read_root` says of it.
    """
    payload = version.payload()
    message = pae(ROOT_TYPE, payload)
    signatures = {
        print_of(one.public_key()): base64.b64encode(one.sign(message)).decode() for one in signers
    }
    envelope = Envelope(
        payload=base64.b64encode(payload).decode(),
        payloadType=ROOT_TYPE,
        signatures=tuple(Signature(sig=sig, keyid=key) for key, sig in sorted(signatures.items())),
    )
    before = () if root is None else root.envelopes
    return read_root(Root((version,), (*before, envelope)).raw())


def _next(root: Root, keys: tuple[RootKey, ...], at: datetime) -> RootVersion:
    before = root.current
    change = {
        "version": before.version + 1,
        "previous": digest_of(before.payload()),
        "issued_at": at,
        "keys": keys,
    }
    return before.model_copy(update=change)
