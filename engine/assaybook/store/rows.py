"""Domain objects to rows and back, without a database.

What is read back comes from canonical JSON and is validated by the domain; the other columns are
made from it and never read into a domain object.
"""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, JsonValue, TypeAdapter
from pydantic_core import to_json

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Coverage, Envelope, Scope
from assaybook.domain.facts import AnyFact
from assaybook.domain.finding import Assessment
from assaybook.domain.record import record
from assaybook.store.flat_json import flat_json, in_order

Row = dict[str, object]

_COVERAGE: Final = TypeAdapter(tuple[Coverage, ...])
_FACTS: Final[TypeAdapter[tuple[AnyFact, ...]]] = TypeAdapter(tuple[AnyFact, ...])
_MOST_EXACT: Final = 2**53 - 1
_LONGEST: Final = 300
"""Characters of a look-up column; the document itself is whole in its JSON."""


@record
class EvidenceRows:
    """The rows of one piece of evidence, and the digest over the whole of it."""

    digest: str
    evidence: Row
    artifacts: tuple[Row, ...]
    reading: Row


def json_of(model: BaseModel) -> bytes:
    """Return the canonical JSON of a domain object, by alias."""
    dumped: JsonValue = model.model_dump(mode="json", by_alias=True)
    return canonical(dumped)


def rows_of(evidence: Evidence, *, received_at: datetime | None = None) -> EvidenceRows:
    """Return the rows of one piece of evidence; its place in the journal is added later.

    Args:
        evidence: to be recorded.
        received_at: when it is recorded as received; by default when it says that it was.

    Raises:
        SubmitterError: ``evidence-unwritable``, a text is not Unicode or a number is not exact.
    """
    envelope = evidence.envelope
    instant = envelope.received_at if received_at is None else received_at
    try:
        written = _envelope_json(envelope, instant)
        facts, coverage = flat_json(evidence.facts), flat_json(evidence.coverage)
    except ValueError as error:
        raise SubmitterError(
            "evidence-unwritable",
            "it holds text that is not Unicode, or a number beyond 2**53",
            where=envelope.name.encode(errors="replace").decode(),
            hint="Mend the document, or give its file a name in UTF-8.",
        ) from error
    return _rows(envelope, instant, written, coverage, facts)


def rows_as_written(envelope: str, coverage: str, facts: str) -> EvidenceRows:
    """Return the rows of the evidence that stands as these texts.

    The digest is over the texts, so it is that of the evidence only where they are canonical.

    Raises:
        ValueError: a text is not what the domain allows.
    """
    found = evidence_of(envelope, coverage, facts).envelope
    return _rows(found, found.received_at, envelope, coverage, facts)


def _rows(
    envelope: Envelope, received_at: datetime, written: str, coverage: str, facts: str
) -> EvidenceRows:
    digest = digest_of(joined(written, coverage, facts).encode())
    return EvidenceRows(
        digest=digest,
        evidence=_evidence_row(envelope, received_at, digest, written),
        artifacts=_artifact_rows(envelope),
        reading={
            "adapter_version": envelope.adapter_version,
            "coverage": coverage,
            "facts": facts,
        },
    )


def evidence_digest(evidence: Evidence) -> str:
    """Return the digest over the canonical JSON of evidence, as the journal holds it."""
    return digest_of(
        joined(
            json_of(evidence.envelope).decode(),
            flat_json(evidence.coverage),
            flat_json(evidence.facts),
        ).encode()
    )


def evidence_of(envelope: str, coverage: str, facts: str) -> Evidence:
    """Return the evidence that was written as these JSON texts.

    Each is read by itself, so that none can hold a part of another.

    Raises:
        pydantic.ValidationError: a text is not what the domain allows.
    """
    return Evidence(
        envelope=Envelope.model_validate_json(envelope),
        coverage=_COVERAGE.validate_json(coverage),
        facts=_FACTS.validate_json(facts),
    )


def source_json(envelope: Envelope) -> bytes:
    """Return the canonical JSON of the source of a document: format, tool and scope."""
    return source_text(envelope.format, envelope.producer.tool, envelope.scope)


def source_text(form: str, tool: str, scope: Scope) -> bytes:
    """Return the canonical JSON of a source: what documents that replace each other share."""
    said: dict[str, JsonValue] = {"format": form, "tool": tool}
    return canonical(said | scope.model_dump(mode="json"))


def finding_rows(found: Assessment) -> list[Row]:
    """Return one row for each finding of an assessment, in its order."""
    return [
        {
            "assessment": found.assessment.digest,
            "ordinal": number,
            "system": looked_up(one.system),
            "release": looked_up(one.release),
            "policy": one.policy,
            "policy_version": one.policy_version,
            "rule": one.rule,
            "severity": one.severity.value,
            "outcome": one.outcome.value,
            "disposition": one.disposition.value,
        }
        for number, one in enumerate(found.findings)
    ]


def control_rows(found: Assessment) -> list[Row]:
    """Return one row for each control that a finding of an assessment bears on."""
    return [
        {
            "assessment": found.assessment.digest,
            "ordinal": number,
            "catalog": catalog,
            "control": control,
        }
        for number, one in enumerate(found.findings)
        for catalog, control in sorted({(each.catalog, each.control) for each in one.controls})
    ]


def looked_up(text: str) -> str:
    """Return text as a look-up column holds it: PostgreSQL's text knows no NUL."""
    if "\x00" not in text and len(text) <= _LONGEST:
        return text
    return text.replace("\x00", "\ufffd")[:_LONGEST]


def joined(envelope: str, coverage: str, facts: str) -> str:
    """Join canonical parts to canonical JSON: the keys are already in their order."""
    return f'{{"coverage":{coverage},"envelope":{envelope},"facts":{facts}}}'


def _envelope_json(envelope: Envelope, received_at: datetime) -> str:
    """Return the canonical JSON of an envelope that is received at an instant.

    A compiled writer writes it: its numbers are whole, so where they are exact its JSON is that of
    RFC 8785.

    Raises:
        ValueError: a text is not Unicode or a number is not exact.
    """
    if max(envelope.size, abs(envelope.adapter_version)) > _MOST_EXACT:
        return json_of(envelope.model_copy(update={"received_at": received_at})).decode()
    said, subject = in_order(envelope), in_order(envelope.subject)
    said["received_at"] = received_at
    subject["artifacts"] = [in_order(one) for one in envelope.subject.artifacts]
    said["subject"] = subject
    said["producer"], said["scope"] = in_order(envelope.producer), in_order(envelope.scope)
    said["warnings"] = [in_order(one) for one in envelope.warnings]
    if not envelope.authenticated:
        del said["authenticated"]
    return to_json(said).decode()


def _evidence_row(envelope: Envelope, received_at: datetime, digest: str, written: str) -> Row:
    subject = envelope.subject
    return {
        "system": _looked_up_or_none(subject.system),
        "release": _looked_up_or_none(subject.release),
        "format": looked_up(envelope.format),
        "id": envelope.id,
        "blob": envelope.blob,
        "received_at": received_at,
        "adapter_version": envelope.adapter_version,
        "digest": digest,
        "envelope_json": written,
    }


def _artifact_rows(envelope: Envelope) -> tuple[Row, ...]:
    if not envelope.subject.artifacts:
        return ()
    digests = {artifact.digest for artifact in envelope.subject.artifacts}
    return tuple([{"digest": one, "evidence": envelope.id} for one in sorted(digests)])


def _looked_up_or_none(text: str | None) -> str | None:
    return None if text is None else looked_up(text)
