"""Keys, certificates and signed statements, made anew for each run."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assaybook.ledger.dsse import pae

PrivateKey: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
IN_TOTO = "application/vnd.in-toto+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SLSA = "https://slsa.dev/provenance/v1"
SIGNING = "https://model_signing/signature/v1.0"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
ISSUER_OLD = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")


def p256() -> ec.EllipticCurvePrivateKey:
    """Return a new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def der(key: PrivateKey) -> bytes:
    """Return the public half of a key as DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem(key: PrivateKey) -> str:
    """Return the public half of a key as PEM."""
    form = PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(Encoding.PEM, form).decode()


def signature_of(key: PrivateKey, message: bytes) -> bytes:
    """Sign a message as the kind of key does."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    hashing = {256: SHA256(), 384: SHA384(), 521: SHA512()}[key.key_size]
    return key.sign(message, ec.ECDSA(hashing))


def envelope(
    statement: object, *keys: PrivateKey, keyid: str = "", kind: str = IN_TOTO
) -> dict[str, Any]:
    """Return a statement in an envelope signed by keys."""
    payload = json.dumps(statement).encode()
    signed = [
        {"sig": base64.b64encode(signature_of(key, pae(kind, payload))).decode(), "keyid": keyid}
        for key in keys
    ]
    return {
        "payloadType": kind,
        "payload": base64.b64encode(payload).decode(),
        "signatures": signed,
    }


def bundle(sealed: dict[str, Any], **material: Any) -> dict[str, Any]:
    """Return an envelope in a Sigstore bundle."""
    return {"mediaType": BUNDLE, "verificationMaterial": material, "dsseEnvelope": sealed}


def chain_of(*certificates: x509.Certificate) -> dict[str, Any]:
    """Return certificates as the older bundles hold them."""
    raw = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates]
    return {"x509CertificateChain": {"certificates": [{"rawBytes": one} for one in raw]}}


def provenance(builder: str = "https://builder", digest: str = "a" * 64) -> dict[str, Any]:
    """Return provenance of one artifact."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": digest}}],
        "predicateType": SLSA,
        "predicate": {
            "buildDefinition": {"resolvedDependencies": [{"uri": "git+https://x"}]},
            "runDetails": {
                "builder": {"id": builder},
                "metadata": {"finishedOn": "2026-11-19T00:00:00Z"},
            },
        },
    }


def signed_model(**digests: str) -> dict[str, Any]:
    """Return the statement of a signed model: names of files to their digests."""
    raw = b"".join(bytes.fromhex(one) for one in digests.values())
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": hashlib.sha256(raw).hexdigest()}}],
        "predicateType": SIGNING,
        "predicate": {
            "serialization": {"method": "files", "hash_type": "sha256"},
            "resources": [
                {"name": name, "algorithm": "sha256", "digest": one}
                for name, one in digests.items()
            ],
        },
    }


def a_certificate(  # noqa: PLR0913 - each is something that a certificate says
    key: PrivateKey,
    by: PrivateKey | None = None,
    *,
    name: str = "leaf",
    issuer: str | None = None,
    is_authority: bool = False,
    path_length: int | None = None,
    identities: Sequence[str] = ("https://ci.example/run",),
    purposes: Sequence[x509.ObjectIdentifier] | None = (ExtendedKeyUsageOID.CODE_SIGNING,),
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    usage: bool | None = None,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    hashing: SHA224 | SHA256 | None = None,
) -> x509.Certificate:
    """Return a certificate; without a signer it is signed by itself."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer or name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
    )
    if identities and not is_authority:
        names = [
            x509.UniformResourceIdentifier(one) if "://" in one else x509.RFC822Name(one)
            for one in identities
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=True)
    if purposes is not None and not is_authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if usage is not None:
        flags = dict.fromkeys(
            (
                *("content_commitment", "key_encipherment", "data_encipherment"),
                *("key_agreement", "crl_sign", "encipher_only", "decipher_only"),
            ),
            False,
        )
        said = x509.KeyUsage(
            digital_signature=usage and not is_authority,
            key_cert_sign=usage and is_authority,
            **flags,
        )
        builder = builder.add_extension(said, critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    signer = key if by is None else by
    return builder.sign(
        signer, None if isinstance(signer, Ed25519PrivateKey) else hashing or SHA256()
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def soon(days: float) -> timedelta:
    """Return so many days."""
    return timedelta(days=days)
