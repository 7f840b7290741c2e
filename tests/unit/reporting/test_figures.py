"""Figures as a reader meets them: a value never looks like a limit that it does not reach."""

import re
from math import inf

import pytest

from assaybook.domain.finding import Outcome, RowFinding
from assaybook.reporting import charts
from assaybook.reporting.charting import charts_of
from assaybook.reporting.observe import observed
from assaybook.reporting.words import apart, number, rounded, sentence_case
from support.pack_findings import a_bound, a_finding, a_limit

THIN = "\u202f"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(99.99999, "99.99999", id="nearly-a-hundred"),
        pytest.param(0.99999999, "0.99999999", id="nearly-one"),
        pytest.param(2.9999999999999996, "3", id="noise-of-a-double"),
        pytest.param(0.30000000000000004, "0.3", id="noise-of-a-sum"),
        pytest.param(-0.0, "0", id="minus-nought"),
        pytest.param(-1e-9, "-1e-09", id="a-hair-under-nought"),
        pytest.param(1e-300, "1e-300", id="tiny"),
        pytest.param(1_000_000_000, f"1{THIN}000{THIN}000{THIN}000", id="thousand-millions"),
        pytest.param(9_999.5, "9999.5", id="four-digits-need-no-groups"),
        pytest.param(123456.789, f"123{THIN}456.789", id="groups-and-decimals"),
        pytest.param(1e300, "1e+300", id="vast"),
        pytest.param(True, "true", id="a-truth"),
        pytest.param(0.87, "0.87", id="plain"),
    ],
)
def test_a_number_is_read_as_it_is(value: float, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("value", "limit", "said"),
    [
        pytest.param(0.79999999, 0.8, ("0.79999999", "0.8"), id="a-hair-under"),
        pytest.param(0.80004, 0.8, ("0.80004", "0.8"), id="a-hair-over"),
        pytest.param(0.2 + 1e-17, 0.2, ("0.2", "0.2"), id="equal-as-doubles"),
        pytest.param(0.1 + 0.2, 0.3, ("0.30000000000000004", "0.3"), id="by-the-last-bit"),
        pytest.param(0.772, 0.8, ("0.772", "0.8"), id="told-apart-already"),
    ],
)
def test_a_value_and_its_limit_have_the_digits_that_tell_them_apart(
    value: float, limit: float, said: tuple[str, str]
) -> None:
    assert apart(value, limit) == said


@pytest.mark.parametrize(
    ("value", "places", "limit", "said"),
    [
        pytest.param(0.79999999, 4, 0.8, "< 0.8", id="under-the-limit"),
        pytest.param(0.80001, 3, 0.8, "> 0.8", id="over-the-limit"),
        pytest.param(0.8, 3, 0.8, "0.800", id="the-limit-itself"),
        pytest.param(0.99999999, 4, 0.8, "> 0.9999", id="not-yet-one"),
        pytest.param(0.00001, 4, 0.8, "< 0.0001", id="not-yet-nought"),
        pytest.param(-0.00001, 4, 0.8, "> -0.0001", id="not-yet-nought-from-below"),
        pytest.param(-0.0, 3, 0.8, "0.000", id="no-minus-nought"),
        pytest.param(1.4, 0, 0.8, "1", id="no-decimals-were-asked"),
        pytest.param(1e300, 4, 0.8, "1e+300", id="vast"),
    ],
)
def test_a_rounded_figure_never_stands_for_another(
    value: float, places: int, limit: float, said: str
) -> None:
    assert rounded(value, places, limit) == said


def test_a_fail_by_a_hair_does_not_read_as_the_limit_itself() -> None:
    by_a_hair = a_finding("a.b", outcome=Outcome.FAIL, trace=a_limit(0.20000001, 0.2))
    assert observed(by_a_hair) == "0.20000001, asked: at most 0.2"
    row = RowFinding(key="slice=a", outcome=Outcome.FAIL, trace=a_bound(0.82, 4000, 0.79996))
    (chart,) = charts_of(a_finding("a.b", outcome=Outcome.FAIL, rows=(row,)), {})
    drawn = charts.measured(chart)
    assert "&lt; 0.8 to 0.832" in drawn
    assert "0.800 to" not in drawn


@pytest.mark.parametrize(
    "values",
    [
        pytest.param((5e-324, 0.0), id="the-least-double"),
        pytest.param((1.7e308, -1.7e308), id="the-most-doubles"),
        pytest.param((0.0, -0.0), id="noughts"),
        pytest.param((1e300, 1e-300), id="vast-and-tiny"),
        pytest.param((1e9, 1e9 + 1e-6), id="a-hair-apart"),
    ],
)
def test_a_chart_of_extreme_values_is_drawn_inside_of_its_axis(values: tuple[float, ...]) -> None:
    rows = tuple(
        RowFinding(key=f"m={at}", outcome=Outcome.PASS, trace=a_limit(value, 0.2))
        for at, value in enumerate(values)
    )
    for chart in charts_of(a_finding("a.b", rows=rows), {}):
        drawn = charts.measured(chart)
        assert "nan" not in drawn
        assert str(inf) not in drawn
        places = [float(x) for x in re.findall(r'<circle cx="([\d.-]+)"', drawn)]
        assert len(places) == len(values)
        assert all(156 <= each <= 306 for each in places)
        assert all(len(each) < 24 for each in re.findall(r">([^<]*)</text>", drawn))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("it does not apply", "It does not apply", id="words"),
        pytest.param("eu-ai-act is not in scope", "eu-ai-act is not in scope", id="a-catalog"),
        pytest.param("max_age is not set", "max_age is not set", id="a-parameter"),
        pytest.param("stale: 90 days old", "Stale: 90 days old", id="a-reason"),
        pytest.param("two-thirds fail", "Two-thirds fail", id="a-word-with-a-hyphen"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_sentence_begins_with_a_capital_and_an_id_stays_as_it_is(text: str, said: str) -> None:
    assert sentence_case(text) == said
