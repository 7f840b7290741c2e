"""Real PDFs, read back: what a reader, a screen reader and an attacker find in them."""

import re
import resource
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader
from pypdf.generic import Destination

from assaybook.domain.errors import OperatorError
from assaybook.domain.finding import Outcome
from assaybook.reporting.html import render_html, template_text
from assaybook.reporting.pack import build_pack
from assaybook.reporting.pdf import PdfLimits, write_pdf
from assaybook.reporting.sections import sections_of
from support.pack_findings import a_finding
from support.packs import a_source, an_assessment

pytestmark = pytest.mark.slow

STYLE = template_text("tokens.css") + template_text("pack.css")
SHORT = (
    "<!DOCTYPE html><html lang=en><head><title>A page</title><style>"
    + STYLE.replace("{", "{{").replace("}", "}}")
    + "</style></head><body>{}</body></html>"
)
SLOW = SHORT.format("<table style='table-layout: auto'><tr><td colspan=1000000>x</td></tr></table>")
LIMITS = PdfLimits()


def made(html: str, folder: Path, limits: PdfLimits = LIMITS) -> Path:
    target = folder / "made.pdf"
    write_pdf(html, target, limits=limits)
    return target


def refused(html: str, folder: Path, limits: PdfLimits = LIMITS) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        made(html, folder, limits)
    assert not (folder / "made.pdf").exists()
    return caught.value


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    folder = tmp_path_factory.mktemp("pack")
    html = render_html(build_pack(a_source()))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    target = made(html, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return target, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.fixture(scope="module")
def pack(sample: tuple[Path, float]) -> PdfReader:
    return PdfReader(sample[0])


@pytest.fixture(scope="module")
def pages(pack: PdfReader) -> list[str]:
    return pages_of(pack)


def pages_of(reader: PdfReader) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_the_cover_says_result_and_assertion(pages: list[str]) -> None:
    cover = pages[0]
    assert "Does not conform" in cover
    assert "Subject and assurance asserted by the submitter, not authenticated." in cover
    assert "Harbour Triage 4.2.0" in cover


def test_names_without_a_space_break_before_they_leave_the_page(tmp_path: Path) -> None:
    long = "x" * 400
    source, subject = a_source(), a_source().subject
    system = subject.system.model_copy(update={"name": long, "owner": long, "purpose": long})
    worst = a_finding("a.long", title=long, sentence=long, outcome=Outcome.FAIL, fix=long)
    found = an_assessment((worst.model_copy(update={"relaxed": (long,)}),))
    subject = subject.model_copy(update={"system": system})
    pack = build_pack(replace(source, assessment=found, subject=subject, organisation=long))
    reader = PdfReader(made(render_html(pack), tmp_path))
    for page in reader.pages:
        assert max((len(run) for run in re.findall("x+", page.extract_text())), default=0) < 150


def test_marks_are_copied_with_their_words(pages: list[str]) -> None:
    text = " ".join(pages)
    for words in (
        "✗ Fail",
        "⯑ Inconclusive",
        "⚠ Error",
        "◈ Fail, waived",
        "✓ Met",
        "◌ Not covered",
    ):
        assert words in text


def test_whole_digests_are_on_the_page(pages: list[str]) -> None:
    text = "".join(pages).replace(" ", "")
    assert all(each.envelope.blob in text for each in a_source().evidence)


def test_a_failing_finding_says_what_decided_and_what_would_turn_it(pages: list[str]) -> None:
    said = " ".join(pages).replace(" ", "")
    assert "WhyForage=75+:stats.wilson_lower(row.value,row.n,0.95)>=params.floor" in said
    assert "Itcameto0.772;at0.8itwouldturn" in said


def test_every_page_after_the_cover_has_its_number_and_running_head(pages: list[str]) -> None:
    whole = len(pages)
    for number, text in enumerate(pages[1:], 2):
        assert f"Page {number} of {whole}" in text
        assert "AB-2026-10-01-" in text


def test_the_sections_are_bookmarks(pack: PdfReader) -> None:
    titles = [each.title or "" for each in pack.outline if isinstance(each, Destination)]
    assert titles[0] == "Result: does not conform"
    sections = [f"{each.number} · {each.title}" for each in sections_of("full")]
    assert titles[1:] == ["Contents", *sections]


def test_the_contents_say_on_which_page_each_section_begins(
    pack: PdfReader, pages: list[str]
) -> None:
    sections = sections_of("full")
    named = [f" {each.number} {each.title} " for each in sections]
    for each, name, following in zip(sections, named, [*named[1:], " Contents "], strict=True):
        begins = pack.get_destination_page_number(pack.named_destinations[f"section-{each.number}"])
        assert begins is not None
        assert name in f" {pages[begins]}"
        row = pages[1].partition(name)[2].partition(following)[0]
        assert row.split()[-1] == str(begins + 1)
    assert "9876543210" not in " ".join(pages)


def test_the_metadata_say_what_it_is_and_when_it_is_of(pack: PdfReader) -> None:
    about = pack.metadata
    assert about is not None
    assert about.title == "Audit pack: Harbour Triage 4.2.0"
    assert about.author == "Northmere Hospitals Trust"
    assert "does not conform" in (about.subject or "")
    assert about.creation_date == a_source().as_of


def test_a_screen_reader_finds_tags_language_and_alternative_texts(
    sample: tuple[Path, float],
) -> None:
    with pikepdf.open(sample[0]) as document:
        root = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == "en-GB"
        assert "/StructTreeRoot" in root
        assert root.ViewerPreferences.DisplayDocTitle
        assert b"pdfuaid" in root.Metadata.read_bytes()
        figures = [
            each
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"
        ]
        assert figures
        assert all(str(figure.get("/Alt", "")) for figure in figures)


def test_every_glyph_of_the_pack_is_in_its_fonts(sample: tuple[Path, float]) -> None:
    with pikepdf.open(sample[0]) as document:
        names = {
            str(each["/BaseFont"]).rpartition("+")[2]
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
        }
    assert names
    assert all("Assay" in name for name in names)


def test_a_pack_of_forty_findings_is_made_in_seconds(
    sample: tuple[Path, float], pack: PdfReader
) -> None:
    # Seconds of processor: 2 to start and 0.2 a page when idle; three times that when busy.
    assert len(pack.pages) <= 30
    assert sample[1] < 3 + 0.6 * len(pack.pages)


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="attachment" href="file://{canary}">',
        '<a rel="attachment" href="file://{canary}">x</a>',
        '<img src="file://{canary}">',
        '<img src="{url}">',
        "<style>@import url({url});</style>",
        "<style>body {{ background: url({url}) }}</style>",
    ],
)
def test_a_page_that_asks_for_a_file_or_an_address_is_refused(markup: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("the canary sings")
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)

        def answer() -> None:
            try:
                calls.append(listener.accept())
            except OSError:
                return

        waiting = threading.Thread(target=answer)
        waiting.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        error = refused(SHORT.format(markup.format(canary=canary, url=url)), tmp_path)
        waiting.join()
    assert error.code == "pdf-fetch-refused"
    assert calls == []


def test_a_picture_inside_a_drawing_is_not_fetched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        made(SHORT.format(f"<svg width=9 height=9><image href={url} /></svg>x"), tmp_path)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_plain_page_is_made(tmp_path: Path) -> None:
    assert pages_of(PdfReader(made(SHORT.format("plain words"), tmp_path))) == [
        "plain words Page 1 of 1"
    ]


def test_a_page_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()
    error = refused(SLOW, tmp_path, PdfLimits(wall_seconds=2))
    assert error.code == "pdf-too-slow"
    assert time.monotonic() - began < 10


def test_a_page_that_takes_too_much_work_is_ended(tmp_path: Path) -> None:
    assert refused(SLOW, tmp_path, PdfLimits(cpu_seconds=1)).code == "pdf-too-slow"


def test_a_page_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    html = SHORT.format("<p>x" * 40_000)
    error = refused(html, tmp_path, PdfLimits(memory_bytes=200 * 2**20))
    # A library that gets no memory can end without a word; then there is no PDF either.
    assert error.code in {"pdf-too-large", "pdf-failed"}


def test_a_pack_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    html = SHORT.format("<p style='break-before: page'>x</p>" * 5)
    error = refused(html, tmp_path, PdfLimits(pages=3))
    assert error.code == "pdf-too-long"
    assert "3 are allowed" in error.message


def test_a_page_nested_without_end_is_refused(tmp_path: Path) -> None:
    assert refused(SHORT.format("<div>" * 2_000 + "x"), tmp_path).code == "pdf-failed"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as caught:
        write_pdf(SHORT.format("x"), tmp_path / "none" / "made.pdf", limits=LIMITS)
    assert caught.value.code == "pdf-unwritable"


def test_a_missing_pango_is_said_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "python"
    fake.write_text(
        f"#!{sys.executable}\n"
        "import runpy, sys, cffi\n"
        "real = cffi.FFI.dlopen\n"
        "def dlopen(self, name, flags=0):\n"
        "    if 'pango' in str(name):\n"
        "        raise OSError(f'cannot load library {name!r}')\n"
        "    return real(self, name, flags)\n"
        "cffi.FFI.dlopen = dlopen\n"
        "sys.argv = ['child']\n"
        "runpy.run_module('assaybook.reporting.pdf.child', run_name='__main__')\n"
    )
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    error = refused(SHORT.format("x"), tmp_path)
    assert error.code == "pango-missing"
    assert error.hint == (
        "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0"
    )
