"""The child process that lays out one PDF: limits first, then WeasyPrint, then one file.

It reads two lines from standard input: what it may do and where, and then the task. It writes
``out.pdf`` into the folder that the first line names, where the files to attach lie too, or one
JSON object with a code and a message to standard output. While nobody has given it a task, it loads
what a task needs.
"""

# pyright: reportMissingTypeStubs=false

import gc
import hashlib
import json
import resource
import select
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final

from assaybook.reporting.pdf.archive import Attached, attach
from assaybook.reporting.pdf.drawn import draw_whole_words
from assaybook.reporting.pdf.join import Whole
from assaybook.reporting.pdf.kept import Kept
from assaybook.reporting.pdf.paint import Painted
from assaybook.reporting.pdf.press import Refused, lay_out_parts, setting
from assaybook.reporting.pdf.split import Part, fonts, split
from assaybook.shelf import shelf

_REFUSED_EVENTS: Final = {
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
}


def main(orders: IO[bytes], told: IO[str]) -> int:
    """Do one task and return the exit code."""
    order = json.loads(orders.readline())
    limits, folder = order["limits"], Path(order["folder"])
    try:
        limit(limits)
        gc.disable()  # what is made lives as long as its process does
        kept = Kept.opened(Path(order["cache"]), our_fonts()) if order["cache"] else None
        waits = not select.select([orders], [], [], 0)[0]
        ahead = _ahead(kept, folder) if waits else {}
        task = json.loads(orders.readline() or "null")
        if task is None:  # nobody has one any more
            return 0
        attachments = [
            Attached(**each, data=(folder / "attached" / each["name"]).read_bytes())
            for each in task["attachments"]
        ]
        made = lay_out(task["html"], limits["pages"], folder, attachments, kept=kept, ahead=ahead)
        (folder / "out.pdf").write_bytes(made)
    except Refused as error:
        print(json.dumps({"code": error.code, "message": str(error)}), file=told)
        return 1
    except MemoryError:
        message = f"the layout needs more than {limits['memory_bytes']} bytes of memory"
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


def _load() -> None:
    """Load the library that lays out; from then on there is no way out of this process.

    Raises:
        Refused: ``pango-missing``.
    """
    if "weasyprint" in sys.modules:
        return
    try:
        import weasyprint
    except OSError as error:
        reason = str(error).splitlines()[0]
        raise Refused(
            "pango-missing", f"the text layout library pango is not installed ({reason})"
        ) from error
    del weasyprint
    draw_whole_words()
    sys.addaudithook(_no_way_out)


def _ahead(kept: Kept | None, folder: Path) -> dict[Part, Painted]:
    """Return what every pack needs, whatever it says: the fonts of the style that we ship."""
    _load()
    style = (shelf("templates") / "pack" / "pack.css").read_text(encoding="utf-8")
    part = fonts(style)
    name = kept.name(part, style) if kept else ""
    found = kept.find(name) if kept else None
    if found is None:
        (found,) = lay_out_parts([part], setting(style, our_fonts(), 1), folder)
        if kept:
            kept.keep(name, found)
    return {part: found}


def lay_out(  # noqa: PLR0913 - what to lay out, within what, and what is there already
    html: str,
    most_pages: int,
    folder: Path,
    attachments: Sequence[Attached] = (),
    *,
    kept: Kept | None = None,
    ahead: Mapping[Part, Painted] = MappingProxyType({}),
) -> bytes:
    """Return the PDF of a page of ours: PDF/A-3a and PDF/UA-1 at once.

    A page is laid out in parts, side by side where the machine has the processors, so that no
    process holds more than a few of them in memory. What was laid out before is not laid out
    again; the bytes are the same.

    Raises:
        Refused: ``pango-missing``, ``pdf-fetch-refused`` or ``pdf-too-long``.
    """
    cut = split(html)
    wanted = (*cut.parts, *cut.shared)
    names = [kept.name(part, cut.style) if kept else "" for part in wanted]
    found = [
        ahead.get(part) or (kept.find(name) if kept else None)
        for part, name in zip(wanted, names, strict=True)
    ]
    missing = [at for at, each in enumerate(found) if each is None]
    if missing:
        _load()
        held = setting(cut.style, our_fonts(), most_pages)
        made = lay_out_parts([wanted[at] for at in missing], held, folder)
        for at, each in zip(missing, made, strict=True):
            found[at] = each
            if kept:
                kept.keep(names[at], each)
        if kept:
            kept.tidy(names[missing[-1]])
    painted = [each for each in found if each]
    return _joined(html, painted, len(cut.parts), most_pages, attachments)


def _joined(
    html: str,
    painted: Sequence[Painted],
    number: int,
    most_pages: int,
    attachments: Sequence[Attached],
) -> bytes:
    """Put the parts, of which there are ``number``, and what they share together in a file."""
    parts, shared = painted[:number], painted[number:]
    pages = sum(len(part.pages) for part in parts)
    if pages > most_pages:
        raise Refused("pdf-too-long", f"the pack has {pages} pages; {most_pages} are allowed")
    whole = Whole(parts, shared)
    names = attach(whole, attachments)
    return whole.written(hashlib.sha256(html.encode()).hexdigest()[:32].encode(), names)


def our_fonts() -> Mapping[str, bytes]:
    """Return the files of our fonts by name."""
    folder = shelf("templates") / "pack" / "fonts"
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.name.endswith(".ttf")}


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout))
