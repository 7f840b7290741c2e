"""Metric facts from raw names and numbers: canonical name, unit, range, and what cannot be used."""

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, cast

from assaybook.domain.facts import Metric
from assaybook.domain.metrics import CanonicalMetric, Trials, canonical_metric, canonical_split
from assaybook.domain.record import record
from assaybook.intake.made import made
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, Unusable, count, number, short


@record
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


@record
class Where:
    """What a value was measured on, as far as the format says; None is not said."""

    slice: str | None = None
    dataset: str | None = None
    split: str | None = None
    dimension: str | None = None


_ANYWHERE: Final = Where()
_UNCOUNTED: Final = Trial()
_UNBOUNDED: Final = (None, None)
_NAMES: Final = 4096
"""Names that are remembered: a document has few of them, and the next one the same."""
_LONGEST_NAME: Final = 200
LONGEST: Final = 2_000
"""Characters of a short text of a fact."""
_LISTS: Final = 64
"""Lists of names that are remembered."""
_LONGEST_LIST: Final = 2_000
_GREATEST: Final = math.nextafter(sys.float_info.max, 0.0)
"""The greatest number that is one: MLflow stores an infinite metric as the greatest double."""
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
    where: Where = _ANYWHERE,
    trial: Trial = _UNCOUNTED,
    percent: bool = False,
    interval: tuple[Json, Json] = _UNBOUNDED,
) -> Metric:
    """Return the fact of one measured number, read at the pointer ``at``.

    A number that is none is unknown(malformed); one outside the range of its metric, such as 65
    for an accuracy, is unknown(unit). ``percent`` is for a format that states that unit.
    """
    texts = (raw_name, where.slice, where.dataset, where.split, where.dimension)
    few = sum(map(len, filter(None, texts))) <= _LONGEST_NAME
    common = _remembered(*texts) if few else _common(*texts)
    said = common.said.copy()
    said["pointer"] = at
    is_plain = type(value) is float and common.low <= value <= common.high
    if is_plain and not percent and not document.odd:
        said["value"] = value
    else:
        said["value"], reason = _usable(document, common.known, value, at, percent=percent)
        if reason is not None:
            said["unknown"] = {"value": reason}
    fits = common.fits and len(at) <= LONGEST
    if trial is not _UNCOUNTED:
        fits = _counted(said, common.known, trial) and fits
    if interval != _UNBOUNDED:
        ends = (_bound(common.known, end, percent=percent) for end in interval)
        said["ci_low"], said["ci_high"] = ends
    return made(Metric, said) if fits else Metric.model_validate(said)


def _counted(said: dict[str, Any], known: CanonicalMetric, trial: Trial) -> bool:
    """Say on how many cases a value rests, and tell whether the counts are known to be some."""
    said["n_rows"] = trial.rows
    if known.kind is not None and known.kind.trials is not None:
        said["n"] = trial.of(known.kind.trials)
    return all(n is None or n >= 0 for n in (said["n"], said["n_rows"]))


def metrics_of(
    document: Parsed, names: tuple[Json, ...], values: Iterable[Json], start: str, where: Where
) -> Iterator[Metric] | None:
    """Return the metrics of a list of which each value stands at ``START/INDEX/value``.

    What the names and the place say is looked up at once: the next document has the same. None
    where they are not known to be texts that name each metric once.
    """
    try:
        if sum(map(len, cast("tuple[str, ...]", names))) > _LONGEST_LIST:
            return None
        rows = _rows(names, start, where.slice, where.dataset, where.split, where.dimension)
    except TypeError:  # a name that is no text
        return None
    if rows is None:
        return None
    return (
        _valued(row, value)
        if type(value) is float and row.low <= value <= row.high
        else metric(document, row.said["raw_name"], value, at=row.said["pointer"], where=where)
        for row, value in zip(rows, values, strict=True)
    )


def _valued(row: "_Common", value: float) -> Metric:
    said = row.said.copy()
    said["value"] = value
    return made(Metric, said)


@lru_cache(_LISTS)
def _rows(names: tuple[Json, ...], start: str, *where: str | None) -> "tuple[_Common, ...] | None":
    """Return what the names of a list say of its metrics, each with its pointer."""
    if len(set(names)) < len(names) or len(start) > _LONGEST_NAME:
        return None
    found: list[_Common] = []
    for index, name in enumerate(names):
        if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
            return None
        one = _common(name, *where)
        if not one.fits:
            return None
        said = one.said | {"pointer": f"{start}/{index}/value"}
        found.append(replace(one, said=said))
    return tuple(found)


@record
class _Common:
    """What a name and a place say of every metric that has them.

    Attributes:
        known: the metric.
        said: the fields of the fact, of which the measured ones are still None.
        low: the least value that stays as it is.
        high: the greatest one.
        fits: the fields are known to be what a fact allows.
    """

    known: CanonicalMetric
    said: dict[str, Any]
    low: float
    high: float
    fits: bool


def _common(
    raw_name: str, slice_: str | None, dataset: str | None, split: str | None, dimension: str | None
) -> _Common:
    known = known_metric(raw_name)
    kind = known.kind
    said: dict[str, Any] = dict.fromkeys(Metric.model_fields)
    said |= {"unknown": {}, "type": "metric", "name": short(known.name)}
    said |= {"raw_name": short(raw_name), "slice": known.slice or slice_, "dataset": dataset}
    said |= {"split": known.split or known_split(split), "dimension": known.dimension or dimension}
    if kind is not None:
        said |= {"kind": kind.kind, "unit": kind.unit, "direction": kind.direction}
    texts = (said["slice"], said["dataset"], said["split"], said["dimension"])
    fits = all(text is None or (type(text) is str and len(text) <= LONGEST) for text in texts)
    low, high = within(known)
    return _Common(known, said, low, high, fits)


_remembered: Final = lru_cache(_NAMES)(_common)


def within(known: CanonicalMetric) -> tuple[float, float]:
    """Return the ends between which a value stays as it is; none does where it is converted."""
    if known.per != 1.0:
        return math.inf, -math.inf
    if known.kind is None:
        return -_GREATEST, _GREATEST
    return max(known.kind.low, -_GREATEST), min(known.kind.high, _GREATEST)


def _usable(
    document: Parsed, known: CanonicalMetric, value: Json, at: str, *, percent: bool
) -> tuple[float | None, Unusable | None]:
    if at in document.odd:
        return None, "malformed"
    if value is None or value == "":
        return None, None
    plain = number(value)
    if plain is None or abs(plain) > _GREATEST:
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
