"""Charts of time: the trend of standings, the age of findings, and how old evidence is.

Time runs to the right and ends at the instant of the pack; every line has its figure beside it.
"""

from typing import Final

from assaybook.reporting.labels import told_apart
from assaybook.reporting.pages import Age, Ageing, Strip, StripLine, Trend, TrendLine
from assaybook.reporting.svg import (
    ACCENT,
    INK,
    INK2,
    INK3,
    SOFT,
    STEEL,
    WORDS,
    area,
    box,
    dot,
    drawing,
    line,
    n,
    text,
)
from assaybook.reporting.words import of, shortened

_ACROSS: Final = 4
_PITCH: Final = 122
_CELL: Final = 104
_DOT: Final = 3.0
"""Room for the first and the last dot, which would be cut at the edge of the drawing."""
_NAME: Final = 44
"""Characters of the name of a rule that a line has room for."""
_MONO: Final = "Assay Mono, Assay Marks"


def trends(trend: Trend) -> str:
    """Draw one small chart for each framework, all on the scale from none to all met."""
    rows = (len(trend.lines) + _ACROSS - 1) // _ACROSS
    body = "".join(
        _trend(trend, each, index % _ACROSS * _PITCH, index // _ACROSS * 66.0)
        for index, each in enumerate(trend.lines)
    )
    told = "; ".join(
        f"{each.name} from {of(*each.points[0])} to {of(*each.points[-1])}" for each in trend.lines
    )
    return drawing(66 * rows - 4, f"Controls met, {trend.first} to {trend.last}: {told}", body)


def _trend(trend: Trend, each: TrendLine, left: float, top: float) -> str:
    floor, height = top + 48.0, 32.0
    step = (_CELL - 2 * _DOT) / max(1, len(each.points) - 1)
    spots = [
        (left + _DOT + step * index, floor - height * (met / whole if whole else 0))
        for index, (met, whole) in enumerate(each.points)
    ]
    path = "L".join(f"{n(x)} {n(y)}" for x, y in spots)
    first, last = of(*each.points[0]), of(*each.points[-1])
    out = text(left, top + 8, shortened(each.name, 18), bold=True)
    out += text(left + _CELL, top + 8, last, anchor="end", bold=True)
    out += line(left, floor, left + _CELL, floor)
    out += line(left, floor - height, left + _CELL, floor - height, ink=SOFT)
    out += f'<path d="M{path}" stroke="{ACCENT}" stroke-width="1.4" fill="none"/>'
    out += "".join(dot(x, y, 1.6, "#ffffff", edge=ACCENT) for x, y in spots[:-1])
    out += dot(*spots[-1], 2.2, ACCENT)
    if first != last:
        out += text(left, spots[0][1] - 5, first, size=7, fill=INK3)
    out += text(left, floor + 9, trend.first, size=7, fill=INK3)
    return out + text(left + _CELL, floor + 9, trend.last, size=7, fill=INK3, anchor="end")


def ages(page: Ageing) -> str:
    """Draw each open finding from when it was first seen to the instant of the pack.

    A diamond is the day on which it is due: before the instant of the pack where it is late, and
    at the end of a dashed line where it is not.
    """
    left, right, top, pitch = 208.0, 376.0, 20.0, 14.0
    scale = (right - left) / ((page.span + page.ahead) or 1.0)
    now, bottom = left + page.span * scale, top + pitch * len(page.ages)
    body = line(now, top - 10, now, bottom - 5, ink=INK, width=1)
    body += text(now, 8, f"as of {page.as_of}", size=7, anchor="middle", bold=True)
    names = told_apart([each.name for each in page.ages], _NAME)
    for index, each in enumerate(page.ages):
        body += _age(each, names[index], (now, right, scale), top + pitch * index)
    told = "; ".join(f"{each.label} {each.told}" for each in page.ages)
    return drawing(bottom, f"Age of open findings in days, and when they are due: {told}", body)


def _age(each: Age, name: str, across: tuple[float, float, float], y: float) -> str:
    now, end, scale = across
    ink, start = WORDS[each.state.key], now - each.days * scale
    late = each.due is not None and each.due < 0
    out = text(0, y + 3, each.label, size=7, fill=INK3, font=_MONO)
    out += text(34, y + 3, name)
    if each.due is not None and not late:
        out += line(now, y, now + each.due * scale, y, ink=ink, width=0.8, dash="1.6 1.6")
    out += line(start, y, now, y, ink=ink, width=3.2) + dot(start, y, 2.4, ink)
    if each.due is not None:
        place = now + each.due * scale
        out += f'<path d="M{n(place)} {n(y - 4)}l4 4l-4 4l-4 -4z" fill="#ffffff" '
        out += f'stroke="{ink}" stroke-width="1"/>'
    return out + text(end + 10, y + 3, each.told, fill=ink, bold=late)


def strip(page: Strip) -> str:
    """Draw the newest document of each format from its making to the instant of the pack."""
    left, right, top, pitch = 132.0, 372.0, 20.0, 12.0
    span = page.span or 1.0
    bottom = top + pitch * len(page.lines)
    body = "".join(
        line(x, top - 8, x, bottom - 2, ink=SOFT)
        + text(x, 8, f"{share * span:.0f} d ago", size=7, fill=INK3, anchor="middle")
        for share in (1.0, 0.5)
        for x in [right - share * (right - left)]
        if page.span >= 2  # noqa: PLR2004 - under two days, a scale in days says nothing
    )
    body += line(right, top - 8, right, bottom - 2, ink=INK, width=1)
    body += text(right, 8, f"as of {page.as_of}", size=7, anchor="middle", bold=True)
    for index, each in enumerate(page.lines):
        body += _strip(each, left, right, top + pitch * index, span)
    told = "; ".join(f"{each.name} {each.told}" for each in page.lines)
    return drawing(bottom, f"Age of the evidence by format: {told}", body)


def _strip(each: StripLine, left: float, right: float, y: float, span: float) -> str:
    out = text(0, y + 6.6, shortened(each.name, 30))
    ink = WORDS["stale"] if each.key == "stale" else INK2
    out += text(right + 10, y + 6.6, each.told, fill=ink, bold=each.key == "stale")
    if each.days is None:
        return out + line(left, y + 4, right, y + 4, ink=INK3, dash="1 3")
    start = right - each.days / span * (right - left)
    width = max(1.2, right - start)
    match each.key:
        case "pass":
            return out + box(right - width, y, width, 8, STEEL)
        case "stale":
            return out + area(right - width, y, width, 8, "inc")
        case _:
            return out + box(right - width, y, width, 8, "#ffffff", edge=INK3, dash="2 1.6")
