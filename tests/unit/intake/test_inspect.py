"""Logs of Inspect: what is a result, on how many samples, and what is never kept of them."""

from typing import Any

import pytest

from assaybook.domain.facts import Metric
from support.documents import evidence_of, opened, refusal


def _score(name: str = "includes", **more: Any) -> dict[str, Any]:
    accuracy: dict[str, Any] = {"name": "inspect_ai/accuracy", "value": 0.6, "params": {}}
    metrics = {"accuracy": accuracy}
    return {"name": name, "scored_samples": 10, "unscored_samples": 0, "metrics": metrics, **more}


def _log(*scores: dict[str, Any], total: int = 10, done: int = 10, **more: Any) -> dict[str, Any]:
    results = {"total_samples": total, "completed_samples": done, "scores": list(scores)}
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": "e",
            "task": "triage",
            "model": "m/1",
            "created": "2026-11-20T09:00:00+00:00",
            "dataset": {"name": "Visite", "samples": 10},
            "config": {"epochs": 1},
            "packages": {"inspect_ai": "0.3.285"},
        },
        "plan": {},
        "results": results,
        "stats": {"completed_at": "2026-11-20T09:05:00+00:00"},
        **more,
    }


def _metrics(log: dict[str, Any]) -> list[Metric]:
    return [one for one in evidence_of(log).facts if isinstance(one, Metric)]


def test_a_metric_is_of_its_score_and_rests_on_the_samples_that_were_scored() -> None:
    one = evidence_of(_log(_score()))
    assert one.envelope.producer.model_dump() == {"tool": "inspect_ai", "version": "0.3.285"}
    assert (one.envelope.run, one.envelope.scope.job) == ("e", "triage/m/1")
    assert str(one.envelope.produced_at) == "2026-11-20 09:05:00+00:00"
    (fact,) = _metrics(_log(_score()))
    assert (fact.name, fact.value, fact.n, fact.n_rows) == ("accuracy", 0.6, 10, 10)
    assert (fact.slice, fact.dataset, fact.dimension) == ("", "Visite", "includes")
    (reduced,) = _metrics(_log(_score(reducer="max")))
    assert reduced.dimension == "includes; max"


@pytest.mark.parametrize(
    ("score", "metric", "name"),
    [("f1", "mean", "f1"), ("helpful", "mean", "helpful"), ("helpful", "max", "helpful max")],
)
def test_of_a_mean_the_score_says_what_was_measured(score: str, metric: str, name: str) -> None:
    metrics = {metric: {"name": metric, "value": 0.5}, "stderr": {"name": "stderr", "value": 0.1}}
    (fact,) = _metrics(_log(_score(score, metrics=metrics)))
    assert fact.name == name


def test_a_metric_by_group_is_a_slice_whose_size_is_not_told() -> None:
    params = {"group_key": "sex", "metric": {"name": "inspect_ai/accuracy"}}
    metrics = {
        group: {"name": group, "value": 0.5, "params": params} for group in ("f", "m", "all")
    }
    found = _metrics(_log(_score(metrics=metrics)))
    assert [(one.name, one.slice, one.n) for one in found] == [
        ("accuracy", "sex=f", None),
        ("accuracy", "sex=m", None),
        ("accuracy", "", None),
    ]


@pytest.mark.parametrize(
    ("log", "counts"),
    [
        pytest.param(_log(_score()), (10, 0, 0), id="whole"),
        pytest.param(_log(_score(), total=4, done=4), (4, 0, 6), id="a limit"),
        pytest.param(_log(_score(), done=9), (9, 1, 0), id="one broke"),
        pytest.param(_log(_score(unscored_samples=3)), (10, 0, 3), id="no score for three"),
        pytest.param(_log(_score(scored_samples=6)), (10, 0, 4), id="a scorer silent on four"),
        pytest.param(
            _log(
                _score(scored_samples=10),
                total=20,
                done=20,
                eval=_log()["eval"] | {"config": {"epochs": 2}},
            ),
            (20, 0, 0),
            id="twice each",
        ),
        pytest.param(_log(_score(scored_samples=None)), (10, 0, 0), id="not said how many"),
        pytest.param(_log(_score(), status="cancelled"), (10, 1, 0), id="cancelled"),
        pytest.param(_log(_score(), invalidated=True), (10, 1, 0), id="invalid"),
        pytest.param(_log(), (0, 0, 0), id="nothing scored"),
        pytest.param({**_log(), "status": "error", "results": None}, (0, 1, None), id="broken"),
        pytest.param({**_log(), "results": None}, (0, 1, None), id="all broke"),
    ],
)
def test_samples_that_broke_or_were_left_out_leave_the_question_open(
    log: dict[str, Any], counts: tuple[int | None, ...]
) -> None:
    (row,) = evidence_of(log).coverage
    assert (row.question, row.failed) == ("metric/quality", 0)
    assert (row.examined, row.errored, row.skipped) == counts


ODD: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("results total_samples", (None, "N/A", -1, [], 9)),
    ("results completed_samples", (None, "N/A", -1, {}, 11)),
    ("eval dataset", (None, "Visite", [])),
    ("eval dataset samples", ("N/A", -1)),
    ("eval config epochs", ("N/A", -1)),
)


@pytest.mark.parametrize(
    ("place", "value"), [(place, value) for place, values in ODD for value in values]
)
def test_counts_of_samples_that_cannot_be_keep_the_list_open(place: str, value: object) -> None:
    log = _log(_score())
    assert not evidence_of(log).envelope.malformed
    *above, last = place.split()
    held: Any = log
    for step in above:
        held = held[step]
    held[last] = value
    assert evidence_of(log).envelope.malformed


@pytest.mark.parametrize("part", ["group_key", "metric"])
@pytest.mark.parametrize("value", ["", -1, [], {}, True])
def test_a_metric_by_group_that_does_not_name_both_is_refused(part: str, value: object) -> None:
    params = {"group_key": "sex", "metric": {"name": "accuracy"}, part: value}
    log = _log(_score(metrics={"f": {"name": "f", "value": 0.5, "params": params}}))
    assert refusal(log).code == "document-breaks-format"


def test_a_log_that_says_only_how_many_samples_were_to_run_is_not_whole() -> None:
    log = _log(_score())
    del log["results"]["completed_samples"]
    assert evidence_of(log).envelope.malformed
    del log["results"]["total_samples"]
    assert not evidence_of(log).envelope.malformed


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (_log(_score(), status="started"), "run-unfinished"),
        (_log(_score(), invalidated=True), "log-invalidated"),
        (_log(), "nothing-scored"),
    ],
)
def test_a_reader_is_told_why_a_log_is_no_result(log: dict[str, Any], code: str) -> None:
    assert [one.code for one in evidence_of(log).envelope.warnings] == [code]


def test_nothing_that_was_asked_answered_or_configured_is_kept() -> None:
    said = "leaked-text"
    log = _log(
        _score(params={"template": said}),
        samples=[{"input": said, "messages": [{"content": said}], "target": [said]}],
        reductions=[{"samples": [{"answer": said}]}],
        error={"message": said, "traceback": said},
        metadata={"owner": said},
    )
    log["plan"] = {"steps": [{"params": {"template": said}}]}
    log["eval"] |= {
        "model_args": {"api_key": said},
        "task_args": {"x": said},
        "scorers": [{"name": "s", "options": {"template": said}}],
    }
    read = opened(log)
    assert said.encode() not in read.kept
    assert [fact.pointer for fact in read.evidence[0].facts] == [
        "/results/scores/0/metrics/accuracy/value"
    ]


def test_a_broken_log_is_refused_where_it_is_broken() -> None:
    assert refusal({**_log(), "results": []}).where == "report.json#/results"
    broken: tuple[dict[str, Any], ...] = ({"metrics": {}}, {"name": "a", "metrics": 3})
    for score in broken:
        assert refusal(_log(score)).where == "report.json#/results/scores/0"
    assert refusal({**_log(), "version": 9}).code == "format-not-supported"
    assert refusal({**_log(), "eval": {}}).code == "format-unknown"
