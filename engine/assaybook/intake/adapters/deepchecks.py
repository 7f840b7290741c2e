"""Deepchecks suite and check results: drift, data checks and metrics, by the name of the check.

Drift scores of Deepchecks are distances, that of Kolmogorov-Smirnov too, which is its statistic and
not its p-value. Conditions are the tool's own verdict. The report has neither a time nor row counts
of the data; a table in it is JSON within a text, so its rows are found by their place in that text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import DataCheck, Drift, Fact, Metric
from assaybook.domain.metrics import canonical_split
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, recorded
from assaybook.intake.adapters.check_families import FAMILIES, Family, coverage_of_checks
from assaybook.intake.adapters.deepchecks_words import (
    STATUSES,
    bound,
    drift_verdict,
    is_for_others,
    turned_round,
)
from assaybook.intake.adapters.drift_methods import DEEPCHECKS, Method
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.many_rows import told
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    label,
    mapping,
    number,
    pointer,
    sequence,
    short,
    unusable,
    word,
)

_DRIFT: Final = frozenset(
    {
        *("feature drift", "train test feature drift", "property drift", "image property drift"),
        *("text property drift", "label property drift", "prediction property drift"),
        *("label drift", "train test label drift", "prediction drift"),
        "train test prediction drift",
    }
)
_WHOLE_DRIFT: Final = frozenset({"multivariate drift", "whole dataset drift"})
_FAMILY: Final[dict[str, Family]] = {
    "data duplicates": "duplicate",
    "mixed nulls": "null",
    "percent of nulls": "null",
    "mixed data types": "schema",
    "special characters": "schema",
    "string mismatch": "schema",
    "string mismatch comparison": "schema",
    "string length out of bounds": "range",
    "outlier sample detection": "range",
    "new category": "range",
    "new category train test": "range",
    "is single value": "skew",
    "conflicting labels": "label",
    "new label": "label",
    "new label train test": "label",
    "class imbalance": "imbalance",
    "datasets size comparison": "representativeness",
    "train test samples mix": "leakage",
    "index train test leakage": "leakage",
    "index leakage": "leakage",
    "identifier label correlation": "leakage",
    "identifier leakage": "leakage",
    "date train test leakage duplicates": "leakage",
    "date train test leakage overlap": "leakage",
    "feature label correlation": "leakage",
    "single feature contribution": "leakage",
    "feature label correlation change": "leakage",
    "single feature contribution train test": "leakage",
}
_SHARES: Final = ("ratio", "percent_of_conflicting_samples", "percent")
_SHARE_IS_FAILED: Final = frozenset(
    {
        *("data duplicates", "conflicting labels", "train test samples mix"),
        *("index train test leakage", "index leakage", "date train test leakage duplicates"),
        "date train test leakage overlap",
    }
)
"""Checks whose number is the share of rows that the check found wrong."""
_CORRELATED: Final = frozenset({"feature label correlation"})
_BY_CLASS: Final = {"calibration score": "brier", "calibration metric": "brier"}
_SPLIT: Final = re.compile(r" - (\w+) Dataset$")
_QUOTED: Final = re.compile(r"'([^']+)'")
_PLAIN: Final = re.compile(r"[^a-z]+")
_STATUS: Final[dict[str, Literal["pass", "fail", "error"]]] = {
    "PASS": "pass",
    "FAIL": "fail",
    "WARN": "fail",
    "ERROR": "error",
}


@record
class Deepchecks:
    """Adapter for ``SuiteResult.to_json`` and ``CheckResult.to_json``."""

    name: str = "deepchecks"
    version: int = 3
    versions: tuple[str, ...] = ("SuiteResult", "CheckResult")
    facts: tuple[str, ...] = ("drift", "data_check", "metric")
    questions: tuple[str, ...] = (
        *("drift", "metric", "metric/quality", "metric/calibration", "data_check"),
        *(f"data_check/{one}" for one in FAMILIES),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise the type that Deepchecks writes, with the results or the check of it."""
        del declared
        found = mapping(document.value)
        kind = word(found.get("type"))
        if kind == "SuiteResult" and "results" in found:
            version = "SuiteResult"
        elif kind in {"CheckResult", "CheckFailure"} and "check" in found:
            version = "CheckResult"
        else:
            return None
        reasons = (f"its type is {kind}",)
        return Detected(format=self.name, version=version, confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read each check of the suite, or the one check."""
        found = mapping(document.value)
        suite = detected.version == "SuiteResult"
        if suite and not isinstance(found.get("results"), list):
            raise broken(document, "results must be a list", at="/results")
        report = _Report(document)
        parts = enumerate(sequence(found.get("results"))) if suite else [("", document.value)]
        facts = told(
            fact
            for place, one in parts
            for fact in report.facts(one, pointer("results", place) if suite else "")
        )
        unread = [
            (at, f"{kind} is no drift, data check or metric that is clear")
            for kind, at in report.unread.items()
        ]
        return (
            Reading(
                facts=tuple(facts),
                coverage=_coverage(facts),
                producer=Producer(tool=self.name),
                scope=Scope(job=word(found.get("name")) if suite else None),
                warnings=(
                    *notes("check-not-read", unread),
                    *notes("result-not-read", report.hidden),
                ),
                malformed=bool(report.hidden),
            ),
        )


def _coverage(facts: Sequence[Fact]) -> tuple[Coverage, ...]:
    found = list(coverage_of_checks(fact for fact in facts if isinstance(fact, DataCheck)))
    rows: dict[str, list[Drift | Metric]] = {}
    for fact in facts:
        if isinstance(fact, Drift | Metric):
            rows.setdefault(question_of(fact), []).append(fact)
    for question, lent in rows.items():
        lost = sum(fact.value is None for fact in lent)
        row = recorded(question, len(lent) - lost)
        found.append(row.model_copy(update={"errored": lost}))
    return tuple(found)


@record
class _Check:
    """One check: its names, where it stands, its split, and what its conditions say."""

    name: str
    kind: str
    at: str
    split: str | None
    verdict: str | None
    doubtful: bool
    conditions: tuple[tuple[str, str], ...]


class _Report:
    """One report; ``unread`` gathers checks that yield nothing, ``hidden`` those that should."""

    def __init__(self, document: Parsed) -> None:
        self.unread: dict[str, str] = {}
        self.hidden: list[tuple[str, str]] = []
        self._document = document

    def facts(self, raw: Json, at: str) -> Iterator[Fact]:
        one = mapping(raw)
        check = _named(one, at)
        if check is None:
            raise broken(self._document, "a result must name its check", at=at)
        if one.get("type") == "CheckFailure":
            yield self._failure(check, skipped=is_for_others(one.get("exception")))
            return
        value = one.get("value")
        reader = self._reader(check, value)
        if check.doubtful:
            self.hidden.append((at, "a condition has no status that is known"))
        if one.get("type") != "CheckResult":
            self.hidden.append((at, f"{check.name} does not say whether it ended"))
        if check.kind in _DRIFT or check.kind in _BY_CLASS or check.kind in _CORRELATED:
            lost = [] if mapping(value) else [(at, f"the value of {check.name} is no result")]
            self.hidden += lost
        if reader is None:
            self.unread.setdefault(check.name, at)
        else:
            yield from reader(check, value)

    def _failure(self, check: _Check, *, skipped: bool) -> Fact:
        """Return what a check that did not end would have answered, with nothing in it."""
        if check.kind in _DRIFT | _WHOLE_DRIFT:
            return Drift(pointer=check.at, column="")
        status: Literal["skip", "error"] = "skip" if skipped else "error"
        named, family = check.name, _FAMILY.get(check.kind)
        return DataCheck(pointer=check.at, check=named, column="", family=family, status=status)

    def _reader(
        self, check: _Check, value: Json
    ) -> Callable[[_Check, Json], Iterator[Fact]] | None:
        if check.kind in _DRIFT:
            return self._drift
        if check.kind in _WHOLE_DRIFT:
            return self._whole_drift
        if check.kind in _BY_CLASS:
            return self._by_class
        if self._rows(value):
            return self._scores
        if check.kind in _FAMILY or check.verdict is not None:
            return self._data_check
        return None

    def _drift(self, check: _Check, value: Json) -> Iterator[Drift]:
        found = mapping(value)
        columns = {"": value} if "Drift score" in found else found
        told = {name for _, text in check.conditions for name in _QUOTED.findall(text)}
        for column, raw in columns.items():
            at = f"{check.at}/value" + (pointer(column) if column else "")
            one = mapping(raw)
            method, statistic = _method(one.get("Method"))
            score, wrong = self._score(one.get("Drift score"), f"{at}/Drift score")
            label_drift = not column
            yield Drift(
                pointer=at,
                unknown=unusable("value", "malformed" if wrong else None),
                column=short(column) if not label_drift else _whole_name(check.kind),
                method=method,
                statistic=statistic,
                value=score,
                tool_threshold=bound(check.conditions, method),
                tool_verdict=drift_verdict(check.verdict, column, told, whole=label_drift),
            )

    def _whole_drift(self, check: _Check, value: Json) -> Iterator[Drift]:
        """Yield the drift of the data set as a classifier that tells the two sets apart sees it."""
        key = "domain_classifier_drift_score"
        at = f"{check.at}/value{pointer(key)}"
        score, wrong = self._score(mapping(value).get(key), at)
        yield Drift(
            pointer=f"{check.at}/value",
            unknown=unusable("value", "malformed" if wrong else None),
            column="",
            method="domain_classifier",
            statistic="distance",
            value=score,
            tool_threshold=bound(check.conditions, None),
            tool_verdict=drift_verdict(check.verdict, "", set(), whole=True),
        )

    def _score(self, raw: Json, at: str) -> tuple[float | None, bool]:
        """Return a number from 0, which may be wrapped with its type, and whether it is odd."""
        inner = isinstance(raw, dict)
        value = mapping(raw).get("value") if inner else raw
        odd = self._document.odd & {at, f"{at}/value"}
        found = number(value)
        if odd or (found is None and value is not None) or (found is not None and found < 0):
            return None, True
        return found, False

    def _data_check(self, check: _Check, value: Json) -> Iterator[Fact]:
        if check.kind in _CORRELATED and mapping(value):
            yield from self._correlations(check, mapping(value))
        shares = [mapping(value)[key] for key in _SHARES if key in mapping(value)]
        raw = shares[0] if shares else value
        share, wrong = None, False
        if check.kind in _SHARE_IS_FAILED and not isinstance(raw, list):
            share, wrong = self._score(raw, f"{check.at}/value")
            wrong = wrong or (share is not None and share > 1)
        yield DataCheck(
            pointer=check.at,
            unknown=unusable("failed_share", "malformed" if wrong else None),
            check=_with_split(check),
            column="",
            family=_FAMILY.get(check.kind),
            failed_share=None if wrong else share,
            status=_STATUS.get(check.verdict or ""),
            tool_verdict=check.verdict,
        )

    def _correlations(self, check: _Check, value: dict[str, Json]) -> Iterator[Metric]:
        """Yield the predictive power of each feature: one that tells all leaks the label."""
        for column, raw in value.items():
            at = f"{check.at}/value{pointer(column)}"
            where = Where(slice="", split=check.split, dimension=short(column))
            yield metric(self._document, "predictive_power_score", raw, at=at, where=where)

    def _by_class(self, check: _Check, value: Json) -> Iterator[Metric]:
        found = mapping(value)
        for name, raw in found.items():
            at = f"{check.at}/value{pointer(name)}"
            wrapped = isinstance(raw, dict)
            plain = mapping(raw).get("value") if wrapped else raw
            dimension = None if len(found) == 1 else f"class={short(name)}"
            where = Where(slice="", split=check.split, dimension=dimension)
            place = f"{at}/value" if wrapped else at
            yield metric(self._document, _BY_CLASS[check.kind], plain, at=place, where=where)

    def _rows(self, value: Json) -> list[tuple[dict[str, Json], bool]]:
        """Return the rows of a table of metrics, which is JSON in a text; else none.

        Beside each row stands whether its value is a number that is none.
        """
        if not isinstance(value, str) or not value.startswith("[{"):
            return []
        try:
            found = read_json(value, self._document.name, Limits())
        except SubmitterError:
            return []
        rows = [mapping(one) for one in sequence(found.value)]
        if not all({"Metric", "Value"} <= row.keys() for row in rows):
            return []
        return [(row, pointer(index, "Value") in found.odd) for index, row in enumerate(rows)]

    def _scores(self, check: _Check, value: Json) -> Iterator[Metric]:
        for row, odd in self._rows(value):
            name, kind = word(row.get("Metric")), label(row.get("Class"))
            if name is None:
                raise broken(self._document, "a row must name its metric", at=f"{check.at}/value")
            dataset = word(row.get("Dataset"))
            split = canonical_split(dataset) if dataset else check.split
            samples = count(row.get("Number of samples"))
            trial = Trial(rows=samples) if kind is None else Trial(positives=samples)
            dimension = None if kind is None else f"class={kind}"
            where = Where(slice="", split=split, dimension=dimension)
            at = f"{check.at}/value"
            name, plain = turned_round(name, "NaN" if odd else row.get("Value"))
            yield metric(self._document, name, plain, at=at, where=where, trial=trial)


def _named(one: dict[str, Json], at: str) -> _Check | None:
    check = one.get("check")
    name = word(mapping(check).get("name")) or word(check)
    if name is None:
        return None
    header = word(one.get("header")) or ""
    split = _SPLIT.search(header)
    listed = one.get("conditions_results")
    told = [mapping(raw) for raw in sequence(listed)]
    statuses = {str(each.get("Status")).upper() for each in told}
    doubtful = not statuses <= set(STATUSES) or not isinstance(listed, list | None)
    verdict = next((status for status in STATUSES if status in statuses), None)
    return _Check(
        name=name,
        kind=" ".join(_PLAIN.sub(" ", name.lower()).split()),
        at=at,
        split=canonical_split(split.group(1)) if split else None,
        verdict=None if doubtful and verdict == "PASS" else verdict,
        doubtful=doubtful,
        conditions=tuple((str(each.get("Condition")), str(each.get("More Info"))) for each in told),
    )


def _with_split(check: _Check) -> str:
    return short(check.name if check.split is None else f"{check.name} ({check.split})")


def _whole_name(kind: str) -> str:
    """Return what stands for the column of a drift that has none: label or prediction."""
    return "prediction" if "prediction" in kind else "label"


def _method(raw: Json) -> Method | tuple[None, None]:
    name = word(raw)
    return (None, None) if name is None else DEEPCHECKS.get(name, (name, None))
