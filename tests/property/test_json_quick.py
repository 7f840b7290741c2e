"""JSON that is read quickly is read as the strict reader reads it, or left to the strict reader."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.errors import SubmitterError
from assaybook.intake import json_text
from assaybook.intake.json_quick import read_quickly
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed, parse
from assaybook.intake.raw import decode

LIMITS = Limits(depth=6)
TOKENS = st.sampled_from(
    [
        *("{", "}", "[", "]", ",", ":", " ", "\n", "\t", '"a"', '"b"', '"a":', '"a" :', '"a" \t:'),
        *('"\\":"', '":"', '"x\\\\"', "1", "-0", "-1.0", "01", ".5", "2.", "0.1", "1e-400"),
        *("NaN", "-Infinity", "1e999", "1E400", "9007199254740992", "1234567890123456789.5"),
        *("9" * 400, "1" + "0" * 250 + "e99", "null", "true"),
        *('"\\u0000"', '"\\ud83d\\ude00"', '"\\udfff"', '"é"'),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


def outcome(text: str, *, quick: bool) -> Any:
    """Return what a text is read as, or the code and place of its refusal."""
    try:
        if quick:
            found = json_text.read_json(text, "a", LIMITS)
        else:
            found = json_text.read_strictly(text.encode("utf-8", "surrogatepass"), "a", LIMITS)
    except SubmitterError as error:
        return error.code, error.where
    return repr(found.value), found.odd


@settings(max_examples=400)
@given(st.lists(TOKENS, max_size=12).map("".join))
def test_no_sequence_of_tokens_is_read_in_two_ways(text: str) -> None:
    assert outcome(text, quick=True) == outcome(text, quick=False)


def said(read: Callable[[bytes, str, Limits], object], raw: bytes, name: str) -> object:
    """Return what a reader makes of bytes, or why it refuses them."""
    try:
        return read(raw, name, LIMITS)
    except SubmitterError as error:
        return error


@settings(max_examples=300)
@given(
    st.sampled_from(['{"a": "', '"', '[1, "', "", '{"', "<a>", "["]),
    st.binary(max_size=4)
    | st.sampled_from([b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98"]),
    st.sampled_from(['"}', '"', '", 2]', "", '": 1}', "</a>", "]"]),
    st.sampled_from(["a.json", "a.jsonl", "a", "a.xml"]),
)
def test_what_is_no_utf8_is_refused_as_such_wherever_it_stands(
    before: str, some: bytes, after: str, name: str
) -> None:
    raw = before.encode() + some + after.encode()
    text, read = said(decode, raw, name), said(parse, raw, name)
    if isinstance(text, SubmitterError):
        assert isinstance(read, SubmitterError)
        assert (read.code, read.message) == (text.code, text.message)
    elif isinstance(read, Parsed):
        assert read.text == text


@settings(max_examples=200)
@given(VALUES, st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",\n", " \t:")]))
def test_a_written_value_is_read_in_one_way(value: object, separators: tuple[str, str]) -> None:
    text = json.dumps(value, separators=separators)
    assert outcome(text, quick=True) == outcome(text, quick=False)


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_lines_are_read_as_if_each_were_a_document(values: list[object]) -> None:
    text = "\n\n".join(map(json.dumps, values))
    quick = read_quickly(text.encode("utf-8", "surrogatepass"), text.split("\n\n"), 7)
    strict = [outcome(json.dumps(one), quick=False) for one in values]
    assert quick is None or [(repr(one), frozenset()) for one in quick.values] == strict


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a": 1, "b": {"a": 2}}', id="one key in two objects"),
        pytest.param('{"a" : "\\":", "b": [":"]}', id="texts that look like keys"),
        pytest.param('[0.12345678901234567, 1e-9, "sha256:12e4567"]', id="numbers and digests"),
    ],
)
def test_a_plain_document_is_read_quickly(text: str) -> None:
    quick = read_quickly(text.encode("utf-8", "surrogatepass"), (text,), 6)
    assert quick is not None
    assert quick.values == [json.loads(text)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"a": 1, "a": 1}', id="a repeated key"),
        pytest.param('{"a\\"b": 1, "a\\"b": 1}', id="a repeated key with a quote"),
        pytest.param('{"a": {"b": [1, {"c": 1, "c": ":"}]}}', id="a repeated key below"),
        pytest.param('{"a"\t:1, "a" :1, "b": ":"}', id="a repeated key set apart"),
        pytest.param("[[[[[[[1]]]]]]]", id="seven levels"),
        pytest.param("[" * 5000, id="levels without end"),
        pytest.param("[1", id="a text that breaks off"),
    ],
)
def test_what_is_unusual_is_left_to_the_strict_reader(text: str) -> None:
    assert read_quickly(text.encode("utf-8", "surrogatepass"), (text,), 6) is None
