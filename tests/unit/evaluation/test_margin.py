"""How far a comparison is from turning."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from assaybook.evaluation.functions_stats import wilson
from assaybook.evaluation.margin import MOST_TRIALS, Margin, margin_of

FLOOR: Mapping[str, JsonValue] = {"row.value": 0.71, "params.floor": 0.8}
BOUND = "stats.wilson_lower(row.value, row.n, 0.95)"


def _of(text: str, **more: JsonValue) -> Margin | None:
    return margin_of(text, {**FLOOR, **more})


@pytest.mark.parametrize(
    ("text", "side", "op", "limit"),
    [
        ("row.value >= params.floor", "row.value", ">=", 0.8),
        ("row.value < 0.5", "row.value", "<", 0.5),
        ("0.9 <= row.value", "row.value", ">=", 0.9),
        ("0.9 > row.value", "row.value", "<", 0.9),
    ],
)
def test_the_nearest_value_is_told_for_the_side_that_was_observed(
    text: str, side: str, op: str, limit: float
) -> None:
    found = _of(text)
    assert found is not None
    assert (found.text, found.op, found.limit, found.value) == (side, op, limit, 0.71)
    assert found.distance == pytest.approx(abs(limit - 0.71))
    assert found.trials_now is None


@pytest.mark.parametrize(
    "text",
    [
        "row.value == 0.8",
        "row.value >= params.other",
        'row.name >= "a"',
        "row.value in [1]",
        "row.value >=",
        "row.flag >= 1",
        "row.set >= 1",
    ],
)
def test_what_compares_no_two_numbers_has_no_margin(text: str) -> None:
    observed: dict[str, JsonValue] = {**FLOOR, "row.flag": True, "row.set": {"conflict": [1, 2]}}
    assert margin_of(text, observed) is None


def test_for_the_bound_of_an_interval_the_trials_that_would_do_are_told() -> None:
    observed: dict[str, JsonValue] = {BOUND: 0.738, "row.value": 0.85, "row.n": 60}
    found = margin_of(f"{BOUND} >= 0.8", observed)
    assert found is not None
    assert found.trials_now == 60
    assert found.trials is not None
    lower = wilson("w", -1, 0.85, found.trials, 0.95)
    before = wilson("w", -1, 0.85, found.trials - 1, 0.95)
    assert isinstance(lower, float)
    assert isinstance(before, float)
    assert before < 0.8 <= lower


def test_no_number_of_trials_lifts_a_rate_over_a_floor_above_it() -> None:
    observed: dict[str, JsonValue] = {BOUND: 0.6, "row.value": 0.71, "row.n": 60}
    found = margin_of(f"{BOUND} >= 0.8", observed)
    assert found is not None
    assert (found.trials, found.trials_now) == (None, 60)


def test_a_bound_that_holds_needs_no_more_trials() -> None:
    observed: dict[str, JsonValue] = {BOUND: 0.85, "row.value": 0.9, "row.n": 140}
    found = margin_of(f"{BOUND} >= 0.8", observed)
    assert found is not None
    assert found.trials is None


def test_a_bound_of_values_that_were_not_observed_is_a_plain_number() -> None:
    found = margin_of(f"{BOUND} >= 0.8", {BOUND: 0.7})
    assert found is not None
    assert found.trials_now is None


@given(
    rate=st.floats(0.01, 0.99),
    share=st.floats(0.01, 0.99),
    trials=st.integers(1, 10_000),
    upper=st.booleans(),
)
def test_the_trials_that_are_told_are_the_least_that_hold(
    *, rate: float, share: float, trials: int, upper: bool
) -> None:
    name, sign, op = ("upper", 1, "<=") if upper else ("lower", -1, ">=")
    call = f"stats.wilson_{name}(row.value, row.n, 0.95)"
    limit = rate + (1 - rate) * share if upper else rate * share
    bound = wilson("w", sign, rate, trials, 0.95)
    assert isinstance(bound, float)
    found = margin_of(
        f"{call} {op} limit", {call: bound, "row.value": rate, "row.n": trials, "limit": limit}
    )
    assert found is not None

    def holds(n: int) -> bool:
        value = wilson("w", sign, rate, n, 0.95)
        assert isinstance(value, float)
        return value <= limit if upper else value >= limit

    if found.trials is None:
        assert holds(trials) or not holds(MOST_TRIALS)
    else:
        assert not holds(trials)
        assert holds(found.trials)
        assert found.trials == 1 or not holds(found.trials - 1)
