"""Rules that ask persons: the last answer of each counts, and a standing no is a no.

Only answers whose signature was verified carry a person; the requester of a release does not
count; one person is one person, whatever the number of documents. An answer is about the release
that it names: another one made of the same bytes has an answer of its own.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutSubject
from assaybook.domain.facts import Attestation
from assaybook.domain.finding import LeftOut
from assaybook.domain.ids import person_key, same_person
from assaybook.domain.policy import Attested, Policy, Rule
from assaybook.domain.reasons import Reason, ordered
from assaybook.domain.record import record
from assaybook.domain.subject import Release, Subject
from assaybook.domain.values import Pointer, Unknown, unknown
from assaybook.evaluation.about import Target, binding, what_it_is_about
from assaybook.evaluation.verdict import RowVerdict, Truth, Verdict

NOT_COUNTED: Final = "not_counted"
"""Why a verified answer is left out that is neither weak nor about something else."""
_SUPERSEDED: Final = "superseded"


@record
class Asking:
    """A question put to persons about one release, as of an instant."""

    policy: Policy
    rule: Rule
    asked: Attested
    subject: Subject
    as_of: datetime


@record
class _Answer:
    """One answer that counts, and until when it does."""

    person: str
    yes: bool
    at: datetime
    ends: datetime
    where: Pointer


def judge_attested(
    asking: Asking, documents: Sequence[Evidence], valid_for: timedelta | Unknown
) -> Verdict:
    """Judge a question put to persons; the verdict says whose answers do not count.

    Args:
        asking: the question.
        documents: those that lend attestations and were received by then.
        valid_for: how long a yes holds after it was signed.
    """
    if isinstance(valid_for, Unknown):
        return Verdict(valid_for)
    answers: list[_Answer] = []
    refused: list[LeftOut] = []
    for evidence, fact in _meant(asking, documents):
        heard = _heard(asking, evidence, fact, valid_for)
        if isinstance(heard, LeftOut):
            refused.append(heard)
        else:
            answers.append(heard)
    rows: list[RowVerdict] = []
    ends: list[datetime] = []
    for mine in _by_person(answers):
        person = min(one.person for one in mine)
        newest = max(one.at for one in mine)
        last = [one for one in mine if one.at == newest]
        refused += [_older(one) for one in mine if one.at < newest]
        rows.append(_row(asking, person, last))
        ends += [min(one.ends for one in last)] if rows[-1].truth is True else []
    held = _held(asking, rows)
    return Verdict(
        held,
        tuple(rows),
        at_least=asking.asked.people,
        left_out=tuple(refused),
        expires_at=sorted(ends)[-asking.asked.people] if held is True else None,
    )


def _meant(asking: Asking, documents: Sequence[Evidence]) -> Iterator[tuple[Evidence, Attestation]]:
    """Yield the answers to this rule."""
    for evidence in documents:
        for fact in evidence.facts:
            mine = (asking.policy.id, asking.rule.id)
            if isinstance(fact, Attestation) and (fact.policy, fact.rule) == mine:
                yield evidence, fact


def _by_person(answers: Sequence[_Answer]) -> list[list[_Answer]]:
    """Return the answers of each person, whatever the case in which they are named."""
    found: dict[str, list[_Answer]] = {}
    for one in answers:
        found.setdefault(person_key(one.person), []).append(one)
    return [found[key] for key in sorted(found)]


def _heard(
    asking: Asking, evidence: Evidence, fact: Attestation, valid_for: timedelta
) -> _Answer | LeftOut:
    """Return an answer that counts, or why it does not."""
    document = evidence.envelope.id
    if why := _why_not_this_release(evidence, asking.subject):
        return LeftOut(evidence=document, code="wrong_subject", message=why)
    if fact.person is None or fact.signed_at is None or fact.answer is None:
        said = [one.message for one in evidence.envelope.warnings]
        why = "; ".join(said) or "nobody has verified who said it"
        return LeftOut(evidence=document, code="low_assurance", message=why)
    if fact.role != asking.asked.role:
        why = f"{fact.person} answered as {fact.role}, not as {asking.asked.role}"
        return LeftOut(evidence=document, code=NOT_COUNTED, message=why)
    if same_person(fact.person, asking.subject.release.requested_by):
        why = f"{fact.person} asked for the release"
        return LeftOut(evidence=document, code=NOT_COUNTED, message=why)
    if fact.signed_at > asking.as_of:
        why = "it was signed later than this assessment looks"
        return LeftOut(evidence=document, code=NOT_COUNTED, message=why)
    ends = fact.signed_at + valid_for
    return _Answer(
        person=fact.person,
        yes=fact.answer == "yes",
        at=fact.signed_at,
        ends=min(ends, fact.valid_until or ends),
        where=Pointer(document, fact.pointer),
    )


def _why_not_this_release(evidence: Evidence, subject: Subject) -> str:
    """Return why an answer is not about a release, or nothing."""
    said, release = evidence.envelope.subject, subject.release
    target = Target("release", release, replaced_at=subject.replaced_at)
    named = said.release not in (None, release.version)
    if named or binding(evidence.envelope, target, subject) == "other":
        return what_it_is_about(evidence.envelope, target, subject.system.id)
    if _has_these_bytes(said, release):
        return ""
    return f"it names other artifacts than those of release {release.version}"


def _has_these_bytes(said: AboutSubject, release: Release) -> bool:
    """Tell whether the artifacts that were named are of the release, and every model is among them.

    Who names none answers for the release by its name.
    """
    named = {one.digest for one in said.artifacts}
    registered = {one.digest for one in release.artifacts}
    models = {one.digest for one in release.artifacts if one.kind == "model"}
    return not named or models <= named <= registered


def _older(one: _Answer) -> LeftOut:
    message = f"{one.person} has answered again"
    return LeftOut(evidence=one.where.evidence, code=_SUPERSEDED, message=message)


def _row(asking: Asking, person: str, last: Sequence[_Answer]) -> RowVerdict:
    """Return one person's last word; a yes runs out, a no stands until the person speaks again.

    A no is only possibly a row, so that a waiver of it never makes it one of the yeses asked for.
    """
    key = f"person={person}"
    where = tuple(one.where for one in last)
    if not any(one.yes for one in last):
        message = f"{person} says no"
        return RowVerdict(key, False, possible=True, message=message, pointers=where)
    if not all(one.yes for one in last):
        why = unknown("conflict", key, f"{person} said yes and no at the same instant")
        return RowVerdict(key, why, possible=True, pointers=where)
    if min(one.ends for one in last) <= asking.as_of:
        why = unknown("stale", key, f"the yes of {person} has run out")
        return RowVerdict(key, why, possible=True, pointers=where)
    return RowVerdict(key, True, pointers=where)


def _held(asking: Asking, rows: Sequence[RowVerdict]) -> Truth:
    """Return the truth: a no decides, a person of two minds keeps it open, then yeses count."""
    wanted = asking.asked.people
    if any(row.truth is False for row in rows):
        return False
    reasons = [
        reason for row in rows if isinstance(row.truth, Unknown) for reason in row.truth.reasons
    ]
    ties = [reason for reason in reasons if reason.code == "conflict"]
    if ties:
        return Unknown(ordered(ties))
    yes = sum(row.truth is True for row in rows)
    if yes >= wanted:
        return True
    message = f"{yes} of {wanted} persons have answered yes as {asking.asked.role}"
    short = Reason("too_few", asking.rule.id, message)
    return Unknown(ordered([short, *reasons]))
