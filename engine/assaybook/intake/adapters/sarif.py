"""SARIF 2.1.0 of any tool: each run is a reading, each result that is no pass is a finding.

A run whose ``results`` are absent did not look; an empty list did. How much was looked through is
known where the run lists its artifacts, or the checks that passed. Errors are counted from the
invocations; what a notification warns of is named as skipped, and a file that a linter could not
parse counts as an error. Results that a baseline says are gone are left out, and so is what linters
say of style and CodeQL of quality. Severity is the tool's word, else its security score, else a
level that is written (error: high, warning: medium, note: low). Snippets and command lines never
get here: they are removed at intake.

Source: OASIS SARIF 2.1.0.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Security
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, producer, scope
from assaybook.intake.adapters.findings import without_tag
from assaybook.intake.adapters.sarif_classes import CODEQL, class_of_driver, class_of_rule
from assaybook.intake.adapters.sarif_results import Results, Run, place_of, results_of, uri_of
from assaybook.intake.adapters.sarif_rules import rules_of
from assaybook.intake.made import made
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
    word,
)

_OURS: Final = "assaybook"
_EXTERNAL: Final = "externalPropertyFileReferences"
_NOTIFIED: Final = ("toolExecutionNotifications", "toolConfigurationNotifications")
_MILD: Final = frozenset({"none", "note", "warning"})
"""Levels of notifications that are no error; a level that there is not is taken for one."""
_MODEL_AUDIT: Final = "modelaudit"
_EXTRACTED: Final = "/diagnostics/successfully-extracted-files"
"""How the id of a notification of CodeQL ends that names files it looked at, in any language."""


@record
class Sarif:
    """Adapter for SARIF logs."""

    name: str = "sarif"
    version: int = 8
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


def _run(document: Parsed, index: int, found: dict[str, Json]) -> Run:
    tool = mapping(found.get("tool"))
    driver = mapping(tool.get("driver"))
    name = word(driver.get("name"))
    if name is None:
        at = pointer("runs", index, "tool", "driver")
        raise broken(document, "a run must name its driver", at=at)
    return Run(document, index, found, rules_of(tool), name, class_of_driver(name))


def _reading(run: Run, runs: int) -> Reading:
    driver = _driver(run.found)
    results = run.found.get("results")
    if results is not None and not isinstance(results, list):
        at = pointer("runs", run.index, "results")
        raise broken(run.document, "results must be a list", at=at)
    listed = sequence(results)
    found = results_of(run, listed)
    facts, left = tuple(found.facts), found.left
    counts = _counts(run, listed, found, looked=results is not None)
    elsewhere = "results" in mapping(run.found.get(_EXTERNAL))
    job, own = _automation(run.found)
    version = label(driver.get("semanticVersion")) or label(driver.get("version")) or ""
    return Reading(
        facts=facts,
        coverage=tuple(_coverage(run, facts, counts)),
        producer=producer(run.tool, version),
        run=own or (f"run {run.index + 1} of {runs}" if runs > 1 else None),
        scope=scope(job=job or _looked_at(run.found)),
        produced_at=_time(run.found),
        warnings=(
            *_warnings(run, looked=results is not None, elsewhere=elsewhere),
            *notes(
                "left-out", [("", f"{left} results are about style or quality")] if left else []
            ),
        ),
        malformed=elsewhere or _is_odd(run),
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


def _counts(run: Run, results: list[Json], found: Results, *, looked: bool) -> Coverage:
    """Return how much a run looked through, whatever it looked for."""
    errored, warned = _broken_off(run)
    skipped = sorted({*warned, *_unscanned(run)})
    if found.unread:
        errored = (errored or 0) + len(found.unread)
        skipped = sorted({*skipped, *found.unread})
    passed = found.passed
    if not looked:
        examined: int | None = 0
    elif passed:
        examined = passed + found.rows
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


def _listed(run: Run, results: list[Json]) -> int | None:
    """Return how many artifacts the run says it analysed, or None where it does not say.

    With roles it is said; a list without roles that goes beyond the places of results is one of
    all that was analysed, a shorter one only of what was found. Bandit lists its files with their
    metrics, among them those that it could not parse; CodeQL lists those that it extracted in its
    notifications; ModelAudit lists those too that none of its scanners knows.
    """
    files = _files(run)
    if files:
        return sum(name != "_totals" for name in files)
    extracted = _extracted(run)
    if extracted:
        return len(extracted)
    artifacts = [mapping(one) for one in sequence(run.found.get("artifacts"))]
    roles = [sequence(one.get("roles")) for one in artifacts]
    if any(roles):
        return sum("analysisTarget" in one or "resultFile" in one for one in roles) or None
    if not artifacts:
        return None
    places = {place_of(run, mapping(one))[0] for one in results}
    known = {uri_of(run, mapping(one.get("location"))) for one in artifacts}
    return len(artifacts) - len(_unscanned(run)) if known - places else None


def _kind_of_file(properties: dict[str, Json]) -> str | None:
    return (word(properties["type"]) or "unknown") if "type" in properties else None


def _unscanned(run: Run) -> list[str]:
    """Return the files that ModelAudit lists and calls clean, while no scanner of it knows them."""
    listed = sequence(run.found.get("artifacts")) if run.tool.lower() == _MODEL_AUDIT else []
    return [
        uri_of(run, mapping(mapping(one).get("location"))) or "a file"
        for one in listed
        if _kind_of_file(mapping(mapping(one).get("properties"))) == "unknown"
    ]


def _files(run: Run) -> dict[str, Json]:
    """Return the metrics of Bandit, by file."""
    properties = mapping(run.found.get("properties")) if run.tool == "Bandit" else {}
    return mapping(properties.get("metrics"))


def _broken_off(run: Run) -> tuple[int | None, list[str]]:
    """Return how often the tool failed, None where it does not say, and what it warns of."""
    invocations = [mapping(one) for one in sequence(run.found.get("invocations"))]
    said = [flag(one.get("executionSuccessful")) for one in invocations]
    errored = said.count(False)
    skipped: set[str] = set()
    for one in _notifications(run):
        level = one.get("level") or "warning"
        errored += not (isinstance(level, str) and level in _MILD)
        if level == "warning" and _EXTRACTED not in _kind(one):
            skipped.update(_places(run, one) or [_kind(one) or "a part"])
    known = bool(said) and None not in said
    return errored if known or errored else None, sorted(skipped)


def _is_odd(run: Run) -> bool:
    """Tell whether what the run says of how it went cannot be read."""
    listed = run.found.get("invocations")
    if not isinstance(listed, list | None):
        return True
    lists = [mapping(raw).get(key) for raw in sequence(listed) for key in _NOTIFIED]
    files = run.found.get("artifacts")
    parts = [raw.get("properties") if isinstance(raw, dict) else raw for raw in sequence(files)]
    return not (
        all(isinstance(one, list | None) for one in (*lists, files))
        and all(isinstance(one, dict | None) for one in parts)
    )


def _extracted(run: Run) -> set[str]:
    """Return the files that CodeQL says it looked at."""
    said = _notifications(run) if run.tool == CODEQL else ()
    return {place for one in said if _EXTRACTED in _kind(one) for place in _places(run, one)}


def _notifications(run: Run) -> Iterator[dict[str, Json]]:
    for raw in sequence(run.found.get("invocations")):
        for key in _NOTIFIED:
            yield from map(mapping, sequence(mapping(raw).get(key)))


def _kind(notification: dict[str, Json]) -> str:
    return word(mapping(notification.get("descriptor")).get("id")) or ""


def _places(run: Run, notification: dict[str, Json]) -> list[str]:
    """Return the files that a notification is about."""
    spots = sequence(notification.get("locations"))
    return [place for one in spots if (place := place_of(run, {"locations": [one]})[0])]


def _coverage(run: Run, facts: tuple[Security, ...], counts: Coverage) -> Iterator[Coverage]:
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
        own: dict[str, object] = {"question": question, "failed": failed if looked else None}
        yield made(Coverage, vars(counts) | own)


def _warnings(run: Run, *, looked: bool, elsewhere: bool) -> Iterator[Warning_]:
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
