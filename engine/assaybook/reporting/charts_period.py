"""A drawing of time: how each control stood from the beginning of a period to its end."""

from typing import Final

from assaybook.reporting.period_parts import PeriodFigure, PeriodStrip
from assaybook.reporting.svg import INK3, SOFT, WIDTH, area, drawing, line, state_word, text
from assaybook.reporting.words import shortened

_LEFT: Final = 92.0
_RIGHT: Final = 300.0
_TOP: Final = 18.0
_PITCH: Final = 12.0


def periods(figure: PeriodFigure, *, what: str = "Standing of controls") -> str:
    """Draw a strip for each control; the worst and the days stand in words beside it.

    ``what`` says what the strips are of, for those who cannot see them.
    """
    bottom = _TOP + _PITCH * len(figure.strips)
    body = text(_LEFT, 8, figure.first, size=7, fill=INK3)
    body += text(_RIGHT, 8, figure.last, size=7, fill=INK3, anchor="end")
    body += "".join(_strip(each, _TOP + _PITCH * index) for index, each in enumerate(figure.strips))
    told = "; ".join(f"{each.control} {each.days}" for each in figure.strips)
    return drawing(bottom, f"{what}, {figure.first} to {figure.last}: {told}", body)


def _strip(each: PeriodStrip, top: float) -> str:
    out = line(0, top + 9.6, WIDTH, top + 9.6, ink=SOFT)
    out += text(0, top + 6.6, each.control, bold=True)
    across = _RIGHT - _LEFT
    # However short it was, the worst is seen: it is drawn over the rest.
    for span in sorted(each.spans, key=lambda one: one.key == each.worst.key):
        width = max(0.8, (span.end - span.start) * across)
        start = min(_LEFT + span.start * across, _RIGHT - width)
        out += area(start, top, width, 8, span.key)
    return out + state_word(_RIGHT + 8, top + 6.6, each.worst, shortened(each.days, 44))
