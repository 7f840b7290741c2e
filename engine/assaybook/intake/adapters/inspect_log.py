"""Inspect: the log of an evaluation as JSON, with or without its samples.

Each metric of each score is one value; the score, with its reducer, is the metric's dimension, and
where the metric is only a mean the score gives the name. Metrics by group are slices. Standard
errors and deviations are no metrics. Coverage counts samples: those that broke errored, and those
that a limit left out, or that a scorer gave no score, were skipped. A log of which the status is
not ``success``, or that was declared invalid, is of no finished evaluation.

Samples, prompts, solvers, arguments, errors and tokens are not read, and what they say is not kept:
``inspect log dump --header-only`` writes a log without samples, of a log in any form.
Source: the logs of inspect_ai, version 2.
"""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Metric
from assaybook.domain.metrics import canonical_metric, canonical_slice
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    instant,
    label,
    mapping,
    pointer,
    sequence,
    short,
    word,
)

_LOG: Final = frozenset({"version", "status", "eval", "plan"})
_EVAL: Final = frozenset({"task", "model", "dataset"})
_SUCCESS: Final = "success"
_SPREADS: Final = frozenset({"stderr", "std", "var", "bootstrap_stderr"})
_MEANS: Final = frozenset({"mean", "accuracy"})
_TOLD: Final = ("completed_samples", "total_samples")
_ALL: Final = "all"
"""What Inspect calls the group of all samples, unless it is told another word."""


@record
class InspectLog:
    """Adapter for evaluation logs of Inspect."""

    name: str = "inspect"
    version: int = 2
    versions: tuple[str, ...] = ("2",)
    facts: tuple[str, ...] = ("metric",)
    questions: tuple[str, ...] = ("metric", "metric/*")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a log by its plan, its status and the task, model and data of its eval."""
        del declared
        found = mapping(document.value)
        if document.media != "json" or not found.keys() >= _LOG:
            return None
        if not mapping(found.get("eval")).keys() >= _EVAL:
            return None
        version = label(found.get("version")) or ""
        reasons = ("eval, plan and status",)
        return Detected(format=self.name, version=version[:20], confidence=1.0, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the scores of the evaluation."""
        del detected
        top = mapping(document.value)
        said = mapping(top.get("eval"))
        results = top.get("results")
        if results is not None and not isinstance(results, dict):
            raise broken(document, "results must be an object", at="/results")
        dataset = word(mapping(said.get("dataset")).get("name"))
        facts = tuple(_facts(document, mapping(results), dataset))
        packages = mapping(said.get("packages"))
        stats = mapping(top.get("stats"))
        return (
            Reading(
                facts=facts,
                coverage=tuple(_coverage(top, facts)),
                producer=Producer(
                    tool="inspect_ai", version=label(packages.get("inspect_ai")) or ""
                ),
                run=word(said.get("eval_id")) or word(said.get("run_id")),
                scope=Scope(dataset=dataset, job=_job(said)),
                produced_at=instant(stats.get("completed_at")) or instant(said.get("created")),
                warnings=tuple(_warnings(top)),
                malformed=_is_odd(said, mapping(results)),
            ),
        )


def _job(said: dict[str, Json]) -> str | None:
    """Return task and model: the evaluation of one model never replaces that of another."""
    parts = [found for key in ("task", "model") if (found := word(said.get(key)))]
    return short("/".join(parts)) or None


def _facts(document: Parsed, results: dict[str, Json], dataset: str | None) -> Iterator[Metric]:
    for index, raw in enumerate(sequence(results.get("scores"))):
        score = mapping(raw)
        name = word(score.get("name")) or word(score.get("scorer"))
        metrics = score.get("metrics")
        at = pointer("results", "scores", index)
        if name is None or not isinstance(metrics, dict):
            raise broken(document, "a score must have a name and metrics", at=at)
        reducer = word(score.get("reducer"))
        dimension = short(f"{name}; {reducer}") if reducer else name
        scored = count(score.get("scored_samples"))
        for key, one in metrics.items():
            place = pointer("results", "scores", index, "metrics", key)
            if not isinstance(one, dict) or not isinstance(one.get("params"), dict | None):
                raise broken(document, "a metric must be an object, and so its params", at=place)
            found = _metric(document, (name, key, mapping(one)), place, dataset, dimension)
            if found is not None:
                grouped = found.slice or mapping(mapping(one).get("params")).get("group_key")
                yield found if grouped else _counted(found, scored)


def _metric(
    document: Parsed,
    named: tuple[str, str, dict[str, Json]],
    at: str,
    dataset: str | None,
    dimension: str,
) -> Metric | None:
    """Return a metric, None for what only tells how sure another one is."""
    score, key, one = named
    params = mapping(one.get("params"))
    group, measured = word(params.get("group_key")), params.get("metric")
    known = measured is None or word(mapping(measured).get("name")) is not None
    if params.get("group_key") is not None and (group is None or not known):
        raise broken(document, "a metric by group must name its group and metric", at=at)
    own = word(mapping(params.get("metric")).get("name")) if group else word(one.get("name"))
    plain = (own or key).rpartition("/")[2]
    if plain in _SPREADS:
        return None
    whole = group is None or key == _ALL
    where = Where(
        slice="" if whole else canonical_slice({str(group): key}),
        dataset=dataset,
        dimension=short(f"{dimension}; by {group}") if group else dimension,
    )
    name = _name(score, plain)
    return metric(document, name, one.get("value"), at=f"{at}/value", where=where)


def _name(score: str, plain: str) -> str:
    """Return what was measured: of a mean it is the score."""
    known = canonical_metric(score).kind is not None
    if plain in _MEANS and known:
        return score
    if canonical_metric(plain).kind is not None:
        return plain
    return score if plain == "mean" else f"{score} {plain}"


def _counted(one: Metric, scored: int | None) -> Metric:
    """Return the value of all samples with how many these are."""
    kind = canonical_metric(one.raw_name or one.name).kind
    known = kind.trials if kind is not None else None
    return one.model_copy(update={"n_rows": scored, "n": Trial(rows=scored).of(known)})


def _coverage(top: dict[str, Json], facts: tuple[Metric, ...]) -> Iterator[Coverage]:
    """Yield coverage in samples, an epoch counting each again."""
    said, results = mapping(top.get("eval")), mapping(top.get("results"))
    total, done = count(results.get("total_samples")), count(results.get("completed_samples"))
    epochs = count(mapping(said.get("config")).get("epochs")) or 1
    listed = count(mapping(said.get("dataset")).get("samples"))
    asked = None if listed is None else listed * epochs
    unscored = [
        _unscored(mapping(one), None if done is None else done // max(1, epochs))
        for one in sequence(results.get("scores"))
    ]
    left = None if asked is None or total is None else max(0, asked - total)
    broke = None if total is None or done is None else max(0, total - done)
    ended = top.get("status") == _SUCCESS and top.get("invalidated") is not True
    for question in dict.fromkeys(("metric/quality", *map(question_of, facts))):
        yield Coverage(
            question=question,
            examined=done if unscored else 0,
            failed=0,
            errored=broke if ended and results else (broke or 0) + 1,
            skipped=None if left is None else left + max(unscored, default=0),
        )


def _is_odd(said: dict[str, Json], results: dict[str, Json]) -> bool:
    """Tell whether what the log says of how many samples there were cannot be.

    Only an early log says nothing of the samples that were to run and did; it never says one.
    """
    data, config = said.get("dataset"), mapping(said.get("config"))
    maybe = [mapping(data).get("samples"), config.get("epochs")]
    unread = any(count(one) is None for one in maybe if one is not None)
    done, total = (count(results.get(name)) for name in _TOLD)
    silent = results.keys().isdisjoint(_TOLD)
    sound = silent or (done is not None and total is not None and done <= total)
    return unread or not sound or not isinstance(data, dict)


def _unscored(score: dict[str, Json], done: int | None) -> int:
    """Return how many samples that were answered have no score.

    Those that a scorer returned nothing for are in neither count of the log.
    """
    said, scored = count(score.get("unscored_samples")), count(score.get("scored_samples"))
    silent = 0 if done is None or scored is None else max(0, done - scored)
    return max(said or 0, silent)


def _warnings(top: dict[str, Json]) -> Iterator[Warning_]:
    status = str(top.get("status"))
    if status != _SUCCESS:
        message = f"the evaluation is not finished: its status is {status[:50]}"
        yield Warning_(code="run-unfinished", message=message, pointer="/status")
    if top.get("invalidated") is True:
        message = "samples of the log were declared invalid"
        yield Warning_(code="log-invalidated", message=message, pointer="/invalidated")
    scored = mapping(top.get("results")).get("scores")
    silent = [("/results", "no sample was scored")] if not scored and status == _SUCCESS else []
    yield from notes("nothing-scored", silent)
