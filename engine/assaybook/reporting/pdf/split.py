"""A long page cut into parts that are laid out apart, where a reader minds it least.

Works on the text of our own templates, in which every tag is ours and closed and all data is
escaped. The cuts depend on nothing but that text, so no byte of a PDF depends on how many
processors a machine has.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LEAST: Final = 60_000
MOST: Final = 160_000
"""Characters of HTML in a part: about ten pages, and about twenty-five."""
OTHER_PART: Final = "assay-part:#"
"""What stands in place of ``#`` in a link that leads out of its part."""
_BODY: Final = re.compile(r"(<body[^>]*>)(.*)(</body>.*)", re.DOTALL)
_SECTION: Final = re.compile(r"(?=<section\b)")
_OPENING: Final = re.compile(r"<section\b[^>]*>")
_TAG: Final = re.compile(
    r'<(/?)(article|figure|table|tr)\b[^>]*>|<p class="one"[^>]*>.*?</p>', re.DOTALL
)
_RUN: Final = re.compile(r'<h1 data-run="([^"]*)"')
_ID: Final = re.compile(r'\bid="([^"]+)"')
_LINK: Final = re.compile(r'<a href="#([^"]+)"')


@dataclass(frozen=True, slots=True)
class Part:
    """One part as a page of its own.

    Attributes:
        html: the page with this part only.
        continues: whether it begins inside a section that an earlier part began.
    """

    html: str
    continues: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place inside a section where a part may end, and the markup that ends and begins one."""

    at: int
    closing: str = ""
    opening: str = ""


def split(html: str) -> tuple[Part, ...]:
    """Return the parts of ``html``, or the one that it is where it is short."""
    found = _BODY.search(html)
    if found is None or len(found[2]) < 2 * LEAST:
        return (Part(html, continues=False),)
    head, end = html[: found.start()] + found[1], found[3]
    return tuple(
        Part(head + _leading_out(body) + end, continues) for body, continues in _bodies(found[2])
    )


def _leading_out(body: str) -> str:
    """Mark the links whose place is in another part."""
    here = frozenset(_ID.findall(body))
    return _LINK.sub(
        lambda link: link[0] if link[1] in here else f'<a href="{OTHER_PART}{link[1]}"', body
    )


def _bodies(body: str) -> Iterator[tuple[str, bool]]:
    """Yield parts of about one size, each of whole sections or a stretch of a long one."""
    count = -(-len(body) // MOST)
    wanted = len(body) // max(2, count)
    held, continues, left = "", False, len(body)
    for text, inside in _stretches(body, wanted):
        if min(len(held), 2 * left) >= LEAST and len(held) + len(text) // 2 > wanted:
            yield held, continues
            held, continues = "", inside
        held += text if held else _at_the_top(text)
        left -= len(text)
    yield held, continues


def _at_the_top(text: str) -> str:
    """Return a section without the room above it, which only one below another has."""
    return text.replace('<section class="flow"', "<section", 1)


def _stretches(body: str, wanted: int) -> Iterator[tuple[str, bool]]:
    """Yield whole sections, and long ones in stretches; say which continue a section."""
    for section in _SECTION.split(body):
        opened = _OPENING.match(section)
        pieces = max(1, round(len(section) / wanted))
        if opened is None or pieces == 1:
            yield section, False
            continue
        run = _RUN.search(section)
        again = f'<section><div class="again" data-run="{run[1] if run else ""}"></div>'
        start, opening = 0, ""
        for cut in _cuts(section):
            if cut.at - start >= len(section) // pieces and len(section) - cut.at >= LEAST:
                text = section[start : cut.at] + cut.closing + "</section>"
                yield (again + opening + text, True) if start else (text, False)
                start, opening = cut.at, cut.opening
        yield (again + opening + section[start:], True) if start else (section, False)


def _cuts(section: str) -> Iterator[_Cut]:
    """Yield the places after a card, a drawing, a line of a list or a row of a table."""
    cards, tables, began = 0, 0, 0
    for tag in _TAG.finditer(section):
        closes, name = tag[1] == "/", tag[2]
        if name == "article":
            cards += -1 if closes else 1
        elif name == "table":
            tables += -1 if closes else 1
            began = began if closes or tables > 1 else tag.start()
        ending, card = ("</article>", "<article>") if cards else ("", "")
        line = name is None or (closes and name in {"article", "figure"})
        if line and not tables:
            yield _Cut(tag.end(), ending, card)
        elif closes and name == "tr" and tables == 1:
            rows = section.find("<tbody>", began, tag.start()) + len("<tbody>")
            if rows > began:
                yield _Cut(tag.end(), "</tbody></table>" + ending, card + section[began:rows])
