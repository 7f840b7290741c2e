"""The child process that lays out one PDF: limits first, then WeasyPrint, then one file.

It reads a task from standard input and writes ``out.pdf`` into the folder that the task names,
where the files to attach lie too, or one JSON object with a code and a message to standard output.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import gc
import hashlib
import json
import resource
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from assaybook.reporting.pdf.archive import Attached, attach
from assaybook.reporting.pdf.join import Whole
from assaybook.reporting.pdf.press import SCHEME, Refused, lay_out_part, lay_out_parts
from assaybook.reporting.pdf.split import split
from assaybook.shelf import shelf

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

_REFUSED_EVENTS: Final = {
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
}


def main(task: IO[bytes], told: IO[str]) -> int:
    """Do one task and return the exit code."""
    wanted = json.load(task)
    try:
        limit(wanted["limits"])
        folder = Path(wanted["folder"])
        attachments = [
            Attached(**each, data=(folder / "attached" / each["name"]).read_bytes())
            for each in wanted["attachments"]
        ]
        made = lay_out(wanted["html"], wanted["limits"]["pages"], attachments, folder)
        (folder / "out.pdf").write_bytes(made)
    except Refused as error:
        print(json.dumps({"code": error.code, "message": str(error)}), file=told)
        return 1
    except MemoryError:
        message = f"the layout needs more than {wanted['limits']['memory_bytes']} bytes of memory"
        print(json.dumps({"code": "pdf-too-large", "message": message}), file=told)
        return 1
    except RecursionError:
        message = "the page is nested too deeply to be laid out"
        print(json.dumps({"code": "pdf-failed", "message": message}), file=told)
        return 1
    return 0


def limit(limits: dict[str, Any]) -> None:
    """Bound this process before it reads a page; nothing lifts the bounds again."""
    for kind, name, grace in (
        (resource.RLIMIT_CPU, "cpu_seconds", 5),  # the first signal says why, the second kills
        (resource.RLIMIT_AS, "memory_bytes", 0),
        (resource.RLIMIT_FSIZE, "output_bytes", 0),
    ):
        resource.setrlimit(kind, (int(limits[name]), int(limits[name]) + grace))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _no_way_out(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to connect or to start a program, whatever library asks for it."""
    if event in _REFUSED_EVENTS:
        raise Refused("pdf-fetch-refused", f"the page asked for {event} {arguments[-1]!r:.200}")


def lay_out(
    html: str, most_pages: int, attachments: Sequence[Attached] = (), folder: Path | None = None
) -> bytes:
    """Return the PDF of a page of ours: PDF/A-3a and PDF/UA-1 at once.

    A long page is laid out in parts, side by side where the machine has the processors, so that no
    process holds more than a part in memory.

    Raises:
        Refused: ``pango-missing``, ``pdf-fetch-refused`` or ``pdf-too-long``.
    """
    try:
        import weasyprint
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise Refused(
            "pango-missing", f"the text layout library pango is not installed ({reason})"
        ) from error
    del weasyprint
    sys.addaudithook(_no_way_out)
    gc.set_threshold(200_000, 50, 100)  # a page's boxes live as long as this process does
    fetcher, parts = fetcher_of_fonts(), split(html)
    if len(parts) == 1 or folder is None:
        painted = [lay_out_part(part, at, fetcher, most_pages) for at, part in enumerate(parts)]
    else:
        painted = lay_out_parts(parts, fetcher, most_pages, folder)
    pages = sum(len(part.pages) for part in painted)
    if pages > most_pages:
        raise Refused("pdf-too-long", f"the pack has {pages} pages; {most_pages} are allowed")
    whole = Whole(painted)
    names = attach(whole, attachments)
    return whole.written(hashlib.sha256(html.encode()).hexdigest()[:32].encode(), names)


def fetcher_of_fonts() -> "URLFetcher":
    """Return the one source of files: our fonts, by name, from memory."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    folder = shelf("templates") / "pack" / "fonts"
    held = {each.name: each.read_bytes() for each in folder.iterdir() if each.name.endswith(".ttf")}

    class Closed(URLFetcher):  # type: ignore[misc]  # the library has no types
        """Gives our fonts and refuses every other address."""

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            """Return a font, or stop the page."""
            del headers
            name = url.removeprefix(SCHEME)
            if not url.startswith(SCHEME) or name not in held:
                raise FatalURLFetchingError(f"the page asked for {url[:200]}")
            return URLFetcherResponse(url, BytesIO(held[name]), {"Content-Type": "font/ttf"})

    return Closed()


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout))
