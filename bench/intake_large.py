"""Time intake of large documents, each in a process of its own, one JSON object a line.

`python bench/intake_large.py [MEGABYTES...] [SAMPLES]` makes documents of five formats in these
sizes, as their tools write them, and reads each; and others that are hard to read: texts of nothing
but emoji, escapes, secrets or keys. With a folder of sample documents it makes one of 50 MB for
each adapter too, of the items of a sample over and over, and one of as many as the limits take.
`answer` is the number of facts, or the code of the refusal; `seconds` are those of the processor,
`before_mb` is the memory of the process with the document in it, and `peak_mb` the most while it
was read.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

SIZES: Final = (5, 20, 50)
MEGABYTE: Final = 1_000_000
_TEXT: Final = "A secret of this form was found where none should be; see the guide for what to do."


def sarif(number: int) -> str:
    """Return a result of a scanner for secrets, with a snippet to be removed."""
    region = {"startLine": number, "snippet": {"text": f"token = 'word-{number:09d}'"}}
    place = {"artifactLocation": {"uri": f"src/part{number % 97}/file{number}.py"}}
    return json.dumps(
        {
            "ruleId": f"rule-{number % 50}",
            "level": "error",
            "message": {"text": f"{_TEXT} ({number})"},
            "locations": [{"physicalLocation": place | {"region": region}}],
            "partialFingerprints": {"primaryLocationLineHash": f"{number:016x}:1"},
        }
    )


def presidio(number: int) -> str:
    """Return a hit."""
    return json.dumps(
        {"entity_type": "PERSON", "start": number, "end": number + 9, "score": 0.85}
        | {"analysis_explanation": None, "recognition_metadata": {"recognizer_name": "Spacy"}}
    )


def trivy(number: int) -> str:
    """Return a vulnerability."""
    return json.dumps(
        {
            "VulnerabilityID": f"CVE-2026-{number}",
            "PkgName": f"library-{number % 900}",
            "InstalledVersion": "1.2.3",
            "FixedVersion": "1.2.4",
            "Severity": "HIGH",
            "Title": _TEXT,
            "Description": _TEXT * 6,
            "References": [f"https://example.org/{number}/{each}" for each in range(8)],
        }
    )


def junit(number: int) -> str:
    """Return a case that passed."""
    return f'<testcase classname="tests.part{number % 97}" name="case {number}" time="0.01"/>'


def told(number: int) -> str:
    """Return a case that failed, with what it printed; as many as fit have fewer than the rows."""
    said = f"{_TEXT} ({number})\n" * 21
    case = f'<testcase classname="tests.part{number % 97}" name="case {number}" time="0.01">'
    return f'{case}<failure message="{_TEXT}" type="AssertionError">{said}</failure></testcase>'


def explained(number: int) -> str:
    """Return a result of a scanner with a long message, beside its snippet."""
    return sarif(number).replace(_TEXT, _TEXT * 21)


def table(number: int) -> str:
    """Return a row of values for one group."""
    return f"group-{number},0.{number % 89 + 10},0.{number % 83 + 10},{number % 900}"


_LIST: Final = ("[", "]")
_SARIF: Final = (
    '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gitleaks"}}, "results": [',
    "]}]}",
)
_TRIVY: Final = (
    '{"SchemaVersion": 2, "ArtifactName": "a", "Results": [{"Target": "a", "Vulnerabilities": [',
    "]}]}",
)
FORMATS: Final[dict[str, tuple[str, Callable[[int], str], tuple[str, str], str]]] = {
    "sarif": ("a.sarif", sarif, _SARIF, ",\n"),
    "presidio": ("a.json", presidio, ("[", "]"), ","),
    "trivy": ("a.json", trivy, _TRIVY, ","),
    "long sarif": ("a.sarif", explained, _SARIF, ",\n"),
    "junit": ("a.xml", junit, ('<testsuite name="all">', "</testsuite>"), "\n"),
    "long junit": ("a.xml", told, ('<testsuite name="all">', "</testsuite>"), "\n"),
    "csv": ("a.csv", table, ("group,recall,precision,count\n", "\n"), "\n"),
}
_LEAK: Final = ('[{"RuleID": "a", "File": "b", "Secret": "c", "Line": "', '"}]')
_CARD: Final = ('{"schema_version": "0.0.2", "model_details": {"name": "m", "owners": [', "]}}")
_OURS: Final = ('{"assaybook": "v1", "facts": [{"type": "pii", "entity": "', '"}]}')
HARD: Final[dict[str, tuple[str, Callable[[int], str], tuple[str, str], str]]] = {
    "emoji": ("a.json", lambda _: "\U0001f600" * 50, _LEAK, " "),
    "escaped emoji": ("a.json", lambda _: "\\ud83d\\ude00" * 50, _LEAK, " "),
    "one emoji in JSON": (
        "a.sarif",
        explained,
        ('{"note": "\U0001f600", ' + _SARIF[0][1:], "]}]}"),
        ",",
    ),
    "one emoji in XML": ("a.xml", told, ('<testsuite name="\U0001f600">', "</testsuite>"), "\n"),
    "passages": ("a.json", lambda n: f'{{"name": "Team {n}: {_TEXT}"}}', _CARD, ","),
    "escapes": ("a.json", lambda _: "\\n\\t\\u00e9" * 50, _LEAK, " "),
    "emoji in many texts": ("a.json", lambda _: f'"{chr(0x1F600) * 20}"', _LIST, ","),
    "secrets in JSON": ("a.json", lambda n: f'"AKIA{n:016d}"', _LIST, ","),
    "one text of secrets": ("a.json", lambda n: f"AKIA{n:016d}", _OURS, " "),
    "secrets in lines": ("a.txt", lambda n: f"AKIA{n:016d}", ("", ""), "\n"),
    "secrets in a table": ("a.csv", lambda n: f"AKIA{n:016d},1", ("a,b\n", "\n"), "\n"),
    "secrets in a card": ("a.md", lambda n: f"AKIA{n:016d}", ("# Model card\n\n", ""), "\n"),
    "secrets in YAML": ("a.yaml", lambda n: f"- AKIA{n:016d}", ("", "\n"), "\n"),
    "secrets in XML": (
        "a.xml",
        lambda n: f"<a>AKIA{n:016d}</a>",
        ("<testsuite>", "</testsuite>"),
        "\n",
    ),
    "different secrets": (
        "a.json",
        lambda n: f'{{"RuleID": "a", "File": "b", "Secret": "word-{n:09d}", "Match": "{n:09d}"}}',
        ("[", "]"),
        ",",
    ),
    "keys": ("a.json", lambda n: f'"k{n}": {n}', ("{", "}"), ","),
    "brackets": ("a.json", lambda _: "[" * 50, ("", ""), ""),
    "numbers that are none": ("a.json", lambda _: "NaN", _LIST, ","),
    "long numbers": ("a.json", lambda n: f"{n}{'7' * 190}", _LIST, ","),
    "lines of JSON": ("a.jsonl", lambda n: f'{{"a": {n}}}', ("", "\n"), "\n"),
    "lines": ("a.txt", lambda n: f"line {n}", ("", ""), "\n"),
    "white space": ("a.json", lambda _: " " * 50, ("[", "]"), "\n"),
}
"""Documents that are hard to read: each names a limit that must be met before anything is built."""


def main(sizes: tuple[int, ...], folder: str) -> int:
    """Print one line for each format and size, and return the exit status."""
    for name in FORMATS:
        for size in sizes:
            said("one", name, str(size))
    for name in HARD:
        said("one", name, "50")
    for name in samples(folder) if folder else ():
        said("sample", folder, name, "50")
        said("fullest", folder, name)
    return 0


def said(*words: str) -> None:
    """Print what a process of its own says."""
    command = [sys.executable, __file__, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(done.stdout, end="", flush=True)


def one(name: str, size: int) -> None:
    """Read one document of a format, and print what it took."""
    file, part, (before, after), between = (FORMATS | HARD)[name]
    text = between.join(_until(size * MEGABYTE, part, len(between)))
    raw = f"{before}{text}{after}".encode()
    del text
    read(name, file, raw, "fairlearn" if name == "csv" else None)


def read(name: str, file: str, raw: bytes, said_format: str | None = None) -> None:
    """Read a document, and print what it took."""
    import_module("assaybook.intake.read")  # to load it is no part of reading
    gc.set_threshold(200_000)  # as the command does
    before = _held()
    began = time.process_time()
    answer = answered(file, raw, said_format)
    took = time.process_time() - began
    size = len(raw) // MEGABYTE
    line = {"job": "read a large document", "format": name, "mb": size, "answer": answer}
    figures = {"seconds": round(took, 3), "before_mb": before, "peak_mb": _status("VmHWM")}
    print(json.dumps(line | figures))


def answered(file: str, raw: bytes, said_format: str | None = None) -> int | str:
    """Return how many facts a document has, or why it is refused."""
    from assaybook.domain.errors import SubmitterError
    from assaybook.intake.declared import Declared
    from assaybook.intake.limits import Limits
    from assaybook.intake.read import Receipt, open_document

    declared = (Declared(format=said_format),)
    receipt = Receipt(datetime(2100, 2, 1, tzinfo=UTC))
    try:
        found = open_document(raw, name=file, declared=declared, receipt=receipt, limits=Limits())
    except SubmitterError as error:
        return error.code
    return sum(len(each.facts) for each in found.evidence)


def samples(folder: str) -> dict[str, Path]:
    """Return the largest sample that each adapter reads."""
    from assaybook.domain.errors import SubmitterError
    from assaybook.intake.detect import detect
    from assaybook.intake.limits import Limits
    from assaybook.intake.parsed import parse

    found: dict[str, Path] = {}
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file() or path.name.startswith("SOURCE"):
            continue
        try:
            adapter, _ = detect(parse(path.read_bytes(), path.name, Limits()), None)
        except SubmitterError:
            continue
        before = found.get(adapter.name)
        if before is None or path.stat().st_size > before.stat().st_size:
            found[adapter.name] = path
    return found


def sample(folder: str, name: str, size: int) -> None:
    """Read a document of a format that is made of a sample, and print what it took."""
    path = samples(folder)[name]
    text = path.read_text(encoding="utf-8")
    try:
        value = json.loads(text)
    except ValueError:
        lines = text.splitlines(keepends=True)
        fixed = [] if path.suffix == ".jsonl" else lines[: len(lines) // 2]
        rest = "".join(lines[len(fixed) :])
        raw = "".join((*fixed, rest * (size * MEGABYTE // len(rest)))).encode()
    else:
        times = size * MEGABYTE // len(json.dumps(_longest(value))) + 1
        del value
        raw = _grown(text, times)
    read(f"{name} ({path.name})", path.name, raw)


def fullest(folder: str, name: str) -> None:
    """Read a document of as many items of a sample as the limits take, and print what it took."""
    from assaybook.intake.limits import Limits

    path, limits = samples(folder)[name], Limits()
    text = path.read_text(encoding="utf-8")
    try:
        few, more = _grown(text, 1), _grown(text, 11)
    except ValueError:
        return
    most = [(limits.keys, b'":'), (limits.items, b",")]
    room = [(limit - few.count(mark)) * 10 / _grows(few, more, mark) for limit, mark in most]
    room.append((50 * MEGABYTE - len(few)) * 10 / max(1, len(more) - len(few)))
    facts = [answered(path.name, raw) for raw in (few, more)]
    if isinstance(facts[0], int) and isinstance(facts[1], int):
        room.append((limits.facts - facts[0]) * 10 / max(1, facts[1] - facts[0]))
    times = int(min(room) * 0.97) + 1
    read(f"{name} ({path.name}, {times} times)", path.name, _grown(text, times))


def _grows(few: bytes, more: bytes, mark: bytes) -> int:
    return max(1, more.count(mark) - few.count(mark))


def _grown(text: str, times: int) -> bytes:
    """Return a JSON text of which the longest list of objects is there so many times."""
    value = json.loads(text)
    holder = _longest(value)
    holder *= times
    return json.dumps(value).encode()


def _longest(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return max([*_lists(value), []], key=lambda each: len(json.dumps(each)))


def _lists(value: Any) -> Iterator[list[Any]]:  # noqa: ANN401 - any JSON
    """Yield the lists of objects in a document."""
    inner: list[Any] = []
    if isinstance(value, list):
        inner += value
    elif isinstance(value, dict):
        inner += value.values()
    if isinstance(value, list) and inner and isinstance(inner[0], dict):
        yield value
    for one in inner:
        yield from _lists(one)


def _until(most: int, part: Callable[[int], str], between: int) -> Iterator[str]:
    written = number = 0
    while written < most:
        each = part(number)
        written += len(each.encode()) + between
        number += 1
        yield each


def _held() -> int:
    """Return how many megabytes this process holds, from which on the most are counted anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["sample"]:
        sample(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    elif sys.argv[1:2] == ["fullest"]:
        fullest(*sys.argv[2:])
    else:
        given = [one for one in sys.argv[1:] if one.isdecimal()]
        folders = [one for one in sys.argv[1:] if not one.isdecimal()]
        sys.exit(main(tuple(map(int, given)) or SIZES, folders[0] if folders else ""))
