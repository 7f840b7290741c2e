"""Who signed an envelope, bare or in a Sigstore bundle: by trusted keys and authorities alone.

Entries of transparency logs and time stamps are not checked, so the time of a signature is not
known: a key or certificate must count when the document was received.
Source: DSSE protocol 1.0, Sigstore bundle 0.1 to 0.3.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from cryptography.exceptions import UnsupportedAlgorithm

from assaybook.domain.record import record
from assaybook.domain.trust import Trust, TrustedAuthority, TrustedSigner
from assaybook.ledger.dsse import pae
from assaybook.ledger.public_keys import (
    PublicKey,
    WeakKeyError,
    der_of,
    names_of,
    public_key,
    signed_by,
    strong,
)

if TYPE_CHECKING:
    # Most envelopes come without a certificate, and reading one loads a quarter of a check's start.
    from cryptography.x509 import Certificate

_MOST_SIGNATURES: Final = 32
_MOST_CERTIFICATES: Final = 8
_END: Final = "-----END CERTIFICATE-----"


@record
class Signing:
    """What is known of the signatures of one envelope.

    Attributes:
        state: ``verified`` by somebody who is trusted; ``invalid`` where a signature is none of
            the key that it names; ``unknown`` where nobody who is trusted is asked.
        why: the reason, where it is not verified.
        signers: who signed, sorted.
        builders: for which builders these may sign provenance.
    """

    state: Literal["verified", "invalid", "unknown"]
    why: str = ""
    signers: tuple[str, ...] = ()
    builders: frozenset[str] = frozenset()


@record
class _Signature:
    raw: bytes
    keyid: str
    certificates: tuple["Certificate", ...]


def signing_of(
    bundle: Mapping[str, Any], envelope: Mapping[str, Any], trust: Trust, at: datetime
) -> Signing:
    """Say who signed an envelope.

    Args:
        bundle: what the envelope came in; the envelope itself where it is bare.
        envelope: payload, payloadType and signatures.
        trust: whose signatures count.
        at: when the document was received.
    """
    try:
        message = pae(str(envelope["payloadType"]), _base64(envelope["payload"]))
        material = _mapping(bundle.get("verificationMaterial"))
        signatures = tuple(_signatures(envelope, material))
        own = _own_key(material)
        hint = str(_mapping(material.get("publicKey")).get("hint") or "")
    except (KeyError, ValueError, TypeError) as error:
        return Signing("invalid", f"the envelope cannot be read: {_said(error)}")
    if not signatures:
        return Signing("invalid", "nobody has signed it")
    found = tuple(_by_key(signatures, message, signers_of(trust), at))
    found += tuple(_by_authority(signatures, message, trust.authorities, at))
    verified = [one for one in found if one.state == "verified"]
    if verified:
        names = {name for one in verified for name in one.signers}
        builders = frozenset[str]().union(*(one.builders for one in verified))
        return Signing("verified", signers=tuple(sorted(names)), builders=builders)
    fault = _contradiction(signatures, message, own) or _misnamed(
        signatures, message, hint, signers_of(trust)
    )
    if fault is not None:
        return Signing("invalid", fault)
    whys = [one.why for one in found] or ["no key or authority that is trusted has signed it"]
    return Signing("unknown", "; ".join(dict.fromkeys(whys)))


def signers_of(trust: Trust) -> tuple[TrustedSigner, ...]:
    """Return all keys that may sign evidence; the key of a person is one of them."""
    persons = (
        TrustedSigner(
            id=one.person,
            key=der_of(public_key(one.key)),
            valid_from=one.valid_from,
            valid_until=one.valid_until,
        )
        for one in trust.keys
        if _is_usable(one.key)
    )
    return (*trust.signers, *persons)


def _is_usable(raw: bytes) -> bool:
    try:
        public_key(raw)
    except WeakKeyError:
        return False
    return True


def _by_key(
    signatures: Sequence[_Signature],
    message: bytes,
    signers: Sequence[TrustedSigner],
    at: datetime,
) -> Iterator[Signing]:
    for one in signers:
        key = public_key(one.key)
        if not any(signed_by(key, signature.raw, message) for signature in signatures):
            continue
        if one.counts_at(at):
            yield Signing("verified", signers=(one.id,), builders=frozenset(one.builders))
        else:
            yield Signing("unknown", f"the key of {one.id} did not count when it was received")


def _by_authority(
    signatures: Sequence[_Signature],
    message: bytes,
    authorities: Sequence[TrustedAuthority],
    at: datetime,
) -> Iterator[Signing]:
    for signature in signatures:
        if not signature.certificates:
            continue
        leaf, *others = signature.certificates
        key = _key_of(leaf)
        if key is None or not signed_by(key, signature.raw, message):
            continue
        for one in authorities:
            yield _judged(leaf, others, one, at)


def _judged(
    leaf: "Certificate",
    others: Sequence["Certificate"],
    authority: TrustedAuthority,
    at: datetime,
) -> Signing:
    """Judge a certificate, whose key has signed, by one authority."""
    from assaybook.ledger.certificates import CertificateError, certificate, chain_fault, holder_of

    try:
        fault = chain_fault(leaf, others, certificate(authority.certificate), at)
        holder = holder_of(leaf)
    except CertificateError as error:
        return Signing("unknown", f"{authority.id}: {error}")
    if fault is not None:
        return Signing("unknown", f"{authority.id}: {fault}")
    if not authority.counts_at(at):
        return Signing("unknown", f"{authority.id} did not count when it was received")
    expected = sorted(set(holder.identities) & set(authority.identities))
    if not expected:
        named = ", ".join(holder.identities) or "nobody"
        return Signing("unknown", f"{authority.id}: the certificate names {named}"[:500])
    if authority.issuer is not None and holder.issuer != authority.issuer:
        return Signing("unknown", f"{authority.id}: {holder.issuer} authenticated the signer"[:500])
    return Signing("verified", signers=tuple(expected), builders=frozenset(authority.builders))


def _contradiction(
    signatures: Sequence[_Signature], message: bytes, own: PublicKey | None
) -> str | None:
    """Return how a signature contradicts the key or certificate that came with it."""
    if own is not None and not any(signed_by(own, one.raw, message) for one in signatures):
        return "no signature is of the key that came with it"
    for one in signatures:
        key = _key_of(one.certificates[0]) if one.certificates else None
        if key is not None and not signed_by(key, one.raw, message):
            return "a signature is not of the certificate that came with it"
    return None


def _misnamed(
    signatures: Sequence[_Signature],
    message: bytes,
    hint: str,
    signers: Sequence[TrustedSigner],
) -> str | None:
    """Return whose key an envelope names that has not signed it."""
    for one in signers:
        key = public_key(one.key)
        names = {one.id, *names_of(key)}
        for signature in signatures:
            named = {signature.keyid.removeprefix("sha256:"), hint.removeprefix("sha256:")}
            if named & names and not signed_by(key, signature.raw, message):
                return f"it names the key of {one.id}, which has not signed it"
    return None


def _signatures(envelope: Mapping[str, Any], material: Mapping[str, Any]) -> Iterator[_Signature]:
    signatures = _listed(envelope["signatures"])
    if len(signatures) > _MOST_SIGNATURES:
        message = f"it has more than {_MOST_SIGNATURES} signatures"
        raise ValueError(message)
    chain = tuple(_chain(material))
    for one in signatures:
        said = _mapping(one)
        pem = str(said.get("cert") or "")
        mine = tuple(_pem_chain(pem)) or (chain if len(signatures) == 1 else ())
        yield _Signature(_base64(said.get("sig")), str(said.get("keyid") or ""), mine)


def _chain(material: Mapping[str, Any]) -> Iterator["Certificate"]:
    """Yield the certificates of a bundle, the signer's first."""
    single = material.get("certificate")
    several = _listed(_mapping(material.get("x509CertificateChain")).get("certificates"))
    for one in [*([single] if single else []), *several][:_MOST_CERTIFICATES]:
        yield _certificate(_base64(_mapping(one).get("rawBytes")))


def _pem_chain(text: str) -> Iterator["Certificate"]:
    parts = text.split(_END)[:-1]
    for part in parts[:_MOST_CERTIFICATES]:
        yield _certificate(f"{part}{_END}\n".encode())


def _certificate(raw: bytes) -> "Certificate":
    from assaybook.ledger.certificates import certificate

    return certificate(raw)


def _own_key(material: Mapping[str, Any]) -> PublicKey | None:
    raw = _mapping(material.get("publicKey")).get("rawBytes")
    if not raw:
        return None
    try:
        return public_key(_base64(raw))
    except WeakKeyError:
        return None


def _key_of(one: "Certificate") -> PublicKey | None:
    try:
        return strong(one.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _base64(value: object) -> bytes:
    """Return the bytes of base64 in its standard or its URL form, padded or not.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str):
        message = "a part is no text"
        raise ValueError(message)  # noqa: TRY004 - as every other fault of an envelope
    try:
        padded = value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4)
        return base64.b64decode(padded, validate=True)
    except binascii.Error as error:
        message = "a part is no base64"
        raise ValueError(message) from error


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list):
        return []
    found: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    return found


def _said(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
