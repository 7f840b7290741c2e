"""What an audit pack carries beside its pages: findings, and all that it takes to judge again.

Every part is canonical JSON, so that its digest is that of what it says. The pieces of evidence,
the bundle and the subject stand in the very bytes that the log holds the digests of.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from assaybook.domain.attachment import (
    BUNDLE,
    EVIDENCE_INDEX,
    FACTS,
    FINDINGS,
    JSON_TYPE,
    STATEMENTS,
    SUBJECT,
    Attachment,
    Relationship,
)
from assaybook.domain.canonical import canonical, digest_of_model
from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Envelope
from assaybook.domain.finding import Assessment, Finding, Outcome
from assaybook.domain.ids import written
from assaybook.domain.trust import Trust
from assaybook.evaluation.assess import seen_by
from assaybook.reporting.json import findings_value
from assaybook.service.bundle_files import written_bundle
from assaybook.service.judge import Judgement
from assaybook.service.pack_named import evidence_digest, plain

SUBJECT_KIND: Final = "assaybook/subject/v1"
FACTS_KIND: Final = "assaybook/facts/v1"
STATEMENTS_KIND: Final = "assaybook/statements/v1"
INDEX_KIND: Final = "assaybook/evidence-index/v1"
_MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "json": JSON_TYPE,
    "jsonl": "application/jsonl",
    "md": "text/markdown",
    "tar": "application/x-tar",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store knows of the evidence beside its facts; without a store there is none of it.

    Attributes:
        places: sequence in the log, by evidence id.
        envelopes: signed statements as they were accepted, by evidence id.
        erased: why the bytes of a document were erased, by their digest.
        trust: the keys of persons whose statements counted, where they are at hand.
    """

    places: Mapping[str, int] = field(default_factory=dict[str, int])
    envelopes: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    erased: Mapping[str, str] = field(default_factory=dict[str, str])
    trust: Trust = field(default_factory=Trust)


def contents(judgement: Judgement, kept: Kept) -> tuple[Attachment, ...]:
    """Return the parts of a pack that hold findings, their inputs, and the index of evidence.

    Raises:
        ValueError: a number is not finite or not exact; nothing that was recorded holds one.
    """
    seen = seen_by(judgement.evidence, judgement.assessment.assessment.as_of)
    return (
        _part(
            FINDINGS,
            "Data",
            "Findings, standings and conclusion of the assessment",
            findings_value(judgement.assessment),
        ),
        Attachment(
            name=BUNDLE,
            media_type=JSON_TYPE,
            relationship="Source",
            description="Policies, overlays and scope that judged, under their digest",
            data=written_bundle(judgement.bundle),
        ),
        _part(
            SUBJECT, "Source", "The system and the release that were judged", _subject(judgement)
        ),
        _part(
            FACTS,
            "Source",
            "Every document that was counted, superseded or left out, with its facts",
            _facts(judgement, seen),
        ),
        _part(
            STATEMENTS,
            "Source",
            "Waivers, retirements and signed statements of persons",
            _statements(judgement, kept),
        ),
        Attachment(
            name=EVIDENCE_INDEX,
            media_type=JSON_TYPE,
            relationship="Data",
            description="Every document with its digest, its place in the log, and its use",
            data=evidence_index(judgement.assessment, seen, kept),
        ),
    )


def used_controls(found: Assessment) -> dict[str, list[str]]:
    """Return the controls that rest on each piece of evidence, as ``catalog/control``."""
    controls: dict[str, set[str]] = {}
    for finding in found.findings:
        reached = {f"{one.catalog}/{one.control}" for one in finding.controls}
        for evidence in _counted(finding):
            controls.setdefault(evidence, set()).update(reached)
    return {evidence: sorted(reached) for evidence, reached in controls.items()}


def _part(name: str, relationship: Relationship, description: str, value: JsonValue) -> Attachment:
    return Attachment(
        name=name,
        media_type=JSON_TYPE,
        relationship=relationship,
        description=description,
        data=canonical(value),
    )


def _subject(judgement: Judgement) -> JsonValue:
    subject = judgement.subject
    return {
        "digest": digest_of_model(subject),
        "kind": SUBJECT_KIND,
        "subject": plain(subject),
    }


def _facts(judgement: Judgement, seen: Iterable[Evidence]) -> JsonValue:
    return {
        "evidence": [plain(one) for one in seen],
        "kind": FACTS_KIND,
        "problems": [plain(one) for one in judgement.problems],
        "unrecognised": [plain(one) for one in judgement.inputs.unrecognised],
    }


def _statements(judgement: Judgement, kept: Kept) -> JsonValue:
    envelopes: list[JsonValue] = [
        {
            "envelope": base64.b64encode(raw).decode(),
            "evidence": evidence,
        }
        for evidence, raw in sorted(kept.envelopes.items())
    ]
    keys: list[JsonValue] = [
        {
            "key": base64.b64encode(one.key).decode(),
            "name": one.name,
            "person": one.person,
            "roles": list(one.roles),
            "valid_from": _instant(one.valid_from),
            "valid_until": _instant(one.valid_until),
        }
        for one in kept.trust.keys
    ]
    baseline = judgement.inputs.baseline
    return {
        "baseline": None if baseline is None else plain(baseline),
        "envelopes": envelopes,
        "keys": keys,
        "kind": STATEMENTS_KIND,
        "retirements": [plain(one) for one in judgement.inputs.retirements],
        "waivers": [plain(one) for one in judgement.inputs.waivers],
    }


def evidence_index(found: Assessment, seen: Iterable[Evidence], kept: Kept) -> bytes:
    """Return what is to be known of each document without its facts, as canonical JSON."""
    controls, left_out = used_controls(found), _left_out(found)
    until = _until(found)
    lines: list[JsonValue] = [
        _line(
            one,
            kept,
            controls=controls.get(one.envelope.id, []),
            left_out=left_out.get(one.envelope.id, []),
            until=until.get(one.envelope.id),
        )
        for one in seen
    ]
    return canonical({"evidence": lines, "kind": INDEX_KIND})


def _line(
    evidence: Evidence,
    kept: Kept,
    *,
    controls: list[str],
    left_out: list[str],
    until: datetime | None,
) -> JsonValue:
    envelope = evidence.envelope
    reached: list[JsonValue] = list(controls)
    codes: list[JsonValue] = list(left_out)
    return {
        "adapter": f"{envelope.adapter} {envelope.adapter_version}",
        "assurance": envelope.assurance.value,
        "blob": envelope.blob,
        "controls": reached,
        "digest": evidence_digest(evidence),
        "effective": {"from": written(_since(envelope)), "until": _instant(until)},
        "erased": kept.erased.get(envelope.blob),
        "format": envelope.format,
        "format_version": envelope.format_version,
        "id": envelope.id,
        "left_out": codes,
        "media_type": _media_type(envelope.name),
        "name": envelope.name,
        "received_at": written(envelope.received_at),
        "seq": kept.places.get(envelope.id),
        "size": envelope.size,
    }


def _since(envelope: Envelope) -> datetime:
    """Return the instant from which age counts."""
    claimed = envelope.produced_at or envelope.observed_at
    return envelope.received_at if claimed is None else min(claimed, envelope.received_at)


def _until(found: Assessment) -> dict[str, datetime]:
    """Return when the first pass that rests on a document stops holding, by evidence id."""
    ends: dict[str, datetime] = {}
    for finding in found.findings:
        if finding.outcome is Outcome.PASS and finding.expires_at is not None:
            for evidence in _counted(finding):
                ends[evidence] = min(finding.expires_at, ends.get(evidence, finding.expires_at))
    return ends


def _left_out(found: Assessment) -> dict[str, list[str]]:
    codes: dict[str, set[str]] = {}
    for finding in found.findings:
        for one in finding.left_out:
            codes.setdefault(one.evidence, set()).add(one.code)
    return {evidence: sorted(each) for evidence, each in codes.items()}


def _counted(finding: Finding) -> set[str]:
    return {one.id for one in finding.evidence} | {
        evidence for need in finding.needs for evidence in need.evidence
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else written(instant)


def _media_type(name: str) -> str:
    """Return what the name says that the bytes are; nobody else has said it."""
    ending = name.rpartition(".")[2].lower()
    return _MEDIA_TYPES.get(ending, "application/octet-stream")
