"""SARIF 2.1.0 of any tool: each run is a reading, each result that is no pass is a finding.

A run whose ``results`` are absent did not look; an empty list did. How much was looked through is
known where the run lists its artifacts, or the checks that passed. Errors are counted from the
invocations; what a notification warns of is named as skipped, and a file that a linter could not
parse counts as an error. Results that a baseline says are gone are left out, and so is what linters
say of style. Severity is the tool's word, else its security score, else a level that is written
(error: high, warning: medium, note: low). Snippets and command lines never get here: they are
removed at intake.

Source: OASIS SARIF 2.1.0.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.findings import Class, finding, without_tag
from assaybook.intake.adapters.sarif_classes import (
    class_of_driver,
    class_of_id,
    class_of_rule,
    is_of_security,
    is_unread,
    severity_of,
)
from assaybook.intake.adapters.sarif_rules import Rules, rules_of
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    flag,
    instant,
    label,
    mapping,
    pointer,
    sequence,
    short,
    word,
)

_ROWS: Final = frozenset({"fail", "open", "review"})
"""Kinds of results that a person must look at."""
_PACKAGE: Final = re.compile(r"^Package: (.{1,300})$", re.MULTILINE)
_INSTALLED: Final = re.compile(r"^Installed Version: (.{1,300})$", re.MULTILINE)
_FIXED: Final = re.compile(r"^Fixed Version: (.{1,300})$", re.MULTILINE)
_OURS: Final = "assaybook"
_EXTERNAL: Final = "externalPropertyFileReferences"


@record
class _Run:
    """One run, where it stands, and its rules by id."""

    document: Parsed
    index: int
    found: dict[str, Json]
    rules: Rules
    tool: str
    kind: Class | None


@record
class Sarif:
    """Adapter for SARIF logs."""

    name: str = "sarif"
    version: int = 3
    versions: tuple[str, ...] = ("2.1.0",)
    facts: tuple[str, ...] = ("security",)
    questions: tuple[str, ...] = ("security/*",)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a log by its runs and version; our own of an assessment is no evidence."""
        del declared
        found = mapping(document.value)
        if document.media != "json" or not isinstance(found.get("runs"), list):
            return None
        if "version" not in found and "sarif" not in str(found.get("$schema")):
            return None
        if any(_driver(raw).get("name") == _OURS for raw in sequence(found.get("runs"))):
            return None
        version = label(found.get("version")) or ""
        reasons = ("runs and a version",)
        return Detected(format=self.name, version=version, confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every run."""
        del detected
        runs = sequence(mapping(document.value).get("runs"))
        if not runs:
            raise broken(document, "the log holds no run", at="/runs")
        return tuple(
            _reading(_run(document, index, mapping(raw)), len(runs))
            for index, raw in enumerate(runs)
        )


def _driver(run: Json) -> dict[str, Json]:
    return mapping(mapping(mapping(run).get("tool")).get("driver"))


def _run(document: Parsed, index: int, found: dict[str, Json]) -> _Run:
    tool = mapping(found.get("tool"))
    driver = mapping(tool.get("driver"))
    name = word(driver.get("name"))
    if name is None:
        at = pointer("runs", index, "tool", "driver")
        raise broken(document, "a run must name its driver", at=at)
    return _Run(document, index, found, rules_of(tool), name, class_of_driver(name))


def _reading(run: _Run, runs: int) -> Reading:
    driver = _driver(run.found)
    results = run.found.get("results")
    if results is not None and not isinstance(results, list):
        at = pointer("runs", run.index, "results")
        raise broken(run.document, "results must be a list", at=at)
    facts, left = _facts(run, sequence(results))
    counts = _counts(run, sequence(results), looked=results is not None)
    elsewhere = "results" in mapping(run.found.get(_EXTERNAL))
    job, own = _automation(run.found)
    version = label(driver.get("semanticVersion")) or label(driver.get("version")) or ""
    return Reading(
        facts=facts,
        coverage=tuple(_coverage(run, facts, counts)),
        producer=Producer(tool=run.tool, version=version),
        run=own or (f"run {run.index + 1} of {runs}" if runs > 1 else None),
        scope=Scope(job=job or _looked_at(run.found)),
        produced_at=_time(run.found),
        warnings=(
            *_warnings(run, looked=results is not None, elsewhere=elsewhere),
            *notes("left-out", [("", f"{left} results are about style")] if left else []),
        ),
        malformed=elsewhere,
        counts=counts,
    )


def _automation(found: dict[str, Json]) -> tuple[str | None, str | None]:
    """Return the category of a run, and its own id: what follows the last slash of the whole."""
    details = mapping(found.get("automationDetails"))
    category, slash, rest = (word(details.get("id")) or "").rpartition("/")
    own = word(details.get("guid")) or (f"{category}{slash}{rest}" if rest else None)
    return category or None, own


def _looked_at(found: dict[str, Json]) -> str | None:
    """Return the repository or image that a run without a category was pointed at."""
    for raw in sequence(found.get("versionControlProvenance")):
        repository = word(mapping(raw).get("repositoryUri"))
        if repository is not None:
            return repository
    image = word(mapping(found.get("properties")).get("imageName"))
    return None if image is None else without_tag(image)


def _time(found: dict[str, Json]) -> datetime | None:
    """Return when the last invocation ended, or else began."""
    listed = [mapping(one) for one in sequence(found.get("invocations"))]
    ends = [instant(one.get("endTimeUtc")) or instant(one.get("startTimeUtc")) for one in listed]
    return max((one for one in ends if one is not None), default=None)


def _facts(run: _Run, results: list[Json]) -> tuple[tuple[Security, ...], int]:
    """Return the findings of a run, and how many results about style were left out."""
    found: list[Security] = []
    left = 0
    for index, raw in enumerate(results):
        result = mapping(raw)
        if _kind(result) in _ROWS and result.get("baselineState") != "absent":
            rule_id = run.rules.id_of(result)
            if is_unread(run.tool, rule_id or ""):
                continue
            if is_of_security(run.tool, rule_id or "", run.rules.named(rule_id)):
                found.append(_fact(run, result, ("runs", run.index, "results", index)))
            else:
                left += 1
    return tuple(found), left


def _kind(result: dict[str, Json]) -> str:
    return word(result.get("kind")) or "fail"


def _fact(run: _Run, result: dict[str, Json], at: tuple[str | int, ...]) -> Security:
    rule_id = run.rules.id_of(result)
    if rule_id is None and not mapping(result.get("message")):
        raise broken(run.document, "a result must have a rule or a message", at=pointer(*at))
    rule = run.rules.named(rule_id)
    name = rule_id or ""
    kind = class_of_id(name) or run.kind or class_of_rule(name, rule) or "unsafe_code"
    text = str(mapping(result.get("message")).get("text") or "")
    uri, line, named = _place(run, result)
    package = _said(_PACKAGE, text) if kind == "vulnerability" else None
    installed = _said(_INSTALLED, text) if package else None
    if package:
        own: tuple[str | int | None, ...] = (uri, package, installed, rule_id)
    else:
        own = (uri, rule_id, _own_print(result, kind, text) or named or line)
    return finding(
        kind,
        at,
        own,
        rule=rule_id,
        severity=severity_of(result, rule),
        component=package or named,
        component_version=installed,
        fixed_in=_said(_FIXED, text) if package else None,
        location=f"{uri}:{line}" if uri and line else uri,
        suppressed=_suppressed(result),
    )


def _place(run: _Run, result: dict[str, Json]) -> tuple[str | None, int | None, str | None]:
    """Return file, line and logical name of the first location of a result."""
    first = mapping(next(iter(sequence(result.get("locations"))), None))
    physical = mapping(first.get("physicalLocation"))
    uri = _uri(run, mapping(physical.get("artifactLocation")))
    line = count(mapping(physical.get("region")).get("startLine"))
    logical = mapping(next(iter(sequence(first.get("logicalLocations"))), None))
    named = word(logical.get("fullyQualifiedName")) or word(logical.get("name"))
    return uri, line, named


def _uri(run: _Run, location: dict[str, Json]) -> str | None:
    """Return the path of an artifact, given itself or as an index into the run's list."""
    found, index = word(location.get("uri")), count(location.get("index"))
    artifacts = sequence(run.found.get("artifacts"))
    if found is None and index is not None and index < len(artifacts):
        found = word(mapping(mapping(artifacts[index]).get("location")).get("uri"))
    plain = unquote(found or "")
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


def _said(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return word(match.group(1)) if match else None


def _suppressed(result: dict[str, Json]) -> bool | None:
    """Return whether a result is suppressed: accepted, and neither under review nor rejected."""
    listed = result.get("suppressions")
    if not isinstance(listed, list):
        return None
    states = [mapping(one).get("status", "accepted") for one in listed]
    return bool(states) and all(state == "accepted" for state in states)


def _counts(run: _Run, results: list[Json], *, looked: bool) -> Coverage:
    """Return how much a run looked through, whatever it looked for."""
    errored, skipped = _broken_off(run)
    unread = _unread(run, results)
    if unread:
        errored = (errored or 0) + len(unread)
        skipped = sorted({*skipped, *unread})
    kinds = [_kind(mapping(one)) for one in results]
    passed = kinds.count("pass")
    if not looked:
        examined: int | None = 0
    elif passed:
        examined = passed + sum(kind in _ROWS for kind in kinds)
    else:
        examined = _listed(run, results)
        if examined and _files(run):
            examined = max(0, examined - (errored or 0))
    known = examined is not None and errored is not None
    return Coverage(
        question="security",
        examined=examined,
        passed=passed or None,
        failed=0 if looked else None,
        errored=errored,
        skipped=len(skipped) if known or skipped else None,
        skipped_items=tuple(skipped),
    )


def _listed(run: _Run, results: list[Json]) -> int | None:
    """Return how many artifacts the run says it analysed, or None where it does not say.

    With roles it is said; a list without roles that goes beyond the places of results is one of
    all that was analysed, a shorter one only of what was found. Bandit lists its files with their
    metrics, among them those that it could not parse.
    """
    files = _files(run)
    if files:
        return sum(name != "_totals" for name in files)
    artifacts = [mapping(one) for one in sequence(run.found.get("artifacts"))]
    roles = [sequence(one.get("roles")) for one in artifacts]
    if any(roles):
        return sum("analysisTarget" in one or "resultFile" in one for one in roles) or None
    if not artifacts:
        return None
    places = {_place(run, mapping(one))[0] for one in results}
    known = {_uri(run, mapping(one.get("location"))) for one in artifacts}
    return len(artifacts) if known - places else None


def _files(run: _Run) -> dict[str, Json]:
    """Return the metrics of Bandit, by file."""
    properties = mapping(run.found.get("properties")) if run.tool == "Bandit" else {}
    return mapping(properties.get("metrics"))


def _broken_off(run: _Run) -> tuple[int | None, list[str]]:
    """Return how often the tool failed, None where it does not say, and what it warns of."""
    invocations = [mapping(one) for one in sequence(run.found.get("invocations"))]
    said = [flag(one.get("executionSuccessful")) for one in invocations]
    errored = said.count(False)
    skipped: set[str] = set()
    for invocation in invocations:
        for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
            for raw in sequence(invocation.get(key)):
                level = word(mapping(raw).get("level")) or "warning"
                errored += level == "error"
                if level == "warning":
                    skipped.update(_warned(run, mapping(raw)))
    known = bool(said) and None not in said
    return errored if known or errored else None, sorted(skipped)


def _warned(run: _Run, notification: dict[str, Json]) -> list[str]:
    """Return the files that a warning is about, else what kind of warning it is."""
    spots = sequence(notification.get("locations"))
    places = [place for one in spots if (place := _place(run, {"locations": [one]})[0])]
    return places or [word(mapping(notification.get("descriptor")).get("id")) or "a part"]


def _unread(run: _Run, results: list[Json]) -> list[str]:
    """Return the files that a linter could not parse, which it says in results of their own."""
    found: set[str] = set()
    for raw in results:
        if is_unread(run.tool, run.rules.id_of(mapping(raw)) or ""):
            found.add(_place(run, mapping(raw))[0] or "a file")
    return sorted(found)


def _coverage(run: _Run, facts: tuple[Security, ...], counts: Coverage) -> Iterator[Coverage]:
    """Yield a row for what the tool is known to look for, what its rules are, and what it found."""
    asked: dict[str, int] = {f"security/{run.kind}": 0} if run.kind else {}
    if run.kind is None:
        kinds = {class_of_rule(name, rule) for name, rule in run.rules.by_id.items()} - {None}
        asked = {f"security/{kind}": 0 for kind in sorted(str(one) for one in kinds)}
    for fact in facts:
        question = question_of(fact)
        asked[question] = asked.get(question, 0) + (not fact.suppressed)
    for question, failed in asked.items():
        looked = counts.failed is not None
        yield counts.model_copy(update={"question": question, "failed": failed if looked else None})


def _warnings(run: _Run, *, looked: bool, elsewhere: bool) -> Iterator[Warning_]:
    at = pointer("runs", run.index)
    if elsewhere:
        message = "the results stand in another file, which is not read"
        yield Warning_(code="results-elsewhere", message=message, pointer=at)
    elif not looked:
        message = "the run has no results: it did not look for any"
        yield Warning_(code="nothing-examined", message=message, pointer=at)
    totals = mapping(_files(run).get("_totals"))
    spared = sum(count(totals.get(key)) or 0 for key in ("nosec", "skipped_tests"))
    if spared:
        message = f"{spared} findings are suppressed in the code (nosec) and not listed"
        yield Warning_(code="suppressed-unlisted", message=message, pointer=at)
    for index, raw in enumerate(sequence(run.found.get("invocations"))):
        if flag(mapping(raw).get("executionSuccessful")) is False:
            message = "the tool says that it did not run to its end"
            place = pointer("runs", run.index, "invocations", index)
            yield Warning_(code="run-unfinished", message=message, pointer=place)
