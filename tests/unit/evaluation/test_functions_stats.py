"""Numbers and statistics: formulas against worked examples, and what proves nothing."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.values import Conflict, Unknown, Value, plain_list, unknown
from support.expressions import a_list, codes, judged


@pytest.mark.parametrize(
    ("share", "trials", "lower", "upper"),
    [(0.86, 318, 0.8176, 0.8938), (0.86, 130, 0.7899, 0.9093), (0.0, 10, 0.0, 0.2775)],
)
def test_the_wilson_interval_agrees_with_published_examples(
    share: float, trials: int, lower: float, upper: float
) -> None:
    names: dict[str, Value] = {"p": share, "n": trials}
    assert judged("stats.wilson_lower(p, n, 0.95)", **names) == pytest.approx(lower, abs=5e-4)
    assert judged("stats.wilson_upper(p, n, 0.95)", **names) == pytest.approx(upper, abs=5e-4)


@given(st.floats(0, 1), st.integers(1, 10**9), st.floats(0.01, 0.999))
def test_the_wilson_interval_holds_the_share_and_stays_a_share(p: float, n: int, c: float) -> None:
    low = judged("stats.wilson_lower(p, n, c)", p=p, n=n, c=c)
    high = judged("stats.wilson_upper(p, n, c)", p=p, n=n, c=c)
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert 0 <= low <= p + 1e-9
    assert p - 1e-9 <= high <= 1


def test_a_share_of_no_trials_is_too_few() -> None:
    assert codes(judged("stats.wilson_lower(1.0, 0, 0.95)")) == ["too_few"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("stats.wilson_lower(1.1, 10, 0.95)", "error:domain"),
        ("stats.wilson_lower(0.5, -1, 0.95)", "error:domain"),
        ("stats.wilson_lower(0.5, 10, 1.0)", "error:domain"),
        ("stats.wilson_lower(0.5, 10.0, 0.95)", "error:no_overload"),
        ("stats.percentile([1], 101)", "error:domain"),
        ("stats.mean(['a'])", "error:no_overload"),
        ("stats.mean(3)", "error:no_overload"),
        ("stats.percentile([1], 'a')", "error:no_overload"),
        ("stats.mean([1.0, double('inf')])", "error:nan"),
        ("stats.mean([1e308, 1e308])", "error:overflow"),
        ("stats.stddev([-1.7e308, 1.7e308])", "error:overflow"),
        ("math.least('a', 'b')", "error:no_overload"),
        ("math.least()", "error:no_overload"),
        ("math.abs('a')", "error:no_overload"),
        ("math.abs(-9223372036854775808)", "error:overflow"),
        ("math.ceil(true)", "error:no_overload"),
    ],
)
def test_a_statistic_of_what_has_none_is_an_error(text: str, code: str) -> None:
    assert codes(judged(text)) == [code]


def test_a_nan_from_outside_is_refused_wherever_it_is_used() -> None:
    nan = math.nan
    for text in (
        "x == 1.0",
        "1.0 > x",
        "x < x",
        "x != 1",
        "math.least(x, 1)",
        "x + 1.0",
        "[x]==[1]",
    ):
        assert codes(judged(text, x=nan)) == ["error:nan"]
    assert codes(judged("math.ceil(x)", x=nan)) == ["error:nan"]
    assert codes(judged("stats.mean([x])", x=nan)) == ["error:nan"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("math.least(3, 1, 2)", 1),
        ("math.greatest([1, 2.5])", 2.5),
        ("math.greatest(-5)", -5),
        ("math.least(1, 1.0)", 1),
        ("math.abs(-3)", 3),
        ("math.abs(-3.5)", 3.5),
        ("math.ceil(1.2)", 2.0),
        ("math.ceil(3)", 3.0),
        ("math.floor(-1.2)", -2.0),
        ("math.round(0.5)", 1.0),
        ("math.round(-0.5)", -1.0),
        ("math.round(2.4)", 2.0),
        ("math.round(0.49999999999999994)", 0.0),
        ("math.round(double('inf'))", math.inf),
        ("stats.mean([1, 2, 6])", 3.0),
        ("stats.stddev([2.0, 4.0, 6.0])", 2.0),
        ("stats.percentile([1, 2, 3, 4], 50)", 2.5),
        ("stats.percentile([4, 1], 100)", 4.0),
        ("stats.percentile([4, 1], 0.0)", 1.0),
        ("stats.slope([1.0, 3.0, 5.0])", 2.0),
        ("stats.slope([5.0, 5.0])", 0.0),
    ],
)
def test_statistics_follow_their_stated_formulas(text: str, value: float) -> None:
    found = judged(text)
    assert found == value
    assert type(found) is type(value)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_the_order_of_evidence_changes_no_statistic(values: list[float]) -> None:
    other = sorted(values)
    for name in ("stats.mean(v)", "stats.stddev(v)", "stats.percentile(v, 75)"):
        assert judged(name, v=plain_list(values)) == judged(name, v=plain_list(other))
    assert judged("stats.mean(v)", v=plain_list(values)) == pytest.approx(statistics.fmean(values))
    expected = statistics.quantiles(values, n=4, method="inclusive")[2]
    assert judged("stats.percentile(v, 75)", v=plain_list(values)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "name", ["math.least", "math.greatest", "stats.mean", "stats.stddev", "stats.slope"]
)
@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        (a_list(), ["empty"]),
        (a_list(proven=True), ["empty"]),
        (a_list(1.0, 2.0, ghost="errored"), ["errored"]),
        (a_list(1.0, possible=(2.0,), doubt="stale"), ["stale"]),
        (a_list(1.0, unknown("null", "n")), ["null"]),
        (unknown("stale"), ["stale"]),
    ],
)
def test_a_statistic_of_an_uncertain_or_empty_list_is_unknown(
    name: str, values: Value, reasons: list[str]
) -> None:
    assert codes(judged(f"{name}(v)", v=values)) == reasons


def test_one_number_has_neither_deviation_nor_slope() -> None:
    assert codes(judged("stats.stddev([1.0])")) == ["too_few"]
    assert codes(judged("stats.slope([1.0])")) == ["too_few"]


def test_a_statistic_over_a_conflict_is_decided_where_all_readings_agree() -> None:
    values = a_list(1.0, Conflict((0.9, 0.8)))
    assert judged("math.least(v) >= 0.8", v=values) is True
    assert judged("math.greatest(v) == 1.0", v=values) is True
    found = judged("math.least(v) >= 0.85", v=values)
    assert isinstance(found, Unknown)
    assert codes(found) == ["conflict"]
