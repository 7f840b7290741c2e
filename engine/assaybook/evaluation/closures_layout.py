"""What makers of closures share: the places of a frame, and how a node is made."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from assaybook.domain.expression import Node
from assaybook.domain.values import Value
from assaybook.evaluation.trace import FIRST_SLOT, Frame, Site

Env: TypeAlias = Mapping[str, Value]
Run: TypeAlias = Callable[[Env, Frame], Value]
Made: TypeAlias = tuple[Run, Site]
"""A closure, and where it leaves its value."""
Makers: TypeAlias = Mapping[type[Node], Callable[[Any, "Layout"], Made]]


class Layout:
    """Gives out the places of one frame while its closures are made.

    Attributes:
        makers: how each kind of node is made.
        depth: how many quantifiers are around.
        size: places given out so far.
    """

    __slots__ = ("depth", "makers", "size")

    def __init__(self, makers: Makers, depth: int = 0) -> None:
        self.makers = makers
        self.depth = depth
        self.size = FIRST_SLOT

    def place(self) -> int:
        """Return the next free place."""
        self.size += 1
        return self.size - 1

    def made(self, node: Node) -> Made:
        """Return the closure of a node of this frame."""
        return self.makers[type(node)](node, self)

    def inner(self) -> "Layout":
        """Return the layout of the frame of one row."""
        return Layout(self.makers, self.depth + 1)
