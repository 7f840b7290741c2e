"""Long lists in parts that a statement can take."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

_Item = TypeVar("_Item")
_SIZE: Final = 500


def chunks(items: Sequence[_Item], most: int = _SIZE) -> Iterator[Sequence[_Item]]:
    """Yield the items in order, at most 500 or ``most`` at a time."""
    for start in range(0, len(items), most):
        yield items[start : start + most]
