"""A pack as an archive and as a signed file: standards, attachments, determinism, signature."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import page
import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from assaybook.domain import attachment as names
from assaybook.domain.attachment import Attachment
from assaybook.domain.errors import OperatorError
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from assaybook.reporting.pdf import PdfLimits, write_pdf
from assaybook.reporting.pdf.sign import sign_pdf
from support.pack_documents import AS_OF, documents
from support.pack_findings import findings
from support.packs import a_source_of

pytestmark = pytest.mark.slow

BOTH = (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1)
PROFILES = {
    "PDF/A-2a": page.ValidationProfile.PDF_A_2A,
    "PDF/A-3b": page.ValidationProfile.PDF_A_3B,
    "PDF/UA-1": page.ValidationProfile.PDF_UA_1,
}
ATTACHED = (
    Attachment(
        name=names.FINDINGS,
        media_type=names.JSON_TYPE,
        relationship="Data",
        description="What the pages show, as JSON (RFC 8785)",
        data=b'{"findings":[]}' * 500,
    ),
    Attachment(
        name=names.BUNDLE,
        media_type=names.JSON_TYPE,
        relationship="Source",
        description="Policies, catalogs and scope \u2013 what it was judged by",
        data=bytes(range(256)),
    ),
    Attachment(
        name=names.CHECKPOINT,
        media_type=names.NOTE_TYPE,
        relationship="Supplement",
        description="The signed state of the log (unbalanced \\ ( here)",
        data=b"",
    ),
    Attachment(
        name=names.MANIFEST,
        media_type=names.DSSE_TYPE,
        relationship="Data",
        description="Names and digests of all other files, signed",
        data=b'{"payloadType":"application/vnd.in-toto+json"}',
    ),
)


@dataclass(frozen=True)
class Signer:
    """A report key with the certificate of itself."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def sign(self, pdf: bytes) -> bytes:
        return sign_pdf(
            pdf,
            certificate=self.certificate,
            key=self.key,
            signed_at=AS_OF + timedelta(hours=1),
            reason="Audit pack as built",
        )


def a_signer() -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Report key of a test")])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7).not_valid_before(AS_OF)
    made = builder.not_valid_after(AS_OF + timedelta(days=365)).add_extension(usage, critical=True)
    return Signer(key, made.sign(key, hashes.SHA256()))


SMALL = a_source_of(*findings(documents())[:3], evidence=documents()[:2])


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("archive") / "pack.pdf"
    html = render_html(build_pack(SMALL))
    write_pdf(html, target, limits=PdfLimits(), attachments=ATTACHED)
    return target.read_bytes()


@pytest.fixture(scope="module")
def signer() -> Signer:
    return a_signer()


@pytest.fixture(scope="module")
def signed(unsigned: bytes, signer: Signer) -> bytes:
    return signer.sign(unsigned)


@pytest.fixture
def opened(unsigned: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(BytesIO(unsigned)) as document:
        yield document


def faults(pdf: bytes, profile: page.ValidationProfile) -> list[str]:
    report = page.validate_pdf_bytes(pdf, profile=profile)
    assert report.is_compliant is (not report.failures)
    return [f"{each.rule_id}: {each.message}" for each in report.failures]


@pytest.mark.parametrize("profile", BOTH, ids=["PDF/A-3a", "PDF/UA-1"])
def test_a_pack_follows_both_standards_before_and_after_signing(
    unsigned: bytes, signed: bytes, profile: page.ValidationProfile
) -> None:
    assert faults(unsigned, profile) == []
    assert faults(signed, profile) == []


def test_the_checker_itself_tells_good_files_from_bad_ones(vectors: Path) -> None:
    folder = vectors / "pdf-conformance"
    labelled = json.loads((folder / "manifest.json").read_text())
    wrong = [
        each["file"]
        for each in labelled
        if (faults((folder / each["file"]).read_bytes(), PROFILES[each["profile"]]) == [])
        is not (each["expect"] == "pass")
    ]
    assert len(labelled) >= 20
    assert wrong == []


def test_the_metadata_name_both_standards_and_are_not_compressed(opened: pikepdf.Pdf) -> None:
    metadata = opened.Root.Metadata
    assert "/Filter" not in metadata
    text = metadata.read_raw_bytes().decode()
    assert 'pdfaid:part="3"' in text
    assert 'pdfaid:conformance="A"' in text
    assert 'pdfuaid:part="1"' in text
    assert text.count("<rdf:RDF") == text.count("</rdf:RDF>") == 1


def test_each_attachment_comes_back_as_it_was_given(opened: pikepdf.Pdf) -> None:
    assert sorted(opened.attachments) == sorted(each.name for each in ATTACHED)
    for given in ATTACHED:
        found = opened.attachments[given.name]
        file = found.get_file()
        assert hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(given.data).digest()
        assert file.md5 == hashlib.md5(given.data, usedforsecurity=False).digest()
        assert file.size == len(given.data)
        assert file.mime_type == given.media_type
        assert found.description == given.description
        assert str(found.obj.AFRelationship) == f"/{given.relationship}"
        assert str(found.obj.F) == str(found.obj.UF) == given.name


def test_each_attachment_belongs_to_the_whole_document_and_has_its_date(
    opened: pikepdf.Pdf,
) -> None:
    listed = [str(each.UF) for each in opened.Root.AF]
    assert listed == [each.name for each in ATTACHED]
    dates = {str(each.EF.F.Params.ModDate) for each in opened.Root.AF}
    assert dates == {str(opened.docinfo["/ModDate"])}


def test_the_names_of_attachments_are_sorted_as_a_name_tree_wants(opened: pikepdf.Pdf) -> None:
    held = [str(each) for each in list(opened.Root.Names.EmbeddedFiles.Names)[::2]]
    assert held == sorted(held)


def test_two_attachments_of_one_name_are_a_defect(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one name"):
        write_pdf("x", tmp_path / "x.pdf", limits=PdfLimits(), attachments=ATTACHED[:1] * 2)


def test_same_pack_and_attachments_same_bytes_whatever_zone_seed_and_locale(
    unsigned: bytes, tmp_path: Path
) -> None:
    target = tmp_path / "again.pdf"
    program = (
        "import sys\nfrom pathlib import Path\nsys.path[:0] = sys.argv[2:]\n"
        "import test_pdf_archive as told\n"
        "html = told.render_html(told.build_pack(told.SMALL))\n"
        "told.write_pdf(html, Path(sys.argv[1]), limits=told.PdfLimits(),\n"
        "    attachments=told.ATTACHED)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(target), str(Path(__file__).parent), *sys.path],
        check=True,
        env={
            "TZ": "Pacific/Kiritimati",
            "LANG": "tr_TR.UTF-8",
            "PYTHONHASHSEED": "4711",
            "PATH": os.environ["PATH"],
        },
    )
    assert target.read_bytes() == unsigned


def test_the_signature_field_is_ready_and_said_to_screen_readers(opened: pikepdf.Pdf) -> None:
    (field,) = opened.Root.AcroForm.Fields
    assert str(field.FT) == "/Sig"
    assert "/V" not in field
    assert str(field.TU) == "Signature of the audit pack"
    assert str(opened.pages[0].Tabs) == "/S"
    numbers = list(opened.Root.StructTreeRoot.ParentTree.Nums)
    form = numbers[2 * int(field.StructParent) + 1]
    assert numbers[2 * int(field.StructParent)] == field.StructParent
    assert str(form.S) == "/Form"
    assert str(form.Alt) == "Signature of the audit pack"
    assert form.K[0].Obj.objgen == field.objgen


def the_signature(pdf: bytes) -> tuple[PdfFileReader, list[int], int, int]:
    """Return the reader, the byte range, and where the hexadecimal digits begin and end."""
    reader = PdfFileReader(BytesIO(pdf))
    (embedded,) = reader.embedded_signatures
    covered: list[int] = list(embedded.sig_object["/ByteRange"])
    return reader, covered, covered[1], covered[2]


def test_the_signature_is_valid_certifies_and_allows_no_change(
    signed: bytes, signer: Signer
) -> None:
    reader, *_ = the_signature(signed)
    (embedded,) = reader.embedded_signatures
    trusted = ValidationContext(
        trust_roots=[embedded.signer_cert], moment=AS_OF + timedelta(days=1), allow_fetching=False
    )
    status = validate_pdf_signature(embedded, trusted)
    assert status.bottom_line
    assert status.trusted
    assert "ENTIRE_FILE" in str(status.coverage)
    assert embedded.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert embedded.signer_cert.dump() == signer.certificate.public_bytes(Encoding.DER)
    assert status.docmdp_ok
    assert embedded.docmdp_level is not None
    assert embedded.docmdp_level.name == "NO_CHANGES"


def test_the_signature_says_the_instant_that_it_was_told(signed: bytes) -> None:
    reader, *_ = the_signature(signed)
    (embedded,) = reader.embedded_signatures
    assert embedded.sig_object["/M"] == "D:20261001010000Z"
    assert embedded.sig_object["/Reason"] == "Audit pack as built"
    attributes = [each["type"].native for each in embedded.signer_info["signed_attrs"]]
    assert sorted(attributes) == ["content_type", "message_digest", "signing_certificate_v2"]


def test_signing_adds_to_the_pack_and_changes_none_of_its_bytes(
    unsigned: bytes, signed: bytes
) -> None:
    assert signed.startswith(unsigned)
    added = signed.removeprefix(unsigned)
    assert b"/Type /Metadata" not in added
    assert b"/Version" not in added
    assert len(added) < 8_000


def test_every_byte_outside_the_signed_range_is_fixed(signed: bytes) -> None:
    _, covered, start, end = the_signature(signed)
    assert covered == [0, start, end, len(signed) - end]
    outside = signed[start:end]
    assert outside[:1] + outside[-1:] == b"<>"
    digits = outside[1:-1]
    assert set(digits) <= set(b"0123456789abcdef")
    padding = digits[2 * (4 + int.from_bytes(bytes.fromhex(digits[4:8].decode()))) :]
    assert padding
    assert set(padding) == {ord("0")}
    assert signed.endswith(b"%%EOF\n")


def test_attachments_are_the_same_in_a_signed_pack(signed: bytes) -> None:
    with pikepdf.open(BytesIO(signed)) as document:
        for given in ATTACHED:
            assert document.attachments[given.name].get_file().read_bytes() == given.data


@pytest.mark.parametrize("tool", ["pdfsig", "qpdf"])
def test_other_tools_find_the_signed_pack_sound(tool: str, signed: bytes, tmp_path: Path) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed: no second opinion on the signed pack")
    target = tmp_path / "signed.pdf"
    target.write_bytes(signed)
    options = ("--check",) if tool == "qpdf" else ("-nocert",)
    done = subprocess.run([tool, *options, str(target)], capture_output=True, check=False)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0
    words = ("Signature is Valid", "Total document signed") if tool == "pdfsig" else ("No syntax",)
    assert all(each in said for each in words)


def test_what_is_no_pack_or_is_signed_already_is_not_signed(
    unsigned: bytes, signed: bytes, signer: Signer
) -> None:
    with pikepdf.open(BytesIO(unsigned)) as document:
        document.Root.AcroForm.Fields[0].T = pikepdf.String("AnotherField")
        document.save(without := BytesIO())
    hopeless = {
        "nothing": b"",
        "words": b"%PDF-1.7\nwords",
        "half a pack": unsigned[: len(unsigned) // 2],
        "no field of a pack": without.getvalue(),
        "signed": signed,
    }
    for what, given in hopeless.items():
        with pytest.raises(OperatorError) as caught:
            signer.sign(given)
        assert (what, caught.value.code) == (what, "pdf-not-signable")


def test_a_certificate_of_another_key_signs_nothing(unsigned: bytes, signer: Signer) -> None:
    with pytest.raises(OperatorError, match="not that of the key"):
        Signer(a_signer().key, signer.certificate).sign(unsigned)


def test_without_the_extra_the_command_that_installs_it_is_said(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str) -> None:
        assert name == "pyhanko"

    monkeypatch.setattr("assaybook.reporting.pdf.sign.find_spec", nothing)
    with pytest.raises(OperatorError) as caught:
        signer.sign(b"")
    assert caught.value.code == "sign-extra-missing"
    assert caught.value.hint == "pip install 'assaybook[sign]'"
