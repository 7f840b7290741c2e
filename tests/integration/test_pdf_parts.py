"""A long page laid out in parts: nothing shows where it was cut, save that a page ends there."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import page
import pikepdf
import pytest
from pypdf import PdfReader
from pypdf.generic import Destination

from assaybook.domain.errors import OperatorError
from assaybook.reporting.html import render_html, template_text
from assaybook.reporting.pack import build_pack
from assaybook.reporting.pdf import PdfLimits, split, write_pdf
from assaybook.reporting.pdf.press import as_xml
from assaybook.reporting.pdf.split import OTHER_PART, Cut, Part
from support.packs import a_source

pytestmark = pytest.mark.slow

STYLE = template_text("tokens.css") + template_text("pack.css")
LEAST, MOST = 3_000, 8_000
LONG = "The measured value is at most the limit of the rule in every row that counts."


def a_table(rows: int, first: int = 1) -> str:
    cells = "".join(
        f'<tr id="r-{n}"><th scope="row">Row {n}</th><td>{LONG}</td></tr>'
        for n in range(first, first + rows)
    )
    head = '<thead><tr><th scope="col">Row</th><th scope="col">Said</th></tr></thead>'
    return f"<table>{head}<tbody>{cells}</tbody></table>"


def a_section(number: int, body: str) -> str:
    return f'<section><h1 data-run="{number} · Part">Part {number}</h1>{body}</section>'


def a_page(*sections: str) -> str:
    return (
        "<!DOCTYPE html><html lang=en><head><title>Parts</title><style>"
        f'{STYLE}</style></head><body data-running="Running" data-pack="AB-1">'
        f"{''.join(sections)}</body></html>"
    )


DRAWING = (
    '<figure><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20" width="100mm" '
    'height="20mm" role="img"><title>A drawing</title><text x="0" y="12" font-size="8" '
    'font-family="Assay Sans">Words of a drawing</text></svg></figure>'
)
CARDS = "".join(
    f"<article><h2>Card {n}</h2><p>{LONG}</p>{a_table(2, 1_000 + 2 * n)}</article>"
    for n in range(40)
)
SECTIONS = (
    a_section(1, '<p><a href="#r-70">To row 70</a> <a href="#far">far</a></p>' + a_table(70)),
    a_section(2, CARDS),
    a_section(3, "".join(f'<p class="one" id="l-{n}">Line {n} {LONG}</p>' for n in range(120))),
    a_section(4, f'<h3 id="far">Small</h3><p>{LONG} <a href="#r-1">Back to row 1</a></p>{DRAWING}'),
)
PAGE = a_page(*SECTIONS)


def cut_small(page: str) -> Cut:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(split, "LEAST", LEAST)
        patched.setattr(split, "MOST", MOST)
        return split.split(page)


@pytest.fixture(scope="module")
def parts() -> tuple[Part, ...]:
    return cut_small(PAGE).parts


PROGRAM = f"""
import sys
from pathlib import Path
from assaybook.reporting.pdf import child, split
split.LEAST, split.MOST = {LEAST}, {MOST}
folder = Path(sys.argv[1])
html = (folder / "page.html").read_text()
(folder / "made.pdf").write_bytes(child.lay_out(html, 100, folder))
"""


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The page laid out in parts, each in a process of its own, and put together."""
    folder = tmp_path_factory.mktemp("parts")
    (folder / "page.html").write_text(PAGE)
    subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], check=True)
    return (folder / "made.pdf").read_bytes()


@pytest.fixture(scope="module")
def reader(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf))


@pytest.fixture(scope="module")
def shown(reader: PdfReader) -> list[str]:
    """The words of each page."""
    return [" ".join(each.extract_text().split()) for each in reader.pages]


@pytest.fixture(scope="module")
def text(shown: list[str]) -> str:
    return " ".join(shown)


def test_a_page_that_is_not_made_like_ours_is_one_part_as_it_stands() -> None:
    assert split.split("no page at all") == Cut("", (Part("no page at all", first=True),))


def test_a_section_that_begins_a_page_begins_a_part_and_one_that_follows_on_does_not() -> None:
    first, *others = SECTIONS
    flowing = [each.replace("<section>", '<section class="flow">') for each in others]
    assert [part.first for part in split.split(PAGE).parts] == [True, False, False, False]
    assert len(split.split(a_page(first, *flowing)).parts) == 1


def test_a_section_that_has_not_changed_gives_the_same_parts_whatever_became_of_others(
    parts: tuple[Part, ...],
) -> None:
    longer = cut_small(a_page(a_section(1, a_table(300, 5_000)), *SECTIONS[1:])).parts
    same = {part.html for part in parts} & {part.html for part in longer}
    assert len(same) == len([part for part in parts if "Part 1" not in part.html]) - 1
    assert parts[0].html not in same


def test_a_part_is_a_page_of_its_own_and_not_much_longer_than_asked(
    parts: tuple[Part, ...],
) -> None:
    assert len(parts) > 3
    assert [part.continues for part in parts].count(True) >= 3
    for part in parts:
        assert len(part.html) - len(a_page()) < 20_000
        for name in ("section", "article", "table", "tbody", "tr"):
            opened = len(re.findall(f"<{name}\\b", part.html))
            assert opened == part.html.count(f"</{name}>")


def test_no_row_and_no_card_is_lost_or_said_twice(parts: tuple[Part, ...], text: str) -> None:
    rows = [each for part in parts for each in re.findall(r' id="r-(\d+)"', part.html)]
    assert sorted(map(int, rows)) == sorted({*range(1, 71), *range(1_000, 1_080)})
    assert [text.count(f"Row {n} ") for n in (1, 35, 70, 1_079)] == [1, 1, 1, 1]
    assert [text.count(f"Line {n} The") for n in range(120)] == [1] * 120
    assert [text.count(f"Card {n} ") for n in range(40)] == [1] * 40


def test_a_link_to_another_part_is_marked_and_one_within_is_not(parts: tuple[Part, ...]) -> None:
    assert f'<a href="{OTHER_PART}far">' in parts[0].html
    assert OTHER_PART not in parts[1].html


def test_the_whole_follows_both_standards(pdf: bytes) -> None:
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        report = page.validate_pdf_bytes(pdf, profile=profile)
        assert [each.message for each in report.failures] == []


def test_pages_are_numbered_through_and_name_the_section_that_goes_on(shown: list[str]) -> None:
    for number, each in enumerate(shown, 1):
        assert f"Page {number} of {len(shown)}" in each
        assert re.search(r"\d · Part", each)
        assert "Running" in each


def test_bookmarks_are_one_list_in_which_cards_stay_under_their_section(reader: PdfReader) -> None:
    sections = [each.title for each in reader.outline if isinstance(each, Destination)]
    assert sections == ["1 · Part", "2 · Part", "3 · Part", "4 · Part"]
    (cards,) = [each for each in reader.outline if isinstance(each, list)]
    assert [each.title for each in cards if isinstance(each, Destination)] == [
        f"Card {n}" for n in range(40)
    ]
    pages = [reader.get_destination_page_number(each) for each in cards]  # type: ignore[arg-type]
    assert pages == sorted(pages)  # type: ignore[type-var]


def test_links_lead_to_their_place_in_whichever_part_it_is(reader: PdfReader) -> None:
    targets = reader.named_destinations
    rows = {reader.get_destination_page_number(targets[name]) for name in ("r-1", "r-70", "far")}
    assert rows == {0, *rows}
    links = [
        str(annotation.get_object()["/Dest"])
        for each in reader.pages
        for annotation in each.get("/Annots", [])
        if annotation.get_object()["/Subtype"] == "/Link"
    ]
    assert links == ["r-70", "far", "r-1"]


def test_header_cells_have_names_of_their_own_across_parts(pdf: bytes) -> None:
    with pikepdf.open(BytesIO(pdf)) as document:
        named = [
            str(each.ID)
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/TH" and "/ID" in each
        ]
        wanted = {
            str(name)
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/TD"
            if "/Headers" in each.A
            for name in list(each.A.Headers)
        }
    assert len(named) == len(set(named))
    assert wanted <= set(named)


def test_words_of_a_drawing_are_words_and_no_row_of_letters(reader: PdfReader) -> None:
    contents = reader.pages[-1].get_contents()
    assert contents is not None
    shown = re.findall(rb"\[([^\]]*)\] TJ", contents.get_data())
    glyphs = [len(b"".join(re.findall(rb"<([0-9a-f]+)>", each))) // 4 for each in shown]
    assert len("Words of a drawing") in glyphs
    assert glyphs.count(1) < len("drawing")


def test_our_own_pages_are_well_formed_so_that_they_are_read_quickly() -> None:
    cut = split.split(render_html(build_pack(a_source())))
    for part in (*cut.parts, *cut.shared[:1]):
        assert ET.fromstring(as_xml(part.html)).tag == "html"  # noqa: S314 - our own


def test_fonts_are_held_once(pdf: bytes) -> None:
    with pikepdf.open(BytesIO(pdf)) as document:
        descriptors = [
            each
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each
        ]
        files = {each.FontFile2.objgen for each in descriptors}
        names = {str(each.FontName) for each in descriptors}
    # Where no slanted face is installed, one file of a fallback serves upright and slanted text.
    assert len(files) <= len(names) == len(descriptors)


@pytest.mark.parametrize(
    ("body", "code", "limits"),
    [
        pytest.param("<img alt=x src=file:///x>", "pdf-fetch-refused", PdfLimits(), id="a file"),
        pytest.param("<div>" * 2_000, "pdf-failed", PdfLimits(), id="nesting"),
        pytest.param("<p>x</p>", "pdf-too-long", PdfLimits(pages=1), id="pages of both parts"),
    ],
)
def test_what_a_later_part_is_refused_for_is_said_as_for_a_whole_page(
    body: str, code: str, limits: PdfLimits, tmp_path: Path
) -> None:
    html = a_page(a_section(1, "<p>x</p>"), a_section(2, "<p>x</p>" + body))
    assert len(split.split(html).parts) == 2
    with pytest.raises(OperatorError) as caught:
        write_pdf(html, tmp_path / "x.pdf", limits=limits)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []
