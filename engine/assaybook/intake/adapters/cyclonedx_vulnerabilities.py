"""The vulnerabilities of a CycloneDX BOM, each for every component that it affects."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.facts import Security
from assaybook.intake.adapter import broken
from assaybook.intake.adapters.cyclonedx_parts import Bom, Path, name_of
from assaybook.intake.adapters.findings import (
    Severity,
    finding,
    severity_of_score,
    severity_word,
)
from assaybook.intake.values import Json, label, mapping, number, sequence, short, word

_ORDER: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "info")
_EXCLUDED: Final = frozenset(
    {"resolved", "resolved_with_pedigree", "false_positive", "not_affected"}
)
"""States of the analysis in which a vulnerability does not count for its writer."""


def vulnerability_facts(bom: Bom) -> Iterator[Security]:
    """Yield a finding for each vulnerability and component, or one where none is named."""
    listed = bom.top.get("vulnerabilities")
    if listed is not None and not isinstance(listed, list):
        at = bom.at(("vulnerabilities",))
        raise broken(bom.document, "vulnerabilities must be a list", at=at)
    for index, raw in enumerate(sequence(listed)):
        found, path = mapping(raw), ("vulnerabilities", index)
        rule = word(found.get("id"))
        if rule is None:
            raise broken(bom.document, "a vulnerability must have an id", at=bom.at(path))
        affected = sequence(found.get("affects"))
        if not affected:
            yield _row(bom, found, rule, {}, path)
        for place, target in enumerate(affected):
            yield _row(bom, found, rule, mapping(target), (*path, "affects", place))


def _row(
    bom: Bom, found: dict[str, Json], rule: str, target: dict[str, Json], path: Path
) -> Security:
    reference = word(target.get("ref"))
    known = bom.component(reference)
    name = name_of(known.found) if known is not None else reference
    version = label(known.found.get("version")) if known is not None else None
    versions = [mapping(one) for one in sequence(target.get("versions"))]
    states = {word(one.get("status")) or "affected" for one in versions}
    mended = [
        written
        for one in versions
        if one.get("status") == "unaffected"
        and (written := label(one.get("version")) or word(one.get("range")))
    ]
    row = finding(
        "vulnerability",
        path,
        (name, version, rule),
        rule=rule,
        severity=_severity(found),
        component=name,
        component_version=version,
        fixed_in=short(", ".join(mended)) or None,
        location=reference,
        suppressed=_suppressed(found, unaffected=states == {"unaffected"}),
    )
    return row.model_copy(update={"pointer": bom.at(path)})


def _suppressed(found: dict[str, Json], *, unaffected: bool) -> bool | None:
    """Return whether the BOM itself rules a vulnerability out; None where it does not say."""
    state = word(mapping(found.get("analysis")).get("state"))
    if unaffected or found.get("rejected") or state in _EXCLUDED:
        return True
    return None if state is None else False


def _severity(found: dict[str, Json]) -> Severity | None:
    """Return the worst of the ratings, by their words, else by their scores of CVSS."""
    seen: set[Severity] = set()
    unread = False
    for raw in sequence(found.get("ratings")):
        rating = mapping(raw)
        score = rating.get("score")
        unread = unread or not rating or (score is not None and number(score) is None)
        said = severity_word(rating.get("severity"))
        if said is None and str(rating.get("method", "CVSS")).startswith("CVSS"):
            said = severity_of_score(rating.get("score"))
        if said is not None:
            seen.add(said)
    # A rating that cannot be read may be a worse one.
    if unread and _ORDER[0] not in seen:
        return None
    return next((one for one in _ORDER if one in seen), None)
