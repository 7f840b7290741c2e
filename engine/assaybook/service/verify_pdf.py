"""Reading a pack's PDF back: its one signature and what that covers, its files, its pages' text.

Every byte but the signature's own digits is signed, and those can be written in one way only: the
signature in lower-case hexadecimal digits, zeros up to the end of their place, and nothing else. So
no byte of a pack can change unnoticed. Sources: ISO 32000-2 12.8 and 7.11.4, RFC 5652, ETSI EN 319
142-1 (level B-B).
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from assaybook.domain.errors import OperatorError, SubmitterError

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

_RANGE: Final = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\] *\n")
_END: Final = b"%%EOF\n"
_MOMENT: Final = re.compile(r"D:(\d{14})Z")
_SUB_FILTER: Final = "/ETSI.CAdES.detached"
_ATTRIBUTES: Final = {"content_type", "message_digest", "signing_certificate_v2"}
_MOST_FILES: Final = 64
_UNIVERSAL, _SEQUENCE, _SET, _FIRST = 0, 16, 17, (2, 0)
"""Classes and tags of ASN.1: what a CMS is made of."""
_ECDSA: Final = "1.2.840.10045.4.3.2"
_DATA: Final = "1.2.840.113549.1.7.1"
_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"


@dataclass(frozen=True, slots=True)
class PdfSignature:
    """A signature over every byte of the file but its own digits.

    Attributes:
        certificate: of the key that signed, as DER; the signature is by it.
        digits: what stands in the place that is not signed.
    """

    certificate: bytes
    digits: bytes


@dataclass(frozen=True, slots=True)
class PdfContents:
    """What a reader of PDF finds: the embedded files, and when the signer says it was signed."""

    files: dict[str, bytes]
    signed_at: datetime | None
    document: "PdfFileReader"


def read_signature(raw: bytes) -> PdfSignature | None:
    """Return the signature of a PDF, or None where nobody signed it.

    Raises:
        SubmitterError: ``pdf-not-one``, ``bytes-after-end``, ``signature-two``,
            ``signature-coverage``, ``signature-digits``, ``signature-malformed``,
            ``signature-digest`` or ``signature-broken``.
        OperatorError: ``sign-extra-missing``.
    """
    _need_library()
    if not raw.startswith(b"%PDF-1."):
        raise _broken("pdf-not-one", "byte 0", "it is no PDF")
    if not raw.endswith(_END):
        raise _broken("bytes-after-end", f"byte {len(raw)}", "it does not end where a pack ends")
    ranges = raw.count(b"/ByteRange")
    if ranges == 0:
        return None
    if ranges > 1:
        raise _broken("signature-two", "ByteRange", "it has more than one signature")
    found = _RANGE.search(raw)
    if found is None:
        raise _broken("signature-coverage", "ByteRange", "it is not written as a pack has it")
    start, end, rest = (int(number) for number in found.groups())
    if not 0 < start < end or end + rest != len(raw) or end > found.start():
        message = "the signature does not cover every byte but its own"
        raise _broken("signature-coverage", "ByteRange", message)
    digits = raw[start:end]
    signed = sha256(raw[:start] + raw[end:]).digest()
    return PdfSignature(_checked(digits, signed), digits)


def read_contents(raw: bytes, signature: PdfSignature | None) -> PdfContents:
    """Return the embedded files of a PDF, and when it was signed.

    Raises:
        SubmitterError: ``signature-elsewhere``, the signed field is not the one signature of the
            document; ``attachment-twice``; ``attachments-unreadable``.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    document = PdfFileReader(BytesIO(raw))
    moment = _signed_at(document, signature)
    files: dict[str, bytes] = {}
    for name, data in _embedded(document):
        if name in files:
            raise _broken("attachment-twice", name, "two embedded files have one name")
        files[name] = data
    return PdfContents(files, moment, document)


def _embedded(document: "PdfFileReader") -> list[tuple[str, bytes]]:
    """Return the names and bytes of embedded files, from the one leaf that we write."""
    names = document.root["/Names"]["/EmbeddedFiles"]
    if "/Kids" in names:
        raise _broken("attachments-unreadable", "EmbeddedFiles", "its files are not in one list")
    listed = names["/Names"]
    if len(listed) > 2 * _MOST_FILES:
        raise _broken("attachments-unreadable", "EmbeddedFiles", "it has too many files")
    found: list[tuple[str, bytes]] = []
    for place in range(0, len(listed), 2):
        entry = listed[place + 1]
        name = str(entry["/UF"])
        if str(listed[place]) != name or str(entry["/F"]) != name:
            raise _broken("attachments-unreadable", name[:80], "its names differ")
        data = bytes(entry["/EF"]["/F"].data)
        if any(bytes(entry["/EF"][key].data) != data for key in entry["/EF"]):
            raise _broken("attachment-twice", name, "one name has two contents")
        found.append((name, data))
    return found


def _signed_at(document: "PdfFileReader", signature: PdfSignature | None) -> datetime | None:
    """Return the time that the one signature field claims; None where nothing is signed."""
    listed = document.root["/AcroForm"]["/Fields"]
    fields = [listed[place] for place in range(len(listed))]
    values = [field["/V"] for field in fields if "/V" in field]
    if signature is None:
        if values:
            raise _broken("signature-elsewhere", "AcroForm", "a field is filled, and not signed")
        return None
    if len(fields) != 1 or len(values) != 1 or "/Kids" in fields[0]:
        raise _broken("signature-elsewhere", "AcroForm", "it has other fields than its signature")
    value: Any = values[0]
    contents = bytes.fromhex(signature.digits[1:-1].decode())
    if bytes(value.raw_get("/Contents")) != contents or value["/SubFilter"] != _SUB_FILTER:
        message = "the signature that is checked is not that of the document"
        raise _broken("signature-elsewhere", "AcroForm", message)
    written = _MOMENT.fullmatch(str(value["/M"]))
    if written is None:
        raise _broken("signature-elsewhere", "AcroForm", "its time is not written as a pack has it")
    return datetime.strptime(written[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _checked(digits: bytes, digest: bytes) -> bytes:
    """Return the certificate whose key signed a digest, from the digits of the signature.

    What is written differently from what the same signature, certificate and attributes are when
    we write them is refused: there are bytes in a CMS that nothing signs.
    """
    if re.fullmatch(rb"<[0-9a-f]+>", digits) is None or len(digits) % 2:
        message = "the place of the signature holds other than lower-case hexadecimal digits"
        raise _broken("signature-digits", "Contents", message)
    padded = bytes.fromhex(digits[1:-1].decode())
    if digest not in padded:  # before it is taken apart, which takes ten times as long
        raise _broken("signature-digest", "Contents", "the file was changed after it was signed")
    try:
        certificate, attributes, signature, rebuilt = _taken_apart(padded)
    except Exception as error:  # whatever the library meets in the bytes of a stranger
        raise _broken("signature-malformed", "Contents", "it is no signature") from error
    if padded != rebuilt.ljust(len(padded), b"\x00"):
        message = "it is not written in the one way that it can be"
        raise _broken("signature-malformed", "Contents", message)
    if attributes["digest"] != digest:
        raise _broken("signature-malformed", "Contents", "it is of another digest of the file")
    if attributes["certificate"] != sha256(certificate).digest():
        raise _broken("signature-malformed", "Contents", "it is bound to another certificate")
    if not _is_by(certificate, attributes["signed"], signature):
        raise _broken("signature-broken", "Contents", "it is not by the key of its certificate")
    return certificate


def _taken_apart(padded: bytes) -> tuple[bytes, dict[str, bytes], bytes, bytes]:
    """Return certificate, attributes, signature, and the whole as it is written from these."""
    from asn1crypto import cms, tsp  # type: ignore[import-untyped]

    data = cms.ContentInfo.load(padded)["content"]
    (signer,) = data["signer_infos"]
    (certificate,) = (one.chosen for one in data["certificates"])
    signature = signer["signature"].native
    attributes: dict[str, bytes] = {}
    for one in signer["signed_attrs"]:
        (value,) = one["values"]
        attributes[one["type"].native] = value.dump()
    if attributes.keys() != _ATTRIBUTES:
        message = "it has other attributes than a pack's"
        raise ValueError(message)
    named = tsp.SigningCertificateV2.load(attributes["signing_certificate_v2"])
    (certified,) = named["certs"]
    found = {
        "certificate": certified["cert_hash"].native,
        "digest": cms.OctetString.load(attributes["message_digest"]).native,
        "signed": signer["signed_attrs"].untag().dump(),
    }
    rebuilt = _rebuilt(certificate, signer["signed_attrs"].contents, signature)
    return certificate.dump(), found, signature, rebuilt


def _rebuilt(certificate: Any, attributes: bytes, signature: bytes) -> bytes:  # noqa: ANN401
    """Return the CMS as it is written for a certificate, attributes and a signature over them."""
    from asn1crypto import cms, core
    from asn1crypto.parser import emit  # type: ignore[import-untyped]

    def together(*parts: bytes, kind: tuple[int, int] = (_UNIVERSAL, _SEQUENCE)) -> bytes:
        built: bytes = emit(kind[0], 1, kind[1], b"".join(parts))
        return built

    one = core.Integer(1).dump()
    digest = cms.DigestAlgorithm({"algorithm": "sha256"}).dump()
    described = certificate["tbs_certificate"]
    signer = together(
        one,
        together(described["issuer"].dump(), described["serial_number"].dump()),
        digest,
        together(attributes, kind=_FIRST),
        together(core.ObjectIdentifier(_ECDSA).dump()),
        core.OctetString(signature).dump(),
    )
    content = together(
        one,
        together(digest, kind=(_UNIVERSAL, _SET)),
        together(core.ObjectIdentifier(_DATA).dump()),
        together(certificate.dump(), kind=_FIRST),
        together(signer, kind=(_UNIVERSAL, _SET)),
    )
    return together(core.ObjectIdentifier(_SIGNED_DATA).dump(), together(content, kind=_FIRST))


def _is_by(certificate: bytes, signed: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import (
        ECDSA,
        SECP256R1,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_der_x509_certificate

    key = load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return False
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _need_library() -> None:
    if find_spec("pyhanko") is None:
        raise OperatorError(
            "sign-extra-missing",
            "the library that reads signed PDFs is not installed",
            where="assay verify",
            hint="pip install 'assaybook[sign]', or use tools/verify_pack.py",
        )


def _broken(code: str, where: str, message: str) -> SubmitterError:
    return SubmitterError(code, message, where=where)
