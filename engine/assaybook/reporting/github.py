"""An assessment as workflow commands of GitHub Actions, which shows them as annotations.

The runner takes every line of a log that begins with ``::`` for a command. Each line here is one
command of ours, and what comes from evidence stands escaped inside of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

from assaybook.domain.documents import Problem
from assaybook.domain.finding import Assessment, Disposition, Finding, GateVerdict, Outcome
from assaybook.reporting.spoken import acceptance, decides, defused, told_whole, uses_told
from assaybook.reporting.summary import summary_line
from assaybook.reporting.terminal import visible
from assaybook.reporting.urgency import urgency
from assaybook.reporting.words import shortened

Level = Literal["error", "warning", "notice"]
Place = tuple[int, int]
_NO_FILES: Final[Mapping[str, str]] = MappingProxyType({})
_WIDTH: Final = 600


def assessment_annotations(
    assessment: Assessment,
    problems: Sequence[Problem] = (),
    *,
    files: Mapping[str, str] = _NO_FILES,
) -> str:
    """Return one command a line, the verdict first, then what is open, the most urgent first.

    What decides the exit code is an error; what is open below the threshold is a warning; what
    people accepted is a notice. A pass, and what does not apply, has no line of its own. ``files``
    gives the path of a piece of evidence by its id.
    """
    lines = [
        _verdict(assessment),
        *(_problem(each) for each in problems),
        *_findings(assessment, files),
    ]
    return "\n".join(lines) + "\n"


def _verdict(assessment: Assessment) -> str:
    verdict = assessment.gate.verdict
    level: Level = "notice" if verdict is GateVerdict.PASS else "error"
    return command(level, "", f"Assaybook: {verdict.value}", summary_line(assessment))


def _problem(problem: Problem) -> str:
    told = f"{problem.message}. {problem.hint}" if problem.hint else problem.message
    place = f" ({problem.where})" if problem.where and problem.where != problem.file else ""
    return command("error", problem.file, f"Unreadable: {problem.code}", f"{told}{place}")


def _findings(assessment: Assessment, files: Mapping[str, str]) -> Iterator[str]:
    for finding in sorted(assessment.findings, key=urgency):
        if finding.outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}:
            continue
        title = f"{finding.policy} / {finding.rule} ({finding.severity.value})"
        told = told_whole(finding)
        level: Level = "error" if decides(assessment, finding.severity) else "warning"
        if finding.disposition is not Disposition.OPEN:
            level, told = "notice", acceptance(assessment, finding)
        yield command(level, _file(finding, files), title, told)


def _file(finding: Finding, files: Mapping[str, str]) -> str:
    """Return the file that the finding is best shown at: of the first row that does not pass.

    Without one, it is a file that a reason names.
    """
    rows = [use for row in finding.rows if row.outcome is not Outcome.PASS for use in row.evidence]
    uses = (*rows, *uses_told(finding, files))
    return next((files[use.id] for use in uses if use.id in files), "")


def command(level: Level, file: str, title: str, message: str, *, at: Place | None = None) -> str:
    """Return one command; ``at`` is line and column of the file, both from 1."""
    said = {"file": file, "title": title}
    if at is not None:
        said |= {"line": str(at[0]), "col": str(at[1])}
    parts = ",".join(f"{key}={_property(value)}" for key, value in said.items() if value)
    return f"::{level} {parts}::{_data(shortened(message, _WIDTH))}"


def _data(text: str) -> str:
    """Return text that ends neither its line nor its command."""
    plain = defused(visible(text))
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
