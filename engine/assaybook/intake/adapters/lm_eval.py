"""lm-evaluation-harness: aggregated results, and the samples behind them.

The task is the data set of a value and the filter its dimension (``none`` is none). The direction
is the task's own, from ``higher_is_better``; where it is not that of the metric known under this
name, the value keeps its raw name. ``n-samples`` shows a run with ``--limit``: a task of which not
all samples were evaluated was skipped in part. Standard errors are not read, since a policy makes
its own interval from the trials; neither are task configurations, nor texts of samples, which are
not kept. Of samples only metrics that are a share of the samples are averaged.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Metric
from assaybook.domain.metrics import canonical_metric
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.many_rows import told
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    flag,
    label,
    mapping,
    number,
    pointer,
    sequence,
    short,
    word,
)

_NO_METRIC: Final = frozenset({"alias", "name", "sample_len", "samples", "sample_count"})
_NO_VALUE: Final = frozenset({"", "N/A"})
_SAMPLE: Final = frozenset({"doc_id", "resps"})
_KINDS: Final = ("metric/quality", "metric/calibration")


@record
class LmEval:
    """Adapter for ``lm_eval --output_path`` and ``--log_samples``."""

    name: str = "lm-eval"
    version: int = 2
    versions: tuple[str, ...] = ("results", "samples")
    facts: tuple[str, ...] = ("metric",)
    questions: tuple[str, ...] = ("metric", "metric/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise results by version, or by shots, versions and configurations of tasks."""
        del declared
        found = mapping(document.value)
        results = isinstance(found.get("results"), dict)
        named = "lm_eval_version" in found or {"n-shot", "configs"} <= found.keys()
        older = {"versions", "config"} <= found.keys() and "num_fewshot" in mapping(found["config"])
        if document.media == "json" and results and (named or older):
            return self._found("results", "results with the version of lm_eval, or its task keys")
        rows = _rows(document)
        if rows and mapping(rows[0]).keys() >= _SAMPLE:
            return self._found("samples", "lines with doc_id and resps")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every metric of every task and group, or the shares of samples."""
        return (_samples(document) if detected.version == "samples" else _results(document),)

    def _found(self, version: str, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=1.0, reasons=(reason,))


def _rows(document: Parsed) -> list[Json]:
    if document.media not in {"json", "json-lines"}:
        return []
    return document.value if isinstance(document.value, list) else [document.value]


@record
class _Task:
    """What the file says of one task or group of tasks, beside its metrics.

    ``asked`` and ``done`` are samples; None where the file does not say.
    """

    name: str
    split: str | None
    asked: int | None
    done: int | None
    better: dict[str, Json]
    is_group: bool


def _results(document: Parsed) -> Reading:
    top = mapping(document.value)
    left: list[tuple[str, str]] = []
    for table in ("results", "groups"):
        for name, raw in mapping(top.get(table)).items():
            if not mapping(raw):
                left.append((pointer(table, name), "it has no results, so it is left out"))
    tables = {
        (table, name): _task(top, name, is_group=name in mapping(top.get("groups")))
        for table in ("results", "groups")
        for name in mapping(top.get(table))
        if table == "results" or name not in mapping(top["results"])
    }
    facts = told(
        fact
        for (table, name), task in tables.items()
        for fact in _metrics(
            document, (table, name), mapping(mapping(top[table])[name]), task, left
        )
    )
    tasks = [task for task in tables.values() if not task.is_group]
    names = sorted(task.name for task in tasks)
    return Reading(
        facts=tuple(facts),
        coverage=tuple(_coverage(top, tasks, facts, len(left))),
        producer=Producer(tool="lm-eval", version=label(top.get("lm_eval_version")) or ""),
        scope=Scope(job=short(",".join(names)) if names else None),
        produced_at=_seconds(top.get("date")),
        warnings=notes("metric-left-out", left),
    )


def _task(top: dict[str, Json], name: str, *, is_group: bool) -> _Task:
    config = mapping(mapping(top.get("configs")).get(name))
    better = mapping(mapping(top.get("higher_is_better")).get(name))
    parts = _leaves(mapping(top.get("group_subtasks")), name) if is_group else [name]
    counts = [mapping(mapping(top.get("n-samples")).get(part)) for part in parts]
    asked = [count(one.get("original")) for one in counts]
    done = [count(one.get("effective")) for one in counts]
    split = word(config.get("test_split")) or word(config.get("validation_split"))
    return _Task(name, split, _sum(asked), _sum(done), better, is_group)


def _sum(counts: list[int | None]) -> int | None:
    known = [one for one in counts if one is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _leaves(groups: dict[str, Json], name: str) -> list[str]:
    """Return the tasks below a group; a group that holds itself is held once."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    pending = [name]
    while pending:
        one = pending.pop()
        below = [str(each) for each in sequence(groups.get(one)) if isinstance(each, str)]
        if below and one not in seen:
            seen.add(one)
            pending += below
        elif not below:
            found[one] = None
    return list(found)


def _metrics(
    document: Parsed,
    path: tuple[str, str],
    table: dict[str, Json],
    task: _Task,
    left: list[tuple[str, str]],
) -> Iterator[Metric]:
    for key, value in table.items():
        name, _, chosen = key.partition(",")
        at = pointer(*path, key)
        if name in _NO_METRIC or name.endswith("_stderr") or not name.strip():
            continue
        if isinstance(value, str) and value.strip() in _NO_VALUE and task.is_group:
            continue
        if isinstance(value, list | dict | bool):
            left.append((at, "a value is no plain number, so it is left out"))
            continue
        where = Where(
            slice="",
            dataset=short(task.name),
            split=task.split,
            dimension=short(chosen) if chosen not in {"", "none"} else None,
        )
        one = metric(document, name, value, at=at, where=where, trial=Trial(rows=task.done))
        # How a group weighs its tasks is not told, so its value is no share of their samples.
        one = one.model_copy(update={"n": None}) if task.is_group else one
        yield _directed(one, flag(task.better.get(name)))


def _directed(one: Metric, higher: bool | None) -> Metric:  # noqa: FBT001 - as the file says it
    """Return a metric with the direction that the task states; never against the known one."""
    if higher is None:
        return one
    direction: Literal["higher", "lower"] = "higher" if higher else "lower"
    if one.direction in {None, direction}:
        return one.model_copy(update={"direction": direction})
    return Metric(
        pointer=one.pointer,
        unknown=one.unknown,
        name=one.raw_name,
        raw_name=one.raw_name,
        slice=one.slice,
        dataset=one.dataset,
        split=one.split,
        dimension=one.dimension,
        value=one.value,
        direction=direction,
        n_rows=one.n_rows,
    )


def _coverage(
    top: dict[str, Json], tasks: list[_Task], facts: Sequence[Metric], errored: int
) -> Iterator[Coverage]:
    """Yield coverage in tasks; one that was cut short by ``--limit`` was skipped in part.

    One whose samples are counted and that has no results was skipped as a whole.
    """
    config = mapping(top.get("config"))
    whole = "limit" in config and config["limit"] is None
    cut = [
        task.name
        for task in tasks
        if (None in {task.done, task.asked} and not whole) or (task.done or 0) < (task.asked or 0)
    ]
    cut += mapping(top.get("n-samples")).keys() - mapping(top["results"]).keys()
    told = whole or config.get("limit") is not None or all(task.done is not None for task in tasks)
    for question in dict.fromkeys((*_KINDS, *map(question_of, facts))):
        yield Coverage(
            question=question,
            examined=len(tasks),
            failed=0,
            errored=errored,
            skipped=len(cut) if told else None,
            skipped_items=tuple(sorted(map(short, cut))) if told else (),
        )


def _seconds(value: Json) -> datetime | None:
    """Return the instant of seconds since 1970, as the harness writes its date."""
    found = number(value) if not isinstance(value, str) else None
    if not found or found < 0:
        return None
    try:
        return datetime.fromtimestamp(found, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _samples(document: Parsed) -> Reading:
    """Read the mean of each metric that is a share of samples; the task stands in no line."""
    values: dict[tuple[str, str], list[Json]] = {}
    places: dict[tuple[str, str], int] = {}
    other: dict[str, int] = {}
    filters: Counter[str] = Counter()
    for index, raw in enumerate(_rows(document)):
        row = mapping(raw)
        if not row.keys() >= _SAMPLE:
            raise broken(document, "a sample must have doc_id and resps", at=pointer(index))
        chosen = word(row.get("filter")) or "none"
        filters[chosen] += 1
        for name in filter(None, map(word, sequence(row.get("metrics")))):
            kind = canonical_metric(name).kind
            if kind is None or kind.trials != "rows":
                other.setdefault(name, index)
                continue
            key = (name, chosen)
            values.setdefault(key, []).append(row.get(name))
            places.setdefault(key, index)
    listed = isinstance(document.value, list)
    facts: list[Metric] = []
    for (name, chosen), found in values.items():
        at = pointer(*((places[name, chosen],) if listed else ()), name)
        # A sample that does not name the metric of the others has no value for it.
        each = [*found, *[None] * (filters[chosen] - len(found))]
        facts.append(_mean(document, name, chosen, each, at))
    message = "this metric is no mean over samples; submit the results file"
    coverage = [
        Coverage(
            question=question, examined=len(_rows(document)), failed=0, errored=0, skipped=None
        )
        for question in dict.fromkeys(("metric/quality", *map(question_of, facts)))
    ]
    return Reading(
        facts=tuple(facts),
        coverage=tuple(coverage),
        producer=Producer(tool="lm-eval"),
        warnings=notes("metric-left-out", ((pointer(at), message) for at in other.values())),
    )


def _mean(document: Parsed, name: str, chosen: str, found: list[Json], at: str) -> Metric:
    where = Where(slice="", dimension=None if chosen == "none" else short(chosen))
    numbers = [float(one) if isinstance(one, bool) else number(one) for one in found]
    known = [one for one in numbers if one is not None]
    mean = math.fsum(known) / len(known) if len(known) == len(found) else "not a number"
    return metric(document, name, mean, at=at, where=where, trial=Trial(rows=len(found)))
