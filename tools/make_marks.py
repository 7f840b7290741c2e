"""Draws the Assay Marks: signs of the states, operators, an assurance meter and a stand-in.

The em is 1000 units; a sign stands on the baseline and is centred on (500, 350). Outer contours
turn one way and inner ones the other, so that a sign is a solid with holes.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.basePen import AbstractPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

Point: TypeAlias = tuple[float, float]
Draw: TypeAlias = Callable[[AbstractPen], None]

CENTRE: Final[Point] = (500, 350)
RADIUS: Final = 400
BEZIER: Final = 0.5522847498  # of a quarter circle


def _circle(pen: AbstractPen, centre: Point, radius: float, *, hole: bool = False) -> None:
    x, y = centre
    k = BEZIER * radius
    arcs = [
        ((x + radius, y), (x + radius, y - k), (x + k, y - radius), (x, y - radius)),
        ((x, y - radius), (x - k, y - radius), (x - radius, y - k), (x - radius, y)),
        ((x - radius, y), (x - radius, y + k), (x - k, y + radius), (x, y + radius)),
        ((x, y + radius), (x + k, y + radius), (x + radius, y + k), (x + radius, y)),
    ]
    if hole:
        arcs = [(d, c, b, a) for a, b, c, d in reversed(arcs)]
    pen.moveTo(arcs[0][0])
    for _, first, second, end in arcs:
        pen.curveTo(first, second, end)
    pen.closePath()


def _polygon(pen: AbstractPen, points: list[Point], *, hole: bool = False) -> None:
    after = [*points[1:], points[0]]
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, after, strict=True))
    turned = points[::-1] if (doubled < 0) == hole else points
    pen.moveTo(turned[0])
    for point in turned[1:]:
        pen.lineTo(point)
    pen.closePath()


def _rectangle(pen: AbstractPen, low: Point, high: Point, *, hole: bool = False) -> None:
    corners = [low, (high[0], low[1]), high, (low[0], high[1])]
    _polygon(pen, corners, hole=hole)


def _stroke(pen: AbstractPen, start: Point, end: Point, width: float) -> None:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    ex, ey = dx / length * width / 2, dy / length * width / 2
    a, b = (start[0] - ex, start[1] - ey), (end[0] + ex, end[1] + ey)
    near, far = (a[0] - ey, a[1] + ex), (b[0] - ey, b[1] + ex)
    _polygon(pen, [near, far, (b[0] + ey, b[1] - ex), (a[0] + ey, a[1] - ex)])


def _ring(pen: AbstractPen, width: float = 80) -> None:
    _circle(pen, CENTRE, RADIUS)
    _circle(pen, CENTRE, RADIUS - width, hole=True)


def _tick(pen: AbstractPen, *, hole: bool) -> None:
    points: list[Point] = [(270, 340), (330, 400), (440, 290), (670, 520), (730, 460), (440, 170)]
    _polygon(pen, points, hole=hole)


def _passed(pen: AbstractPen) -> None:
    _circle(pen, CENTRE, RADIUS)
    _tick(pen, hole=True)


def _supported(pen: AbstractPen) -> None:
    _ring(pen)
    _tick(pen, hole=False)


def _failed(pen: AbstractPen) -> None:
    _rectangle(pen, (120, -30), (880, 730))
    x, y = CENTRE
    reach, arm = 170, 96 / math.sqrt(2)
    corner = [(0, arm), (reach, reach + arm), (reach + arm, reach), (arm, 0)]
    cross: list[Point] = []
    for turn in range(4):
        cos, sin = round(math.cos(-turn * math.pi / 2)), round(math.sin(-turn * math.pi / 2))
        cross += [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corner[:3]]
    _polygon(pen, cross, hole=True)


def _inconclusive(pen: AbstractPen) -> None:
    _ring(pen)
    bend = [math.radians(degrees) for degrees in range(170, -61, -10)]
    spine: list[Point] = [(500 + 125 * math.cos(a), 435 + 115 * math.sin(a)) for a in bend]
    spine += [(512, 300), (500, 255)]
    left: list[Point] = []
    right: list[Point] = []
    for index, (x, y) in enumerate(spine):
        before, after = spine[max(0, index - 1)], spine[min(len(spine) - 1, index + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) / 42
        left.append((x - dy / length, y + dx / length))
        right.append((x + dy / length, y - dx / length))
    _polygon(pen, left + right[::-1])
    _circle(pen, (500, 150), 54)


def _error(pen: AbstractPen) -> None:
    _polygon(pen, [(500, 790), (960, -40), (40, -40)])
    _polygon(pen, [(448, 520), (552, 520), (534, 230), (466, 230)], hole=True)
    _circle(pen, (500, 120), 56, hole=True)


def _not_applicable(pen: AbstractPen) -> None:
    _ring(pen, 70)
    _rectangle(pen, (290, 310), (710, 390))


def _diamond(pen: AbstractPen, reach: float, *, hole: bool = False) -> None:
    x, y = CENTRE
    points = [(x, y + reach), (x + reach, y), (x, y - reach), (x - reach, y)]
    _polygon(pen, points, hole=hole)


def _accepted(pen: AbstractPen) -> None:
    _diamond(pen, 460)
    _diamond(pen, 340, hole=True)
    _diamond(pen, 180)


def _not_covered(pen: AbstractPen) -> None:
    for part in range(8):
        turns = [math.radians(part * 45 + degrees) for degrees in range(-13, 14, 2)]
        outer: list[Point] = [
            (500 + RADIUS * math.cos(a), 350 + RADIUS * math.sin(a)) for a in turns
        ]
        inner: list[Point] = [(500 + 320 * math.cos(a), 350 + 320 * math.sin(a)) for a in turns]
        _polygon(pen, outer + inner[::-1])


def _stale(pen: AbstractPen) -> None:
    _ring(pen)
    _stroke(pen, CENTRE, (500, 590), 76)
    _stroke(pen, CENTRE, (660, 250), 76)


def _stand_in(pen: AbstractPen) -> None:
    _rectangle(pen, (130, -60), (870, 760))
    _rectangle(pen, (200, 10), (800, 690), hole=True)
    _stroke(pen, (290, 100), (710, 600), 70)


def _lines(*lines: tuple[Point, Point]) -> Draw:
    def draw(pen: AbstractPen) -> None:
        for start, end in lines:
            _stroke(pen, start, end, 62)

    return draw


def _meter(level: int) -> Draw:
    def draw(pen: AbstractPen) -> None:
        for step in range(4):
            left, height = 20 + step * 330, 160 + step * 150
            _rectangle(pen, (left, 0), (left + 230, height))
            if step >= level:
                _rectangle(pen, (left + 56, 56), (left + 174, height - 56), hole=True)

    return draw


MARKS: Final[dict[int, Draw]] = {
    0x2460: _meter(1),
    0x2461: _meter(2),
    0x2462: _meter(3),
    0x2463: _meter(4),
    0x2190: _lines(((60, 300), (540, 300)), ((60, 300), (220, 440)), ((60, 300), (220, 160))),
    0x2192: _lines(((60, 300), (540, 300)), ((540, 300), (380, 440)), ((540, 300), (380, 160))),
    0x2260: _lines(((90, 380), (510, 380)), ((90, 220), (510, 220)), ((200, 90), (400, 510))),
    0x2264: _lines(((500, 530), (100, 350)), ((100, 350), (500, 170)), ((100, 40), (500, 40))),
    0x2265: _lines(((100, 530), (500, 350)), ((500, 350), (100, 170)), ((100, 40), (500, 40))),
    0x2713: _passed,
    0x2714: _supported,
    0x2717: _failed,
    0x2BD1: _inconclusive,
    0x26A0: _error,
    0x2296: _not_applicable,
    0x25A1: _stand_in,
    0x25C8: _accepted,
    0x25CC: _not_covered,
    0x25F7: _stale,
}

OPERATORS: Final = (0x2190, 0x2192, 0x2260, 0x2264, 0x2265)  # as wide as a digit


def _glyph(draw: Draw) -> Glyph:
    pen = TTGlyphPen(None)
    draw(Cu2QuPen(pen, 1.0, reverse_direction=False))
    return pen.glyph()


def make(target: Path, made: int) -> set[int]:
    """Write the font and return its code points; ``made`` is in seconds since 1904."""
    builder = FontBuilder(1000, isTTF=True)
    names = {point: f"m{point:04X}" for point in MARKS}
    order = [".notdef", "space", *names.values()]
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({0x20: "space", **names})
    glyphs = {name: TTGlyphPen(None).glyph() for name in order[:2]}
    glyphs |= {names[point]: _glyph(draw) for point, draw in MARKS.items()}
    builder.setupGlyf(glyphs)
    widths = dict.fromkeys(order, 1000) | {"space": 380}
    widths |= {name: 1300 for name in order if name.startswith("m246")}
    widths |= {names[point]: 600 for point in OPERATORS}
    table = builder.font["glyf"]
    bearings = {name: getattr(table[name], "xMin", 0) for name in order}
    builder.setupHorizontalMetrics({name: (widths[name], bearings[name]) for name in order})
    builder.setupHorizontalHeader(ascent=850, descent=-150)
    licence = "Apache-2.0, drawn for Assaybook"
    builder.setupNameTable(
        {"familyName": "Assay Marks", "styleName": "Regular", "licenseDescription": licence}
    )
    builder.setupOS2(sTypoAscender=850, sTypoDescender=-150, usWinAscent=850, usWinDescent=150)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = made
    builder.font.recalcTimestamp = False
    builder.save(str(target))
    return {0x20, *MARKS}
