"""Fairlearn ``MetricFrame``: the by-group table as CSV, and a JSON envelope around it.

The count of a group is the number of its rows. It is the trials behind accuracy and selection
rate; behind recall are the positives and behind precision the selected, which are known only where
columns ``positives`` and ``selected`` stand beside it. Fairlearn has no JSON of its own: the
envelope is ``{"overall", "by_group", "difference", "ratio", ...}``, the table as pandas writes it.
Columns of text that name no group are not read.
"""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Producer
from assaybook.domain.facts import Metric
from assaybook.domain.metrics import canonical_metric, canonical_slice
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.measure import Trial, Where, metric, trial_of
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, label, mapping, number, pointer, sequence

_ROWS: Final = ("count", "n", "n_rows", "support", "group_size")
_POSITIVES: Final = ("positives", "n_positives", "actual_positives", "positive_count")
_SELECTED: Final = ("selected", "n_selected", "predicted_positives")
_MOST_GROUPS: Final = 10_000
"""A table of more rows is data, or predictions, and no table of groups."""
_COUNTS: Final = frozenset((*_ROWS, *_POSITIVES, *_SELECTED))
_GAPS: Final = {"difference": "_difference", "ratio": "_ratio"}
_TOP: Final = (
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "equal_opportunity_difference",
    "equal_opportunity_ratio",
)


@record
class Fairlearn:
    """Adapter for by-group tables of Fairlearn."""

    name: str = "fairlearn"
    version: int = 2
    versions: tuple[str, ...] = ("by-group-csv", "envelope")
    facts: tuple[str, ...] = ("metric",)
    questions: tuple[str, ...] = (
        "metric",
        "metric/quality",
        "metric/fairness",
        "metric/calibration",
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise overall with by_group, or a table of groups whose metrics are known."""
        if document.media == "json":
            found = mapping(document.value)
            if {"overall", "by_group"} <= found.keys() or (declared and "by_group" in found):
                return self._found("envelope", 1.0, "overall and by_group")
            return None
        if document.media != "csv" or len(document.columns) < 2:  # noqa: PLR2004 - group and value
            return None
        if len(sequence(document.value)) > _MOST_GROUPS:
            return None
        known = [one for one in document.columns if canonical_metric(one).kind is not None]
        groups = _group_columns(document)
        counted = any(one.lower() in _COUNTS for one in document.columns)
        if not groups or not (known or declared) or not (counted or declared):
            return None
        return self._found("by-group-csv", 0.8, f"groups {', '.join(groups)[:200]} with metrics")

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the table, and in an envelope what stands beside it."""
        facts = _envelope(document) if detected.version == "envelope" else _table(document)
        found = tuple(facts)
        rows = {"metric/quality": 0}
        if detected.version == "envelope":
            rows["metric/fairness"] = 0
        for fact in found:
            question = f"metric/{fact.kind}" if fact.kind else "metric"
            rows[question] = rows.get(question, 0) + 1
        coverage = tuple(recorded(question, lent) for question, lent in rows.items())
        return (Reading(facts=found, coverage=coverage, producer=Producer(tool=self.name)),)

    def _found(self, version: str, confidence: float, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=confidence, reasons=(reason,))


def _is_metric(name: str) -> bool:
    return canonical_metric(name).kind is not None or name.lower() in _COUNTS


def _group_columns(document: Parsed) -> tuple[str, ...]:
    """Return the columns before the first metric: pandas writes the index there."""
    groups: list[str] = []
    for name in document.columns:
        if _is_metric(name):
            break
        groups.append(name)
    return tuple(groups) if len(groups) < len(document.columns) else tuple(groups[:1])


def _table(document: Parsed) -> Iterator[Metric]:
    groups = _group_columns(document)
    for index, raw in enumerate(sequence(document.value)):
        yield from _group(document, mapping(raw), groups, (index,))


def _envelope(document: Parsed) -> Iterator[Metric]:
    found = mapping(document.value)
    table = found.get("by_group")
    schema = mapping(mapping(table).get("schema"))
    data = mapping(table).get("data")
    keys = [one for one in sequence(schema.get("primaryKey")) if isinstance(one, str)]
    if not isinstance(data, list) or not keys:
        reason = 'by_group must be a table as pandas writes it with orient="table"'
        raise broken(document, reason, at="/by_group")
    for index, raw in enumerate(data):
        yield from _group(document, mapping(raw), tuple(keys), ("by_group", "data", index))
    overall = mapping(found.get("overall"))
    trial = _trial(overall)
    for name, value in overall.items():
        if name.lower() not in _COUNTS:
            at = pointer("overall", name)
            yield metric(document, name, value, at=at, where=Where(slice=""), trial=trial)
    where = Where(slice="", dimension=",".join(sorted(keys)))
    for part, suffix in _GAPS.items():
        for name, value in mapping(found.get(part)).items():
            known = canonical_metric(name)
            gap = canonical_metric(f"{known.name}{suffix}")
            if known.kind is not None and gap.kind is not None:
                yield metric(document, gap.name, value, at=pointer(part, name), where=where)
    for name in _TOP:
        if name in found:
            yield metric(document, name, found[name], at=pointer(name), where=where)


def _group(
    document: Parsed, row: dict[str, Json], groups: tuple[str, ...], at: tuple[str | int, ...]
) -> Iterator[Metric]:
    parts = {column: label(row.get(column)) for column in groups}
    if None in parts.values():
        raise broken(document, f"the row names no {' or '.join(groups)}", at=pointer(*at))
    where = Where(slice=canonical_slice({one: str(value) for one, value in parts.items()}))
    trial = _trial(row)
    for name, value in row.items():
        if name in groups or name.lower() in _COUNTS:
            continue
        if isinstance(value, str) and number(value) is None and not _is_metric(name):
            continue
        yield metric(document, name, value, at=pointer(*at, name), where=where, trial=trial)


def _trial(row: dict[str, Json]) -> Trial:
    lower = {name.lower(): value for name, value in row.items()}

    def first(names: tuple[str, ...]) -> Json:
        return next((lower[name] for name in names if name in lower), None)

    return trial_of(first(_ROWS), first(_POSITIVES), first(_SELECTED))
