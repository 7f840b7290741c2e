"""Google Model Card Toolkit: model cards as JSON, of schema 0.0.1 and 0.0.2.

In 0.0.1 the licence is a text, the data are ``train`` and ``eval``, and a metric may be a number in
quotes and have an interval; in 0.0.2 licence and data are lists, and a data set says only in its
name or description what it was used for. Pictures are not read.
"""

import re
from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.facts import Fact, Metric, Topic
from assaybook.domain.metrics import canonical_slice
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, recorded, recorded_all
from assaybook.intake.adapters.topics import Said, documented, text_of
from assaybook.intake.measure import Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, label, mapping, pointer, sequence, short, word

_SECTIONS: Final = ("model_parameters", "quantitative_analysis", "considerations")
_PLACES: Final[tuple[tuple[tuple[str, str], Topic], ...]] = (
    (("model_details", "name"), "title"),
    (("model_details", "overview"), "other"),
    (("model_details", "documentation"), "other"),
    (("model_details", "license"), "license"),
    (("model_details", "licenses"), "license"),
    (("model_details", "version"), "version"),
    (("model_parameters", "model_architecture"), "architecture"),
    (("model_parameters", "input_format"), "other"),
    (("model_parameters", "output_format"), "other"),
    (("considerations", "users"), "intended_use"),
    (("considerations", "use_cases"), "intended_use"),
    (("considerations", "limitations"), "limitations"),
    (("considerations", "tradeoffs"), "other"),
)
_USED: Final[tuple[tuple[re.Pattern[str], Topic], ...]] = (
    (re.compile(r"\b(?:eval\w*|test\w*|valid\w*|hold[ -]?out|dev)\b"), "evaluation_data"),
    (re.compile(r"\btrain\w*\b"), "training_data"),
)
_WORDS: Final = re.compile(r"[_\W]+")
_SLICE: Final = re.compile(r"([^:]+):(.+)")


@record
class ModelCardToolkit:
    """Adapter for model cards of Google's toolkit."""

    name: str = "model-card-toolkit"
    version: int = 1
    versions: tuple[str, ...] = ("0.0.1", "0.0.2")
    facts: tuple[str, ...] = ("documentation", "metric")
    questions: tuple[str, ...] = ("documentation/model", "metric", "metric/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise model_details with a section beside it; an unstated version by its lists."""
        found = mapping(document.value)
        if document.media not in {"json", "yaml"} or not isinstance(
            found.get("model_details"), dict
        ):
            return None
        stated = label(found.get("schema_version"))
        beside = [section for section in _SECTIONS if section in found]
        if not (stated or beside or declared):
            return None
        details = mapping(found["model_details"])
        listed = isinstance(mapping(found.get("model_parameters")).get("data"), list)
        newer = listed or "licenses" in details or "citations" in details
        return Detected(
            format=self.name,
            version=stated or ("0.0.2" if newer else "0.0.1"),
            confidence=1.0 if stated else 0.9,
            reasons=("model_details" + (" with schema_version" if stated else ""),),
        )

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read what the card says of each topic, and its metrics."""
        del detected
        found = mapping(document.value)
        for section in ("model_details", *_SECTIONS):
            if found.get(section) is not None and not isinstance(found[section], dict):
                raise broken(document, f"{section} must be an object", at=pointer(section))
        left: list[tuple[str, str]] = []
        topics = tuple(documented("model", _said(found)))
        metrics = tuple(_metrics(document, found, left))
        facts: tuple[Fact, ...] = (*topics, *metrics)
        name = word(mapping(found["model_details"]).get("name"))
        return (
            Reading(
                facts=facts,
                coverage=_coverage(facts, len(left)),
                producer=Producer(tool=self.name),
                scope=Scope(job=name),
                warnings=notes("metric-left-out", left),
            ),
        )


def _coverage(facts: tuple[Fact, ...], left: int) -> tuple[Coverage, ...]:
    rows = recorded_all(facts, ("documentation/model",))
    if left and all(row.question != "metric" for row in rows):
        rows = (*rows, recorded("metric", 0))
    return tuple(
        row.model_copy(update={"errored": left}) if row.question == "metric" else row
        for row in rows
    )


def _said(found: dict[str, Json]) -> Iterator[Said]:
    for (section, key), topic in _PLACES:
        held = mapping(found.get(section))
        if key in held:
            yield Said(topic, text_of(held[key]), pointer(section, key))
    details = mapping(found.get("model_details"))
    for index, owner in _unlike(sequence(details.get("owners")), "name", "contact"):
        at = f"/model_details/owners/{index}"
        yield Said("owner", text_of(owner.get("name")), at)
        if "contact" in owner:
            yield Said("contact", text_of(owner["contact"]), f"{at}/contact")
    ethical = sequence(mapping(found.get("considerations")).get("ethical_considerations"))
    for index, raw in _unlike(ethical, "name", "mitigation_strategy"):
        at = f"/considerations/ethical_considerations/{index}"
        risk = text_of(raw.get("name")) or text_of(ethical[index])
        yield Said("risks", risk, at)
        answer = text_of(raw.get("mitigation_strategy"))
        yield Said("ethics", f"{risk}: {answer}" if risk and answer else risk or answer, at)
    yield from _data(mapping(found.get("model_parameters")).get("data"))


def _unlike(listed: list[Json], *keys: str) -> Iterator[tuple[int, dict[str, Json]]]:
    """Yield the entries of a list with their places, without those that say what one before says.

    What is said of a topic counts once, where it stands first.
    """
    seen: set[tuple[Json, ...]] = set()
    for index, raw in enumerate(listed):
        one = mapping(raw)
        said = tuple(map(one.get, keys))
        if all(type(each) is str and each.strip() for each in said):
            if said in seen:
                continue
            seen.add(said)
        yield index, one


def _data(value: Json) -> Iterator[Said]:
    """Yield what is said of the data: of each set, what it is and whether it is sensitive."""
    if isinstance(value, dict):
        by_key: tuple[tuple[str, Topic], ...] = (
            ("train", "training_data"),
            ("eval", "evaluation_data"),
        )
        for key, topic in by_key:
            if key in value:
                yield from _dataset(mapping(value[key]), topic, pointer(*_DATA, key))
    for index, raw in enumerate(sequence(value)):
        one = mapping(raw)
        words = _WORDS.sub(" ", f"{one.get('name')} {one.get('description')}".lower())
        used: list[Topic] = [topic for pattern, topic in _USED if pattern.search(words)]
        topic = used[0] if used else "other"
        yield from _dataset(one, topic, pointer(*_DATA, index))


_DATA: Final = ("model_parameters", "data")


def _dataset(one: dict[str, Json], topic: Topic, at: str) -> Iterator[Said]:
    told = [text_of(one.get(key)) for key in ("name", "description", "link")]
    yield Said(topic, "\n".join(part for part in told if part), at)
    sensitive = one.get("sensitive")
    if isinstance(sensitive, bool):
        text = f"sensitive data: {'yes' if sensitive else 'no'}"
        yield Said("personal_data", text, f"{at}/sensitive")
    elif "sensitive_data" in mapping(sensitive):
        text = text_of(mapping(sensitive)["sensitive_data"])
        yield Said("personal_data", text, f"{at}/sensitive/sensitive_data")


def _metrics(
    document: Parsed, found: dict[str, Json], left: list[tuple[str, str]]
) -> Iterator[Metric]:
    """Yield the metrics; ``left`` gathers those without a name or a plain value."""
    listed = mapping(found.get("quantitative_analysis")).get("performance_metrics")
    for index, raw in enumerate(sequence(listed)):
        at = pointer("quantitative_analysis", "performance_metrics", index)
        one = mapping(raw)
        name, value = word(one.get("type")), one.get("value")
        if name is None or isinstance(value, list | dict):
            left.append((at, "a metric has no type, or no plain value, so it is left out"))
            continue
        interval = mapping(one.get("confidence_interval"))
        threshold = label(one.get("threshold"))
        where = Where(
            slice=_slice(one.get("slice")),
            dimension=None if threshold is None else f"threshold={threshold}",
        )
        bounds = (interval.get("lower_bound"), interval.get("upper_bound"))
        place = f"{at}/value" if "value" in one else at
        yield metric(document, name, value, at=place, where=where, interval=bounds)


def _slice(value: Json) -> str:
    """Return a slice as facts write it; TensorFlow writes ``sex_X_age:female_X_old``."""
    said = label(value) or ""
    if said.lower() in {"", "overall"}:
        return ""
    found = _SLICE.fullmatch(said)
    if found is None:
        return said
    columns, values = found.group(1).split("_X_"), found.group(2).split("_X_")
    if len(columns) != len(values):
        return said
    pairs = zip(columns, values, strict=True)
    return short(canonical_slice({column.strip(): one.strip() for column, one in pairs}))
