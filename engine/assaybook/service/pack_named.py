"""What a pack rests on, named as the log names it: whoever makes a pack and who checks it agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, JsonValue

from assaybook.domain.canonical import canonical, digest_of, digest_of_model
from assaybook.domain.documents import Evidence
from assaybook.domain.finding import AssessmentHead
from assaybook.domain.period import Period
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver

ERASED: Final = "blob-erased"
BEFORE: Final = frozenset({"system", "release", "waiver", "retirement"})
"""What counts at an instant only if it was recorded by then."""


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
    return (
        Named("bundle", head.bundle, head.bundle),
        *_recorded(subject),
        *(Named("evidence", one.envelope.id, evidence_digest(one)) for one in evidence),
        *_decided(subject.system.id, waivers, retirements),
        Named("assessment", head.digest, head.digest),
    )


def _recorded(subject: Subject) -> tuple[Named, ...]:
    releases = (subject.release, *([subject.baseline] if subject.baseline else []))
    system = subject.system.id
    return (
        Named("system", system, digest_of_model(subject.system)),
        *(Named("release", f"{system}/{one.version}", digest_of_model(one)) for one in releases),
    )


def _decided(
    system: str, waivers: Iterable[Waiver], retirements: Iterable[Retirement]
) -> tuple[Named, ...]:
    return (
        *(Named("waiver", one.id, digest_of_model(one)) for one in waivers),
        *(Named("retirement", system, digest_of_model(one)) for one in retirements),
    )


def named_moments(period: Period | None) -> tuple[tuple[Named, datetime], ...]:
    """Return what people had recorded by the instants of a period, and by when at the latest."""
    return tuple(
        (one, moment.as_of)
        for moment in (period.moments if period is not None else ())
        for one in (
            *_recorded(moment.subject),
            *_decided(moment.subject.system.id, moment.waivers, moment.retirements),
        )
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
