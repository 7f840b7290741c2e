"""An authenticated person answers a rule that asks persons; the answer is recorded as evidence.

The document is what ``assay attest`` writes, without a signature: who gave it is known from the
key that the person used, and set by us.
"""

import base64
import json
from datetime import datetime
from typing import Final, Literal

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import canonical
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant, PolicyId, RuleId, SystemId, Version, same_person, written
from assaybook.domain.principal import Principal, is_involved
from assaybook.domain.record import record
from assaybook.domain.statements import PAYLOAD_TYPE, AttestationStatement
from assaybook.domain.subject import Subject
from assaybook.domain.trust import Trust
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.read import Receipt, open_document
from assaybook.service.attest import Answer, asked_rule, policy_named, statement_of
from assaybook.service.bundles import Ruling
from assaybook.service.people import known_as, said_by
from assaybook.service.submit_evidence import submit_evidence
from assaybook.store.evidence import EvidenceReceipt
from assaybook.store.subjects import subject_as_of
from assaybook.store.unit_of_work import UnitOfWork

_NAME: Final = "attestation.json"


class Attesting(Frozen):
    """An answer to a rule about a release.

    Attributes:
        valid_until: when a yes ends, where that is before the policy ends it.
        note: what the person adds; kept with the answer, and never judged.
    """

    system: SystemId
    release: Version
    policy: PolicyId
    rule: RuleId
    answer: Literal["yes", "no"]
    valid_until: Instant | None = None
    note: str | None = Field(default=None, min_length=1, max_length=4_000)


@record
class Answered:
    """An answer as it was recorded: whose, in which role, to which question."""

    receipt: EvidenceReceipt
    person: str
    role: str
    question: str


def record_answer(
    work: UnitOfWork, asked: Attesting, ruling: Ruling, trust: Trust, *, who: Principal
) -> Answered:
    """Record the answer of an authenticated person as evidence about a release.

    Raises:
        UsageError: the system, release, policy or rule is unknown; ``rule-not-attested``;
            ``attestation-by-requester``; ``attestation-role-missing``;
            ``attestation-never-valid``.
    """
    subject = subject_as_of(work, asked.system, asked.release, as_of=work.now)
    policy = policy_named(ruling.bundle.policies, asked.policy)
    question = asked_rule(policy, asked.rule).attested
    if question is None:  # pragma: no cover - an asked rule has one
        raise UsageError("rule-not-attested", "the rule asks nobody")
    refuse_answerer(who, question.role, subject, trust, at=work.now)
    if asked.valid_until is not None and asked.valid_until <= work.now:
        raise UsageError(
            "attestation-never-valid",
            f"it would have ended before it was given; it is {written(work.now)}",
            where="valid_until",
        )
    said = Answer(
        known_as(who.name, trust)[0], asked.answer, work.now, asked.valid_until, asked.note
    )
    statement = statement_of(policy, asked.rule, subject, said)
    receipt = _recorded(work, statement, who)
    return Answered(receipt, statement.person, statement.role, question.question)


def refuse_answerer(
    who: Principal, role: str, subject: Subject, trust: Trust, *, at: datetime
) -> None:
    """Refuse an answer of somebody whose answers about a release do not count.

    Raises:
        UsageError: ``attestation-by-requester`` or ``attestation-role-missing``.
    """
    names = known_as(who.name, trust)
    _check_person(who, names, subject)
    _check_role(who, names[0], role, trust, at)


def _recorded(work: UnitOfWork, statement: AttestationStatement, who: Principal) -> EvidenceReceipt:
    opened = open_document(
        _unsigned(statement),
        name=_NAME,
        declared=(Declared(),),
        receipt=Receipt(
            received_at=work.now,
            submitted_by=who.name,
            assurance=who.assurance,
            submission=f"{who.id}@{written(work.now)}",
            authenticated=True,
        ),
        limits=Limits(),
    )
    evidence = [said_by(one, statement.person, statement.role) for one in opened.evidence]
    blobs = {one.envelope.blob: opened.kept for one in evidence}
    report = submit_evidence(work, evidence, blobs, person=who.name)
    if not report.accepted:
        # The same bytes came before as a mere file, and then nobody had verified who said it.
        raise UsageError(
            "attestation-not-new",
            "a document of exactly these words was submitted before",
            hint="Answer again.",
        )
    return report.accepted[0]


def _unsigned(statement: AttestationStatement) -> bytes:
    payload = canonical(statement.model_dump(mode="json", exclude_none=True))
    envelope: dict[str, JsonValue] = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [],
    }
    return json.dumps(envelope, sort_keys=True).encode() + b"\n"


def _check_person(who: Principal, names: tuple[str, ...], subject: Subject) -> None:
    requester = subject.release.requested_by
    if is_involved(who, [requester]) or any(same_person(one, requester) for one in names):
        raise UsageError(
            "attestation-by-requester",
            f"{who.name} asked for the release, so that answer does not count",
            hint="Ask another person.",
        )


def _check_role(who: Principal, person: str, role: str, trust: Trust, at: datetime) -> None:
    held = trust.roles_at(person, at) | {one.value for one in who.roles}
    if role not in held:
        raise UsageError(
            "attestation-role-missing",
            f"the rule asks somebody who is {role}, and {who.name} is not",
            hint="The trust file of the server says who has which role.",
        )
