"""Ed25519 keys of persons: make one, read one, write its public half for a trust file."""

import base64

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from assaybook.domain.errors import UsageError


def new_key() -> Ed25519PrivateKey:
    """Return a new private key from the system's random source."""
    return Ed25519PrivateKey.generate()


def private_pem(key: Ed25519PrivateKey) -> bytes:
    """Return a private key as PKCS 8 PEM without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public half as a trust file has it: base64 of 32 bytes."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public half."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def private_key(pem: bytes, where: str) -> Ed25519PrivateKey:
    """Return the private key of a PEM file.

    Raises:
        UsageError: ``key-unreadable``.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unreadable(where) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _unreadable(where)
    return key


def _unreadable(where: str) -> UsageError:
    return UsageError(
        "key-unreadable",
        "this is no Ed25519 private key in PEM without a password",
        where=where,
        hint="Make one with `assay trust key --person ID`.",
    )
