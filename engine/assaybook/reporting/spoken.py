"""What a finding says in one sentence, and the texts of evidence that a build log must not obey."""

import json
import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from assaybook.domain.finding import (
    Assessment,
    Disposition,
    EvidenceUse,
    Finding,
    Outcome,
    WaiverUse,
)
from assaybook.domain.policy import Severity
from assaybook.reporting.observe import observed
from assaybook.reporting.remedies import what_to_do
from assaybook.reporting.summary import what_is_open
from assaybook.reporting.words import sentence_case, short_day

_LOGGED: Final = re.compile(r"##(?=\w*\[)")
"""``##[`` and ``##vso[`` begin a command to a build runner anywhere in a line of a log."""
_DOUBLED: Final = re.compile("#(?=#)")
_COMMAND: Final = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
"""``::`` begins one where only space stands before it."""


def defused(text: str) -> str:
    """Return a text in whose lines no runner of builds finds a command; others stay as they are."""
    return _COMMAND.sub(r"\1: ", _LOGGED.sub("## ", text))


def json_text(value: JsonValue) -> str:
    """Return JSON of two-space indent that ends with a line feed, harmless in a log as well.

    Raises:
        ValueError: a number is not finite; JSON has no word for it.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2)
    return _DOUBLED.sub(r"\\u0023", text) + "\n"


def verdict_of(finding: Finding) -> str:
    """Return what a finding comes to, as a sentence that says why; never empty."""
    if finding.disposition is not Disposition.OPEN:
        return f"Fails, and is accepted: {observed(finding)}"
    if finding.outcome is Outcome.PASS:
        return observed(finding)
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return sentence_case(finding.message) or observed(finding)
    head = {
        Outcome.FAIL: "Fails",
        Outcome.INCONCLUSIVE: "Not proven",
        Outcome.ERROR: "Could not be evaluated",
    }[finding.outcome]
    return f"{head}: {'; '.join(what_is_open(finding))}"


def told_whole(finding: Finding) -> str:
    """Return what a finding comes to, why, and what to do about it."""
    return f"{verdict_of(finding).removesuffix('.')}. {what_to_do(finding)}".removesuffix(" ")


def uses_told(finding: Finding, files: Mapping[str, str]) -> tuple[EvidenceUse, ...]:
    """Return the evidence of a finding, first of the files that its reasons name.

    A file that does not count for it is there too where a reason names it: it is to be mended.
    ``files`` gives the path of a piece of evidence by its id.
    """
    split = (each.path.rpartition(" in ") for each in finding.reasons)
    names = dict.fromkeys(file for _about, found, file in split if found)
    uses = (*finding.evidence, *(EvidenceUse(id=one.evidence) for one in finding.left_out))
    named = [
        use for name in names for use in uses if f"/{files.get(use.id, '')}".endswith(f"/{name}")
    ]
    return tuple(dict.fromkeys((*named, *finding.evidence)))


def waiver_of(assessment: Assessment, finding: Finding) -> WaiverUse | None:
    """Return the waiver that a finding names, where the assessment lists it."""
    return next((one for one in assessment.waivers if one.id == finding.waiver), None)


def acceptance(assessment: Assessment, finding: Finding) -> str:
    """Return why a fail is accepted, by whom and until when."""
    waiver, baseline = waiver_of(assessment, finding), assessment.baseline
    if finding.disposition is Disposition.BASELINED and baseline is not None:
        until = short_day(baseline.expires)
        by = f"approved by {baseline.approver or 'nobody'}"
        return f"as found by the baseline {baseline.id}, {by}, until {until}: {baseline.reason}"
    if waiver is None:
        return f"{finding.disposition.value} by {finding.waiver or 'decision'}"
    approver = waiver.approver or "nobody"
    until = short_day(waiver.expires)
    again = f", renewal {waiver.renewals}" if waiver.renewals else ""
    return f"waived by {waiver.id}{again}, approved by {approver}, until {until}: {waiver.reason}"


def decides(assessment: Assessment, severity: Severity) -> bool:
    """Tell whether findings of a severity decide the exit code."""
    return severity.rank >= assessment.gate.fail_on.rank
