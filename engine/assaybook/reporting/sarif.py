"""An assessment as SARIF 2.1.0, for viewers of findings and for code scanning.

Source: OASIS Standard SARIF 2.1.0. Every finding is at least one result, passes too, told apart by
``kind``. Rows that fail or are undecided are results of their own, so that each can be followed.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from pydantic import JsonValue

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Problem
from assaybook.domain.finding import (
    Assessment,
    Disposition,
    EvidenceUse,
    Finding,
    GateVerdict,
    Outcome,
    RowFinding,
)
from assaybook.domain.ids import written
from assaybook.domain.policy import Severity
from assaybook.reporting.observe import GHOST, row_text
from assaybook.reporting.spoken import (
    acceptance,
    json_text,
    told_whole,
    uses_told,
    verdict_of,
    waiver_of,
)
from assaybook.reporting.summary import summary_line
from assaybook.reporting.terminal import visible
from assaybook.reporting.words import count, shortened

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_NO_FILES: Final[Mapping[str, str]] = MappingProxyType({})
_FINGERPRINT: Final = "assaybook/v1"
_PLACES: Final = 10
_ROWS: Final = 500
"""Results of one rule: code scanning refuses a log of more than 25,000 as a whole."""
_TAGS: Final = 20
_DESCRIBED: Final = 1_024
"""What code scanning takes of the tags of a rule, and of the characters of a description."""
_LINK: Final = re.compile(r"\](?=\()")
_KINDS: Final = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.INCONCLUSIVE: "open",
    Outcome.ERROR: "open",
    Outcome.NOT_APPLICABLE: "notApplicable",
}
_LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_Object = dict[str, JsonValue]


def assessment_sarif(
    assessment: Assessment,
    problems: Sequence[Problem] = (),
    *,
    files: Mapping[str, str] = _NO_FILES,
) -> str:
    """Return the assessment as one SARIF log of one run; the same assessment, the same bytes.

    ``files`` gives the path of a piece of evidence by its id; without it the id stands there.
    """
    log: _Object = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(assessment, problems, files)],
    }
    return json_text(log)


def _run(assessment: Assessment, problems: Sequence[Problem], files: Mapping[str, str]) -> _Object:
    name, _, version = assessment.assessment.engine.partition(" ")
    rules = {_rule_id(each): each for each in assessment.findings}
    order = {key: place for place, key in enumerate(rules)}
    results = [
        result
        for each in assessment.findings
        for result in _results(assessment, each, order[_rule_id(each)], files)
    ]
    run: _Object = {
        "tool": {
            "driver": {
                "name": name,
                "version": version,
                "rules": [_rule(key, each) for key, each in rules.items()],
            }
        },
        "invocations": [_invocation(assessment, problems)],
        "results": list(results),
        "columnKind": "unicodeCodePoints",
        "properties": _properties(assessment),
    }
    if assessment.findings:
        first = assessment.findings[0]
        run["automationDetails"] = {"id": visible(f"assaybook/{first.system}/{first.release}")}
    return run


def _rule_id(finding: Finding) -> str:
    return visible(f"{finding.policy}/{finding.rule}")


def _rule(key: str, finding: Finding) -> _Object:
    """Describe a rule; its help is the sentence that the governance lead reads."""
    mend = f"\n\nTo mend it: {plain(finding.fix)}" if finding.fix else ""
    tags = dict.fromkeys(f"{each.catalog}/{each.control}" for each in finding.controls)
    return {
        "id": key,
        "shortDescription": {"text": shortened(plain(finding.title), _DESCRIBED)},
        "fullDescription": {"text": shortened(plain(finding.sentence), _DESCRIBED)},
        "help": {"text": f"{plain(finding.sentence)}{mend}"},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {
            "policy_version": finding.policy_version,
            "severity": finding.severity.value,
            "tags": [*list(tags)[:_TAGS]],
        },
    }


def _results(
    assessment: Assessment, finding: Finding, place: int, files: Mapping[str, str]
) -> Iterator[_Object]:
    """Yield the rows that do not pass and, unless one of them is its outcome, the whole rule.

    Of very many rows those of its outcome come first, and the whole rule says how many there are.
    """
    left = {Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR}
    rows = (
        [each for each in finding.rows if each.outcome in left] if finding.outcome in left else []
    )
    more = len(rows) - _ROWS
    if more > 0:
        rows = sorted(rows, key=lambda row: row.outcome is not finding.outcome)[:_ROWS]
    if more > 0 or finding.outcome not in {row.outcome for row in rows}:
        whole = _result(assessment, finding, None, place, files)
        if more > 0:
            told = f"{_of_rule(finding)} ({count(more, 'more row')} not listed)"
            whole["message"] = {"text": plain(told)}
        yield whole
    for row in rows:
        yield _result(assessment, finding, row, place, files)


def _result(
    assessment: Assessment,
    finding: Finding,
    row: RowFinding | None,
    place: int,
    files: Mapping[str, str],
) -> _Object:
    outcome = finding.outcome if row is None else row.outcome
    said = _of_rule(finding) if row is None else _said(row)
    uses = (row.evidence if row is not None else ()) or uses_told(finding, files)
    print_ = _fingerprint(finding, row)
    properties: _Object = {"outcome": outcome.value, "disposition": finding.disposition.value}
    if row is not None:
        properties["row"] = visible(row.key)
    return {
        "ruleId": _rule_id(finding),
        "ruleIndex": place,
        "kind": _KINDS[outcome],
        "level": _LEVELS[finding.severity] if outcome is Outcome.FAIL else "none",
        "message": {"text": plain(said)},
        "locations": list(_locations(finding, uses, files)),
        "partialFingerprints": {_FINGERPRINT: print_, "primaryLocationLineHash": f"{print_}:1"},
        "suppressions": list(_suppressions(assessment, finding, outcome)),
        "properties": properties,
    }


def _of_rule(finding: Finding) -> str:
    """Return what a rule comes to; where nobody knows, also what to do: its help is for a fail."""
    return told_whole(finding) if _KINDS[finding.outcome] == "open" else verdict_of(finding)


def _said(row: RowFinding) -> str:
    if row.key == GHOST:
        return f"Not proven: more rows may exist. {row_text(row)}"
    word = "Fails" if row.outcome is Outcome.FAIL else "Not proven"
    return f"{row.key}: {word}: {row.message or row_text(row)}"


def _fingerprint(finding: Finding, row: RowFinding | None) -> str:
    """Return what stays while evidence, time, release and outcome change, and nothing else does."""
    key = None if row is None else row.key
    covered = json.dumps([finding.system, finding.policy, finding.rule, key])
    return digest_of(covered.encode()).partition(":")[2][:32]


def _locations(
    finding: Finding, uses: Sequence[EvidenceUse], files: Mapping[str, str]
) -> Iterator[_Object]:
    """Yield where the evidence says so; without any, the policy that waits for it."""
    if not uses:
        yield {
            "physicalLocation": file_place(
                f"policies/{visible(finding.policy).replace('.', '/')}.yaml"
            )
        }
    for use in list(dict.fromkeys(uses))[:_PLACES]:
        location: _Object = {"physicalLocation": file_place(files.get(use.id, use.id))}
        if pointer := visible(use.pointer):
            location["logicalLocations"] = [{"fullyQualifiedName": pointer, "kind": "value"}]
        yield location


def file_place(path: str, line: int = 1, column: int | None = None) -> _Object:
    """Return the place of a file: one that does not climb and names no host.

    ``line`` and ``column`` count from 1; without a column the whole line is meant.
    """
    parts = [part for part in path.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    uri = quote("/".join(parts), safe="/", errors="replace")
    region: _Object = {"startLine": line}
    if column is not None:
        region["startColumn"] = column
    return {"artifactLocation": {"uri": uri or "evidence"}, "region": region}


def _suppressions(assessment: Assessment, finding: Finding, outcome: Outcome) -> Iterator[_Object]:
    if finding.disposition is Disposition.OPEN or outcome is not Outcome.FAIL:
        return
    waiver = waiver_of(assessment, finding)
    told = acceptance(assessment, finding)
    properties: _Object = {"waiver": visible(finding.waiver or "")}
    if waiver is not None:
        properties["approver"] = visible(waiver.approver or "")
        properties["expires"] = written(waiver.expires)
    yield {
        "kind": "external",
        "status": "accepted",
        "justification": plain(told),
        "properties": properties,
    }


def _invocation(assessment: Assessment, problems: Sequence[Problem]) -> _Object:
    gate = assessment.gate
    notes: list[JsonValue] = [
        _notification(each.code, each.message, each.file) for each in problems
    ]
    notes += [
        _notification("error", f"{_rule_id(each)}: {verdict_of(each)}", "")
        for each in assessment.findings
        if each.outcome is Outcome.ERROR
    ]
    return {
        "executionSuccessful": gate.verdict is not GateVerdict.ERROR,
        "exitCode": gate.exit,
        "exitCodeDescription": plain(summary_line(assessment)),
        "toolExecutionNotifications": notes,
    }


def _notification(code: str, message: str, file: str) -> _Object:
    said: _Object = {
        "descriptor": {"id": plain(code)},
        "level": "error",
        "message": {"text": plain(message)},
    }
    if file:
        said["locations"] = [{"physicalLocation": file_place(file)}]
    return said


def _properties(assessment: Assessment) -> _Object:
    head = assessment.assessment
    return {
        "assessment": head.digest,
        "bundle": head.bundle,
        "subject": head.subject,
        "evidence_set": head.evidence_set,
        "as_of": written(head.as_of),
        "asserted": head.asserted,
        "verdict": assessment.gate.verdict.value,
        "fail_on": assessment.gate.fail_on.value,
        "conclusion": [
            {"catalog": each.catalog, "words": each.words.value} for each in assessment.conclusion
        ],
    }


def plain(text: str) -> str:
    """Return text in which a viewer finds no link; ``[words](target)`` would be one."""
    return _LINK.sub("] ", visible(text)) or "-"
