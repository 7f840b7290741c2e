"""Quality facets of OpenLineage: assertions about a data set, its nulls, and tests of a run.

Two assertions of one kind about one column are two checks, told apart by their names. What two
places of one event say of one check both stands; what a later event says replaces the earlier.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from assaybook.domain.facts import DataCheck
from assaybook.intake.values import (
    Json,
    count,
    flag,
    label,
    mapping,
    pointer,
    sequence,
    short,
    told_apart,
    word,
)

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
_STATUS: Final[dict[str, Literal["pass", "fail", "skip"]]] = {
    "pass": "pass",
    "fail": "fail",
    "skip": "skip",
}
_HELD: Final = (
    ("dataQualityAssertions", "assertions", list),
    ("dataQualityMetrics", "columnMetrics", dict),
    ("test", "tests", list),
)
"""Facets about the quality of data, and what holds their checks."""
_PARTS: Final = ("inputFacets", "outputFacets", "facets")
_QUALITY: Final = frozenset({"dataQualityAssertions", "dataQualityMetrics"})


def dataset_name(thing: dict[str, Json]) -> str | None:
    """Return ``namespace/name`` of a job or data set."""
    name, space = word(thing.get("name")), word(thing.get("namespace"))
    return None if name is None else short(f"{space}/{name}" if space else name)


def checks_of(
    events: Iterable[tuple[Path, dict[str, Json]]],
) -> dict[str | None, list[DataCheck]]:
    """Return the checks of each data set; of events, those that come first stand."""
    found: dict[str | None, dict[tuple[str, str | None], list[DataCheck]]] = {}
    for path, event in events:
        told: dict[str | None, dict[tuple[str, str | None], list[DataCheck]]] = {}
        for dataset, check in _checks(event, path):
            rows = told.setdefault(dataset, {}).setdefault((check.check, check.column), [])
            if all(check != one.model_copy(update={"pointer": check.pointer}) for one in rows):
                rows.append(check)
        for dataset, keyed in told.items():
            kept = found.setdefault(dataset, {})
            for key, rows in keyed.items():
                kept.setdefault(key, rows)
    return {
        dataset: [one for rows in keyed.values() for one in rows]
        for dataset, keyed in found.items()
    }


def _checks(event: dict[str, Json], path: Path) -> Iterator[tuple[str | None, DataCheck]]:
    for dataset, at, facets in _quality_facets(event, path):
        for check in (*_assertions(facets, at), *_null_counts(facets, at)):
            yield dataset, check
    test = mapping(mapping(mapping(event.get("run")).get("facets")).get("test"))
    at = (*path, "run", "facets", "test", "tests")
    listed = [mapping(one) for one in sequence(test.get("tests"))]
    names = told_apart(word(one.get("name")) or "test" for one in listed)
    for index, (name, one) in enumerate(zip(names, listed, strict=True)):
        yield None, _tested(name, one, pointer(*at, index))


def unreadable_checks(event: dict[str, Json]) -> Iterator[str]:
    """Yield what stands where an event has checks of data, and is none."""
    if not all(isinstance(one, dict | None) for one in _facets(event)):
        yield "the facets of a data set cannot be read"
    holders = [event, *_holders(event)]
    for held in holders:
        for name, key, kind in _HELD:
            facet = held.get(name)
            inner = mapping(facet).get(key)
            if name in held and not (isinstance(facet, dict) and isinstance(inner, kind | None)):
                yield f"{name} cannot be read"
            if isinstance(inner, list) and not all(isinstance(one, dict) for one in inner):
                yield f"one of the {key} cannot be read"
        columns = mapping(mapping(held.get("dataQualityMetrics")).get("columnMetrics"))
        for column, raw in columns.items():
            if not isinstance(raw, dict):
                yield f"the metrics of {column} cannot be read"
            if "nullCount" in mapping(raw) and count(mapping(raw)["nullCount"]) is None:
                yield f"the nulls of {column} are no count"


def _holders(event: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """Yield what can hold facets about the quality of data."""
    yield mapping(mapping(event.get("run")).get("facets"))
    yield from map(mapping, _facets(event))


def _facets(event: dict[str, Json]) -> Iterator[Json]:
    """Yield the facets of all data sets of an event."""
    listed = [*sequence(event.get("inputs")), *sequence(event.get("outputs"))]
    for raw in (*listed, event.get("dataset")):
        yield from (mapping(raw).get(part) for part in _PARTS)


def _tested(name: str, one: dict[str, Json], at: str) -> DataCheck:
    """Return the outcome of one test of a run; one that the tool skipped examined nothing."""
    status = word(one.get("status"))
    column = label(mapping(one.get("params")).get("column_name"))
    return DataCheck(
        pointer=at,
        check=short(name),
        column=column or "",
        family=_family(word(one.get("type")) or name),
        status=_STATUS.get((status or "").lower()),
        tool_verdict=status,
    )


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
    named = [
        (word(mapping(one).get("assertion")), word(mapping(one).get("column")) or "")
        for one in listed
    ]
    alike = Counter(named)
    spelt = told_apart(
        f"{name}#{word(mapping(one).get('name')) or column}" if alike[name, column] > 1 else ""
        for (name, column), one in zip(named, listed, strict=True)
    )
    for index, raw in enumerate(listed):
        (name, column), one = named[index], mapping(raw)
        success = flag(one.get("success"))
        check = spelt[index] if alike[name, column] > 1 else name
        yield DataCheck(
            pointer=pointer(*at, "dataQualityAssertions", "assertions", index),
            check=short(check or "assertion"),
            column=column,
            family=_family(name or ""),
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
