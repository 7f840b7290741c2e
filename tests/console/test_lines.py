"""The lines of a document: each pointer leads to its line, and a place nobody can tell to none."""

import json
from typing import Final

import pytest

from assaybook.console.lines import (
    MOST_LINES,
    laid_out_json,
    places_in,
    seen,
    shown_text,
    text_of,
)

NOWHERE: Final[frozenset[str]] = frozenset()
JSON: Final = """{
  "by_group": {"data": [
    {"age": "18-25", "recall": 0.84},
    {"age": "66+",
     "recall": 0.85}
  ]},
  "a/b": {"c~d": [1,
    [2, 3]]},
  "n": null
}
"""


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        pytest.param("/by_group", 2, id="a key"),
        pytest.param("/by_group/data/0/recall", 3, id="a key of an item"),
        pytest.param("/by_group/data/1", 4, id="an item"),
        pytest.param("/by_group/data/1/recall", 5, id="a key on a later line"),
        pytest.param("/a~1b/c~0d/1/0", 8, id="a key with a slash and a tilde"),
        pytest.param("/n", 9, id="the last key"),
    ],
)
def test_a_pointer_into_json_leads_to_its_line(pointer: str, line: int) -> None:
    assert places_in(JSON, "x.json")[pointer] == line


def test_a_pointer_to_what_has_no_line_of_its_own_leads_to_what_is_around_it() -> None:
    shown = shown_text(JSON, "x.json", frozenset({"/by_group/data/1/recall/of", "/elsewhere"}))
    assert dict(shown.places) == {"/by_group/data/1/recall/of": 5}
    assert [line.number for line in shown.lines if line.named] == [5]


@pytest.mark.parametrize(
    ("text", "name", "pointer", "line"),
    [
        pytest.param('{"a": 1}\n\n{"b": {"c": 2}}\n', "x.jsonl", "/1/b/c", 3, id="json lines"),
        pytest.param(
            "---\nlicense: mit\ntags:\n- a\n---\n# T\n", "c.md", "/tags/0", 4, id="a card"
        ),
        pytest.param("a: 1\nb:\n  - c: 2\n", "x.yaml", "/b/0/c", 3, id="yaml"),
        pytest.param("x,y\n1,2\n3,4\n", "x.csv", "/1/y", 3, id="a table"),
        pytest.param("one\ntwo\n", "scan.txt", "line 2", 2, id="a line by its number"),
    ],
)
def test_a_pointer_into_other_formats_leads_to_its_line(
    text: str, name: str, pointer: str, line: int
) -> None:
    assert shown_text(text, name, frozenset({pointer})).places == {pointer: line}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{'a': [1", id="broken"),
        pytest.param('{"a": 1} {"b"', id="broken lines"),
        pytest.param("[" * 20_000, id="deep"),
        pytest.param("- " * 20_000, id="deep lists"),
        pytest.param("a: &x [*x]\n: :\n- [", id="broken yaml"),
        pytest.param("a: 1\n" * 20_000, id="long yaml"),
        pytest.param("", id="empty"),
    ],
)
def test_a_text_that_cannot_be_followed_is_shown_without_places(text: str) -> None:
    shown = shown_text(text, "x", frozenset({"/z/0"}), "/z")
    assert shown.places == {}
    assert "\n".join("".join(p.text for p in one.parts) for one in shown.lines) in text + "\n"


def test_json_on_one_long_line_is_laid_out_and_nothing_else_changes() -> None:
    rows = [{"a": 1.50, "b": "x, {y}: [\n]"}] * 30
    value: dict[str, object] = {"rows": rows, "none": {}, "empty": []}
    written = json.dumps(value)
    shown = shown_text(written, "x.json", frozenset({"/rows/1/b"}))
    assert shown.laid_out
    assert json.loads(laid_out_json(written)) == value
    assert "".join(laid_out_json(written).split()) == "".join(written.split())
    (line,) = [one for one in shown.lines if one.named]
    assert line.parts[0].text.strip().startswith('"b": ')


def test_what_was_removed_is_marked_where_it_stood() -> None:
    (line,) = shown_text('{"mail": "[redacted] or [redacted]"}', "x", NOWHERE).lines
    assert [part.text for part in line.parts if part.removed] == ["[redacted]", "[redacted]"]
    assert "".join(part.text for part in line.parts) == '{"mail": "[redacted] or [redacted]"}'


def test_characters_that_turn_the_order_of_words_are_written_out() -> None:
    assert seen("pass\u202eliaf\u200b\x1b\ttab") == "pass\\u202eliaf\\u200b\\u001b\ttab"


def test_lines_beyond_the_most_are_counted_and_not_shown() -> None:
    shown = shown_text("x\n" * (MOST_LINES + 7), "x.txt", NOWHERE)
    assert (len(shown.lines), shown.left_out) == (MOST_LINES, 7)


def test_bytes_that_are_no_text_have_no_lines() -> None:
    assert text_of(b"\x80\x04pickle") is None
    assert text_of(b"a\x00b") is None
    assert text_of(b"\xef\xbb\xbf{}") == "{}"


def test_the_line_that_a_reader_came_for_is_the_only_one_sought() -> None:
    shown = shown_text(JSON, "x.json", frozenset({"/n"}), "/by_group/data/0")
    assert [one.number for one in shown.lines if one.sought] == [3]
    assert [one.number for one in shown.lines if one.named] == [3, 9]
