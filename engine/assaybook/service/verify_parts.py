"""The parts of a pack as they are read back: manifest, proofs, and what was judged from what."""

import base64
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import Field, JsonValue

from assaybook.domain.attachment import (
    BUNDLE,
    FACTS,
    FINDINGS,
    HISTORY,
    MANIFEST,
    PROOFS,
    REFUSALS,
    STATEMENTS,
    SUBJECT,
)
from assaybook.domain.base import Frozen
from assaybook.domain.baseline import Baseline
from assaybook.domain.canonical import canonical, digest_of, digest_of_model
from assaybook.domain.documents import Evidence, Problem
from assaybook.domain.errors import SubmitterError
from assaybook.domain.finding import Assessment, Unused
from assaybook.domain.history import Earlier, Remediation
from assaybook.domain.ids import Instant
from assaybook.domain.refusal import Refusal
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.ledger.dsse import Envelope, pae
from assaybook.service.pack_contents_manifest import NONE, PAYLOAD_TYPE

Parts = Mapping[str, bytes]
_Kind = TypeVar("_Kind", bound=Frozen)
_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Sha256(Frozen):
    """A digest as in-toto writes it."""

    sha256: _Hex


class Named(Frozen):
    """A part of the pack with its digest."""

    name: str
    digest: Sha256


class KeyIds(Frozen):
    """Which keys signed the log's state, the manifest and the PDF."""

    checkpoint: str
    report: str
    statement: str


class Predicate(Frozen):
    """What the manifest says of the pack as a whole."""

    as_of: Instant
    assessment: str
    engine: str
    keys: KeyIds | Literal["none"]
    log: str
    made_at: Instant | None
    organisation: str
    pack: str
    profile: str
    release: str
    system: str
    verdicts: tuple[str, ...]


class Statement(Frozen):
    """An in-toto statement over the parts of a pack."""

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type")
    predicate: Predicate
    predicate_type: Literal["urn:assaybook:audit-pack:v1"] = Field(alias="predicateType")
    subject: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The statement of a manifest, the bytes that were signed, and the signatures over them."""

    statement: Statement
    signed: bytes
    signatures: tuple[tuple[str, bytes], ...]

    @property
    def predicate(self) -> Predicate:
        """Return what it says of the pack."""
        return self.statement.predicate

    @property
    def keys(self) -> KeyIds | None:
        """Return the ids of the keys, or None where nobody signed."""
        keys = self.predicate.keys
        return None if isinstance(keys, str) else keys

    @property
    def has_log(self) -> bool:
        """Tell whether the pack was made from a log."""
        return self.predicate.log != NONE


class Proven(Frozen):
    """An entry of the log with its audit path, base64."""

    entry: str
    path: tuple[str, ...]
    seq: int


class Older(Frozen):
    """The proof that the log goes on from an older state."""

    path: tuple[str, ...]
    root: str
    size: int


class Proofs(Frozen):
    """Every proof that the pack carries."""

    consistency: tuple[Older, ...]
    kind: Literal["assaybook/proofs/v1"]
    receipts: tuple[Proven, ...]
    size: int


class _Facts(Frozen):
    evidence: tuple[Evidence, ...]
    kind: Literal["assaybook/facts/v1"]
    problems: tuple[Problem, ...]
    unrecognised: tuple[Unused, ...]


class _Subject(Frozen):
    digest: str
    kind: Literal["assaybook/subject/v1"]
    subject: Subject


class SignedBy(Frozen):
    """A signed statement as it was accepted, base64, and the evidence that it is."""

    envelope: str
    evidence: str


class PersonKey(Frozen):
    """A key of a person that counted."""

    key: str
    name: str
    person: str
    roles: tuple[str, ...]
    valid_from: Instant | None
    valid_until: Instant | None


class Statements(Frozen):
    """What persons decided and said."""

    baseline: Baseline | None
    envelopes: tuple[SignedBy, ...]
    keys: tuple[PersonKey, ...]
    kind: Literal["assaybook/statements/v1"]
    retirements: tuple[Retirement, ...]
    waivers: tuple[Waiver, ...]


class History(Frozen):
    """Earlier assessments in brief, and since when and until when findings are open."""

    earlier: tuple[Earlier, ...] = ()
    kind: Literal["assaybook/history/v1"]
    remediation: tuple[Remediation, ...] = ()


class _Refusals(Frozen):
    kind: Literal["assaybook/refusals/v1"]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged, from what, and what came of it."""

    assessment: Assessment
    bundle: JsonValue
    subject: Subject
    evidence: tuple[Evidence, ...]
    problems: tuple[Problem, ...]
    unrecognised: tuple[Unused, ...]
    statements: Statements


class PartError(ValueError):
    """A part cannot be read as what a pack of this version holds; ``name`` is which."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why


@contextmanager
def reading(name: str) -> Generator[None]:
    """Name the part that is read, whatever its bytes lead to.

    Raises:
        PartError: it cannot be read.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise PartError(name, type(error).__name__) from error


def read_manifest(parts: Parts) -> Manifest:
    """Return the manifest, whoever signed it.

    Raises:
        ValueError: it is not as we write it.
    """
    raw = part(parts, MANIFEST)
    envelope = Envelope.model_validate_json(raw)
    payload = base64.b64decode(envelope.payload, validate=True)
    if envelope.payload_type != PAYLOAD_TYPE:
        message = f"it holds {envelope.payload_type[:80]}"
        raise ValueError(message)
    statement = Statement.model_validate_json(canonical_only(payload))
    signatures = tuple(
        (one.keyid, base64.b64decode(one.sig, validate=True)) for one in envelope.signatures
    )
    return Manifest(statement, pae(envelope.payload_type, payload), signatures)


def read_proofs(parts: Parts) -> Proofs:
    """Return the proofs.

    Raises:
        PartError: they are not as we write them.
    """
    return whole(Proofs, parts, PROOFS)


def read_judged(parts: Parts) -> Judged:
    """Return what was judged.

    Raises:
        PartError: a part is not as we write it.
        SubmitterError: ``findings-changed`` or ``subject-changed``, one is not under its digest.
    """
    facts, subject = whole(_Facts, parts, FACTS), whole(_Subject, parts, SUBJECT)
    if subject.digest != digest_of_model(subject.subject):
        message = "it is not the subject whose digest stands beside it"
        raise SubmitterError("subject-changed", message, where=SUBJECT)
    found, policies = part(parts, FINDINGS), part(parts, BUNDLE)
    with reading(BUNDLE):
        bundle: JsonValue = json.loads(canonical_only(policies))
    return Judged(
        assessment=_read_findings(found),
        bundle=bundle,
        subject=subject.subject,
        evidence=facts.evidence,
        problems=facts.problems,
        unrecognised=facts.unrecognised,
        statements=whole(Statements, parts, STATEMENTS),
    )


def _read_findings(raw: bytes) -> Assessment:
    """Return findings; what they leave out is under no digest, whatever it would be read as."""
    with reading(FINDINGS):
        found = Assessment.model_validate_json(canonical_only(raw))
    said = found.assessment.digest
    if digest_of(raw.replace(said.encode(), b"", 1)) != said:
        message = "the findings are not those whose digest was signed"
        raise SubmitterError("findings-changed", message, where=FINDINGS)
    return found


def read_history(parts: Parts) -> History:
    """Return what the pack tells of earlier assessments; nothing where it has none.

    Raises:
        PartError: it is not as we write it.
    """
    if HISTORY not in parts:
        return History(kind="assaybook/history/v1")
    return whole(History, parts, HISTORY)


def read_refusals(parts: Parts) -> tuple[Refusal, ...]:
    """Return what was submitted and could not be read; nothing where nothing was.

    Raises:
        PartError: it is not as we write it.
    """
    if REFUSALS not in parts:
        return ()
    return whole(_Refusals, parts, REFUSALS).refused


def part(parts: Parts, name: str) -> bytes:
    """Return a part of the pack.

    Raises:
        SubmitterError: ``attachment-missing``.
    """
    if name not in parts:
        raise SubmitterError("attachment-missing", "the pack does not carry it", where=name)
    return parts[name]


def whole(kind: type[_Kind], parts: Parts, name: str) -> _Kind:
    """Return what is written whole, in the one way that it can be: nothing is left to be assumed.

    Raises:
        SubmitterError: ``attachment-missing``.
        PartError: it is no such JSON, leaves something out, or could be written otherwise.
    """
    raw = part(parts, name)
    with reading(name):
        found = kind.model_validate_json(raw)
        if canonical(found.model_dump(mode="json", by_alias=True)) != raw:
            message = "it is not canonical JSON of all that it has to say"
            raise ValueError(message)
    return found


def canonical_only(raw: bytes) -> bytes:
    """Return JSON that is written in the one way that it can be.

    Raises:
        ValueError: it is no JSON, says a name twice, or could be written otherwise.
    """
    if canonical(json.loads(raw)) != raw:
        message = "it is not canonical JSON"
        raise ValueError(message)
    return raw
