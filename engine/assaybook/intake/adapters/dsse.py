"""In-toto statements: SLSA provenance, model signing and others, bare or in DSSE envelopes.

An envelope may stand in a Sigstore bundle, and several may stand in one file, one in each line.
What a statement says is a claim; one that says that its subjects failed lends none. Its signature
is verified elsewhere; here ``verified`` and ``signer`` stay unknown. Of predicates of other kinds
only the subjects are read, and of a summary of a verification also who verified, and when. A secret
in a payload stays in it, since the signature covers it: a warning tells of it, and no fact has it.
Source: in-toto attestation 0.1 and 1, DSSE 1.0, Sigstore bundle 0.1-0.3.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutArtifact, AboutSubject, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import ArtifactFact, Fact
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.adapters import model_signing, slsa
from assaybook.intake.adapters.sealed_secrets import kinds_in, told, without
from assaybook.intake.adapters.statements import Subject, inside, subjects_of
from assaybook.intake.json_odd import too_much
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping, pointer, sequence, short, word

_PAYLOAD: Final = frozenset({"payloadType", "payload", "signatures"})
_LONGEST_PAYLOAD: Final = 16_000_000
_IN_TOTO: Final = "application/vnd.in-toto+json"
_PLAIN: Final = str.maketrans("-_", "+/")
_STATEMENT: Final = "https://in-toto.io/Statement/"
_READ: Final = ("https://slsa.dev/provenance/", "https://in-toto.io/Link/")
_VERDICTS: Final = (
    ("https://slsa.dev/verification_summary/v0.", "verification_result", ("PASSED",)),
    ("https://slsa.dev/verification_summary/", "verificationResult", ("PASSED",)),
    ("https://in-toto.io/attestation/test-result/", "result", ("PASSED", "WARNED")),
)
"""Predicates that say how something ended, where, and with which words it passed; the first
summaries wrote it otherwise, and not all that are called by their name do."""
_TYPES: Final = frozenset({f"{_STATEMENT}v0.1", f"{_STATEMENT}v1"})


@record
class Sealed:
    """An envelope, where it stands, and the bundle around it (itself where there is none)."""

    place: tuple[str | int, ...]
    bundle: dict[str, Json]
    envelope: dict[str, Json]


@record
class Dsse:
    """Adapter for in-toto statements."""

    name: str = "dsse"
    version: int = 4
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("artifact", "lineage")
    questions: tuple[str, ...] = ("artifact", "artifact/model", "lineage")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise an envelope or a bare statement; the version is the predicate's type."""
        del declared
        bare = next(_bare(document), None)
        first = next(envelopes(document), None)
        if bare is not None:
            statement, reason = bare[1], "an in-toto statement that is in no envelope"
        elif first is not None and first.envelope.get("payloadType") == _IN_TOTO:
            statement, reason = {}, "payloadType, payload and signatures"
            try:
                statement = _statement(document, first)
            except SubmitterError:
                reason = f"{reason}; the payload cannot be read"
        else:
            return None
        kind = word(statement.get("predicateType")) or ""
        return Detected(format=self.name, version=kind[:200], confidence=1.0, reasons=(reason,))

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the statement of every envelope."""
        del detected
        sealed = tuple(_opened(document, one) for one in envelopes(document))
        plain = (_reading(document, one, pointer(*place)) for place, one in _bare(document))
        return (*sealed, *plain)


def envelopes(document: Parsed) -> Iterator[Sealed]:
    """Yield the envelopes of a document with their places."""
    for place, found in _objects(document):
        inner = mapping(found.get("dsseEnvelope"))
        if inner.keys() >= _PAYLOAD:
            yield Sealed((*place, "dsseEnvelope"), found, inner)
        elif found.keys() >= _PAYLOAD:
            yield Sealed(place, found, found)


def _bare(document: Parsed) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    for place, found in _objects(document):
        if str(found.get("_type")).startswith(_STATEMENT) and "predicateType" in found:
            yield place, found


def _objects(document: Parsed) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    if document.media == "json-lines":
        for index, one in enumerate(sequence(document.value)):
            yield (index,), mapping(one)
    elif document.media == "json":
        yield (), mapping(document.value)


def _opened(document: Parsed, sealed: Sealed) -> Reading:
    """Return the reading of a payload, with a warning of what is kept in it."""
    at = pointer(*sealed.place, "payload")
    text = _payload(document, sealed)
    where = f"{document.name}#{at}"
    kinds = kinds_in(text, where)
    statement = mapping(without(read_json(text, where, Limits()).value, kinds))
    reading = _reading(document, statement, inside(at))
    return replace(reading, warnings=(*reading.warnings, *told(kinds, at))) if kinds else reading


def _statement(document: Parsed, sealed: Sealed) -> dict[str, Json]:
    at = pointer(*sealed.place, "payload")
    text = _payload(document, sealed)
    return mapping(read_json(text, f"{document.name}#{at}", Limits()).value)


def _payload(document: Parsed, sealed: Sealed) -> str:
    at = pointer(*sealed.place, "payload")
    kind = sealed.envelope.get("payloadType")
    if kind != _IN_TOTO:
        reason = f"the payload is {str(kind)[:200]}, and only in-toto is read"
        raise broken(document, reason, at=at)
    text = str(sealed.envelope.get("payload"))
    check_payload(document, text, at)
    try:
        return plain_base64(text).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise broken(document, "the payload is no base64 of UTF-8", at=at) from error


def check_payload(document: Parsed, text: str, at: str) -> None:
    """Refuse a payload of which the text would take too much, since nobody knows it yet.

    Raises:
        SubmitterError: ``document-too-large``.
    """
    if len(text) > _LONGEST_PAYLOAD:
        reason = f"a signed payload has at most {_LONGEST_PAYLOAD} characters"
        raise too_much(reason, f"{document.name}#{at}")


def plain_base64(text: str) -> bytes:
    """Return the bytes of base64 in its standard or its URL form, padded or not.

    Raises:
        ValueError: it is none.
    """
    plain = text.translate(_PLAIN) if "-" in text or "_" in text else text
    return base64.b64decode(plain + "=" * (-len(text) % 4), validate=True)


def _reading(document: Parsed, statement: dict[str, Json], at: str) -> Reading:
    kind = statement.get("_type")
    if kind is not None and kind not in _TYPES:
        reason = f"the statement is of type {str(kind)[:200]}, and only in-toto 0.1 and 1 is read"
        hint = "Write an attestation, whose type is https://in-toto.io/Statement/v1."
        raise broken(document, reason, at=at, hint=hint)
    subjects = tuple(subjects_of(document, statement, at))
    facts: tuple[Fact, ...]
    warnings = tuple(_warnings(statement))
    if model_signing.is_signing(statement):
        facts = tuple(model_signing.artifacts(document, statement, subjects, at))
        about = tuple(model_signing.about(statement, subjects))
    else:
        facts = (*_artifacts(statement, subjects), *slsa.lineage(statement, subjects, at))
        about = tuple(
            AboutArtifact(digest=one.digest, name=one.name) for one in subjects if one.digest
        )
    return _sealed(statement, facts, about, warnings)


def _warnings(statement: dict[str, Json]) -> Iterator[Warning_]:
    if "_type" not in statement:
        message = "the statement does not state its type"
        yield Warning_(code="statement-untyped", message=message)
    if model_signing.is_signing(statement):
        left = model_signing.left_out(statement)
        if left:
            message = short(f"the signature does not cover {', '.join(left)}")
            yield Warning_(code="files-not-signed", message=message)
    elif _failed(statement):
        message = "the statement says that its subjects failed: they are no evidence"
        yield Warning_(code="statement-failed", message=message)
    elif not str(statement.get("predicateType")).startswith(_READ):
        message = "of such a predicate only the subjects are read"
        yield Warning_(code="predicate-not-read", message=message)


def _failed(statement: dict[str, Json]) -> bool:
    """Tell whether a statement says of its subjects that they did not pass."""
    kind, predicate = str(statement.get("predicateType")), mapping(statement.get("predicate"))
    asked = [(key, passed) for start, key, passed in _VERDICTS if kind.startswith(start)]
    said = [predicate[key] in passed for key, passed in asked if key in predicate]
    return bool(asked) and not (said and all(said))


def _sealed(
    statement: dict[str, Json],
    facts: tuple[Fact, ...],
    about: tuple[AboutArtifact, ...],
    warnings: tuple[Warning_, ...],
) -> Reading:
    rows = Counter(question_of(fact) for fact in facts)
    predicate = mapping(statement.get("predicate"))
    made = slsa.making(predicate)
    coverage = tuple(recorded(question, lent) for question, lent in rows.items())
    if _failed(statement):
        facts = ()
        coverage = tuple(one.model_copy(update={"failed": one.examined}) for one in coverage)
    return Reading(
        facts=facts,
        coverage=coverage,
        subject=AboutSubject(artifacts=about),
        producer=Producer(tool=slsa.builder(predicate) or slsa.verifier(predicate) or ""),
        run=made.run,
        scope=Scope(job=word(statement.get("predicateType"))),
        produced_at=made.finished_at,
        warnings=warnings,
    )


def _artifacts(statement: dict[str, Json], subjects: tuple[Subject, ...]) -> Iterator[ArtifactFact]:
    predicate = word(statement.get("predicateType"))
    for one in subjects:
        yield ArtifactFact(
            pointer=one.pointer, name=one.name, digest=one.digest, predicate=predicate
        )
