"""Canonical JSON and digests: one value, one text, one digest."""

import hashlib

import pytest
import rfc8785

from assaybook.domain.canonical import canonical, digest_of, digest_of_model
from assaybook.domain.finding import Counts
from assaybook.domain.subject import System


def test_names_are_sorted_and_nothing_is_spaced() -> None:
    assert canonical({"b": 1, "a": [True, None, "\u20ac"]}) == (
        '{"a":[true,null,"\u20ac"],"b":1}'.encode()
    )


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 2**53])
def test_what_has_no_one_text_is_refused(number: float) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(number)


def test_a_digest_names_its_algorithm() -> None:
    assert digest_of(b"") == f"sha256:{hashlib.sha256(b'').hexdigest()}"


def test_the_digest_of_a_model_is_of_its_json_by_alias_without_what_is_excluded() -> None:
    assert digest_of_model(Counts.model_validate({"pass": 1})) == digest_of(
        b'{"error":0,"fail":0,"inconclusive":0,"not_applicable":0,"pass":1,"waived":0}'
    )
    one, other = System(id="a", name="x"), System(id="a", name="y")
    assert digest_of_model(one) != digest_of_model(other)
    assert digest_of_model(one, exclude={"name"}) == digest_of_model(other, exclude={"name"})
