"""MLflow 3's logged models: the model of a run, and its metrics by data set.

The tracking server answers with ``{"model": {"info", "data"}}``; the client's ``to_dictionary`` is
flat, and prints its metrics where it is dumped as text.
"""

import re
from collections.abc import Iterator
from typing import Final

from assaybook.domain.evidence import Producer, Scope, Warning_
from assaybook.domain.facts import ArtifactFact, Fact, Lineage, Metric
from assaybook.intake.adapter import Reading, notes
from assaybook.intake.adapters.mlflow_registry import PRINTED, recorded_all
from assaybook.intake.measure import Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, epoch_ms, label, mapping, pointer, sequence, word

_READY: Final = frozenset({"2", "READY", "LOGGED_MODEL_READY", "None"})
_QUOTED: Final = re.compile(r"'(.*)'")


def is_logged(found: dict[str, Json]) -> bool:
    """Tell whether an object is a logged model, by itself or as REST answers it."""
    info = mapping(mapping(found.get("model")).get("info"))
    flat = {"model_id", "source_run_id", "experiment_id"} <= found.keys()
    return flat or {"model_id", "experiment_id"} <= info.keys()


def read_logged(document: Parsed) -> Reading:
    """Read the model, the run that made it, and its metrics."""
    top = mapping(document.value)
    below = mapping(top.get("model"))
    info, at = (mapping(below.get("info")), ("model", "info")) if below else (top, ())
    data, of = (mapping(below.get("data")), ("model", "data")) if below else (top, ())
    model = label(info.get("model_id")) or "model"
    run = label(info.get("source_run_id"))
    left: list[tuple[str, str]] = []
    facts: list[Fact] = [ArtifactFact(pointer=pointer(*at), name=model, kind="model")]
    if run:
        place = pointer(*at, "source_run_id")
        facts.append(Lineage(pointer=place, source=model, target=run, relation="built_by", run=run))
    facts += _metrics(document, sequence(data.get("metrics")), (*of, "metrics"), left)
    stamps = ("last_updated_timestamp", "last_updated_timestamp_ms", "creation_timestamp")
    times = (epoch_ms(info.get(key)) for key in (*stamps, "creation_timestamp_ms"))
    return Reading(
        facts=tuple(facts),
        coverage=recorded_all(facts, ready=str(info.get("status")) in _READY),
        producer=Producer(tool="mlflow"),
        run=run,
        scope=Scope(job=word(info.get("name")) or model),
        produced_at=next((one for one in times if one is not None), None),
        warnings=(*_status(info, pointer(*at, "status")), *notes("metric-left-out", left)),
        malformed=bool(left),
    )


def _metrics(
    document: Parsed, listed: list[Json], base: tuple[str, ...], left: list[tuple[str, str]]
) -> Iterator[Metric]:
    for index, raw in enumerate(listed):
        at = pointer(*base, index)
        printed = PRINTED.fullmatch(raw) if isinstance(raw, str) else None
        one = mapping(raw)
        name = printed["key"] if printed else word(one.get("key"))
        if name is None:
            left.append((at, "a metric has no key, so it is left out"))
            continue
        quoted = _QUOTED.fullmatch(printed["dataset"]) if printed else None
        dataset = quoted.group(1) if quoted else word(one.get("dataset_name"))
        value = printed["value"] if printed else one.get("value")
        place = at if printed else f"{at}/value"
        yield metric(document, name, value, at=place, where=Where(slice="", dataset=dataset))


def _status(info: dict[str, Json], at: str) -> tuple[Warning_, ...]:
    status = str(info.get("status"))
    if status in _READY:
        return ()
    message = f"the model is not ready: its status is {status[:50]}"
    return (Warning_(code="version-not-ready", message=message, pointer=at),)
