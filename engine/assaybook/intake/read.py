"""One document from bytes to evidence: parse, detect, redact, read, lay over, check, seal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from operator import attrgetter
from typing import Final

from pydantic import ValidationError

from assaybook.domain.canonical import digest_of
from assaybook.domain.documents import Detected, Evidence
from assaybook.domain.errors import AssayError, SubmitterError
from assaybook.domain.evidence import Envelope
from assaybook.domain.fact_types import OUR_CLAIMS
from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.intake.adapter import Adapter, Reading, notes
from assaybook.intake.adapter_rules import rules_of
from assaybook.intake.adapters.assaybook_v1 import AssaybookV1
from assaybook.intake.adapters.plain_v1 import detected_v1, plain_v1
from assaybook.intake.declared import Declared, lay
from assaybook.intake.detect import detect
from assaybook.intake.envelope import check_not_from_the_future, evidence_id
from assaybook.intake.limits import Limits
from assaybook.intake.made import made
from assaybook.intake.many_rows import refuse_many, too_many
from assaybook.intake.parsed import Parsed, is_read_as_json, parse, parse_table
from assaybook.intake.prose import PassagesError
from assaybook.intake.raw import AS_WRITTEN, TOO_MUCH
from assaybook.intake.redact import redact
from assaybook.intake.registry import BUILT_IN, installed
from assaybook.intake.table_mapping import TABLE

_FEW: Final = 64
_OURS: Final = frozenset(map(type, BUILT_IN))
_TYPE: Final = attrgetter("type")
_V1: Final = next(one for one in BUILT_IN if isinstance(one, AssaybookV1))


@record
class Receipt:
    """How a document came in: who sent it, when, in which submission.

    ``declared_by`` is how well the origin of what was declared is known; never above ``ci``.
    ``authenticated`` tells that whoever sent it had shown a key or token.
    """

    received_at: datetime
    submitted_by: str = ""
    assurance: Assurance = Assurance.SELF
    submission: str = ""
    authenticated: bool = False

    @property
    def declared_by(self) -> Assurance:
        """Return how far a statement of the submitter can be trusted."""
        return Assurance.SELF if self.assurance is Assurance.SELF else Assurance.CI


@record
class Opened:
    """A document that was read.

    ``kept`` are the bytes to store: the original, or the redacted form of it, while each
    envelope's ``blob`` is the digest of the original.
    """

    name: str
    detected: Detected
    evidence: tuple[Evidence, ...]
    kept: bytes


def read_document(  # noqa: PLR0913 - each is a fact about the submission that somebody must state
    raw: bytes,
    *,
    name: str,
    declared: Declared,
    received_at: datetime,
    submitted_by: str,
    assurance: Assurance,
    submission: str,
    limits: Limits,
) -> tuple[Evidence, ...]:
    """Read one document as evidence, one for each run in it.

    Raises:
        SubmitterError: it cannot be read as what it is, or as what it was declared to be.
    """
    receipt = Receipt(received_at, submitted_by, assurance, submission)
    return open_document(
        raw, name=name, declared=(declared,), receipt=receipt, limits=limits
    ).evidence


def open_document(
    raw: bytes,
    *,
    name: str,
    declared: Sequence[Declared],
    receipt: Receipt,
    limits: Limits,
) -> Opened:
    """Read one document, and return with its evidence what it was and which bytes to keep.

    ``declared`` is what was said of it, the strongest first; all but the first are defaults, which
    fill and never contradict.

    Raises:
        SubmitterError: it cannot be read as what it is, or as what it was declared to be.
    """
    plain = None if _is_said(name, declared) else plain_v1(raw, limits)
    if plain is None:
        read = _read(raw, name, declared, limits)
    else:
        read = _Read(_V1, detected_v1(), Parsed(name, "json", ""), (), None, (plain,))
    blob = digest_of(raw)
    sealing = _Sealing(name, blob, len(raw), read, receipt)
    evidence = tuple(_sealed(sealing, reading, declared) for reading in read.readings)
    if len(evidence) > 1 and len({one.envelope.id for one in evidence}) < len(evidence):
        raise SubmitterError(
            "runs-not-told-apart",
            "the document holds several runs that have neither an id nor a scope of their own",
            where=name,
        )
    return Opened(name, read.detected, evidence, raw if read.kept is None else read.kept)


def _is_said(name: str, declared: Sequence[Declared]) -> bool:
    """Tell whether anything but the content can say what a document is."""
    if not is_read_as_json(name) or installed():
        return True
    return any(one.format or one.table for one in declared)


@record
class _Read:
    """A document that was read, before anything is laid over it."""

    adapter: Adapter
    detected: Detected
    document: Parsed
    removed: tuple[str, ...]
    kept: bytes | None
    readings: tuple[Reading, ...]


def _read(raw: bytes, name: str, declared: Sequence[Declared], limits: Limits) -> _Read:
    said = next((one.format for one in declared if one.format), None)
    table = next((one.table for one in declared if one.table), None)
    read = partial(parse_table, mapping=table) if said == TABLE else parse
    parsed = read(raw, name, limits)
    document = parsed if table is None else replace(parsed, table=table)
    adapter, detected = detect(document, said)
    refuse_many(document, adapter.name, limits)
    redacted = redact(document, adapter.name, rules_of(adapter))
    del parsed, document  # a large one takes as much memory again
    readings = _readings(adapter, redacted.document, detected, limits)
    return _Read(adapter, detected, redacted.document, redacted.removed, redacted.kept, readings)


@record
class _Sealing:
    """What all evidence out of one document has in common."""

    name: str
    blob: str
    size: int
    read: _Read
    receipt: Receipt


def _readings(
    adapter: Adapter, document: Parsed, detected: Detected, limits: Limits
) -> tuple[Reading, ...]:
    try:
        readings = adapter.read(document, detected)
    except AssayError:
        raise
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise SubmitterError(
            "document-breaks-format",
            f"a value is not what the format allows: {first['loc']}: {first['msg']}",
            where=document.name,
            hint=AS_WRITTEN,
        ) from error
    except PassagesError as error:
        raise SubmitterError(
            "document-too-large", str(error), where=document.name, hint=TOO_MUCH
        ) from error
    # An adapter of a third party can raise anything, and a document must never stop the engine.
    except Exception as error:
        raise SubmitterError(
            "adapter-failed",
            f"the adapter {adapter.name} failed: {type(error).__name__}",
            where=document.name,
            hint="Tell the makers of the adapter, and submit the document as assaybook/v1 JSON.",
        ) from error
    if sum([len(reading.facts) for reading in readings]) > limits.facts:
        raise too_many(document, limits)
    return tuple(map(_unclaimed, readings))


def _unclaimed(reading: Reading) -> Reading:
    """Return a reading without what only our own verification may say."""
    if OUR_CLAIMS.keys().isdisjoint(map(_TYPE, reading.facts)):
        return reading
    facts = tuple(
        fact.model_copy(update=dict.fromkeys(OUR_CLAIMS[fact.type]))
        if any(getattr(fact, name) is not None for name in OUR_CLAIMS.get(fact.type, ()))
        else fact
        for fact in reading.facts
    )
    return replace(reading, facts=facts)


def _sealed(sealing: _Sealing, reading: Reading, declared: Sequence[Declared]) -> Evidence:
    adapter, document = sealing.read.adapter, sealing.read.document
    used: frozenset[str] = frozenset()
    for rank, one in enumerate(declared):
        laid = lay(reading, one, adapter, sealing.name, strict=rank == 0)
        reading = laid.reading
        used |= laid.used
    observed_at = None
    for one in declared:
        observed_at = observed_at or one.observed_at
    if observed_at is not None:
        used |= {"observed_at"}
    if sealing.read.detected.confidence == 0:
        used |= {"format"}
    if document.table is not None:
        used |= {f"{TABLE}:{document.table.digest()}"}
    for said in (reading.produced_at, observed_at):
        if said is not None:
            check_not_from_the_future(sealing.name, said, sealing.receipt.received_at)
    values = _values(sealing, reading, used, observed_at)
    read = {"coverage": reading.coverage, "facts": reading.facts}
    if type(adapter) not in _OURS:
        envelope = Envelope.model_validate(values)
        envelope = envelope.model_copy(update={"id": evidence_id(envelope)})
        return Evidence.model_validate({"envelope": envelope, **read})
    # Adapters of ours give what their types say, and nobody has seen the envelope yet.
    envelope = made(Envelope, values)
    values["id"] = evidence_id(envelope)
    return made(Evidence, {"envelope": envelope, **read})


def _values(
    sealing: _Sealing, reading: Reading, used: frozenset[str], observed_at: datetime | None
) -> dict[str, object]:
    """Return what an envelope holds, in the order of its fields."""
    read, receipt, document = sealing.read, sealing.receipt, sealing.read.document
    return {
        "id": "",
        "blob": sealing.blob,
        "size": sealing.size,
        "name": sealing.name,
        "subject": reading.subject,
        "format": read.adapter.name,
        "format_version": read.detected.version,
        "producer": reading.producer,
        "run": reading.run,
        "scope": reading.scope,
        "produced_at": _in_utc(reading.produced_at),
        "observed_at": observed_at,
        "received_at": receipt.received_at.astimezone(UTC),
        "submitted_by": receipt.submitted_by,
        "assurance": receipt.assurance,
        "declared": _in_order(used),
        "declared_assurance": receipt.declared_by,
        "submission": receipt.submission,
        "adapter": read.adapter.name,
        "adapter_version": read.adapter.version,
        "warnings": reading.warnings
        if not (document.broken or document.odd)
        else (
            *reading.warnings,
            *notes("not-read", (("", reason) for reason in document.broken)),
            *notes("not-a-number", ((at, "read as null") for at in sorted(document.odd))),
        ),
        "redactions": read.removed,
        "malformed": reading.malformed or bool(document.broken),
        "authenticated": receipt.authenticated and receipt.assurance is Assurance.CI,
    }


def _in_utc(instant: datetime | None) -> datetime | None:
    return instant if instant is None or instant.tzinfo is UTC else instant.astimezone(UTC)


@lru_cache(_FEW)
def _in_order(used: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(used))
