"""What a pack rests on, named as the log names it: whoever makes a pack and who checks it agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, JsonValue

from assaybook.domain.canonical import canonical, digest_of, digest_of_model
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import AssessmentHead
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver

ERASED: Final = "blob-erased"


@dataclass(frozen=True, slots=True)
class Named:
    """A thing as an entry of the log names it: its kind, its name, and the digest over it."""

    kind: str
    ref: str
    digest: str


def named_parts(
    head: AssessmentHead,
    subject: Subject,
    evidence: Iterable[Evidence],
    waivers: Iterable[Waiver],
    retirements: Iterable[Retirement],
) -> tuple[Named, ...]:
    """Return everything that an assessment rests on and that a log must hold, and itself."""
    releases = (subject.release, *([subject.baseline] if subject.baseline else []))
    system = subject.system.id
    return (
        Named("bundle", head.bundle, head.bundle),
        Named("system", system, digest_of_model(subject.system)),
        *(Named("release", f"{system}/{one.version}", digest_of_model(one)) for one in releases),
        *(Named("evidence", one.envelope.id, evidence_digest(one)) for one in evidence),
        *(Named("waiver", one.id, digest_of_model(one)) for one in waivers),
        *(Named("retirement", system, digest_of_model(one)) for one in retirements),
        Named("assessment", head.digest, head.digest),
    )


def named_erasures(blobs: Iterable[str]) -> tuple[Named, ...]:
    """Return the erasures of bytes, by the digests of these, as the log names them."""
    return tuple(Named(ERASED, one, one) for one in blobs)


def evidence_digest(evidence: Evidence) -> str:
    """Return the digest over the canonical JSON of evidence, as the log holds it."""
    return digest_of(canonical(plain(evidence)))


def plain(model: BaseModel) -> JsonValue:
    """Return a domain object as plain values, by alias."""
    dumped: JsonValue = model.model_dump(mode="json", by_alias=True)
    return dumped
