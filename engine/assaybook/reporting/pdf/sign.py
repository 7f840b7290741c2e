"""A PAdES signature (ETSI EN 319 142-1, level B-B) in the field that every pack has ready.

It certifies the pack: a viewer says so, and reports any later change. What an auditor must believe
is the signed manifest under the checkpoint; this signature is for those who only open the file.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import asyncio
from datetime import datetime
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Final

from assaybook.domain.errors import OperatorError
from assaybook.reporting.pdf.archive import SIGNATURE_FIELD

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSigner

__all__ = ["sign_pdf"]

_ROOM: Final = 4_096
"""Hexadecimal digits kept for the signature; ours with its certificate takes about 1,400."""
_TRIES: Final = 16
_AMBIGUOUS: Final = b"\r\nendstream"
"""A stream whose last byte is 13 before one line end: readers disagree how long it is."""
_WHERE: Final = "the signature of the pack"


def sign_pdf(
    pdf: bytes,
    *,
    certificate: "Certificate",
    key: "EllipticCurvePrivateKey",
    signed_at: datetime,
    reason: str,
) -> bytes:
    """Return the pack with its signature filled in, and nothing else changed.

    The bytes given are the first bytes of those returned, so every digest of the unsigned pack can
    still be taken. Every byte but the signature's own hexadecimal digits is signed; those are in
    lower case and end in zeros, and nothing follows.

    Args:
        pdf: what ``write_pdf`` made.
        certificate: the X.509 certificate of ``key``.
        key: the report key, on the curve P-256.
        signed_at: an aware instant, as the signer claims it.
        reason: why it is signed, as viewers show it.

    Raises:
        OperatorError: ``sign-extra-missing``, or ``pdf-not-signable`` where the bytes are no pack
            with an empty signature field, or the certificate is not that of the key.
    """
    if find_spec("pyhanko") is None:
        raise OperatorError(
            "sign-extra-missing",
            "the library that signs PDFs is not installed",
            where=_WHERE,
            hint="pip install 'assaybook[sign]'",
        )
    if certificate.public_key() != key.public_key():
        raise _not_signable("the certificate is not that of the key")
    signer = _signer(certificate, key, reason)
    for more in range(_TRIES):
        made = asyncio.run(_signed(pdf, signer, signed_at, _ROOM + 2 * more))
        if _AMBIGUOUS not in made[len(pdf) :]:
            return made
    raise _not_signable("the end of the file stays ambiguous")


def _not_signable(why: str) -> OperatorError:
    return OperatorError(
        "pdf-not-signable",
        why,
        where=_WHERE,
        hint="Sign a pack as `assay pack build` writes it, once, with the report key of root.json.",
    )


def _signer(certificate: "Certificate", key: "EllipticCurvePrivateKey", reason: str) -> "PdfSigner":
    """Return what signs: our key, certifying, with no change allowed afterwards."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256
    from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer

    class ReportKey(Signer):
        async def async_sign_raw(
            self,
            data: bytes,
            digest_algorithm: str,
            dry_run: bool = False,  # noqa: FBT001, FBT002 - as the library calls it
        ) -> bytes:
            """Return the signature of the signed attributes."""
            del digest_algorithm, dry_run
            return key.sign(data, ECDSA(SHA256()))

    signer = ReportKey(signing_cert=translate_pyca_cryptography_cert_to_asn1(certificate))
    about = PdfSignatureMetadata(
        field_name=SIGNATURE_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason,
    )
    return PdfSigner(about, signer)


async def _signed(pdf: bytes, signer: "PdfSigner", signed_at: datetime, room: int) -> bytes:
    """Append the signature as one incremental update, dated as told."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    made = BytesIO()
    try:
        session = signer.init_signing_session(_writer(pdf), existing_fields_only=True)
        session.system_time = signed_at
        document = session.prepare_tbs_document(None, bytes_reserved=room)
        digest, _ = document.digest_tbs_document(output=made)
        await document.perform_signature(digest.document_digest, PdfCMSSignedAttributes())
    except (PdfError, SigningError) as error:
        raise _not_signable(str(error)) from error
    start, end = digest.reserved_region_start, digest.reserved_region_end
    whole = made.getvalue()
    return whole[:start] + whole[start:end].lower() + whole[end:]


def _writer(pdf: bytes) -> "IncrementalPdfFileWriter":
    """Return a writer that adds a signature and nothing else.

    pyHanko 0.38 would write the metadata anew, compressed and without the description that PDF/A
    wants, and would call the file PDF 2.0, which PDF/A-3 is not.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Sparing(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            """Leave the metadata as they are."""

        def ensure_output_version(self, version: object) -> None:
            """Leave the version as it is."""

        def register_extension(self, ext: object) -> None:
            """Name no extension of PDF 2.0."""

    return Sparing(BytesIO(pdf))
