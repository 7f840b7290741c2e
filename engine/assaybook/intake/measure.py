"""Metric facts from raw names and numbers: canonical name, unit, range, and what cannot be used."""

from dataclasses import dataclass

from assaybook.domain.facts import Metric
from assaybook.domain.metrics import CanonicalMetric, Trials, canonical_metric, canonical_split
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, Unusable, count, number, short, unusable


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
    known = canonical_metric(raw_name)
    kind = known.kind
    found, reason = _usable(document, known, value, at, percent=percent)
    low, high = (_bound(known, end, percent=percent) for end in interval)
    split = known.split or (canonical_split(where.split) if where.split else None)
    return Metric(
        pointer=at,
        unknown=unusable("value", reason),
        name=short(known.name),
        raw_name=short(raw_name),
        slice=known.slice or where.slice,
        dataset=where.dataset,
        split=split,
        dimension=known.dimension or where.dimension,
        kind=kind.kind if kind else None,
        value=found,
        unit=kind.unit if kind else None,
        direction=kind.direction if kind else None,
        n=trial.of(kind.trials) if kind else None,
        n_rows=trial.rows,
        ci_low=low,
        ci_high=high,
    )


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
