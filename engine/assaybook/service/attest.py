"""Sign an answer to a rule about a release."""

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assaybook.domain.errors import UsageError, did_you_mean
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.policy import Policy, Rule
from assaybook.domain.record import record
from assaybook.domain.statements import AttestationStatement
from assaybook.domain.subject import Subject
from assaybook.service.people import signed_statement


@record
class Answer:
    """What a person says, and until when at the most."""

    person: str
    answer: Literal["yes", "no"]
    at: datetime
    valid_until: datetime | None = None
    note: str | None = None


def attest(
    policy: Policy, rule_id: str, subject: Subject, said: Answer, key: Ed25519PrivateKey
) -> bytes:
    """Return a signed attestation as a document that can be submitted as evidence.

    Raises:
        UsageError: the rule is unknown, or does not ask persons.
    """
    return signed_statement(statement_of(policy, rule_id, subject, said), key)


def statement_of(
    policy: Policy, rule_id: str, subject: Subject, said: Answer
) -> AttestationStatement:
    """Return what a person says, bound to policy, rule, release and digests of its artifacts.

    Raises:
        UsageError: the rule is unknown, or does not ask persons.
    """
    rule = asked_rule(policy, rule_id)
    role = rule.attested.role if rule.attested else ""
    return AttestationStatement(
        policy=policy.id,
        rule=rule.id,
        answer=said.answer,
        role=role,
        person=said.person,
        system=subject.system.id,
        release=subject.release.version,
        artifacts=tuple(
            AboutArtifact(digest=one.digest, name=one.name, kind=one.kind)
            for one in subject.release.artifacts
        ),
        signed_at=said.at,
        valid_until=said.valid_until,
        note=said.note,
    )


def policy_named(policies: Sequence[Policy], policy_id: str) -> Policy:
    """Return the policy of an id.

    Raises:
        UsageError: ``policy-unknown``, with the nearest ids.
    """
    for one in policies:
        if one.id == policy_id:
            return one
    near = get_close_matches(policy_id, [one.id for one in policies], n=2)
    hint = did_you_mean(near) or "List them with: assay policy list"
    raise UsageError("policy-unknown", "there is no such policy", where=policy_id, hint=hint)


def asked_rule(policy: Policy, rule_id: str) -> Rule:
    """Return a rule of a policy that asks persons.

    Raises:
        UsageError: ``rule-unknown`` or ``rule-not-attested``.
    """
    where = f"{policy.id}/{rule_id}"
    asking = [one.id for one in policy.rules if one.attested is not None]
    hint = f"These rules ask persons: {', '.join(asking) or 'none'}."
    rule = next((one for one in policy.rules if one.id == rule_id), None)
    if rule is None:
        raise UsageError("rule-unknown", "the policy has no such rule", where=where, hint=hint)
    if rule.attested is None:
        message = "the rule is judged from evidence and asks nobody"
        raise UsageError("rule-not-attested", message, where=where, hint=hint)
    return rule
