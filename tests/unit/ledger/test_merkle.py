"""The Merkle tree: the definition, proofs that hold, and proofs that must not."""

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    Tree,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
    whole_root,
)

SIZES = 40
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(SIZES)]
WHOLE = Tree(LEAVES)


def _root(leaves: Sequence[bytes]) -> bytes:
    """Return the root by the plain definition of RFC 6962 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(_root(leaves[:half]), _root(leaves[half:]))


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_every_root_is_that_of_the_definition(size: int) -> None:
    expected = _root(LEAVES[:size])
    for step in (1, 2, 5):
        compact = CompactRange(step)
        for leaf in LEAVES[:size]:
            compact.append(leaf)
        assert (compact.root(), compact.size) == (expected, size)
        for height in range(8):
            whole = range(size >> height if height and height % step == 0 else 0)
            assert list(compact.nodes(height)) == [WHOLE.node(height, at) for at in whole]
    assert Tree(LEAVES[:size]).root() == expected
    assert WHOLE.root(size) == expected


@pytest.mark.parametrize("size", range(1, SIZES + 1))
def test_every_leaf_of_every_tree_can_be_proven(size: int) -> None:
    root = WHOLE.root(size)
    for index in range(size):
        path = WHOLE.inclusion(index, size)
        assert proves_inclusion(LEAVES[index], index, size, path, root)
        assert not proves_inclusion(LEAVES[index], index, size, (*path, root), root)
        assert not proves_inclusion(leaf_hash(b"other"), index, size, path, root)
        if path:
            assert not proves_inclusion(LEAVES[index], index, size, path[:-1], root)


@pytest.mark.parametrize("size", range(SIZES + 1))
def test_every_tree_is_the_beginning_of_every_later_one(size: int) -> None:
    for old in range(size + 1):
        path = WHOLE.consistency(old, size)
        assert proves_consistency(old, size, WHOLE.root(old), WHOLE.root(size), path)
        extra = (*path, EMPTY_ROOT)
        assert not proves_consistency(old, size, WHOLE.root(old), WHOLE.root(size), extra)
        other = leaf_hash(b"other")
        assert not proves_consistency(old, size, other, WHOLE.root(size), path)
        if old > 0:
            assert not proves_consistency(old, size, WHOLE.root(old), other, path)
        if path:
            assert not proves_consistency(old, size, WHOLE.root(old), WHOLE.root(size), path[:-1])


@given(
    number=st.integers(1, 200),
    data=st.data(),
)
def test_a_changed_entry_is_found_by_every_proof(number: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % each) for each in range(number)]
    index = data.draw(st.integers(0, number - 1))
    tree = Tree(leaves)
    changed = Tree([*leaves[:index], leaf_hash(b"x"), *leaves[index + 1 :]])
    path = tree.inclusion(index)
    assert not proves_inclusion(leaves[index], index, number, path, changed.root())
    assert changed.root() != tree.root()
    longer = Tree([*leaves, leaf_hash(b"more")])
    if index < number:
        path = longer.consistency(number)
        assert not proves_consistency(number, number + 1, changed.root(), longer.root(), path)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, SIZES + 1)])
def test_there_is_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        WHOLE.inclusion(index, size)


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3), (0, SIZES + 1)])
def test_there_is_no_proof_between_sizes_that_are_not_there(old: int, size: int) -> None:
    with pytest.raises(IndexError):
        WHOLE.consistency(old, size)


def test_numbers_and_hashes_that_cannot_be_prove_nothing() -> None:
    root = WHOLE.root(4)
    path = WHOLE.inclusion(1, 4)
    assert not proves_inclusion(LEAVES[1], 1, 1, path, root)
    assert not proves_inclusion(LEAVES[1], -1, 4, path, root)
    assert not proves_inclusion(LEAVES[1][:-1], 1, 4, path, root)
    assert not proves_inclusion(LEAVES[1], 1, 4, (b"", *path[1:]), root)
    assert not proves_consistency(-1, 4, root, root, ())
    assert not proves_consistency(4, 3, root, root, ())
    assert not proves_consistency(3, 4, b"", root, ())
    assert not proves_consistency(3, 4, WHOLE.root(3), root, ())
    assert not proves_consistency(4, 4, root, WHOLE.root(3), ())


def _hash(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _vectors(vectors: Path) -> list[dict[str, Any]]:
    lines = (vectors / "rfc6962-proofs.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_proofs_of_the_transparency_log_project_come_out_as_they_say(vectors: Path) -> None:
    checked = 0
    for one in _vectors(vectors):
        path = tuple(_hash(step) for step in one["proof"] or ())
        if "treeSize" in one:
            held = proves_inclusion(
                _hash(one["leafHash"]), one["leafIdx"], one["treeSize"], path, _hash(one["root"])
            )
        elif "size1" in one:
            held = proves_consistency(
                one["size1"], one["size2"], _hash(one["root1"]), _hash(one["root2"]), path
            )
        else:
            continue  # of subtrees, which no log of ours has
        checked += 1
        roots = [_hash(one[name]) for name in ("root", "root1", "root2") if name in one]
        sound = all(len(root) == 32 for root in roots)  # upstream takes equal words of any length
        assert held is (sound and not one["wantErr"]), one["source_path"]
    assert checked == 98


def test_the_trees_of_the_vectors_have_these_roots_and_proofs(vectors: Path) -> None:
    found = json.loads((vectors / "rfc6962-trees.json").read_text(encoding="utf-8"))
    tree = Tree(leaf_hash(_hash(entry)) for entry in found["leaves_b64"])
    assert len(found["roots_b64"]) == 34
    for size, root in found["roots_b64"].items():
        assert tree.root(int(size)) == _hash(root)


def test_the_root_over_whole_rows_is_that_of_the_tree() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(32)]
    for count in (1, 2, 4, 32):
        assert whole_root(leaves[:count]) == Tree(leaves[:count]).root()


def test_a_tree_gives_no_proof_beyond_its_end() -> None:
    tree = Tree([leaf_hash(b"a"), leaf_hash(b"b")])
    with pytest.raises(IndexError):
        tree.inclusion(0, 3)
    with pytest.raises(IndexError):
        tree.consistency(1, 3)
