"""The words that a person reads in a pack: the text of its pages, and the verdicts in it.

The text is read as viewers copy it: each string that a page shows, by the map from the glyphs of
its font to Unicode. White space is left out, because the layout makes it. A page that shows text
in another way than we write it is refused rather than half read.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from assaybook.domain.attachment import MANIFEST
from assaybook.domain.errors import SubmitterError
from assaybook.domain.finding import Assessment
from assaybook.reporting.verdicts import conclusion_line, cover_lines, verdict_line
from assaybook.service.verify_frame import see_frame
from assaybook.service.verify_parts import Predicate
from assaybook.service.verify_report import Step, bad, good

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader

STEP: Final = "pages"
_FULL: Final = "full"
_WORDS: Final = (
    "PASS|FAIL(WAIVED)|FAIL(BASELINED)|FAIL|INCONCLUSIVE|ERROR|NOTAPPLICABLE|"
    "NOTHINGJUDGED|DOESNOTCONFORM|NOTDETERMINED|CONFORMSWITHEXCEPTIONS|CONFORMS"
)
_COVER: Final = re.compile(
    r"Resultasof\d{1,2}[A-Z][a-z]+\d{4},\d\d:\d\dUTC"
    r"(?:Doesnotconform|Notdetermined|Nothingjudged|Conforms(?:withexceptions)?)"
)
_MOST_DEPTH: Final = 8
_NAME: Final = rb"/([^\s/<>\[\](){}%]+)\s+"
_SHOWN: Final = re.compile(
    _NAME + rb"-?[\d.]+\s+Tf|" + _NAME + rb"Do\b|\[([^\[\]()]*)\]\s*TJ|<([0-9A-Fa-f]*)>\s*Tj"
    rb"|([('\"%#]|\bBI\s|/ActualText|[^0\s]\s+Tr\b)"
)
_MAPPED: Final = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_HEX: Final = re.compile(rb"<([0-9A-Fa-f]+)>")
_GLYPH_DIGITS: Final = 4
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."


def page_steps(document: "PdfFileReader", found: Assessment, said: Predicate) -> Iterator[Step]:
    """Yield whether the verdicts that the pages print are those of the findings.

    Raises:
        SubmitterError: ``pages-unreadable``, or what `see_frame` says of the file around them.
    """
    see_frame(document, _pages(document.root["/Pages"], 0))
    derived = {conclusion_line(one) for one in found.conclusion}
    derived |= {verdict_line(one) for one in found.findings}
    told = Counter(map(_squeezed, said.verdicts))
    more = Counter(said.verdicts) - Counter(derived)
    if more:
        message = f"the findings do not come to {min(more)}"
        yield bad(STEP, "verdicts-otherwise", MANIFEST, message, _ASK)
        return
    if said.profile == _FULL and len(told) < len(derived):
        message = "a full pack shows every verdict, and this one leaves some out"
        yield bad(STEP, "verdicts-missing", MANIFEST, message, _ASK)
        return
    text = page_text(document)
    printed = Counter(_printed(text, derived))
    if printed != told:
        differing = min((printed - told) or (told - printed))
        verb = "print" if printed - told else "do not print"
        message = f"the pages {verb} {differing}"
        yield bad(STEP, "pages-otherwise", "the pages", message, _ASK)
        return
    if _COVER.findall(text) != [_squeezed("".join(cover_lines(found)))]:
        message = f"the cover does not say {cover_lines(found)[1]!r}"
        yield bad(STEP, "pages-otherwise", "the cover", message, _ASK)
        return
    message = f"the pages print {len(told)} verdicts, and each is that of its finding"
    yield good(STEP, "pages", "the pages", message)


def page_text(document: "PdfFileReader") -> str:
    """Return the text of all pages in the order of their drawing, without white space.

    Raises:
        SubmitterError: ``pages-unreadable``.
    """
    maps: dict[int, Mapping[int, str]] = {}
    pieces: list[str] = []
    for page in _pages(document.root["/Pages"], 0):
        pieces += _drawn(_content(page), _resources(page), maps, 0)
    return _squeezed("".join(pieces))


def _printed(text: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield every verdict in the text that is about something that we know."""
    names = sorted({_squeezed(line.rpartition(":")[0]) for line in lines}, key=len, reverse=True)
    if not names:
        return
    known = "|".join(map(re.escape, names))
    words = "|".join(map(re.escape, _WORDS.split("|")))
    for match in re.finditer(f"({known}):({words})", text):
        yield match[0]


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _pages(node: Any, depth: int) -> Iterator[Any]:  # noqa: ANN401 - an object of the library
    if depth > _MOST_DEPTH:
        raise _unreadable("its pages are nested too deeply")
    if node["/Type"] == "/Page":
        yield node
        return
    kids = node["/Kids"]
    for place in range(len(kids)):
        yield from _pages(kids[place], depth + 1)


def _content(page: Any) -> bytes:  # noqa: ANN401
    content = page["/Contents"]
    if not isinstance(content, list):
        return bytes(content.data)
    return b"\n".join(content[place].data for place in range(len(content)))


def _resources(node: Any) -> Any:  # noqa: ANN401
    for _ in range(_MOST_DEPTH):
        if "/Resources" in node:
            return node["/Resources"]
        node = node["/Parent"]
    raise _unreadable("a page has no resources")


def _drawn(
    content: bytes,
    resources: Any,  # noqa: ANN401
    maps: dict[int, Mapping[int, str]],
    depth: int,
) -> Iterator[str]:
    """Yield the strings that a content stream shows, and those of the forms that it draws."""
    if depth > _MOST_DEPTH:
        raise _unreadable("its drawings are nested too deeply")
    glyphs: Mapping[int, str] | None = None
    for font, form, several, one, other in _SHOWN.findall(content):
        if other:
            raise _unreadable("it shows text in a way that a pack does not")
        if font:
            fonts = resources["/Font"]
            glyphs = _glyphs(fonts.raw_get(f"/{font.decode()}"), maps)
        elif form:
            drawn = resources["/XObject"][f"/{form.decode()}"]
            if drawn["/Subtype"] == "/Form":
                within = drawn["/Resources"] if "/Resources" in drawn else resources  # noqa: SIM401 - get() gives a reference
                yield from _drawn(drawn.data, within, maps, depth + 1)
        else:
            if glyphs is None:
                raise _unreadable("it shows text without a font")
            for digits in [one] if one else _HEX.findall(several):
                yield _spelled(digits, glyphs)


def _spelled(digits: bytes, glyphs: Mapping[int, str]) -> str:
    if len(digits) % _GLYPH_DIGITS:
        raise _unreadable("it shows half a glyph")
    codes = (int(digits[at : at + _GLYPH_DIGITS], 16) for at in range(0, len(digits), 4))
    return "".join(glyphs.get(code, "\ufffd") for code in codes)


def _glyphs(font: Any, maps: dict[int, Mapping[int, str]]) -> Mapping[int, str]:  # noqa: ANN401
    """Return the text of each glyph of a font, read once for each font."""
    number: int = font.idnum
    if number not in maps:
        maps[number] = dict(_mapping(font.get_object()["/ToUnicode"].data))
    return maps[number]


def _mapping(text: bytes) -> Iterator[tuple[int, str]]:
    for kind, body in _MAPPED.findall(text):
        codes = _HEX.findall(body)
        if kind == b"range":
            raise _unreadable("a font maps ranges, which a pack's does not")
        for glyph, letters in zip(codes[::2], codes[1::2], strict=True):
            yield int(glyph, 16), bytes.fromhex(letters.decode()).decode("utf-16-be")


def _unreadable(message: str) -> SubmitterError:
    return SubmitterError("pages-unreadable", message, where="the pages")
