"""OpenLineage events: one file of one event, or JSON lines of many runs.

The events of one run are one reading; each data set with quality facets is one more, since a check
belongs to its data set. The digest of an edge is that of what the run read: ``algorithm:value`` as
the version facet writes it, else ``openlineage:<version>``, which no digest can equal. A job of
training or testing that names no output is itself what was made. A run that failed, or that no
event ends, was not told whole.
"""

import re
from collections.abc import Iterator
from dataclasses import field, replace
from datetime import datetime
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import (
    AboutArtifact,
    AboutSubject,
    Coverage,
    Producer,
    Scope,
    Warning_,
)
from assaybook.domain.facts import Fact, Lineage
from assaybook.domain.record import draft, record
from assaybook.intake.adapter import Reading, notes, recorded
from assaybook.intake.adapters.check_families import coverage_of_checks
from assaybook.intake.adapters.openlineage_quality import (
    Path,
    checks_of,
    dataset_name,
    unreadable_checks,
)
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    flag,
    instant,
    label,
    lacks_zone,
    mapping,
    pointer,
    sequence,
    short,
    word,
)

Relation = Literal["trained_on", "tested_on", "derived_from"]

_DIGEST: Final = re.compile(
    r"(sha(?:1|224|256|384|512)|md5|blake3|xxh64):([A-Za-z0-9+/=_.-]{1,256})"
)
_NOT_IN_DIGEST: Final = re.compile(r"[^A-Za-z0-9+/=_.-]")
_GOING_ON: Final = frozenset({"START", "RUNNING", "OTHER"})
_UNSTATED: Final = "None"
_TRAINING: Final = frozenset({"TRAIN", "TRAINING", "FIT", "FINE_TUNE", "FINETUNE"})
_TESTING: Final = frozenset({"EVALUATE", "EVALUATION", "EVAL", "TEST", "TESTING", "VALIDATE"})
_VERSION_PART: Final = re.compile(r"/(?:tree|blob)/[^/]+/")


@draft
class _Run:
    """The events of one run of one job, each with its path in the document."""

    job: str | None
    run: str | None
    events: list[tuple[Path, dict[str, Json]]] = field(default_factory=list)

    def last(self) -> dict[str, Json]:
        """Return the event that says most: the last that ends the run, else the last."""
        ending = [one for _, one in self.events if str(one.get("eventType")) not in _GOING_ON]
        return (ending or [one for _, one in self.events])[-1]


@record
class OpenLineage:
    """Adapter for run, job and data set events."""

    name: str = "openlineage"
    version: int = 4
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("lineage", "data_check")
    questions: tuple[str, ...] = ("lineage", "data_check", "data_check/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise an event by job or dataset with its time, or a facet by its schema."""
        del declared
        first = next(iter(_events(document)), None)
        if first is None:
            return None
        event = first[1]
        spec = str(event.get("schemaURL", ""))
        found = re.search(r"/spec/(\d+-\d+-\d+)/", spec)
        version = found.group(1).replace("-", ".") if found else ""
        return Detected(
            format=self.name,
            version=version,
            confidence=1.0,
            reasons=("an event with a job, run or data set, or facets with _schemaURL",),
        )

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read each run, and each data set that has quality facets."""
        del detected
        runs: dict[tuple[str | None, str | None], _Run] = {}
        for path, event in _events(document):
            job = dataset_name(mapping(event.get("job")))
            run = word(mapping(event.get("run")).get("runId"))
            key = job or dataset_name(mapping(event.get("dataset")))
            runs.setdefault((key, run), _Run(job, run)).events.append((path, event))
        readings = [one for run in runs.values() for one in _readings(document, run)]
        left = len(sequence(document.value)) - sum(len(run.events) for run in runs.values())
        if document.media == "json-lines" and left and readings:
            message = f"{left} lines are JSON, but no OpenLineage events"
            warning = Warning_(code="not-an-event", message=message)
            readings = [_with_warning(one, warning) for one in readings]
        return tuple(readings)


def _with_warning(reading: Reading, warning: Warning_) -> Reading:
    return replace(reading, warnings=(*reading.warnings, warning), malformed=True)


def _events(document: Parsed) -> Iterator[tuple[Path, dict[str, Json]]]:
    if document.media == "json-lines" or isinstance(document.value, list):
        values = enumerate(sequence(document.value))
        yield from (((index,), mapping(one)) for index, one in values if _is_event(mapping(one)))
    elif document.media == "json" and _is_event(mapping(document.value)):
        yield (), mapping(document.value)


def _is_event(value: dict[str, Json]) -> bool:
    told = {"eventTime", "eventType", "producer"} & value.keys()
    if "job" in value and told and ({"inputs", "outputs", "run"} & value.keys()):
        return True
    if isinstance(value.get("dataset"), dict) and told:
        return "openlineage" in str(value.get("schemaURL", "")).lower()
    return any(
        "openlineage" in str(mapping(one).get("_schemaURL")).lower() for one in value.values()
    )


def _readings(document: Parsed, run: _Run) -> Iterator[Reading]:
    del document
    last = run.last()
    base = _base(run, last)
    lineage = tuple(_lineage(run))
    checks = checks_of(reversed(run.events))
    own = checks.pop(None, [])
    if "dataset" in last and not (checks or own):
        scope = Scope(dataset=dataset_name(mapping(last["dataset"])))
        yield _with(base, (), (), run, scope)
    elif lineage or own or not checks:
        coverage = coverage_of_checks(own)
        if lineage or not own:
            told = _lineage_coverage(str(last.get("eventType")), len(lineage))
            coverage = (told, *coverage)
        yield _with(base, (*lineage, *own), coverage, run)
    for dataset, facts in checks.items():
        scope = Scope(dataset=dataset, job=run.job)
        yield _with(base, tuple(facts), coverage_of_checks(facts), run, scope)


@record
class _Base:
    produced_at: datetime | None
    producer: Producer
    subject: AboutSubject
    warnings: tuple[Warning_, ...]
    malformed: bool


def _with(
    base: _Base,
    facts: tuple[Fact, ...],
    coverage: tuple[Coverage, ...],
    run: _Run,
    scope: Scope | None = None,
) -> Reading:
    return Reading(
        facts=facts,
        coverage=coverage,
        subject=base.subject,
        producer=base.producer,
        run=run.run,
        scope=scope or Scope(job=run.job),
        produced_at=base.produced_at,
        warnings=base.warnings,
        malformed=base.malformed,
    )


def _base(run: _Run, last: dict[str, Json]) -> _Base:
    times = [found for _, event in run.events if (found := instant(event.get("eventTime")))]
    problems: list[tuple[str, str]] = []
    if any(lacks_zone(event.get("eventTime")) for _, event in run.events):
        problems.append(("/eventTime", "the time has no zone, so it is not known"))
    facet_only = not ({"job", "dataset"} & last.keys())
    of_run = "dataset" not in last and not str(last.get("schemaURL", "")).endswith("/JobEvent")
    if run.run is None and of_run and not facet_only:
        problems.append(("/run", "the event names no run"))
    if str(last.get("eventType")) in _GOING_ON:
        problems.append(("/eventType", "no event ends this run: what it read and made is not told"))
    unread = [(pointer(*path), text) for path, event in run.events for text in _unreadable(event)]
    engine = mapping(mapping(mapping(last.get("run")).get("facets")).get("processing_engine"))
    made_by = _VERSION_PART.sub("/", str(last.get("producer") or "")).rstrip("/")
    tool = word(engine.get("name")) or made_by.rpartition("/")[2]
    return _Base(
        produced_at=max(times) if times else None,
        producer=Producer(tool=short(tool), version=label(engine.get("version")) or ""),
        subject=AboutSubject(artifacts=tuple(dict.fromkeys(_models(run)))),
        warnings=(*notes("event-incomplete", problems), *notes("event-not-read", unread)),
        malformed=bool(unread),
    )


def _unreadable(event: dict[str, Json]) -> Iterator[str]:
    """Yield what stands in an event, and hides what the run read, made or is."""
    for side in ("inputs", "outputs"):
        listed = event.get(side)
        if not isinstance(listed, list | None):
            yield f"{side} must be a list"
        if not all(dataset_name(mapping(one)) for one in sequence(listed)):
            yield f"one of the {side} has no name"
    yield from unreadable_checks(event)
    if "job" in event and dataset_name(mapping(event["job"])) is None:
        yield "the job has no name"
    stated = _facet(mapping(event.get("job")), "jobType")
    if stated and word(stated.get("jobType")) is None:
        yield "the type of the job is no text"


def _models(run: _Run) -> Iterator[AboutArtifact]:
    """Yield the models of a run whose digest it states: the document is about them."""
    for _, event in run.events:
        for side in ("outputs", "inputs"):
            for raw in sequence(event.get(side)):
                dataset = mapping(raw)
                digest = _digest(dataset)
                if _is_model(dataset) and digest and not digest.startswith("openlineage:"):
                    name = word(dataset.get("name"))
                    yield AboutArtifact(digest=digest, name=name, kind="model")


def _facet(dataset: dict[str, Json], name: str) -> dict[str, Json]:
    return mapping(mapping(dataset.get("facets")).get(name))


def _is_model(dataset: dict[str, Json]) -> bool:
    return str(_facet(dataset, "datasetType").get("datasetType")).upper() == "MODEL"


def _digest(dataset: dict[str, Json]) -> str | None:
    version = word(_facet(dataset, "version").get("datasetVersion"))
    if version is None:
        return None
    if _DIGEST.fullmatch(version):
        return version
    return f"openlineage:{_NOT_IN_DIGEST.sub('_', version)[:250]}"


def _job_type(event: dict[str, Json]) -> str:
    return str(_facet(mapping(event.get("job")), "jobType").get("jobType")).upper()


def _relation(event: dict[str, Json], made: dict[str, Json], read: dict[str, Json]) -> Relation:
    job_type = _job_type(event)
    if job_type in _TESTING:
        return "tested_on"
    if _is_model(read):
        return "derived_from"
    return "trained_on" if job_type in _TRAINING or _is_model(made) else "derived_from"


def _lineage(run: _Run) -> Iterator[Lineage]:
    """Yield the edges of a run, those of a later event before the same ones of an earlier."""
    told: set[tuple[str, str, str | None]] = set()
    no_output = not any(sequence(event.get("outputs")) for _, event in run.events)
    for path, event in reversed(run.events):
        inputs = list(_datasets(event, "inputs", path))
        outputs = list(_datasets(event, "outputs", path))
        made = outputs or [one for one in inputs if _is_model(one[1])]
        if no_output and not made and _job_type(event) in _TRAINING | _TESTING:
            made = [(pointer(*path, "job"), mapping(event.get("job")))]
        for _, maker in made:
            for at, read in inputs:
                source, target = dataset_name(maker), dataset_name(read)
                if source is None or target is None or source == target:
                    continue
                for edge in _edges(run, event, (at, source, target), (maker, read)):
                    if (edge.source, edge.target, edge.relation) not in told:
                        told.add((edge.source, edge.target, edge.relation))
                        yield edge
        for edge in _stated(run, event, path):
            if (edge.source, edge.target, edge.relation) not in told:
                told.add((edge.source, edge.target, edge.relation))
                yield edge


def _stated(run: _Run, event: dict[str, Json], path: Path) -> Iterator[Lineage]:
    """Yield the edges of lineage facets: of what was made, and of the job for several such."""
    base = (*path, "job", "facets", "lineage", "entries")
    entries = sequence(_facet(mapping(event.get("job")), "lineage").get("entries"))
    makers: list[tuple[Path, dict[str, Json]]] = [
        ((*base, index), mapping(one)) for index, one in enumerate(entries)
    ]
    for index, raw in enumerate(sequence(event.get("outputs"))):
        at = (*path, "outputs", index, "facets", "lineage")
        makers.append((at, {**mapping(raw), **_facet(mapping(raw), "lineage")}))
    for at, maker in makers:
        source = dataset_name(maker)
        for index, raw in enumerate(sequence(maker.get("inputs"))):
            read = mapping(raw)
            target = dataset_name(read) if read.get("type") == "DATASET" else None
            if source is not None and target is not None and source != target:
                yield Lineage(
                    pointer=pointer(*at, "inputs", index),
                    source=source,
                    target=target,
                    relation=_relation(event, maker, read),
                    run=run.run,
                )


def _datasets(
    event: dict[str, Json], side: str, path: Path
) -> Iterator[tuple[str, dict[str, Json]]]:
    for index, raw in enumerate(sequence(event.get(side))):
        yield pointer(*path, side, index), mapping(raw)


def _edges(
    run: _Run,
    event: dict[str, Json],
    place: tuple[str, str, str],
    pair: tuple[dict[str, Json], dict[str, Json]],
) -> Iterator[Lineage]:
    at, source, target = place
    maker, read = pair
    columns = list(_columns(maker, target))
    yield Lineage(
        pointer=at,
        source=source,
        target=target,
        relation=_relation(event, maker, read),
        run=run.run,
        digest=_digest(read),
        masked=all(masked for _, _, masked in columns) if columns else None,
    )
    for made, used, masked in columns:
        if masked:
            yield Lineage(
                pointer=at,
                source=short(f"{source}#{made}"),
                target=short(f"{target}#{used}"),
                relation="masked_by",
                run=run.run,
                masked=True,
            )


def _columns(maker: dict[str, Json], target: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (column made, column read, masked) for the columns whose values come from a data set.

    Only direct transformations carry values; a column that one of them leaves unmasked is open.
    """
    for made, raw in mapping(_facet(maker, "columnLineage").get("fields")).items():
        for one in sequence(mapping(raw).get("inputFields")):
            used = mapping(one)
            field_name = word(used.get("field"))
            if field_name is None or dataset_name(used) != target:
                continue
            steps = [mapping(step) for step in sequence(used.get("transformations"))]
            direct = [step for step in steps if step.get("type") != "INDIRECT"]
            if steps and not direct:
                continue
            yield made, field_name, bool(direct) and all(flag(s.get("masking")) for s in direct)


def _lineage_coverage(status: str, rows: int) -> Coverage:
    """Return coverage of lineage; a run that failed, or that no event ends, was not told whole."""
    errored = 0 if status in {"COMPLETE", _UNSTATED} else 1
    return recorded("lineage", rows).model_copy(update={"errored": errored})
