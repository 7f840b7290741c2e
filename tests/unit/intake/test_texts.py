"""Texts as values: nothing changes its type in silence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.errors import SubmitterError
from assaybook.intake.csv_text import read_csv
from assaybook.intake.json_text import read_json, read_unusual_lines
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.values import (
    Json,
    count,
    epoch_ms,
    instant,
    label,
    lacks_zone,
    number,
    passage,
    pointer,
    question_word,
    short,
    word,
)
from assaybook.intake.yaml_text import read_yaml

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_json_reads_back_what_was_written(value: object) -> None:
    assert read_json(json.dumps(value), "a", Limits()).value == value


def test_the_places_of_numbers_that_are_none_are_told() -> None:
    found = read_json('{"a": [1, NaN], "b/c": {"~": Infinity}}', "a", Limits())
    assert (found.value, found.odd) == (
        {"a": [1, None], "b/c": {"~": None}},
        frozenset({"/a/1", "/b~1c/~0"}),
    )


def test_yaml_words_numbers_and_dates_stay_the_text_that_stands_there() -> None:
    text = "a: no\nb: 9.10\nc: 1:30\nd: 010\ne: 2026-11-20\nf: 'true'\ng: true\nh: null\ni: ~\nj:\n"
    assert read_yaml(text, "a", Limits()) == [
        {
            "a": "no",
            "b": "9.10",
            "c": "1:30",
            "d": "010",
            "e": "2026-11-20",
            "f": "true",
            "g": True,
            "h": None,
            "i": None,
            "j": None,
        }
    ]


def test_a_yaml_place_is_counted_in_the_file_and_not_in_the_front_matter() -> None:
    with pytest.raises(SubmitterError) as error:
        parse(b"---\na: 1\nb: 2\nb: 3\n---\n", "card.md", Limits())
    assert error.value.where == "card.md:4:1"


def test_a_hundred_thousand_yaml_keys_are_too_many() -> None:
    with pytest.raises(SubmitterError, match="too many values"):
        read_yaml("\n".join(f"k{number}: 1" for number in range(150_000)), "a", Limits())


def test_a_table_keeps_its_texts_and_quoted_line_ends() -> None:
    columns, rows = read_csv(b'a,b\n1,"x\ny"\n', "a", Limits())
    assert (columns, rows) == (("a", "b"), [{"a": "1", "b": "x\ny"}])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_reads_the_same_however_its_lines_end_and_it_is_encoded(
    end: str, encoding: str
) -> None:
    text = f'group,recall{end}"f\u00e9m\u2028\U0001f600{end}x",0.5{end}{end}m,0.6'
    table = parse(text.encode(encoding), "t.csv", Limits())
    first = f"f\u00e9m\u2028\U0001f600{end}x"
    assert table.value == [{"group": first, "recall": "0.5"}, {"group": "m", "recall": "0.6"}]
    assert table.text == text


@pytest.mark.parametrize(
    "lines", ["\n" * 600_000, "\r" * 600_000, f'"{" " * 9}{chr(10) * 100_000}",1\n' * 6]
)
def test_a_table_of_blank_lines_is_refused_by_their_number(lines: str) -> None:
    with pytest.raises(SubmitterError, match="500000 lines") as error:
        parse(f"a,b\n1,2\n{lines}".encode(), "t.csv", Limits())
    assert error.value.code == "document-too-large"


def test_a_table_with_a_line_without_end_is_refused_by_its_length() -> None:
    with pytest.raises(SubmitterError, match="10000000 characters") as error:
        parse(f"a,b\n1,{'x' * 10_000_000}\n".encode(), "t.csv", Limits())
    assert error.value.code == "document-too-large"


def test_yaml_of_more_bytes_than_fit_is_refused_by_the_limit() -> None:
    with pytest.raises(SubmitterError, match="20000000 bytes") as error:
        parse(b"a: " + b"x" * 20_000_000, "a.yaml", Limits())
    assert error.value.code == "document-too-large"


def test_a_table_with_an_open_quote_is_malformed_at_its_line() -> None:
    with pytest.raises(SubmitterError) as error:
        read_csv(b'a,b\n1,"x\n', "t.csv", Limits())
    assert error.value.code == "csv-malformed"


def test_a_pretty_printed_object_is_not_taken_for_json_lines() -> None:
    assert read_unusual_lines(b'{\n"a": 1\n}', "a", Limits()) is None


@pytest.mark.parametrize(
    ("name", "text", "media"),
    [
        ("a.json", '{"a": 1}', "json"),
        ("a.json", '{"a": 1}\n{"a": 2}\n', "json-lines"),
        ("a.jsonl", '{"a": 1}\n', "json-lines"),
        ("a.sig", '{"a": 1}', "json"),
        ("README", "---\na: 1\n---\ntext", "markdown"),
        ("README", "# Title", "markdown"),
        ("Kitfile", "a: 1", "yaml"),
        ("rules", "groups:\n- a", "yaml"),
        ("notes", "Note: this: is not: [yaml", "text"),
        ("scan.txt", "----------- SCAN SUMMARY -----------\n", "text"),
    ],
)
def test_the_kind_of_text_is_told_by_name_and_first_characters(
    name: str, text: str, media: str
) -> None:
    assert parse(text.encode(), name, Limits()).media == media


def test_dashes_without_a_closing_line_are_no_front_matter() -> None:
    found = parse(b"---\nlicense: mit\n# Title\n", "card.md", Limits())
    assert (found.value, found.body_line) == (None, 1)


def test_a_place_is_written_as_a_json_pointer() -> None:
    assert pointer("a/b", 0, "m~n") == "/a~1b/0/m~0n"


def test_long_texts_are_shortened_and_stay_apart() -> None:
    one, other = short("a" * 3000), short("a" * 2999 + "b")
    assert (len(one) <= 2000, one != other, len(passage("a" * 30_000))) == (True, True, 20_000)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("2026-11-20T09:00:00Z", True), ("2026-11-20 09:00:00+02:00", True),
     ("2021-08-25T12:20:30.000000005Z", True), ("2026-11-20T09:00:00", False),
     ("2026-11-20", False), ("soon", False), (1, False), ("2026-13-40T99:00:00Z", False)],
)  # fmt: skip
def test_only_a_time_with_a_zone_is_an_instant(value: str | int, *, wanted: bool) -> None:
    assert (instant(value) is not None) is wanted


def test_a_time_without_a_zone_can_be_told() -> None:
    assert [lacks_zone(one) for one in ("2026-11-20T09:00:00", "2026-11-20T09:00:00Z", 5)] == [
        True,
        False,
        False,
    ]


def test_numbers_counts_and_labels_are_read_with_care() -> None:
    odd: list[Json] = ["0.9", "1e3", " 5 ", "x", "nan", True, None, []]
    assert [number(one) for one in odd] == [
        *(0.9, 1000.0, 5.0),
        *(None,) * 5,
    ]
    assert [count(one) for one in (5, 318.0, "7", -1, 0.5, 1e300, True)] == [
        *(5, 318, 7),
        *(None,) * 4,
    ]
    assert [label(one) for one in (1.1, "v2", True, "")] == ["1.1", "v2", None, None]
    assert (word("  "), question_word("a b/c"), question_word("!")) == (None, "a_b_c", "unnamed")


def test_milliseconds_since_1970_are_an_instant_unless_they_are_zero_or_absurd() -> None:
    found = epoch_ms(1_795_217_101_873)
    assert found is not None
    assert (found.year, epoch_ms(0), epoch_ms(2**53 - 1), epoch_ms("x")) == (2026, None, None, None)
