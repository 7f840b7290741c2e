"""MLflow: runs, model versions, registered models, MLmodel files and the meta data of runs.

Metric names are free text in MLflow; the table of ``domain.metrics`` gives the canonical ones. The
experiment and the name of the run are the scope's job. The digest of a data set is MLflow's own
short one and is written ``mlflow:...``, so it is never compared with a SHA-256. A description is
read as a card where it has headings; tags say something of a topic where they are named after it.
A search is read as REST answers it, and as a plain list of runs (``run.to_dictionary()`` of each).
The folder of a run in a file store is put together as one document; ``meta.yaml`` alone lacks the
metrics. An alias or a stage is a word of the registry, and no proof of what is deployed. Params,
artifacts, signatures, environments and earlier steps of a metric are not read.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final, Literal, TypeAlias, cast

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Warning_
from assaybook.domain.facts import ArtifactFact, Fact, Lineage, Metric
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, certain, notes, producer, recorded, scope
from assaybook.intake.adapters.mlflow_evaluated import counted
from assaybook.intake.adapters.mlflow_logged import is_logged, read_logged
from assaybook.intake.adapters.mlflow_registry import (
    is_registered,
    is_version,
    pairs,
    read_registered,
    read_version,
    recorded_all,
)
from assaybook.intake.measure import Where, metric, metrics_of
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    epoch_ms,
    label,
    mapping,
    pointer,
    sequence,
    short,
    word,
)

_ROWS: Final = 1024
_KINDS: Final = (
    *("quality", "calibration", "fairness", "cost"),
    *("latency", "robustness", "privacy", "environment"),
)
_RELATIONS: Final[dict[str, Literal["trained_on", "tested_on"]]] = {
    "training": "trained_on",
    "train": "trained_on",
    "testing": "tested_on",
    "test": "tested_on",
    "validation": "tested_on",
    "eval": "tested_on",
    "evaluation": "tested_on",
}
_STATUS: Final[dict[str, str]] = {
    "1": "RUNNING",
    "2": "SCHEDULED",
    "3": "FINISHED",
    "4": "FAILED",
    "5": "KILLED",
}
_WHOLE: Final = "FINISHED"

Path: TypeAlias = tuple[str | int, ...]


@record
class Mlflow:
    """Adapter for MLflow's JSON and YAML."""

    name: str = "mlflow"
    version: int = 8
    versions: tuple[str, ...] = (
        *("run", "model-version", "registered-model"),
        *("logged-model", "MLmodel", "run-meta"),
    )
    facts: tuple[str, ...] = ("metric", "lineage", "artifact", "documentation")
    questions: tuple[str, ...] = (
        *("metric", "metric/*", "lineage"),
        *("artifact/model", "documentation/model"),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a run by info and data, a model version and MLmodel by their keys."""
        del declared
        if isinstance(document.value, list):
            return self._found("run", "a list of runs") if _runs(document.value) else None
        found = mapping(document.value)
        run = mapping(found.get("run")) or found
        info = mapping(run.get("info"))
        if ("run_id" in info or "run_uuid" in info) and isinstance(run.get("data"), dict):
            return self._found("run", "info.run_id with data")
        for version, reason, holds in _FORMS:
            if holds(found) and (version != "MLmodel" or document.media == "yaml"):
                return self._found(version, reason)
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the run, model version or model that the document is."""
        if detected.version == "run":
            return tuple(_run(document, run, base) for base, run in _each(document))
        readers = {
            "logged-model": read_logged,
            "model-version": read_version,
            "registered-model": read_registered,
            "MLmodel": _model,
            "run-meta": _meta,
        }
        return (readers[detected.version](document),)

    def _found(self, version: str, reason: str) -> Detected:
        return certain(self.name, version, reason)


def _runs(value: Json) -> list[Json]:
    """Return the runs of a search; none for a list of something else."""
    listed = sequence(value)
    infos = (mapping(mapping(one).get("info")) for one in listed)
    return listed if all({"run_id", "run_uuid"} & info.keys() for info in infos) else []


_FORMS: Final[tuple[tuple[str, str, Callable[[dict[str, Json]], object]], ...]] = (
    ("model-version", "a version with creation_timestamp", is_version),
    ("registered-model", "a name with versions or aliases", is_registered),
    ("logged-model", "a model_id with its experiment", is_logged),
    ("run", "a list of runs", lambda found: _runs(found.get("runs"))),
    ("MLmodel", "flavors", lambda found: "flavors" in found),
    (
        "run-meta",
        "run_id, experiment_id and lifecycle_stage",
        lambda found: {"run_id", "experiment_id", "lifecycle_stage"} <= found.keys(),
    ),
)
"""The other forms by what a document of each has."""


def _each(document: Parsed) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Yield each run with its place: by itself, as an answer for one, or one of a search."""
    top = mapping(document.value)
    one = mapping(top.get("run"))
    if isinstance(document.value, dict) and (one or "runs" not in top):
        yield (("run",), one) if one else ((), top)
        return
    base, value = (("runs",), top["runs"]) if top else ((), document.value)
    for index, raw in enumerate(_runs(value)):
        yield (*base, index), mapping(raw)


def _run(document: Parsed, run: dict[str, Json], base: Path) -> Reading:
    info, data = mapping(run.get("info")), mapping(run.get("data"))
    tags = pairs(data.get("tags"))
    split, dataset = word(tags.get("assaybook.split")), word(tags.get("assaybook.dataset"))
    where = Where(slice="", dataset=dataset, split=split)
    listed = _metrics(document, data.get("metrics"), (*base, "data", "metrics"), where)
    metrics = counted(tuple(listed))
    name = word(info.get("run_name")) or word(tags.get("mlflow.runName"))
    run_id = label(info.get("run_id")) or label(info.get("run_uuid"))
    lineage = tuple(_lineage(document, run, base, name or run_id or "run", run_id))
    status = _STATUS.get(str(info.get("status")), str(info.get("status")))
    errored = 0 if status == _WHOLE and not _is_deleted(info) else 1
    kinds = Counter([one.kind for one in metrics])
    return Reading(
        facts=(*metrics, *lineage),
        coverage=_coverage(tuple(kinds.items()), len(lineage), errored),
        producer=producer("mlflow", word(tags.get("mlflow.version")) or ""),
        run=run_id,
        scope=scope(dataset, split, job=_job(info, name)),
        produced_at=epoch_ms(info.get("end_time")) or epoch_ms(info.get("start_time")),
        warnings=(
            *_unfinished(status, (*base, "info", "status")),
            *_deleted(info, (*base, "info", "lifecycle_stage")),
            *notes("composed", _composed(run)),
            *notes("runs-left-out", _paged(document)),
        ),
    )


def _paged(document: Parsed) -> Iterator[tuple[str, str]]:
    """Yield what a reader must know of a search that has more pages."""
    if mapping(document.value).get("next_page_token"):
        yield "/next_page_token", "the search has more runs on another page"


def _composed(top: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield what a reader must know of a run that was put together from a file store."""
    files = len(sequence(top.get("composed_from")))
    if files:
        yield "/composed_from", f"put together from the {files} files of a run folder"


def _job(info: dict[str, Json], name: str | None) -> str | None:
    experiment = label(info.get("experiment_id"))
    parts = [part for part in (experiment, name) if part]
    return short("/".join(parts)) if parts else None


def _metrics(document: Parsed, value: Json, base: Path, where: Where) -> Iterator[Metric]:
    if isinstance(value, dict):
        for name, one in value.items():
            at = pointer(*base, name)
            yield metric(document, name, one, at=at, where=where)
        return
    if value is not None and not isinstance(value, list):
        raise broken(document, "metrics must be a mapping or a list", at=pointer(*base))
    listed, start = sequence(value), pointer(*base)
    plain = _plain(document, listed, start, where)
    if plain is not None:
        yield from plain
        return
    for index in _latest(document, listed, start):
        one = mapping(listed[index])
        on = word(one.get("dataset_name"))
        place = where if on is None else Where(slice="", dataset=on, split=where.split)
        at = f"{start}/{index}/value"
        yield metric(document, str(one["key"]), one.get("value"), at=at, where=place)


def _plain(
    document: Parsed, listed: list[Json], start: str, where: Where
) -> Iterator[Metric] | None:
    """Return the metrics of a run that logged each once, on no data set that it names."""
    if set(map(type, listed)) != {dict}:
        return None
    held = cast("list[dict[str, Json]]", listed)
    if any("dataset_name" in one for one in held):
        return None
    names = tuple([one.get("key") for one in held])
    return metrics_of(document, names, [one.get("value") for one in held], start, where)


def _latest(document: Parsed, listed: list[Json], start: str) -> Iterable[int]:
    """Return where the last step of each metric stands, as MLflow itself shows it."""
    last: dict[tuple[str, str], int] = {}
    for index, raw in enumerate(listed):
        one = mapping(raw)
        name = one.get("key")
        if not isinstance(name, str) or not name.strip():
            raise broken(document, "a metric must have a key", at=f"{start}/{index}")
        key = (name, str(one.get("dataset_name")))
        before = last.setdefault(key, index)
        if before != index and _rank(raw) >= _rank(listed[before]):
            last[key] = index
    return last.values()


def _rank(metric: Json) -> tuple[int, int]:
    one = mapping(metric)
    return count(one.get("step")) or 0, count(one.get("timestamp")) or 0


def _lineage(
    document: Parsed, run: dict[str, Json], base: Path, name: str, run_id: str | None
) -> Iterator[Lineage]:
    outputs = sequence(mapping(run.get("outputs")).get("model_outputs"))
    models = {found for one in outputs if (found := word(mapping(one).get("model_id")))}
    source = next(iter(models)) if len(models) == 1 else name
    inputs = sequence(mapping(run.get("inputs")).get("dataset_inputs"))
    for index, raw in enumerate(inputs):
        at = pointer(*base, "inputs", "dataset_inputs", index)
        dataset = mapping(mapping(raw).get("dataset"))
        target = word(dataset.get("name"))
        if target is None:
            raise broken(document, "a data set must have a name", at=at)
        tags = pairs(mapping(raw).get("tags"))
        context = str(tags.get("mlflow.data.context", "")).lower()
        digest = word(dataset.get("digest"))
        yield Lineage(
            pointer=at,
            source=source,
            target=target,
            relation=_RELATIONS.get(context),
            run=run_id,
            digest=f"mlflow:{digest}" if digest else None,
        )


@lru_cache(_ROWS)
def _coverage(
    kinds: tuple[tuple[str | None, int], ...], lineage: int, errored: int
) -> tuple[Coverage, ...]:
    """Return coverage of every kind of metric, of which some have none.

    A run is the record of all its metrics: one that no longer has a calibration error says so by
    its silence. A run that goes on, failed or was killed has no results yet, and one that was
    deleted no longer stands: what it logged can fail a rule and never pass one.
    """
    rows: dict[str, int] = {f"metric/{kind}": 0 for kind in _KINDS}
    rows |= {"metric" if kind is None else f"metric/{kind}": lent for kind, lent in kinds}
    if lineage:
        rows["lineage"] = lineage
    return tuple(
        recorded(question, lent).model_copy(update={"errored": errored})
        for question, lent in rows.items()
    )


def _unfinished(status: str, place: Path) -> tuple[Warning_, ...]:
    if status == _WHOLE:
        return ()
    message = f"the run is not finished: its status is {status[:50]}; its metrics are no results"
    return (Warning_(code="run-unfinished", message=message, pointer=pointer(*place)),)


def _is_deleted(info: dict[str, Json]) -> bool:
    return info.get("lifecycle_stage") == "deleted"


def _deleted(info: dict[str, Json], place: Path) -> tuple[Warning_, ...]:
    if not _is_deleted(info):
        return ()
    message = "the run was deleted in MLflow"
    return (Warning_(code="run-deleted", message=message, pointer=pointer(*place)),)


def _model(document: Parsed) -> Reading:
    """Read an MLmodel file. Its time has no zone, so it is none."""
    found = mapping(document.value)
    name = label(found.get("model_id")) or label(found.get("model_uuid"))
    run = word(found.get("run_id"))
    model = name or label(found.get("artifact_path")) or "model"
    size = count(found.get("model_size_bytes"))
    facts: list[Fact] = [ArtifactFact(pointer="", name=model, kind="model", size_bytes=size)]
    if run:
        facts.append(
            Lineage(pointer="/run_id", source=model, target=run, relation="built_by", run=run)
        )
    return Reading(
        facts=tuple(facts),
        coverage=recorded_all(facts),
        producer=producer("mlflow", label(found.get("mlflow_version")) or ""),
        run=run,
    )


def _meta(document: Parsed) -> Reading:
    """Read the meta data of a run in a file store: who and when; its metrics are elsewhere."""
    found = mapping(document.value)
    status = str(found.get("status"))
    return Reading(
        producer=producer("mlflow"),
        run=label(found.get("run_id")),
        scope=scope(job=_job(found, word(found.get("run_name")))),
        produced_at=epoch_ms(found.get("end_time")) or epoch_ms(found.get("start_time")),
        warnings=(
            *_unfinished(_STATUS.get(status, status), ("status",)),
            Warning_(
                code="metrics-elsewhere",
                message="the metrics, params and tags of the run are in other files; "
                "submit the folder of the run, or the run as JSON from the tracking server",
            ),
        ),
    )
