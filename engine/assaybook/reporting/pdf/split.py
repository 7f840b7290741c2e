"""A page cut into parts that are laid out apart, where a reader minds it least.

Works on the text of our own templates, in which every tag is ours and closed and all data is
escaped. A part begins at each section that begins a page, and within a section that is long. So
the cuts before a section do not depend on what is after it, those of one section not on another,
and no byte of a PDF on how many processors a machine has.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

LEAST: Final = 20_000
MOST: Final = 100_000
"""Characters of HTML in what is left of a section, and in a part: about fifteen pages."""
OTHER_PART: Final = "assay-part:#"
"""What stands in place of ``#`` in a link that leads out of its part."""
_BODY: Final = re.compile(r"(<body[^>]*>)(.*)(</body>.*)", re.DOTALL)
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_FACE: Final = re.compile(r"@font-face *\{([^}]*)\}")
_LANGUAGE: Final = re.compile(r"<html[^>]*>")
_PAGE: Final = re.compile(r'(?=<section(?! class="flow")\b)')
_SECTION: Final = re.compile(r"(?=<section\b)")
_OPENING: Final = re.compile(r"<section\b[^>]*>")
_TAG: Final = re.compile(
    r'<(/?)(article|figure|table|tr)\b[^>]*>|<p class="one"[^>]*>.*?</p>', re.DOTALL
)
_RUN: Final = re.compile(r'<h1 data-run="([^"]*)"')
_ID: Final = re.compile(r'\bid="([^"]+)"')
_LINK: Final = re.compile(r'<a href="#([^"]+)"')
_PLAIN_HEAD: Final = '<head><meta charset="utf-8"><title>Part</title></head>'
_NO_FOOT: Final = (
    "<style>@page { @bottom-left { content: none } @bottom-right { content: none } }</style>"
)
_SAMPLE: Final = "a\N{CHECK MARK}"
"""Of one or the other each of our fonts has a glyph."""
Kind: TypeAlias = Literal["pages", "head", "fonts"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part as a page of its own.

    Attributes:
        html: the page with this part only, without the style.
        continues: whether it begins inside a section that an earlier part began.
        first: whether it is the first, which says whose document it is.
        kind: ``head`` is a page with nothing but the running head, ``fonts`` one that shows each
            font.
    """

    html: str
    continues: bool = False
    first: bool = False
    kind: Kind = "pages"


@dataclass(frozen=True, slots=True)
class Cut:
    """A page cut into parts.

    Attributes:
        style: of all parts; empty where the page keeps its own.
        parts: in order.
        shared: the head and the fonts of all parts; none where the page is one part as it stands.
    """

    style: str
    parts: tuple[Part, ...]
    shared: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A place inside a section where a part may end, and the markup that ends and begins one."""

    at: int
    closing: str = ""
    opening: str = ""


def split(html: str) -> Cut:
    """Return the parts of ``html``; a page that is not made like ours is one part."""
    body, style, language = _BODY.search(html), _STYLE.search(html), _LANGUAGE.search(html)
    if body is None or style is None or language is None or style.end() > body.start():
        return Cut("", (Part(html, first=True),))
    before = html[: style.start()] + html[style.end() : body.start()]
    plain, end = f"<!DOCTYPE html>{language[0]}", body[3]
    parts = tuple(
        Part(
            f"{plain}{_PLAIN_HEAD}<body>{text}{end}" if at else f"{before}<body>{text}{end}",
            continues,
            first=not at,
        )
        for at, (text, continues) in enumerate(_bodies(body[2]))
    )
    head = f"{plain}{_PLAIN_HEAD}{_NO_FOOT}{body[1]}{end}"
    return Cut(style[1], parts, (Part(head, kind="head"), fonts(style[1])))


def fonts(style: str) -> Part:
    """Return the page that shows each font of a style."""
    shown = (f"<p style='{_font(face[1])}'>{_SAMPLE}</p>" for face in _FACE.finditer(style))
    return Part(f"<!DOCTYPE html><html lang=en><title>Fonts</title>{''.join(shown)}", kind="fonts")


def faces(style: str) -> str:
    """Return the rules of a style that name its fonts."""
    return "".join(face[0] for face in _FACE.finditer(style))


def _font(face: str) -> str:
    """Return the declarations by which a paragraph is set in the font of a rule."""
    named = re.sub(r"src:[^;]*(;|$)", "", face).replace("'", '"')
    return named.strip()


def _leading_out(body: str) -> str:
    """Mark the links whose place is in another part."""
    here = frozenset(_ID.findall(body))
    return _LINK.sub(
        lambda link: link[0] if link[1] in here else f'<a href="{OTHER_PART}{link[1]}"', body
    )


def _bodies(body: str) -> Iterator[tuple[str, bool]]:
    """Yield the bodies of parts: what begins on one page, or a stretch of a long section."""
    some = False
    for page in _PAGE.split(body):
        held, continues = "", False
        for text, inside in _stretches(page):
            if held and len(held) + len(text) > MOST:
                yield _leading_out(held), continues
                held, continues = "", inside
            held += text if held else _at_the_top(text)
        if held.strip():
            yield _leading_out(held), continues
            some = True
    if not some:
        yield "", False


def _at_the_top(text: str) -> str:
    """Return a section without the room above it, which only one below another has."""
    return text.replace('<section class="flow"', "<section", 1)


def _stretches(page: str) -> Iterator[tuple[str, bool]]:
    """Yield whole sections, and long ones in stretches; say which continue a section."""
    for section in _SECTION.split(page):
        if _OPENING.match(section) is None or len(section) <= MOST:
            yield section, False
            continue
        run = _RUN.search(section)
        again = f'<section><div class="again" data-run="{run[1] if run else ""}"></div>'
        start, opening = 0, ""
        for place in _places(section):
            if place.at - start >= MOST - LEAST and len(section) - place.at >= LEAST:
                text = section[start : place.at] + place.closing + "</section>"
                yield (again + opening + text, True) if start else (text, False)
                start, opening = place.at, place.opening
        yield (again + opening + section[start:], True) if start else (section, False)


def _places(section: str) -> Iterator[_Place]:
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
            yield _Place(tag.end(), ending, card)
        elif closes and name == "tr" and tables == 1:
            rows = section.find("<tbody>", began, tag.start()) + len("<tbody>")
            if rows > began:
                yield _Place(tag.end(), "</tbody></table>" + ending, card + section[began:rows])
