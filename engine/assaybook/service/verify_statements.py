"""What persons signed: the statements that a pack carries are those that were accepted."""

import base64
from collections.abc import Iterator
from typing import Final

from pydantic import ValidationError

from assaybook.domain.attachment import STATEMENTS
from assaybook.domain.canonical import digest_of
from assaybook.domain.facts import Attestation
from assaybook.domain.statements import PAYLOAD_TYPE, AttestationStatement
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.ledger.dsse import opened
from assaybook.service.verify_parts import Judged, Statements
from assaybook.service.verify_report import Step, bad, good

STEP: Final = "statements"
_ASK: Final = "Ask whoever made the pack for the original; do not rely on this one."


def statement_steps(judged: Judged) -> Iterator[Step]:
    """Yield whether each signed statement is the evidence that it stands for, and by its person.

    Without the keys of persons in the pack, who signed is the word of the log's keeper.

    Raises:
        SubmitterError: ``envelope-unreadable``.
        ValueError: a statement or a key is not as we write it.
    """
    trust = _trust(judged.statements)
    pieces = {one.envelope.id: one for one in judged.evidence}
    for one in judged.statements.envelopes:
        raw = base64.b64decode(one.envelope, validate=True)
        piece = pieces.get(one.evidence)
        if piece is None or piece.envelope.blob != digest_of(raw):
            message = "it is not the document that was accepted"
            yield bad(STEP, "statement-changed", one.evidence, message, _ASK)
            return
        said = [fact for fact in piece.facts if isinstance(fact, Attestation)]
        if trust.keys and not _is_by_its_person(raw, said, trust):
            message = "no key of its person that counted has signed it"
            yield bad(STEP, "statement-signature", one.evidence, message, _ASK)
            return
    count = len(judged.statements.envelopes)
    if count:
        how = "signed by its person" if trust.keys else "as accepted; no keys of persons are here"
        yield good(STEP, "statements", STATEMENTS, f"{count} signed statements, each {how}")


def _is_by_its_person(raw: bytes, said: list[Attestation], trust: Trust) -> bool:
    """Tell whether an envelope says what was read of it, under a key of the person it names.

    A statement that counted for nobody names no person in its facts, and needs no key.
    """
    if not any(fact.person for fact in said):
        return True
    envelope = opened(raw, {})
    try:
        statement = AttestationStatement.model_validate_json(envelope.payload)
    except ValidationError:
        return False
    counting = {one.key: one.person for one in trust.keys if one.counts_at(statement.signed_at)}
    return (
        envelope.payload_type == PAYLOAD_TYPE
        and statement.person in opened(raw, counting).signers
        and all(
            (fact.person, fact.policy, fact.rule, fact.answer)
            == (statement.person, statement.policy, statement.rule, statement.answer)
            for fact in said
        )
    )


def _trust(statements: Statements) -> Trust:
    return Trust(
        keys=tuple(
            TrustedKey(
                person=one.person,
                name=one.name,
                roles=one.roles,
                key=base64.b64decode(one.key, validate=True),
                valid_from=one.valid_from,
                valid_until=one.valid_until,
            )
            for one in statements.keys
        )
    )
