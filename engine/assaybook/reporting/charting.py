"""From a finding's trace to a chart: which rows were measured, against which threshold."""

from collections.abc import Mapping
from typing import Final

from assaybook.domain.finding import Finding, Outcome, RowFinding
from assaybook.reporting.observe import (
    GHOST,
    Observation,
    interval,
    observation,
    place_of,
    reasons_text,
    short_keys,
)
from assaybook.reporting.parts import Chart, Measure, State
from assaybook.reporting.words import (
    finding_state,
    number,
    of,
    outcome_state,
    shortened,
)

MOST: Final = 12
MOST_OF_ONE_KIND: Final = 8
"""Where every row keeps to the threshold, a few of them say it all."""
Places = Mapping[tuple[str, str], tuple[float, int | None]]
_WORST: Final = {"fail": 0, "err": 1, "inc": 2, "wv": 3}
_WAIVED: Final = State(key="wv", mark="◈", word="Fail, waived")


def chart_of(finding: Finding, places: Places) -> Chart | None:
    """Return the chart of a finding, or None where its trace holds no measured comparison.

    A row that could not be decided shows the value that its evidence has, if it has one. At most
    12 rows are drawn, what fails or is undecided first; the rest is counted.
    """
    if not finding.rows:
        seen = observation(finding.trace)
        if seen is None:
            return None
        whole = _measure("This release", seen, finding_state(finding), "")
        return _chart(finding, seen, (whole,), 0)
    observed = [(row, observation(row.trace)) for row in finding.rows]
    known = [seen for _, seen in observed if seen is not None]
    if not known or len({(seen.threshold, seen.name, seen.operator) for seen in known}) > 1:
        return None
    pattern = known[0]
    labels = _labels([row.key for row in finding.rows if row.key != GHOST])
    measures = [_row(row, seen, pattern, places, labels[row.key]) for row, seen in observed]
    urgent = [each for each in measures if each.state.key != "pass"]
    urgent.sort(key=lambda each: _WORST.get(each.state.key, len(_WORST)))
    settled = [each for each in measures if each.state.key == "pass"]
    most = MOST if urgent else MOST_OF_ONE_KIND
    drawn = (urgent + settled)[:most]
    return _chart(finding, pattern, tuple(drawn), len(measures) - len(drawn))


def _row(
    row: RowFinding, seen: Observation | None, pattern: Observation, places: Places, label: str
) -> Measure:
    state = _WAIVED if row.waived_by else outcome_state(row.outcome)
    if seen is not None:
        return _measure(label, seen, state, "")
    place = place_of(row.evidence)
    value, trials = places.get(place, (None, None)) if place else (None, None)
    low, high = None, None
    if value is not None and trials is not None and pattern.low is not None:
        low, high = interval(value, trials, pattern.level)
    return Measure(
        label=label,
        value=value,
        n=trials,
        low=low,
        high=high,
        state=state,
        note=reasons_text(row.reasons),
    )


def _measure(label: str, seen: Observation, state: State, note: str) -> Measure:
    return Measure(
        label=label,
        value=seen.value,
        n=seen.n,
        low=seen.low,
        high=seen.high,
        state=state,
        note=note,
    )


def _labels(keys: list[str]) -> dict[str, str]:
    """Return a short label for each key, and one for the rows that nobody submitted."""
    _, short = short_keys(keys)
    return {key: shortened(label, 40) for key, label in short.items()} | {GHOST: "any further row"}


def _chart(
    finding: Finding, pattern: Observation, measures: tuple[Measure, ...], left: int
) -> Chart:
    name = _threshold_name(pattern.name)
    kind = "interval" if any(each.low is not None for each in measures) else "bullet"
    sign = "Dot: value. Line:" if kind == "interval" else "Bar: value."
    drawn = f"{sign} {number(pattern.level * 100)} % interval." if kind == "interval" else sign
    return Chart(
        kind="interval" if kind == "interval" else "bullet",
        caption=_caption(finding, measures, left, f"{name} {number(pattern.threshold)}"),
        legend=f"{drawn} The tinted side is not allowed.",
        what=finding.title,
        threshold=pattern.threshold,
        threshold_name=name,
        forbidden="below" if pattern.operator.startswith(">") else "above",
        level=pattern.level,
        measures=measures,
        left=left,
    )


def _threshold_name(written: str) -> str:
    if written.startswith("params."):
        return written.removeprefix("params.").replace("_", " ")
    return "limit"


def _caption(finding: Finding, measures: tuple[Measure, ...], left: int, limit: str) -> str:
    if not finding.rows:
        words = {Outcome.PASS: "keeps to", Outcome.FAIL: "breaks"}
        return f"The measured value {words.get(finding.outcome, 'cannot be held to')} the {limit}."
    whole = len(measures) + left
    failed = sum(row.outcome is Outcome.FAIL for row in finding.rows)
    unsure = sum(row.outcome in {Outcome.INCONCLUSIVE, Outcome.ERROR} for row in finding.rows)
    if failed:
        head = f"{of(failed, whole)} rows {'breaks' if failed == 1 else 'break'} the {limit}"
    elif unsure:
        head = f"No row breaks the {limit}"
    else:
        head = f"All {whole} rows keep" if whole > 1 else "The only row keeps"
        head += f" to the {limit}"
    return f"{head}, {unsure} cannot be decided." if unsure else f"{head}."
