"""What CycloneDX model cards and data components say: topics, metrics, emissions."""

import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from assaybook.domain.facts import Documentation, Fact, Topic
from assaybook.domain.metrics import canonical_slice
from assaybook.intake.adapter import broken
from assaybook.intake.adapters.cyclonedx_parts import Bom, Component, Path, licence_of
from assaybook.intake.measure import Where, metric
from assaybook.intake.prose import documented
from assaybook.intake.values import Json, label, mapping, number, sequence, short, word

_CONSIDERATIONS: Final[tuple[tuple[str, Topic], ...]] = (
    ("useCases", "intended_use"),
    ("users", "other"),
    ("technicalLimitations", "limitations"),
    ("performanceTradeoffs", "limitations"),
    ("ethicalConsiderations", "ethics"),
    ("ethicalConsiderations", "risks"),
    ("fairnessAssessments", "biases"),
    ("environmentalConsiderations", "environment"),
)
_DATA: Final[tuple[tuple[str, Topic], ...]] = (
    ("sensitiveData", "personal_data"),
    ("description", "collection"),
)
_PARAMETERS: Final = ("approach", "task", "architectureFamily", "modelArchitecture")
_PAIR: Final = re.compile(r"\s*([^:=,]{1,200}?)\s*[:=]\s*([^:=,]{1,200}?)\s*")
_OVERALL: Final = frozenset({"", "overall", "all", "global"})
_KG_PER_TONNE: Final = 1000.0
_DEEPEST: Final = 8
"""How far texts are looked for below a key of a card."""
_Said: TypeAlias = dict[Topic, tuple[dict[str, None], Path]]
"""What is said on each topic, every text once, and where it begins."""


def card_facts(bom: Bom, one: Component) -> Iterator[Fact]:
    """Yield what a model, with or without a card, says of itself."""
    card = mapping(one.found.get("modelCard"))
    base = (*one.path, "modelCard")
    said: _Said = {}
    _general(one, said)
    considerations = mapping(card.get("considerations"))
    for key, topic in _CONSIDERATIONS:
        if key in considerations:
            path = (*base, "considerations", key)
            _say(said, topic, list(_texts(considerations[key])), path)
    parameters = mapping(card.get("modelParameters"))
    for key in _PARAMETERS:
        if key in parameters:
            path = (*base, "modelParameters", key)
            _say(said, "architecture", list(_texts(parameters[key])), path)
    if "datasets" in parameters:
        path = (*base, "modelParameters", "datasets")
        _say(said, "training_data", list(_named(bom, parameters["datasets"])), path)
    analysis = mapping(card.get("quantitativeAnalysis"))
    path = (*base, "quantitativeAnalysis", "performanceMetrics")
    listed = sequence(analysis.get("performanceMetrics"))
    if "performanceMetrics" in analysis:
        names = [name for raw in listed if (name := word(mapping(raw).get("type")))]
        _say(said, "metrics", names, path)
    yield from _topics(bom, said, "model")
    yield from _metrics(bom, listed, path)
    yield from _emissions(bom, considerations, (*base, "considerations"))


def data_facts(bom: Bom, one: Component) -> Iterator[Fact]:
    """Yield what a data component says of itself."""
    said: _Said = {}
    _general(one, said)
    for index, raw in enumerate(sequence(one.found.get("data"))):
        found, path = mapping(raw), (*one.path, "data", index)
        for key, topic in _DATA:
            if key in found:
                _say(said, topic, list(_texts(found[key])), (*path, key))
        governance = mapping(found.get("governance"))
        for key in ("owners", "custodians", "stewards"):
            names = list(_texts(governance.get(key)))
            if names:
                _say(said, "owner", names, (*path, "governance", key))
    yield from _topics(bom, said, "dataset")


def _topics(
    bom: Bom,
    said: _Said,
    document: Literal["model", "dataset"],
) -> Iterator[Documentation]:
    for topic, (texts, path) in said.items():
        yield documented(document, topic, texts, at=bom.at(path), looked=bom.looked)


def _say(said: _Said, topic: Topic, texts: list[str], path: Path) -> None:
    known, _ = said.setdefault(topic, ({}, path))
    known.update(dict.fromkeys(texts))


def _general(one: Component, said: _Said) -> None:
    """Say what every component can say: licence, version, owner, contact."""
    found = one.found
    licence, version = licence_of(found), label(found.get("version"))
    if "licenses" in found:
        _say(said, "license", [licence] if licence else [], (*one.path, "licenses"))
    if version:
        _say(said, "version", [version], (*one.path, "version"))
    for key in ("supplier", "manufacturer", "publisher", "author", "authors"):
        value = found.get(key)
        holders: list[Json] = value if isinstance(value, list) else [value]
        for raw in holders:
            name = word(raw) or word(mapping(raw).get("name"))
            if name:
                _say(said, "owner", [name], (*one.path, key))
            for contact in (raw, *sequence(mapping(raw).get("contact"))):
                email = word(mapping(contact).get("email"))
                if email:
                    _say(said, "contact", [email], (*one.path, key))


def _texts(value: Json, depth: int = 0) -> Iterator[str]:
    """Yield the texts below a key, in order; what is deeper than any card is left out."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
    elif depth < _DEEPEST:
        below = value.values() if isinstance(value, dict) else sequence(value)
        for one in below:
            yield from _texts(one, depth + 1)


def _named(bom: Bom, datasets: Json) -> Iterator[str]:
    """Yield the names of data sets, and what is said of them."""
    for raw in sequence(datasets):
        found = mapping(raw)
        known = bom.by_ref.get(word(found.get("ref")) or "")
        if known is not None:
            yield known.name
        for value in (found.get("name"), found.get("description")):
            text = word(value)
            if text:
                yield text


def _metrics(bom: Bom, listed: list[Json], path: Path) -> Iterator[Fact]:
    for index, raw in enumerate(listed):
        found = mapping(raw)
        name = word(found.get("type"))
        if not isinstance(raw, dict) or (name is None and found.get("type") is not None):
            at = bom.at((*path, index))
            raise broken(bom.document, "a metric must be an object whose type is a text", at=at)
        if name is None:
            continue
        bounds = mapping(found.get("confidenceInterval"))
        value, percent = _number_of(found.get("value"))
        low, _ = _number_of(bounds.get("lowerBound"))
        high, _ = _number_of(bounds.get("upperBound"))
        yield metric(
            bom.document,
            name,
            value,
            at=bom.at((*path, index, "value" if "value" in found else "type")),
            where=Where(slice=slice_of(found.get("slice"))),
            percent=percent,
            interval=(low, high),
        )


def _number_of(value: Json) -> tuple[Json, bool]:
    """Return a value without its per cent sign, and whether it had one."""
    if isinstance(value, str) and value.rstrip().endswith("%"):
        return value.rstrip().removesuffix("%").rstrip(), True
    return value, False


def slice_of(value: Json) -> str | None:
    """Return a slice as facts write it; a name that is no pair stays as it is written."""
    if value is None:
        return ""
    text = word(value)
    if text is None or text.lower() in _OVERALL:
        return ""
    pairs = [_PAIR.fullmatch(part) for part in text.split(",")]
    if all(pairs):
        return short(canonical_slice({one.group(1): one.group(2) for one in pairs if one}))
    return text


def _emissions(bom: Bom, considerations: dict[str, Json], base: Path) -> Iterator[Fact]:
    """Yield the emissions of each activity, in kilograms; the format has tonnes."""
    path = (*base, "environmentalConsiderations", "energyConsumptions")
    impact = mapping(considerations.get("environmentalConsiderations"))
    for index, raw in enumerate(sequence(impact.get("energyConsumptions"))):
        cost = mapping(mapping(raw).get("co2CostEquivalent"))
        tonnes = number(cost.get("value"))
        if cost.get("unit") == "tCO2eq" and tonnes is not None:
            yield metric(
                bom.document,
                "co2_kg",
                tonnes * _KG_PER_TONNE,
                at=bom.at((*path, index, "co2CostEquivalent", "value")),
                where=Where(slice="", dimension=word(mapping(raw).get("activity"))),
            )
