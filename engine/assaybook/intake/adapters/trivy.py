"""Trivy JSON reports (SchemaVersion 2): vulnerabilities, secrets, misconfigurations, licences.

Packages were examined where the report lists them (``--list-all-pkgs``, the default of newer
versions). Files that were searched for secrets are listed only where one was found, so a report
without any does not say that it searched. An operating system past its support gets no advisories:
it is named as skipped, as is that of an image whose packages were not looked into. Findings that an
ignore file or VEX took out are read as suppressed where the report shows them
(``--show-suppressed``); filters by severity leave no trace in the report. Matched lines and code
never get here: they are removed at intake.
"""

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Final, Literal, TypeAlias

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import (
    AboutSubject,
    Coverage,
    Producer,
    Scope,
    Warning_,
)
from assaybook.domain.facts import Security
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import Reading, broken
from assaybook.intake.adapters.findings import finding, images_of, severity_word, without_tag
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    instant,
    label,
    mapping,
    pointer,
    sequence,
    short,
    word,
)

Class = Literal["vulnerability", "secret", "misconfiguration", "license"]
_Read: TypeAlias = tuple[list[Security], int | None, int]
"""Rows of a target, how many were examined there, and how many failed."""
_LISTS: Final[dict[str, Class]] = {
    "Vulnerabilities": "vulnerability",
    "Secrets": "secret",
    "Misconfigurations": "misconfiguration",
    "Licenses": "license",
}
_CLASSES: Final[dict[str, Class]] = {
    "vulnerability": "vulnerability",
    "os-pkgs": "vulnerability",
    "lang-pkgs": "vulnerability",
    "secret": "secret",
    "misconfiguration": "misconfiguration",
    "config": "misconfiguration",
    "license": "license",
    "license-file": "license",
}
"""Classes of targets, and types of findings that were taken out."""
_MODIFIED: Final = "ExperimentalModifiedFindings"
_SPARED: Final = frozenset({"ignored", "not_affected", "fixed"})
"""What is said of a finding that does not count for its writer; ``affected`` does."""


@record
class _Target:
    """One target of a report, and where it stands."""

    document: Parsed
    found: dict[str, Json]
    at: tuple[str | int, ...]
    name: str
    place: str


@draft
class _Tally:
    """How far one question was examined over all targets; None once one does not say."""

    examined: int | None = 0
    failed: int = 0
    spared: int = 0
    skipped: list[str] = field(default_factory=list)
    hit: set[tuple[str | None, ...]] = field(default_factory=set)

    def add(self, examined: int | None, failed: int, rows: list[Security]) -> None:
        known = self.examined is not None and examined is not None
        self.examined = (self.examined or 0) + (examined or 0) if known else None
        self.failed += failed
        self.spared += sum(row.suppressed is True for row in rows)
        self.hit |= {_package(row) for row in rows}

    def take(self, kind: Class, row: Security) -> None:
        """Count what was taken out and still counts; a package that is hit twice is one."""
        if row.suppressed or (kind == "vulnerability" and _package(row) in self.hit):
            return
        self.failed += 1
        self.hit.add(_package(row))


def _package(row: Security) -> tuple[str | None, ...]:
    return row.component, row.component_version, row.location


@record
class Trivy:
    """Adapter for ``trivy ... --format json``."""

    name: str = "trivy"
    version: int = 3
    versions: tuple[str, ...] = ("2",)
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = (
        *("security/vulnerability", "security/secret"),
        *("security/misconfiguration", "security/license"),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a report by SchemaVersion, and the bare list of older versions."""
        del declared
        if document.media != "json":
            return None
        found = mapping(document.value)
        if "SchemaVersion" in found and found.keys() & {"ArtifactName", "ArtifactType", "Results"}:
            version = label(found["SchemaVersion"]) or ""
            return self._found(version, "SchemaVersion with an artifact or results")
        first = mapping(next(iter(sequence(document.value)), None))
        if "Target" in first and first.keys() & {*_LISTS, "Type", "Class"}:
            return self._found("1", "a list of targets")
        if "ClusterName" in found and found.keys() & {"Findings", "Resources"}:
            return self._found("kubernetes", "a cluster with findings")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every target."""
        del detected
        top = mapping(document.value)
        targets = list(_targets(document, top))
        facts: list[Security] = []
        tallies: dict[Class, _Tally] = {}
        for target in targets:
            for kind, rows, examined, failed in _read_target(target):
                tallies.setdefault(kind, _Tally()).add(examined, failed, rows)
                facts += rows
            for kind, row in _taken_out(target):
                tallies.setdefault(kind, _Tally()).take(kind, row)
                facts.append(row)
        _note_system(top, targets, tallies)
        artifact = word(top.get("ArtifactName"))
        image = top.get("ArtifactType") == "container_image"
        return (
            Reading(
                facts=tuple(facts),
                coverage=tuple(_coverage(kind, one) for kind, one in tallies.items()),
                subject=AboutSubject(artifacts=tuple(images_of(mapping(top.get("Metadata"))))),
                producer=Producer(
                    tool=self.name, version=label(mapping(top.get("Trivy")).get("Version")) or ""
                ),
                run=word(top.get("ReportID")),
                scope=Scope(job=without_tag(artifact) if image and artifact else artifact),
                produced_at=instant(top.get("CreatedAt")),
                warnings=tuple(_warnings(targets, tallies)),
            ),
        )

    def _found(self, version: str, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=1.0, reasons=(reason,))


def _targets(document: Parsed, top: dict[str, Json]) -> Iterator[_Target]:
    results = top.get("Results")
    if results is not None and not isinstance(results, list):
        raise broken(document, "Results must be a list", at="/Results")
    for index, raw in enumerate(sequence(results)):
        found = mapping(raw)
        name = found.get("Target")
        if not isinstance(name, str):
            reason = "a result must have a Target"
            raise broken(document, reason, at=pointer("Results", index))
        system = found.get("Class") == "os-pkgs"
        place = word(found.get("Type")) if system else None
        at = ("Results", index)
        yield _Target(document, found, at, short(name.strip()), place or short(name.strip()))


def _read_target(target: _Target) -> Iterator[tuple[Class, list[Security], int | None, int]]:
    """Yield for each kind of finding its rows, how many were examined, and how many failed."""
    of_class = _CLASSES.get(str(target.found.get("Class")))
    for key, kind in _LISTS.items():
        value = target.found.get(key)
        if value is not None and not isinstance(value, list):
            at = pointer(*target.at, key)
            raise broken(target.document, f"{key} must be a list", at=at)
        if value is not None or kind == of_class:
            yield kind, *_READERS[kind](target, sequence(value))


def _vulnerabilities(target: _Target, listed: list[Json]) -> _Read:
    rows = [
        _vulnerability(target, mapping(raw), (*target.at, "Vulnerabilities", index))
        for index, raw in enumerate(listed)
    ]
    packages = target.found.get("Packages")
    examined = len(packages) if isinstance(packages, list) and packages else None
    hit = len({_package(row) for row in rows})
    return rows, None if examined is None else max(examined, hit), hit


def _vulnerability(
    target: _Target, found: dict[str, Json], at: tuple[str | int, ...], *, suppressed: bool = False
) -> Security:
    rule = word(found.get("VulnerabilityID"))
    if rule is None:
        reason = "a vulnerability must have a VulnerabilityID"
        raise broken(target.document, reason, at=pointer(*at))
    name, version = word(found.get("PkgName")), label(found.get("InstalledVersion"))
    place = word(found.get("PkgPath")) or target.place
    return finding(
        "vulnerability",
        at,
        (place, name, version, rule),
        rule=rule,
        severity=severity_word(found.get("Severity")),
        component=name,
        component_version=version,
        fixed_in=label(found.get("FixedVersion")),
        location=place,
        suppressed=suppressed,
    )


def _secrets(target: _Target, listed: list[Json]) -> _Read:
    """Read secrets; only a report that lists files without any says how many it searched."""
    rows = [
        _secret(target, mapping(raw), (*target.at, "Secrets", index))
        for index, raw in enumerate(listed)
    ]
    return rows, None if rows else 1, len(rows)


def _secret(
    target: _Target, found: dict[str, Json], at: tuple[str | int, ...], *, suppressed: bool = False
) -> Security:
    rule = word(found.get("RuleID"))
    if rule is None:
        raise broken(target.document, "a secret must have a RuleID", at=pointer(*at))
    line = count(found.get("StartLine"))
    return finding(
        "secret",
        at,
        (target.place, rule, line),
        rule=rule,
        severity=severity_word(found.get("Severity")),
        location=f"{target.place}:{line}" if line else target.place,
        suppressed=suppressed,
    )


def _misconfigurations(target: _Target, listed: list[Json]) -> _Read:
    """Read failed checks; the summary says how many there were, the list seldom shows passes."""
    rows: list[Security] = []
    for index, raw in enumerate(listed):
        found = mapping(raw)
        if found.get("Status", "FAIL") != "PASS":
            spared = found.get("Status") == "EXCEPTION"
            at = (*target.at, "Misconfigurations", index)
            rows.append(_misconfiguration(target, found, at, suppressed=spared))
    failed = sum(not row.suppressed for row in rows)
    summary = mapping(target.found.get("MisconfSummary"))
    said = [count(summary.get(key)) for key in ("Successes", "Failures", "Exceptions")]
    if any(one is not None for one in said):
        return rows, sum(one or 0 for one in said), max(failed, said[1] or 0)
    shows_passes = len(rows) < len(listed)
    return rows, len(listed) if shows_passes else None, failed


def _misconfiguration(
    target: _Target, found: dict[str, Json], at: tuple[str | int, ...], *, suppressed: bool
) -> Security:
    rule = word(found.get("ID")) or word(found.get("AVDID"))
    if rule is None:
        raise broken(target.document, "a misconfiguration must have an ID", at=pointer(*at))
    cause = mapping(found.get("CauseMetadata"))
    line = count(cause.get("StartLine"))
    resource = word(cause.get("Resource"))
    return finding(
        "misconfiguration",
        at,
        (target.place, rule, resource or line),
        rule=rule,
        severity=severity_word(found.get("Severity")),
        component=resource,
        location=f"{target.place}:{line}" if line else target.place,
        suppressed=suppressed,
    )


def _licenses(target: _Target, listed: list[Json]) -> _Read:
    """Read licences: every one that was found is a row, with what Trivy thinks of it."""
    rows = [
        _license(target, mapping(raw), (*target.at, "Licenses", index))
        for index, raw in enumerate(listed)
    ]
    return rows, len(rows) or None, len(rows)


def _license(
    target: _Target, found: dict[str, Json], at: tuple[str | int, ...], *, suppressed: bool = False
) -> Security:
    rule = word(found.get("Name"))
    if rule is None:
        raise broken(target.document, "a licence must have a Name", at=pointer(*at))
    package = word(found.get("PkgName"))
    place = word(found.get("FilePath")) or target.place
    return finding(
        "license",
        at,
        (place, package, rule),
        rule=rule,
        severity=severity_word(found.get("Severity")),
        component=package,
        location=place,
        suppressed=suppressed,
    )


def _taken_out(target: _Target) -> Iterator[tuple[Class, Security]]:
    """Yield findings that an ignore file or VEX took out of the lists, be it rightly or not."""
    listed = target.found.get(_MODIFIED)
    named = [mapping(raw).get("Type") for raw in sequence(listed)]
    if not isinstance(listed, list | None) or not all(isinstance(one, str) for one in named):
        reason = f"{_MODIFIED} must be a list of findings with a Type"
        raise broken(target.document, reason, at=pointer(*target.at))
    for index, raw in enumerate(sequence(listed)):
        kind = _CLASSES.get(str(named[index]))
        found = mapping(mapping(raw).get("Finding"))
        at = (*target.at, _MODIFIED, index, "Finding")
        if kind is not None:
            spared = word(mapping(raw).get("Status")) in _SPARED
            yield kind, _ROWS[kind](target, found, at, suppressed=spared)


_READERS: Final[dict[Class, Callable[[_Target, list[Json]], _Read]]] = {
    "vulnerability": _vulnerabilities,
    "secret": _secrets,
    "misconfiguration": _misconfigurations,
    "license": _licenses,
}
_ROWS: Final[dict[Class, Callable[..., Security]]] = {
    "vulnerability": _vulnerability,
    "secret": _secret,
    "misconfiguration": _misconfiguration,
    "license": _license,
}


def _note_system(
    top: dict[str, Json], targets: list[_Target], tallies: dict[Class, _Tally]
) -> None:
    """Name an operating system as skipped that is past its support, or that nobody looked into.

    Advisories are written for supported ones alone; of others, and where only libraries were
    asked for, an image's packages of the system are not among the targets.
    """
    metadata, system = top.get("Metadata"), mapping(mapping(top.get("Metadata")).get("OS"))
    odd = [isinstance(one, dict | None) for one in (metadata, mapping(metadata).get("OS"))]
    parts = (word(system.get("Family")), label(system.get("Name")))
    name = short(" ".join(part for part in parts if part))
    listed = any(one.found.get("Class") == "os-pkgs" for one in targets)
    ended = system.get("EOSL")
    old = listed and (False in odd or (ended is not None and ended is not False))
    unseen = not listed and bool(name) and top.get("ArtifactType") == "container_image"
    if old or (unseen and "vulnerability" in tallies):
        tally = tallies.setdefault("vulnerability", _Tally())
        tally.skipped.append(name or "operating system")


def _coverage(kind: Class, tally: _Tally) -> Coverage:
    known = tally.examined is not None
    passed = max(0, (tally.examined or 0) - tally.failed - tally.spared) if known else None
    return Coverage(
        question=f"security/{kind}",
        examined=tally.examined,
        passed=None if kind == "license" else passed,
        failed=tally.failed,
        errored=0 if known else None,
        skipped=len(tally.skipped) if known or tally.skipped else None,
        skipped_items=tuple(tally.skipped),
    )


def _warnings(targets: list[_Target], tallies: dict[Class, _Tally]) -> Iterator[Warning_]:
    if not targets:
        message = "the report lists no target: it does not say what was looked for, or how far"
        yield Warning_(code="nothing-listed", message=message)
    packages = tallies.get("vulnerability")
    if packages is not None and packages.examined is None:
        message = "the report does not list the packages: write it with --list-all-pkgs"
        yield Warning_(code="packages-not-listed", message=message)
