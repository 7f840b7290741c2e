"""The charts of the audit pack, one function each: what to show in, one SVG text out.

A state is drawn by shape, texture and word before colour. Every value stands in figures beside
its mark, and the title of the drawing holds the numbers for those who cannot see it.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Final

from assaybook.reporting.labels import told_apart
from assaybook.reporting.pages import AnnexPage
from assaybook.reporting.parts import (
    Chart,
    FrameworkResult,
    Measure,
    Part,
    Share,
    State,
    WaiverLine,
    WaiversPage,
)
from assaybook.reporting.svg import (
    ACCENT,
    INK,
    INK2,
    INK3,
    PALE,
    STEEL,
    TINT,
    WIDTH,
    WORDS,
    area,
    box,
    dot,
    drawing,
    line,
    state_word,
    text,
)
from assaybook.reporting.words import apart, number, rounded, shortened

_LEFT: Final = 156
_RIGHT: Final = 306
_MARGIN: Final = 0.06
_DECIMALS: Final = 4
_LEAST: Final = 1e-290
_MOST: Final = 1e300
"""Beyond these, a double has no room for a margin or for steps between."""
_STEPS: Final = (1, 2, 2.5, 5, 10)
_LABEL: Final = 28
_MONO: Final = "Assay Mono, Assay Marks"
_OPEN: Final = 14.0
"""Length of the line by which a waiver begins that states no start."""
_HEX: Final = 16


def stacked(result: FrameworkResult) -> str:
    """Draw every control of a framework in one bar; what needs a decision is at the left."""
    return _bar(result.name, result.met, result.parts)


def points(page: AnnexPage) -> str:
    """Draw the points of the technical file in one bar."""
    return _bar("Annex IV", f"{len(page.lines)} points", page.parts)


def _bar(name: str, said: str, parts: tuple[Part, ...]) -> str:
    whole = sum(part.count for part in parts)
    body = text(0, 8, name, bold=True) + text(WIDTH, 8, said, anchor="end")
    at, key = 0.0, 0.0
    for part in parts:
        span = part.count / whole * WIDTH
        body += area(at, 13, max(0.4, span - 0.9), 13, part.state.key)
        at += span
        figures, words = str(part.count), part.state.word.lower()
        body += area(key, 31, 7, 6, part.state.key) + text(
            key + 9.6, 36.6, figures, size=7, bold=True
        )
        key += 9.6 + 4.1 * len(figures) + 1.4
        body += text(key, 36.6, words, size=7, fill=INK2)
        key += 3.1 * len(words) + 10
    told = ", ".join(f"{part.count} {part.state.word.lower()}" for part in parts)
    return drawing(40, f"{name}: {said}; {told}", body)


def swatch(state: State) -> str:
    """Draw a small sample of a state's fill."""
    return drawing(10, f"Fill of {state.word.lower()}", area(0, 0, 26, 10, state.key), width=26)


def measured(chart: Chart) -> str:
    """Draw values against one threshold: intervals where the trials are known, else bars."""
    low, high, step = _scale(chart)
    top, pitch = 24.0, 15.5
    bottom = top + pitch * len(chart.measures)

    def across(value: float) -> float:
        inside = min(max(value, low), high)
        return _LEFT + (inside - low) / (high - low) * (_RIGHT - _LEFT)

    limit = across(chart.threshold)
    wrong = (_LEFT, limit) if chart.forbidden == "below" else (limit, _RIGHT)
    body = box(wrong[0], top - 7, wrong[1] - wrong[0], bottom - top + 5, TINT)
    body += _axis(low, high, step, bottom) + _heads(chart, limit)
    room = _LABEL if chart.kind == "interval" else _LABEL + 8
    labels = told_apart([each.label for each in chart.measures], room)
    for index, measure in enumerate(chart.measures):
        y = top + pitch * index + 4
        body += _figures(chart, measure, labels[index], y)
        if measure.value is None:
            continue
        if chart.kind == "interval" and measure.low is not None and measure.high is not None:
            body += _whisker(measure, across, y)
        elif chart.kind == "bullet":
            body += box(_LEFT, y - 2, max(0.6, across(measure.value) - _LEFT), 4, _ink(measure))
        body += _point(measure, across(measure.value), y)
    body += line(limit, top - 9, limit, bottom - 2, ink=INK, width=1)
    return drawing(bottom + 12, _told(chart), body)


def _scale(chart: Chart) -> tuple[float, float, float]:
    """Return the ends of the axis and the step of its ticks."""
    seen = [chart.threshold]
    for measure in chart.measures:
        seen += [v for v in (measure.value, measure.low, measure.high) if v is not None]
    low, high = max(min(seen), -_MOST), min(max(seen), _MOST)
    if chart.kind == "bullet":
        low = min(0.0, low)
    spread = max(high - low or abs(high), _LEAST)
    spread = spread if high or low else 1.0
    low, high = low - (spread * _MARGIN if low else 0), high + spread * _MARGIN
    rough = (high - low) / 4
    power = 10.0 ** floor(log10(rough))
    step = power * next(each for each in _STEPS if each * power >= rough)
    return low, high, step


def _axis(low: float, high: float, step: float, bottom: float) -> str:
    out = line(_LEFT, bottom - 2, _RIGHT, bottom - 2)
    for index in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1):
        x = _LEFT + (index * step - low) / (high - low) * (_RIGHT - _LEFT)
        out += line(x, bottom - 2, x, bottom + 1)
        out += text(x, bottom + 9.5, number(index * step), size=7, fill=INK3, anchor="middle")
    return out


def _heads(chart: Chart, limit: float) -> str:
    def head(x: float, words: str) -> str:
        return text(x, 12, words, size=7, fill=INK3)

    name = f"{chart.threshold_name} {number(chart.threshold)}"
    half = 1.8 * len(name)
    at = min(max(limit, _LEFT + half), _RIGHT - half)
    out = head(0, "row") + text(at, 12, name, size=7, anchor="middle", bold=True)
    out += head(_RIGHT + 12, "value") + head(_RIGHT + 108, "outcome")
    if chart.kind == "interval":
        out += text(_LEFT - 10, 12, "n", size=7, fill=INK3, anchor="end")
        out += head(_RIGHT + 48, f"{number(chart.level * 100)} % interval")
    return out


def _figures(chart: Chart, measure: Measure, label: str, y: float) -> str:
    strong = measure.state.key not in {"pass", "na"}
    out = text(0, y + 2.8, label, bold=strong)
    if chart.kind == "interval":
        trials = "" if measure.n is None else f"{measure.n:,}".replace(",", "\u202f")
        out += text(_LEFT - 10, y + 2.8, trials, fill=INK2, anchor="end")
    if measure.value is None:
        out += text(_RIGHT + 12, y + 2.8, "not submitted", fill=INK2)
    else:
        figures = rounded(measure.value, _decimals(chart), chart.threshold)
        out += text(_RIGHT + 12, y + 2.8, figures, bold=strong)
    if measure.low is not None and measure.high is not None:
        bounds = _bounds(measure.low, measure.high, chart.threshold)
        out += text(_RIGHT + 48, y + 2.8, bounds, fill=INK2)
    return out + state_word(_RIGHT + 108, y + 2.8, measure.state, measure.state.word, bold=strong)


def _bounds(low: float, high: float, limit: float) -> str:
    return f"{rounded(low, 3, limit)} to {rounded(high, 3, limit)}"


def _decimals(chart: Chart) -> int:
    """Return how many decimals the longest value of a chart has, so that all have as many."""
    values = [number(each.value) for each in chart.measures if each.value is not None]
    most = max((len(each.partition(".")[2]) for each in values if "e" not in each), default=0)
    return min(most, _DECIMALS)


def _ink(measure: Measure) -> str:
    return INK2 if measure.state.key == "pass" else WORDS[measure.state.key]


def _whisker(measure: Measure, across: Callable[[float], float], y: float) -> str:
    if measure.low is None or measure.high is None:
        return ""
    ink, sure = WORDS[measure.state.key], measure.state.key != "inc"
    low, high = across(measure.low), across(measure.high)
    out = line(low, y, high, y, ink=ink, width=1.5, dash="" if sure else "2.4 1.8")
    if sure:
        out += "".join(line(x, y - 2.2, x, y + 2.2, ink=ink, width=1) for x in (low, high))
    return out


def _point(measure: Measure, x: float, y: float) -> str:
    """A dot passes, a square fails, a hollow dot is undecided."""
    ink = WORDS[measure.state.key]
    if measure.state.key in {"fail", "wv"}:
        return box(x - 3, y - 3, 6, 6, ink)
    if measure.state.key == "pass":
        return dot(x, y, 2.9, ink)
    return dot(x, y, 2.6, "#ffffff", edge=ink)


def _told(chart: Chart) -> str:
    rows = [_told_row(measure, chart.threshold) for measure in chart.measures]
    return (
        f"{chart.what} against {chart.threshold_name} {number(chart.threshold)}: {'; '.join(rows)}"
    )


def _told_row(measure: Measure, limit: float) -> str:
    value = measure.value
    out = measure.label + " " + ("no value" if value is None else apart(value, limit)[0])
    if measure.low is not None and measure.high is not None:
        out += f", interval {_bounds(measure.low, measure.high, limit)}"
    if measure.n is not None:
        out += f", n {measure.n}"
    return f"{out}, {measure.state.word.lower()}"


def timeline(page: WaiversPage, waivers: Sequence[WaiverLine] = ()) -> str:
    """Draw waivers from their start to their end, around the instant of the pack.

    ``waivers`` are those of one drawing: more than a page has room for are drawn in parts, which
    have the scale of all. Without them, all are drawn.
    """
    first = min([each.start for each in page.waivers if each.start is not None], default=-30.0)
    ends = [each.end for each in page.waivers]
    low, high = min([first, -7.0, *ends]), max([7.0, *ends])
    waivers = waivers or page.waivers
    left, right, top, pitch = 196, 336, 24.0, 20.0
    bottom = top + pitch * len(waivers)

    def across(days: float) -> float:
        return left + (days - low) / (high - low) * (right - left)

    body = ""
    rules = told_apart([each.rule for each in waivers], 34)
    for index, waiver in enumerate(waivers):
        y = top + pitch * index
        # Where no start was stated it counts from its approval, whose day stands nowhere here.
        start = across(min(0.0, waiver.end) if waiver.start is None else waiver.start)
        end = across(waiver.end)
        if waiver.start is None:
            body += line(start - _OPEN, y, start, y, ink=WORDS[waiver.state.key], dash="2 1.6")
        body += text(0, y + 3, shortened(waiver.id, 12), size=7, fill=INK3, font=_MONO)
        body += text(52, y + 3, rules[index])
        body += _span(waiver, start, end, y)
        body += state_word(right + 10, y + 3, waiver.state, waiver.state.word, bold=True)
        body += text(WIDTH, y + 3, waiver.until, size=7, fill=INK2, anchor="end")
    today = across(0)
    body += line(today, top - 10, today, bottom - 8, ink=INK, width=1)
    body += text(today, 8, f"as of {page.as_of}", size=7, anchor="middle", bold=True)
    told = "; ".join(f"{each.id} {each.state.word.lower()}, {each.until}" for each in waivers)
    return drawing(bottom, f"Waivers from start to end: {told}", body)


def _span(waiver: WaiverLine, start: float, end: float, y: float) -> str:
    ink, width = WORDS[waiver.state.key], max(1.0, end - start)
    if waiver.state.key == "wv":
        out = area(start, y - 5, width, 10, "wv") + box(start, y - 5, width, 10, "none", edge=ink)
    elif waiver.state.key in {"stale", "unc"}:
        out = box(start, y - 5, width, 10, "#ffffff", edge=ink, dash="2 1.6")
    else:
        out = box(start, y - 5, width, 10, "#eef0f1", edge=ink)
    return out + line(end, y - 7, end, y + 7, ink=INK, width=1.2)


def shares(rows: tuple[Share, ...]) -> str:
    """Draw how the controls of each group are judged: by a rule, by a person, by nothing."""
    left, width, top, pitch = 156, 314, 18.0, 15.0
    body, x = "", float(left)
    for key, words in enumerate(("by a rule over evidence", "by a person", "by nothing")):
        body += _share(key, x, 1, 8, 8) + text(x + 12, 8, words, size=7, fill=INK2)
        x += 24 + 3.2 * len(words)
    for index, row in enumerate(rows):
        parts = (row.by_rule, row.by_person, row.by_nothing)
        whole, y, x = sum(parts), top + pitch * index, float(left)
        body += text(0, y + 8.5, shortened(row.name, _LABEL))
        body += text(left - 10, y + 8.5, str(whole), fill=INK2, anchor="end")
        for key, part in enumerate(parts):
            span = part / whole * width
            if part:
                body += _share(key, x, y, max(1.0, span - 1.2), 11)
                body += text(x + 5, y + 8.4, str(part), bold=True)
            x += span
    told = "; ".join(
        f"{row.name}: {row.by_rule} by a rule, {row.by_person} by a person, "
        f"{row.by_nothing} by nothing"
        for row in rows
    )
    return drawing(top + pitch * len(rows), f"How controls are judged. {told}", body)


def _share(key: int, x: float, y: float, width: float, height: float) -> str:
    fill, edge, dash = ((STEEL, "#5a8797", ""), (PALE, INK3, ""), ("#ffffff", INK3, "2 1.6"))[key]
    return box(x + 0.4, y, width, height, fill, edge=edge, dash=dash)


def comb(digest: str) -> str:
    """Draw a digest as one stroke for each hexadecimal digit, to compare two copies by eye."""
    digits = digest.partition(":")[2] or digest
    height, pitch = 22.0, WIDTH / max(1, len(digits))
    body = ""
    for index, digit in enumerate(digits):
        value = int(digit, _HEX) if digit in "0123456789abcdef" else 0
        x = pitch * (index + 0.5)
        body += line(x, height, x, height - 2 - value / 15 * (height - 2), ink=ACCENT, width=2.2)
    return drawing(height, f"The digest {digest}, one stroke for each digit", body)
