import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.errors import AssayError, AuthorError
from assaybook.language import source as source_module
from assaybook.language.source import (
    MAX_BYTES,
    Source,
    read_file,
    read_source,
    read_text,
    source_of,
)
from assaybook.language.source_fold import MAX_DEPTH, MAX_NODES

BOUNDED_SECONDS = 0.2


def refused(raw: bytes) -> AuthorError:
    with pytest.raises(AuthorError) as caught:
        read_source(raw, "a.yaml")
    return caught.value


def read_or_refused(raw: bytes) -> Source | AssayError:
    try:
        return read_source(raw, "a.yaml")
    except AssayError as error:
        return error


@pytest.mark.parametrize(
    "written",
    [
        *("NO", "no", "yes", "Yes", "on", "off", "y", "n", "True", "FALSE", "Null"),
        *("010", "0o17", "0x1F", "0b11", "1_000", "1__0", "+5", ".5", "5.", "-.5", "00", "-01"),
        *("12:30:45", "1:30", "2026-11-20", "2026-11-20T00:00:00Z", "1.2.3", ".inf", ".nan", "="),
    ],
)
def test_what_other_readers_change_stays_the_text_that_was_written(written: str) -> None:
    assert read_text(f"a: {written}", "a.yaml").data == {"a": written}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-7", -7),
        ("9007199254740991", 9007199254740991),
        ("0.80", 0.8),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
        ("9.10", 9.1),
        ("'9.10'", "9.10"),
        ('"true"', "true"),
    ],
)
def test_only_what_json_would_write_so_is_a_number_a_truth_or_nothing(
    written: str, value: object
) -> None:
    data = read_text(f"a: {written}", "a.yaml").data
    assert data == {"a": value}
    assert isinstance(data, dict)
    assert type(data["a"]) is type(value)


def test_a_number_remembers_how_it_was_written() -> None:
    assert read_text("a: 9.10", "a.yaml").node(("a",)).written == "9.10"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: &x 1\nb: *x", "yaml-anchor", "1:4"),
        ("a: *x", "yaml-alias", "1:4"),
        ("a: &a [*a]", "yaml-anchor", "1:4"),
        ('a: !!python/object/apply:os.system ["true"]', "yaml-tag", "1:4"),
        ("a: ! x", "yaml-tag", "1:4"),
        ("a: !!str 1", "yaml-tag", "1:4"),
        ("a: 1\nb: 2\na: 3", "yaml-duplicate-key", "3:1"),
        ("a: {b: 1, 'b': 2}", "yaml-duplicate-key", "1:11"),
        ("a: 1\n---\nb: 2", "yaml-many-documents", "2:1"),
        ("%YAML 1.1\n---\na: 1", "yaml-directive", "1:1"),
        ("%TAG ! tag:x,2026:\n---\na: 1", "yaml-directive", "1:1"),
        ("a:\n  <<: {b: 1}", "yaml-merge", "2:3"),
        ("9.1: a", "yaml-key", "1:1"),
        ("true: a", "yaml-key", "1:1"),
        ("~: a", "yaml-key", "1:1"),
        ("{~: a}", "yaml-key", "1:2"),
        ("? [a]\n: b", "yaml-key", "1:3"),
        ("? {a: b}\n: b", "yaml-key", "1:3"),
        ("a: 9007199254740992", "yaml-number", "1:4"),
        ("a: 1e999", "yaml-number", "1:4"),
        ("a: -9007199254740993", "yaml-number", "1:4"),
        ("", "yaml-empty", ""),
        ("# nothing", "yaml-empty", ""),
        ("a: b: c", "yaml-malformed", "1:5"),
        ("a: [1", "yaml-malformed", "2:1"),
        ("\ta: 1", "yaml-malformed", "1:1"),
        ("a: 'x", "yaml-malformed", "1:6"),
        ("a: b\x00", "yaml-hidden-character", "1:5"),
        ("a: b\n\u202ec: d", "yaml-hidden-character", "2:1"),
        ('a: "\\0"', "yaml-hidden-character", "1:4"),
        ('a: "\\u202e"', "yaml-hidden-character", "1:4"),
        ("a: \ufeff", "yaml-hidden-character", "1:4"),
    ],
)
def test_what_can_hide_or_change_a_meaning_is_refused_at_its_place(
    text: str, code: str, place: str
) -> None:
    error = refused(text.encode())
    assert (error.code, error.where) == (code, f"a.yaml:{place}" if place else "a.yaml")


def test_a_key_that_is_read_as_a_number_is_to_be_quoted() -> None:
    error = refused(b"controls: {9.10: implements}")
    assert "9.10" in error.message
    assert error.hint == 'Put it in quotes: "9.10"'


def test_a_mark_of_the_byte_order_at_the_beginning_is_no_part_of_the_text() -> None:
    assert read_source(b"\xef\xbb\xbfa: 1", "a.yaml").data == {"a": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_file_in_another_encoding_is_refused(encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    error = refused(mark + "a: b".encode(encoding))
    assert (error.code, error.hint) == ("yaml-encoding", "Save it as UTF-8.")


def test_a_byte_that_is_no_text_is_shown_with_its_place() -> None:
    error = refused(b"a: 1\nb: \xff")
    assert (error.code, error.where) == ("yaml-encoding", "a.yaml:2:4")
    assert "0xff" in error.message


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"[" * 100_000, "yaml-too-deep"),
        (b"{a: " * 100_000, "yaml-too-deep"),
        (b"- " * 100_000, "yaml-too-deep"),
        (b"? " * 100_000, "yaml-too-deep"),
        (b"a" * (MAX_BYTES + 1), "yaml-too-large"),
        (b"a: " + b"9" * 100_000, "yaml-number"),
        (b"&a [" * 100_000, "yaml-anchor"),
        (b"[\n" * 100_000, "yaml-too-deep"),
    ],
)
def test_hostile_input_is_refused_at_once(raw: bytes, code: str) -> None:
    started = time.process_time()
    error = refused(raw)
    assert time.process_time() - started < BOUNDED_SECONDS
    assert error.code == code


def test_a_file_of_too_many_values_is_refused() -> None:
    assert refused(b"[" + b"1," * (MAX_NODES + 1) + b"]").code == "yaml-too-many-values"


def test_the_pure_parser_refuses_hostile_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "_LOADER", yaml.SafeLoader)
    assert refused(b"[" * 100_000).code == "yaml-too-deep"
    assert refused(b'a: "\\U0011ffff"').code == "yaml-malformed"
    assert read_text("a: [1, {b: no}]", "a.yaml").data == {"a": [1, {"b": "no"}]}


def test_a_file_may_nest_as_deep_as_the_limit_and_no_deeper() -> None:
    assert read_source(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "a.yaml").where() == "a.yaml:1:1"
    assert refused(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)).code == "yaml-too-deep"


def test_every_value_and_key_knows_its_place() -> None:
    read = read_text("a:\n  - b: c\n    d: 'e'\n", "a.yaml")
    assert read.where() == "a.yaml:1:1"
    assert read.where(("a", 0, "d")) == "a.yaml:3:8"
    assert read.where_key(("a", 0, "d")) == "a.yaml:3:5"
    assert read.where(("a", 0)) == "a.yaml:2:5"


@pytest.mark.parametrize("path", [("z",), ("a", 7), ("a", -1), ("a", 0, "b", "c"), (0,)])
def test_what_is_missing_is_shown_at_the_nearest_thing_that_is_there(
    path: tuple[str | int, ...],
) -> None:
    read = read_text("a:\n  - b: c\n", "a.yaml")
    assert read.where(path) in {"a.yaml:1:1", "a.yaml:2:3", "a.yaml:2:8"}


@pytest.mark.parametrize(
    "text",
    [
        "k: one two three",
        "k: 'one two three'",
        'k: "one \\x74wo three"',
        "k: |\n   one two\n   three",
        "k: >-\n   one\n   two\n   three",
        "k: one\n  two\n  three",
        "k: |2-\n  one two three",
    ],
)
def test_a_character_of_a_text_is_found_in_the_file_whatever_its_quotes_and_folds(
    text: str,
) -> None:
    read = read_text(text, "a.yaml")
    value = read.data
    assert isinstance(value, dict)
    offset = str(value["k"]).strip().index("three")
    line, column = read.place_in(("k",), offset)
    assert text.splitlines()[line - 1][column - 1 :].startswith("three")


def test_a_character_that_cannot_be_found_is_shown_near_by() -> None:
    read = read_text('k: "\\x61\\x62"', "a.yaml")
    assert read.where_in(("k",), 1) == "a.yaml:1:5"
    assert read.where_in((), 3) == "a.yaml:1:1"


def test_plain_values_are_a_document_without_places() -> None:
    read = source_of({"a": [1, None, True, "x"]}, "bundle")
    assert read.data == {"a": [1, None, True, "x"]}
    assert read.values() == read.data
    assert read.where(("a", 3)) == "bundle:1:1"
    assert read.place_in(("a", 3), 0) == (1, 1)


def test_plain_values_may_not_nest_deeper_than_a_file() -> None:
    deep: list[object] = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(AuthorError, match="deep"):
        source_of({"a": json.loads(json.dumps(deep))}, "bundle")


def test_a_document_that_is_no_mapping_has_no_values() -> None:
    assert read_text("[a]", "a.yaml").values() == {}


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AuthorError) as caught:
        read_file(tmp_path, "a.yaml")
    assert caught.value.code == "file-unreadable"
    (tmp_path / "b.yaml").write_text("a: 1", encoding="utf-8")
    assert read_file(tmp_path / "b.yaml", "b.yaml").data == {"a": 1}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_never_crash(raw: bytes) -> None:
    assert_sound(read_or_refused(raw))


@given(st.text("ab01:-[]{},'\"#&*!|>%?\n \t.~<=\\x", max_size=60))
def test_any_text_like_yaml_is_read_or_refused_and_never_crashes(text: str) -> None:
    assert_sound(read_or_refused(text.encode()))


def test_every_file_of_the_yaml_test_suite_is_read_or_refused(vectors: Path) -> None:
    lines = (vectors / "yaml-test-suite.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        assert_sound(read_or_refused(base64.b64decode(json.loads(line)["file_b64"])))


def assert_sound(found: Source | AssayError) -> None:
    if isinstance(found, AssayError):
        assert found.code
        assert found.where.startswith("a.yaml")
    else:
        assert json.loads(json.dumps(found.data)) == found.data


def test_every_hostile_yaml_of_the_abuse_corpus_is_refused_at_once(vectors: Path) -> None:
    corpus = json.loads((vectors / "abuse-corpus.json").read_text(encoding="utf-8"))
    hostile = [case for case in corpus if case["kind"] == "yaml"]
    assert hostile
    for case in hostile:
        started = time.process_time()
        assert refused(_abuse(case)).code.startswith("yaml-"), case["id"]
        assert time.process_time() - started < BOUNDED_SECONDS


def test_no_value_of_the_abuse_corpus_changes_its_type_in_silence(vectors: Path) -> None:
    corpus = json.loads((vectors / "abuse-corpus.json").read_text(encoding="utf-8"))
    values = [case for case in corpus if case["kind"] == "yaml_value"]
    assert values
    for case in values:
        key, _, text = case["text"].partition(": ")
        node = read_text(case["text"], "a.yaml").node((key,))
        assert node.written == text
        assert node.value == text or isinstance(node.value, int | float)


def _abuse(case: dict[str, Any]) -> bytes:
    if "text" in case:
        return str(case["text"]).encode()
    if "text_b64" in case:
        return base64.b64decode(case["text_b64"])
    made = case["generator"]
    if made["type"] == "repeat":
        return str(made["unit"] * made["times"]).encode()
    rows = [f"a0: &a0 [{', '.join(['x'] * made['width'])}]"]
    rows += [
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * made['width'])}]"
        for level in range(1, made["levels"])
    ]
    return "\n".join(rows).encode()


def test_a_merge_sign_in_quotes_is_a_key_like_others() -> None:
    assert read_text('"<<": 1', "x.yaml").data == {"<<": 1}
