"""The audit packs as an auditor opens them, and what happens where none can be made."""

import json
import site
import socket
import sysconfig
import threading
import venv
from functools import cache
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Final

import pytest
from pypdf import PdfReader

import assaybook
from assaybook.domain import attachment
from support.commands import assay, assay_process, refused
from support.example import FLAWED, SOUND, outcomes
from support.small import POLICY, SYSTEM, Small, a_document, a_small_system

PARTS: Final = {
    *(attachment.FINDINGS, attachment.BUNDLE, attachment.SUBJECT, attachment.FACTS),
    *(attachment.STATEMENTS, attachment.EVIDENCE_INDEX, attachment.MANIFEST),
    *(attachment.OSCAL_PLAN, attachment.OSCAL_POAM, attachment.OSCAL_RESULTS),
    attachment.FRAMEWORKS,
}
NO_PANGO: Final = """\
import cffi
import ctypes.util

real = cffi.FFI.dlopen


def dlopen(self, name, *more):
    if "pango" in str(name):
        raise OSError(f"cannot load library {name!r}")
    return real(self, name, *more)


cffi.FFI.dlopen = dlopen
ctypes.util.find_library = lambda name: None if "pango" in name else name
"""


@cache
def text_of(pdf: Path, most_pages: int | None = None) -> str:
    """Return the words of a PDF, or of its first pages, joined by single spaces."""
    pages = [page.extract_text() for page in PdfReader(pdf).pages[:most_pages]]
    return " ".join(" ".join(pages).split())


def _follow(pdf: Path, evidence: Path) -> None:
    """Follow every row that decided to the bytes that it was read from, as the guide says."""
    parts = {
        name: json.loads(each[0])
        for name, each in PdfReader(pdf).attachments.items()
        if name in {attachment.FINDINGS, attachment.EVIDENCE_INDEX}
    }
    index = {each["id"]: each for each in parts[attachment.EVIDENCE_INDEX]["evidence"]}
    received = {
        f"sha256:{sha256(file.read_bytes()).hexdigest()}": file for file in evidence.iterdir()
    }
    followed = 0
    for finding in parts[attachment.FINDINGS]["findings"]:
        for use in [use for row in finding["rows"] for use in row["evidence"]]:
            file = received.get(index[use["id"]]["blob"])
            if file is None or file.suffix != ".json" or not use["pointer"].startswith("/"):
                continue  # a document of another release, or a place in a text
            at = json.loads(file.read_bytes())
            for step in use["pointer"][1:].split("/"):
                at = at[int(step) if isinstance(at, list) else step]
            followed += 1
    assert followed > 0


@pytest.mark.slow
def test_the_demo_judges_both_releases_and_each_pack_says_in_words_what_its_gate_says(
    tmp_path: Path, example: Path
) -> None:
    done = assay("demo", inside=tmp_path)
    assert done.code == 0, done.err
    for words in ("PASS (exit 0)", "FAIL (exit 1)", "Try next:", "assay policy show"):
        assert words in done.out
    folder = tmp_path / "assay-demo"
    rules = sum(one["rules"] for one in assay("policy", "list", "--format", "json").value)
    for release, says in ((SOUND, "conforms"), (FLAWED, "does not conform")):
        judged = json.loads((folder / f"{release}.json").read_text(encoding="utf-8"))
        assert len(outcomes(judged)) == len(judged["findings"]) == rules
        assert (folder / f"{release}.csv").read_text(encoding="utf-8").count("quality.floor") == 1
        cover = text_of(folder / f"{release}.pdf", 3)
        assert says in cover.lower()
        assert ("does not conform" in cover.lower()) is (release == FLAWED)
        assert judged["assessment"]["digest"].removeprefix("sha256:") in cover.replace(" ", "")
        assert "Subject and assurance asserted by the submitter, not authenticated." in cover
    _follow(folder / f"{FLAWED}.pdf", example / "releases" / FLAWED / "evidence")
    whole = text_of(folder / f"{FLAWED}.pdf").replace(" ", "")
    judged = json.loads((folder / f"{FLAWED}.json").read_text(encoding="utf-8"))
    assert [name for name in outcomes(judged) if name.split("/")[1] not in whole] == []


def test_the_demo_does_not_write_over_what_is_there(tmp_path: Path) -> None:
    mine = tmp_path / "assay-demo" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    assert "--out" in refused(assay("demo", inside=tmp_path), 2, "demo-folder-taken")
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]


def test_the_demo_says_that_it_has_no_folder_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "assay-demo").write_text("a file", encoding="utf-8")
    assert "permissions" in refused(assay("demo", inside=tmp_path), 2, "file-unwritable")
    under = tmp_path / "assay-demo" / "further"
    refused(assay("demo", "--out", under, inside=tmp_path), 2, "file-unwritable")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("evidence", "code", "words"),
    [((), 4, "not determined"), (("other.json",), 3, "not determined")],
)
def test_the_pack_of_an_unproven_release_says_so(
    evidence: tuple[str, ...], code: int, words: str, small: Small
) -> None:
    small.write("other.json", a_document(facts=[]))
    done = small.check("--scope", "scope.yaml", "--pack", "out/pack.pdf", evidence=evidence)
    assert done.code == code, done.err
    assert "audit pack: out/pack.pdf" in done.err
    text = text_of(small.folder / "out" / "pack.pdf").lower()
    assert words in text
    assert "does not conform" not in text


@pytest.fixture
def canary() -> "Canary":
    """Return an address on this machine that counts who calls."""
    return Canary()


class Canary:
    """A listener on the loopback that counts connections."""

    def __init__(self) -> None:
        """Listen on any free port."""
        self.calls = 0
        self._line = socket.create_server(("127.0.0.1", 0))
        self._line.settimeout(0.2)
        self.url = f"http://127.0.0.1:{self._line.getsockname()[1]}/canary"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                call, _address = self._line.accept()
            except TimeoutError:
                continue
            self.calls += 1
            call.close()

    def close(self) -> int:
        """Stop listening and return how many called."""
        self._stop.set()
        self._thread.join()
        self._line.close()
        return self.calls


DOCUMENTED: Final = """\
policy: documentation.use
version: 1
title: The intended use is the one that was agreed
why: A card can say anything.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: supports}
needs:
  use: {facts: documentation, where: row.topic == "intended_use", fresh_for: never}
rules:
  - id: as-agreed
    for_each: use
    pass_when: row.text == "agreed"
    message: "the card says: {row.text}"
"""


@pytest.mark.slow
def test_markup_addresses_and_templates_in_evidence_are_only_text_in_the_pack(
    small: Small, canary: Canary
) -> None:
    secret = small.write("secret.txt", "canary-file-content")
    hostile = (
        f'<img src="{canary.url}"> <style>@import "{canary.url}";</style> '
        f'<link rel=attachment href="{secret.as_uri()}"> '
        f'"><p style="background:url({canary.url})"> <script>x()</script> '
        "{{ 7*7 }} {{ ''.__class__ }} {% for i in range(9) %}again{% endfor %} &lt;b&gt;"
    )
    small.write("policies/documentation/use.yaml", DOCUMENTED)
    card = f"---\nlicense: mit\n---\n# Card\n\n## Intended use\n\n{hostile}\n"
    small.write("evidence/model-card.md", card)
    metric = json.loads(a_document())["facts"][0] | {"dataset": hostile}
    small.write("evidence/metrics.json", a_document(facts=[metric]))
    small.write("system.yaml", SYSTEM.replace("Order the waiting list.", json.dumps(hostile)))
    words = ("--scope", "scope.yaml", "--organisation", hostile, "--pack", "pack.pdf")
    done = small.check(*words, "--format", "json")
    assert canary.close() == 0
    assert done.code in {1, 3}, done.err
    pdf = small.folder / "pack.pdf"
    text = text_of(pdf).replace(" ", "")
    for part in hostile.split():
        assert part in text or part[:20] in text, part
    assert "49" not in text[text.index("{{7*7}}") : text.index("{{7*7}}") + 20]
    assert "canary-file-content" not in text
    reader = PdfReader(pdf)
    assert set(reader.attachments) <= PARTS
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert [one for one in links if "/URI" in one.get("/A", {})] == []
    assert unescape("&lt;") in text


@pytest.fixture(scope="module")
def without_pango(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python with all our packages, in which the library pango cannot be found."""
    home = tmp_path_factory.mktemp("no-pango")
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    source = Path(assaybook.__file__).parents[1]
    (packages / "lent.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{source}\nimport no_pango\n", encoding="utf-8"
    )
    # Not as sitecustomize: Debian's Python has one of its own, which is found first.
    (packages / "no_pango.py").write_text(NO_PANGO, encoding="utf-8")
    assert site.getsitepackages()
    return home / "bin" / "python"


@pytest.mark.slow
def test_without_pango_the_verdict_stands_and_the_pack_is_refused_with_the_remedy(
    without_pango: Path, tmp_path: Path
) -> None:
    small = a_small_system(tmp_path / "small")
    options = ("--policies", "policies", "--as-of", "2026-11-20T00:00:00Z", "--format", "json")
    words = ("check", "evidence", *options, "--pack", "pack.pdf")
    done = assay_process(*words, inside=small.folder, interpreter=without_pango)
    said = refused(done, 2, "pango-missing")
    assert "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0" in said
    assert done.value["gate"]["verdict"] == "pass"
    assert not (small.folder / "pack.pdf").exists()
    assert list(small.folder.glob("*.part")) == []


@pytest.mark.slow
def test_the_doctor_names_what_is_missing_and_how_to_get_it(
    without_pango: Path, tmp_path: Path
) -> None:
    words = ("doctor", "--format", "json")
    done = assay_process(*words, inside=tmp_path, interpreter=without_pango)
    assert done.code == 2, done.err
    lacking = {one["what"]: one["remedy"] for one in done.value if one["state"] == "missing"}
    assert len(lacking) == 2
    assert all("libpango" in remedy for remedy in lacking.values())


def test_a_policy_that_is_not_sound_makes_no_pack(small: Small) -> None:
    small.write("policies/quality/floor.yaml", POLICY.replace("row.value", "row.valu"))
    refused(small.check("--pack", "pack.pdf"), 5)
    assert not (small.folder / "pack.pdf").exists()


def test_a_pack_that_cannot_be_written_is_refused_before_it_is_laid_out(small: Small) -> None:
    done = small.check("--pack", "model.bin/pack.pdf")
    assert "model.bin/pack.pdf" in refused(done, 2, "file-unwritable")
    assert "evidence" in refused(small.check("--pack", "evidence"), 2, "file-unwritable")
