"""Whatever is done to a pack, neither verifier believes it, and both name the same link."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from assaybook.service.judge import ENGINE
from assaybook.service.verify import verify_pack
from support.pack_attacks import ATTACKS, Attack, own_keys, roles_of
from support.pack_lies import LIES, LIES_ON_WHAT_IS_OPEN
from support.verifying import (
    FLAWED,
    SECOND_FILES,
    World,
    a_world,
    lone_verifier,
    second_verifier,
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return one small signed pack with everything that it was made from."""
    return a_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Return the first file of the second verifier, in a folder that holds nothing else."""
    return lone_verifier(tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the same of a release that fails, with days by which that is to be mended."""
    return a_world(tmp_path_factory.mktemp("failing"), FLAWED)


def test_the_pack_that_is_attacked_is_good_to_both_verifiers(world: World) -> None:
    pack = world.packed()
    found = verify_pack(pack, root=world.root, checkpoint=world.old_note)
    assert [one.code for one in found.steps if one.standing != "good"] == []
    assert (found.exit, found.anchor, found.pack) == (0, "auditor", "AB-1")
    assert {one.code for one in found.steps} >= {"judged-again", "pages", "proofs", "consistency"}
    assert second_verifier().verdict(pack, world.root, world.old_note) == (0, "good")


def test_one_file_alone_finds_nothing_wrong_with_a_good_pack_and_names_what_it_does_not_ask(
    world: World, alone: ModuleType
) -> None:
    code, said = alone.verdict(world.packed(), world.root, world.old_note)
    assert (code, said.partition(": ")[0]) == (3, "nothing found wrong; not asked")
    assert said.partition(": ")[2].split("; ") == list(alone.BESIDE.values())
    whole = Path(str(second_verifier().__file__)).parent
    assert all((whole / name).is_file() for name in alone.BESIDE)


@pytest.mark.parametrize("together", [False, True], ids=["alone", "with those beside it"])
def test_the_second_verifier_runs_in_a_python_that_knows_no_other_folder(
    world: World, alone: ModuleType, tmp_path: Path, *, together: bool
) -> None:
    file = Path(str((second_verifier() if together else alone).__file__)).with_name(
        "verify_pack.py"
    )
    (tmp_path / "pack.pdf").write_bytes(world.packed())
    (tmp_path / "root.json").write_bytes(world.root)
    command = (sys.executable, "-I", file, "pack.pdf", "--root", "root.json")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    asked = "good" if together else "nothing found wrong; not asked"
    assert (done.returncode, done.stdout.partition(":")[0].strip()) == (0 if together else 3, asked)


@pytest.mark.parametrize("away", ["verify_pdf.py", "verify_shapes.json"])
def test_where_one_file_is_not_beside_it_nothing_is_asked_of_them_and_the_one_is_named(
    world: World, alone: ModuleType, tmp_path: Path, away: str
) -> None:
    whole = Path(str(second_verifier().__file__)).parent
    for name in {"verify_pack.py", *alone.BESIDE} - {away}:
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    (tmp_path / "pack.pdf").write_bytes(world.packed())
    (tmp_path / "root.json").write_bytes(world.root)
    command = (sys.executable, "-I", "verify_pack.py", "pack.pdf", "--root", "root.json")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    asked = f"nothing found wrong; not asked: {'; '.join(alone.BESIDE.values())}\n"
    assert (done.returncode, done.stdout) == (3, asked)
    assert done.stderr == f"not beside this file: {away}\n"


def test_no_file_of_the_second_verifier_loads_one_that_loads_it() -> None:
    folder = Path(str(second_verifier().__file__)).parent
    known = {one.stem for one in folder.glob("verify_*.py")}
    assert known == set(SECOND_FILES)
    for at, name in enumerate(SECOND_FILES):
        listed = f"import sys; sys.path.append({str(folder)!r}); import {name}; print(*sys.modules)"
        command = (sys.executable, "-I", "-c", listed)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert known & set(done.stdout.split()) <= {*SECOND_FILES[: at + 1]}, name


def test_one_file_alone_is_short_and_needs_the_standard_library_and_signatures(
    alone: ModuleType,
) -> None:
    text = Path(str(alone.__file__)).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    tree = ast.walk(ast.parse(text))
    named = [one.module or "" for one in tree if isinstance(one, ast.ImportFrom)]
    named += re.findall(r"^import (\w+)", text, re.MULTILINE)
    roots = {one.partition(".")[0] for one in named}
    assert roots - set(sys.stdlib_module_names) == {"cryptography"}


def test_a_file_that_is_not_there_is_a_misuse_and_no_bad_pack(
    alone: ModuleType, tmp_path: Path
) -> None:
    """Of a script that took the exit code 1 for it, every slip would make a pack a forgery."""
    command = (sys.executable, str(alone.__file__), tmp_path / "none.pdf")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such file" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("attack", [*ATTACKS, *LIES], ids=[one.name for one in (*ATTACKS, *LIES)])
def test_an_attack_is_seen_by_both_verifiers(
    world: World, alone: ModuleType, attack: Attack
) -> None:
    pack = attack.made(world)
    root = attack.root(world) if attack.root else world.root
    held = attack.held(world) if attack.held else None
    found = verify_pack(pack, root=root or None, checkpoint=held)
    assert found.first is not None
    assert (found.exit, found.first.code) == (attack.exit, attack.code)
    assert found.first.message
    assert found.first.hint
    code, said = second_verifier().verdict(pack, root or None, held)
    assert (code, said[: len(attack.second or attack.code)]) == (
        attack.exit,
        attack.second or attack.code,
    )
    found_alone = alone.verdict(pack, root or None, held)
    if attack in ATTACKS and attack.alone:
        assert found_alone == (code, said)
    else:
        assert found_alone[0] in {1, 3}


@pytest.mark.parametrize(
    "attack", LIES_ON_WHAT_IS_OPEN, ids=[one.name for one in LIES_ON_WHAT_IS_OPEN]
)
def test_what_the_keeper_of_the_keys_tells_beside_open_findings_is_seen_by_both_verifiers(
    failing: World, attack: Attack
) -> None:
    pack = attack.made(failing)
    found = verify_pack(pack, root=failing.root)
    assert found.first is not None
    assert (found.exit, found.first.code) == (1, attack.code)
    code, said = second_verifier().verdict(pack, failing.root)
    assert (code, said[: len(attack.code)]) == (1, attack.code)


def test_a_pack_of_open_findings_is_good_to_both_verifiers(failing: World) -> None:
    assert {"history.json", "oscal-poam.json", "refusals.json"} <= set(failing.files)
    assert b"by ann: It named a patient." in failing.files["evidence-index.json"]
    pack = failing.packed()
    assert verify_pack(pack, root=failing.root).exit == 0
    assert second_verifier().verdict(pack, failing.root, failing.old_note) == (0, "good")


@pytest.mark.parametrize("code", ["key-role-wrong", "key-unknown"])
def test_a_key_that_may_not_sign_the_manifest_signs_nothing(world: World, code: str) -> None:
    pack = roles_of(world)[code](world)
    found = verify_pack(pack, root=world.root)
    assert found.first is not None
    assert (found.exit, found.first.code) == (1, code)
    assert second_verifier().verdict(pack, world.root)[1].startswith(code)


def test_a_pack_by_the_keys_of_another_agrees_with_itself_and_the_answer_says_whose_word_that_is(
    world: World,
) -> None:
    pack = own_keys(world)
    alone = verify_pack(pack)
    assert (alone.exit, alone.anchor) == (0, "pack")
    (own,) = [one for one in alone.steps if one.code == "root-own-word"]
    assert "--root" in own.message
    assert verify_pack(pack, root=world.root).exit == 1


def test_a_checkpoint_of_the_same_state_is_recognised(world: World) -> None:
    note = world.files["checkpoint.note"]
    found = verify_pack(world.packed(), root=world.root, checkpoint=note)
    assert "checkpoint-same" in {one.code for one in found.steps}
    assert second_verifier().verdict(world.packed(), world.root, note) == (0, "good")


def test_older_keys_of_the_auditor_are_enough_where_the_packs_go_on_from_them(
    world: World,
) -> None:
    renewed = world.renewed()
    pack = world.packed(world.relisted({**world.files, "root.json": renewed}))
    assert verify_pack(pack, root=world.root).exit == 0
    assert second_verifier().verdict(pack, world.root) == (0, "good")


def test_both_verifiers_derive_as_the_same_version_of_the_engine() -> None:
    second_verifier()
    assert sys.modules["verify_parts"].ENGINE == ENGINE


def test_a_pack_that_nobody_signed_is_never_good(world: World) -> None:
    pack = world.unsigned()
    found = verify_pack(pack)
    codes = [one.code for one in found.steps if one.standing != "good"]
    assert (found.exit, codes) == (3, ["pack-unsigned", "log-none"])
    assert second_verifier().verdict(pack) == (3, "pack-unsigned")


def test_a_signed_pack_without_a_log_says_that_nobody_can_tell_when_things_came(
    world: World,
) -> None:
    pack = world.without_log()
    found = verify_pack(pack, root=world.root)
    assert found.first is not None
    assert (found.exit, found.first.code) == (3, "log-none")
    assert second_verifier().verdict(pack, world.root) == (3, "log-none")
