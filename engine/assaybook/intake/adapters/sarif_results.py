"""The results of a SARIF run: which are findings, and what each says.

What a rule says is found out once for all its results.

Source: OASIS SARIF 2.1.0, section 3.27.
"""

import hashlib
import re
from dataclasses import field
from typing import Final
from urllib.parse import unquote

from assaybook.domain.facts import Security
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import broken
from assaybook.intake.adapters.findings import Class, Severity, finding
from assaybook.intake.adapters.sarif_classes import (
    class_of_id,
    class_of_rule,
    is_of_security,
    is_unread,
    level_of,
    said_of,
    severity_of,
)
from assaybook.intake.adapters.sarif_rules import Rules
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, count, mapping, pointer, sequence, short, word

_NO_ROWS: Final = frozenset({"pass", "notApplicable", "informational"})
"""Kinds of results that a person must look at."""
_PACKAGE: Final = "Package: "
_INSTALLED: Final = "Installed Version: "
_FIXED: Final = "Fixed Version: "
_LINE: Final = re.compile(r"(.{1,300})$", re.MULTILINE)


@record
class Ruling:
    """What is known of all results of a rule.

    ``unread`` says that each names a file which could not be read; ``said`` and ``level`` are how
    bad they are, as ``said_of`` and ``level_of`` tell.
    """

    kind: Class
    unread: bool
    of_security: bool
    said: tuple[Severity | None, bool]
    level: str | None


@record
class Run:
    """One run, where it stands, its rules by id, and what is known of these so far."""

    document: Parsed
    index: int
    found: dict[str, Json]
    rules: Rules
    tool: str
    kind: Class | None
    rulings: dict[str | None, Ruling] = field(default_factory=dict)

    def ruling(self, rule_id: str | None) -> Ruling:
        """Return what is known of the results of a rule."""
        known = self.rulings.get(rule_id)
        if known is None:
            known = self.rulings[rule_id] = self._ruling(rule_id)
        return known

    def _ruling(self, rule_id: str | None) -> Ruling:
        rule, name = self.rules.named(rule_id), rule_id or ""
        kind = class_of_id(name) or self.kind or class_of_rule(name, rule) or "unsafe_code"
        unread = is_unread(self.tool, name)
        of_security = is_of_security(self.tool, name, rule)
        return Ruling(kind, unread, of_security, said_of(rule), level_of(rule))


@draft
class Results:
    """What the results of a run come to.

    Attributes:
        facts: the findings.
        left: results that are about style.
        passed: results of the kind that say that a check passed.
        rows: results that a person must look at, whatever they are about.
        unread: files that a linter says it could not parse, each once.
    """

    facts: list[Security] = field(default_factory=list)
    left: int = 0
    passed: int = 0
    rows: int = 0
    unread: set[str] = field(default_factory=set)


def results_of(run: Run, listed: list[Json]) -> Results:
    """Return what the results of a run come to; what a baseline says is gone is no finding."""
    found = Results()
    for index, raw in enumerate(listed):
        result = mapping(raw)
        rule_id = run.rules.id_of(result)
        ruling = run.ruling(rule_id)
        if ruling.unread:
            found.unread.add(place_of(run, result)[0] or "a file")
        kind = word(result.get("kind"))
        found.passed += kind == "pass"
        if kind in _NO_ROWS:
            continue
        found.rows += 1
        if ruling.unread or result.get("baselineState") == "absent":
            continue
        if ruling.of_security:
            found.facts.append(_fact(run, result, index, rule_id, ruling))
        else:
            found.left += 1
    return found


def _fact(
    run: Run, result: dict[str, Json], index: int, rule_id: str | None, ruling: Ruling
) -> Security:
    said = mapping(result.get("message"))
    at = ("runs", run.index, "results", index)
    if rule_id is None and not said:
        raise broken(run.document, "a result must have a rule or a message", at=pointer(*at))
    text = str(said.get("text") or "")
    uri, line, named = place_of(run, result)
    kind = ruling.kind
    package = _said(_PACKAGE, text) if kind == "vulnerability" else None
    installed = _said(_INSTALLED, text) if package else None
    part, version = _packed(run, kind, named)
    if package:
        own: tuple[str | int | None, ...] = (uri, package, installed, rule_id)
    else:
        own = (uri, rule_id, _own_print(result, kind, text) or named or line)
    return finding(
        kind,
        at,
        own,
        rule=rule_id,
        severity=severity_of(result, ruling.said, ruling.level),
        component=package or part,
        component_version=installed or version,
        fixed_in=_said(_FIXED, text) if package else None,
        location=f"{uri}:{line}" if uri and line else uri,
        suppressed=_suppressed(result),
    )


def _packed(run: Run, kind: Class, named: str | None) -> tuple[str | None, str | None]:
    """Return a component and its version: Snyk names a package as ``lodash@4.17.15``."""
    if named is None or kind != "vulnerability" or not run.tool.startswith("Snyk"):
        return named, None
    part, _, version = named.rpartition("@")
    return (part, version) if part and version else (named, None)


def place_of(run: Run, result: dict[str, Json]) -> tuple[str | None, int | None, str | None]:
    """Return file, line and logical name of the first location of a result."""
    first = _first(result.get("locations"))
    physical = mapping(first.get("physicalLocation"))
    uri = uri_of(run, mapping(physical.get("artifactLocation")))
    line = count(mapping(physical.get("region")).get("startLine"))
    if "logicalLocations" not in first:
        return uri, line, None
    logical = _first(first["logicalLocations"])
    named = word(logical.get("fullyQualifiedName")) or word(logical.get("name"))
    return uri, line, named


def _first(listed: Json) -> dict[str, Json]:
    return mapping(listed[0]) if isinstance(listed, list) and listed else {}


def uri_of(run: Run, location: dict[str, Json]) -> str | None:
    """Return the path of an artifact, given itself or as an index into the run's list."""
    found = word(location.get("uri"))
    if found is None:
        index, artifacts = count(location.get("index")), sequence(run.found.get("artifacts"))
        if index is not None and index < len(artifacts):
            found = word(mapping(mapping(artifacts[index]).get("location")).get("uri"))
    if found is None or "%" not in found:
        return found
    plain = unquote(found)
    return (short(plain) if plain.isprintable() else found) or None


def _own_print(result: dict[str, Json], kind: Class, text: str) -> str | None:
    """Return what tells a result from others of its rule in its file, as the tool sees it.

    Vulnerabilities of several packages share a place, so without a package their message counts.
    """
    full = mapping(result.get("fingerprints"))
    part = mapping(result.get("partialFingerprints"))
    for found in (*(full[key] for key in sorted(full)), part.get("primaryLocationLineHash")):
        known = word(found)
        if known is not None and " " not in known:
            return known
    if kind == "vulnerability" and text:
        return hashlib.sha256(text.encode()).hexdigest()[:16]
    return None


def _said(start: str, text: str) -> str | None:
    """Return what the first line with a start says, of those that say not too much."""
    at = text.find(start)
    while at >= 0:
        match = _LINE.match(text, at + len(start)) if at == 0 or text[at - 1] == "\n" else None
        if match:
            return word(match.group(1))
        at = text.find(start, at + 1)
    return None


def _suppressed(result: dict[str, Json]) -> bool | None:
    """Return whether a result is suppressed: accepted, and neither under review nor rejected."""
    listed = result.get("suppressions")
    if not isinstance(listed, list):
        return None
    states = [mapping(one).get("status", "accepted") for one in listed]
    return bool(states) and all(state == "accepted" for state in states)
