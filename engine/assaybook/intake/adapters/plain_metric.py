"""The metric that nearly every document of ours holds, validated once instead of twice.

What a document writes and what becomes of it are mostly the same: then one validation of the result
is one of the document too. Anything else is left to the reader of all facts, which tells every
fault; so nothing is refused here, and nothing is read here that would be refused there.
"""

from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from pydantic import ValidationError

from assaybook.domain.facts import Metric
from assaybook.domain.metrics import CanonicalMetric, tidy_slice
from assaybook.domain.record import record
from assaybook.intake.measure import known_metric, known_split, within
from assaybook.intake.values import Json, short

_WRITTEN: Final = frozenset(Metric.model_fields) - {"pointer", "unknown"}
_MEASURED: Final = ("value", "ci_low", "ci_high")
_STATED: Final = ("slice", "dimension", "kind", "unit", "direction")
_TEXTS: Final = itemgetter("name", "raw_name", "split", *_STATED)
_NAMES: Final = 4096
_LONGEST: Final = 200
_Said = dict[str, Any]


def plain_metric(raw: Json, index: int) -> Metric | None:
    """Return the metric that stands at an index of ``facts``, or None to read it with all care."""
    if not isinstance(raw, dict) or raw.get("type") != "metric" or not raw.keys() <= _WRITTEN:
        return None
    said = _said(raw)
    if said is None:
        return None
    said["pointer"] = f"/facts/{index}"
    try:
        return Metric.model_validate(said)
    except ValidationError:
        return None


def _said(raw: dict[str, Json]) -> _Said | None:
    """Return the fields of the fact, or None where the document may say two things, or nonsense."""
    name, raw_name, split = raw.get("name"), raw.get("raw_name", ""), raw.get("split")
    if type(name) is not str or type(raw_name) is not str or len(name) > _LONGEST:
        return None
    if split is not None and (type(split) is not str or len(split) > _LONGEST):
        return None
    part = raw.get("slice")
    if part is not None and (type(part) is not str or not _is_tidy(part)):
        return None
    known, stated, laid = _by_name(name, split)
    for field, value in stated.items():
        if raw.get(field) not in (None, value):
            return None
    said: _Said = {**raw, **laid, "raw_name": raw_name or name}
    for field in _MEASURED:
        value = raw.get(field)
        if type(value) is float or type(value) is int:
            said[field] = known.in_range(float(value))
        elif value is not None:
            return None
    if raw.get("value") is not None and said["value"] is None:
        said["unknown"] = {"value": "unit"}
    return said


@record
class _Plain:
    """What its texts say of every metric that has them.

    ``question`` is that of its coverage, ``low`` and ``high`` are the ends between which a value
    stays as it is.
    """

    known: CanonicalMetric
    laid: _Said
    question: str
    low: float
    high: float


def settled(held: _Said) -> str | None:
    """Make the fields of a validated fact those of the metric that it is, as ``plain_metric`` does.

    Returns the coverage question that it answers. None where the document may say two things, or
    nonsense: then it must be read with all care.
    """
    plain = _plain(*_TEXTS(held))
    if plain is None:
        return None
    held.update(plain.laid)
    low, high = plain.low, plain.high
    for field in _MEASURED:
        value = held[field]
        if value is not None and not low <= value <= high:
            held[field] = plain.known.in_range(value)
            if field == "value" and held[field] is None:
                held["unknown"] = {"value": "unit"}
    return plain.question


@lru_cache(_NAMES)
def _is_tidy(part: str) -> bool:
    """Tell whether a slice is written as facts keep it."""
    return tidy_slice(part) == part


@lru_cache(_NAMES)
def _plain(name: str, raw_name: str, split: str | None, *stated: str | None) -> _Plain | None:
    if len(name) > _LONGEST or (split is not None and len(split) > _LONGEST):
        return None
    written: _Said = dict(zip(_STATED, stated, strict=True))
    part = written["slice"]
    known, ours, laid = _by_name(name, split)
    if not (part is None or _is_tidy(part)):
        return None
    if any(written[field] not in {None, value} for field, value in ours.items()):
        return None
    kind = laid.get("kind", written["kind"])
    question = "metric" if kind is None else f"metric/{kind}"
    return _Plain(known, {**laid, "raw_name": raw_name or name}, question, *within(known))


@lru_cache(_NAMES)
def _by_name(name: str, split: str | None) -> tuple[CanonicalMetric, _Said, _Said]:
    """Return the metric of a name, what it states of a fact, and what is laid over one."""
    known = known_metric(name)
    stated: _Said = {
        field: value
        for field, value in (("slice", known.slice), ("dimension", known.dimension))
        if value
    }
    if known.kind is not None:
        kind = known.kind
        stated |= {"kind": kind.kind, "unit": kind.unit, "direction": kind.direction}
    laid = {**stated, "name": short(known.name)}
    if known.split or split is not None:
        laid["split"] = known.split or known_split(split)
    return known, stated, laid
