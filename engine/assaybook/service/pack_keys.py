"""The keys that an audit pack is signed with, and the root that says what they may sign."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaybook.ledger.root import Root


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under the id that the root has for it."""

    id: str
    key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class ReportSigner:
    """The private key of PDF signatures, with its certificate as DER."""

    id: str
    key: EllipticCurvePrivateKey
    certificate: bytes


@dataclass(frozen=True, slots=True)
class PackKeys:
    """One key for each thing that is signed: the log's state, the manifest, the PDF."""

    root: Root
    checkpoint: Signer
    statement: Signer
    report: ReportSigner
