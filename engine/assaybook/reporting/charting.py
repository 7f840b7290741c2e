"""From a finding's trace to a chart: which rows were measured, against which threshold."""

import re
from collections.abc import Collection, Mapping
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
from assaybook.reporting.words import count, finding_state, listed, number, of, outcome_state

MOST: Final = 12
MOST_THRESHOLDS: Final = 3
"""A rule that holds its rows to more of them is told in words alone."""
_UNDECIDED: Final = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
MOST_OF_ONE_KIND: Final = 5
"""Where every row keeps to the threshold, those that come nearest to it say it all."""
Places = Mapping[tuple[str, str], tuple[float, int | None]]
_WORST: Final = {"fail": 0, "err": 1, "inc": 2, "wv": 3}
_ROOM: Final = 36
"""Characters of a label that a drawing shows whole."""
_PARAMETER: Final = re.compile(r"params\.(?P<param>\w+)(?: *(?P<more>[+-] *\d*\.?\d+))?", re.ASCII)
_WAIVED: Final = State(key="wv", mark="◈", word="Fail, waived")


def charts_of(finding: Finding, places: Places) -> tuple[Chart, ...]:
    """Return the charts of a finding, one for each threshold; none without a measured comparison.

    A row stands with the threshold that decided it. One that could not be decided stands, where
    there is only one threshold, with the value that its evidence has, if it has one. At most 12
    rows are drawn in a chart, what fails or is undecided first; where nothing does, the five that
    come nearest to the threshold. The rest is counted.
    """
    if not finding.rows:
        seen = observation(finding.trace)
        if seen is None:
            return ()
        whole = _measure("This release", seen, finding_state(finding), "")
        return (_chart(finding, seen, (whole,), ""),)
    groups: dict[tuple[float, str, str], list[tuple[RowFinding, Observation | None]]] = {}
    undecided: list[tuple[RowFinding, Observation | None]] = []
    for row in finding.rows:
        seen = observation(row.trace)
        if seen is not None:
            groups.setdefault((seen.threshold, seen.name, seen.operator), []).append((row, seen))
        elif row.outcome in _UNDECIDED:
            undecided.append((row, None))
    if not groups or len(groups) > MOST_THRESHOLDS:
        return ()
    if len(groups) == 1:
        next(iter(groups.values())).extend(undecided)
    labels = _labels([row.key for row in finding.rows if row.key != GHOST])
    return tuple(_rows_chart(finding, rows, labels, places) for rows in groups.values())


def _rows_chart(
    finding: Finding,
    rows: list[tuple[RowFinding, Observation | None]],
    labels: Mapping[str, str],
    places: Places,
) -> Chart:
    pattern = next(seen for _, seen in rows if seen is not None)
    measures = [_row(row, seen, pattern, places, labels[row.key]) for row, seen in rows]
    urgent = [each for each in measures if each.state.key != "pass"]
    urgent.sort(key=lambda each: _WORST.get(each.state.key, len(_WORST)))
    settled = [each for each in measures if each.state.key == "pass"]
    if len(settled) > MOST_OF_ONE_KIND and not urgent:
        settled.sort(key=lambda each: _distance(each, pattern.threshold))
        settled = settled[:MOST_OF_ONE_KIND]
    drawn = (urgent + settled)[:MOST]
    rest = _rest([each for each in measures if each not in drawn])
    return _chart(finding, pattern, tuple(drawn), rest, tuple(measures))


def _rest(measures: list[Measure]) -> str:
    """Say how many rows are not drawn: those that do not pass are told apart."""
    passing = sum(each.state.key == "pass" for each in measures)
    urgent = len(measures) - passing
    told = [
        count(urgent, "row that fails or is unknown", "rows that fail or are unknown"),
        count(passing, "row that passes", "rows that pass"),
    ]
    shown = [words for words, some in zip(told, (urgent, passing), strict=True) if some]
    return f"Not drawn, and in the findings JSON: {listed(shown)}." if shown else ""


def _distance(measure: Measure, threshold: float) -> float:
    """Return how far a measured row, or the nearer end of its interval, is from a threshold."""
    ends = [one for one in (measure.value, measure.low, measure.high) if one is not None]
    return min((abs(one - threshold) for one in ends), default=0.0)


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
    long = any(len(label) > _ROOM for label in short.values())
    return ((_without_echoes(keys) if long else {}) or short) | {GHOST: "any further row"}


def _without_echoes(keys: list[str]) -> dict[str, str]:
    """Return labels without what another part of a key tells already, as a split tells a path.

    None where such labels would not tell the rows apart.
    """
    rows = {key: _columns(key) for key in keys}
    columns = dict.fromkeys(column for row in rows.values() for column in row)
    kept = [one for one in columns if len({row.get(one) for row in rows.values()}) > 1]
    for column in kept[:0:-1]:
        if any(_tells(rows.values(), one, column) for one in kept if one != column):
            kept.remove(column)
    labels = {
        key: " · ".join(row[one] for one in kept if row.get(one)) for key, row in rows.items()
    }
    return labels if len(set(labels.values()) - {""}) == len(rows) else {}


def _columns(key: str) -> dict[str, str]:
    parts = (part.partition("=") for part in key.split(", "))
    return {name: value for name, _, value in parts}


def _tells(rows: Collection[dict[str, str]], one: str, other: str) -> bool:
    """Tell whether rows that are alike in one column are alike in another."""
    pairs = {(row.get(one), row.get(other)) for row in rows}
    return len({first for first, _ in pairs}) == len(pairs)


def _chart(
    finding: Finding,
    pattern: Observation,
    measures: tuple[Measure, ...],
    rest: str,
    whole: tuple[Measure, ...] = (),
) -> Chart:
    name = _threshold_name(pattern)
    kind = "interval" if any(each.low is not None for each in measures) else "bullet"
    sign = "Dot: value. Line:" if kind == "interval" else "Bar: value."
    drawn = f"{sign} {number(pattern.level * 100)} % interval." if kind == "interval" else sign
    return Chart(
        kind="interval" if kind == "interval" else "bullet",
        caption=_caption(finding, whole, f"{name} {number(pattern.threshold)}"),
        legend=f"{drawn} The tinted side is not allowed.",
        what=finding.title,
        threshold=pattern.threshold,
        threshold_name=name,
        forbidden="below" if pattern.operator.startswith(">") else "above",
        level=pattern.level,
        measures=measures,
        rest=rest,
    )


def _threshold_name(pattern: Observation) -> str:
    """Return the parameter that a threshold is, give or take less than the page shows of it."""
    named = _PARAMETER.fullmatch(pattern.name)
    if named is None:
        return "limit"
    more = float((named["more"] or "0").replace(" ", ""))
    if number(pattern.threshold - more) != number(pattern.threshold):
        return "limit"
    return named["param"].replace("_", " ")


def _caption(finding: Finding, rows: tuple[Measure, ...], limit: str) -> str:
    if not finding.rows:
        words = {Outcome.PASS: "keeps to", Outcome.FAIL: "breaks"}
        return f"The measured value {words.get(finding.outcome, 'cannot be held to')} the {limit}."
    whole = len(rows)
    failed = sum(each.state.key in {"fail", "wv"} for each in rows)
    unsure = sum(each.state.key in {"inc", "err"} for each in rows)
    if failed:
        head = f"{of(failed, whole)} rows {'breaks' if failed == 1 else 'break'} the {limit}"
    elif unsure:
        head = f"No row breaks the {limit}"
    else:
        head = f"All {whole} rows keep" if whole > 1 else "The only row keeps"
        head += f" to the {limit}"
    return f"{head}, {unsure} cannot be decided." if unsure else f"{head}."
