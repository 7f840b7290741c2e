"""A pack that another version of the engine made: integrity as ever, and the rest said by name."""

from collections.abc import Callable

import pytest

from assaybook.domain.attachment import FACTS, HISTORY, STATEMENTS
from assaybook.domain.finding import Finding, Outcome
from assaybook.service.judge import ENGINE
from assaybook.service.verify import verify_pack
from support.pack_attacks import ATTACKS, Attack, put
from support.pack_versions import by_engine
from support.verifying import World, a_small_world, a_world, edited, second_verifier

OLD = "assaybook 0.0.1"
NEW = "assaybook 99.0.0"
ATTACKED = [one for one in ATTACKS if one.alone and one.name != "you hold a fork of an older size"]
"""All that one file alone sees; the log of these packs is written anew, and proves no older one."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a small signed pack."""
    return a_small_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the pack of a release of the example, which an older version made."""
    return by_engine(a_world(tmp_path_factory.mktemp("example")), OLD)


def _checked(world: World, pack: bytes) -> tuple[int, list[tuple[str, str]], int]:
    """Return the exit of both verifiers, and what the product calls open or broken."""
    found = verify_pack(pack, root=world.root)
    steps = [(one.step, one.code) for one in found.steps if one.standing != "good"]
    return found.exit, steps, second_verifier().verdict(pack, world.root)[0]


def test_a_pack_of_an_older_version_that_this_one_makes_again_is_good(world: World) -> None:
    old = by_engine(world, OLD)
    assert _checked(old, old.packed()) == (0, [], 0)
    found = verify_pack(old.packed(), root=old.root)
    (again,) = [one for one in found.steps if one.code == "judged-again"]
    assert again.message.endswith(f"by {ENGINE}; {OLD} made them")


def _said_otherwise(finding: Finding) -> Finding:
    return finding.model_copy(update={"sentence": "As it was said then."})


def _passed(finding: Finding) -> Finding:
    return finding.model_copy(update={"outcome": Outcome.ERROR})


@pytest.mark.parametrize(
    ("change", "code"),
    [(_said_otherwise, "engine-other-details"), (_passed, "engine-other")],
    ids=["what explains the verdicts", "a verdict"],
)
def test_an_older_version_that_judged_otherwise_is_named_and_is_neither_good_nor_bad(
    world: World, change: Callable[[Finding], Finding], code: str
) -> None:
    old = by_engine(world, OLD, change)
    found = verify_pack(old.packed(), root=old.root)
    assert (found.exit, found.first and found.first.code) == (3, code)
    (step,) = [one for one in found.steps if one.code == code]
    assert f"{OLD}, older than this {ENGINE}" in step.message
    good = {one.step for one in found.steps if one.standing == "good"}
    assert good >= {"signature", "manifest", "keys", "pages", "log"}


def test_findings_of_this_version_that_it_judges_otherwise_are_bad(world: World) -> None:
    lie = by_engine(world, ENGINE, _said_otherwise)
    found = verify_pack(lie.packed(), root=lie.root)
    assert (found.exit, found.first and found.first.code) == (1, "judged-otherwise")


@pytest.mark.parametrize(
    ("part", "step"), [(FACTS, "judgement"), (STATEMENTS, "judgement"), (HISTORY, "derived")]
)
def test_a_part_that_a_newer_version_writes_otherwise_is_no_sign_of_tampering(
    world: World, part: str, step: str
) -> None:
    new, this = by_engine(world, NEW), by_engine(world, ENGINE)
    kind = f"assaybook/{part.removesuffix('.json')}/v2"
    empty = b'{"earlier":[],"remediation":[]}'
    raw = edited(new.files.get(part, empty), put(("kind",), kind))
    code, steps, second = _checked(new, new.packed(new.relisted({**new.files, part: raw})))
    assert (code, second) == (3, 3)
    assert {each for _step, each in steps} == {"engine-other"}
    assert step in {each for each, _code in steps}
    same = this.packed(this.relisted({**this.files, part: raw}))
    assert _checked(this, same)[::2] == (1, 1)


@pytest.mark.parametrize("attack", ATTACKED, ids=[one.name for one in ATTACKED])
def test_what_is_changed_in_an_older_pack_is_seen_by_the_same_name(
    older: World, attack: Attack
) -> None:
    pack = attack.made(older)
    root = attack.root(older) if attack.root else older.root
    held = attack.held(older) if attack.held else None
    found = verify_pack(pack, root=root or None, checkpoint=held)
    # What comes out otherwise is open; that it is not what the log holds is bad.
    told = {
        one.code
        for one in found.steps
        if one.standing == ("bad" if attack.exit == 1 else "cannot tell")
    }
    assert found.exit == attack.exit
    assert {attack.code, attack.second} & told
    assert second_verifier().verdict(pack, root or None, held)[0] == attack.exit


@pytest.mark.parametrize("engine", [OLD, NEW, "", "assaybook\x1b[2J"])
def test_naming_another_version_makes_no_lie_good(world: World, engine: str) -> None:
    lie = by_engine(world, engine, _passed)
    assert verify_pack(lie.packed(), root=lie.root).exit == 3
