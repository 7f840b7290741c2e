"""Our own small JSON in a DSSE envelope, so that a team can sign any evidence with its own key.

The payload is a document of ``assaybook/v1``; its type is
``application/vnd.assaybook.evidence+json``. Whether the signature counts is judged elsewhere. A
secret in the payload stays in it: a warning tells of it, and no fact has it.
"""

import base64
import binascii
from dataclasses import replace
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken
from assaybook.intake.adapters.assaybook_v1 import AssaybookV1
from assaybook.intake.adapters.dsse import Sealed, check_payload, envelopes
from assaybook.intake.adapters.sealed_secrets import kinds_in, told, without
from assaybook.intake.adapters.statements import inside
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import pointer, short

PAYLOAD_TYPE: Final = "application/vnd.assaybook.evidence+json"
_PLAIN: Final = AssaybookV1()


@record
class SignedV1:
    """Adapter for signed documents of ``assaybook/v1``."""

    name: str = "assaybook-signed"
    version: int = 2
    versions: tuple[str, ...] = ("v1",)
    facts: tuple[str, ...] = tuple(FACT_TYPES)
    questions: tuple[str, ...] = _PLAIN.questions

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise an envelope by the type of its payload."""
        del declared
        first = next(envelopes(document), None)
        if first is None or first.envelope.get("payloadType") != PAYLOAD_TYPE:
            return None
        reason = f"an envelope whose payload is {PAYLOAD_TYPE}"
        return Detected(format=self.name, version="v1", confidence=1.0, reasons=(reason,))

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the document in every envelope."""
        return tuple(
            reading for one in envelopes(document) for reading in _read(document, one, detected)
        )


def _read(document: Parsed, sealed: Sealed, detected: Detected) -> tuple[Reading, ...]:
    at = pointer(*sealed.place, "payload")
    written = str(sealed.envelope.get("payload"))
    check_payload(document, written, at)
    try:
        text = base64.b64decode(written, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise broken(document, "the payload is no base64 of UTF-8", at=at) from error
    where = f"{document.name}#{at}"
    found = read_json(text, where, Limits())
    kinds = kinds_in(text, where)
    inner = Parsed(where, "json", text, without(found.value, kinds), odd=found.odd)
    seen = _PLAIN.detect(inner)
    if sealed.envelope.get("payloadType") != PAYLOAD_TYPE or seen is None:
        raise broken(document, "the payload is no document of assaybook/v1", at=at)
    if seen.version != detected.version:
        raise broken(document, f"the payload is assaybook/{seen.version}", at=at)
    placed = [_placed(reading, inside(at)) for reading in _PLAIN.read(inner, seen)]
    return tuple(
        replace(one, warnings=(*one.warnings, *told(kinds, at))) if kinds else one for one in placed
    )


def _placed(reading: Reading, at: str) -> Reading:
    """Return a reading of a payload with its places in the envelope."""
    return replace(
        reading,
        facts=tuple(
            fact.model_copy(update={"pointer": short(f"{at}{fact.pointer}")})
            for fact in reading.facts
        ),
        warnings=tuple(
            one.model_copy(update={"pointer": short(f"{at}{one.pointer}")})
            for one in reading.warnings
        ),
    )
