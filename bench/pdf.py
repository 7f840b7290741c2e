"""Time the PDF of an audit pack beside bare WeasyPrint, one JSON object a line.

`python bench/pdf.py [FINDINGS]` lays out packs of 40 findings, a fifth of FINDINGS and FINDINGS
(2,000 unless told), each in the child process that ships. ``ratio`` is the time on the clock of
WeasyPrint's own one-line call on the same HTML, with the same tags and checks of a standard, over
ours: above 1, ours is sooner. ``megabytes`` is the most that any one process held. Seconds belong
to the machine. ``the same pack again`` takes its parts from where the first laid them. The exit
status is 1 where the bytes of ten runs differ or the time for a finding grows with their number.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from assaybook.domain.finding import Finding
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from assaybook.reporting.pdf import PdfLimits, write_pdf
from support.pack_documents import documents
from support.pack_findings import findings
from support.packs import a_source_of

MOST_GROWTH: Final = 1.5
CHARTED: Final = 3
ZONES: Final = ("UTC", "Asia/Tokyo", "America/Lima", "Pacific/Kiritimati", "Europe/London")
LANGUAGES: Final = ("C.UTF-8", "tr_TR.UTF-8")
BARE: Final = """
import sys
from pathlib import Path
from weasyprint import HTML
from assaybook.reporting.pdf.child import our_fonts
from assaybook.reporting.pdf.press import fetcher_of_fonts
html = Path(sys.argv[1]).read_text()
page = HTML(string=html, base_url="assay:", url_fetcher=fetcher_of_fonts(our_fonts()))
page.write_pdf(sys.argv[2], pdf_variant="pdf/ua-1", full_fonts=True)
"""


def html_of(number: int) -> str:
    """Return the pack of so many findings: forty of every kind, then more without charts."""
    found: list[Finding] = list(findings(documents()))
    plain = found[CHARTED:]
    for copy in count(2):
        if len(found) >= number:
            break
        found += [each.model_copy(update={"policy": f"{each.policy}-{copy}"}) for each in plain]
    return render_html(build_pack(a_source_of(*found[:number])))


def spent() -> float:
    """Return the seconds of processor that ended processes took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(html: str, target: Path, kept: Path | None = None) -> dict[str, float]:
    """Lay out one pack as it ships, and say what it took."""
    start, before = time.perf_counter(), spent()
    write_pdf(html, target, limits=PdfLimits(), cache=kept)
    seconds, processor = time.perf_counter() - start, spent() - before
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"seconds": seconds, "processor": processor, "megabytes": held}


def again(html: str, folder: Path, first: dict[str, float], made: bytes) -> None:
    """Print what the same pack takes when its parts are kept.

    Raises:
        ValueError: its bytes are others.
    """
    target = folder / "again.pdf"
    figures = timed(html, target, folder / "kept")
    if target.read_bytes() != made:
        raise ValueError("a pack of kept parts has other bytes")
    del figures["megabytes"]
    told(
        "the same pack again",
        **figures,
        times_processor=first["processor"] / figures["processor"],
        times=first["seconds"] / figures["seconds"],
    )


def bare(html: str, folder: Path) -> tuple[float, float]:
    """Return the seconds and the megabytes of WeasyPrint alone on the same HTML."""
    (folder / "page.html").write_text(html)
    command = [sys.executable, "-c", BARE, str(folder / "page.html"), str(folder / "bare.pdf")]
    start = time.perf_counter()
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return time.perf_counter() - start, used.ru_maxrss / 1024


def same_bytes(html: str, folder: Path, runs: int = 10) -> bool:
    """Tell whether runs under other zones, languages and hash seeds give the same bytes."""
    (folder / "page.html").write_text(html)
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from assaybook.reporting.pdf import PdfLimits, write_pdf\n"
        "write_pdf(Path(sys.argv[1]).read_text(), Path(sys.argv[2]), limits=PdfLimits())\n"
    )
    made: set[bytes] = set()
    for run in range(runs):
        target = folder / "again.pdf"
        subprocess.run(
            [sys.executable, "-c", program, str(folder / "page.html"), str(target)],
            check=True,
            env={
                "TZ": ZONES[run % len(ZONES)],
                "LANG": LANGUAGES[run % len(LANGUAGES)],
                "PYTHONHASHSEED": str(run),
            },
        )
        made.add(target.read_bytes())
    return len(made) == 1


def signing(pdf: bytes) -> float:
    """Return the seconds that a signature takes, the libraries once loaded."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    from assaybook.reporting.pdf.sign import sign_pdf

    at = datetime(2026, 1, 1, tzinfo=UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Bench")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(at)
    certificate = builder.not_valid_after(at + timedelta(days=9)).sign(key, hashes.SHA256())
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        sign_pdf(pdf, certificate=certificate, key=key, signed_at=at, reason="bench")
        best = min(best, time.perf_counter() - start)
    return best


def told(name: str, **figures: object) -> None:
    """Print one line."""
    shown = {
        key: round(each, 3) if isinstance(each, float) else each for key, each in figures.items()
    }
    print(json.dumps({"bench": name} | shown), flush=True)


def pages_of(file: Path) -> int:
    """Return the number of pages of a PDF."""
    from pypdf import PdfReader

    return len(PdfReader(file).pages)


def main(most: int) -> int:
    """Print the lines and return the exit status."""
    taken: list[tuple[str, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in (40, most // 5, most):  # ours first: the most memory is that of all so far
            target = folder / f"{len(taken)}.pdf"
            taken.append((html := html_of(number), timed(html, target, folder / "kept")))
        each: list[float] = []
        for at, (html, figures) in enumerate(taken):
            target = folder / f"{at}.pdf"
            pages = pages_of(target)
            alone, held = bare(html, folder)
            each.append(figures["processor"] / pages)
            told(
                f"a pack of {(40, most // 5, most)[at]} findings",
                pages=pages,
                **figures,
                pages_per_second=pages / figures["seconds"],
                kilobytes=target.stat().st_size // 1024,
                ratio=alone / figures["seconds"],
                megabytes_of_bare=held,
            )
            again(html, folder, figures, target.read_bytes())
        growth = each[-1] / each[0]
        told("processor time of a page, the largest pack over the smallest", growth=growth)
        told("signing", seconds=signing((folder / "0.pdf").read_bytes()))
        same = same_bytes(taken[0][0], folder)
        told("ten runs with other zone, language and hash seed", same=same)
    return 0 if same and growth < MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
