"""Drawings of shape: what is inside the boundary, where parts come from, the ring of controls."""

from collections.abc import Sequence
from math import cos, pi, sin
from typing import Final

from assaybook.reporting.labels import middle, told_apart
from assaybook.reporting.pages import Applicability, Boundary, CauseRow, Graph, GraphNode
from assaybook.reporting.parts import Part
from assaybook.reporting.svg import (
    FILL,
    INK,
    INK2,
    INK3,
    PALE,
    TINT,
    WIDTH,
    WORDS,
    area,
    box,
    drawing,
    line,
    n,
    text,
)
from assaybook.reporting.words import listed, of

_LINE: Final = 11.0
_MOST: Final = 10
"""The most squares on one side of the chart of causes."""


def boundary(shown: Boundary) -> str:
    """Draw what is outside, what is inside and what judges it, as three boxes."""
    inside = [*told_apart(shown.inside, 42), *(middle(each, 46) for each in shown.answers)]
    rows = max(len(inside), len(shown.criteria), len(shown.outside))
    height = 23 + _LINE * rows
    body = box(0.4, 0.4, 142, height, "#ffffff", edge=INK3, dash="3 2")
    body += _words(9, "Outside", shown.outside, 36)
    body += box(158, 0.4, 172, height, TINT, edge=INK, edge_width=1)
    body += _words(167, middle(shown.system, 36), inside, 46)
    body += box(354, 0.4, 115.6, height, PALE, edge=INK3)
    body += _words(363, "Judged by", shown.criteria, 28)
    body += line(354, height / 2, 336, height / 2, ink=INK, width=1)
    body += _head(331, height / 2, -1)
    told = (
        f"Inside: {listed(shown.inside)}. {'; '.join(shown.answers)}. "
        f"Judged by: {listed(shown.criteria)}. Outside: {listed(shown.outside)}"
    )
    return drawing(height + 1, f"Boundary of {shown.system}. {told}", body)


def _words(x: float, head: str, rows: Sequence[str], most: int) -> str:
    out = text(x, 13, head, bold=True)
    for index, each in enumerate(rows):
        out += text(x, 26 + _LINE * index, middle(each, most), size=7, fill=INK2)
    return out


def _head(x: float, y: float, way: int, ink: str = INK) -> str:
    """Draw the head of an arrow with its point at ``x``, pointing right (1) or left (-1)."""
    return f'<path d="M{n(x)} {n(y)}l{-5 * way} -2.6v5.2z" fill="{ink}"/>'


def lineage(graph: Graph) -> str:
    """Draw what was made from what, inputs at the left; solid where a digest proves the link."""
    gap = 46.0 if graph.columns <= 4 else 30.0  # noqa: PLR2004 - more columns, narrower gaps
    wide = min(132.0, (WIDTH - gap * (graph.columns - 1)) / graph.columns)
    pitch, tall = 32.0, 22.0
    held = [sum(each.column == column for each in graph.nodes) for column in range(graph.columns)]

    def corner(node: GraphNode) -> tuple[float, float]:
        lift = (graph.rows - held[node.column]) / 2
        return node.column * (wide + gap) + 0.5, (node.row + lift) * pitch + 0.5

    body = ""
    for edge in graph.edges:
        (x1, y1), (x2, y2) = corner(graph.nodes[edge.start]), corner(graph.nodes[edge.end])
        start, end = x1 + wide, x2 - 1
        dash = "" if edge.proven else "2.4 1.8"
        body += line(start, y1 + tall / 2, end - 4, y2 + tall / 2, ink=INK2, width=0.9, dash=dash)
        body += _head(end, y2 + tall / 2, 1, INK2)
    most = int((wide - 10) / 4.1)
    names = told_apart([each.name for each in graph.nodes], most)
    for name, node in zip(names, graph.nodes, strict=True):
        x, y = corner(node)
        fill, broken = (PALE, "") if node.registered else ("#ffffff", "2 1.6")
        body += box(x, y, wide - 1, tall, fill, edge=INK3, dash=broken)
        body += text(x + 5, y + 9.5, name, bold=True)
        kind = node.kind or "not registered"
        body += text(x + 5, y + 18, kind, size=7, fill=INK3)
    told = "; ".join(
        f"{graph.nodes[each.end].name} {each.relation} {graph.nodes[each.start].name}"
        for each in graph.edges
    )
    return drawing(graph.rows * pitch - (pitch - tall) + 1, f"Lineage: {told}", body)


def ring(shown: Applicability) -> str:
    """Draw every control of a framework as a ring, with what each part is beside it."""
    whole = sum(part.count for part in shown.shares)
    applies = whole - sum(part.count for part in shown.shares if part.state.key == "na")
    body, turn = "", 0.0
    for part in shown.shares:
        share = part.count / whole if whole else 0.0
        body += _arc(turn, turn + share, part)
        turn += share
    body += text(34, 35, str(applies), size=12, anchor="middle", bold=True)
    body += text(34, 44, f"of {whole}", size=7, fill=INK2, anchor="middle")
    body += text(
        84, 12, "Controls that apply, by standing, and those that do not", size=7, fill=INK3
    )
    for index, part in enumerate(shown.shares):
        x, y = 84 + index // 3 * 128, 24 + index % 3 * 14
        body += area(x, y - 6, 9, 7, part.state.key)
        body += text(x + 14, y, str(part.count), bold=True)
        body += text(x + 32, y, part.state.word, fill=INK2)
    told = ", ".join(f"{part.count} {part.state.word.lower()}" for part in shown.shares)
    return drawing(68, f"{shown.name}: {of(applies, whole)} controls apply; {told}", body)


def _arc(start: float, end: float, part: Part) -> str:
    """Draw a part of the ring, its ends as shares of the turn from the top."""
    if end - start >= 1:
        end = start + 0.9999
    far, near, middle = 33.0, 20.0, 34.0
    spots = [
        (middle + radius * sin(2 * pi * turn), middle - radius * cos(2 * pi * turn))
        for radius, turn in ((far, start), (far, end), (near, end), (near, start))
    ]
    a, b, c, d = (f"{n(x)} {n(y)}" for x, y in spots)
    large = int(end - start > 0.5)  # noqa: PLR2004 - more than half a turn
    path = f"M{a}A{n(far)} {n(far)} 0 {large} 1 {b}L{c}A{n(near)} {n(near)} 0 {large} 0 {d}Z"
    ink = WORDS[part.state.key]
    edge = ink if part.state.key in {"unc", "supported"} else "#ffffff"
    dash = ' stroke-dasharray="2 1.6"' if part.state.key == "unc" else ""
    look = f'fill="{FILL[part.state.key]}" stroke="{edge}" stroke-width="0.7"{dash}'
    out = f'<path d="{path}" {look} stroke-linejoin="round"/>'
    if part.state.key in {"inc", "wv"}:
        out += _spokes(start, end, ink, broken=part.state.key == "wv")
    return out


def _spokes(start: float, end: float, ink: str, *, broken: bool) -> str:
    """Draw strokes across a part of the ring, as its state is hatched or dotted in a bar."""
    step, out, turn = 0.018, "", start + 0.009
    while turn < end:
        x, y = sin(2 * pi * turn), -cos(2 * pi * turn)
        far, near = 32.4, 20.6
        ends = f"M{n(34 + near * x)} {n(34 + near * y)}L{n(34 + far * x)} {n(34 + far * y)}"
        out, turn = out + ends, turn + step
    dash = ' stroke-dasharray="1 2"' if broken else ""
    return f'<path d="{out}" stroke="{ink}" stroke-width="0.7"{dash} fill="none"/>'


def causes(rows: tuple[CauseRow, ...]) -> str:
    """Draw each control whose standing changed as a square: worse at the left, better right."""
    middle, top, pitch = 300.0, 24.0, 21.0
    body = text(middle - 8, 8, "became worse", size=7, fill=INK3, anchor="end")
    body += text(middle + 8, 8, "became better", size=7, fill=INK3)
    for index, row in enumerate(rows):
        y = top + pitch * index
        body += text(0, y + 1, row.name, bold=True) + text(
            0, y + 9.5, row.meaning, size=7, fill=INK3
        )
        body += _squares(row.worse, row.told_worse, middle, y, -1)
        body += _squares(row.better, row.told_better, middle, y, 1)
    bottom = top + pitch * len(rows)
    body += line(middle, 12, middle, bottom - 10, ink=INK, width=0.9)
    told = "; ".join(
        f"{row.name}: {len(row.worse)} worse, {len(row.better)} better" for row in rows
    )
    return drawing(bottom - 6, f"Controls that changed, by cause. {told}", body)


def _squares(parts: tuple[Part, ...], told: str, middle: float, y: float, way: int) -> str:
    out = ""
    for index, part in enumerate(parts[:_MOST]):
        x = middle + way * (7 + index * 9) - (7 if way < 0 else 0)
        out += area(x, y - 4, 7, 7, part.state.key)
        out += box(x, y - 4, 7, 7, "none", edge=WORDS[part.state.key])
    end = middle + way * (12 + min(len(parts), _MOST) * 9)
    ink = INK if parts else INK3
    return out + text(
        end, y + 2, told or "none", size=7, fill=ink, anchor="end" if way < 0 else "start"
    )
