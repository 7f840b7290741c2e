"""Long lists in parts that a statement can take."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

_Item = TypeVar("_Item")
_SIZE: Final = 500


def chunks(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    """Yield the items in order, at most 500 at a time."""
    for start in range(0, len(items), _SIZE):
        yield items[start : start + _SIZE]
