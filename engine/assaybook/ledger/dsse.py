"""Dead Simple Signing Envelopes with Ed25519: make one, and say who signed one.

Source: DSSE protocol 1.0 (pre-authentication encoding), RFC 8032 for Ed25519.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from pydantic import Field, ValidationError

from assaybook.domain.base import Frozen
from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record

_MOST_SIGNATURES: Final = 32


class Signature(Frozen):
    """One signature; ``keyid`` is a hint and proves nothing."""

    sig: str
    keyid: str = ""


class Envelope(Frozen):
    """A DSSE envelope as JSON has it; ``payload`` is base64."""

    payload: str
    payload_type: str = Field(alias="payloadType")
    signatures: tuple[Signature, ...] = Field(max_length=_MOST_SIGNATURES)


@record
class Opened:
    """The payload of an envelope and the holders whose keys signed it; none proves nothing."""

    payload: bytes
    payload_type: str
    signers: tuple[str, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, key: Ed25519PrivateKey, holder: str) -> bytes:
    """Return an envelope as JSON bytes with one signature."""
    signature = key.sign(pae(payload_type, payload))
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": holder, "sig": base64.b64encode(signature).decode()}],
    }
    return json.dumps(envelope, sort_keys=True).encode() + b"\n"


def opened(raw: bytes, keys: Mapping[bytes, str], where: str = "") -> Opened:
    """Open an envelope and say which of the given keys signed it.

    Args:
        raw: the envelope's JSON.
        keys: raw Ed25519 public key (32 bytes) to its holder.
        where: the file, for errors.

    Raises:
        SubmitterError: ``envelope-unreadable``.
    """
    try:
        envelope = Envelope.model_validate_json(raw)
        payload = base64.b64decode(envelope.payload, validate=True)
        signatures = [base64.b64decode(one.sig, validate=True) for one in envelope.signatures]
    except (ValidationError, binascii.Error, ValueError) as error:
        raise SubmitterError(
            "envelope-unreadable",
            "this is no signed envelope (DSSE)",
            where=where,
            hint="Submit the file as `assay attest` wrote it.",
        ) from error
    message = pae(envelope.payload_type, payload)
    holders = {
        holder
        for key, holder in keys.items()
        if any(_is_by(key, signature, message) for signature in signatures)
    }
    return Opened(payload, envelope.payload_type, tuple(sorted(holders)))


def _is_by(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
