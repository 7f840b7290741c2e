"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 2.1): hashes, roots, proofs and their checks.

A leaf is the SHA-256 of a zero byte and the entry, a node that of a one byte and its two children,
so that neither can be taken for the other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
Nodes: TypeAlias = Callable[[int, int], bytes]
"""Gives the root of the whole subtree of a height, from 0 for leaves, at a place in its row."""
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return sha256(_NODE + left + right).digest()


class CompactRange:
    """A growing tree of which no leaf is kept, and of every so many heights all whole nodes.

    Every node is hashed once. The memory is one hash for each node that is kept, and what is not
    under one yet.

    Args:
        step: of which heights nodes are kept: the multiples of it.
    """

    __slots__ = ("_open", "_step", "_wide", "kept", "size")

    def __init__(self, step: int) -> None:
        self.size = 0
        self.kept: list[list[bytes]] = []
        self._step = step
        self._wide = 1 << step
        self._open: list[list[bytes]] = [[]]

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.size += 1
        level, row = 0, self._open[0]
        row.append(leaf)
        while len(row) == self._wide:
            if level == len(self.kept):
                self.kept.append([])
                self._open.append([])
            node = whole_root(row)
            row.clear()
            self.kept[level].append(node)
            level += 1
            row = self._open[level]
            row.append(node)

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        peaks = [peak for row in reversed(self._open) for peak in _peaks(row)]
        if not peaks:
            return EMPTY_ROOT
        *others, root = peaks
        for peak in reversed(others):
            root = node_hash(peak, root)
        return root

    def nodes(self, height: int) -> Sequence[bytes]:
        """Return the whole nodes of a height, in order; none where they are not kept."""
        level, rest = divmod(height, self._step)
        return self.kept[level - 1] if rest == 0 and 1 <= level <= len(self.kept) else ()


class Tree:
    """All nodes of a tree, from which any proof is read in O(log n).

    A level holds the hashes of the whole subtrees of one height; what is left over at the right
    edge is hashed when it is asked for.
    """

    __slots__ = ("_levels",)

    def __init__(self, leaves: Iterable[bytes]) -> None:
        level = list(leaves)
        self._levels = [level]
        while len(level) > 1:
            level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
            self._levels.append(level)

    @property
    def size(self) -> int:
        """Return the number of leaves."""
        return len(self._levels[0])

    def node(self, height: int, place: int) -> bytes:
        """Return the root of a whole subtree."""
        return self._levels[height][place]

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first ``size`` leaves, by default over all."""
        return root_over(self.node, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the audit path of a leaf, from 0, in the tree over the first ``size`` leaves.

        Raises:
            IndexError: the tree has no such leaf.
        """
        upto = self.size if size is None else size
        if upto > self.size:
            raise IndexError(upto)
        return inclusion_path(self.node, index, upto)

    def consistency(self, old: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the proof that the first ``old`` leaves are the beginning of the first ``size``.

        Raises:
            IndexError: the tree has no such size.
        """
        upto = self.size if size is None else size
        if upto > self.size:
            raise IndexError(upto)
        return consistency_path(self.node, old, upto)


def root_over(node: Nodes, size: int) -> bytes:
    """Return the root over the first ``size`` leaves of a tree whose nodes are given."""
    return EMPTY_ROOT if size == 0 else _over(node, 0, size)


def inclusion_path(node: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """Return the audit path of a leaf, from 0, in the tree over the first ``size`` leaves.

    Raises:
        IndexError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(index)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            path.append(_over(node, middle, end))
            end = middle
        else:
            path.append(_over(node, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_path(node: Nodes, old: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that the first ``old`` leaves are the beginning of the first ``size``.

    Raises:
        IndexError: the tree has no such size.
    """
    if not 0 <= old <= size:
        raise IndexError(old)
    if old in {0, size}:
        return ()
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while old != end:
        middle = start + _left(end - start)
        if old <= middle:
            path.append(_over(node, middle, end))
            end = middle
        else:
            path.append(_over(node, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_over(node, start, end))
    return tuple(reversed(path))


def whole_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes of one height, whose number is a power of two."""
    level = hashes
    while len(level) > 1:
        pairs = iter(level)
        level = [
            sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=True)
        ]
    return level[0]


def _peaks(hashes: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the roots over the greatest whole subtrees of hashes of one height, from the left."""
    start = 0
    while rest := len(hashes) - start:
        count = 1 << (rest.bit_length() - 1)
        yield whole_root(hashes[start : start + count])
        start += count


def _over(node: Nodes, start: int, end: int) -> bytes:
    """Return the root over some leaves, which begin where a subtree of their size may."""
    count = end - start
    height = count.bit_length() - 1
    if count == 1 << height:
        return node(height, start >> height)
    middle = start + _left(count)
    return node_hash(_over(node, start, middle), _over(node, middle, end))


def _left(count: int) -> int:
    """Return the greatest power of two under a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def proves_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a path proves that a leaf stands at an index, from 0, under a root."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *path):
        return False
    node, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if node % 2 or node == last:
            found = node_hash(step, found)
            while node and node % 2 == 0:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def proves_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether a path proves that the tree of one size is the beginning of that of another."""
    if not 0 <= old <= new or not _are_hashes(old_root, new_root, *path):
        return False
    if old in {0, new}:
        return not path and old_root == (new_root if old == new else EMPTY_ROOT)
    node, last = old - 1, new - 1
    while node % 2:
        node, last = node >> 1, last >> 1
    steps = [old_root, *path] if node == 0 else list(path)
    found = _climbed(node, last, steps)
    return found == (old_root, new_root)


def _climbed(node: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots of the old and the new tree that a proof leads to; None if it does not."""
    if not steps:
        return None
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if node % 2 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while node and node % 2 == 0:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    return (before, after) if last == 0 else None


def _are_hashes(*found: bytes) -> bool:
    return all(len(each) == HASH_BYTES for each in found)
