"""The verdicts as lines of plain text that a verifier finds on the pages.

A page shows each of its verdicts once in this form, and nothing else in it, so that the words a
person reads can be held against the machine-readable findings.
"""

from assaybook.domain.finding import Assessment, CatalogConclusion, Disposition, Finding
from assaybook.reporting.model import Pack
from assaybook.reporting.words import moment, sentence_case, worst_conclusion

__all__ = ["conclusion_line", "cover_lines", "shown_verdicts", "verdict_line"]


def verdict_line(finding: Finding) -> str:
    """Return ``fairness.slice-floor/gap: FAIL``; a disposition other than open is in brackets."""
    word = finding.outcome.value.replace("_", " ").upper()
    decided = finding.disposition
    if decided is not Disposition.OPEN:
        word += f" ({decided.value.upper()})"
    return f"{finding.policy}/{finding.rule}: {word}"


def conclusion_line(conclusion: CatalogConclusion) -> str:
    """Return ``nist-ai-rmf-1.0: DOES NOT CONFORM``."""
    return f"{conclusion.catalog}: {conclusion.words.value.upper()}"


def cover_lines(found: Assessment) -> tuple[str, str]:
    """Return what every cover says once: as of when, and right after it the gravest conclusion."""
    worst = worst_conclusion(one.words for one in found.conclusion)
    return f"Result as of {moment(found.assessment.as_of)}", sentence_case(worst.value)


def shown_verdicts(pack: Pack) -> tuple[str, ...]:
    """Return every verdict line that the pages of this pack print, in their order."""
    findings = pack.findings
    return (
        *(each.verdict for each in pack.conclusion.frameworks),
        *(line.verdict for line in findings.plan if line.verdict),
        *(card.verdict for card in findings.open),
        *(line.verdict for line in findings.listed),
        *(card.verdict for card in findings.passed),
        *(card.verdict for card in findings.inapplicable),
    )
