"""The metric that nearly every document of ours holds, validated once instead of twice.

What a document writes and what becomes of it are mostly the same: then one validation of the result
is one of the document too. Anything else is left to the reader of all facts, which tells every
fault; so nothing is refused here, and nothing is read here that would be refused there.
"""

from typing import Final

from pydantic import ValidationError

from assaybook.domain.facts import Metric
from assaybook.domain.metrics import CanonicalMetric
from assaybook.intake.measure import known_metric, known_split
from assaybook.intake.values import Json, short

_WRITTEN: Final = frozenset(Metric.model_fields) - {"pointer", "unknown"}
_NUMBERS: Final = frozenset({int, float, type(None)})
_LONGEST: Final = 2_000
_MEASURED: Final = ("value", "ci_low", "ci_high")


def plain_metric(raw: Json, index: int) -> Metric | None:
    """Return the metric that stands at an index of ``facts``, or None to read it with all care."""
    if not isinstance(raw, dict) or raw.get("type") != "metric" or not raw.keys() <= _WRITTEN:
        return None
    name = raw.get("name")
    if not isinstance(name, str) or len(name) > _LONGEST or _is_odd(raw):
        return None
    known = known_metric(name)
    said: dict[str, object] = dict(raw)
    said["pointer"] = f"/facts/{index}"
    if not raw.get("raw_name"):
        said["raw_name"] = name
    if known.name != name:
        said["name"] = short(known.name)
    if not (_placed(known, raw, said) and _typed(known, raw, said)):
        return None
    for field in _MEASURED:
        value = raw.get(field)
        if value is not None:
            said[field] = known.in_range(float(value))  # type: ignore[arg-type]
    if said.get("value") is None and raw.get("value") is not None:
        said["unknown"] = {"value": "unit"}
    try:
        return Metric.model_validate(said)
    except ValidationError:
        return None


def _is_odd(raw: dict[str, Json]) -> bool:
    """Tell whether what is worked on is of another type than a metric has there."""
    if not isinstance(raw.get("raw_name", ""), str):
        return True
    return any(type(raw.get(field)) not in _NUMBERS for field in _MEASURED)


def _placed(known: CanonicalMetric, raw: dict[str, Json], said: dict[str, object]) -> bool:
    """Lay what the name says of the slice and the split over what stands beside it."""
    split = raw.get("split")
    if split is not None and (not isinstance(split, str) or len(split) > _LONGEST):
        return False
    if split is not None or known.split:
        said["split"] = known.split or known_split(split)
    for field, named in (("slice", known.slice), ("dimension", known.dimension)):
        if named:
            if raw.get(field) is not None:
                return False
            said[field] = named
    return True


def _typed(known: CanonicalMetric, raw: dict[str, Json], said: dict[str, object]) -> bool:
    """Give a known metric its kind, unit and direction; what the document says must be the same."""
    kind = known.kind
    if kind is None:
        return True
    for field, named in (("kind", kind.kind), ("unit", kind.unit), ("direction", kind.direction)):
        if raw.get(field) is None:
            said[field] = named
        elif raw[field] != named:
            return False
    return True
