"""Fuzz the readers that parse most by hand: evidence or one refusal, whatever the bytes are.

`python bench/fuzz/readers.py READER [-max_total_time=SECONDS] [other options of libFuzzer]` needs
`pip install atheris`, which is no dependency. Readers: card, csv, json, log, tar, xml, yaml. It
starts from the documents of the tests, prints the number of executions, and ends with status 77 at
the first input that is neither read nor refused, or that is read in two ways.
"""

import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["assaybook.intake"]):
    from assaybook.domain.errors import AssayError
    from assaybook.intake import json_text
    from assaybook.intake.declared import Declared
    from assaybook.intake.limits import Limits
    from assaybook.intake.package import open_package
    from assaybook.intake.read import Receipt, open_document

RECEIPT: Final = Receipt(datetime(2026, 11, 22, tzinfo=UTC))
LIMITS: Final = Limits(items=20_000, keys=5_000, facts=1_000)
DOCUMENTS: Final = Path(__file__).resolve().parents[2] / "tests" / "data" / "evidence"
NAMES: Final = {
    "card": "README.md",
    "csv": "report.csv",
    "json": "report.json",
    "log": "scan.log",
    "tar": "package.tar",
    "xml": "report.xml",
    "yaml": "rules.yaml",
}
"""The name of the file by which its reader is chosen."""
SEEDS: Final = {
    "card": b"---\nlicense: mit\nmodel-index:\n- name: m\n  results:\n  - task: {type: t}\n"
    b"    dataset: {name: d, type: d}\n    metrics:\n    - {type: accuracy, value: 0.9}\n---\n"
    b"# Model card\n\n## Limitations\n\n[More Information Needed]\n\n```python\n# code\n```\n"
    b"<!-- left out -->\n",
    "csv": b'sex,recall,count\nf,0.9,10\n"m, old",0.8,"12"\n',
    "log": b"m.pkl: dangerous import 'os system' FOUND\n----------- SCAN SUMMARY -----------\n"
    b"Scanned files: 1\nInfected files: 1\nDangerous globals: 1\n",
}
FORMATS: Final = {"csv": "fairlearn", "log": "picklescan", "card": "huggingface"}


def read(reader: str, raw: bytes) -> None:
    """Read bytes; anything but evidence or a refusal ends the process."""
    declared = (Declared(format=FORMATS.get(reader)), Declared(system="s", release="1"))
    name = NAMES[reader]
    try:
        if reader == "tar":
            open_package(raw, name=name, declared=declared, receipt=RECEIPT, limits=LIMITS)
        else:
            open_document(raw, name=name, declared=declared, receipt=RECEIPT, limits=LIMITS)
    except AssayError as error:
        spoken = (error.code, error.message)
        if not all(spoken):
            message = f"a refusal without words: {spoken}"
            raise RuntimeError(message) from error
    if reader == "json":
        same_in_both_ways(raw)


def same_in_both_ways(raw: bytes) -> None:
    """See that JSON is read quickly as it is read strictly."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return
    ways: list[object] = []
    for way in (json_text.read_json, json_text.read_strictly):
        try:
            found = way(raw, "a", LIMITS)
            ways.append((repr(found.value), found.odd))
        except AssayError as error:
            ways.append((error.code, error.where))
    if ways[0] != ways[1] and ways[0] != ("document-too-large", "a"):
        message = f"read in two ways: {ways}"
        raise RuntimeError(message)


def packed() -> bytes:
    """Return a small tar of a model package."""
    held = BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, content in (("Kitfile", b"manifestVersion: 1.0.0\npackage: {name: m}\n"),):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, BytesIO(content))
    return held.getvalue()


def main() -> None:
    """Fuzz one reader, from the documents that its tests have."""
    reader = sys.argv.pop(1) if sys.argv[1:] and sys.argv[1] in NAMES else "json"
    ending = Path(NAMES[reader]).suffix
    with tempfile.TemporaryDirectory() as corpus:
        for number, path in enumerate(sorted(DOCUMENTS.rglob(f"*{ending}"))):
            Path(corpus, str(number)).write_bytes(path.read_bytes())
        Path(corpus, "seed").write_bytes(SEEDS.get(reader) or packed())
        options = [f"-artifact_prefix={tempfile.gettempdir()}/", "-print_final_stats=1"]
        atheris.Setup(
            [*sys.argv, *options, "-max_len=20000", corpus],
            lambda raw: read(reader, raw),
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
