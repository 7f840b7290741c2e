"""The page: escaped text, no foreign address, no state by colour alone."""

import re
from html.parser import HTMLParser

import pytest

from assaybook.domain.finding import Outcome
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from support.pack_documents import a_document
from support.pack_findings import a_finding, a_reason, reaches
from support.packs import a_source, a_source_of

HOSTILE = (
    "<script>alert(1)</script>",
    '<img src="http://127.0.0.1:9/x">',
    "<link rel=attachment href=file:///etc/passwd>",
    "</style><style>@import url(http://127.0.0.1:9/y)</style>",
    "{{ 7 * 7 }}{% include 'cover.html.j2' %}",
    "\"><svg onload=alert(1)><a href='javascript:1'>",
    "]]><!-- --><![CDATA[",
)


class Tags(HTMLParser):
    """Collects tag names and the attributes that could fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, int] = {}
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names[tag] = self.names.get(tag, 0) + 1
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]


def tags_of(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(build_pack(a_source()))


def a_page_with(text: str) -> str:
    finding = a_finding(
        "text.hostile",
        title=text,
        sentence=text,
        outcome=Outcome.INCONCLUSIVE,
        reasons=(a_reason("missing", text, text),),
        controls=reaches("MAP 1.1"),
        fix=text,
    )
    return render_html(build_pack(a_source_of(finding, evidence=(a_document(text),))))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_evidence_never_becomes_markup(text: str) -> None:
    plain, hostile = tags_of(a_page_with("plain")), tags_of(a_page_with(text))
    assert hostile.names == plain.names
    assert hostile.addresses == plain.addresses


def test_template_text_in_evidence_is_not_run() -> None:
    assert "{{ 7 * 7 }}" in a_page_with("{{ 7 * 7 }}")


def test_only_findings_that_need_a_decision_say_why(html: str) -> None:
    cards = sum(each.why != "" for each in build_pack(a_source()).findings.open)
    assert html.count('<p class="note"><b>Why</b> ') == cards > 0
    assert "<b>Why</b> For age=75+: stats.wilson_lower(row.value, row.n, 0.95) &gt;= " in html


def test_the_page_names_no_address_but_its_own_anchors_and_fonts(html: str) -> None:
    assert all(address.startswith("#") for address in tags_of(html).addresses)
    assert set(re.findall(r"url\((\w+):", html)) == {"assay"}
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) == {"http://www.w3.org/2000/svg"}


def test_every_link_has_its_target(html: str) -> None:
    targets = set(re.findall(r'\bid="([^"]+)"', html))
    assert {address[1:] for address in tags_of(html).addresses} <= targets


def test_no_anchor_stands_twice(html: str) -> None:
    anchors = re.findall(r'\bid="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))


def test_no_verdict_is_told_by_colour_alone(html: str) -> None:
    states = re.findall(r'<span class="st \w+">(\S) ?(.*?)</span>', html)
    assert len(states) == html.count('class="st ') > 100
    assert all(mark.strip() and word.strip() for mark, word in states)


def test_every_drawing_has_a_title_with_its_numbers(html: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert drawings
    assert all(re.search(r"<title>[^<]+</title>", drawing) for drawing in drawings)


def test_a_drawing_needs_no_style_from_outside(html: str) -> None:
    for drawing in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        assert not re.search(r"class=|var\(|<style|<script|clip-path|<pattern", drawing)


def test_same_pack_same_page(html: str) -> None:
    assert render_html(build_pack(a_source())) == html


def test_a_pack_of_nothing_is_still_a_page() -> None:
    empty = a_source_of(evidence=(), problems=(), catalogs={})
    bare = empty.assessment.model_copy(
        update={"conclusion": (), "standings": (), "waivers": (), "unused": ()}
    )
    page = render_html(build_pack(a_source_of(assessment=bare, evidence=(), problems=())))
    assert "Nothing judged" in page
    assert "Nothing was shown, so nothing is claimed." in page
