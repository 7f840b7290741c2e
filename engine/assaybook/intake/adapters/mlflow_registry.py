"""MLflow's registry: versions of models and registered models, with what people wrote of them."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import ArtifactFact, Documentation, Fact, Lineage, Topic
from assaybook.intake.adapter import Reading, broken, notes, recorded
from assaybook.intake.adapters.headings import KEYS, LABELS
from assaybook.intake.adapters.huggingface import HuggingFace
from assaybook.intake.json_odd import too_much
from assaybook.intake.measure import Where, metric
from assaybook.intake.parsed import LONGEST_CARD, Parsed
from assaybook.intake.values import (
    Json,
    epoch_ms,
    label,
    mapping,
    passage,
    pointer,
    sequence,
    short,
    word,
)

PRINTED: Final = re.compile(
    r"<Metric: dataset_digest=(?P<digest>[^,]*), dataset_name=(?P<dataset>[^,]*), "
    r"key='(?P<key>[^']{1,250})'.*?, value=(?P<value>[^>,]+)>"
)
_CARD: Final = Detected(format="huggingface", version="model-card", confidence=1.0)


def is_version(found: dict[str, Json]) -> bool:
    """Tell whether an object is a version of a model, by itself or as REST answers it."""
    one = mapping(found.get("model_version")) or found
    return {"name", "version", "creation_timestamp"} <= one.keys()


def is_registered(found: dict[str, Json]) -> bool:
    """Tell whether an object is a registered model, by itself or as REST answers it."""
    one = mapping(found.get("registered_model")) or found
    said = {"latest_versions", "aliases"} & one.keys()
    return {"name", "creation_timestamp"} <= one.keys() and bool(said) and "version" not in one


def pairs(value: Json) -> dict[str, Json]:
    """Return tags or params, be they a mapping or the REST list of key and value."""
    if isinstance(value, dict):
        return value
    listed = (mapping(one) for one in sequence(value))
    return {str(one["key"]): one.get("value") for one in listed if "key" in one}


def recorded_all(facts: Sequence[Fact], *, ready: bool = True) -> tuple[Coverage, ...]:
    """Return coverage of a document that is itself the record of its rows.

    What is not ready, since it is pending or failed, is not yet what it will be: it errored.
    """
    rows: dict[str, int] = {}
    for fact in facts:
        rows[question_of(fact)] = rows.get(question_of(fact), 0) + 1
    whole = tuple(recorded(question, lent) for question, lent in rows.items())
    return whole if ready else tuple(one.model_copy(update={"errored": 1}) for one in whole)


def read_version(document: Parsed) -> Reading:
    """Read one version: the model, its run, printed metrics, and what was written of it."""
    found, base = _inner(document, "model_version")
    model = _model_name(document, found, base)
    run = word(found.get("run_id"))
    facts: list[Fact] = [*_edges(found, base, model)]
    listed = found.get("metrics")
    unread = 0 if isinstance(listed, list | None) else 1
    for index, raw in enumerate(sequence(listed)):
        printed = PRINTED.fullmatch(raw) if isinstance(raw, str) else None
        unread += printed is None and not isinstance(raw, dict)
        if printed:
            dataset = printed["dataset"].strip("'")
            where = Where(slice="", dataset=None if dataset == "None" else dataset)
            at = pointer(*base, "metrics", index)
            facts.append(metric(document, printed["key"], printed["value"], at=at, where=where))
    facts += _written(document, found, base)
    facts.append(_standing(found, base))
    status = label(found.get("status")) or "READY"
    return Reading(
        facts=tuple(facts),
        coverage=recorded_all(facts, ready=status == "READY"),
        producer=Producer(tool="mlflow"),
        run=run,
        scope=Scope(job=model),
        produced_at=_changed(found) or epoch_ms(found.get("creation_timestamp")),
        warnings=() if status == "READY" else (_not_ready(status, pointer(*base, "status")),),
        malformed=unread > 0,
    )


def read_registered(document: Parsed) -> Reading:
    """Read a registered model: its latest versions, and what was written of all of them."""
    found, base = _inner(document, "registered_model")
    name = label(found.get("name"))
    if name is None:
        raise broken(document, "a registered model must have a name", at=pointer(*base))
    facts: list[Fact] = []
    left: list[tuple[str, str]] = []
    for index, raw in enumerate(sequence(found.get("latest_versions"))):
        at: tuple[str | int, ...] = (*base, "latest_versions", index)
        if isinstance(raw, str):
            left.append((pointer(*at), "a version is only printed, so it is left out"))
            continue
        model = _model_name(document, mapping(raw), at)
        facts += _edges(mapping(raw), at, model)
    facts += _written(document, found, base)
    return Reading(
        facts=tuple(facts),
        coverage=recorded_all(facts),
        producer=Producer(tool="mlflow"),
        scope=Scope(job=name),
        produced_at=_changed(found) or epoch_ms(found.get("creation_timestamp")),
        warnings=notes("version-left-out", left),
        malformed=bool(left),
    )


def _inner(document: Parsed, key: str) -> tuple[dict[str, Json], tuple[str, ...]]:
    top = mapping(document.value)
    below = mapping(top.get(key))
    return (below, (key,)) if below else (top, ())


def _changed(found: dict[str, Json]) -> datetime | None:
    return epoch_ms(found.get("last_updated_timestamp"))


def _model_name(document: Parsed, found: dict[str, Json], base: tuple[str | int, ...]) -> str:
    name, number = label(found.get("name")), label(found.get("version"))
    if name is None or number is None:
        raise broken(document, "a model version must have name and version", at=pointer(*base))
    return short(f"{name}/{number}")


def _edges(found: dict[str, Json], base: tuple[str | int, ...], model: str) -> Iterator[Fact]:
    yield ArtifactFact(pointer=pointer(*base), name=model, kind="model")
    run = word(found.get("run_id"))
    if run:
        at = pointer(*base, "run_id")
        yield Lineage(pointer=at, source=model, target=run, relation="built_by", run=run)


def _standing(found: dict[str, Json], base: tuple[str, ...]) -> Documentation:
    """Return the version with its stage and aliases, in words."""
    stage = word(found.get("current_stage"))
    aliases = [one for raw in sequence(found.get("aliases")) if (one := label(raw))]
    said = [label(found.get("version")) or ""]
    said += [f"stage {stage}"] if stage not in {None, "None"} else []
    said += [f"aliases {', '.join(sorted(aliases))}"] if aliases else []
    return _topic("version", "; ".join(said), pointer(*base, "version"))


def _written(
    document: Parsed, found: dict[str, Json], base: tuple[str, ...]
) -> Iterator[Documentation]:
    """Yield what people wrote: the description, by its headings, and tags named after a topic."""
    text, at = found.get("description"), pointer(*base, "description")
    if isinstance(text, str) and text.strip():
        if len(text) > LONGEST_CARD:
            reason = f"a description has more than {LONGEST_CARD} characters"
            raise too_much(reason, f"{document.name}#{at}")
        topics = _card(Parsed(document.name, "markdown", text), at)
        yield from topics or [_topic("other", text, at)]
    tags = {key.lower(): value for key, value in pairs(found.get("tags")).items()}
    labels = {key: key.replace("_", " ") for key in tags}
    lines = [
        f"**{labels[key]}:** {' '.join(value.split())}"
        for key, value in tags.items()
        if labels[key] in LABELS and key not in KEYS and isinstance(value, str)
    ]
    front: Json = {key: value for key, value in tags.items() if key in KEYS}
    tagged = Parsed(document.name, "markdown", "\n".join(lines), front)
    yield from _card(tagged, pointer(*base, "tags"))


def _card(card: Parsed, at: str) -> list[Documentation]:
    """Return the topics of a text, as a model card with that text would have them."""
    read = HuggingFace().read(card, _CARD)[0].facts
    return [
        one.model_copy(update={"pointer": at}) for one in read if isinstance(one, Documentation)
    ]


def _topic(topic: Topic, text: str, at: str) -> Documentation:
    return Documentation(
        pointer=at, document="model", topic=topic, present=True, text=passage(text.strip())
    )


def _not_ready(status: str, at: str) -> Warning_:
    message = f"the version is not ready: its status is {status[:50]}"
    return Warning_(code="version-not-ready", message=message, pointer=at)
