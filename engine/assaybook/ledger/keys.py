"""Private keys: Ed25519 for statements, P-256 with a certificate for the pages of reports."""

import base64
from datetime import datetime
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from assaybook.domain.errors import UsageError

PrivateKey: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey
_LONGEST_NAME: Final = 64
"""Characters of a name in a certificate (X.520)."""


def new_key() -> Ed25519PrivateKey:
    """Return a new private key from the system's random source."""
    return Ed25519PrivateKey.generate()


def new_report_key() -> ec.EllipticCurvePrivateKey:
    """Return a new private key on P-256, which readers of PDF know; they do not know Ed25519."""
    return ec.generate_private_key(ec.SECP256R1())


def private_pem(key: PrivateKey) -> bytes:
    """Return a private key as PKCS 8 PEM without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public half as a trust file has it: base64 of 32 bytes."""
    return base64.b64encode(public_bytes(key)).decode()


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public half."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def private_key(pem: bytes, where: str) -> Ed25519PrivateKey:
    """Return the private key of a PEM file.

    Raises:
        UsageError: ``key-unreadable``.
    """
    key = _read(pem)
    if not isinstance(key, Ed25519PrivateKey):
        raise _unreadable("Ed25519", where)
    return key


def private_report_key(pem: bytes, where: str) -> ec.EllipticCurvePrivateKey:
    """Return the private key on P-256 of a PEM file.

    Raises:
        UsageError: ``key-unreadable``.
    """
    key = _read(pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _unreadable("P-256", where)
    return key


def self_signed(
    key: ec.EllipticCurvePrivateKey, name: str, *, not_before: datetime, not_after: datetime
) -> x509.Certificate:
    """Return a certificate of a key over itself, for signing documents and nothing else.

    Nobody vouches for it: a reader of PDF calls its holder unknown until told otherwise. What
    counts is that the root names the key.
    """
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:_LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, "Audit packs"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, SHA256())


def _read(pem: bytes) -> object:
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _unreadable(kind: str, where: str) -> UsageError:
    return UsageError(
        "key-unreadable",
        f"this is no {kind} private key in PEM without a password",
        where=where,
        hint="Give the file as the command that made the key wrote it.",
    )
