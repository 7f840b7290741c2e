"""Signed answers of persons, as ``assay attest`` writes them: a statement in a DSSE envelope.

What the statement says of its person is a claim here. Only the verification of the signature
against a trust file fills the person in, so an answer that nobody verified counts for nothing.
"""

import base64
import binascii

from pydantic import ValidationError

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import AboutSubject, Coverage, Producer
from assaybook.domain.facts import Attestation
from assaybook.domain.record import record
from assaybook.domain.statements import PAYLOAD_TYPE, AttestationStatement
from assaybook.intake.adapter import Reading, broken
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import mapping, word


@record
class Statement:
    """Adapter for attestations signed with ``assay attest``."""

    name: str = "assaybook-statement"
    version: int = 1
    versions: tuple[str, ...] = ("v1",)
    facts: tuple[str, ...] = ("attestation",)
    questions: tuple[str, ...] = ("attestation",)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise an envelope by the type of its payload."""
        del declared
        if mapping(document.value).get("payloadType") != PAYLOAD_TYPE:
            return None
        return Detected(
            format=self.name,
            version="v1",
            confidence=1.0,
            reasons=(f"an envelope whose payload is {PAYLOAD_TYPE}",),
        )

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the statement; its signature is judged elsewhere."""
        del detected
        statement = _statement(document)
        fact = Attestation(
            pointer="/payload",
            policy=statement.policy,
            rule=statement.rule,
            answer=statement.answer,
            role=statement.role,
            signed_at=statement.signed_at,
            valid_until=statement.valid_until,
        )
        return (
            Reading(
                facts=(fact,),
                coverage=(Coverage(question="attestation", examined=1),),
                subject=AboutSubject(
                    system=statement.system,
                    release=statement.release,
                    artifacts=statement.artifacts,
                ),
                producer=Producer(tool=self.name),
                produced_at=statement.signed_at,
            ),
        )


def _statement(document: Parsed) -> AttestationStatement:
    try:
        payload = base64.b64decode(
            word(mapping(document.value).get("payload")) or "", validate=True
        )
        return AttestationStatement.model_validate_json(payload)
    except (ValidationError, binascii.Error) as error:
        reason = "the payload is no attestation"
        hint = "Sign an answer with `assay attest`."
        raise broken(document, reason, at="/payload", hint=hint) from error
