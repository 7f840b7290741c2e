"""Risks, as far as they are recorded: by severity, accepted by persons, stated by documents."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from assaybook.domain.facts import Documentation
from assaybook.domain.finding import Disposition, Finding, Outcome
from assaybook.domain.policy import Severity
from assaybook.reporting.context import Context
from assaybook.reporting.exceptions import accepted_as_found
from assaybook.reporting.labels import behind_a_word
from assaybook.reporting.pages import Quoted, RisksPage
from assaybook.reporting.parts import Pair
from assaybook.reporting.words import count, day, sentence_case

_COLUMNS: Final = ("Open fail", "Accepted fail", "Unknown", "Pass", "Not applicable")
_TEXT: Final = 320


def risks_page(context: Context) -> RisksPage:
    """Return the rules by severity and state, and the risks that somebody wrote down."""
    found = Counter((each.severity, _column(each)) for each in context.findings)
    tier = context.source.subject.system.risk_tier
    lead = (
        f"The system is recorded as of {tier.value} risk." if tier else "No risk tier is recorded."
    )
    return RisksPage(
        lead=f"{lead} No likelihood is recorded, so none is claimed.",
        columns=_COLUMNS,
        rows=tuple(
            (
                sentence_case(severity.value),
                *(str(found[severity, column]) for column in range(len(_COLUMNS))),
            )
            for severity in reversed(Severity)
        ),
        accepted=(*_waived(context), *_as_found(context)),
        stated=_stated(context),
    )


def _waived(context: Context) -> Iterator[Pair]:
    for each in context.waivers:
        if each.state == "in_force":
            yield Pair(
                name=f"{each.policy} / {each.rule}",
                text=f"{each.reason.rstrip('.') or 'No reason'}. Accepted by "
                f"{each.approver or 'nobody'} until {day(each.expires)} (waiver {each.id}).",
            )


def _as_found(context: Context) -> Iterator[Pair]:
    """Yield the fails that a baseline accepts, by rule."""
    used = context.source.assessment.baseline
    if used is None or not accepted_as_found(used):
        return
    rules = Counter((each.policy, each.rule) for each in used.rows if each.state == "accepted")
    for (policy, rule), fails in rules.items():
        yield Pair(
            name=f"{policy} / {rule}",
            text=f"{count(fails, 'fail')} as found: {used.reason.rstrip('.')}. Accepted by "
            f"{used.approver or 'nobody'} until {day(used.expires)} (baseline {used.id}).",
        )


def _column(finding: Finding) -> int:
    match finding.outcome:
        case Outcome.FAIL:
            return int(finding.disposition is not Disposition.OPEN)
        case Outcome.PASS:
            return 3
        case Outcome.NOT_APPLICABLE:
            return 4
        case _:
            return 2


def _stated(context: Context) -> tuple[Quoted, ...]:
    """Return what the documents of this release say under risks."""
    return tuple(
        Quoted(
            topic=f"Risks of the {fact.document}",
            text=behind_a_word(fact.text, _TEXT),
            label=label,
            anchor=label.lower(),
        )
        for label, document in context.documents.values()
        for fact in document.facts
        if isinstance(fact, Documentation)
        and fact.topic == "risks"
        and fact.present
        and not fact.placeholder
        and fact.text
    )
