"""The laying out of parts: in this process, or in several that this one starts and waits for."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import gc
import os
import pickle
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from assaybook.reporting.pdf.archive import prepare
from assaybook.reporting.pdf.paint import Painted, paint
from assaybook.reporting.pdf.split import Part

if TYPE_CHECKING:
    from weasyprint.document import Document
    from weasyprint.urls import URLFetcher

SCHEME: Final = "assay:"
_MOST_AT_ONCE: Final = 4
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


def lay_out_part(part: Part, index: int, fetcher: "URLFetcher", most_pages: int) -> Painted:
    """Return one part, laid out and painted.

    Raises:
        Refused: ``pdf-fetch-refused`` or ``pdf-too-long``.
    """
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError

    made: list[Painted] = []

    def finisher(document: "Document", pdf: Any) -> None:  # noqa: ANN401 - it has no types
        if index == 0:
            prepare(pdf)
        made.append(paint(document, pdf, index, continues=part.continues))
        raise _Painted

    try:
        page = HTML(string=part.html, base_url=SCHEME, url_fetcher=fetcher)
        document = page.render(font_config=FontConfiguration(), **_OPTIONS)
        if len(document.pages) > most_pages:
            pages = f"the pack has {len(document.pages)} pages; {most_pages} are allowed"
            raise Refused("pdf-too-long", pages)
        document.write_pdf(finisher=finisher, **_OPTIONS)
    except FatalURLFetchingError as error:
        raise Refused("pdf-fetch-refused", str(error)) from error
    except _Painted:
        pass
    return made[0]


def lay_out_parts(
    parts: Sequence[Part], fetcher: "URLFetcher", most_pages: int, folder: Path
) -> list[Painted]:
    """Return all parts in order, each laid out in a process of its own.

    As many run at a time as there are processors, up to four; each ends when its part is done, so
    the memory of a part is given back.

    Raises:
        Refused: what one of the parts was refused for.
        MemoryError: a part does not fit.
        RecursionError: a part is nested too deeply.
    """
    gc.freeze()
    running: dict[int, Path] = {}
    waiting = list(enumerate(parts))
    files = [folder / f"part-{index}" for index, _ in waiting]
    at_once = min(_MOST_AT_ONCE, os.cpu_count() or 1)
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                index, part = waiting.pop(0)
                running[_started(part, index, fetcher, most_pages, files[index])] = files[index]
            process, status = os.wait()
            if os.WIFSIGNALED(status):
                os.kill(os.getpid(), os.WTERMSIG(status))
            _told(running.pop(process), status)
    finally:
        for process in running:
            os.kill(process, signal.SIGKILL)
    return [_read(file) for file in files]


def _started(part: Part, index: int, fetcher: "URLFetcher", most_pages: int, file: Path) -> int:
    """Start a process for one part and return its number; its file holds what came of it."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        made: object = lay_out_part(part, index, fetcher, most_pages)
        code = 0
    except Refused as error:
        made = (error.code, str(error))
    except (MemoryError, RecursionError) as error:
        made = (type(error).__name__, "")
    try:
        with file.open("wb") as opened:
            pickle.dump(made, opened, protocol=5)
        sys.stderr.flush()
    finally:
        os._exit(code)


def _told(file: Path, status: int) -> None:
    """Raise what a process was refused for."""
    if status == 0:
        return
    if not file.exists():
        raise Refused("pdf-failed", "a part of the layout ended without a reason")
    code, message = _read(file)
    if code == "MemoryError":
        raise MemoryError
    if code == "RecursionError":
        raise RecursionError
    raise Refused(code, message)


def _read(file: Path) -> Any:  # noqa: ANN401 - what our own process wrote
    return pickle.loads(file.read_bytes())  # noqa: S301 - our own process wrote it just now
