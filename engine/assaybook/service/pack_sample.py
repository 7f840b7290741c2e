"""A sample of the evidence behind a control, drawn so that anybody can draw it again.

Every document of the population has a lot: the SHA-256 of the seed, a line feed and the id of the
document. Those with the least lots are drawn. So the sample does not depend on a database, on the
order of rows, or on a generator of random numbers; ``sha256sum`` is enough to check it.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.control import Catalog
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import Instant
from assaybook.service.controls import shipped_catalogs
from assaybook.store.assessments import AssessmentLine, last_assessment, load_assessment
from assaybook.store.evidence import load_evidence, receipts_of
from assaybook.store.unit_of_work import Reading

HOW: Final = (
    "The documents that a rule of the control counted or left out in the assessment, without those "
    "about other releases; of these, the ones with the least SHA-256 of seed, line feed and id."
)
_ELSEWHERE: Final = "wrong_subject"


class SampledDocument(Frozen):
    """One document that was drawn.

    ``lot`` is what it was drawn by, in hex. ``left_out`` says for which reasons a rule did not
    count it; empty where every rule that met it did. ``seq`` is its place in the log.
    """

    lot: str
    evidence: str
    name: str
    format: str
    blob: str
    digest: str
    seq: int
    assurance: str
    received_at: Instant
    produced_at: Instant | None
    rules: tuple[str, ...]
    left_out: tuple[str, ...]


class Sample(Frozen):
    """What was drawn, from what, and how.

    ``population`` counts the documents that could be drawn; ``population_digest`` is that of the
    canonical JSON of their ids in order, so that two people know that they drew from the same.
    """

    system: str
    release: str
    catalog: str
    control: str
    assessment: str
    as_of: Instant
    seed: int
    size: int
    population: int
    population_digest: str
    how: str
    documents: tuple[SampledDocument, ...]


class _Met(Frozen):
    """What the rules of the control made of a document."""

    rules: tuple[str, ...]
    left_out: tuple[str, ...]


def draw_sample(  # noqa: PLR0913 - what is sampled, as of when, and how
    reading: Reading,
    system: str,
    release: str,
    control: str,
    *,
    seed: int,
    size: int,
    as_of: datetime,
    catalog: str | None = None,
) -> Sample:
    """Return a sample of the evidence behind a control, by the newest assessment until an instant.

    Raises:
        UsageError: ``sample-size-invalid``; ``assessment-missing``, the release was not assessed
            by then; ``catalog-not-judged``, ``control-unknown`` or ``control-ambiguous``.
    """
    if size < 1:
        message = f"a sample of {size} is none"
        raise UsageError("sample-size-invalid", message, where="--size", hint="Ask for 1 or more.")
    line = _assessed(reading, system, release, as_of)
    found = load_assessment(reading, line.digest)
    home, wanted = _control(found, control, catalog)
    met = _population(found, home, wanted)
    lots = {one: lot_of(seed, one) for one in met}
    ids: list[JsonValue] = [*sorted(met)]
    drawn = sorted(met, key=lambda one: (lots[one], one))[:size]
    return Sample(
        system=system,
        release=release,
        catalog=home.id,
        control=wanted,
        assessment=line.digest,
        as_of=line.as_of,
        seed=seed,
        size=size,
        population=len(met),
        population_digest=digest_of(canonical(ids)),
        how=HOW,
        documents=tuple(_documents(reading, drawn, met, lots)),
    )


def _assessed(reading: Reading, system: str, release: str, as_of: datetime) -> AssessmentLine:
    line = last_assessment(reading, system, release, as_of=as_of)
    if line is None:
        raise UsageError(
            "assessment-missing",
            f"{system} {release} was not assessed by then",
            where="--release",
            hint=f"assay assess --system {system} --release {release}",
        )
    return line


def lot_of(seed: int, evidence: str) -> str:
    """Return what a document is drawn by: hex of SHA-256 over seed, line feed and id."""
    return hashlib.sha256(f"{seed}\n{evidence}".encode()).hexdigest()


def _control(found: Assessment, name: str, catalog: str | None) -> tuple[Catalog, str]:
    """Return the one catalog of the assessment that has the control, and its printed id."""
    judged = [one.catalog for one in found.conclusion]
    if catalog is not None and catalog not in judged:
        raise UsageError(
            "catalog-not-judged",
            f"the assessment does not speak of {catalog!r}",
            where="--catalog",
            hint=f"It speaks of {', '.join(judged) or 'no catalog'}.",
        )
    known = shipped_catalogs()
    chosen = [known[one] for one in judged if one in known and catalog in {None, one}]
    homes = [(one, wanted) for one in chosen if (wanted := one.resolve(name)) is not None]
    if len(homes) == 1:
        return homes[0]
    if homes:
        told = ", ".join(one.id for one, _wanted in homes)
        message = f"{name!r} is a control of {len(homes)} catalogs: {told}"
        raise UsageError("control-ambiguous", message, where="--control", hint="Add --catalog ID.")
    told = ", ".join(judged) or "no catalog"
    message = f"there is no control {name!r} in {told}"
    hint = "Look for it: assay control search WORDS"
    raise UsageError("control-unknown", message, where="--control", hint=hint)


def _population(found: Assessment, home: Catalog, control: str) -> dict[str, _Met]:
    """Return the documents that rules of the control, or of what it holds, have met."""
    within = {one.id for one in home.controls if _is_within(home, one.id, control)}
    rules: dict[str, set[str]] = {}
    codes: dict[str, set[str]] = {}
    for finding in found.findings:
        if not any(one.catalog == home.id and one.control in within for one in finding.controls):
            continue
        name = f"{finding.policy}/{finding.rule}"
        counted = {one.id for one in finding.evidence}
        counted |= {one for need in finding.needs for one in need.evidence}
        for one in counted:
            rules.setdefault(one, set()).add(name)
        for out in finding.left_out:
            if out.code != _ELSEWHERE:
                rules.setdefault(out.evidence, set()).add(name)
                codes.setdefault(out.evidence, set()).add(out.code)
    return {
        one: _Met(rules=tuple(sorted(rules[one])), left_out=tuple(sorted(codes.get(one, ()))))
        for one in sorted(rules)
    }


def _is_within(home: Catalog, control: str, whole: str) -> bool:
    return control == whole or any(one.id == whole for one in home.ancestors(control))


def _documents(
    reading: Reading, drawn: list[str], met: Mapping[str, _Met], lots: Mapping[str, str]
) -> list[SampledDocument]:
    receipts = receipts_of(reading, drawn)
    found: list[SampledDocument] = []
    for one in drawn:
        envelope, receipt = load_evidence(reading, one).envelope, receipts[one]
        found.append(
            SampledDocument(
                lot=lots[one],
                evidence=one,
                name=envelope.name,
                format=f"{envelope.format} {envelope.format_version}".strip(),
                blob=envelope.blob,
                digest=receipt.digest,
                seq=receipt.seq,
                assurance=envelope.assurance.value,
                received_at=envelope.received_at,
                produced_at=envelope.produced_at,
                rules=met[one].rules,
                left_out=met[one].left_out,
            )
        )
    return found
