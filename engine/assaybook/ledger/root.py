"""Keys in time: which key could sign what at which instant, in versions that sign one another.

A root file holds every version since the first. Each names all keys there ever were, with role and
validity, and is signed by enough root keys of the version before it and of itself. So whoever holds
one version can tell whether a longer file goes on from it, and no key ever counts for a time before
the version that brought it in. The first version proves nothing by itself: its digest must come by
a way that is trusted.

The file is canonical JSON of DSSE envelopes, each signature in it must hold, and nothing can be
written in two ways. Source: The Update Framework 1.0, sections 5.3 and 6.1, for chains of roots.
"""

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.ids import Instant, written
from assaybook.domain.record import record
from assaybook.ledger.certificates import CertificateError, certificate
from assaybook.ledger.dsse import Envelope, pae
from assaybook.ledger.public_keys import (
    PublicKey,
    WeakKeyError,
    der_of,
    print_of,
    public_key,
    signed_by,
)

ROOT_TYPE: Final = "application/vnd.assaybook.root.v1+json"
LOG_NAME: Final = re.compile(r"[^\s+]{1,200}")
MOST_ROOT_BYTES: Final = 4_194_304
MOST_VERSIONS: Final = 256
MOST_KEYS: Final = 512
MOST_SIGNERS: Final = 16

Role = Literal["root", "checkpoint", "statement", "report"]
Algorithm = Literal["ed25519", "ecdsa-p256"]
ALGORITHMS: Final[dict[Role, Algorithm]] = {
    "root": "ed25519",
    "checkpoint": "ed25519",
    "statement": "ed25519",
    "report": "ecdsa-p256",
}
_Text: TypeAlias = Annotated[str, Field(max_length=8_192)]


class RootKey(Frozen):
    """A public key, what it may sign, and from when until when.

    Attributes:
        id: SHA-256 over the public key as DER.
        public_key: DER, base64.
        certificate: X.509 as DER, base64, over the same key; only a report's key has one.
        not_after: the first instant at which it no longer signs.
        revoked_at: from here on nothing that it signed is believed.
        reason: why it was revoked.
    """

    id: _Text
    role: Role
    algorithm: Algorithm
    public_key: _Text
    certificate: _Text = ""
    not_before: Instant
    not_after: Instant
    revoked_at: Instant | None = None
    reason: _Text = ""

    def counts_at(self, instant: datetime) -> bool:
        """Tell whether what it signs at an instant is believed."""
        end = self.not_after if self.revoked_at is None else min(self.not_after, self.revoked_at)
        return self.not_before <= instant < end


class RootVersion(Frozen):
    """One version: all keys, and how many root keys must sign the next.

    Attributes:
        version: from 1, dense.
        previous: digest of the version before it; empty for the first.
        log: name of the log whose checkpoints the keys sign.
    """

    version: Annotated[int, Field(ge=1, le=MOST_VERSIONS)]
    previous: _Text
    log: _Text
    issued_at: Instant
    threshold: Annotated[int, Field(ge=1, le=MOST_SIGNERS)]
    keys: Annotated[tuple[RootKey, ...], Field(max_length=MOST_KEYS)]

    def payload(self) -> bytes:
        """Return the bytes that are signed."""
        dumped: JsonValue = self.model_dump(mode="json")
        return canonical(dumped)

    def signers(self, at: datetime) -> dict[str, RootKey]:
        """Return the root keys that count at an instant, by id."""
        return {key.id: key for key in self.keys if key.role == "root" and key.counts_at(at)}


class _File(Frozen):
    versions: Annotated[tuple[Envelope, ...], Field(min_length=1, max_length=MOST_VERSIONS)]


@record
class Root:
    """All versions of the keys of one log, oldest first, as they were signed."""

    versions: tuple[RootVersion, ...]
    envelopes: tuple[Envelope, ...]

    @property
    def current(self) -> RootVersion:
        """Return the last version."""
        return self.versions[-1]

    @property
    def log(self) -> str:
        """Return the name of the log."""
        return self.current.log

    @property
    def digests(self) -> tuple[str, ...]:
        """Return the digest of each version, oldest first; the first is the one to be trusted."""
        return tuple(digest_of(one.payload()) for one in self.versions)

    def raw(self) -> bytes:
        """Return the file."""
        return _written(self.envelopes)

    def keys_of(self, role: Role) -> tuple[RootKey, ...]:
        """Return every key that ever had a role."""
        return tuple(key for key in self.current.keys if key.role == role)


def read_root(raw: bytes, where: str = "") -> Root:
    """Return the root of a file of which every version is signed as it must be.

    Raises:
        SubmitterError: ``root-unreadable``, it is no root file; ``root-broken``, a version does
            not follow from the one before it, or its keys are not as they say; ``root-unsigned``,
            a signature does not hold, or there are fewer than the threshold.
    """
    try:
        if len(raw) > MOST_ROOT_BYTES:
            message = "it is too long"
            raise ValueError(message)  # noqa: TRY301 - told like every other reason
        envelopes = _File.model_validate_json(raw).versions
        versions = tuple(_version(one) for one in envelopes)
        if _written(envelopes) != raw:
            message = "it is not written in the one way that it can be"
            raise ValueError(message)  # noqa: TRY301 - told like every other reason
    except ValueError as error:
        raise SubmitterError(
            "root-unreadable",
            "this is no root file: versions of keys in signed envelopes",
            where=where,
            hint="Give root.json as `assay ledger keys` wrote it.",
        ) from error
    before: RootVersion | None = None
    for one, envelope in zip(versions, envelopes, strict=True):
        place = f"{where}: version {one.version}" if where else f"version {one.version}"
        fault = next(_faults(one, before), None)
        if fault is not None:
            raise SubmitterError("root-broken", fault, where=place)
        _check_signed(one, before, envelope, place)
        before = one
    return Root(versions, envelopes)


def key_at(root: Root, key_id: str, role: Role, instant: datetime) -> PublicKey:
    """Return a key that could sign in a role at an instant.

    Raises:
        SubmitterError: ``key-unknown``, ``key-role-wrong``, ``key-not-yet-valid``,
            ``key-revoked`` or ``key-expired``.
    """
    key = next((one for one in root.current.keys if one.id == key_id), None)
    if key is None:
        raise SubmitterError("key-unknown", "no version of the root names this key", where=key_id)
    if key.role != role:
        message = f"it is a key for the role {key.role}, not {role}"
        raise SubmitterError("key-role-wrong", message, where=key_id)
    if instant < key.not_before:
        message = f"it holds from {written(key.not_before)}, not at {written(instant)}"
        raise SubmitterError("key-not-yet-valid", message, where=key_id)
    if key.revoked_at is not None and instant >= key.revoked_at:
        message = f"it was revoked from {written(key.revoked_at)}: {key.reason}"
        raise SubmitterError("key-revoked", message, where=key_id)
    if instant >= key.not_after:
        message = f"it held until {written(key.not_after)}, not at {written(instant)}"
        raise SubmitterError("key-expired", message, where=key_id)
    return public_of(key)


def public_of(key: RootKey) -> PublicKey:
    """Return the public key that an entry of a root holds, whether it counts or not."""
    return public_key(base64.b64decode(key.public_key))


def joined(held: Root, shown: Root) -> Root:
    """Return the longer of two roots of which one goes on from the other.

    Whoever checks something old with a newer root knows of more revocations.

    Raises:
        SubmitterError: ``root-forked``, neither goes on from the other.
    """
    common = min(len(held.versions), len(shown.versions))
    if held.digests[:common] != shown.digests[:common]:
        raise SubmitterError(
            "root-forked",
            "the keys shown do not go on from the keys that you hold",
            hint="Ask whoever runs the log why, by a way that you trust; believe neither until.",
        )
    return shown if len(shown.versions) > common else held


def _version(envelope: Envelope) -> RootVersion:
    payload = base64.b64decode(envelope.payload, validate=True)
    version = RootVersion.model_validate_json(payload)
    if envelope.payload_type != ROOT_TYPE or version.payload() != payload:
        message = "the version is not written in the one way that it can be"
        raise ValueError(message)
    return version


def _written(envelopes: tuple[Envelope, ...]) -> bytes:
    """Return the one form of a file: canonical JSON, base64 without loose ends, order by key."""
    said: list[JsonValue] = []
    for one in envelopes:
        payload = base64.b64encode(base64.b64decode(one.payload)).decode()
        signatures: list[JsonValue] = [
            {"keyid": key, "sig": base64.b64encode(base64.b64decode(sig)).decode()}
            for key, sig in sorted({each.keyid: each.sig for each in one.signatures}.items())
        ]
        said.append({"payload": payload, "payloadType": one.payload_type, "signatures": signatures})
    return canonical({"versions": said})


def _faults(one: RootVersion, before: RootVersion | None) -> Iterator[str]:
    """Yield what is wrong with a version before its signatures are looked at."""
    if one.version != (1 if before is None else before.version + 1):
        yield "a version is missing before it"
    if one.previous != ("" if before is None else digest_of(before.payload())):
        yield "it does not follow from the version before it"
    if not LOG_NAME.fullmatch(one.log) or (before is not None and one.log != before.log):
        yield "it is of another log, or its name is none"
    if before is not None and one.issued_at < before.issued_at:
        yield "it is older than the version before it"
    if len({key.id for key in one.keys}) != len(one.keys):
        yield "it names a key twice"
    if len(one.signers(one.issued_at)) < one.threshold:
        yield "it has fewer root keys than must sign the next version"
    earlier = {key.id: key for key in before.keys} if before is not None else {}
    if not earlier.keys() <= {key.id for key in one.keys}:
        yield "a key of the version before it is gone"
    for key in one.keys:
        fault = _fault_of_key(key) or _fault_of_change(key, earlier.get(key.id), one.issued_at)
        if fault is not None:
            yield f"{key.id}: {fault}"


def _fault_of_key(key: RootKey) -> str | None:
    """Return why a key is not what it says, by itself."""
    if not _is_itself(key):
        return "its id or algorithm is not that of its key, or the key cannot be read"
    if ALGORITHMS[key.role] != key.algorithm:
        return f"a key for the role {key.role} is of {ALGORITHMS[key.role]}"
    if bool(key.certificate) != (key.role == "report") or not _is_certified(key):
        return "a report's key, and no other, has a certificate, over itself"
    if key.not_before >= key.not_after:
        return "it ends before it begins"
    if (key.revoked_at is None) != (not key.reason):
        return "a revoked key, and no other, has a reason"
    return None


def _is_itself(key: RootKey) -> bool:
    try:
        raw = base64.b64decode(key.public_key, validate=True)
        public = public_key(raw)
    except (ValueError, WeakKeyError):
        return False
    return der_of(public) == raw and (print_of(public), _algorithm(public)) == (
        key.id,
        key.algorithm,
    )


def _is_certified(key: RootKey) -> bool:
    """Tell whether a certificate, where there is one, is over the key; its time does not count."""
    if not key.certificate:
        return True
    try:
        raw = base64.b64decode(key.certificate, validate=True)
        found = certificate(raw)
        return found.public_bytes(Encoding.DER) == raw and found.public_key() == public_of(key)
    except (ValueError, CertificateError, UnsupportedAlgorithm):
        return False


def _algorithm(public: PublicKey) -> str:
    if isinstance(public, Ed25519PublicKey):
        return "ed25519"
    return "ecdsa-p256" if isinstance(public.curve, ec.SECP256R1) else public.curve.name


def _fault_of_change(key: RootKey, before: RootKey | None, issued_at: datetime) -> str | None:
    """Return what a version may not do to a key: give back time, or take it away from the past."""
    if before is None:
        return "it counts before its first version" if key.not_before < issued_at else None
    same = {"not_after": key.not_after, "revoked_at": key.revoked_at, "reason": key.reason}
    if before.model_copy(update=same) != key:
        return "it is not the key that it was"
    if key.not_after != before.not_after and not issued_at <= key.not_after < before.not_after:
        return "its end moves later, or into the past"
    if before.revoked_at is not None and (
        key.revoked_at is None or key.revoked_at > before.revoked_at
    ):
        return "its revocation is taken back"
    return None


def _check_signed(
    one: RootVersion, before: RootVersion | None, envelope: Envelope, where: str
) -> None:
    """Check that enough root keys of a version and of the one before it signed it."""
    own = one.signers(one.issued_at)
    earlier = before.signers(one.issued_at) if before is not None else own
    message = pae(ROOT_TYPE, one.payload())
    known = {**earlier, **own}
    for signature in envelope.signatures:
        key = known.get(signature.keyid)
        if key is None or not signed_by(public_of(key), base64.b64decode(signature.sig), message):
            raise SubmitterError("root-unsigned", "a signature does not hold", where=where)
    signed = {signature.keyid for signature in envelope.signatures}
    needed = one.threshold if before is None else before.threshold
    if len(signed & own.keys()) < one.threshold or len(signed & earlier.keys()) < needed:
        raise SubmitterError(
            "root-unsigned",
            f"it is signed by fewer root keys than must ({max(needed, one.threshold)})",
            where=where,
        )
