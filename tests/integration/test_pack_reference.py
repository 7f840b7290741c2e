"""What is written of the format of a pack is so, by its vectors: a stranger can build on it."""

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from assaybook.domain.attachment import PARTS
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.ids import written
from assaybook.ledger.checkpoint import LogKey, read_checkpoint, signed_at
from assaybook.ledger.dsse import pae
from assaybook.ledger.merkle import Tree, leaf_hash, proves_consistency, proves_inclusion
from assaybook.ledger.public_keys import print_of, public_key, signed_by
from support.verifying import second_verifier

_PAGES: Final = Path(__file__).resolve().parents[2] / "docs"
_TEXT: Final = (_PAGES / "pack-format.md").read_text("utf-8")
_VECTORS: Final[dict[str, Any]] = json.loads((_PAGES / "pack-vectors.json").read_text("utf-8"))


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def test_the_reference_names_every_part_of_a_pack_and_every_vector() -> None:
    assert set(re.findall(r"`([a-z-]+\.(?:json|note))`", _TEXT)) >= PARTS
    assert set(re.findall(r"\[`([a-z_]+)`\]", _TEXT)) == _VECTORS.keys()


@pytest.mark.parametrize("one", _VECTORS["canonical"], ids=["numbers", "names"])
def test_canonical_json_is_written_as_the_reference_says(one: dict[str, str]) -> None:
    second_verifier()
    from verify_parts import in_one_form  # type: ignore[import-not-found]

    raw = one["bytes"].encode()
    assert canonical(json.loads(one["json"])) == raw
    assert in_one_form(raw) == raw
    assert in_one_form(one["json"].encode()) != one["json"].encode()


def test_digests_are_of_the_bytes_that_the_reference_names() -> None:
    said, sealed = _VECTORS["digest"], _VECTORS["assessment"]
    assert digest_of(said["text"].encode()) == said["digest"]
    assert (
        digest_of(canonical(_VECTORS["evidence_set"]["list"])) == _VECTORS["evidence_set"]["digest"]
    )
    value = json.loads(sealed["part"])
    assert value["assessment"]["digest"] == sealed["digest"]
    value["assessment"]["digest"] = ""
    assert digest_of(canonical(value)) == sealed["digest"]


def test_an_envelope_is_signed_as_the_reference_says() -> None:
    one = _VECTORS["dsse"]
    signed = pae(one["payloadType"], _raw(one["payload"]))
    assert signed == _raw(one["signed"])
    assert signed_by(public_key(_raw(one["public_key"])), _raw(one["sig"]), signed)
    named = _VECTORS["key_id"]
    assert print_of(public_key(_raw(named["public_key"]))) == named["id"]


def test_the_tree_and_its_proofs_are_those_of_the_reference() -> None:
    one = _VECTORS["tree"]
    leaves = [leaf_hash(entry.encode()) for entry in one["entries"]]
    tree, root = Tree(leaves), _raw(one["root"])
    assert [base64.b64encode(leaf).decode() for leaf in leaves] == one["leaves"]
    assert (tree.size, tree.root()) == (one["size"], root)
    for each in one["entries"]:
        assert canonical(json.loads(each)) == each.encode()
    for receipt in one["receipts"]:
        path: tuple[bytes, ...] = tuple(map(_raw, receipt["path"]))
        place: int = receipt["seq"] - 1
        assert tree.inclusion(place) == path
        assert proves_inclusion(leaves[place], place, tree.size, path, root)
    for older in one["consistency"]:
        path = tuple(map(_raw, older["path"]))
        assert tree.consistency(older["size"]) == path
        assert proves_consistency(older["size"], tree.size, _raw(older["root"]), root, path)


def test_a_checkpoint_is_signed_and_dated_as_the_reference_says() -> None:
    one = _VECTORS["note"]
    key = LogKey(one["note"].partition("\n")[0], _raw(one["public_key"])[-32:])
    found, when = read_checkpoint(one["note"], key), signed_at(one["note"], key)
    assert when is not None
    assert (found.size, found.root, written(when)) == (
        one["size"],
        _raw(one["root"]),
        one["signed_at"],
    )


def test_verdicts_are_written_as_the_reference_says() -> None:
    second_verifier()
    apart = sys.modules["verify_pack"]
    for one in _VECTORS["verdicts"]:
        found = {
            "conclusion": [one["conclusion"]] if "conclusion" in one else [],
            "findings": [one["finding"]] if "finding" in one else [],
        }
        said = {"verdicts": [one["line"]], "profile": "full"}
        assert apart.verdicts(found, said) == {one["line"]}
