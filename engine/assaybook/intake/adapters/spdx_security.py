"""The vulnerabilities of an SPDX 3 document, each for every element that it is said to concern.

A statement of VEX tells whether a product is affected; one that is fixed or not affected is read as
suppressed, and of several dated ones the last stands. An assessment by CVSS gives the severity, and
what was withdrawn gives nothing. Decisions, likelihoods and catalogues of exploits are not read.
"""

from collections.abc import Iterator
from dataclasses import field
from typing import Final

from assaybook.domain.facts import Security
from assaybook.domain.record import draft
from assaybook.intake.adapters.findings import (
    Severity,
    finding,
    severity_of_score,
    severity_word,
)
from assaybook.intake.adapters.spdx_graph import Element, Graph, reference_of, targets
from assaybook.intake.values import Json, instant, label, mapping, sequence, short, word

_VULNERABILITY: Final = "security_Vulnerability"
_SECURITY: Final = "security_"
_ASSESSES: Final = "VulnAssessmentRelationship"
_ASSOCIATED: Final = "hasAssociatedVulnerability"
_STATES: Final[dict[str, bool]] = {
    "affects": False,
    "underInvestigationFor": False,
    "doesNotAffect": True,
    "fixedIn": True,
}
"""Whether a statement rules a vulnerability out."""
_ORDER: Final[tuple[Severity, ...]] = ("critical", "high", "medium", "low", "info")


@draft
class _Concern:
    """What is said of one vulnerability in one element."""

    vulnerability: str
    element: Json
    statements: list[tuple[str, bool]] = field(default_factory=list)


def vulnerability_facts(graph: Graph) -> Iterator[Security]:
    """Yield a finding for each vulnerability and element, or one where no element is named."""
    known = {one.id: one for one in graph.of_type(_VULNERABILITY) if one.id}
    if not known:
        return
    ratings: dict[str, set[Severity]] = {}
    concerns: dict[tuple[str, str], _Concern] = {}
    for one in graph.elements:
        for vulnerability, element in _ends(one, known):
            _rate(one, ratings.setdefault(vulnerability, set()))
            key = (vulnerability, reference_of(element))
            concern = concerns.setdefault(key, _Concern(vulnerability, element))
            state = _STATES.get(str(one.found.get("relationshipType")))
            if state is not None:
                made = word(one.found.get("security_publishedTime")) or ""
                concern.statements.append((made, state))
    named = {vulnerability for vulnerability, _ in concerns}
    alone = (_Concern(one, None) for one in known if one not in named)
    for concern in (*concerns.values(), *alone):
        found = known[concern.vulnerability]
        rated: set[Severity] = ratings.get(found.id, set())
        severity = min(rated, key=_ORDER.index, default=None)
        yield _row(graph, found, concern, severity)


def _ends(one: Element, known: dict[str, Element]) -> Iterator[tuple[str, Json]]:
    """Yield the vulnerability and the element of each end of a relationship that still holds."""
    origin = one.found.get("from")
    if one.found.get("relationshipType") == _ASSOCIATED:
        yield from ((ref, origin) for raw in targets(one) if (ref := reference_of(raw)) in known)
        return
    if reference_of(origin) not in known or one.found.get("security_withdrawnTime"):
        return
    kind = one.type.removeprefix(_SECURITY)
    if not kind.endswith(_ASSESSES) and one.found.get("relationshipType") not in _STATES:
        return
    assessed = one.found.get("security_assessedElement")
    for element in [assessed] if assessed else targets(one):
        yield reference_of(origin), element


def _rate(one: Element, seen: set[Severity]) -> None:
    """Note the severity of an assessment, by its word, else by its score."""
    kind = one.type.removeprefix(_SECURITY)
    if not kind.startswith("Cvss"):
        return
    said = severity_word(one.found.get("security_severity"))
    rated = said or severity_of_score(one.found.get("security_score"))
    if rated is not None:
        # The second version has no rating above high.
        seen.add("high" if rated == "critical" and kind.startswith("CvssV2") else rated)


def _row(graph: Graph, found: Element, concern: _Concern, severity: Severity | None) -> Security:
    element = graph.element(concern.element)
    name = graph.name(concern.element) or None
    version = label(element.found.get("software_packageVersion")) if element is not None else None
    rule = _rule(found)
    return finding(
        "vulnerability",
        found.path,
        (name, version, rule),
        rule=rule,
        severity=severity,
        component=name,
        component_version=version,
        suppressed=True if found.found.get("security_withdrawnTime") else _suppressed(concern),
    )


def _suppressed(concern: _Concern) -> bool | None:
    """Return whether the last statement rules it out, or all do where nobody knows the last."""
    times = [instant(made) for made, _ in concern.statements]
    dated = [time for time in times if time is not None]
    if not concern.statements:
        return None
    if len(dated) < len(times):
        return all(state for _, state in concern.statements)
    last = max(dated)
    ends = zip(times, concern.statements, strict=True)
    return all(state for time, (_, state) in ends if time == last)


def _rule(found: Element) -> str:
    """Return the CVE of a vulnerability, else its name or id."""
    for raw in sequence(found.found.get("externalIdentifier")):
        one = mapping(raw)
        identifier = word(one.get("identifier"))
        if identifier and one.get("externalIdentifierType") == "cve":
            return identifier
    return short(found.name)
