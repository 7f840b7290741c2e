"""Rules that ask persons: the last answer of each counts, and a standing no is a no.

Only answers whose signature was verified carry a person; the requester of a release does not
count; one person is one person, whatever the roles.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.facts import Attestation
from assaybook.domain.policy import Attested, Policy, Rule
from assaybook.domain.reasons import Reason, ordered
from assaybook.domain.subject import Subject
from assaybook.domain.values import Pointer, Unknown, unknown
from assaybook.evaluation.about import Target, binding
from assaybook.evaluation.verdict import RowVerdict, Verdict

_RELEASE: Final = "release"


def judge_attested(  # noqa: PLR0913
    policy: Policy,
    rule: Rule,
    asked: Attested,
    documents: Sequence[Evidence],
    subject: Subject,
    *,
    valid_for: timedelta | Unknown,
    as_of: datetime,
) -> Verdict:
    """Judge a question put to persons, as of an instant."""
    if isinstance(valid_for, Unknown):
        return Verdict(valid_for)
    answers = _answers(policy, rule, documents, subject, as_of)
    said = [one for one in answers if one[0].role == asked.role]
    last, ties = _last_words(said)
    if ties:
        return Verdict(joined_ties(rule, ties))
    rows = tuple(_row(fact, where, valid_for, as_of) for fact, where in last)
    if any(row.truth is False for row in rows):
        return Verdict(False, rows)  # noqa: FBT003
    yes = sum(row.truth is True for row in rows)
    if yes >= asked.people:
        return Verdict(True, rows)  # noqa: FBT003
    message = f"{yes} of {asked.people} persons have answered yes as {asked.role}"
    reasons = [Reason("too_few", rule.id, message)]
    reasons += [one for row in rows if isinstance(row.truth, Unknown) for one in row.truth.reasons]
    return Verdict(Unknown(ordered(reasons)), rows)


def joined_ties(rule: Rule, people: Sequence[str]) -> Unknown:
    """Return the conflict of persons who said yes and no at one instant."""
    names = ", ".join(sorted(people))
    return unknown("conflict", rule.id, f"{names} said yes and no at the same instant")


def _answers(
    policy: Policy, rule: Rule, documents: Sequence[Evidence], subject: Subject, as_of: datetime
) -> list[tuple[Attestation, Pointer]]:
    target = Target(_RELEASE, subject.release)
    found: list[tuple[Attestation, Pointer]] = []
    for evidence in documents:
        envelope = evidence.envelope
        if envelope.received_at > as_of or binding(envelope, target, subject) == "other":
            continue
        for fact in evidence.facts:
            if not isinstance(fact, Attestation) or fact.person is None or fact.signed_at is None:
                continue
            if (fact.policy, fact.rule) != (policy.id, rule.id) or fact.signed_at > as_of:
                continue
            if fact.person != subject.release.requested_by:
                found.append((fact, Pointer(envelope.id, fact.pointer)))
    return found


def _last_words(
    said: Sequence[tuple[Attestation, Pointer]],
) -> tuple[list[tuple[Attestation, Pointer]], list[str]]:
    by_person: dict[str, list[tuple[Attestation, Pointer]]] = {}
    for one in said:
        by_person.setdefault(str(one[0].person), []).append(one)
    last: list[tuple[Attestation, Pointer]] = []
    ties: list[str] = []
    for person, answers in sorted(by_person.items()):
        newest = max(fact.signed_at for fact, _where in answers if fact.signed_at)
        final = [one for one in answers if one[0].signed_at == newest]
        if len({fact.answer for fact, _where in final}) > 1:
            ties.append(person)
        last.append(final[0])
    return last, ties


def _row(fact: Attestation, where: Pointer, valid_for: timedelta, as_of: datetime) -> RowVerdict:
    """Return one person's last word; a yes runs out, a no stands until the person speaks again."""
    key = f"person={fact.person}"
    if fact.answer != "yes":
        return RowVerdict(key, False, message=f"{fact.person} says no", pointers=(where,))  # noqa: FBT003
    ends = [fact.signed_at + valid_for] if fact.signed_at else []
    ends += [fact.valid_until] if fact.valid_until else []
    if min(ends) <= as_of:
        why = unknown("stale", key, f"the yes of {fact.person} has run out")
        return RowVerdict(key, why, possible=True, pointers=(where,))
    return RowVerdict(key, True, pointers=(where,))  # noqa: FBT003


def runs_out(
    rows: Sequence[RowVerdict], documents: Sequence[Evidence], valid_for: timedelta
) -> datetime | None:
    """Return when the first yes that counts runs out, or None without any."""
    counted = {row.pointers[0] for row in rows if row.truth is True and row.pointers}
    ends = [
        min(fact.signed_at + valid_for, fact.valid_until or fact.signed_at + valid_for)
        for evidence in documents
        for fact in evidence.facts
        if isinstance(fact, Attestation)
        and fact.signed_at is not None
        and Pointer(evidence.envelope.id, fact.pointer) in counted
    ]
    return min(ends, default=None)
