"""``assay verify`` as an auditor runs it: exit codes, words on both streams, and JSON."""

import json
from pathlib import Path

import pytest

from support.commands import assay
from support.verifying import RELEASE, SYSTEM, World, a_world, second_verifier


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return one signed pack with its keys and an older checkpoint, as files too."""
    made = a_world(tmp_path_factory.mktemp("world"))
    (made.folder / "pack.pdf").write_bytes(made.packed())
    (made.folder / "root.json").write_bytes(made.root)
    (made.folder / "old.note").write_bytes(made.old_note)
    return made


def test_a_good_pack_exits_0_and_every_link_is_listed(world: World) -> None:
    done = assay(
        *("verify", "pack.pdf", "--root", "root.json", "--checkpoint", "old.note"),
        inside=world.folder,
    )
    assert (done.code, done.err) == (0, "")
    for words in ("GOOD", "the root that you gave", "judged-again", "consistency"):
        assert words in done.out


def test_without_a_root_the_answer_says_whose_word_the_keys_are(world: World) -> None:
    done = assay("verify", "pack.pdf", inside=world.folder)
    assert done.code == 0
    assert "the pack's own word" in done.out


def test_a_changed_pack_exits_1_and_the_first_broken_link_is_named(world: World) -> None:
    changed = bytearray(world.packed())
    changed[len(changed) // 2] ^= 1
    (world.folder / "changed.pdf").write_bytes(bytes(changed))
    done = assay("verify", "changed.pdf", "--format", "json", inside=world.folder)
    told = json.loads(done.out)
    assert (done.code, told["verdict"], told["exit"]) == (1, "bad", 1)
    assert told["first"]["code"] == "signature-digest"
    assert set(told["first"]) == {"step", "standing", "code", "where", "message", "hint"}
    assert "the first broken link: error[signature-digest]" in done.err


def test_an_unsigned_pack_exits_3_and_says_what_would_help(world: World) -> None:
    (world.folder / "unsigned.pdf").write_bytes(world.unsigned())
    done = assay("verify", "unsigned.pdf", inside=world.folder)
    assert done.code == 3
    assert "the first open link: error[pack-unsigned]" in done.err
    assert "assay pack build --keys DIR" in done.err


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7\n%%EOF\n", id="an empty PDF"),
        pytest.param(bytes(range(256)) * 40, id="noise"),
    ],
)
def test_whatever_a_file_holds_is_bad_and_no_defect(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "any.pdf").write_bytes(content)
    done = assay("verify", "any.pdf", inside=tmp_path)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert "error[defect]" not in done.err


def test_a_file_that_is_not_there_is_a_misuse(tmp_path: Path) -> None:
    done = assay("verify", "no.pdf", inside=tmp_path)
    assert done.code == 2
    assert "error[file-missing]" in done.err


@pytest.mark.parametrize("root", [b"", b"{}", b'{"versions":[]}', b"%PDF-1.7\n"])
@pytest.mark.parametrize("pack", ["pack.pdf", "unsigned.pdf"])
def test_a_root_that_is_none_judges_no_pack(world: World, pack: str, root: bytes) -> None:
    (world.folder / "unsigned.pdf").write_bytes(world.unsigned())
    (world.folder / "none.json").write_bytes(root)
    done = assay("verify", pack, "--root", "none.json", inside=world.folder)
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("error[root-unreadable] --root: ")
    raw = (world.folder / pack).read_bytes()
    assert second_verifier().verdict(raw, root) == (5, "root-unreadable")


def test_a_root_that_nobody_signed_judges_no_pack_and_its_own_fault_is_named(world: World) -> None:
    told = json.loads(world.root)
    sig = told["versions"][0]["signatures"][0]["sig"]
    told["versions"][0]["signatures"][0]["sig"] = sig[:4] + sig[4:8].swapcase() + sig[8:]
    forged = json.dumps(told, separators=(",", ":"), sort_keys=True).encode()
    (world.folder / "forged.json").write_bytes(forged)
    done = assay("verify", "pack.pdf", "--root", "forged.json", inside=world.folder)
    assert done.code == 5
    assert "error[root-unsigned] --root: version 1" in done.err
    assert second_verifier().verdict(world.packed(), forged) == (5, "root-unsigned")


@pytest.mark.parametrize(
    "held", [b"", b"hello", b"a\n1\nAAAA\n\n"], ids=["nothing", "text", "short"]
)
def test_a_checkpoint_that_is_none_judges_no_pack(world: World, held: bytes) -> None:
    (world.folder / "none.note").write_bytes(held)
    asked = ("verify", "pack.pdf", "--root", "root.json", "--checkpoint", "none.note")
    done = assay(*asked, inside=world.folder)
    assert (done.code, done.out) == (5, "")
    assert done.err.startswith("error[checkpoint-unreadable] --checkpoint: ")
    found = second_verifier().verdict(world.packed(), world.root, held)
    assert found == (5, "checkpoint-unreadable")


def test_a_proof_is_checked_with_what_it_speaks_of_alone(world: World) -> None:
    asked = ("--database", world.database, "--checkpoint", "old.note", "--root", "root.json")
    done = assay("ledger", "prove", "1", *asked, "-o", "receipt.json", inside=world.folder)
    assert done.code == 0, done.err
    (world.folder / "none.note").write_bytes(b"hello")
    check = ("ledger", "check", "receipt.json", "--root", "root.json")
    assert assay(*check, inside=world.folder).code == 0
    for note, code, name in (
        ("old.note", 2, "checkpoint-unasked"),
        ("none.note", 5, "checkpoint-unreadable"),
    ):
        done = assay(*check, "--checkpoint", note, inside=world.folder)
        assert (done.code, done.out) == (code, "")
        assert f"error[{name}]" in done.err


def test_a_pack_that_is_built_from_the_store_verifies_and_its_short_profile_too(
    world: World,
) -> None:
    built = assay(
        *("pack", "build", "--system", SYSTEM, "--release", RELEASE, "--profile", "executive"),
        *("--policy", "drift.features", "--database", world.database, "--organisation", "Ward"),
        *("--keys", "keys", "--held", "old.note", "-o", "built.pdf"),
        inside=world.folder,
    )
    assert built.code == 0, built.err
    assert "(signed)" in built.err
    done = assay(
        *("verify", "built.pdf", "--root", "root.json", "--checkpoint", "old.note"),
        *("--format", "json"),
        inside=world.folder,
    )
    codes = {one["code"] for one in json.loads(done.out)["steps"]}
    assert done.code == 0, done.out
    assert codes >= {"judged-again", "derived", "pages", "proofs", "consistency"}
    raw = (world.folder / "built.pdf").read_bytes()
    assert second_verifier().verdict(raw, world.root, world.old_note) == (0, "good")
