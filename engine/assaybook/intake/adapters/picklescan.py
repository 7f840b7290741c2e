"""picklescan's text output: dangerous imports in pickles.

The tool prints one line for each dangerous import and a summary. It gives no severity, and does not
say which files it passed over, so what was skipped stays unknown until somebody declares it.
Suspicious imports are counted and not named by the tool: they are a warning here, and no row. Other
lines are not read.
"""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Warning_
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import count, short

_QUESTION: Final = "security/unsafe_code"
_SIGN: Final = " SCAN SUMMARY "
_SUMMARY: Final = re.compile(r"-{3,} SCAN SUMMARY -{3,}")
_FOUND: Final = (": dangerous import '", ": suspicious import '")
_END: Final = "' FOUND"
_PROMOTED: Final = " (promoted by --strict)"
"""What follows a suspicious import where the tool was asked to call it dangerous."""
_PROBLEMS: Final = ("ERROR", "WARNING", "CRITICAL", "Unhandled exception")
_COUNT: Final = re.compile(
    r"(Scanned files|Infected files|Suspicious globals|Dangerous globals): *([0-9]{1,15})"
)


@record
class PickleScan:
    """Adapter for the output of ``picklescan``."""

    name: str = "picklescan"
    version: int = 3
    versions: tuple[str, ...] = ("text",)
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise the line above the summary, or a finding in output that was cut off."""
        if document.media != "text":
            return None
        if document.holds(_SIGN) and any(_SUMMARY.fullmatch(line) for _, line in _lines(document)):
            return self._found(1.0, "it has a scan summary")
        if declared and any(_import(line) for _, line in _lines(document)):
            return self._found(0.5, "it has findings and no summary")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read findings, problems and counts."""
        del detected
        lines = list(_lines(document))
        counts = dict(_counts(document, lines))
        facts = tuple(_facts(lines))
        problems = [
            (f"line {number}", short(line)) for number, line in lines if line.startswith(_PROBLEMS)
        ]
        ended = any(_SUMMARY.fullmatch(line) for _, line in lines)
        examined, infected = counts.get("Scanned files"), counts.get("Infected files")
        files = len({fact.location for fact in facts})
        imports = counts.get("Dangerous globals", 0)
        # A file with two such imports is one; a count of more than are listed hides one.
        failed = max(files, infected or 0, imports if imports > len(facts) else 0)
        errored = len(problems) + (not ended)
        # Whether a file that could not be parsed is among the scanned differs by version.
        known = examined is not None and not errored and examined >= failed
        coverage = Coverage(
            question=_QUESTION,
            examined=examined,
            passed=examined - failed if examined is not None and known else None,
            failed=failed,
            errored=errored,
        )
        warnings = (*notes("not-examined", problems), *_suspicious(counts))
        return (
            Reading(
                facts=facts,
                coverage=(coverage,),
                producer=Producer(tool=self.name),
                warnings=warnings,
                malformed=not ended,
            ),
        )

    def _found(self, confidence: float, reason: str) -> Detected:
        reasons = (reason,)
        return Detected(format=self.name, version="text", confidence=confidence, reasons=reasons)


def _lines(document: Parsed) -> Iterator[tuple[int, str]]:
    """Yield lines that say something, with their numbers.

    Only a line feed ends one, as the tool writes it.
    """
    for number, line in enumerate(StringIO(document.text, newline="\n"), 1):
        said = line.strip()
        if said:
            yield number, said


def _import(line: str) -> tuple[str, str] | None:
    """Return the file and the import of a finding; a file's name may hold anything."""
    plain = line.removesuffix(_PROMOTED)
    if not plain.endswith(_END):
        return None
    for mark in _FOUND:
        file, _, named = plain.removesuffix(_END).rpartition(mark)
        if file and named:
            return file, named
    return None


def _facts(lines: list[tuple[int, str]]) -> Iterator[Security]:
    for number, line in lines:
        found = _import(line)
        if found:
            file, rule = found[0], short(".".join(found[1].split(" ", 1)))
            yield Security.model_validate(
                {
                    "pointer": f"line {number}",
                    "fingerprint": short(f"{file}:{rule}"),
                    "class": "unsafe_code",
                    "rule": rule,
                    "location": short(file),
                }
            )


def _counts(document: Parsed, lines: list[tuple[int, str]]) -> Iterator[tuple[str, int]]:
    """Yield the counts of the summary; two summaries in one file say two things."""
    seen: set[str] = set()
    for number, line in lines:
        found = _COUNT.fullmatch(line)
        if not found:
            continue
        if found.group(1) in seen:
            raise broken(
                document, "the file holds the output of several scans", at=f"line {number}"
            )
        seen.add(found.group(1))
        yield found.group(1), count(found.group(2)) or 0


def _suspicious(counts: dict[str, int]) -> tuple[Warning_, ...]:
    found = counts.get("Suspicious globals")
    if not found:
        return ()
    message = f"{found} imports are on neither list of the tool, which does not name them"
    return (Warning_(code="suspicious-globals", message=message),)
