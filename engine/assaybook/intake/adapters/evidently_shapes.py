"""What a metric of an Evidently report is, over the layouts of 0.7 and its groups and ranks.

Before 0.7.16 or so a metric had its settings in one text (``metric_id``); later ones have a mapping
(``config``). A metric by group is of a slice, one by label of a class, one by rank of its ``k``.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from assaybook.domain.metrics import canonical_slice
from assaybook.domain.record import record
from assaybook.intake.values import Json, count, label, mapping, number, sequence

MISSING_BY_COLUMN: Final = "number_of_missing_values_by_column"
QUALITY: Final = {
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
    "MAE": "mae",
    "MAPE": "mape",
    "MeanError": "mean_error",
    "AbsMaxError": "abs_max_error",
}
_BY_LABEL: Final = {
    "F1ByLabel": "f1",
    "PrecisionByLabel": "precision",
    "RecallByLabel": "recall",
    "RocAucByLabel": "roc_auc",
}
_RANKED: Final = {
    "NDCG": "ndcg",
    "PrecisionTopK": "precision",
    "RecallTopK": "recall",
    "MAP": "map",
    "MRR": "mrr",
    "HitRate": "hit_rate",
}
_SPELT: Final = re.compile(r"(?P<kind>[A-Za-z0-9_]+)\((?P<settings>.*)\)", re.DOTALL)
_NEXT: Final = re.compile(r",(?=[a-z_][a-z0-9_]*=)")
_NUMBERS: Final = frozenset({"threshold", "drift_share", "k"})


@record
class Measured:
    """One number of quality: the metric's usual name, where the number stands, and of what."""

    name: str
    value: Json
    place: str
    dimension: str | None = None


def is_report(found: dict[str, Json]) -> bool:
    """Tell whether an object is a report of 0.7, in either layout."""
    first = mapping(next(iter(sequence(found.get("metrics"))), None))
    spelt = first.get("metric_id")
    return "metric_name" in first or (
        isinstance(spelt, str) and _SPELT.fullmatch(spelt) is not None and "value" in first
    )


def config_of(one: dict[str, Json]) -> dict[str, Json]:
    """Return the settings of a metric, be they a mapping or one text."""
    spelt = one.get("metric_id")
    if "config" in one or not isinstance(spelt, str):
        return mapping(one.get("config"))
    found = _SPELT.fullmatch(spelt)
    if found is None:
        return {}
    config: dict[str, Json] = {"type": found.group("kind")}
    for pair in _NEXT.split(found.group("settings")):
        key, sign, value = pair.partition("=")
        if sign:
            config[key] = number(value) if key in _NUMBERS else value
    return config


def kind_of(config: dict[str, Json]) -> str:
    """Return the type of a metric without the way it is registered under."""
    kind = config.get("type")
    return kind.rpartition(":")[2] if isinstance(kind, str) else ""


def group_of(config: dict[str, Json]) -> tuple[str, dict[str, Json]]:
    """Return the slice of a metric by group and its own settings; "" and the same for others."""
    if kind_of(config) != "GroupByMetric":
        return "", config
    column, value = label(config.get("column_name")), label(config.get("label"))
    inner = mapping(config.get("metric"))
    if column is None or value is None or not inner:
        return "", config
    return canonical_slice({column: value}), inner


def is_by_label(config: dict[str, Json]) -> bool:
    """Tell whether a metric has a number for each class, beside which another is of all."""
    return kind_of(config) in _BY_LABEL


def measured(kind: str, config: dict[str, Json], value: Json, at: str) -> Iterator[Measured]:
    """Yield the numbers of quality of a metric; none where it is of another sort."""
    if kind in QUALITY:
        mean = isinstance(value, dict) and "mean" in value
        plain = mapping(value).get("mean") if mean else value
        yield Measured(QUALITY[kind], plain, f"{at}/mean" if mean else at)
    elif kind in _BY_LABEL:
        for name, one in mapping(value).items():
            yield Measured(_BY_LABEL[kind], one, at, f"class={name}")
    elif kind in _RANKED:
        top = number(config.get("k"))
        if top is not None and top.is_integer():
            yield Measured(f"{_RANKED[kind]}@{int(top)}", _at_rank(value, top), at)


def _at_rank(value: Json, top: float) -> Json:
    """Return the number of the rank that was asked for, of one for each rank."""
    if not isinstance(value, dict):
        return value
    values = mapping(value.get("value"))
    ranks = mapping(value.get("rank")).items()
    return next((values.get(key) for key, rank in ranks if number(rank) == top), None)


def values_of(summaries: Iterable[Json]) -> Iterator[tuple[str, int]]:
    """Yield how many values each column has, by the summaries of one side of the comparison."""
    for raw in summaries:
        summary = mapping(raw)
        rows = count(summary.get("number_of_rows"))
        for key in ("nans_by_columns", MISSING_BY_COLUMN):
            for column, missing in mapping(summary.get(key)).items():
                nulls = count(missing)
                if rows is not None and nulls is not None and nulls <= rows:
                    yield column, rows - nulls
