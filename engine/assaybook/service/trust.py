"""Trust files: read one, and add, list and remove whom it names."""

from assaybook.domain.errors import AuthorError
from assaybook.domain.trust import Trust, TrustedAuthority, TrustedKey, TrustedSigner
from assaybook.language.document_problems import raise_all
from assaybook.language.document_trust import TrustDocument, load_trust
from assaybook.language.source import Source
from assaybook.ledger.public_keys import WeakKeyError, der_of, public_key


def trust_of(source: Source) -> Trust:
    """Return whose signatures count by the text of a trust file.

    Raises:
        AssayError: it is no trust file, or holds a key or certificate that is weak.
    """
    document = load_trust(source)
    raise_all(_weak(document, source))
    return Trust(
        keys=tuple(
            TrustedKey(
                person=one.id,
                name=one.name,
                roles=one.roles,
                key=one.key_bytes,
                valid_from=one.valid_from,
                valid_until=one.valid_until,
            )
            for one in document.persons
        ),
        signers=tuple(
            TrustedSigner(
                id=one.id,
                key=der_of(public_key(one.key_bytes)),
                builders=one.builders,
                valid_from=one.valid_from,
                valid_until=one.valid_until,
            )
            for one in document.signers
        ),
        authorities=_authorities(document) if document.authorities else (),
    )


def _authorities(document: TrustDocument) -> tuple[TrustedAuthority, ...]:
    from cryptography.hazmat.primitives.serialization import Encoding

    from assaybook.ledger.certificates import authority

    return tuple(
        TrustedAuthority(
            id=one.id,
            certificate=authority(one.certificate.encode()).public_bytes(Encoding.DER),
            identities=one.identities,
            issuer=one.issuer,
            builders=one.builders,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
        )
        for one in document.authorities
    )


def _weak(document: TrustDocument, source: Source) -> list[AuthorError]:
    """Return the faults of keys and certificates, each at its place."""
    problems: list[AuthorError] = []
    keys = [
        *(("persons", index, one.key_bytes) for index, one in enumerate(document.persons)),
        *(("signers", index, one.key_bytes) for index, one in enumerate(document.signers)),
    ]
    for section, index, raw in keys:
        try:
            public_key(raw)
        except WeakKeyError as error:
            where = source.where((section, index, "key"))
            problems.append(_refused("trust-key-weak", str(error), where))
    return problems + (_unfit(document, source) if document.authorities else [])


def _unfit(document: TrustDocument, source: Source) -> list[AuthorError]:
    """Return the faults of certificates; most trust files have none, nor need what reads them."""
    from assaybook.ledger.certificates import CertificateError, authority

    problems: list[AuthorError] = []
    for index, one in enumerate(document.authorities):
        try:
            authority(one.certificate.encode())
        except CertificateError as error:
            where = source.where(("authorities", index, "certificate"))
            problems.append(_refused("trust-certificate-refused", str(error), where))
    return problems


def _refused(code: str, why: str, where: str) -> AuthorError:
    hint = "Use Ed25519 or ECDSA (P-256, P-384, P-521), and an authority's own certificate."
    return AuthorError(code, why, where=where, hint=hint)
