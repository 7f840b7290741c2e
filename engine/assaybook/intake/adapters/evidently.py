"""Evidently reports and test suites: drift, and clear data checks and quality metrics.

The direction of a drift number is in its method: for PSI more is more drift, for the p-value of
Kolmogorov-Smirnov less is. Reports of 0.7 have neither a time nor row counts of the two windows;
older ones have a time without its zone, and row counts only where a metric happens to give them.
Values out of a range or a list are sought among those that are not missing, and how many these are
is only known where something was found or the report counts missing values too. Of several tests
of one metric the worst is its verdict; what a metric of the data shows is read where it was tested.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import DataCheck, Drift, Fact
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, recorded
from assaybook.intake.adapters.check_families import coverage_of_checks
from assaybook.intake.adapters.drift_methods import method_of
from assaybook.intake.adapters.evidently_legacy import (
    LEGACY,
    STATUS,
    is_legacy,
    legacy_version,
    read_legacy,
)
from assaybook.intake.adapters.evidently_shapes import (
    config_of,
    group_of,
    is_by_label,
    is_report,
    kind_of,
    measured,
)
from assaybook.intake.made import filled
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    Unusable,
    count,
    label,
    mapping,
    number,
    sequence,
    short,
    unusable,
    word,
)

Family = Literal["null", "duplicate", "range", "schema"]

_CHECKS: Final[dict[str, tuple[str, Family, bool]]] = {
    "DuplicatedRowCount": ("duplicated_rows", "duplicate", True),
    "DuplicatedColumnsCount": ("duplicated_columns", "duplicate", False),
    "EmptyColumnsCount": ("empty_columns", "null", False),
    "ConstantColumnsCount": ("constant_columns", "schema", False),
    "EmptyRowsCount": ("empty_rows", "null", True),
    "MissingValueCount": ("missing_values", "null", True),
    "DatasetMissingValueCount": ("missing_values", "null", False),
    "OutRangeValueCount": ("values_out_of_range", "range", True),
    "OutListValueCount": ("values_out_of_list", "range", True),
}
"""Metrics that count what is wrong: check, family, and whether the rows are what was examined."""
_OF_VALUES: Final = frozenset({"OutRangeValueCount", "OutListValueCount"})
_TESTED: Final[dict[str, tuple[str, Family]]] = {
    "RowCount": ("row_count", "schema"),
    "ColumnCount": ("column_count", "schema"),
    "AlmostConstantColumnsCount": ("almost_constant_columns", "schema"),
    "AlmostDuplicatedColumnsCount": ("almost_duplicated_columns", "duplicate"),
    "UniqueValueCount": ("unique_values", "range"),
    "CategoryCount": ("categories", "range"),
    "InRangeValueCount": ("values_in_range", "range"),
    "InListValueCount": ("values_in_list", "range"),
    "MinValue": ("min_value", "range"),
    "MaxValue": ("max_value", "range"),
    "MeanValue": ("mean_value", "range"),
    "MedianValue": ("median_value", "range"),
    "StdValue": ("std_value", "range"),
    "SumValue": ("sum_value", "range"),
    "QuantileValue": ("quantile_value", "range"),
}
"""Metrics of the data of which only a test says whether their number is right."""
_WORST: Final = ("ERROR", "FAIL", "WARNING", "SKIPPED", "SUCCESS")
_OF_COLUMNS: Final = frozenset(
    {"DuplicatedColumnsCount", "EmptyColumnsCount", "ConstantColumnsCount"}
)
_OF_A_COLUMN: Final = frozenset({"MissingValueCount", "OutRangeValueCount", "OutListValueCount"})
_NEAR: Final = 1e-9


@record
class Evidently:
    """Adapter for ``Report.json()`` of Evidently 0.7, and for reports and test suites before it."""

    name: str = "evidently"
    version: int = 6
    versions: tuple[str, ...] = (*LEGACY, "0.7")
    facts: tuple[str, ...] = ("drift", "data_check", "metric")
    questions: tuple[str, ...] = (
        *("drift", "metric/quality", "metric/calibration"),
        *("data_check", "data_check/null", "data_check/duplicate", "data_check/range"),
        *("data_check/unique", "data_check/schema", "data_check/label"),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise metrics with their settings; the layout before 0.7 is told apart."""
        del declared
        found = mapping(document.value)
        if is_report(found):
            reasons = ("metrics with metric_name or metric_id",)
            return Detected(format=self.name, version="0.7", confidence=1.0, reasons=reasons)
        if not is_legacy(found):
            return None
        sure = 1.0 if "version" in found else 0.9
        reasons = ("metrics or tests of the layout before 0.7",)
        version = legacy_version(found)
        return Detected(format=self.name, version=version, confidence=sure, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every metric that is drift, a data check or a quality metric."""
        if detected.version in LEGACY:
            return (read_legacy(document),)
        report = _Report(document)
        facts = tuple(report.facts())
        return (
            Reading(
                facts=facts,
                coverage=_coverage(facts),
                producer=Producer(tool=self.name),
                warnings=(
                    *notes(
                        "metric-not-read",
                        (
                            (at, f"{kind} is no drift or clear data check")
                            for kind, at in report.unread.items()
                        ),
                    ),
                    *notes("result-not-read", report.hidden()),
                ),
                malformed=any(report.hidden()),
            ),
        )


def _coverage(facts: tuple[Fact, ...]) -> tuple[Coverage, ...]:
    """Return coverage by question; of data checks, ``failed`` counts those that found something.

    A check of no rows at all examined nothing.
    """
    rows: dict[str, int] = {}
    for fact in facts:
        if not isinstance(fact, DataCheck):
            question = question_of(fact)
            rows[question] = rows.get(question, 0) + 1
    checks = coverage_of_checks(fact for fact in facts if isinstance(fact, DataCheck))
    return (*(recorded(question, lent) for question, lent in rows.items()), *checks)


def _verdicts(found: dict[str, Json]) -> dict[str, str]:
    """Return what the tests of each metric say: of several, the worst."""
    said: dict[str, str] = {}
    for raw in sequence(found.get("tests")):
        one = mapping(raw)
        metric_id = str(mapping(one.get("metric_config")).get("metric_id"))
        status = short(str(one.get("status")))
        said[metric_id] = min(said.get(metric_id, status), status, key=_badness)
    return said


def _badness(status: str) -> int:
    return _WORST.index(status) if status in _WORST else 0


class _Report:
    """One report: its metrics, with the row count and the tests that stand beside them."""

    def __init__(self, document: Parsed) -> None:
        self.unread: dict[str, str] = {}
        self._document = document
        found = mapping(document.value)
        self._metrics = [mapping(one) for one in sequence(found.get("metrics"))]
        self._configs = [config_of(one) for one in self._metrics]
        self._verdicts = _verdicts(found)
        self._rows = self._plain_count("RowCount")
        self._columns = self._plain_count("ColumnCount")
        self._missing = dict(self._nulls())
        self._by_label = any(is_by_label(config) for config in self._configs)

    def hidden(self) -> Iterator[tuple[str, str]]:
        """Yield what stands where the test of a metric should, and is none."""
        ids = {one for each in self._metrics if (one := word(each.get("id")))}
        if not self._verdicts.keys() <= ids:
            yield "/tests", "a test is of no metric that is listed"
        if not isinstance(mapping(self._document.value).get("tests"), list | None):
            yield "/tests", "tests must be a list"

    def facts(self) -> Iterator[Fact]:
        for index, one in enumerate(self._metrics):
            at = f"/metrics/{index}"
            if not kind_of(self._configs[index]):
                raise broken(self._document, "a metric must have a config with a type", at=at)
            group, config = group_of(self._configs[index])
            kind = kind_of(config)
            found = self._read(one, kind, config, group, at)
            if not found and kind not in {"RowCount", "ColumnCount"}:
                self.unread.setdefault(kind, at)
            yield from found

    def _read(
        self, one: dict[str, Json], kind: str, config: dict[str, Json], group: str, at: str
    ) -> Sequence[Fact]:
        if kind in _CHECKS:
            return (self._check(one, config, group, at),)
        if kind == "ValueDrift" and not group:
            return (self._value_drift(one, config, at),)
        if kind == "DriftedColumnsCount" and not group:
            return (self._drift_share(one, config, at),)
        if kind in _TESTED:
            verdict = self._verdicts.get(str(one.get("id")))
            return () if verdict is None else (_tested(kind, config, group, verdict, at),)
        return tuple(self._quality(one, kind, config, group, at))

    def _nulls(self) -> Iterator[tuple[str, int]]:
        """Yield how many values each column lacks, as far as the report counts them."""
        for one, config in zip(self._metrics, self._configs, strict=True):
            column, value = word(config.get("column")), one.get("value")
            counted = mapping(value).get("count") if isinstance(value, dict) else value
            if kind_of(config) == "MissingValueCount" and column and count(counted) is not None:
                yield column, count(counted) or 0

    def _plain_count(self, kind: str) -> int | None:
        for one, config in zip(self._metrics, self._configs, strict=True):
            if kind_of(config) == kind and not config.get("column_type"):
                return count(one.get("value"))
        return None

    def _value_drift(self, one: dict[str, Json], config: dict[str, Json], at: str) -> Drift:
        column = word(config.get("column"))
        if column is None:
            raise broken(self._document, "ValueDrift must have a column", at=at)
        method, statistic = method_of(config.get("method"))
        value, reason = self._number(one.get("value"), f"{at}/value", share=statistic == "p_value")
        return Drift(
            pointer=at,
            unknown=unusable("value", reason),
            column=column,
            method=method,
            statistic=statistic,
            value=value,
            tool_threshold=number(config.get("threshold")),
            tool_verdict=self._verdict(one),
        )

    def _drift_share(self, one: dict[str, Json], config: dict[str, Json], at: str) -> Drift:
        used = {
            str(config[key]) for key in ("method", "num_method", "cat_method") if config.get(key)
        }
        methods = sorted(method_of(name)[0] or "" for name in used)
        share = mapping(one.get("value")).get("share")
        value, reason = self._number(share, f"{at}/value/share", share=True)
        return Drift(
            pointer=at,
            unknown=unusable("value", reason),
            column="",
            method="+".join(methods) or None,
            statistic="share",
            value=value,
            tool_threshold=number(config.get("drift_share")),
            tool_verdict=self._verdict(one),
        )

    def _check(
        self, one: dict[str, Json], config: dict[str, Json], group: str, at: str
    ) -> DataCheck:
        kind = kind_of(config)
        check, family, of_rows = _CHECKS[kind]
        column = word(config.get("column"))
        if column is None and kind in _OF_A_COLUMN:
            raise broken(self._document, f"{kind} must have a column", at=at)
        value = one.get("value")
        counted = mapping(value).get("count") if isinstance(value, dict) else value
        share, reason = self._number(mapping(value).get("share"), f"{at}/value/share", share=True)
        failed = count(counted)
        unknown = unusable("failed_share", reason)
        if counted is not None and failed is None:
            unknown["failed"] = "malformed"
        if group:
            examined = None
        elif kind in _OF_VALUES:
            empty = share is None and failed == 0 and reason is not None
            examined = 0 if empty else self._values(column, failed, share)
        elif of_rows:
            examined = self._rows
        else:
            examined = self._columns if kind in _OF_COLUMNS else self._cells(failed, share)
        if not isinstance(value, dict) and examined and failed is not None and failed <= examined:
            share = failed / examined
        values: dict[str, object] = {
            "pointer": at,
            "unknown": unknown,
            "check": short(f"{check}[{group}]") if group else check,
            "column": column or "",
            "family": family,
            "examined": examined,
            "failed": failed,
            "failed_share": share,
            "status": None if failed is None else "fail" if failed else "pass",
            "tool_verdict": self._verdicts.get(str(one.get("id"))),
        }
        return filled(DataCheck, values)

    def _values(self, column: str | None, failed: int | None, share: float | None) -> int | None:
        """Return how many values of a column were looked at: those that are not missing."""
        missing = self._missing.get(column or "")
        if missing is not None and self._rows is not None and missing <= self._rows:
            return self._rows - missing
        if not failed or not share:
            return None
        every = round(failed / share)
        return every if abs(failed - share * every) <= _NEAR * every else None

    def _cells(self, failed: int | None, share: float | None) -> int | None:
        """Return of how many a share is: of the rows, or of the cells; None if of neither."""
        if not failed or not share or self._rows is None:
            return None
        cells = (self._rows, self._rows * (self._columns or 1))
        return next((each for each in cells if abs(failed - share * each) <= _NEAR * each), None)

    def _quality(
        self, one: dict[str, Json], kind: str, config: dict[str, Json], group: str, at: str
    ) -> Iterator[Fact]:
        trial = Trial(rows=None if group else self._rows)
        for each in measured(kind, config, one.get("value"), f"{at}/value"):
            whole = "" if self._by_label else None
            where = Where(slice=group, dimension=each.dimension or whole)
            found = metric(
                self._document, each.name, each.value, at=each.place, where=where, trial=trial
            )
            yield found.model_copy(update={"raw_name": kind, "pointer": at})

    def _number(self, value: Json, at: str, *, share: bool) -> tuple[float | None, Unusable | None]:
        """Return a number from 0, or from 0 to 1, and why it cannot be used."""
        if at in self._document.odd:
            return None, "malformed"
        found = number(value)
        if found is None:
            return None, None if value is None else "malformed"
        if found < 0 or (share and found > 1):
            return None, "malformed"
        return found, None

    def _verdict(self, one: dict[str, Json]) -> Literal["drift", "no_drift"] | None:
        status = self._verdicts.get(str(one.get("id")))
        if status == "FAIL":
            return "drift"
        return "no_drift" if status == "SUCCESS" else None


def _tested(kind: str, config: dict[str, Json], group: str, verdict: str, at: str) -> DataCheck:
    """Return a metric of the data as the check that its tests are."""
    check, family = _TESTED[kind]
    told = label(config.get("quantile")) or label(config.get("column_type")) or ""
    of = ",".join(each for each in (told, group) if each)
    return DataCheck(
        pointer=at,
        check=short(f"{check}[{of}]") if of else check,
        column=word(config.get("column")) or "",
        family=family,
        status=STATUS.get(verdict),
        tool_verdict=verdict,
    )
