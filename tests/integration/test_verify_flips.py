"""No byte of a pack can be another: flips and edits, in both verifiers, never good and no crash."""

import random

import pytest

from assaybook.service.verify import verify_pack
from support.verifying import World, a_small_world, second_verifier

FLIPS = 150
EDITS = 120


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return one small signed pack."""
    return a_small_world(tmp_path_factory.mktemp("world"))


def test_flipped_bits_are_never_good(world: World) -> None:
    pack, chance = world.packed(), random.Random(20261120)  # noqa: S311 - no secret
    for _ in range(FLIPS):
        changed = bytearray(pack)
        changed[chance.randrange(len(pack))] ^= 1 << chance.randrange(8)
        assert verify_pack(bytes(changed), root=world.root).exit == 1
        assert second_verifier().verdict(bytes(changed), world.root)[0] == 1


def test_no_digit_of_the_signature_can_be_another(world: World) -> None:
    pack, chance = world.packed(), random.Random(7)  # noqa: S311 - no secret
    start = pack.index(b"/Contents <3082") + len(b"/Contents ")
    end = pack.index(b">", start) + 1
    for place in [*range(start, start + 30), *chance.choices(range(start, end), k=EDITS), end - 1]:
        changed = bytearray(pack)
        changed[place] = chance.choice(
            [byte for byte in b"0123456789abcdefABCDEF<> " if byte != changed[place]]
        )
        assert verify_pack(bytes(changed), root=world.root).exit == 1
        assert second_verifier().verdict(bytes(changed), world.root)[0] == 1


def test_the_short_verifier_takes_no_other_digit_anywhere_in_the_signature(world: World) -> None:
    pack = world.packed()
    start = pack.index(b"/Contents <3082") + len(b"/Contents <")
    for place in range(start, pack.index(b"00000000", start + 1_500) + 8):
        changed = bytearray(pack)
        changed[place] = ord("1") if changed[place] == ord("0") else changed[place] ^ 1
        assert second_verifier().verdict(bytes(changed), world.root)[0] == 1, place - start


def test_any_beginning_of_a_pack_is_bad(world: World) -> None:
    pack = world.packed()
    for length in range(0, len(pack), len(pack) // 40):
        assert verify_pack(pack[:length]).exit == 1
        assert second_verifier().verdict(pack[:length])[0] == 1


def test_a_pack_whose_parts_are_noise_is_bad_and_named(world: World) -> None:
    kinds = (random.Random(11).randbytes(64), b"[" * 5_000, b"null", b'{"a":1e999}')  # noqa: S311
    for place, name in enumerate(sorted(set(world.files) - {"manifest.json"})):
        noise = kinds[place % len(kinds)]
        pack = world.packed(world.relisted({**world.files, name: noise}))
        found = verify_pack(pack, root=world.root)
        assert found.exit == 1, name
        assert second_verifier().verdict(pack, world.root)[0] == 1, name
