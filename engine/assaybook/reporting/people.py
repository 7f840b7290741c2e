"""What persons stated and signed: attestations, and the sign-off of the pack."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Envelope
from assaybook.domain.facts import Attestation
from assaybook.domain.finding import Finding, Outcome
from assaybook.domain.policy import Assurance
from assaybook.reporting.context import Context, SignOff
from assaybook.reporting.pages import AttestationLine, AttestationsPage, SignLine
from assaybook.reporting.parts import Pair
from assaybook.reporting.words import (
    count,
    listed,
    moment,
    reason_word,
    sentence_case,
    short_day,
    shortened,
)

_SIGNED: Final = "with a signature verified at intake"
_BY_KEY: Final = "by the key of an authenticated person"
_NOBODY: Final = "that nobody verified"
_VOUCHED: Final = (_SIGNED, _BY_KEY, _NOBODY)
_ROLES: Final = ("prepared", "reviewed", "approved", "auditor")


def attestations_page(context: Context) -> AttestationsPage:
    """Return every answer of a person that bears on a rule shown, and the questions left open."""
    questions = {
        (policy.id, rule.id): rule.attested
        for policy in context.source.bundle.policies
        for rule in policy.rules
        if rule.attested is not None
    }
    asked = {(each.policy, each.rule): each for each in context.shown}
    lines = tuple(
        _line(
            label,
            fact,
            questions[key].question if key in questions else "No rule of this pack asks it.",
            context.label(asked[key]) if key in asked else "",
            _vouched(fact, document.envelope),
        )
        for label, document, fact in _facts(context)
        for key in [(fact.policy, fact.rule)]
        if key in asked or context.source.profile == "full"
    )
    unanswered = tuple(
        Pair(
            name=f"{context.label(finding)} {attested.question}",
            text=f"asks {count(attested.people, 'person', 'persons')} with the role "
            f"“{attested.role}”: {_open(finding)}",
        )
        for key, attested in questions.items()
        for finding in [asked.get(key)]
        if finding is not None and finding.outcome is not Outcome.PASS
    )
    return AttestationsPage(lead=_lead(lines), lines=lines, unanswered=unanswered)


def _lead(lines: tuple[AttestationLine, ...]) -> str:
    """Say who vouches for the statements: a key that somebody signed in with is no signature."""
    if not lines:
        return "No person stated anything about this release."
    found = Counter(each.vouched for each in lines)
    told = listed([f"{found[how]} {how}" for how in _VOUCHED if found[how]])
    said = sentence_case(count(len(lines), "statement"))
    nobody = " What nobody verified counts for nothing." if found[_NOBODY] else ""
    return f"{said} of persons: {told}.{nobody}"


def _vouched(fact: Attestation, envelope: Envelope) -> str:
    if fact.person is None:
        return _NOBODY
    signed = envelope.assurance in {Assurance.SIGNED, Assurance.VERIFIED}
    return _SIGNED if signed else _BY_KEY


def _facts(context: Context) -> Iterator[tuple[str, Evidence, Attestation]]:
    for label, document in context.documents.values():
        for fact in document.facts:
            if isinstance(fact, Attestation):
                yield label, document, fact


def _line(
    label: str, fact: Attestation, question: str, finding: str, vouched: str
) -> AttestationLine:
    return AttestationLine(
        rule=f"{fact.policy} / {fact.rule}",
        question=shortened(question, 160),
        person=f"{fact.person or 'not verified'}, {fact.role or 'no role'}",
        answer=fact.answer or "no answer",
        signed=short_day(fact.signed_at) if fact.signed_at else "undated",
        until=f"until {short_day(fact.valid_until)}" if fact.valid_until else "as the rule allows",
        label=label,
        anchor=label.lower(),
        finding=finding,
        vouched=vouched,
    )


def _open(finding: Finding) -> str:
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return "it does not apply to this release"
    words = dict.fromkeys(reason_word(each.code) for each in finding.reasons)
    return f"{finding.outcome.value} ({', '.join(words)})" if words else finding.outcome.value


def statement(context: Context) -> tuple[str, ...]:
    """Return what management states by signing: nothing that is not in the pack."""
    owner = context.source.subject.system.owner or "No owner is recorded; whoever signs"
    said = (
        f"{owner} answers for this system. By signing below, management states that the system "
        "description is true, that every document known to bear on this release was submitted, "
        "and that the exceptions are its own decisions. Until then it states nothing."
    )
    return (said,)


def signatures(context: Context) -> tuple[SignLine, ...]:
    """Return the sign-off block; a role that nobody signed for says so."""
    found = {role: [each for each in context.source.sign_offs if each.role == role]
             for role in _ROLES}  # fmt: skip
    return tuple(line for role in _ROLES for line in _signed(role, found[role]))


def _signed(role: str, signed: list[SignOff]) -> Iterator[SignLine]:
    name = sentence_case(role)
    if not signed:
        yield SignLine(role=name, name="Not named", date="Not dated", signature="Unsigned")
    for each in signed:
        office = f", {each.office}" if each.office else ""
        yield SignLine(
            role=name,
            name=f"{each.name}{office}",
            date=moment(each.at),
            signature=shortened(each.how, 40),
        )
