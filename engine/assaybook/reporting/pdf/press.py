"""The laying out of parts, each in a process of its own that this one starts and waits for."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import gc
import json
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from assaybook.reporting.pdf.archive import prepare
from assaybook.reporting.pdf.paint import Face, Fonts, Painted, paint, paint_fonts, paint_head
from assaybook.reporting.pdf.parcel import packed, unpacked
from assaybook.reporting.pdf.split import MOST, Part, faces

if TYPE_CHECKING:
    from weasyprint import CSS, HTML
    from weasyprint.document import Document
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

SCHEME: Final = "assay:"
_MOST_AT_ONCE: Final = 4
_MOST_OF_ONE: Final = 2 * MOST
"""Characters of HTML after which a process ends and gives its memory back."""
_MORE: Final = 3
_WIDTH: Final = 2
_ITALIC: Final = 2
_EMPTY: Final = re.compile(r"<((?:br|col|hr|img|meta)\b[^>]*?)/?>")
_FAMILY: Final = re.compile(r'font-family: *"([^"]*)"')
_WEIGHT: Final = re.compile(r"font-weight: *(\d+)")
# The fonts are subsets of our own already. Cutting them again would depend on which libraries this
# machine has, and so would the bytes.
_OPTIONS: Final[dict[str, Any]] = {"full_fonts": True, "pdf_variant": "pdf/a-3a"}


class Refused(Exception):  # noqa: N818 - it is said to a person, as it stands
    """The page cannot be made, for a reason with a code."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the code and the sentence."""
        super().__init__(message)
        self.code = code


class _Painted(Exception):  # noqa: N818 - no error: it ends a writing that nobody wants
    """The pages are painted; the file need not be written."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all parts of a document are set with.

    Attributes:
        fetcher: gives our fonts and refuses any other address.
        styles: of all parts, read once; none where each part has its own.
        faces: the rules of the style that name its fonts, which each process reads for itself.
        shared: the fonts that are held for all parts together.
        most_pages: of one part.
    """

    fetcher: "URLFetcher"
    styles: "tuple[CSS, ...]"
    faces: str
    shared: frozenset[Face]
    most_pages: int


def setting(style: str, files: Mapping[str, bytes], most_pages: int) -> Setting:
    """Read the style of a document."""
    from weasyprint import CSS

    fetcher = fetcher_of_fonts(files)
    read = (CSS(string=style, base_url=SCHEME, url_fetcher=fetcher),)
    named = faces(style)
    shared = frozenset(map(_face, named.split("@font-face")[1:]))
    return Setting(fetcher, read, named, shared, most_pages)


def _face(rule: str) -> Face:
    family, weight = _FAMILY.search(rule), _WEIGHT.search(rule)
    slope = _ITALIC if "font-style: italic" in rule else 0
    return family[1] if family else "", int(weight[1]) if weight else 400, slope


def fetcher_of_fonts(files: Mapping[str, bytes]) -> "URLFetcher":
    """Return the one source of files: our fonts, by name, from memory."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Closed(URLFetcher):  # type: ignore[misc]  # the library has no types
        """Gives our fonts and refuses every other address."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            """Return a font, or stop the page."""
            del headers
            name = url.removeprefix(SCHEME)
            if not url.startswith(SCHEME) or name not in files:
                raise FatalURLFetchingError(f"the page asked for {url[:200]}")
            return URLFetcherResponse(url, BytesIO(files[name]), {"Content-Type": "font/ttf"})

    return Closed()


def as_xml(html: str) -> str:
    """Return a page of ours as XML: what has no content is closed."""
    return _EMPTY.sub(r"<\1/>", html)


def read_page(html: str, fetcher: "URLFetcher") -> "HTML":
    """Read a page: our own are well formed, which is read in a twentieth of the time.

    No name of our pages is declared in them, so nothing in one can grow or lead out of it.
    """
    from cssselect2 import ElementWrapper  # type: ignore[import-untyped]
    from weasyprint import HTML

    try:
        tree = ET.fromstring(as_xml(html))  # noqa: S314
    except ET.ParseError:
        return HTML(string=html, base_url=SCHEME, url_fetcher=fetcher)
    page: HTML = HTML.__new__(HTML)
    page.base_url, page.url_fetcher, page.media_type = SCHEME, fetcher, "print"
    page.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)
    page.etree_element = page.wrapper_element.etree_element
    return page


def lay_out_part(part: Part, held: Setting, fonts: "Faces") -> Painted:
    """Return one part, laid out and painted.

    Raises:
        Refused: ``pdf-fetch-refused`` or ``pdf-too-long``.
    """
    from weasyprint.urls import FatalURLFetchingError

    made: list[Painted] = []

    def finisher(document: "Document", pdf: Any) -> None:  # noqa: ANN401 - it has no types
        if part.first:
            prepare(pdf)
        made.append(_paint(document, pdf, part))
        raise _Painted

    try:
        page = read_page(part.html, held.fetcher)
        styles = [fonts.rules] if part.kind == "fonts" else [*held.styles, fonts.rules]
        document = page.render(font_config=fonts.loaded, stylesheets=styles, **_OPTIONS)
        if len(document.pages) > held.most_pages:
            pages = f"the pack has {len(document.pages)} pages; {held.most_pages} are allowed"
            raise Refused("pdf-too-long", pages)
        document.fonts = Fonts(frozenset() if part.kind == "fonts" else held.shared)
        document.write_pdf(finisher=finisher, **_OPTIONS)
    except FatalURLFetchingError as error:
        raise Refused("pdf-fetch-refused", str(error)) from error
    except _Painted:
        pass
    return made[0]


def _paint(document: "Document", pdf: Any, part: Part) -> Painted:  # noqa: ANN401
    if part.kind == "head":
        return paint_head(document, pdf)
    return paint_fonts(document, pdf) if part.kind == "fonts" else paint(document, pdf, part)


@dataclass(frozen=True, slots=True)
class Faces:
    """Our fonts as one process has loaded them; it has threads then, and may not fork."""

    loaded: "FontConfiguration"
    rules: "CSS"


def load_faces(held: Setting) -> Faces:
    """Load the fonts of the style."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    loaded = FontConfiguration()
    rules = CSS(string=held.faces, base_url=SCHEME, url_fetcher=held.fetcher, font_config=loaded)
    return Faces(loaded, rules)


def lay_out_parts(parts: Sequence[Part], held: Setting, folder: Path) -> list[Painted]:
    """Return all parts in order, laid out in processes of their own.

    As many run at a time as there are processors, up to four, each taking the longest part that
    waits, so that none works alone at the end. A process that has done much ends, which gives its
    memory back, and another takes its place.

    Raises:
        Refused: what one of the parts was refused for.
        MemoryError: a part does not fit.
        RecursionError: a part is nested too deeply.
    """
    gc.freeze()
    files = [folder / f"part-{len(parts)}-{index}" for index in range(len(parts))]
    order = sorted(range(len(parts)), key=lambda index: -len(parts[index].html))
    queue, asked = os.pipe()
    os.write(asked, b"".join(index.to_bytes(_WIDTH, "big") for index in order))
    os.close(asked)
    running: set[int] = set()
    left = min(_MOST_AT_ONCE, os.cpu_count() or 1, len(parts))
    try:
        while left or running:
            while left:
                running.add(_started(parts, held, files, queue))
                left -= 1
            process, status = os.wait()
            running.remove(process)
            if os.WIFSIGNALED(status):
                os.kill(os.getpid(), os.WTERMSIG(status))
            left = _told(folder / f"refused-{process}", os.waitstatus_to_exitcode(status))
    finally:
        os.close(queue)
        for process in running:
            os.kill(process, signal.SIGKILL)
    return [unpacked(file.read_bytes()) for file in files]


def _started(parts: Sequence[Part], held: Setting, files: Sequence[Path], queue: int) -> int:
    """Start a process that lays out what waits in ``queue``, and return its number."""
    process = os.fork()
    if process:
        return process
    code = 1
    made: list[str] = []
    try:
        code = _work(parts, held, files, queue)
    except Refused as error:
        made = [error.code, str(error)]
    except (MemoryError, RecursionError) as error:
        made = [type(error).__name__, ""]
    try:
        if made:
            (files[0].parent / f"refused-{os.getpid()}").write_text(json.dumps(made))
        sys.stderr.flush()
    finally:
        os._exit(code)


def _work(parts: Sequence[Part], held: Setting, files: Sequence[Path], queue: int) -> int:
    """Lay out parts until none waits or many are done, and return which of both."""
    faces, done = load_faces(held), 0
    while index := os.read(queue, _WIDTH):
        at = int.from_bytes(index, "big")
        files[at].write_bytes(packed(lay_out_part(parts[at], held, faces)))
        done += len(parts[at].html)
        if done > _MOST_OF_ONE:
            return _MORE
    return 0


def _told(file: Path, code: int) -> int:
    """Return how many processes to start in place of one that has ended.

    Raises:
        Refused: it says so in the file, or says nothing.
        MemoryError: it had no memory.
        RecursionError: a page is nested too deeply.
    """
    if code in {0, _MORE}:
        return int(code == _MORE)
    if not file.exists():
        raise Refused("pdf-failed", "a part of the layout ended without a reason")
    name, message = json.loads(file.read_text())
    if name == "MemoryError":
        raise MemoryError
    if name == "RecursionError":
        raise RecursionError
    raise Refused(name, message)
