"""One part of a PDF as bytes that can be put beside those of other parts.

Every reference between objects becomes a mark with the object's place in the part; ``join`` writes
the final numbers. What only the whole document can know is taken out and told apart: the tag tree's
top, the bookmarks, the targets of links, the fonts, the head and the number of each page. So the
bytes of a part depend on its own text and on nothing else of the document.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from assaybook.reporting.pdf.split import OTHER_PART, Part

if TYPE_CHECKING:
    from _collections_abc import dict_values

    from weasyprint.document import Document
    from weasyprint.pdf import pydyf

Face: TypeAlias = tuple[str, int, int]
"""Family, weight and slope (0 upright, 2 italic) of a font, as Pango names them."""

LEVEL: Final = 6
"""Of compression: half the time of the last level, and 1 % more bytes."""
_HEADINGS: Final = {f"/H{level}": level for level in range(1, 7)}
_REFERENCE: Final = re.compile(rb"(\d+) 0 R")
_MARK: Final = re.compile(rb"\x01(\d+)\x01")
_SHOWN: Final = re.compile(rb"\[([^\]]*)\] TJ")
_FONT: Final = re.compile(rb"/(\S+) [\d.]+ Tf")
_GLYPHS: Final = re.compile(rb"<([0-9a-f]+)>")
_PLACEHOLDER: Final = len("Page 0123456789 of 0123456789")
"""What the style writes at the foot of a page, so that each digit's glyph is known."""
_ENTRY: Final = re.compile(r'data-page="([^"]+)">9876543210<')
"""The placeholder of a page in a table of contents: the digits of the foot, the last first."""
_TAGGED: Final = re.compile(rb"/\w+\s<</MCID \d+>>\sBDC")
_ARTIFACT: Final = b"/Artifact\n<</Type /Pagination>>\nBDC"
SHARED: Final = -1
"""The place of a font that is held for all parts together."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The drawing of one page, cut where its number goes.

    Attributes:
        place: which object of the part it is.
        before: what is drawn before the number, and ``after`` what comes after.
        glyphs: of the placeholder, empty where the page shows no number.
        digit_width: thousandths of the size of the letters.
        entries: of a table of contents, what is drawn before the number of a page, and the name
            of the place whose page it is; ``before`` is what is drawn behind the last.
    """

    place: int
    before: bytes
    glyphs: tuple[bytes, ...]
    after: bytes
    digit_width: int
    entries: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(slots=True)
class Painted:
    """One part, ready to be put beside others.

    Attributes:
        objects: by place; of a stream the dictionary without its end, and the bytes.
        texts: the drawings of the pages.
        pages: the places of the pages.
        parents: of what each key of the tag tree leads to.
        annotations: places of what has such a key, behind those of the pages.
        elements: places of the first level of the tag tree.
        bookmarks: of the first level, with how many there are below each.
        adopted: how many of them continue a section of an earlier part.
        targets: names and places that links lead to.
        fonts: names and places of the fonts that are used.
        root: places of what all parts share.
        catalog: entries of the catalog, of the first part.
        info: the dictionary of the document, of the first part.
    """

    objects: list[bytes | tuple[bytes, bytes]] = field(default_factory=list)
    texts: list[PageText] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    parents: list[tuple[int, ...]] = field(default_factory=list)
    annotations: list[int] = field(default_factory=list)
    elements: list[int] = field(default_factory=list)
    bookmarks: list[tuple[int, int]] = field(default_factory=list)
    adopted: int = 0
    targets: list[tuple[bytes, bytes]] = field(default_factory=list)
    fonts: list[tuple[bytes, int]] = field(default_factory=list)
    root: dict[str, int] = field(default_factory=dict)
    catalog: dict[str, bytes] = field(default_factory=dict)
    info: bytes = b""


class Fonts(dict[Any, Any]):
    """The fonts of a part, of which WeasyPrint writes those only that are not held for all."""

    def __init__(self, shared: frozenset[Face]) -> None:
        """Keep which fonts are held for all parts together."""
        super().__init__()
        self._shared = shared

    def values(self) -> "dict_values[Any, Any]":
        """Return the fonts that this part has to write itself, one of each name."""
        return {
            each.hash: each
            for each in super().values()
            if (each.family, each.weight, each.style) not in self._shared
        }.values()


def paint(document: "Document", pdf: "pydyf.PDF", part: Part) -> Painted:
    """Return a part of a document, painted as ``pdf``, in bytes."""
    made = Painted()
    tree = _at(pdf, pdf.catalog["StructTreeRoot"])
    top = _at(pdf, tree["K"][0])
    parents = _at(pdf, tree["ParentTree"])["Nums"]
    close_headings(pdf, 1 if part.continues else 0)
    _lead_out(pdf)
    _take_keys(pdf, made)
    _own_headers(pdf)
    made.parents = [tuple(map(_number, _listed(each))) for each in parents[1::2]]
    made.elements = [_number(each) for each in top["K"]]
    _take_bookmarks(document, pdf, made)
    names = pdf.catalog.get("Names", {}).get("Dests", {"Names": ()})["Names"]
    made.targets = [(names[at].data, _bytes(names[at + 1])) for at in range(0, len(names), 2)]
    made.root = {"pages": _number(pdf.pages.reference), "top": _number(tree["K"][0])}
    _take_fonts(document, pdf, made)
    gone = {_number(pdf.catalog.reference), *made.root.values()}
    gone |= {_number(pdf.catalog["StructTreeRoot"]), _number(tree["ParentTree"])}
    gone |= {_number(pdf.catalog[name]) for name in ("Outlines",) if name in pdf.catalog}
    if part.first:
        left = ("Type", "Pages", "Names", "Outlines", "StructTreeRoot")
        kept = ((name, value) for name, value in pdf.catalog.items() if name not in left)
        made.catalog = {name: _bytes(value) for name, value in kept}
        made.info = _bytes(pdf.info)
    else:
        gone.add(_number(pdf.catalog["Metadata"]))
    _take_objects(document, pdf, made, gone)
    _take_entries(made, [name.encode("ascii") for name in _ENTRY.findall(part.html)])
    return made


def paint_head(document: "Document", pdf: "pydyf.PDF") -> Painted:
    """Return the head of all pages as a text that is no part of what is read aloud."""
    made = Painted()
    _take_fonts(document, pdf, made)
    head = _at(pdf, _at(pdf, pdf.page_references[0])["Contents"])
    drawn = b"\n".join(_bytes(item) for item in head.stream)
    made.texts = [PageText(0, _TAGGED.sub(_ARTIFACT, drawn), (), b"", 0)]
    return made


def paint_fonts(document: "Document", pdf: "pydyf.PDF") -> Painted:
    """Return the fonts, which all pages share, and nothing else of a page that shows each."""
    made = Painted()
    _take_fonts(document, pdf, made)
    kept: set[int] = set()
    waiting = [place for _, place in made.fonts]
    while waiting:
        place = waiting.pop()
        if place not in kept:
            kept.add(place)
            each = pdf.objects[place]
            text = _bytes(each.extra if hasattr(each, "stream") else each)
            waiting += [int(mark) for mark in _MARK.findall(text)]
    _take_objects(document, pdf, made, {*range(len(pdf.objects))} - kept)
    return made


def _at(pdf: "pydyf.PDF", reference: bytes) -> Any:  # noqa: ANN401 - of a library without types
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _dictionaries(pdf: "pydyf.PDF") -> list[Any]:
    return [each for each in pdf.objects if hasattr(each, "items")]


def _listed(entry: Any) -> Iterable[bytes]:  # noqa: ANN401 - of a library without types
    return (entry,) if isinstance(entry, bytes) else entry


def close_headings(pdf: "pydyf.PDF", depth: int) -> None:
    """Raise a heading that skips a level, as a section without cards has: PDF/UA allows no skip."""
    waiting = [_at(pdf, pdf.catalog["StructTreeRoot"])["K"][0]]
    while waiting:
        element = _at(pdf, waiting.pop())
        level = _HEADINGS.get(element.get("S", ""), 0)
        if level:
            depth = min(level, depth + 1)
            element["S"] = f"/H{depth}"
        waiting.extend(each for each in reversed(element.get("K", ())) if isinstance(each, bytes))


def _lead_out(pdf: "pydyf.PDF") -> None:
    """Make what was a link to nowhere for this part a link to a place in another part."""
    for each in _dictionaries(pdf):
        if "A" in each and each.get("Subtype") == "/Link":
            address = each["A"]["URI"].string
            if address.startswith(OTHER_PART):
                del each["A"]
                each["Dest"] = type(each["Contents"])(address.removeprefix(OTHER_PART))
                each["Contents"] = each["Dest"]


def _take_keys(pdf: "pydyf.PDF", made: Painted) -> None:
    """Take out what joins pages and annotations to the tag tree: the keys change."""
    for reference in pdf.page_references:
        page = _at(pdf, reference)
        page.pop("StructParents")
        page.pop("Parent")
        made.pages.append(page.number)
    held = {
        each.pop("StructParent"): each.number
        for each in _dictionaries(pdf)
        if "StructParent" in each
    }
    made.annotations = [held[key] for key in sorted(held)]


class _Own(str):
    """A name that no other part may have: the whole adds the number of the part."""

    __slots__ = ()


def _own_headers(pdf: "pydyf.PDF") -> None:
    """Give the header cells of tables names that no other part has."""
    for each in _dictionaries(pdf):
        if each.get("S") not in {"/TH", "/TD"}:
            continue
        if "ID" in each:
            each["ID"] = _Own(each["ID"].string)
        headers = each.get("A", {}).get("Headers")
        if headers:
            headers[:] = [_Own(name.string) for name in headers]


def _take_fonts(document: "Document", pdf: "pydyf.PDF", made: Painted) -> None:
    """Take the fonts out of what the pages of this part share: all parts share one list."""
    (listed,) = {
        _number(each["Font"]) for each in _dictionaries(pdf) if "Font" in each and "Pattern" in each
    }
    made.root["fonts"] = listed
    written = pdf.objects[listed]
    names = dict.fromkeys(font.hash for font in dict.values(document.fonts))
    made.fonts = [
        (name.encode(), _number(written[name]) if name in written else SHARED) for name in names
    ]


def _take_bookmarks(document: "Document", pdf: "pydyf.PDF", made: Painted) -> None:
    """Take the bookmarks of the first level out of their list."""
    if "Outlines" not in pdf.catalog:
        return
    levels: list[int] = [mark[0] for page in document.pages for mark in page.bookmarks]
    made.adopted = sum(level == levels[0] for level in takewhile((1).__lt__, levels))
    following = _at(pdf, pdf.catalog["Outlines"])["First"]
    while following:
        mark = _at(pdf, following)
        following = mark.pop("Next", b"")
        mark.pop("Prev", None)
        mark.pop("Parent")
        made.bookmarks.append((mark.number, int(mark["Count"])))


def _take_objects(document: "Document", pdf: "pydyf.PDF", made: Painted, gone: set[int]) -> None:
    """Write every object that stays as bytes with marks."""
    texts = {_number(_at(pdf, reference)["Contents"]) for reference in pdf.page_references}
    widths = {font.hash.encode(): font.widths for font in dict.values(document.fonts)}
    for number, each in enumerate(pdf.objects):
        if number in gone or each.free == "f":
            made.objects.append(b"")
        elif number in texts:
            drawn = b"\n".join(_bytes(item) for item in each.stream)
            made.texts.append(_page_text(number, drawn, widths))
            made.objects.append((b"<<", b""))
        elif hasattr(each, "stream"):
            made.objects.append(_stream(each))
        else:
            made.objects.append(_bytes(each))


def _stream(stream: "pydyf.Stream") -> tuple[bytes, bytes]:
    written = b"\n".join(_bytes(item) for item in stream.stream)
    extra = dict(stream.extra)
    if stream.compress:
        extra["Filter"] = "/FlateDecode"
        written = zlib.compress(written, LEVEL)
    return _bytes(extra)[:-2], written


def _page_text(number: int, drawn: bytes, widths: dict[bytes, dict[int, int]]) -> PageText:
    """Find the placeholder of the page's number, the last of its length in what is drawn."""
    for shown in reversed(list(_SHOWN.finditer(drawn))):
        glyphs = b"".join(_GLYPHS.findall(shown[1]))
        each = tuple(glyphs[at : at + 4] for at in range(0, len(glyphs), 4))
        if len(each) == _PLACEHOLDER and each[5:15] == each[19:29]:
            font = _FONT.findall(drawn, 0, shown.start())[-1]
            width = widths[font][int(each[5], 16)]
            return PageText(number, drawn[: shown.start()], each, drawn[shown.end() :], width)
    return PageText(number, drawn, (), b"", 0)


def _take_entries(made: Painted, names: Sequence[bytes]) -> None:
    """Cut the drawings where the pages of a table of contents go, in the order of its entries.

    Raises:
        ValueError: another number of placeholders is drawn than the page has entries.
    """
    left = list(names)
    for at, text in enumerate(made.texts):
        if not left:
            return
        wanted, entries, start = b"".join(reversed(text.glyphs[5:15])), [], 0
        for shown in _SHOWN.finditer(text.before):
            if left and b"".join(_GLYPHS.findall(shown[1])) == wanted:
                entries.append((text.before[start : shown.start()], left.pop(0)))
                start = shown.end()
        made.texts[at] = replace(text, before=text.before[start:], entries=tuple(entries))
    if left:
        raise ValueError(f"entries of the contents that are not drawn: {left}")


def numbered(text: PageText, page: int, pages: int, of: Mapping[bytes, int]) -> bytes:
    """Return the drawing of a page with its number, flush right where the placeholder was.

    ``of`` says on which page each place is that a table of contents names.
    """
    if not text.glyphs:
        return text.before
    digits = text.glyphs[5:15]
    entries = b"".join(
        b"%s[-%d<%s>] TJ" % (before, (10 - len(told)) * text.digit_width, b"".join(told))
        for before, name in text.entries
        for told in [[digits[int(each)] for each in str(of[name])]]
    )
    shown = (
        *text.glyphs[:5],
        *(digits[int(each)] for each in str(page)),
        *text.glyphs[15:19],
        *(digits[int(each)] for each in str(pages)),
    )
    indent = (_PLACEHOLDER - len(shown)) * text.digit_width
    foot = b"[-%d<%s>] TJ" % (indent, b"".join(shown))
    return entries + text.before + foot + text.after


def _bytes(item: object) -> bytes:
    """Return an object as PDF writes it, with a mark for each reference."""
    if isinstance(item, bytes):
        found = _REFERENCE.fullmatch(item)
        return b"\x01%s\x01" % found[1] if found else item
    if isinstance(item, _Own):
        return b"(\x01#\x01.%s)" % item.encode("ascii")
    if isinstance(item, dict):
        entries = (b"/%s %s" % (name.encode(), _bytes(value)) for name, value in item.items())
        return b"<<%s>>" % b"".join(entries)
    if isinstance(item, list):
        return b"[%s]" % b" ".join(map(_bytes, item))
    if isinstance(item, float) and not item.is_integer():
        item = f"{item:f}".rstrip("0")
    elif isinstance(item, float):
        item = int(item)
    literal: bytes | None = getattr(item, "data", None)
    if literal is not None:
        return literal.replace(b"\x01", b"\\001")
    return str(item).encode("ascii")
