"""Findings of scanners as facts, with severities in the words that facts have."""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.facts import Security
from assaybook.intake.digests import sha256_of
from assaybook.intake.made import filled
from assaybook.intake.values import Json, number, pointer, sequence, short

Class: TypeAlias = Literal[
    "vulnerability", "secret", "unsafe_code", "misconfiguration", "license", "exposure"
]
Severity: TypeAlias = Literal["critical", "high", "medium", "low", "info"]

_WORDS: Final[dict[str, Severity]] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "negligible": "info",
    "info": "info",
    "informational": "info",
    "none": "info",
}
_HIGHEST: Final = 10
_RATINGS: Final[tuple[tuple[float, Severity], ...]] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
)
"""The least score of each rating."""


def severity_word(value: Json) -> Severity | None:
    """Return the severity that a scanner writes as a word; None for ``UNKNOWN`` and the like."""
    return _WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def severity_of_score(value: Json) -> Severity | None:
    """Return the severity of a CVSS score from 0 to 10, by the ratings of CVSS 3 and 4."""
    score = number(value)
    if score is None or not 0 <= score <= _HIGHEST:
        return None
    for least, name in _RATINGS:
        if score >= least:
            return name
    return "info"


def finding(  # noqa: PLR0913 - one keyword for each thing that a scanner may say
    kind: Class,
    at: tuple[str | int, ...],
    fingerprint: tuple[str | int | None, ...],
    *,
    rule: str | None,
    severity: Severity | None = None,
    component: str | None = None,
    component_version: str | None = None,
    fixed_in: str | None = None,
    location: str | None = None,
    suppressed: bool | None = None,
) -> Security:
    """Return the fact of one finding, read at ``at``; its fingerprint is joined by colons."""
    known = ["" if part is None else str(part) for part in fingerprint]
    return filled(
        Security,
        {
            "pointer": pointer(*at),
            "fingerprint": short(":".join(known)),
            "class_": kind,
            "rule": rule,
            "severity": severity,
            "component": component,
            "component_version": component_version,
            "fixed_in": fixed_in,
            "location": short(location) if location else None,
            "suppressed": suppressed,
        },
    )


def without_tag(image: str) -> str:
    """Return the name of an image without tag and digest: a source is the same over releases."""
    name = image.partition("@")[0]
    head, colon, tail = name.rpartition(":")
    return head if colon and "/" not in tail else name


def images_of(metadata: dict[str, Json]) -> Iterator[AboutArtifact]:
    """Yield the digests of the image, named by repository, so that only like is compared."""
    for raw in sequence(metadata.get("RepoDigests")):
        name, _, written = str(raw).partition("@")
        digest = sha256_of(written)
        if name and digest:
            yield AboutArtifact(digest=digest, name=short(name), kind="image")
    digest = sha256_of(metadata.get("ImageID"))
    if digest:
        yield AboutArtifact(digest=digest, name="image configuration", kind="image")
