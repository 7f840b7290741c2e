"""What the front matter of a Hugging Face card measures, and what it was made from.

Two configurations of one data set are two data sets (``Common Voice/de``). Emissions are in grams,
as the specification of the cards has them. An error rate of words or letters over one is more often
a percentage than a share, so its unit is not known. A base model and a data set are named, and not
by their bytes: the edge has no digest, and ``derived_from`` says no more than the card proves. What
a run was trained on is said by the record of the run.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal

from assaybook.domain.facts import Lineage, Metric
from assaybook.intake.measure import Where, known_metric, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    label,
    mapping,
    number,
    pointer,
    sequence,
    short,
    unusable,
    word,
)

_SPREAD: Final = re.compile(r"([-+0-9.eE]+)\s*(?:\+/-|±)\s*[-+0-9.eE]+")
"""A mean with its deviation, as cards of reinforcement learning have it (``251.2 +/- 14.1``)."""
_BESIDE: Final = re.compile(r"\s*\([^()]*\)|@.*")
"""What a name says beside the metric: ``(macro)``, ``@0.5``."""
_AVERAGES: Final = frozenset({"macro", "micro", "weighted"})
_ERROR_RATES: Final = frozenset({"word_error_rate", "character_error_rate"})
_GRAMS: Final = 1000.0
_EXTENDED: Final = "extended|"


def measured(document: Parsed, left: list[tuple[str, str]]) -> Iterator[Metric]:
    """Yield the metrics of the front matter; ``left`` gathers those that cannot be read."""
    matter = mapping(document.value)
    results = list(_results(matter, left))
    named = {
        (_dataset(one), label(mapping(one.get("dataset")).get("config"))) for one, _ in results
    }
    configs = Counter(name for name, config in named if config is not None)
    for result, base in results:
        name = _dataset(result)
        dataset = mapping(result.get("dataset"))
        config = label(dataset.get("config"))
        if name is not None and config is not None and configs[name] > 1:
            name = short(f"{name}/{config}")
        where = Where(slice="", dataset=name, split=_named(dataset.get("split")))
        yield from _metrics(document, result, base, where, left)
    yield from _emissions(document, matter.get("co2_eq_emissions"))


def _results(
    matter: dict[str, Json], left: list[tuple[str, str]]
) -> Iterator[tuple[dict[str, Json], tuple[str | int, ...]]]:
    for number_, model in enumerate(sequence(matter.get("model-index"))):
        listed = mapping(model).get("results")
        if not isinstance(listed, list | None):
            left.append((pointer("model-index", number_), "results must be a list"))
        for place, raw in enumerate(sequence(listed)):
            at = ("model-index", number_, "results", place)
            if not isinstance(mapping(raw).get("metrics"), list):
                left.append((pointer(*at), "a result without a list of metrics is left out"))
            yield mapping(raw), at


def _dataset(result: dict[str, Json]) -> str | None:
    dataset = mapping(result.get("dataset"))
    return word(dataset.get("name")) or word(dataset.get("type"))


def _named(raw: Json) -> str | None:
    """Return a name; tools of Python write ``None`` where they know none."""
    said = word(raw)
    return None if said == "None" else said


def _metrics(
    document: Parsed,
    result: dict[str, Json],
    base: tuple[str | int, ...],
    where: Where,
    left: list[tuple[str, str]],
) -> Iterator[Metric]:
    for index, raw in enumerate(sequence(result.get("metrics"))):
        at = pointer(*base, "metrics", index)
        one = mapping(raw)
        said, shown = word(one.get("type")), word(one.get("name"))
        name = _which(said, shown)
        if name is None or isinstance(one.get("value"), list | dict):
            reason = "has no type, or no plain value"
            if said and shown and name is None:
                reason = f"is {said} by its type and {shown} by its name"
            left.append((at, short(f"a metric {reason}, so it is left out")))
            continue
        yield _metric(document, _averaged(name, one), one.get("value"), f"{at}/value", where)


def _which(said: str | None, shown: str | None) -> str | None:
    """Return which metric a type and a name mean together, None where they mean two.

    The type is one of a list, so a name is often the more exact: ``Macro F1`` of the type ``f1``,
    ``mAP@0.5`` of the type ``precision``.
    """
    if said is None or shown is None:
        return said or shown
    of_type = known_metric(said).kind
    of_name = known_metric(shown).kind or known_metric(_BESIDE.sub("", shown)).kind
    if of_type is None or of_name is None or of_type is of_name:
        return said
    return shown if of_type.name in of_name.name else None


def _averaged(name: str, one: dict[str, Json]) -> str:
    """Return the name of a metric with the average that its arguments ask for."""
    asked = word(mapping(one.get("args")).get("average"))
    return f"{name}_{asked}" if asked in _AVERAGES and name == "f1" else name


def _metric(document: Parsed, name: str, value: Json, at: str, where: Where) -> Metric:
    percent = isinstance(value, str) and value.strip().endswith("%")
    spread = _SPREAD.fullmatch(value.strip()) if isinstance(value, str) else None
    plain: Json = spread.group(1) if spread else value
    if isinstance(value, str) and percent:
        plain = value.strip().removesuffix("%").strip()
    found = metric(document, name, plain, at=at, where=where, percent=percent)
    if found.name in _ERROR_RATES and found.value is not None and found.value > 1:
        return found.model_copy(update={"value": None, "unknown": unusable("value", "unit")})
    return found


def _emissions(document: Parsed, raw: Json) -> Iterator[Metric]:
    """Yield the emissions of training, be they a number of grams or a mapping with it."""
    stated = raw if not isinstance(raw, dict) else raw.get("emissions")
    grams = number(stated)
    if grams is None:
        return
    at = pointer("co2_eq_emissions", *(("emissions",) if isinstance(raw, dict) else ()))
    yield metric(document, "co2_kg", grams / _GRAMS, at=at, where=Where(slice=""))


def origins(
    document: Parsed, kind: Literal["model", "dataset"], title: str | None
) -> Iterator[Lineage]:
    """Yield an edge for each model and data set that the card says it was made from."""
    matter = mapping(document.value)
    index = mapping(next(iter(sequence(matter.get("model-index"))), None))
    source = word(index.get("name")) or word((title or "").partition("\n")[0]) or kind
    keys = ("base_model", "datasets") if kind == "model" else ("source_datasets",)
    for key in keys:
        value = matter.get(key)
        several = isinstance(value, list)
        for place, raw in enumerate(sequence(value) if several else [value]):
            target = _origin(raw, extended=kind == "dataset")
            if target is not None and target != source:
                at = pointer(key, *((place,) if several else ()))
                yield Lineage(pointer=at, source=source, target=target, relation="derived_from")


def _origin(raw: Json, *, extended: bool) -> str | None:
    """Return the name of an origin; a data card has ``original`` beside ``extended|squad``."""
    said = _named(raw)
    if said is None or not extended:
        return said
    return word(said.removeprefix(_EXTENDED)) if said.startswith(_EXTENDED) else None
