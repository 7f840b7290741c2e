"""Quality facets of OpenLineage: assertions about a data set, and counts of nulls in it."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import DataCheck
from assaybook.intake.values import Json, count, flag, mapping, pointer, sequence, short, word

Family = Literal["schema", "null", "range", "unique", "duplicate"]
Path = tuple[str | int, ...]

_FAMILIES: Final[tuple[tuple[str, Family], ...]] = (
    ("null", "null"),
    ("unique", "unique"),
    ("duplicate", "duplicate"),
    ("accepted_values", "range"),
    ("range", "range"),
    ("between", "range"),
    ("in_set", "range"),
    ("relationship", "schema"),
    ("schema", "schema"),
    ("type", "schema"),
    ("row_count", "schema"),
    ("column", "schema"),
)
_QUALITY: Final = frozenset({"dataQualityAssertions", "dataQualityMetrics"})


def dataset_name(thing: dict[str, Json]) -> str | None:
    """Return ``namespace/name`` of a job or data set."""
    name, space = word(thing.get("name")), word(thing.get("namespace"))
    return None if name is None else short(f"{space}/{name}" if space else name)


def checks_of(
    events: Iterable[tuple[Path, dict[str, Json]]],
) -> dict[str | None, list[DataCheck]]:
    """Return the checks of each data set; of events, those that come first stand."""
    found: dict[str | None, dict[tuple[str, str | None], DataCheck]] = {}
    for path, event in events:
        for dataset, at, facets in _quality_facets(event, path):
            rows = found.setdefault(dataset, {})
            for check in (*_assertions(facets, at), *_null_counts(facets, at)):
                rows.setdefault((check.check, check.column), check)
    return {dataset: list(rows.values()) for dataset, rows in found.items() if rows}


def _quality_facets(
    event: dict[str, Json], path: Path
) -> Iterator[tuple[str | None, Path, dict[str, Json]]]:
    if _QUALITY & event.keys():
        yield None, path, event
    places: list[tuple[Path, Json]] = [
        ((side, index), raw)
        for side in ("inputs", "outputs")
        for index, raw in enumerate(sequence(event.get(side)))
    ]
    if "dataset" in event:
        places.append((("dataset",), event["dataset"]))
    for step, raw in places:
        for part in ("inputFacets", "facets"):
            facets = mapping(mapping(raw).get(part))
            if _QUALITY & facets.keys():
                yield dataset_name(mapping(raw)), (*path, *step, part), facets


def _assertions(facets: dict[str, Json], at: Path) -> Iterator[DataCheck]:
    listed = sequence(mapping(facets.get("dataQualityAssertions")).get("assertions"))
    for index, raw in enumerate(listed):
        one = mapping(raw)
        name = word(one.get("assertion"))
        if name is None:
            continue
        success = flag(one.get("success"))
        yield DataCheck(
            pointer=pointer(*at, "dataQualityAssertions", "assertions", index),
            check=name,
            column=word(one.get("column")) or "",
            family=_family(name),
            status=None if success is None else ("pass" if success else "fail"),
            tool_verdict=None if success is None else ("success" if success else "failure"),
        )


def _family(name: str) -> Family | None:
    lower = name.lower()
    return next((family for part, family in _FAMILIES if part in lower), None)


def _null_counts(facets: dict[str, Json], at: Path) -> Iterator[DataCheck]:
    metrics = mapping(facets.get("dataQualityMetrics"))
    rows = count(metrics.get("rowCount"))
    for column, raw in mapping(metrics.get("columnMetrics")).items():
        nulls = count(mapping(raw).get("nullCount"))
        if nulls is None:
            continue
        share = nulls / rows if rows and nulls <= rows else None
        yield DataCheck(
            pointer=pointer(*at, "dataQualityMetrics", "columnMetrics", column, "nullCount"),
            check="null_count",
            column=short(column),
            family="null",
            examined=rows,
            failed=nulls,
            failed_share=share,
            status="fail" if nulls else "pass",
        )


def check_coverage(question: str, facts: list[DataCheck]) -> Coverage:
    """Return coverage of one question, counted in checks."""
    failed = sum(fact.status == "fail" or bool(fact.failed) for fact in facts)
    passed = sum(fact.status == "pass" or fact.failed == 0 for fact in facts)
    return Coverage(
        question=question, examined=len(facts), passed=passed, failed=failed, errored=0, skipped=0
    )
