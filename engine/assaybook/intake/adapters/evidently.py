"""Evidently reports and test suites: drift, and clear data checks and quality metrics.

The direction of a drift number is in its method: for PSI more is more drift, for the p-value of
Kolmogorov-Smirnov less is. Reports of 0.7 have neither a time nor row counts of the two windows;
older ones have a time without its zone, and row counts only where a metric happens to give them.
"""

from collections.abc import Iterator
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import DataCheck, Drift, Fact
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, recorded
from assaybook.intake.adapters.drift_methods import method_of
from assaybook.intake.adapters.evidently_legacy import (
    LEGACY,
    is_legacy,
    legacy_version,
    read_legacy,
)
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    Unusable,
    count,
    mapping,
    number,
    pointer,
    sequence,
    unusable,
    word,
)

Family = Literal["null", "duplicate", "range"]

_CHECKS: Final[dict[str, tuple[str, Family, bool]]] = {
    "DuplicatedRowCount": ("duplicated_rows", "duplicate", True),
    "DuplicatedColumnsCount": ("duplicated_columns", "duplicate", False),
    "EmptyRowsCount": ("empty_rows", "null", True),
    "MissingValueCount": ("missing_values", "null", True),
    "DatasetMissingValueCount": ("missing_values", "null", False),
    "OutRangeValueCount": ("values_out_of_range", "range", True),
    "OutListValueCount": ("values_out_of_list", "range", True),
}
"""Metrics that count what is wrong: check, family, and whether the rows are what was examined."""
_QUALITY: Final = {
    "Accuracy": "accuracy",
    "Precision": "precision",
    "Recall": "recall",
    "F1Score": "f1",
    "RocAuc": "roc_auc",
    "LogLoss": "log_loss",
    "TPR": "recall",
    "TNR": "specificity",
    "FPR": "false_positive_rate",
    "FNR": "false_negative_rate",
    "RMSE": "rmse",
    "R2Score": "r2",
}


@record
class Evidently:
    """Adapter for ``Report.json()`` of Evidently 0.7, and for reports and test suites before it."""

    name: str = "evidently"
    version: int = 3
    versions: tuple[str, ...] = (*LEGACY, "0.7")
    facts: tuple[str, ...] = ("drift", "data_check", "metric")
    questions: tuple[str, ...] = (
        *("drift", "metric/quality", "metric/calibration"),
        *("data_check", "data_check/null", "data_check/duplicate", "data_check/range"),
        *("data_check/unique", "data_check/schema", "data_check/label"),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise metrics with metric_name and config; the older layout is told apart."""
        del declared
        found = mapping(document.value)
        first = mapping(next(iter(sequence(found.get("metrics"))), None))
        if "metric_name" in first:
            reasons = ("metrics with metric_name",)
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
                warnings=notes(
                    "metric-not-read",
                    (
                        (at, f"{kind} is no drift or clear data check")
                        for kind, at in report.unread.items()
                    ),
                ),
            ),
        )


def _coverage(facts: tuple[Fact, ...]) -> tuple[Coverage, ...]:
    """Return coverage by question; of data checks, ``failed`` counts those that found something."""
    rows: dict[str, list[Fact]] = {}
    for fact in facts:
        rows.setdefault(question_of(fact), []).append(fact)
    found: list[Coverage] = []
    for question, lent in rows.items():
        failed = sum(isinstance(fact, DataCheck) and bool(fact.failed) for fact in lent)
        found.append(recorded(question, len(lent)).model_copy(update={"failed": failed}))
    return tuple(found)


class _Report:
    """One report: its metrics, with the row count and the tests that stand beside them."""

    def __init__(self, document: Parsed) -> None:
        self.unread: dict[str, str] = {}
        self._document = document
        found = mapping(document.value)
        self._metrics = sequence(found.get("metrics"))
        self._verdicts = {
            str(mapping(mapping(one).get("metric_config")).get("metric_id")): str(
                mapping(one).get("status")
            )
            for one in sequence(found.get("tests"))
        }
        self._rows = self._plain_count("RowCount")
        self._columns = self._plain_count("ColumnCount")

    def facts(self) -> Iterator[Fact]:
        for index, raw in enumerate(self._metrics):
            one = mapping(raw)
            at = pointer("metrics", index)
            kind = _kind(one)
            if not kind:
                raise broken(self._document, "a metric must have a config with a type", at=at)
            if kind == "ValueDrift":
                yield self._value_drift(one, at)
            elif kind == "DriftedColumnsCount":
                yield self._drift_share(one, at)
            elif kind in _CHECKS:
                yield self._check(one, kind, at)
            elif kind in _QUALITY:
                yield self._quality(one, kind, at)
            elif kind not in {"RowCount", "ColumnCount"}:
                self.unread.setdefault(kind, at)

    def _plain_count(self, kind: str) -> int | None:
        for raw in self._metrics:
            one = mapping(raw)
            if _kind(one) == kind and not mapping(one.get("config")).get("column_type"):
                return count(one.get("value"))
        return None

    def _value_drift(self, one: dict[str, Json], at: str) -> Drift:
        config = mapping(one.get("config"))
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

    def _drift_share(self, one: dict[str, Json], at: str) -> Drift:
        config = mapping(one.get("config"))
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

    def _check(self, one: dict[str, Json], kind: str, at: str) -> DataCheck:
        check, family, of_rows = _CHECKS[kind]
        value = one.get("value")
        counted = mapping(value).get("count") if isinstance(value, dict) else value
        share, reason = self._number(mapping(value).get("share"), f"{at}/value/share", share=True)
        failed = count(counted)
        unknown = unusable("failed_share", reason)
        if counted is not None and failed is None:
            unknown["failed"] = "malformed"
        columns = self._columns if kind == "DuplicatedColumnsCount" else None
        examined = self._rows if of_rows else columns
        if not isinstance(value, dict) and examined and failed is not None and failed <= examined:
            share = failed / examined
        return DataCheck(
            pointer=at,
            unknown=unknown,
            check=check,
            column=word(mapping(one.get("config")).get("column")) or "",
            family=family,
            examined=examined,
            failed=failed,
            failed_share=share,
            status=None if failed is None else "fail" if failed else "pass",
            tool_verdict=self._verdicts.get(str(one.get("id"))),
        )

    def _quality(self, one: dict[str, Json], kind: str, at: str) -> Fact:
        value = one.get("value")
        mean = isinstance(value, dict) and "mean" in value
        place = f"{at}/value/mean" if mean else f"{at}/value"
        plain = mapping(value).get("mean") if mean else value
        where, trial = Where(slice=""), Trial(rows=self._rows)
        found = metric(self._document, _QUALITY[kind], plain, at=place, where=where, trial=trial)
        return found.model_copy(update={"raw_name": kind, "pointer": at})

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


def _kind(one: dict[str, Json]) -> str:
    kind = mapping(one.get("config")).get("type")
    return kind.rpartition(":")[2] if isinstance(kind, str) else ""
