"""Gitleaks JSON reports (v8): secrets in files and commits.

The secret, its line and the commit's author never get here: they are removed at intake. The format
tells neither how much was scanned nor a severity, so both stay unknown until somebody declares the
counts. What was scanned from standard input has no file. Entropy, tags, columns and links are not
read.
"""

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, count, mapping, pointer, sequence, short, word

_QUESTION = "security/secret"


@record
class Gitleaks:
    """Adapter for ``gitleaks ... --report-format json``."""

    name: str = "gitleaks"
    version: int = 2
    versions: tuple[str, ...] = ("8",)
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = (_QUESTION,)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a list of findings with RuleID and Fingerprint; an empty one if declared."""
        if document.media != "json" or not isinstance(document.value, list):
            return None
        if not document.value:
            reasons = ("it is an empty list, and was submitted as gitleaks",)
            empty = Detected(format=self.name, version="8", confidence=0.0, reasons=reasons)
            return empty if declared else None
        if not {"RuleID", "File"} <= mapping(document.value[0]).keys():
            return None
        return Detected(
            format=self.name,
            version="8",
            confidence=1.0,
            reasons=("a list of findings with RuleID and File",),
        )

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every finding."""
        del detected
        findings = sequence(document.value)
        facts = tuple(_fact(document, one, index) for index, one in enumerate(findings))
        coverage = Coverage(question=_QUESTION, failed=len(facts))
        return (Reading(facts=facts, coverage=(coverage,), producer=Producer(tool=self.name)),)


def _fact(document: Parsed, raw: Json, index: int) -> Security:
    finding = mapping(raw)
    rule, said = word(finding.get("RuleID")), finding.get("File")
    if rule is None or not isinstance(said, str):
        reason = "a finding must have RuleID and File"
        raise broken(document, reason, at=pointer(index))
    file = said.strip() or "standard input"
    line = count(finding.get("StartLine"))
    place = file if line is None else f"{file}:{line}"
    commit = word(finding.get("Commit"))
    own = f"{commit}:{file}:{rule}:{line}" if commit else f"{file}:{rule}:{line}"
    return Security.model_validate(
        {
            "pointer": pointer(index),
            "fingerprint": word(finding.get("Fingerprint")) or short(own),
            "class": "secret",
            "rule": rule,
            "location": short(place),
        }
    )
