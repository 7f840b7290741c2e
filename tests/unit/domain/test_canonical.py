"""Canonical JSON and digests: one value, one text, one digest."""

import hashlib
import sys
from types import FrameType

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

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


_TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=8)
_NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0.0, -0.0, 1.0, 1e16, 1e21, 1e-5, 1e-7, 123456789012345.6, 0.1, 100.05])
    | st.integers(-(2**53) + 1, 2**53 - 1)
)
_VALUES = st.recursive(
    st.none() | st.booleans() | _TEXTS | _NUMBERS | st.sampled_from(["1e-05", "v1.0", "\x7f\x00"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_the_quick_way_writes_what_the_slow_way_writes(value: JsonValue) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"\U00010000": 1, "\uffff": 2}, id="names beyond the first plane"),
        pytest.param(['\x1f"\\/\b\n\x7f', "é"], id="escapes"),
        pytest.param([1.0, -0.0, 1e16, 1e-5, 5e-324], id="numbers that Python writes otherwise"),
        pytest.param({"a": (1, 2)}, id="a tuple"),
    ],
)
def test_what_python_orders_or_writes_otherwise_is_still_canonical(value: JsonValue) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_an_id_that_happens_to_begin_with_digits_alone_does_not_make_all_of_it_slow() -> None:
    row: JsonValue = {"evidence": f"ev-{'1' * 64}", "blob": f"sha256:{'2' * 64}"}
    value: list[JsonValue] = [row] * 500
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        quick = canonical(value)
    finally:
        sys.setprofile(None)
    assert calls < 100
    assert quick == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": 2**53 - 1, "b": [-(2**53) + 1, 2**53 - 1]}, id="the longest integers"),
        pytest.param({"a": [1e15, 1e15 + 0.5, 9007199254740993.0]}, id="long numbers with a point"),
    ],
)
def test_a_long_number_is_still_seen_wherever_it_stands(value: JsonValue) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [{"a": 2**53}, [-(2**53)], [0, 2**60], {"a": [[2**53]]}])
def test_an_integer_that_is_too_long_is_refused_wherever_it_stands(value: JsonValue) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)


@pytest.mark.parametrize("value", ["\ud800", object(), 2**60, [float("inf")]])
def test_what_the_slow_way_refuses_is_refused(value: JsonValue) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)
