"""Every part in every form, and every way to put something around the pages: nobody believes it."""

from types import ModuleType

import pytest

from assaybook.service.verify import verify_pack
from support.pack_tamperings import Tampering, of_parts, of_the_file
from support.verifying import World, a_small_world, second_verifier

_VAGUE = ("unreadable", "judgement-unreadable", "log-unreadable")
"""What names no part."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return one small signed pack."""
    return a_small_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def apart() -> ModuleType:
    """Return the second verifier with the files beside it."""
    return second_verifier()


def test_a_part_is_read_in_one_form_alone_and_by_its_own_name(
    world: World, apart: ModuleType
) -> None:
    assert verify_pack(world.packed(), root=world.root).exit == 0
    believed: list[tuple[str, int, int]] = []
    nameless: list[tuple[str, ...]] = []
    for each in of_parts(world):
        pack = each.made(world)
        found = verify_pack(pack, root=world.root)
        code, said = apart.verdict(pack, world.root)
        if (found.exit, code) != (1, 1):
            believed.append((each.name, found.exit, code))
        names = {found.first.code if found.first else "", said.split()[0]}
        if names & {*_VAGUE}:
            nameless.append((each.name, *sorted(names)))
    assert (believed, nameless) == ([], [])


@pytest.mark.parametrize("each", [*of_the_file()], ids=lambda each: each.name)
def test_nothing_stands_around_the_pages_that_is_not_of_a_pack(
    world: World, apart: ModuleType, each: Tampering
) -> None:
    pack = each.made(world)
    found = verify_pack(pack, root=world.root)
    assert found.first is not None
    code, said = apart.verdict(pack, world.root)
    assert (found.exit, code) == (1, 1), (found.first.code, said)
    assert found.first.code not in _VAGUE
    assert said.split()[0] not in _VAGUE
