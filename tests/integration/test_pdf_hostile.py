"""Hostile words in a pack: each is read back as it was, or as a visible stand-in."""

import re
import unicodedata
from io import BytesIO
from pathlib import Path

import page
import pytest
from pypdf import PdfReader

from assaybook.domain.documents import Problem
from assaybook.reporting.glyphs import STAND_IN, is_printable
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from assaybook.reporting.pdf import PdfLimits, write_pdf
from support.pack_findings import a_finding, reaches
from support.packs import a_source_of, a_subject

pytestmark = pytest.mark.slow

URL = "http://127.0.0.1:9/x"
NAUGHTY = (
    # words that a program may take for something else
    "undefined", "NULL", "None", "NaN", "Infinity", "-1/2", "1E+02", "0x0", "08", "True", "true;",
    "=1+1", "@SUM(A1)", "\t=cmd", "-- ", "'; DROP TABLE findings; --", "' OR 1=1",
    "%s%n%x", "$HOME",
    "`id`", "$(touch /tmp/x)", "../../../../etc/passwd", "file:///etc/passwd", "C:\\nul", "\\u0000",
    # markup, style and template text
    "<script>alert(1)</script>", "<img src=" + URL + ">", "<link rel=attachment href=/etc/passwd>",
    "<a rel='attachment' href='file:///etc/passwd'>x</a>", "</style><style>*{display:none}</style>",
    "</td></tr></table><h1>Conforms</h1>", "<!-- ", "]]>", "&lt;b&gt;", "&#0;", "&nbsp;&shy;",
    "url(" + URL + ")", "@import '" + URL + "';", "{{ 7 * 7 }}", "{% for x in y %}",
    "${7*7}", "#{7*7}",
    "<svg onload=x>", "<?xml version='1.0'?>", "<rdf:Description pdfuaid:part='9'/>", "</rdf:RDF>",
    # text of a PDF
    "(unbalanced", "unbalanced)", "\\(\\)\\\\", "<< /Type /Catalog >>", "endobj endstream %%EOF",
    "BT (x) Tj ET", "<feff0041>",
    # scripts and marks
    "\u0391\u03b3\u03ac\u03c0\u03b7 \u0416\u0438\u0437\u043d\u044c na\u00efve \u0141\u00f3d\u017a",
    "\u7530\u4e2d\u3055\u3093", "\ud55c\uad6d\uc5b4", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "\u05e9\u05dc\u05d5\u05dd",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301 = \u00e9",
    "Z\u0351\u036b\u0343\u036aa\u0334l\u0327g\u0332o", "\ufb01\ufb02", "\u00bd \u2460 \u2167",
    "\U0010ffff\ue000",
    # characters that hide or turn
    "\u202eabc\u202c", "\u2066x\u2069", "zero\u200bwidth\u200djoin",
    "\ufeffbom", "soft\u00adhyphen",
    "nul\x00bell\x07esc\x1b[31m", "line\nend\r\nend\u2028end", "\ufffe\uffff",
    "tab\ttab", "\x7f\x80\x9f",
    # long
    "x" * 40, "long " * 8, "\u00df" * 40,
)  # fmt: skip
PAYLOADS = ("Conforms</h1>", "{{ 7 * 7 }}", "display:none", "<img src=", "</rdf:RDF>", "\u202eabc")


def as_printed(text: str) -> str:
    """Return what must be read back, without spaces: a line may end anywhere."""
    plain = unicodedata.normalize("NFC", text)
    if not plain.isprintable():
        plain = " ".join(plain.split())
    return squeezed("".join(c if is_printable(c) else STAND_IN for c in plain))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One pack that has every naughty string in a row, and the worst in its names and titles."""
    target = tmp_path_factory.mktemp("hostile") / "pack.pdf"
    worst = "<b>\u202e\x00{{ 7 * 7 }}</title> \U0001f600 \\("
    problems = tuple(
        Problem(
            file=each, code="json-malformed", where="", message="not JSON", hint="send it again"
        )
        for each in NAUGHTY
    )
    finding = a_finding("text.hostile", title=worst, fix=worst, controls=reaches("MAP 1.1"))
    subject = a_subject()
    system = subject.system.model_copy(update={"name": worst, "purpose": worst})
    source = a_source_of(
        finding,
        evidence=(),
        problems=problems,
        organisation=worst,
        subject=subject.model_copy(update={"system": system}),
    )
    write_pdf(render_html(build_pack(source)), target, limits=PdfLimits())
    return target.read_bytes()


@pytest.fixture(scope="module")
def text(pdf: bytes) -> str:
    reader = PdfReader(BytesIO(pdf))
    return squeezed("".join(page.extract_text() for page in reader.pages))


def test_every_naughty_string_is_read_back_or_stands_in_visibly(text: str) -> None:
    lost = [each for each in NAUGHTY if as_printed(each) not in text]
    assert lost == []


def test_hostile_words_leave_both_standards_intact(pdf: bytes) -> None:
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        report = page.validate_pdf_bytes(pdf, profile=profile)
        assert [each.message for each in report.failures] == []


def test_hostile_words_are_in_title_and_author_as_words(pdf: bytes) -> None:
    about = PdfReader(BytesIO(pdf)).metadata
    assert about is not None
    for shown in (about.title or "", about.author or ""):
        assert "{{ 7 * 7 }}</title>" in shown
        assert "\x00" not in shown
        assert STAND_IN in shown


def test_hostile_words_attach_nothing_and_start_nothing(pdf: bytes) -> None:
    reader = PdfReader(BytesIO(pdf))
    assert list(reader.attachments) == []
    for word in (b"/JavaScript", b"/OpenAction", b"/Launch", b"/URI "):
        assert word not in pdf


def test_hostile_words_do_not_change_the_verdict(text: str, pdf: bytes) -> None:
    cover = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert "Does not conform" not in cover
    assert "passwd" not in cover
    assert "root:x:0:0" not in text


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_each_payload_is_words_on_a_page(payload: str, text: str) -> None:
    assert as_printed(payload) in text


def test_a_data_address_is_refused_as_any_other(tmp_path: Path) -> None:
    html = "<!DOCTYPE html><html lang=en><title>x</title><img alt=x src='data:text/plain,x'>"
    with pytest.raises(Exception, match="asked for data:"):
        write_pdf(html, tmp_path / "x.pdf", limits=PdfLimits())
