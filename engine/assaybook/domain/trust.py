"""Whose signatures count: persons with their roles, other signers, and authorities."""

from datetime import datetime

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant


class _Counting(Frozen):
    """Something that counts in a half-open time; without bounds always."""

    valid_from: Instant | None = None
    valid_until: Instant | None = None

    def counts_at(self, instant: datetime) -> bool:
        """Tell whether a signature of an instant counts."""
        begun = self.valid_from is None or self.valid_from <= instant
        return begun and (self.valid_until is None or instant < self.valid_until)


class TrustedKey(_Counting):
    """One key of a person: 32 bytes of Ed25519, and the half-open time in which it counts."""

    person: str
    name: str
    roles: tuple[str, ...]
    key: bytes = Field(min_length=32, max_length=32)


class TrustedSigner(_Counting):
    """A key that signs evidence: a pipeline's, a builder's or a vendor's.

    Attributes:
        id: who holds the key.
        key: public key as DER (SubjectPublicKeyInfo): Ed25519, or ECDSA on P-256, P-384 or P-521.
        builders: ids of builders for which it may sign provenance; only then is a signed
            provenance ``verified``.
    """

    id: str
    key: bytes
    builders: tuple[str, ...] = ()


class TrustedAuthority(_Counting):
    """A certificate authority, and whose certificates of it are expected.

    Attributes:
        id: what it is called.
        certificate: its own certificate as DER.
        identities: e-mail addresses or URIs, one of which a certificate must name, exactly.
        issuer: who must have authenticated the signer, where the authority writes that down.
        builders: as for a signer.
    """

    id: str
    certificate: bytes
    identities: tuple[str, ...] = Field(min_length=1)
    issuer: str | None = None
    builders: tuple[str, ...] = ()


class Trust(Frozen):
    """The keys that count; without any nobody's signature does."""

    keys: tuple[TrustedKey, ...] = ()
    signers: tuple[TrustedSigner, ...] = ()
    authorities: tuple[TrustedAuthority, ...] = ()

    def holders(self) -> dict[bytes, str]:
        """Return each key of a person with the person who holds it."""
        return {one.key: one.person for one in self.keys}

    def roles_at(self, person: str, instant: datetime) -> frozenset[str]:
        """Return the roles of a person whose key counts at an instant."""
        mine = [one for one in self.keys if one.person == person and one.counts_at(instant)]
        return frozenset(role for one in mine for role in one.roles)
