"""Metric facts from raw names and numbers: canonical name, unit, range, and what cannot be used."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from assaybook.domain.facts import Metric
from assaybook.domain.metrics import CanonicalMetric, Trials, canonical_metric, canonical_split
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, Unusable, count, number, short


@dataclass(frozen=True, slots=True)
class Trial:
    """How many cases are behind the values of one group; None where the format does not say."""

    rows: int | None = None
    positives: int | None = None
    selected: int | None = None

    def of(self, trials: Trials | None) -> int | None:
        """Return the trials of a metric: for recall the positives, for accuracy all rows."""
        if trials == "rows":
            return self.rows
        if trials == "positives":
            return self.positives
        if trials == "selected":
            return self.selected
        if trials == "negatives" and self.rows is not None and self.positives is not None:
            return self.rows - self.positives if self.rows >= self.positives else None
        return None


@dataclass(frozen=True, slots=True)
class Where:
    """What a value was measured on, as far as the format says; None is not said."""

    slice: str | None = None
    dataset: str | None = None
    split: str | None = None
    dimension: str | None = None


_NAMES: Final = 4096
"""Names that are remembered: a document has few of them, and the next one the same."""
_LONGEST_NAME: Final = 200
_METRIC: Final = lru_cache(_NAMES)(canonical_metric)
_SPLIT: Final = lru_cache(_NAMES)(canonical_split)


def known_metric(raw: str) -> CanonicalMetric:
    """Say which metric a raw name is."""
    return _METRIC(raw) if len(raw) <= _LONGEST_NAME else canonical_metric(raw)


def known_split(raw: str | None) -> str | None:
    """Return the usual name of a split; None where there is none, or its name is empty."""
    if not raw:
        return None
    return _SPLIT(raw) if len(raw) <= _LONGEST_NAME else canonical_split(raw)


def metric(  # noqa: PLR0913 - one keyword for each thing that a format may say
    document: Parsed,
    raw_name: str,
    value: Json,
    *,
    at: str,
    where: Where = Where(),
    trial: Trial = Trial(),
    percent: bool = False,
    interval: tuple[Json, Json] = (None, None),
) -> Metric:
    """Return the fact of one measured number, read at the pointer ``at``.

    A number that is none is unknown(malformed); one outside the range of its metric, such as 65
    for an accuracy, is unknown(unit). ``percent`` is for a format that states that unit.
    """
    known = known_metric(raw_name)
    found, reason = _usable(document, known, value, at, percent=percent)
    said: dict[str, object] = {
        "pointer": at,
        "name": short(known.name),
        "raw_name": short(raw_name),
        "slice": known.slice or where.slice,
        "dataset": where.dataset,
        "split": known.split or known_split(where.split),
        "dimension": known.dimension or where.dimension,
        "value": found,
        "n_rows": trial.rows,
    }
    kind = known.kind
    if kind is not None:
        said |= {"kind": kind.kind, "unit": kind.unit, "direction": kind.direction}
        said["n"] = trial.of(kind.trials)
    if reason is not None:
        said["unknown"] = {"value": reason}
    low, high = interval
    if low is not None or high is not None:
        said["ci_low"] = _bound(known, low, percent=percent)
        said["ci_high"] = _bound(known, high, percent=percent)
    return Metric.model_validate(said)


def _usable(
    document: Parsed, known: CanonicalMetric, value: Json, at: str, *, percent: bool
) -> tuple[float | None, Unusable | None]:
    if at in document.odd:
        return None, "malformed"
    if value is None or value == "":
        return None, None
    plain = number(value)
    if plain is None:
        return None, "malformed"
    scaled = known.in_range(plain / _per(known, percent=percent))
    return scaled, None if scaled is not None else "unit"


def _bound(known: CanonicalMetric, value: Json, *, percent: bool) -> float | None:
    plain = number(value)
    return None if plain is None else known.in_range(plain / _per(known, percent=percent))


def _per(known: CanonicalMetric, *, percent: bool) -> float:
    return 100.0 if percent and known.kind is not None and known.kind.unit == "ratio" else 1.0


def trial_of(rows: Json, positives: Json = None, selected: Json = None) -> Trial:
    """Return the trials of a group from counts as a table writes them (``318.0``)."""
    return Trial(count(rows), count(positives), count(selected))
