"""Words in drawings laid out whole: WeasyPrint lays out each of their letters for itself.

That took an eighth of the time of a pack, and left letters where a reader looks for words.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

from collections.abc import Callable, Iterator
from typing import Any, Final

_BY_LETTER: Final = ("rotate", "letter-spacing", "textLength")


class _Whole(str):
    """A text that, gone through letter by letter, is one."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        """Yield the text."""
        yield str(self)


class _Words:
    """What draws a text; equal to what the library draws texts by, as it asks for that."""

    __slots__ = ("_drawn",)

    def __init__(self, drawn: Callable[[Any, Any, float], None]) -> None:
        """Keep how the library does it."""
        self._drawn = drawn

    def __call__(self, svg: Any, node: Any, font_size: float) -> None:  # noqa: ANN401 - no types
        """Draw a text of a drawing."""
        places = (node.get(name, "") for name in ("x", "y", "dx", "dy"))
        if not any(map(node.get, _BY_LETTER)) and not any(" " in each for each in places):
            node._etree_node.text = _Whole(node.text or "")  # noqa: SLF001 - its text reads this
        self._drawn(svg, node, font_size)

    def __eq__(self, other: object) -> bool:
        """Tell whether ``other`` is how the library does it."""
        return other is self or other is self._drawn

    def __hash__(self) -> int:
        """Return what is equal where that is."""
        return hash(self._drawn)


def draw_whole_words() -> None:
    """Have WeasyPrint draw each text of a drawing whole, from now on and in this process."""
    from weasyprint import svg

    if not isinstance(svg.TAGS["text"], _Words):
        svg.TAGS["text"] = _Words(svg.TAGS["text"])
