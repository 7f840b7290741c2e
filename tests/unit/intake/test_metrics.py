"""Names of metrics: one canonical name each, and a unit that is never guessed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.metrics import (
    ALIASES,
    METRICS,
    canonical_metric,
    canonical_slice,
    canonical_split,
)
from assaybook.intake.limits import Limits
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import parse

DOCUMENT = parse(b'{"a": NaN}', "a.json", Limits())


@pytest.mark.parametrize(
    ("raw", "name", "split", "part", "dimension"),
    [
        ("accuracy", "accuracy", None, "", None),
        ("Accuracy", "accuracy", None, "", None),
        ("sensitivity", "recall", None, "", None),
        ("true positive rate", "recall", None, "", None),
        ("ppv", "precision", None, "", None),
        ("tnr", "specificity", None, "", None),
        ("ROC-AUC", "roc_auc", None, "", None),
        ("brier_score", "brier", None, "", None),
        ("fpr", "false_positive_rate", None, "", None),
        ("test_recall", "recall", "test", "", None),
        ("val_accuracy", "accuracy", "validation", "", None),
        ("val/accuracy", "accuracy", "validation", "", None),
        ("holdout_ece", "ece", "holdout", "", None),
        ("training_f1_score", "f1", "train", "", None),
        ("recall__sex=female", "recall", None, "sex=female", None),
        ("test_recall__sex=f__age=old", "recall", "test", "age=old,sex=f", None),
        ("recall[sex=female,age=old]", "recall", None, "age=old,sex=female", None),
        ("recall/sex:female", "recall", None, "sex=female", None),
        ("recall@5", "recall_at_k", None, "", "5"),
        ("precision_at_10", "precision_at_k", None, "", "10"),
        ("top_5_accuracy", "accuracy_at_k", None, "", "5"),
        ("latency_p95_ms", "latency_p95_ms", None, "", None),
        ("p95_latency_ms", "latency_p95_ms", None, "", None),
        ("dp_difference", "demographic_parity_difference", None, "", None),
        ("average_precision_score", "pr_auc", None, "", None),
        ("areaUnderROC", "roc_auc", None, "", None),
        ("AUC-ROC", "roc_auc", None, "", None),
        ("binary_accuracy", "accuracy", None, "", None),
        ("val_sparse_categorical_accuracy", "accuracy", "validation", "", None),
        ("jaccard_score", "iou", None, "", None),
        ("Cohen's kappa", "cohen_kappa", None, "", None),
        ("Matthews correlation coefficient", "mcc", None, "", None),
        ("R^2", "r2", None, "", None),
        ("FP rate", "false_positive_rate", None, "", None),
        ("test_recall_macro", "recall_macro", "test", "", None),
        ("neg_log_loss", "log_loss", None, "", None),
        ("test_neg_root_mean_squared_error", "rmse", "test", "", None),
    ],
)
def test_the_spellings_of_a_metric_have_one_name(
    raw: str, name: str, split: str | None, part: str, dimension: str | None
) -> None:
    known = canonical_metric(raw)
    assert (known.name, known.split, known.slice, known.dimension) == (name, split, part, dimension)


@pytest.mark.parametrize(
    "raw",
    [
        *("our_score", "test_coverage", "latency_p95", "accuracy_s", "co2"),
        *("neg_recall", "mape", "roc_auc_ovr", "MulticlassAccuracy"),
    ],
)
def test_a_name_that_is_not_known_stays_as_it_was_written(raw: str) -> None:
    known = canonical_metric(raw)
    assert (known.name, known.kind, known.split) == (raw, None, None)


def test_recall_at_five_is_not_recall() -> None:
    assert canonical_metric("recall@5").name != canonical_metric("recall").name


def test_every_alias_leads_to_a_metric_and_no_two_metrics_share_one() -> None:
    assert set(ALIASES.values()) == set(METRICS)
    assert all(alias == alias.lower() for alias in ALIASES)


def test_the_metrics_that_policies_ask_for_are_there() -> None:
    wanted = {
        *(
            "accuracy",
            "recall",
            "precision",
            "specificity",
            "f1",
            "roc_auc",
            "pr_auc",
            "ece",
            "mce",
        ),
        *("brier", "log_loss", "selection_rate", "false_positive_rate", "false_negative_rate"),
        *("demographic_parity_difference", "demographic_parity_ratio", "cost_usd"),
        *("equalized_odds_difference", "latency_p50_ms", "latency_p95_ms", "co2_kg"),
    }
    assert wanted <= set(METRICS)


@pytest.mark.parametrize(
    ("raw", "value", "wanted"),
    [("accuracy", 65, None), ("accuracy", 1.0000000001, 1.0), ("accuracy", -0.1, None),
     ("accuracy_pct", 65, 0.65), ("accuracy_percent", 101, None), ("latency_p95_s", 0.25, 250.0),
     ("mcc", -0.5, -0.5), ("brier", 1.4, None), ("r2", -7.0, -7.0), ("r2", 1.2, None),
     ("log_loss", 3.0, 3.0), ("our_score", 65, 65.0), ("neg_log_loss", -0.3, 0.3),
     ("neg_log_loss", 0.3, None), ("neg_brier_score", -0.2, 0.2), ("hamming_loss", 1.5, None),
     ("cer", 1.5, 1.5)],
)  # fmt: skip
def test_a_value_outside_the_range_of_its_metric_is_no_value(
    raw: str, value: float, wanted: float | None
) -> None:
    found = canonical_metric(raw).in_range(value)
    assert found is wanted if wanted is None else math.isclose(found or 0.0, wanted)


def test_per_cent_where_a_ratio_is_meant_is_unknown_as_a_unit() -> None:
    fact = metric(DOCUMENT, "accuracy", 65, at="/x")
    assert (fact.value, fact.unknown) == (None, {"value": "unit"})


def test_per_cent_that_the_format_states_is_converted() -> None:
    fact = metric(DOCUMENT, "accuracy", 65, at="/x", percent=True, interval=(60, 70))
    assert (fact.value, fact.ci_low, fact.ci_high, fact.unit) == (
        0.65,
        0.6,
        0.7,
        "ratio",
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("accuracy", 100), ("recall", 40), ("false_negative_rate", 40), ("specificity", 60),
     ("precision", 30), ("f1", None), ("our_score", None)],
)  # fmt: skip
def test_the_trials_of_a_value_are_those_of_its_metric(name: str, wanted: int | None) -> None:
    fact = metric(DOCUMENT, name, 0.5, at="/x", trial=Trial(rows=100, positives=40, selected=30))
    assert (fact.n, fact.n_rows) == (wanted, 100)


def test_the_rows_of_a_slice_are_never_the_trials_of_its_recall() -> None:
    assert metric(DOCUMENT, "recall", 0.9, at="/x", trial=Trial(rows=318)).n is None


def test_more_positives_than_rows_make_no_count_of_negatives() -> None:
    assert Trial(rows=10, positives=20).of("negatives") is None


def test_a_split_in_the_name_is_stronger_than_that_of_the_document() -> None:
    fact = metric(DOCUMENT, "val_auc", 0.9, at="/x", where=Where(split="test"))
    assert fact.split == "validation"


def test_text_where_a_number_must_stand_is_malformed() -> None:
    assert metric(DOCUMENT, "ece", "low", at="/x").unknown == {"value": "malformed"}


def test_an_absent_value_is_absent_and_not_malformed() -> None:
    assert metric(DOCUMENT, "ece", None, at="/x").unknown == {}


def test_splits_and_slices_are_written_in_one_way() -> None:
    assert canonical_split("Val") == "validation"
    assert canonical_split("intake") == "intake"
    assert canonical_slice({"sex": "f", "age": "old"}) == "age=old,sex=f"


@given(st.text(max_size=60), st.floats())
def test_any_name_and_number_give_a_metric(raw: str, value: float) -> None:
    found = canonical_metric(raw).in_range(value)
    assert found is None or math.isfinite(found)
