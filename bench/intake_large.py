"""Time intake of large documents, each in a process of its own, one JSON object a line.

`python bench/intake_large.py [MEGABYTES...]` makes documents of five formats in these sizes, as
their tools write them, and reads each. `answer` is the number of facts, or the code of the refusal;
`seconds` are those of the processor and `peak_mb` is the most memory of the whole process, of which
`before_mb` was in use before the document was made.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

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


def table(number: int) -> str:
    """Return a row of values for one group."""
    return f"group-{number},0.{number % 89 + 10},0.{number % 83 + 10},{number % 900}"


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
    "junit": ("a.xml", junit, ('<testsuite name="all">', "</testsuite>"), "\n"),
    "csv": ("a.csv", table, ("group,recall,precision,count\n", "\n"), "\n"),
}


def main(sizes: tuple[int, ...]) -> int:
    """Print one line for each format and size, and return the exit status."""
    for name in FORMATS:
        for size in sizes:
            command = [sys.executable, __file__, "one", name, str(size)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            print(done.stdout, end="", flush=True)
    return 0


def one(name: str, size: int) -> None:
    """Read one document, and print what it took."""
    from assaybook.domain.errors import SubmitterError
    from assaybook.intake.declared import Declared
    from assaybook.intake.limits import Limits
    from assaybook.intake.read import Receipt, open_document

    file, part, (before, after), between = FORMATS[name]
    used = _peak()
    text = between.join(_until(size * MEGABYTE, part, len(between)))
    raw = f"{before}{text}{after}".encode()
    del text
    began = time.process_time()
    try:
        found = open_document(
            raw,
            name=file,
            declared=(Declared(format="fairlearn" if name == "csv" else None),),
            receipt=Receipt(datetime(2026, 2, 1, tzinfo=UTC)),
            limits=Limits(),
        )
        answer: object = sum(len(each.facts) for each in found.evidence)
    except SubmitterError as error:
        answer = error.code
    took = time.process_time() - began
    line = {"job": "read a large document", "format": name, "mb": size, "answer": answer}
    figures = {"seconds": round(took, 3), "before_mb": used, "peak_mb": _peak()}
    print(json.dumps(line | figures))


def _until(most: int, part: Callable[[int], str], between: int) -> Iterator[str]:
    written = number = 0
    while written < most:
        each = part(number)
        written += len(each) + between
        number += 1
        yield each


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main(tuple(map(int, sys.argv[1:])) or SIZES))
