"""What a trace shows was observed: values, counts and thresholds, for tables and charts.

Nothing here decides an outcome. A trace that does not have the shape looked for gives nothing,
and the page then says less, never something else.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite, sqrt
from statistics import NormalDist
from typing import Final

from pydantic import JsonValue

from assaybook.domain.documents import Evidence
from assaybook.domain.facts import Drift, Metric
from assaybook.domain.finding import (
    EvidenceUse,
    Finding,
    Outcome,
    ReasonShown,
    RowFinding,
    TraceNode,
)
from assaybook.domain.record import record
from assaybook.reporting.prose import say
from assaybook.reporting.words import (
    apart,
    listed,
    number,
    of,
    outcome_state,
    reason_word,
    sentence_case,
    shortened,
)

_OPERATORS: Final = (">=", "<=", ">", "<")
_WILSON: Final = ("stats.wilson_lower(", "stats.wilson_upper(")
_ELEMENT: Final = re.compile(r"\.(?:all|exists|filter|map)\(\s*([a-zA-Z_]\w*)\s*,", re.ASCII)
_NAME: Final = re.compile(r"(?<![\w.\"'])[a-zA-Z_]\w*", re.ASCII)
_WRITTEN: Final = re.compile(r"(?:duration|timestamp)\(\"[^\"]*\"\)")
_TURNED: Final = str.maketrans("<>", "><")
_LEAVES: Final = 3
_TEXT: Final = 60
_DIGEST: Final = 20
"""A digest is known by its first digits; it stands whole where it is registered."""
GHOST: Final = "?"
"""Key of the one further row of an open list."""
LEVEL: Final = 0.95


@record
class Observation:
    """One comparison of something measured with a threshold.

    ``value`` is the measured number, ``n`` the trials behind it; ``low`` and ``high`` bound it at
    ``level``. ``operator`` reads with the measured side on the left. ``name`` is the threshold as
    written, ``what`` the measured side as written.
    """

    value: float
    threshold: float
    operator: str
    name: str
    what: str
    n: int | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    compared: float | None = None


def observation(trace: TraceNode | None) -> Observation | None:
    """Return the comparison that decides a trace by itself, where both of its sides are numbers.

    One condition among several is no such comparison: a row can pass or fail without it.
    """
    if trace is None:
        return None
    return _comparison(_branch(trace))


def _branch(node: TraceNode) -> TraceNode:
    """Return the branch that ``test ? then : other`` came to, of nested ones the innermost."""
    if len(node.children) == 2:  # noqa: PLR2004 - the test and the branch that was taken
        test, taken = node.children
        rest = node.text.removeprefix(test.text).lstrip()
        if node.text.startswith(test.text) and rest.startswith("?") and taken.text in rest:
            return _branch(taken)
    return node


def _walk(node: TraceNode | None) -> Iterator[TraceNode]:
    if node is None:
        return
    yield node
    for child in node.children:
        yield from _walk(child)


def _comparison(node: TraceNode) -> Observation | None:
    """Read ``left op right``; a side that is written as a number has no line of its own."""
    sides = _sides(node)
    if sides is None:
        return None
    left, operator, right = sides
    if _is_limit(left) and not _is_limit(right):
        left, right = right, left
        operator = operator.translate(_TURNED)
    measured, threshold = real(left.value), real(right.value)
    if measured is None or threshold is None or not _is_limit(right):
        return None
    return _measured(left, measured, threshold, operator, right.text)


def _sides(node: TraceNode) -> tuple[TraceNode, str, TraceNode] | None:
    """Split a comparison where the text of its lines ends, and not inside of them."""
    if not 1 <= len(node.children) <= 2:  # noqa: PLR2004 - a comparison has two sides
        return None
    first, last = node.children[0].text, node.children[-1].text
    if len(node.children) == 1 and node.text.endswith(last) and not node.text.startswith(first):
        before = _number_and_operator(node.text[: -len(last)], at_end=True)
        return None if before is None else (before[0], before[1], node.children[0])
    if not node.text.startswith(first):
        return None
    rest = node.text[len(first) :]
    if len(node.children) == 1:
        after = _number_and_operator(rest, at_end=False)
        return None if after is None else (node.children[0], after[1], after[0])
    operator = rest.removesuffix(last).strip()
    if operator not in _OPERATORS or not rest.endswith(last):
        return None
    return node.children[0], operator, node.children[1]


def _number_and_operator(text: str, *, at_end: bool) -> tuple[TraceNode, str] | None:
    """Read ``>= 0.8`` or ``0.8 <=``; the number becomes a line of its own."""
    plain = text.strip()
    for operator in _OPERATORS:
        whole = plain.endswith(operator) if at_end else plain.startswith(operator)
        if whole:
            number_text = plain.removesuffix(operator) if at_end else plain.removeprefix(operator)
            value = _written_number(number_text)
            if value is not None:
                return TraceNode(text=number_text.strip(), value=value), operator
    return None


def _written_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _is_limit(node: TraceNode) -> bool:
    """Tell whether a side is a limit: a parameter, or a number as written."""
    return node.text.startswith("params.") or _written_number(node.text) is not None


def _measured(
    left: TraceNode, measured: float, threshold: float, operator: str, name: str
) -> Observation:
    if left.text.startswith(_WILSON) and len(left.children) >= 2:  # noqa: PLR2004 - value, n
        value, n = real(left.children[0].value), real(left.children[1].value)
        level = _level(left)
        if value is not None and n is not None and level is not None:
            low, high = interval(value, int(n), level)
            if left.text.startswith(_WILSON[0]):
                low = measured
            else:
                high = measured
            what = left.children[0].text
            told = (int(n), low, high, level, measured)
            return Observation(value, threshold, operator, name, what, *told)
    return Observation(measured, threshold, operator, name, left.text)


def _level(call: TraceNode) -> float | None:
    """Return the confidence of a bound: its last argument, a parameter or as written."""
    if len(call.children) > 2:  # noqa: PLR2004 - value and n come first
        return real(call.children[2].value)
    return _written_number(call.text.rpartition(",")[2].rstrip(") "))


def real(value: JsonValue) -> float | None:
    """Return a finite number, or None for anything else; true and false are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def interval(value: float, n: int, level: float) -> tuple[float | None, float | None]:
    """Return the Wilson score interval of a share ``value`` of ``n`` trials, for drawing.

    Nothing where the share, the number of trials or the level is outside its range.
    """
    if n < 1 or not 0 <= value <= 1 or not 0 < level < 1:
        return None, None
    z = NormalDist().inv_cdf((1 + level) / 2)
    scale = 1 + z * z / n
    centre = value + z * z / (2 * n)
    spread = z * sqrt(value * (1 - value) / n + z * z / (4 * n * n))
    return (centre - spread) / scale, (centre + spread) / scale


def facts_by_place(
    evidence: tuple[Evidence, ...],
) -> Mapping[tuple[str, str], tuple[float, int | None]]:
    """Return value and trials of every measured fact by evidence id and pointer."""
    found: dict[tuple[str, str], tuple[float, int | None]] = {}
    for document in evidence:
        for fact in document.facts:
            if isinstance(fact, Metric | Drift) and fact.value is not None:
                trials = fact.n if isinstance(fact, Metric) else fact.n_current
                found[document.envelope.id, fact.pointer] = (fact.value, trials)
    return found


def place_of(uses: tuple[EvidenceUse, ...]) -> tuple[str, str] | None:
    """Return the one place that a row was read from, or None where there are none or several."""
    return (uses[0].id, uses[0].pointer) if len(uses) == 1 else None


def value_text(value: JsonValue) -> str:
    """Return an observed value on one short line."""
    match value:
        case None:
            return "unknown"
        case bool() | int() | float():
            return number(value)
        case str():
            most = _DIGEST if value.startswith("sha256:") else _TEXT
            return shortened(value, most) or "an empty text"
        case list():
            return f"a list of {len(value)}"
        case dict():
            return f"a record of {len(value)}"


def observed(finding: Finding) -> str:
    """Return in words what was observed for a finding; never empty."""
    if any(row.key != GHOST for row in finding.rows):
        return rows_text(finding.rows)
    if finding.outcome in {Outcome.INCONCLUSIVE, Outcome.ERROR}:
        return reasons_text(finding.reasons)
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return sentence_case(finding.message) or "The policy does not apply to this release."
    return _traced(finding.trace) or finding.message or held(finding.outcome)


def _traced(trace: TraceNode | None) -> str:
    """Return what a trace shows was compared; empty where it shows nothing."""
    seen = observation(trace)
    if seen is not None:
        return against(seen)
    if told := _of_each(trace):
        return told
    shown = list(dict(_leaves(trace)).items())[:_LEAVES]
    return "; ".join(say("value", name=name, value=text) for name, text in shown)


def _of_each(trace: TraceNode | None) -> str:
    """Return for which elements of a list ``all`` does not hold; empty where that is not told.

    It stops at the first, and a long trace ends early: what was not looked at is not counted.
    """
    if trace is None:
        return ""
    if trace.joins == "and":
        failing = [child for child in trace.children if child.truth == "F"]
        return _of_each(failing[0]) if len(failing) == 1 else ""
    rows = [child for child in trace.children if child.row]
    if trace.joins != "all" or not rows:
        return ""
    listing = trace.children[0].value
    whole = isinstance(listing, list) and len(listing) == len(rows)
    hold = f"{of(sum(row.truth == 'T' for row in rows), len(rows))} hold" if whole else ""
    fails = [shortened(row.row, _TEXT) for row in rows if row.truth == "F"]
    rest = f"not so for {listed(fails)}" if fails else ""
    later = "the rest was not looked at" if fails and not whole else ""
    return "; ".join(part for part in (hold, rest, later) if part)


def held(outcome: Outcome) -> str:
    """Return what is to be said of a rule that showed no value and no words of its own."""
    return say("held", holds=say("true" if outcome is Outcome.PASS else "false"))


def against(seen: Observation) -> str:
    """Return ``0.772 against at least 0.8``: the number that was compared, and its limit."""
    compared = seen.value if seen.compared is None else seen.compared
    limit = {">=": "at least", ">": "over", "<=": "at most", "<": "under"}[seen.operator]
    said, asked = apart(compared, seen.threshold)
    return f"{said}, asked: {limit} {asked}"


def rows_text(rows: tuple[RowFinding, ...]) -> str:
    """Return ``7 of 8 rows pass, 1 fails`` for judged rows."""
    sure = [row for row in rows if row.key != GHOST]
    found = Counter(row.outcome for row in sure)
    rest = [
        f"{found[outcome]} {outcome_state(outcome).word.lower()}"
        for outcome in Outcome
        if found[outcome] and outcome is not Outcome.PASS
    ]
    said = say("rows", passed=found[Outcome.PASS], sure=len(sure))
    said = say("rows-but", rows=said, others=listed(rest)) if rest else said
    return say("rows-open", rows=said) if len(sure) < len(rows) else said


def reasons_text(reasons: tuple[ReasonShown, ...]) -> str:
    """Return the distinct reasons of an unknown in their order, as short words."""
    words = list(dict.fromkeys(reason_word(reason.code) for reason in reasons))
    return say("unknown-why", reasons=listed(words)) if words else say("unknown")


def short_keys(keys: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return the columns that all keys share, and for each key what is left without them.

    The names of columns are left out where the values alone tell the rows apart.
    """
    split = {key: key.split(", ") for key in keys}
    every = Counter(part for parts in split.values() for part in set(parts))
    common = [part for part, times in every.items() if 1 < len(split) == times]
    rest = {key: [p for p in parts if p not in common] or parts for key, parts in split.items()}
    labels = {
        key: " · ".join(part.partition("=")[2] or part for part in parts)
        for key, parts in rest.items()
    }
    if len(set(labels.values())) < len(labels):
        labels = {key: " · ".join(parts) for key, parts in rest.items()}
    nothing: list[str] = []
    first = next(iter(split.values()), nothing)
    return ", ".join(part for part in first if part in common), labels


def row_text(row: RowFinding) -> str:
    """Return in words what was observed in one row; never empty."""
    if row.outcome in {Outcome.INCONCLUSIVE, Outcome.ERROR} and row.reasons:
        told = [reason.message for reason in row.reasons if reason.message]
        return told[0] if told else reasons_text(row.reasons)
    seen = observation(row.trace)
    if seen is None:
        return row.message or outcome_state(row.outcome).word
    trials = "" if seen.n is None else f", n = {seen.n}"
    measured = "" if seen.low is None else f"{number(seen.value)}{trials}; bound "
    return f"{measured}{against(seen)}"


def _leaves(trace: TraceNode | None) -> Iterator[tuple[str, str]]:
    """Yield what stands under the conditions: the operands that were compared.

    What stands for one element of a list after the other is told by its list, and not by the last.
    """
    passing = {name for node in _walk(trace) for name in _ELEMENT.findall(node.text)}
    for node in _walk(trace):
        operands = [child for child in node.children if child.truth == ""]
        if node.truth and operands:
            for child in operands:
                known = isinstance(child.value, str | int | float | bool)
                limit = _is_limit(child) or _WRITTEN.fullmatch(child.text)
                if known and not limit and passing.isdisjoint(_NAME.findall(child.text)):
                    yield shortened(child.text, 60), value_text(child.value)
