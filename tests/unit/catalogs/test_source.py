"""Catalog files are read as text and nothing else."""

import pytest

from assaybook.catalogs.source import MAX_DEPTH, build, read_yaml
from assaybook.domain.control import CrosswalkRow, Relationship
from assaybook.domain.errors import AuthorError
from support.controls import a_folder


def read(text: str | bytes) -> object:
    return read_yaml(a_folder({"f.yaml": text}) / "f.yaml", "f.yaml").plain()


def refused(text: str | bytes) -> AuthorError:
    with pytest.raises(AuthorError) as caught:
        read(text)
    return caught.value


def test_what_looks_like_a_number_a_date_or_a_word_of_yaml_stays_text() -> None:
    text = "[9.10, 1:30, 2026-01-31, no, on, 0x1F, 1e3, 007, '12', .inf]"
    expected = ["9.10", "1:30", "2026-01-31", "no", "on", "0x1F", "1e3", "007", "12", ".inf"]
    assert read(text) == expected


def test_null_truth_and_integers_are_read_as_written() -> None:
    assert read("[null, ~, true, false, 12, -3, 0]") == [None, None, True, False, 12, -3, 0]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        pytest.param("a: 1\nb: !!str x\n", "f.yaml:2", "tags", id="a tag"),
        pytest.param("a: !!python/name:os.system x", "f.yaml:1", "tags", id="a python tag"),
        pytest.param("a: &x 1\nb: 2\n", "f.yaml:1", "anchors", id="an anchor"),
        pytest.param("a: 1\nb: *x\n", "f.yaml:2", "aliases", id="an alias"),
        pytest.param("a: 1\na: 2\n", "f.yaml:2", "twice", id="a key twice"),
        pytest.param("a: 1\n? [b]\n: 2\n", "f.yaml:2", "must be text", id="a list for a key"),
        pytest.param("4: x\n", "f.yaml:1", "quotes", id="a number for a key"),
        pytest.param("a: 1\n---\nb: 2\n", "f.yaml:3", "second document", id="two documents"),
        pytest.param("[" * 5000, "f.yaml:1", "too deeply", id="five thousand brackets"),
    ],
)
def test_what_yaml_could_do_beyond_data_is_refused_at_its_line(
    text: str, place: str, words: str
) -> None:
    error = refused(text)
    assert (error.code, error.where) == ("catalog-invalid", place)
    assert words in error.message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("a: [1,\n", "f.yaml:2:1", id="cut off"),
        pytest.param(b"a: \xff\xfe", "f.yaml", id="no text at all"),
        pytest.param(b"a: \x00", "f.yaml", id="a control character"),
        pytest.param("", "f.yaml", id="empty"),
        pytest.param("# nothing\n", "f.yaml", id="a comment alone"),
        pytest.param(b"a" * 8_000_001, "f.yaml", id="too large"),
    ],
)
def test_a_file_that_is_no_yaml_is_one_error_with_its_place(text: str | bytes, place: str) -> None:
    error = refused(text)
    assert (error.code, error.where) == ("catalog-unreadable", place)


def test_a_file_that_is_not_there_says_so() -> None:
    with pytest.raises(AuthorError, match="cannot be read") as caught:
        read_yaml(a_folder({"other.yaml": ""}) / "f.yaml", "f.yaml")
    assert caught.value.code == "catalog-unreadable"


def test_nesting_up_to_the_limit_is_read() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    text = "source: A\ntarget: B\nrelation: subset\nbasis: published\n"
    node = read_yaml(a_folder({"f.yaml": text}) / "f.yaml", "f.yaml")
    with pytest.raises(AuthorError) as caught:
        build(CrosswalkRow, node)
    assert caught.value.code == "catalog-invalid"
    assert caught.value.where == "f.yaml:3"
    assert caught.value.hint == "Did you mean relationship?"


def test_a_value_of_the_wrong_kind_is_refused_at_its_own_line() -> None:
    text = "source: A\ntarget: B\nrelationship: cousin\nbasis: published\n"
    node = read_yaml(a_folder({"f.yaml": text}) / "f.yaml", "f.yaml")
    with pytest.raises(AuthorError, match="relationship") as caught:
        build(CrosswalkRow, node)
    assert caught.value.where == "f.yaml:3"


def test_words_become_the_members_of_their_enumeration() -> None:
    text = "{source: A, target: B, relationship: subset, basis: published, seen_in: [x, y]}"
    row = build(CrosswalkRow, read_yaml(a_folder({"f.yaml": text}) / "f.yaml", "f.yaml"))
    assert row.relationship is Relationship.SUBSET
    assert row.seen_in == ("x", "y")


def test_a_value_that_is_worked_out_cannot_be_written() -> None:
    node = read_yaml(a_folder({"f.yaml": "{source: A}"}) / "f.yaml", "f.yaml")
    with pytest.raises(AuthorError, match="worked out"):
        build(CrosswalkRow, node, source="B")
