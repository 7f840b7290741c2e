"""Who has answered what a rule asks persons, and what comes of each answer now.

The rules that ask persons are judged as an assessment judges them, over the answers alone, so a
page never says of an answer that it counts where the engine says that it does not.
"""

from collections.abc import Sequence
from datetime import datetime

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Envelope
from assaybook.domain.facts import Attestation
from assaybook.domain.finding import Finding, Outcome
from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.evaluation.judge_policy import Setting, judge_policy
from assaybook.evaluation.needs import by_family
from assaybook.reporting.words import reason_word
from assaybook.service.bundles import Ruling

Asked = tuple[str, str]
"""A policy and its rule."""


@record
class Said:
    """One recorded answer.

    Attributes:
        how: who vouches that the person said it.
        outcome: what it adds to the rule now; None where it does not count.
        why: why it does not count, or no more.
    """

    envelope: Envelope
    fact: Attestation
    how: str
    outcome: Outcome | None
    why: str


def judged_answers(
    ruling: Ruling, subject: Subject, answers: Sequence[Evidence], now: datetime
) -> dict[Asked, Finding]:
    """Return what the rules that ask persons come to now, by the answers that are recorded."""
    setting = Setting(
        subject=subject,
        overlays=ruling.bundle.overlays,
        scope=ruling.bundle.scope,
        catalogs={one.id: one for one in ruling.catalogs},
        documents={one.envelope.id: one for one in answers},
        by_family=by_family(answers),
        retirements=(),
        as_of=now,
        sentence=lambda rule, _needs, _params: rule.sentence,
    )
    return {
        (policy.id, one.rule.id): one.finding
        for policy in ruling.bundle.policies
        if any(rule.attested for rule in policy.rules)
        for one in judge_policy(policy, setting)
        if one.rule.attested is not None
    }


def said_about(finding: Finding, answers: Sequence[Evidence]) -> tuple[Said, ...]:
    """Return the answers to one rule, the last first, each with what comes of it."""
    found = [
        _said(finding, one.envelope, fact)
        for one in answers
        for fact in one.facts
        if isinstance(fact, Attestation)
        and (fact.policy, fact.rule) == (finding.policy, finding.rule)
    ]
    return tuple(
        sorted(found, key=lambda one: one.fact.signed_at or one.envelope.received_at, reverse=True)
    )


def _said(finding: Finding, envelope: Envelope, fact: Attestation) -> Said:
    row = next(
        (row for row in finding.rows if any(use.id == envelope.id for use in row.evidence)), None
    )
    left = next((one for one in finding.left_out if one.evidence == envelope.id), None)
    why = ""
    if finding.outcome is Outcome.NOT_APPLICABLE:
        why = "the rule does not apply to this release"
    elif row is not None:
        why = next((one.message for one in row.reasons if one.message), "")
    elif left is not None:
        why = left.message or reason_word(left.code)
    return Said(envelope, fact, _how(envelope, fact), row.outcome if row else None, why)


def _how(envelope: Envelope, fact: Attestation) -> str:
    if fact.person is None:
        return "by nobody verified"
    if envelope.assurance in {Assurance.SIGNED, Assurance.VERIFIED}:
        return "signed"
    return "by the key signed in with"
