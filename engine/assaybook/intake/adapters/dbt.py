"""dbt run results: each test is a data check; models, seeds and snapshots are not.

A test says how many rows (or groups) failed it, and never out of how many, so what it examined is
unknown. Its column is not in the file either. A test that only warns has failed: the severity is
the author's, and the verdict of the tool is kept beside it.
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
_PARTS: Final = 3
"""Least parts of a unique id: kind, project, name."""


@record
class Dbt:
    """Adapter for ``run_results.json`` of dbt."""

    name: str = "dbt"
    version: int = 1
    versions: tuple[str, ...] = ("v2", "v3", "v4", "v5", "v6")
    facts: tuple[str, ...] = ("data_check",)
    questions: tuple[str, ...] = ("data_check", *(f"data_check/{one}" for one in FAMILIES))

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise run results by the address of their schema; other artefacts are not these."""
        del declared
        schema = mapping(mapping(document.value).get("metadata")).get("dbt_schema_version")
        if not isinstance(schema, str) or "/run-results/" not in schema:
            return None
        version = schema.rpartition("/")[2].removesuffix(".json")[:20]
        reasons = ("metadata.dbt_schema_version names run-results",)
        return Detected(format=self.name, version=version, confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the tests of the run."""
        del detected
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
            status=_STATUS.get((status or "").lower()),
            tool_verdict=status,
        )


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
    if lacks_zone(made):
        at = "/metadata/generated_at"
        found.append(("time-without-zone", at, "the time has no zone, so it is not known"))
    return tuple(one for code, at, text in found for one in notes(code, [(at, text)]))
