"""Certificate chains up to an authority that the operator named, for signing of code.

Only what is understood counts: a critical extension that is not known here, a constraint on names
or a weak algorithm makes a chain worthless. Revocation is not asked, for nothing is fetched.
Source: RFC 5280, sections 4.2 and 6.1; the issuer extensions of Fulcio.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from assaybook.domain.record import record

_MOST_CERTIFICATES: Final = 8
_DEEPEST: Final = 5
_LEAST_RSA: Final = 2048
_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_HASHES: Final = frozenset({"sha256", "sha384", "sha512"})
_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)
_SIGNING: Final = frozenset(
    {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
)
_ISSUER: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
_ISSUER_OLD: Final = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_UTF8_STRING: Final = 0x0C
_SHORT_FORM: Final = 0x80
Extension = TypeVar("Extension", bound=x509.ExtensionType)
_FAULTS: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)


class CertificateError(ValueError):
    """A certificate cannot be read, or cannot be what it is given as."""


@record
class Holder:
    """Whom a certificate names: e-mail addresses and URIs, and who authenticated them."""

    identities: tuple[str, ...]
    issuer: str | None


def certificate(raw: bytes) -> x509.Certificate:
    """Return a certificate from PEM or DER.

    Raises:
        CertificateError: it is none.
    """
    try:
        if raw.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(raw)
        return x509.load_der_x509_certificate(raw)
    except _FAULTS as error:
        message = "it is no certificate"
        raise CertificateError(message) from error


def authority(raw: bytes) -> x509.Certificate:
    """Return the certificate of an authority, which must be able to sign others.

    Raises:
        CertificateError: it is no certificate, no authority's, or weak.
    """
    found = certificate(raw)
    fault = _fault(found, issues=True)
    if fault is not None:
        raise CertificateError(fault)
    return found


def holder_of(leaf: x509.Certificate) -> Holder:
    """Return whom a certificate names.

    Raises:
        CertificateError: its extensions cannot be read.
    """
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        mails = names.get_values_for_type(x509.RFC822Name)
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
        identities = (*mails, *uris)
    except x509.ExtensionNotFound:
        identities = ()
    except _FAULTS as error:
        message = "its names cannot be read"
        raise CertificateError(message) from error
    return Holder(identities, _issuer(leaf))


def chain_fault(
    leaf: x509.Certificate,
    others: Sequence[x509.Certificate],
    root: x509.Certificate,
    at: datetime,
) -> str | None:
    """Return why a certificate does not lead to an authority at an instant, or None if it does.

    Args:
        leaf: the certificate of the signer.
        others: certificates that came with it; none of them is trusted by itself.
        root: the authority.
        at: the instant at which each certificate must hold.
    """
    fault = _fault(leaf, issues=False) or _expired(leaf, at)
    if fault is not None:
        return fault
    usable = [
        one
        for one in others[:_MOST_CERTIFICATES]
        if one != leaf and _fault(one, issues=True) is None and _expired(one, at) is None
    ]
    if _expired(root, at) is not None:
        return "the authority's own certificate does not hold at that time"
    if _leads(leaf, usable, root, below=0):
        return None
    return "no chain of certificates leads to the authority"


def _leads(
    one: x509.Certificate,
    usable: Sequence[x509.Certificate],
    root: x509.Certificate,
    *,
    below: int,
) -> bool:
    """Tell whether a certificate leads to the root; ``below`` counts authorities under it."""
    if _issued(one, root, below):
        return True
    if below >= _DEEPEST:
        return False
    return any(
        _leads(issuer, [other for other in usable if other != issuer], root, below=below + 1)
        for issuer in usable
        if _issued(one, issuer, below)
    )


def _issued(one: x509.Certificate, issuer: x509.Certificate, below: int) -> bool:
    limits = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    if limits.path_length is not None and below > limits.path_length:
        return False
    try:
        one.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_FAULTS):
        return False
    return True


def _expired(one: x509.Certificate, at: datetime) -> str | None:
    begins, ends = one.not_valid_before_utc, one.not_valid_after_utc
    if begins <= at <= ends:
        return None
    return f"the certificate holds from {begins:%Y-%m-%dT%H:%MZ} to {ends:%Y-%m-%dT%H:%MZ} only"


def _fault(one: x509.Certificate, *, issues: bool) -> str | None:
    """Return why a certificate can be no authority's, or no signer's."""
    try:
        return next(_faults(one, issues=issues), None)
    except _FAULTS:
        return "its extensions cannot be read"


def _faults(one: x509.Certificate, *, issues: bool) -> Iterator[str]:
    hashing = one.signature_hash_algorithm
    if hashing is not None and hashing.name not in _HASHES:
        yield f"it is signed with {hashing.name}, which is weak"
    if not _is_strong(one.public_key()):
        yield "its key is weak or of a kind that is not read"
    unknown = [item.oid.dotted_string for item in one.extensions if _not_understood(item)]
    if unknown:
        yield f"its extension {unknown[0]} is not understood"
    basic = _value(one, x509.BasicConstraints)
    if (basic is not None and basic.ca) is not issues:
        yield "it is no authority's" if issues else "it is an authority's, not a signer's"
    usage = _value(one, x509.KeyUsage)
    if usage is not None and not (usage.key_cert_sign if issues else usage.digital_signature):
        yield "its key is not for that use"
    extended = _value(one, x509.ExtendedKeyUsage)
    purposes: Iterable[x509.ObjectIdentifier] = extended or ()
    if (extended is not None or not issues) and not any(
        purpose in _SIGNING for purpose in purposes
    ):
        yield "it is not for the signing of code"


def _not_understood(item: x509.Extension[x509.ExtensionType]) -> bool:
    constrains = item.oid == ExtensionOID.NAME_CONSTRAINTS
    return constrains or (item.critical and item.oid not in _UNDERSTOOD)


def _is_strong(key: object) -> bool:
    if isinstance(key, RSAPublicKey):
        return key.key_size >= _LEAST_RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name in _CURVES
    return isinstance(key, Ed25519PublicKey)


def _value(one: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return one.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _issuer(leaf: x509.Certificate) -> str | None:
    """Return who authenticated the holder, as Fulcio writes it in either of its two ways."""
    for oid in (_ISSUER, _ISSUER_OLD):
        try:
            value = leaf.extensions.get_extension_for_oid(oid).value
        except x509.ExtensionNotFound:
            continue
        raw = value.public_bytes()
        if oid == _ISSUER:
            plain = len(raw) > 1 and raw[0] == _UTF8_STRING and raw[1] == len(raw) - 2 < _SHORT_FORM
            raw = raw[2:] if plain else b""
        return raw.decode("utf-8", "replace") or None
    return None
