"""Public keys that can be trusted: Ed25519, and ECDSA on P-256, P-384 and P-521; nothing weaker.

Source: RFC 8032 for Ed25519, FIPS 186-5 for ECDSA, OpenSSF model signing 1.0 for names of keys.
"""

import base64
import hashlib
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

PublicKey: TypeAlias = Ed25519PublicKey | ec.EllipticCurvePublicKey
_CURVES: Final[dict[str, tuple[HashAlgorithm, int]]] = {
    "secp256r1": (SHA256(), 32),
    "secp384r1": (SHA384(), 48),
    "secp521r1": (SHA512(), 66),
}
_PRIME: Final = 2**255 - 19
_OF_SMALL_ORDER: Final = frozenset(
    int.from_bytes(bytes.fromhex(one), "little")
    for one in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    )
)
"""Points for which anybody can make a signature that fits many messages."""


class WeakKeyError(ValueError):
    """The key cannot be read, or is of a kind that does not count."""


def public_key(raw: bytes) -> PublicKey:
    """Return a public key from PEM, from DER, or from the 32 bytes of Ed25519.

    Raises:
        WeakKeyError: with a reason that a person can act on.
    """
    try:
        if len(raw) == 32:  # noqa: PLR2004 - of Ed25519; DER of any key is longer
            return strong(Ed25519PublicKey.from_public_bytes(raw))
        if raw.lstrip().startswith(b"-----BEGIN"):
            return strong(load_pem_public_key(raw))
        return strong(load_der_public_key(raw))
    except WeakKeyError:
        raise
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = "it is no public key"
        raise WeakKeyError(message) from error


def strong(key: object) -> PublicKey:
    """Return a key that counts.

    Raises:
        WeakKeyError: it is weak, or of a kind that is not read.
    """
    if isinstance(key, Ed25519PublicKey):
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        y = int.from_bytes(raw, "little") & (2**255 - 1)
        if y % _PRIME in _OF_SMALL_ORDER:
            message = "it is a key of small order, for which anybody can sign"
            raise WeakKeyError(message)
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    message = "it is neither Ed25519 nor ECDSA on P-256, P-384 or P-521"
    raise WeakKeyError(message)


def der_of(key: PublicKey) -> bytes:
    """Return a public key as DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem_of(key: PublicKey) -> str:
    """Return a public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def raw_text(key: PublicKey) -> str:
    """Return an Ed25519 key as base64 of its 32 bytes, and "" for another kind."""
    if not isinstance(key, Ed25519PublicKey):
        return ""
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def print_of(key: PublicKey) -> str:
    """Return the digest by which a person can tell a key from others."""
    return f"sha256:{hashlib.sha256(der_of(key)).hexdigest()}"


def names_of(key: PublicKey) -> frozenset[str]:
    """Return the names by which an envelope may point at a key: digests of its written forms."""
    forms = [der_of(key), pem_of(key).encode(), pem_of(key).strip().encode()]
    if isinstance(key, Ed25519PublicKey):
        forms.append(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    return frozenset(hashlib.sha256(form).hexdigest() for form in forms)


def signed_by(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Tell whether a key signed a message; ECDSA as DER, or as the two numbers side by side."""
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
            return True
        hashing, size = _CURVES[key.curve.name]
        if len(signature) == 2 * size:
            halves = signature[:size], signature[size:]
            signature = encode_dss_signature(*(int.from_bytes(one, "big") for one in halves))
        key.verify(signature, message, ec.ECDSA(hashing))
    except (InvalidSignature, ValueError):
        return False
    return True
