"""dbt run results and freshness: each test, and each source, is a data check; models are not.

A test says how many rows (or groups) failed it, and never out of how many, so what it examined is
unknown. Its column is not in the file either. A test that only warns has failed: the severity is
the author's, and the verdict of the tool is kept beside it. One that was only compiled (``dbt docs
generate``) was not run: it is skipped. Seeds and snapshots are no checks either. A source is fresh
or not by the ages that its author asks; dbt leaves out those that it could not query. Other
artefacts (manifest, catalog) hold no results and are not read.
"""

from collections.abc import Iterator
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Producer, Scope, Warning_
from assaybook.domain.facts import DataCheck
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.adapters.check_families import (
    FAMILIES,
    coverage_of_checks,
    family_of_dbt_test,
)
from assaybook.intake.adapters.dbt_freshness import FRESHNESS, read_freshness
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    instant,
    lacks_zone,
    mapping,
    pointer,
    short,
    unusable,
    word,
)

_STATUS: Final[dict[str, Literal["pass", "fail", "error", "skip"]]] = {
    "pass": "pass",
    "fail": "fail",
    "warn": "fail",
    "error": "error",
    "runtime error": "error",
    "skipped": "skip",
}
_COMPILED: Final = "success"
"""What dbt says of a test that it only compiled: without failures, be it none, it was not run."""
_ARTEFACTS: Final = ("run-results", "sources", "freshness")
"""Those of dbt's artefacts that say how something ended."""
_PARTS: Final = 3
"""Least parts of a unique id: kind, project, name."""


@record
class Dbt:
    """Adapter for ``run_results.json`` of dbt."""

    name: str = "dbt"
    version: int = 3
    versions: tuple[str, ...] = ("v2", "v3", "v4", "v5", "v6", *FRESHNESS)
    facts: tuple[str, ...] = ("data_check",)
    questions: tuple[str, ...] = ("data_check", *(f"data_check/{one}" for one in FAMILIES))

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise results of runs and of freshness by the address of their schema, no others."""
        del declared
        schema = mapping(mapping(document.value).get("metadata")).get("dbt_schema_version")
        parts = schema.removesuffix(".json").split("/") if isinstance(schema, str) else []
        artefact, version = (parts[-2], parts[-1]) if len(parts) > 1 else ("", "")
        if artefact not in _ARTEFACTS:
            return None
        found = version[:20] if artefact == _ARTEFACTS[0] else f"{artefact}-{version[:20]}"
        reasons = (f"metadata.dbt_schema_version names {artefact}",)
        return Detected(format=self.name, version=found, confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the tests of the run, or how fresh each source was."""
        if detected.version in FRESHNESS:
            return (read_freshness(document),)
        found = mapping(document.value)
        metadata = mapping(found.get("metadata"))
        results = found.get("results")
        if not isinstance(results, list):
            raise broken(document, "results must be a list", at="/results")
        facts = tuple(_checks(document, results))
        made = metadata.get("generated_at")
        return (
            Reading(
                facts=facts,
                coverage=coverage_of_checks(facts),
                producer=Producer(tool="dbt", version=word(metadata.get("dbt_version")) or ""),
                run=word(metadata.get("invocation_id")),
                scope=Scope(job=_job(results, mapping(found.get("args")))),
                produced_at=instant(made),
                warnings=_warnings(facts, made),
            ),
        )


def _checks(document: Parsed, results: list[Json]) -> Iterator[DataCheck]:
    for index, raw in enumerate(results):
        one = mapping(raw)
        at = pointer("results", index)
        unique_id = word(one.get("unique_id"))
        if unique_id is None:
            raise broken(document, "a result must have a unique_id", at=at)
        if not unique_id.startswith("test."):
            continue
        status = word(one.get("status"))
        failures = one.get("failures")
        failed = count(failures)
        wrong = failures is not None and failed is None
        yield DataCheck(
            pointer=at,
            unknown=unusable("failed", "malformed" if wrong else None),
            check=unique_id,
            family=family_of_dbt_test(_name(unique_id)),
            failed=failed,
            status="skip" if _is_planned(status, failures) else _STATUS.get((status or "").lower()),
            tool_verdict=status,
        )


def _is_planned(status: str | None, failures: Json) -> bool:
    return status == _COMPILED and failures is None


def _name(unique_id: str) -> str:
    parts = unique_id.split(".")
    return parts[2] if len(parts) >= _PARTS else parts[-1]


def _job(results: list[Json], args: dict[str, Json]) -> str | None:
    """Return the project, the command and what it selected: a run of a part is another source."""
    ids = (word(mapping(one).get("unique_id")) or "" for one in results)
    projects = sorted({parts[1] for one in ids if len(parts := one.split(".")) >= _PARTS})
    words = [",".join(projects), word(args.get("which")) or ""]
    for name in ("select", "models", "exclude", "selector"):
        value = args.get(name)
        listed = value if isinstance(value, list) else [value]
        said = sorted({one for item in listed if (one := word(item))})
        words += [f"{name}={' '.join(said)}"] if said else []
    return short("/".join(one for one in words if one)) or None


def _warnings(facts: tuple[DataCheck, ...], made: Json) -> tuple[Warning_, ...]:
    found: list[tuple[str, str, str]] = []
    if not facts:
        found.append(("no-tests", "/results", "the run holds no test, so it checked no data"))
    if any(fact.status == "skip" and fact.tool_verdict == _COMPILED for fact in facts):
        text = "tests were compiled and not run: write the results of dbt test or dbt build"
        found.append(("tests-not-run", "/results", text))
    if lacks_zone(made):
        at = "/metadata/generated_at"
        found.append(("time-without-zone", at, "the time has no zone, so it is not known"))
    return tuple(one for code, at, text in found for one in notes(code, [(at, text)]))
