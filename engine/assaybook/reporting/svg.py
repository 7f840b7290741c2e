"""Drawing in SVG text: lines, boxes, words, and the fill and texture of each state.

All drawings are 470 units wide, which is 166 mm on the page, so one unit is one point. Colours
are attributes, because a page's style does not reach into a drawing. No pattern, clip path,
gradient or script: hatch and dots are one path each, cut by arithmetic. Numbers have at most two
decimals, so that bytes are steady.
"""

from html import escape
from typing import Final, Literal

from assaybook.reporting.parts import State, StateKey

WIDTH: Final = 470
MILLIMETRES: Final = 166
INK: Final = "#18212b"
INK2: Final = "#46525f"
INK3: Final = "#5a6672"
RULE: Final = "#bcc4cb"
SOFT: Final = "#e1e5e8"
TINT: Final = "#f4f5f2"
ACCENT: Final = "#1d4f6e"
STEEL: Final = "#7fa9b8"
PALE: Final = "#d9e7ec"
FILL: Final[dict[StateKey, str]] = {
    "pass": "#9cc9bd",
    "supported": "#d7e9e4",
    "fail": "#a3242b",
    "inc": "#f2d382",
    "err": "#20262d",
    "wv": "#d5c6e8",
    "na": "#e1e5e8",
    "unc": "#ffffff",
    "stale": "#ffffff",
}
WORDS: Final[dict[StateKey, str]] = {
    "pass": "#1a6153",
    "supported": "#1a6153",
    "fail": "#a3242b",
    "inc": "#7a5000",
    "err": "#20262d",
    "wv": "#63408f",
    "na": "#5a6672",
    "unc": "#5a6672",
    "stale": "#7a5000",
}
Anchor = Literal["start", "middle", "end"]


def n(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def drawing(height: float, title: str, body: str, *, width: float = WIDTH) -> str:
    """Return a whole SVG; ``title`` is its alternative text and holds the numbers."""
    scale = MILLIMETRES / WIDTH
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {n(width)} {n(height)}" '
        f'width="{n(width * scale)}mm" height="{n(height * scale)}mm" role="img">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )


def text(  # noqa: PLR0913 - a word on a drawing has a place, a size, an ink and an anchor
    x: float,
    y: float,
    words: str,
    *,
    size: float = 8,
    fill: str = INK,
    anchor: Anchor = "start",
    bold: bool = False,
    font: str = "Assay Sans, Assay Marks",
) -> str:
    """Return one line of words, ``y`` at its baseline."""
    turned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{n(x)}" y="{n(y)}" font-family="{font}" font-size="{n(size)}"{weight} '
        f'fill="{fill}"{turned}>{escape(words)}</text>'
    )


def state_word(x: float, y: float, state: State, words: str, *, bold: bool = False) -> str:
    """Return a state's mark with words after it, in the state's ink."""
    ink = WORDS[state.key]
    sign = text(x, y - 0.1, state.mark, size=7.4, fill=ink, font="Assay Marks")
    return sign + text(x + 9.4, y, words, fill=ink, bold=bold)


def line(  # noqa: PLR0913 - two ends, an ink, a width and a dash
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    ink: str = RULE,
    width: float = 0.5,
    dash: str = "",
) -> str:
    """Return a straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{n(x1)}" y1="{n(y1)}" x2="{n(x2)}" y2="{n(y2)}" stroke="{ink}" '
        f'stroke-width="{n(width)}"{dashes}/>'
    )


def box(  # noqa: PLR0913 - a corner, two sides, a fill and an edge
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    *,
    edge: str = "",
    edge_width: float = 0.5,
    dash: str = "",
) -> str:
    """Return a rectangle."""
    stroke = f' stroke="{edge}" stroke-width="{n(edge_width)}"' if edge else ""
    stroke += f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" fill="{fill}"'
        f"{stroke}/>"
    )


def dot(x: float, y: float, radius: float, fill: str, *, edge: str = "") -> str:
    """Return a circle."""
    stroke = f' stroke="{edge}" stroke-width="1.1"' if edge else ""
    return f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(radius)}" fill="{fill}"{stroke}/>'


def hatch(x: float, y: float, width: float, height: float, ink: str) -> str:
    """Return diagonal strokes that end at the edges of a rectangle."""
    out: list[str] = []
    start = -height
    while start < width:
        x1, y1, x2, y2 = x + start, y + height, x + start + height, y
        if x1 < x:
            x1, y1 = x, y1 - (x - x1)
        if x2 > x + width:
            x2, y2 = x + width, y2 + (x2 - x - width)
        if x2 - x1 > 0.2:  # noqa: PLR2004 - shorter strokes are specks
            out.append(f"M{n(x1)} {n(y1)}L{n(x2)} {n(y2)}")
        start += 4
    return f'<path d="{"".join(out)}" stroke="{ink}" stroke-width="0.7" fill="none"/>'


def dots(x: float, y: float, width: float, height: float, ink: str) -> str:
    """Return staggered dots that stay inside a rectangle."""
    step, radius = 3.4, 0.5
    out: list[str] = []
    row, at = 0, y + step / 2
    while at < y + height - radius:
        across = x + step / 2 + (step / 2 if row % 2 else 0)
        while across < x + width - radius:
            out.append(f"M{n(across - radius)} {n(at)}h{n(2 * radius)}")
            across += step
        at += step * 0.8
        row += 1
    return f'<path d="{"".join(out)}" stroke="{ink}" stroke-width="1" fill="none"/>'


def area(x: float, y: float, width: float, height: float, key: StateKey) -> str:
    """Return one state's area: fill and texture, so that grey paper still tells them apart."""
    ink = WORDS[key]
    inner = (x + 0.35, y + 0.35, max(0.1, width - 0.7), height - 0.7)
    match key:
        case "supported":
            return box(*inner, FILL[key], edge=ink)
        case "unc" | "stale":
            return box(*inner, FILL[key], edge=ink, dash="2 1.6")
        case "inc":
            return box(x, y, width, height, FILL[key]) + hatch(x, y, width, height, ink)
        case "wv":
            return box(x, y, width, height, FILL[key]) + dots(x, y, width, height, ink)
        case _:
            return box(x, y, width, height, FILL[key])
