"""The path of a proof is hashes, each written in the one way that it can be, and few of them."""

import base64

import pytest

from assaybook.ledger.log import MOST_STEPS, hashes_of
from assaybook.ledger.merkle import leaf_hash

HASH = leaf_hash(b"entry")
STEP = base64.b64encode(HASH).decode()


def test_a_path_is_read_as_the_hashes_that_it_names() -> None:
    assert hashes_of(()) == ()
    assert hashes_of((STEP,) * MOST_STEPS) == (HASH,) * MOST_STEPS


@pytest.mark.parametrize(
    "path",
    [
        pytest.param((STEP,) * (MOST_STEPS + 1), id="more steps than a log can have"),
        pytest.param((STEP, base64.b64encode(HASH[:-1]).decode()), id="a hash that lacks a byte"),
        pytest.param((base64.b64encode(HASH + b"a").decode(), STEP), id="a hash with a byte more"),
        pytest.param((STEP, f"{STEP[:4]}\n{STEP[4:]}"), id="a line feed in a hash"),
        pytest.param((STEP, STEP.rstrip("=")), id="a hash without its padding"),
        pytest.param((STEP, ""), id="an empty step"),
    ],
)
def test_what_is_no_path_is_none(path: tuple[str, ...]) -> None:
    assert hashes_of(path) is None
