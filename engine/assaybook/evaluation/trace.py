"""What a judgement observed, and its account for people.

While judging, every node leaves its value in a frame (a list with a place for each node); nothing
is written out. ``build`` makes the account afterwards from those values alone, without judging.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from assaybook.domain.expression import (
    And,
    Call,
    Compare,
    Conditional,
    Expression,
    Has,
    In,
    Literal_,
    Node,
    Not,
    Or,
    Quantifier,
)
from assaybook.domain.finding import TraceNode
from assaybook.domain.values import Bag, Row, Unknown, Value
from assaybook.evaluation.budget import DEFAULT_STEPS, Budget
from assaybook.evaluation.shown import shown, shown_value

Frame: TypeAlias = list[Any]
"""The trace that it belongs to, the row that it is about, then the value of each node."""

UNSEEN: Final[Any] = object()
"""In the place of a node that was not reached: something before it decided."""
FIRST_SLOT: Final = 2
ROWS_KEPT: Final = 50
"""Rows of a quantifier that a trace keeps: the first ones and the last that was judged."""
ROWS_KEPT_DEEPER: Final = 8
"""The same for a quantifier inside another."""
LINES: Final = 2_000
"""Most lines of one account."""
_CONDITIONS: Final = (And, Or, Not, Compare, In, Has)
_TESTS: Final = frozenset({"contains", "startsWith", "endsWith", "matches", "bool"})


class Trace(Budget):
    """The steps that are left to one judgement, and the values that it has seen.

    With ``whole``, a short outermost ``all`` looks at every row, though the first may decide: for
    the account of a fail, which names each of them.
    """

    __slots__ = ("frame", "whole")

    def __init__(self, steps: int = DEFAULT_STEPS, *, whole: bool = False) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.left = steps  # not through super(): this runs for each rule of each row
        self.frame: Frame = []
        self.whole = whole


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A node with the place of its value in the frame.

    Attributes:
        node: the node.
        slot: its place; 0 where the value stands in the text or in the row itself.
        parts: the sites under it, in the order of the text.
        bodies: for a quantifier, the sites judged for each row with the places of their frames.
    """

    node: Node
    slot: int
    parts: tuple["Site", ...] = ()
    bodies: tuple[tuple["Site", int], ...] = ()


def build(expression: Expression, site: Site, trace: Trace) -> TraceNode:
    """Return the account of one judgement.

    Args:
        expression: whose text the lines quote.
        site: the root of what was compiled from it.
        trace: what judging it has left behind.
    """
    writer = _Writer(expression.text)
    return writer.node(site, trace.frame) or TraceNode(text=expression.text)


class _Writer:
    """Writes lines until there are too many of them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = LINES

    def node(self, site: Site, frame: Sequence[Any]) -> TraceNode | None:
        """Return the line of a node and of those under it; None if it was not reached."""
        value = _value_at(site, frame)
        if value is UNSEEN or self._left <= 0:
            return None
        self._left -= 1
        children = [*self._parts(site, frame), *self._rows(site, frame)]
        return TraceNode(
            text=self._text[site.node.start : site.node.end],
            truth=_truth(site.node, value),
            value=None if isinstance(value, bool) and _is_condition(site.node) else _short(value),
            reasons=tuple(map(shown, value.reasons)) if isinstance(value, Unknown) else (),
            joins=_joins(site.node),
            children=tuple(children),
        )

    def _parts(self, site: Site, frame: Sequence[Any]) -> Iterator[TraceNode]:
        for part in site.parts:
            if not isinstance(part.node, Literal_):
                line = self.node(part, frame)
                if line is not None:
                    yield line

    def _rows(self, site: Site, frame: Sequence[Any]) -> Iterator[TraceNode]:
        for body, place in site.bodies:
            kept = frame[place]
            for inner in () if kept is UNSEEN else kept:
                line = self.node(body, inner)
                if line is not None:
                    yield line.model_copy(update=_about(inner[1], line.text))


def _value_at(site: Site, frame: Sequence[Any]) -> Any:  # noqa: ANN401  a value, or UNSEEN
    if isinstance(site.node, Literal_):
        return site.node.value
    return frame[site.slot] if frame else UNSEEN


def _is_condition(node: Node) -> bool:
    if isinstance(node, Quantifier):
        return node.kind in {"all", "exists"}
    return isinstance(node, _CONDITIONS) or (isinstance(node, Call) and node.function in _TESTS)


def _joins(node: Node) -> Literal["", "and", "or", "not", "if", "all", "exists"]:
    match node:
        case And():
            return "and"
        case Or():
            return "or"
        case Not():
            return "not"
        case Conditional():
            return "if"
        case Quantifier(kind="all" | "exists" as kind):
            return kind
        case _:
            return ""


def _truth(node: Node, value: Value) -> Literal["T", "F", "U", ""]:
    if isinstance(value, bool):
        return "T" if value else "F"
    return "U" if isinstance(value, Unknown) and _is_condition(node) else ""


def _short(value: Value) -> Any:  # noqa: ANN401  a JSON value
    """Return a value as JSON: of rows their number, of a long list its first elements."""
    if not isinstance(value, Bag):
        return shown_value(value)
    count = len(value.members)
    if value.kind or any(isinstance(member.value, Row) for member in value.members):
        possible = sum(1 for member in value.members if member.doubt is not None)
        more = (f", {possible} of them possible" if possible else "") + (
            ", and perhaps more" if value.ghost is not None else ""
        )
        return f"{count} row{'' if count == 1 else 's'}{more}"
    if count <= ROWS_KEPT:
        return shown_value(value)
    first = [shown_value(member.value) for member in value.members[:ROWS_KEPT]]
    return [*first, f"... and {count - ROWS_KEPT} more"]


def _about(value: Value, text: str) -> dict[str, object]:
    """Return what the line of one row says besides: which row, and where it was read."""
    label = value.label if isinstance(value, Row) else f"{shown_value(value)}"
    read = value.pointers if isinstance(value, Row) else ()
    pairs = tuple((one.evidence, one.pointer) for one in read)
    return {"text": f"{label}: {text}", "row": label, "read": pairs}
