"""The engine's own accounts are what charts read."""

import pytest

from assaybook.domain.values import Row, Value, plain_list
from assaybook.evaluation.run import traced
from assaybook.language.parser import parse
from assaybook.reporting.observe import Observation, observation, observed
from support.expressions import a_row
from support.pack_findings import a_finding


def seen(text: str, **row: Value) -> Observation | None:
    here = {"row": Row("metric", "recall[a]", row), "params": a_row(floor=0.8, limit=0.2)}
    _truth, account = traced(parse(text), here)
    return observation(account)


@pytest.mark.parametrize(
    ("text", "operator", "threshold"),
    [
        ("row.value >= params.floor", ">=", 0.8),
        ("params.floor <= row.value", ">=", 0.8),
        ("row.value < 0.5", "<", 0.5),
        ("0.5 > row.value", "<", 0.5),
        ('row.method == "psi" ? row.value <= params.limit : row.value >= 0.05', "<=", 0.2),
    ],
)
def test_a_threshold_is_found_as_the_engine_tells_it(
    text: str, operator: str, threshold: float
) -> None:
    found = seen(text, value=0.9, n=10.0, method="psi")
    assert found is not None
    assert (found.operator, found.threshold) == (operator, threshold)


@pytest.mark.parametrize(
    "text", ["row.n > 0 && row.value <= params.limit", "row.value <= params.limit || row.n > 0"]
)
def test_a_comparison_that_does_not_decide_alone_is_not_drawn(text: str) -> None:
    assert seen(text, value=0.9, n=10.0) is None


def test_a_bound_is_found_with_its_trials_and_its_level() -> None:
    found = seen("stats.wilson_lower(row.value, row.n, 0.95) >= params.floor", value=0.9, n=400)
    assert found is not None
    assert found.low is not None
    assert (found.value, found.n, found.level) == (0.9, 400, 0.95)
    assert 0.86 < found.low < 0.87


def test_the_other_end_of_the_interval_is_drawn_by_the_same_formula() -> None:
    lower = seen("stats.wilson_lower(row.value, row.n, 0.95) >= 0.1", value=0.9, n=400)
    upper = seen("stats.wilson_upper(row.value, row.n, 0.95) >= 0.1", value=0.9, n=400)
    assert lower is not None
    assert upper is not None
    assert lower.low == pytest.approx(upper.low)
    assert lower.high == pytest.approx(upper.high)


def test_what_holds_for_each_of_a_list_is_told_by_the_list_and_not_by_its_last_element() -> None:
    alerts = plain_list(["on", "off"], label="alerts")
    here: dict[str, Value] = {"alerts": alerts, "params": a_row(floor=0.8), "row": a_row(value=0.9)}
    text = 'alerts.all(one, one != "x") && size(alerts) >= 2 && row.value >= params.floor'
    _truth, account = traced(parse(text), here)
    told = observed(a_finding("a.b", trace=account))
    assert "row.value = 0.9" in told
    assert "one = " not in told


def test_a_length_of_time_as_written_is_no_observation() -> None:
    _truth, account = traced(
        parse('age(row.at) >= duration("0s") || row.n > 1'), {"row": a_row(n=3)}
    )
    assert "duration" not in observed(a_finding("a.b", trace=account))


def _of_all(text: str, *names: str) -> str:
    here: dict[str, Value] = {"params": a_row(topics=plain_list(names), floor=1.0)}
    _truth, account = traced(parse(text), here)
    return observed(a_finding("a.b", trace=account))


@pytest.mark.parametrize("text", ["{0}", "params.floor >= 0.5 && {0}"])
def test_what_fails_for_one_of_a_list_is_named(text: str) -> None:
    written = text.format('params.topics.all(t, t != "risks")')
    assert _of_all(written, "owner", "risks") == "1 of 2 hold; not so for risks"
    told = _of_all(written, "owner", "risks", "contact")
    assert told == "2 of 3 hold; not so for risks"


def test_all_that_fails_of_a_list_is_named_at_once_and_not_one_in_each_run() -> None:
    text = 'params.topics.all(t, t.contains("e"))'
    names = ["owner", "risks", "use", "limits"]
    assert _of_all(text, *names) == "2 of 4 hold; not so for risks and limits"
    assert _of_all(text, "risks", *["use"] * 60) == "not so for risks; the rest was not looked at"


def test_what_holds_for_each_of_a_list_is_counted() -> None:
    assert _of_all('params.topics.all(t, t != "x")', "owner", "risks") == "2 of 2 hold"
