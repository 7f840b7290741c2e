"""Fairlearn ``MetricFrame``: the by-group table as CSV or JSON, and a JSON envelope around it.

The count of a group is the number of its rows. It is the trials behind accuracy and selection
rate; behind recall are the positives and behind precision the selected, which are known only where
columns ``positives`` and ``selected`` stand beside it. Fairlearn has no JSON of its own: the
envelope is ``{"overall", "by_group", "difference", "ratio", ...}``, the table as pandas writes it
with ``orient="table"``; its other forms do not say which feature the groups are of. Columns of text
that name no group are not read. ``ratio()`` and ``by_group_ci`` write tables of the same look that
are of no group: their counts are not whole, and they are refused. Tables of ``difference()``,
``group_min()`` and ``group_max()`` with control features cannot be told from those of groups.
"""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Producer
from assaybook.domain.facts import Metric
from assaybook.domain.metrics import canonical_metric, canonical_slice
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.many_rows import told
from assaybook.intake.measure import Trial, Where, metric, trial_of
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, label, mapping, number, pointer, sequence

_ROWS: Final = ("count", "n", "n_rows", "support", "group_size")
_POSITIVES: Final = ("positives", "n_positives", "actual_positives", "positive_count")
_SELECTED: Final = ("selected", "n_selected", "predicted_positives")
_MOST_GROUPS: Final = 10_000
"""A table of more rows is data, or predictions, and no table of groups."""
_COUNTS: Final = frozenset((*_ROWS, *_POSITIVES, *_SELECTED))
_NAMELESS: Final = (
    'Write by_group.to_csv(FILE), or by_group.to_json(orient="table"): in other forms of pandas '
    "nobody is told which feature the groups are of."
)
_BY_GROUP: Final = (
    "Submit by_group: ratios and limits of a bootstrap are no numbers of a group. Rename a column "
    "of weights that is no count."
)
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
    version: int = 4
    versions: tuple[str, ...] = ("by-group-csv", "by-group-json", "envelope")
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
            return self._of_object(mapping(document.value), declared=declared)
        if document.media != "csv" or len(document.columns) < 2:  # noqa: PLR2004 - group and value
            return None
        if len(sequence(document.value)) > _MOST_GROUPS:
            return None
        known = [one for one in document.columns if canonical_metric(one).kind is not None]
        groups = _group_columns(document)
        if _is_of_others(document, groups):
            return None
        counted = any(one.lower() in _COUNTS for one in document.columns)
        if not groups or not (known or declared) or not (counted or declared):
            return None
        return self._found("by-group-csv", 0.8, f"groups {', '.join(groups)[:200]} with metrics")

    def _of_object(self, found: dict[str, Json], *, declared: bool) -> Detected | None:
        if {"overall", "by_group"} <= found.keys() or (declared and "by_group" in found):
            return self._found("envelope", 1.0, "overall and by_group")
        if _is_grouped(found, declared=declared):
            return self._found("by-group-json", 0.8, "a table of pandas, groups with metrics")
        if declared and _is_bare(found):
            return self._found("envelope", 0.0, "numbers by metric and group, and submitted so")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the table, and in an envelope what stands beside it."""
        found = told(_READERS[detected.version](document))
        rows = {"metric/quality": 0}
        if detected.version == "envelope":
            rows["metric/fairness"] = 0
        for fact in found:
            question = f"metric/{fact.kind}" if fact.kind else "metric"
            rows[question] = rows.get(question, 0) + 1
        coverage = tuple(recorded(question, lent) for question, lent in rows.items())
        return (Reading(facts=tuple(found), coverage=coverage, producer=Producer(tool=self.name)),)

    def _found(self, version: str, confidence: float, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=confidence, reasons=(reason,))


def _is_of_others(document: Parsed, groups: tuple[str, ...]) -> bool:
    """Tell whether a table is another tool's: its columns name groups otherwise, or no groups.

    Classes in a report of scikit-learn are no groups of people; Aequitas names features in cells.
    """
    rows = map(mapping, sequence(document.value))
    classes = any(row.get(one) == "weighted avg" for row in rows for one in groups)
    return classes or {"attribute_name", "attribute_value"} <= set(groups)


def _is_grouped(found: dict[str, Json], *, declared: bool) -> bool:
    """Tell whether an object is a table by pandas, of groups that are counted, with metrics."""
    schema = mapping(found.get("schema"))
    if "pandas_version" not in schema or not isinstance(found.get("data"), list):
        return False
    fields = [mapping(one).get("name") for one in sequence(schema.get("fields"))]
    names = [one for one in fields if isinstance(one, str)]
    known = any(canonical_metric(one).kind is not None for one in names)
    counted = any(one.lower() in _COUNTS for one in names)
    return declared or (known and counted and bool(_keys(found)))


def _is_bare(found: dict[str, Json]) -> bool:
    """Tell whether an object is numbers by metric and group, which names no feature."""
    tables = [mapping(one) for one in found.values()]
    return bool(tables) and all(one and not any(map(_is_nested, one.values())) for one in tables)


def _is_nested(value: Json) -> bool:
    return isinstance(value, dict | list | str)


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


def _rows(
    document: Parsed, table: Json, at: tuple[str, ...]
) -> tuple[Iterator[Metric], tuple[str, ...]]:
    """Return the metrics of a table as pandas writes it, and the features of its groups."""
    keys = _keys(mapping(table))
    data = mapping(table).get("data")
    if not isinstance(data, list) or not keys:
        reason = 'by_group must be a table as pandas writes it with orient="table", by feature'
        raise broken(document, reason, at=pointer(*at), hint=_NAMELESS)
    rows = (
        one
        for index, raw in enumerate(data)
        for one in _group(document, mapping(raw), keys, (*at, "data", index))
    )
    return rows, keys


def _keys(table: dict[str, Json]) -> tuple[str, ...]:
    """Return the features of a table's groups; pandas calls what has no name ``index``."""
    keys = sequence(mapping(table.get("schema")).get("primaryKey"))
    found = tuple(one for one in keys if isinstance(one, str))
    return () if found == ("index",) else found


def _grouped(document: Parsed) -> Iterator[Metric]:
    yield from _rows(document, document.value, ())[0]


def _envelope(document: Parsed) -> Iterator[Metric]:
    found = mapping(document.value)
    rows, keys = _rows(
        document, found.get("by_group"), ("by_group",) if "by_group" in found else ()
    )
    yield from rows
    for part in ("overall", *_GAPS):
        if not isinstance(found.get(part), dict | None):
            raise broken(document, f"{part} must be an object", at=pointer(part))
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
    parted = next((one for one, value in row.items() if _is_parted(one, value)), None)
    if parted is not None:
        reason = f"{parted} is no whole number, so this is no table of groups"
        raise broken(document, reason, at=pointer(*at, parted), hint=_BY_GROUP)
    where = Where(slice=canonical_slice({one: str(value) for one, value in parts.items()}))
    trial = _trial(row)
    for name, value in row.items():
        if name in groups or name.lower() in _COUNTS:
            continue
        if isinstance(value, str) and number(value) is None and not _is_metric(name):
            continue
        yield metric(document, name, value, at=pointer(*at, name), where=where, trial=trial)


def _is_parted(name: str, value: Json) -> bool:
    """Tell whether a column of counts has a number here that is none."""
    found = number(value) if name.lower() in _COUNTS else None
    return found is not None and not found.is_integer()


def _trial(row: dict[str, Json]) -> Trial:
    lower = {name.lower(): value for name, value in row.items()}

    def first(names: tuple[str, ...]) -> Json:
        return next((lower[name] for name in names if name in lower), None)

    return trial_of(first(_ROWS), first(_POSITIVES), first(_SELECTED))


_READERS: Final = {"by-group-csv": _table, "by-group-json": _grouped, "envelope": _envelope}
