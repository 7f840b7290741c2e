"""Results of benchmarks as model repositories of Hugging Face keep them (``.eval_results/*.yaml``).

Each entry has a data set, a task of it and a value; what is measured, and in which unit, is said by
the data set and not here, so the metric is called ``benchmark_score`` and has no unit. The task,
with the notes that tell two runs of it apart, is the metric's dimension.
"""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.evidence import Scope
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.measure import Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, instant, label, mapping, pointer, sequence, short, word

SCORE: Final = "benchmark_score"


def are_results(value: Json) -> bool:
    """Tell whether a value is a list of results, each of a task of a data set."""
    listed = sequence(value)
    return bool(listed) and all(_is_result(mapping(one)) for one in listed)


def _is_result(one: dict[str, Json]) -> bool:
    return "value" in one and {"id", "task_id"} <= mapping(one.get("dataset")).keys()


def results(document: Parsed) -> Iterator[Reading]:
    """Yield a reading for each task of a data set: one never takes the place of another.

    Raises:
        SubmitterError: an entry does not name its data set and task.
    """
    by_task: dict[tuple[str, str], list[int]] = {}
    listed = [mapping(one) for one in sequence(document.value)]
    for index, one in enumerate(listed):
        by_task.setdefault(_task(document, one, index), []).append(index)
    for (name, task), places in by_task.items():
        where = Where(slice="", dataset=name, dimension=task)
        facts = tuple(
            metric(document, SCORE, listed[one].get("value"), at=pointer(one, "value"), where=where)
            for one in places
        )
        times = [instant(listed[one].get("date")) for one in places]
        known = [time for time in times if time is not None]
        yield Reading(
            facts=facts,
            coverage=(recorded("metric", len(facts)),),
            scope=Scope(dataset=name, job=task),
            produced_at=min(known) if len(known) == len(times) else None,
        )


def _task(document: Parsed, one: dict[str, Json], index: int) -> tuple[str, str]:
    """Return the data set of an entry, and its task with the notes on how it was run."""
    dataset = mapping(one.get("dataset"))
    name, task, notes = (
        word(dataset.get("id")),
        label(dataset.get("task_id")),
        word(one.get("notes")),
    )
    if name is None or task is None:
        at = pointer(index, "dataset")
        raise broken(document, "an entry must name its data set and task", at=at)
    return name, short(f"{task}; {notes}") if notes else task
