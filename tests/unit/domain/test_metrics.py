"""Names of metrics: what people write, and which metric that is."""

import pytest

from assaybook.domain.metrics import (
    METRICS,
    canonical_metric,
    canonical_slice,
    canonical_split,
    tidy_slice,
)


@pytest.mark.parametrize(
    ("raw", "name", "split", "part"),
    [
        ("recall", "recall", None, ""),
        ("Recall", "recall", None, ""),
        ("test_recall", "recall", "test", ""),
        ("val/accuracy", "accuracy", "validation", ""),
        ("recall__sex=female", "recall", None, "sex=female"),
        ("recall[sex=female,age=old]", "recall", None, "age=old,sex=female"),
        ("recall/sex:female", "recall", None, "sex=female"),
    ],
)
def test_split_and_slice_are_told_apart_from_the_name(
    raw: str, name: str, split: str | None, part: str
) -> None:
    found = canonical_metric(raw)
    assert (found.name, found.split, found.slice) == (name, split, part)


def test_a_name_that_nobody_knows_stays_as_it_was_written() -> None:
    found = canonical_metric("Our Own Score")
    assert (found.name, found.kind) == ("Our Own Score", None)
    assert found.in_range(5.0) == 5.0
    assert found.in_range(float("inf")) is None


def test_a_stated_unit_is_converted_and_a_value_outside_its_range_is_none() -> None:
    percent = canonical_metric("accuracy_pct")
    assert (percent.name, percent.in_range(91.0)) == ("accuracy", 0.91)
    accuracy = canonical_metric("accuracy")
    assert (accuracy.in_range(65.0), accuracy.in_range(float("nan"))) == (None, None)
    assert accuracy.in_range(1.0) == 1.0
    assert canonical_metric("rmse").in_range(float("inf")) is None
    assert canonical_metric("latency_p95_ms_pct").kind is None
    seconds = canonical_metric("latency_p95_s")
    assert seconds.kind is not None
    assert seconds.in_range(0.25) == 250


def test_a_loss_that_was_turned_to_be_a_score_reads_as_the_loss() -> None:
    loss = canonical_metric("neg_log_loss")
    assert (loss.name, loss.in_range(-0.3), loss.in_range(0.3)) == ("log_loss", 0.3, None)


def test_a_cut_off_is_a_dimension_and_no_name_of_its_own() -> None:
    found = canonical_metric("recall@5")
    assert (found.name, found.dimension) == ("recall_at_k", "5")
    assert canonical_metric("top_3_accuracy").dimension == "3"


def test_splits_and_slices_have_one_spelling() -> None:
    assert (canonical_split("val"), canonical_split("mine")) == ("validation", "mine")
    assert canonical_slice({"sex": "f", "age": "old"}) == "age=old,sex=f"
    assert canonical_slice({}) == ""


@pytest.mark.parametrize("name", sorted(METRICS))
def test_every_known_metric_finds_itself_and_holds_its_own_range(name: str) -> None:
    kind = METRICS[name]
    assert kind.low <= kind.high
    found = canonical_metric(name)
    assert found.kind is None or found.name == name


def test_a_slice_that_was_written_out_is_tidy_and_keeps_its_words() -> None:
    written = (" sex = female , age=old ", "Overall", "women", "a, b", "sex=M\u0061\u0308nner")
    assert [tidy_slice(one) for one in written] == [
        *("age=old,sex=female", "", "women", "a, b", "sex=M\u00e4nner"),
    ]
