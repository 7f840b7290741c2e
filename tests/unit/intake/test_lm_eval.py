"""lm-evaluation-harness: direction from the task, trials from the samples, a limit is a gap."""

import copy
import json
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.facts import Metric
from support.documents import DEFECTS, evidence_of, opened, refusal

RESULTS: dict[str, Any] = json.loads((DEFECTS / "lm-eval" / "limited.json").read_bytes())
SAMPLE: dict[str, Any] = {
    "doc_id": 0,
    "doc": "a private question",
    "resps": [["x"]],
    "filter": "none",
    "metrics": ["acc"],
    "acc": 1.0,
}


def _changed(**change: object) -> dict[str, Any]:
    return {**copy.deepcopy(RESULTS), **change}


def _metrics(evidence: Evidence) -> dict[tuple[str, str | None, str | None], Metric]:
    found = [fact for fact in evidence.facts if isinstance(fact, Metric)]
    return {(one.name, one.dataset, one.dimension): one for one in found}


def _skipped(document: object) -> tuple[int | None, tuple[str, ...]]:
    row = evidence_of(document).coverage[0]
    return row.skipped, row.skipped_items


def _lines(*rows: object) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def test_the_task_is_the_data_set_and_the_filter_the_dimension() -> None:
    metrics = _metrics(evidence_of(RESULTS))
    assert metrics["exact_match", "gsm8k", "strict-match"].value == 0.5
    assert metrics["exact_match", "gsm8k", "flexible-extract"].value == 0.55
    assert metrics["accuracy", "arc_easy", None].split == "test"


def test_the_trials_are_the_samples_that_were_evaluated_not_those_of_the_task() -> None:
    one = _metrics(evidence_of(RESULTS))["accuracy", "arc_easy", None]
    assert (one.n, one.n_rows) == (100, 100)


def test_a_task_that_was_cut_short_is_skipped_by_name() -> None:
    assert _skipped(RESULTS) == (1, ("arc_easy",))


@pytest.mark.parametrize("original", [None, "N/A", -1, [], {}])
def test_a_task_that_does_not_say_how_many_samples_it_has_is_skipped_by_name(
    original: object,
) -> None:
    document = _changed()
    document["n-samples"]["wikitext"]["original"] = original
    assert _skipped(document) == (2, ("arc_easy", "wikitext"))


def test_a_task_of_which_the_results_are_gone_is_skipped_by_name() -> None:
    document = _changed(config={"limit": None})
    del document["results"]["gsm8k"]
    assert _skipped(document) == (2, ("arc_easy", "gsm8k"))


def test_a_limit_without_counts_cuts_every_task_short() -> None:
    document = _changed()
    del document["n-samples"]
    assert _skipped(document) == (4 - 1, ("arc_easy", "gsm8k", "wikitext"))


def test_without_limit_or_counts_nobody_knows_what_was_left_out() -> None:
    document = _changed(config={})
    del document["n-samples"]
    assert _skipped(document) == (None, ())


def test_a_run_without_a_limit_skipped_nothing() -> None:
    document = _changed(config={"limit": None})
    del document["n-samples"]
    assert _skipped(document) == (0, ())


def test_a_standard_error_is_no_metric() -> None:
    assert not any("stderr" in name for name, _, _ in _metrics(evidence_of(RESULTS)))


def test_the_direction_of_an_unknown_metric_is_that_of_the_task() -> None:
    one = _metrics(evidence_of(RESULTS))["word_perplexity", "wikitext", None]
    assert (one.direction, one.kind, one.n) == ("lower", None, None)


def test_a_metric_with_the_other_direction_is_not_the_one_known_by_its_name() -> None:
    document = _changed(higher_is_better={"arc_easy": {"acc": False}})
    one = _metrics(evidence_of(document))["acc", "arc_easy", None]
    assert (one.direction, one.kind, one.unit, one.n) == ("lower", None, None, None)


def test_the_value_of_a_group_has_rows_and_no_trials() -> None:
    one = _metrics(evidence_of(RESULTS))["accuracy", "suite", None]
    assert (one.n, one.n_rows) == (None, 100)


def test_a_group_that_holds_itself_and_groups_that_stand_apart_are_read() -> None:
    document = _changed(group_subtasks={"suite": ["inner", "suite"], "inner": ["arc_easy"]})
    document["groups"]["other"] = {"acc,none": 0.5}
    metrics = _metrics(evidence_of(document))
    assert metrics["accuracy", "suite", None].n_rows == 100
    assert metrics["accuracy", "other", None].pointer == "/groups/other/acc,none"


def test_the_date_of_the_run_is_seconds_since_1970() -> None:
    assert str(evidence_of(RESULTS).envelope.produced_at)[:19] == "2026-11-20 23:27:39"
    for date in (None, -1, 1e300, "now"):
        assert evidence_of(_changed(date=date)).envelope.produced_at is None


@pytest.mark.parametrize("value", [[0.5], {"a": 1}, True])
def test_a_value_that_is_no_number_is_left_out_and_counted(value: object) -> None:
    document = _changed(groups={}, results={"arc_easy": {"acc,none": value}})
    evidence = evidence_of(document)
    assert (evidence.facts, evidence.coverage[0].errored) == ((), 1)


@pytest.mark.parametrize("value", [float("nan"), "high"])
def test_a_value_that_is_not_a_number_is_malformed(value: object) -> None:
    document = _changed(groups={}, results={"arc_easy": {"acc,none": value}})
    (fact,) = evidence_of(document).facts
    assert (fact.model_dump()["value"], fact.unknown) == (None, {"value": "malformed"})


def test_a_value_outside_the_range_of_its_metric_has_another_unit() -> None:
    document = _changed(groups={}, results={"arc_easy": {"acc,none": 65}})
    assert evidence_of(document).facts[0].unknown == {"value": "unit"}


def test_the_older_layout_without_filters_is_read() -> None:
    document = {
        "results": {"arc_easy": {"acc": 0.7, "acc_stderr": 0.01}},
        "versions": {"arc_easy": 0},
        "config": {"model": "hf", "num_fewshot": 0, "limit": None},
    }
    assert _metrics(evidence_of(document))["accuracy", "arc_easy", None].value == 0.7


def test_runs_of_other_tasks_do_not_replace_each_other() -> None:
    assert evidence_of(RESULTS).envelope.scope.job == "arc_easy,gsm8k,wikitext"
    assert evidence_of(_changed(results={})).envelope.scope.job is None


def test_the_share_of_samples_is_their_mean_with_each_sample_a_trial() -> None:
    text = _lines(SAMPLE, {**SAMPLE, "acc": 0.0}, {**SAMPLE, "acc": True, "filter": "none"})
    one = _metrics(evidence_of(text, "s.jsonl"))["accuracy", None, None]
    assert (one.value, one.n, one.pointer) == (2 / 3, 3, "/0/acc")


def test_samples_with_two_filters_are_two_rows() -> None:
    text = _lines(SAMPLE, {**SAMPLE, "filter": "strict"})
    assert {key[2] for key in _metrics(evidence_of(text, "s.jsonl"))} == {None, "strict"}


def test_a_sample_without_its_value_makes_the_mean_unusable() -> None:
    text = _lines(SAMPLE, {**SAMPLE, "acc": float("nan")})
    assert evidence_of(text, "s.jsonl").facts[0].unknown == {"value": "malformed"}


@pytest.mark.parametrize("metrics", [None, [], "acc", ["f1"], [None]])
def test_a_sample_that_does_not_name_the_metric_of_the_others_has_no_value(
    metrics: object,
) -> None:
    text = _lines(SAMPLE, {**SAMPLE, "acc": 0.0, "metrics": metrics})
    one = _metrics(evidence_of(text, "s.jsonl"))["accuracy", None, None]
    assert (one.value, one.unknown) == (None, {"value": "malformed"})


def test_samples_do_not_say_how_many_there_should_be() -> None:
    (row,) = evidence_of(_lines(SAMPLE), "s.jsonl").coverage
    assert (row.examined, row.skipped) == (1, None)


def test_a_metric_that_is_no_mean_over_samples_is_named_and_left_out() -> None:
    evidence = evidence_of(_lines({**SAMPLE, "metrics": ["f1"], "f1": 0.5}), "s.jsonl")
    assert (evidence.facts, evidence.envelope.warnings[0].code) == ((), "metric-left-out")


def test_a_line_that_is_no_sample_is_refused() -> None:
    assert refusal(_lines(SAMPLE, {"other": 1}), "s.jsonl").where == "s.jsonl#/1"


def test_one_sample_by_itself_is_read_and_no_text_of_it_is_kept() -> None:
    found = opened(SAMPLE, "s.json")
    assert found.evidence[0].facts[0].pointer == "/acc"
    assert b"private" not in found.kept + opened(_lines(SAMPLE), "s.jsonl").kept
