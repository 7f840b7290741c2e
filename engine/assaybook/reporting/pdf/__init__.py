"""PDF files from our own HTML, laid out in a child process with limits.

The child gets an environment of its own, so neither time zone, locale, hash seed nor installed
fonts change a byte. It fetches nothing: fonts come from memory by name, and any other address
stops the page.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Self

from assaybook.domain.errors import OperatorError

if TYPE_CHECKING:  # the child imports this module too, and has no use for what models bring along
    from assaybook.domain.attachment import Attachment

__all__ = ["PdfLimits", "Press", "write_pdf"]

APT: Final = "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0"
_NO_SYSTEM_FONTS: Final = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
    "<fontconfig><cachedir>{folder}</cachedir></fontconfig>"
)
_NO_MEMORY: Final = frozenset({signal.SIGABRT, signal.SIGSEGV, signal.SIGTRAP, signal.SIGBUS})
"""How a library in C ends when it is given no memory."""
_HINTS: Final = {
    "pango-missing": APT,
    "pdf-fetch-refused": "A page may not name a file or an address; report this as a defect.",
    "pdf-too-long": "Make packs of fewer frameworks or releases.",
    "pdf-too-slow": "Make packs of fewer frameworks or releases, or allow more seconds.",
    "pdf-too-large": "Make packs of fewer frameworks or releases, or allow more memory.",
}


@dataclass(frozen=True, slots=True)
class PdfLimits:
    """What one PDF may cost.

    Attributes:
        cpu_seconds: processor time of the child, and of each process that it starts for a part.
        wall_seconds: time on the clock, after which all of them are ended.
        memory_bytes: address space of each.
        pages: pages of the document.
        output_bytes: size of any file that the child writes.
    """

    cpu_seconds: int = 300
    wall_seconds: float = 600
    memory_bytes: int = 4 * 2**30
    pages: int = 1_000
    output_bytes: int = 256 * 2**20


class Press:
    """The child process that lays out one PDF, from ``with`` on.

    It can be started before there is anything to lay out: it loads what it needs meanwhile.
    """

    def __init__(self, *, limits: PdfLimits, cache: Path | None = None) -> None:
        """Say what the PDF may cost, and the folder where painted parts are kept, if any."""
        self.limits = limits
        self.cache = cache

    def __enter__(self) -> Self:
        """Start the child; where something is in the way, not even its folder stays."""
        with ExitStack() as begun:
            with _uninterrupted():  # or there would be a folder of which nobody knows
                folder = begun.enter_context(TemporaryDirectory(prefix="assay-pdf-"))
            self.folder = Path(folder)
            self._child = _started(self.folder)
            begun.callback(self._end)
            order = {
                "limits": asdict(self.limits),
                "folder": str(self.folder),
                "cache": str(self.cache.absolute()) if self.cache else None,
            }
            self._say(order)
            self._held = begun.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        """End the child and what it started, whatever happened, and remove its folder."""
        self._held.close()

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        with self._child, suppress(BrokenPipeError):
            assert self._child.stdin is not None  # noqa: S101 - it was asked for
            self._child.stdin.close()

    def write(self, html: str, target: Path, *, attachments: Sequence["Attachment"] = ()) -> None:
        """Lay ``html`` out as PDF/A-3a and PDF/UA-1 and put it at ``target``, whole or not at all.

        Same HTML and attachments, same bytes, kept parts or not. The dates of the document are
        those in its metadata. It has an empty signature field, which
        ``assaybook.reporting.pdf.sign`` fills. A child lays out one PDF.

        Raises:
            ValueError: two attachments have one name.
            OperatorError: ``pango-missing``, ``pdf-too-slow``, ``pdf-too-large``, ``pdf-too-long``,
                ``pdf-fetch-refused``, ``pdf-unwritable`` or ``pdf-failed``.
        """
        names = [each.name for each in attachments]
        if len(set(names)) != len(names):
            raise ValueError(f"attachments of one name: {sorted(names)}")
        (self.folder / "attached").mkdir()
        for each in attachments:
            (self.folder / "attached" / each.name).write_bytes(each.data)
        listed = [each.model_dump(exclude={"data"}) for each in attachments]
        self._await({"html": html, "attachments": listed})
        beside = target.with_name(f".{target.name}.part")
        try:
            beside.write_bytes((self.folder / "out.pdf").read_bytes())
            beside.replace(target)
        except OSError as error:
            raise OperatorError(
                "pdf-unwritable",
                error.strerror or "the file cannot be written",
                where=str(target),
                hint="Name a file in a folder that exists and that you may write to.",
            ) from error

    def _await(self, task: dict[str, object]) -> None:
        """Give the child its task and wait for its end."""
        seconds, child = self.limits.wall_seconds, self._child
        try:
            out, said = child.communicate(_line(task), seconds)
        except subprocess.TimeoutExpired as error:
            raise _refused("pdf-too-slow", f"no PDF after {seconds:g} seconds") from error
        if child.returncode != 0:
            done = subprocess.CompletedProcess(child.args, child.returncode, out, said)
            raise _failure(done, self.limits)

    def _say(self, order: Mapping[str, object]) -> None:
        """Give the child its order; where it has ended already, its end says why."""
        assert self._child.stdin is not None  # noqa: S101 - it was asked for
        with suppress(BrokenPipeError):
            self._child.stdin.write(_line(order))
            self._child.stdin.flush()


def write_pdf(
    html: str,
    target: Path,
    *,
    limits: PdfLimits,
    attachments: Sequence["Attachment"] = (),
    cache: Path | None = None,
) -> None:
    """Write a PDF as ``Press.write`` does, with a child of its own.

    Raises:
        ValueError: two attachments have one name.
        OperatorError: as ``Press.write`` says.
    """
    with Press(limits=limits, cache=cache) as press:
        press.write(html, target, attachments=attachments)


def _line(told: Mapping[str, object]) -> bytes:
    return json.dumps(told).encode() + b"\n"


@contextmanager
def _uninterrupted() -> Generator[None]:
    """Let Ctrl-C and the end of a job wait for a moment."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _started(folder: Path) -> "subprocess.Popen[bytes]":
    """Start the child in ``folder``, in an environment of its own."""
    fonts = folder / "fonts.conf"
    fonts.write_text(_NO_SYSTEM_FONTS.format(folder=folder), encoding="utf-8")
    environment = {
        "FONTCONFIG_FILE": str(fonts),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
        "TMPDIR": str(folder),
        "TZ": "UTC",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "assaybook.reporting.pdf.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )


def _failure(done: "subprocess.CompletedProcess[bytes]", limits: PdfLimits) -> OperatorError:
    """Say why the child ended without a PDF."""
    if done.returncode == -signal.SIGXCPU:
        return _refused("pdf-too-slow", f"no PDF after {limits.cpu_seconds} seconds of processor")
    if done.returncode == -signal.SIGXFSZ:
        return _refused("pdf-too-large", f"the PDF is over {limits.output_bytes} bytes")
    last = done.stdout.decode(errors="replace").strip().splitlines()[-1:]
    if last and last[0].startswith("{"):
        told = json.loads(last[0])
        return _refused(str(told["code"]), str(told["message"]))
    if -done.returncode in _NO_MEMORY or b"alloc" in done.stderr or b"MemoryError" in done.stderr:
        within = f"the layout did not end well within {limits.memory_bytes} bytes of memory"
        return _refused("pdf-too-large", within)
    return _refused("pdf-failed", f"the layout ended with {done.returncode} and no reason")


def _refused(code: str, message: str) -> OperatorError:
    hint = _HINTS.get(code, "Run the command again; if it fails again, report the message.")
    return OperatorError(code, message, where="the PDF of the pack", hint=hint)
