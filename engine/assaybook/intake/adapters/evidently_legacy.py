"""Evidently reports and test suites before 0.7: ``metrics`` with ``result``, or ``tests``.

The time of these reports has no zone, so it is none. The rows behind a drift number are known for
a categorical column, whose distribution is written as counts, and where the report also holds a
summary of the data set.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from assaybook.domain.evidence import Coverage, Producer
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import DataCheck, Drift, Fact, Metric
from assaybook.domain.metrics import canonical_metric
from assaybook.intake.adapter import Reading, broken, notes, recorded
from assaybook.intake.adapters.check_families import Family, coverage_of_checks
from assaybook.intake.adapters.drift_methods import method_of
from assaybook.intake.adapters.evidently_shapes import MISSING_BY_COLUMN, values_of
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    flag,
    label,
    lacks_zone,
    mapping,
    number,
    pointer,
    sequence,
    short,
    unusable,
    word,
)

Side: TypeAlias = Literal["current", "reference"]
Verdict: TypeAlias = Literal["drift", "no_drift"]

LEGACY: Final = ("0.2", "0.3", "0.4", "0.5", "0.6")
STATUS: Final[dict[str, Literal["pass", "fail", "error", "skip"]]] = {
    "SUCCESS": "pass",
    "FAIL": "fail",
    "WARNING": "fail",
    "ERROR": "error",
    "SKIPPED": "skip",
}
_UNENDED: Final = frozenset({"ERROR", "SKIPPED"})
"""States of a test of drift that has no result: it lends a row with nothing in it."""
_COUNTED: Final[tuple[tuple[str, str, Family], ...]] = (
    ("number_of_missing_values", "missing_values", "null"),
    ("number_of_duplicated_rows", "duplicated_rows", "duplicate"),
    ("number_of_empty_rows", "empty_rows", "null"),
)
_TESTED: Final[tuple[tuple[str, Family], ...]] = (
    (r"missing|null|empty", "null"),
    (r"duplicate", "duplicate"),
    (r"unique", "unique"),
    (r"conflict", "label"),
    (r"number of (?:rows|columns)|type|regexp|constant", "schema"),
    (r"range|list|mean|median|min|max|std|quantile|common|sum", "range"),
)
_QUALITY: Final = frozenset({"ClassificationQualityMetric", "RegressionQualityMetric"})
_SUMMARIES: Final = frozenset({"DatasetSummaryMetric", "DatasetMissingValuesMetric"})
_MODEL_GROUPS: Final = frozenset({"classification", "regression"})
_RANKED: Final = {
    "NDCGKMetric": "ndcg",
    "PrecisionTopKMetric": "precision",
    "RecallTopKMetric": "recall",
    "MAPKMetric": "map",
    "MRRKMetric": "mrr",
    "HitRateKMetric": "hit_rate",
}
_KINDS: Final = _SUMMARIES | _QUALITY | {"TextDescriptorsDriftMetric"}
"""Metrics that are read, be it that there is nothing in them."""
_TABLES: Final = frozenset({"DataDriftTable", "TextDescriptorsDriftMetric"})
_HELD: Final = {
    **dict.fromkeys(_TABLES, "drift_by_columns"),
    **dict.fromkeys(_SUMMARIES | _QUALITY, "current"),
}
"""Where a metric has what it found; one without it broke off."""
_SPELT: Final = {"mean_abs_error": "mae"}
_COLUMN: Final = re.compile(r"\bcolumn \*\*(.{1,500}?)\*\*")
_DATA_GROUPS: Final = frozenset({"data_integrity", "data_quality", ""})


def is_legacy(found: dict[str, Json]) -> bool:
    """Tell whether an object is a report or a test suite of the layout before 0.7."""
    first = mapping(next(iter(sequence(found.get("metrics"))), None))
    test = mapping(next(iter(sequence(found.get("tests"))), None))
    suite = {"tests", "summary"} <= found.keys()
    tested = suite and ("version" in found or {"name", "group", "status"} <= test.keys())
    return (isinstance(first.get("metric"), str) and "result" in first) or tested


def legacy_version(found: dict[str, Json]) -> str:
    """Return major and minor version; ``as_dict`` leaves it out, and is taken for 0.4."""
    stated = label(found.get("version"))
    return ".".join(stated.split(".")[:2])[:20] if stated else "0.4"


def read_legacy(document: Parsed) -> Reading:
    """Read a report or a test suite."""
    found = mapping(document.value)
    report = _Legacy(document, found)
    facts = tuple(_once(report.facts()))
    made = found.get("timestamp")
    untimed = [("/timestamp", "the time has no zone, so it is not known")]
    unread = [(at, f"{kind} is no drift or clear data check") for kind, at in report.unread.items()]
    return Reading(
        facts=facts,
        coverage=_coverage(facts),
        producer=Producer(tool="evidently", version=label(found.get("version")) or ""),
        malformed=bool(report.hidden),
        warnings=(
            *notes("metric-not-read", unread),
            *notes("result-not-read", report.hidden),
            *(notes("time-without-zone", untimed) if lacks_zone(made) else ()),
        ),
    )


def _once(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield each fact once, be it that two metrics of a preset say the same."""
    seen: set[str] = set()
    for fact in facts:
        said = fact.model_dump_json(exclude={"pointer", "tool_threshold", "raw_name"})
        if said not in seen:
            seen.add(said)
            yield fact


def _coverage(facts: tuple[Fact, ...]) -> tuple[Coverage, ...]:
    rows: dict[str, list[Fact]] = {}
    for fact in facts:
        if not isinstance(fact, DataCheck):
            rows.setdefault(question_of(fact), []).append(fact)
    found = list(coverage_of_checks(fact for fact in facts if isinstance(fact, DataCheck)))
    for question, lent in rows.items():
        lost = sum(isinstance(fact, Drift) and fact.value is None for fact in lent)
        row = recorded(question, len(lent) - lost)
        found.append(row.model_copy(update={"errored": lost}))
    return tuple(found)


class _Legacy:
    """One report: its metrics and tests, and how many rows stand behind its columns."""

    def __init__(self, document: Parsed, found: dict[str, Json]) -> None:
        self.unread: dict[str, str] = {}
        self.hidden: list[tuple[str, str]] = []
        self._document = document
        self._metrics = [mapping(one) for one in self._list(found, "metrics")]
        self._tests = [mapping(one) for one in self._list(found, "tests")]
        told = mapping(found.get("summary"))
        if (count(told.get("total_tests")) or 0) > len(self._tests):
            self.hidden.append(("/summary", "more tests were made than are listed"))
        summaries = [
            mapping(one.get("result"))
            for one in self._metrics
            if word(one.get("metric")) in _SUMMARIES
        ]
        sides: tuple[Side, Side] = ("current", "reference")
        self._values = {
            side: dict(values_of([one.get(side) for one in summaries])) for side in sides
        }
        counted = (count(mapping(one.get("current")).get("number_of_rows")) for one in summaries)
        self._all_rows = next((rows for rows in counted if rows is not None), None)
        self._method = self._methods()
        self._has_share = any(one.get("metric") == "DatasetDriftMetric" for one in self._metrics)

    def _list(self, found: dict[str, Json], key: str) -> list[Json]:
        value = found.get(key)
        if value is not None and not isinstance(value, list):
            raise broken(self._document, f"{key} must be a list", at=pointer(key))
        return sequence(value)

    def facts(self) -> Iterator[Fact]:
        for index, one in enumerate(self._metrics):
            kind, at = word(one.get("metric")), pointer("metrics", index)
            if kind is None:
                raise broken(self._document, "a metric must be named", at=at)
            result = mapping(one.get("result"))
            if kind in _HELD and not mapping(result.get(_HELD[kind])):
                self.hidden.append((at, f"{kind} holds no results"))
            found = list(self._metric(kind, result, f"{at}/result"))
            if not found and kind not in _KINDS:
                self.unread.setdefault(short(kind), at)
            yield from found
        for index, one in enumerate(self._tests):
            yield from self._test(one, pointer("tests", index))

    def _metric(self, kind: str, result: dict[str, Json], at: str) -> Iterator[Fact]:
        if kind == "DatasetDriftMetric":
            yield self._share(result, at, self._method)
        elif kind in _TABLES:
            if kind == "DataDriftTable" and not self._has_share:
                yield self._share(result, at, self._method)
            yield from self._columns(result, at)
        elif kind == "ColumnDriftMetric":
            yield self._column(result, at, word(result.get("column_name")))
        elif kind in _SUMMARIES:
            yield from self._counts(mapping(result.get("current")), f"{at}/current")
        elif kind in _QUALITY:
            yield from self._quality(mapping(result.get("current")), f"{at}/current")
        elif kind in _RANKED and count(result.get("k")) is not None:
            yield self._ranked(f"{_RANKED[kind]}@{count(result['k'])}", kind, result, at)

    def _methods(self) -> str | None:
        """Return the methods behind a share of drifted columns, as far as the report says."""
        tables = [mapping(one.get("result")).get("drift_by_columns") for one in self._metrics]
        named = (
            method_of(mapping(column).get("stattest_name"))[0]
            for table in tables
            for column in mapping(table).values()
        )
        return short("+".join(sorted({name for name in named if name}))) or None

    def _share(self, result: dict[str, Json], at: str, method: str | None) -> Drift:
        place = f"{at}/share_of_drifted_columns"
        value, wrong = self._number(result.get("share_of_drifted_columns"), place, most=1.0)
        return Drift(
            pointer=at,
            unknown=unusable("value", "malformed" if wrong else None),
            column="",
            method=method,
            statistic="share",
            value=value,
            tool_threshold=number(result.get("drift_share")),
            tool_verdict=_verdict(result.get("dataset_drift")),
        )

    def _columns(self, result: dict[str, Json], at: str) -> Iterator[Drift]:
        columns = mapping(result.get("drift_by_columns"))
        moved = sum(mapping(one).get("drift_detected") is True for one in columns.values())
        if (count(result.get("number_of_drifted_columns")) or 0) > moved:
            self.hidden.append((at, "more columns have drifted than are listed"))
        for name, raw in columns.items():
            place = at + pointer("drift_by_columns", name)
            yield self._column(mapping(raw), place, word(mapping(raw).get("column_name")) or name)

    def _column(self, one: dict[str, Json], at: str, column: str | None) -> Drift:
        if column is None:
            raise broken(self._document, "a drift result must name its column", at=at)
        spelt = {key: one.get(key, one.get(old)) for key, old in _TEST_KEYS.items()}
        method, statistic = method_of(spelt["stattest_name"])
        place = f"{at}/drift_score" if "drift_score" in one else f"{at}/score"
        most = 1.0 if statistic == "p_value" else None
        value, wrong = self._number(spelt["drift_score"], place, most=most)
        return Drift(
            pointer=at,
            unknown=unusable("value", "malformed" if wrong else None),
            column=short(column),
            method=method,
            statistic=statistic,
            value=value,
            tool_threshold=number(spelt["stattest_threshold"]),
            tool_verdict=_verdict(spelt["drift_detected"]),
            n_reference=self._rows("reference", column, one),
            n_current=self._rows("current", column, one),
        )

    def _rows(self, side: Side, column: str, one: dict[str, Json]) -> int | None:
        """Return the values of a column that were compared: counted, or rows less its nulls."""
        shown = mapping(mapping(one.get(side)).get("small_distribution"))
        if one.get("column_type") == "cat" and isinstance(shown.get("y"), list):
            counted = [count(each) for each in sequence(shown["y"])]
            return None if None in counted else sum(each or 0 for each in counted)
        return self._values[side].get(column)

    def _counts(self, current: dict[str, Json], at: str) -> Iterator[DataCheck]:
        rows, columns = (
            count(current.get("number_of_rows")),
            count(current.get("number_of_columns")),
        )
        for key, check, family in _COUNTED:
            failed = count(current.get(key))
            if failed is None:
                self._doubt(current.get(key), f"{at}/{key}")
                continue
            of_cells = check == "missing_values"
            cells = None if rows is None or columns is None else rows * columns
            yield _counted(f"{at}/{key}", check, "", family, failed, cells if of_cells else rows)
        for key in ("nans_by_columns", MISSING_BY_COLUMN):
            for column, raw in mapping(current.get(key)).items():
                failed = count(raw)
                self._doubt("" if failed is None else None, at + pointer(key, column))
                if failed is not None:
                    place = at + pointer(key, column)
                    yield _counted(place, "missing_values", short(column), "null", failed, rows)

    def _doubt(self, value: Json, at: str) -> None:
        """Note what stands where a count should, and is none."""
        if value is not None:
            self.hidden.append((at, "it is no count"))

    def _quality(self, current: dict[str, Json], at: str) -> Iterator[Metric]:
        seen: set[str] = set()
        for name, value in current.items():
            known = canonical_metric(_SPELT.get(name, name))
            if known.kind is None or known.name in seen or isinstance(value, list | dict):
                continue
            seen.add(known.name)
            trial = Trial(rows=self._all_rows)
            place = at + pointer(name)
            yield metric(
                self._document,
                _SPELT.get(name, name),
                value,
                at=place,
                where=Where(slice=""),
                trial=trial,
            ).model_copy(update={"raw_name": name})

    def _ranked(self, name: str, kind: str, result: dict[str, Json], at: str) -> Metric:
        place, value = f"{at}/current_value", result.get("current_value")
        found = metric(self._document, name, value, at=place, where=Where(slice=""))
        return found.model_copy(update={"raw_name": kind})

    def _test(self, one: dict[str, Json], at: str) -> Iterator[Fact]:
        name = word(one.get("name"))
        if name is None:
            raise broken(self._document, "a test must be named", at=at)
        parameters, place = mapping(one.get("parameters")), f"{at}/parameters"
        features = mapping(parameters.get("features"))
        for column, raw in features.items():
            yield self._column(mapping(raw), place + pointer("features", column), column)
        group = word(one.get("group")) or ""
        if "score" in parameters and "stattest" in parameters:
            yield self._column(parameters, place, word(parameters.get("column_name")))
        elif group in _DATA_GROUPS and not features:
            yield _tested(one, name, at)
        elif group in _MODEL_GROUPS and canonical_metric(name).kind and "value" in parameters:
            value, where = parameters["value"], Where(slice="")
            yield metric(self._document, name, value, at=f"{place}/value", where=where)
        elif group == "data_drift" and not features and one.get("status") in _UNENDED:
            yield Drift(pointer=at, column=short(word(parameters.get("column_name")) or ""))
        elif not features:
            self.unread.setdefault(name, at)

    def _number(self, value: Json, at: str, *, most: float | None) -> tuple[float | None, bool]:
        """Return a number from 0, and whether there is one that cannot be used."""
        found = number(value)
        if at in self._document.odd or (value is not None and found is None):
            return None, True
        if found is not None and (found < 0 or (most is not None and found > most)):
            return None, True
        return found, False


_TEST_KEYS: Final = {
    "stattest_name": "stattest",
    "stattest_threshold": "threshold",
    "drift_score": "score",
    "drift_detected": "detected",
}
"""Keys of a drift result in a report, and in the parameters of a test."""


def _verdict(value: Json) -> Verdict | None:
    drifted = flag(value)
    return None if drifted is None else ("drift" if drifted else "no_drift")


def _counted(  # noqa: PLR0913, PLR0917 - the columns of the row
    at: str, check: str, column: str, family: Family, failed: int, examined: int | None
) -> DataCheck:
    whole = examined is not None and examined > 0 and failed <= examined
    return DataCheck(
        pointer=at,
        check=check,
        column=column,
        family=family,
        examined=examined,
        failed=failed,
        failed_share=failed / examined if whole and examined else None,
        status="fail" if failed else "pass",
    )


def _tested(one: dict[str, Json], name: str, at: str) -> DataCheck:
    """Return the outcome of a test of the data; its counts are only in prose."""
    status = word(one.get("status"))
    named = _COLUMN.search(word(one.get("description")) or "")
    column = word(mapping(one.get("parameters")).get("column_name"))
    column = column or (word(named.group(1)) if named else None)
    plain = name.lower()
    return DataCheck(
        pointer=at,
        check=name,
        column=column if column or "column" in plain.replace("columns", "") else "",
        family=next((family for words, family in _TESTED if re.search(words, plain)), None),
        status=STATUS.get(status or ""),
        tool_verdict=status,
    )
