"""Listings show what is there and let none of it act."""

import csv
import json
import re
from datetime import date
from io import StringIO

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from assaybook.cli.listing import (
    Columns,
    ListingFormat,
    Rows,
    errors_spoken,
    plain,
    print_fields,
    print_rows,
)
from assaybook.domain.errors import AuthorError, OperatorError, SubmitterError, UsageError


class Terminal(StringIO):
    """A stream that calls itself a terminal."""

    def isatty(self) -> bool:
        return True


def written(rows: Rows, columns: Columns, style: ListingFormat, width: int | None = None) -> str:
    out = StringIO()
    print_rows(rows, columns, style, file=out, width=width)
    return out.getvalue()


def cells(value: object) -> list[str]:
    text = written([{"a": value}], ["a"], ListingFormat.CSV)
    return list(csv.reader(StringIO(text)))[1]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\n=1", "\uff1d1"],
)
def test_text_that_a_spreadsheet_would_run_is_quoted_in_csv(text: str) -> None:
    assert cells(text)[0].startswith("'")


@pytest.mark.parametrize(("value", "cell"), [(-1, "-1"), (-0.5, "-0.5"), ("a=b", "a=b")])
def test_numbers_and_harmless_text_stay_as_they_are_in_csv(value: object, cell: str) -> None:
    assert cells(value) == [cell]


def test_csv_has_a_header_even_without_rows() -> None:
    assert written([], ["a", "b"], ListingFormat.CSV) == "a,b\n"


def test_json_gives_each_row_whole_and_its_values_as_they_are() -> None:
    rows = [{"a": 1, "hidden": [True, None], "day": {"z"}}]
    assert json.loads(written(rows, ["a"], ListingFormat.JSON)) == [
        {"a": 1, "hidden": [True, None], "day": ["z"]}
    ]


def test_json_without_rows_is_an_empty_list() -> None:
    assert json.loads(written([], ["a"], ListingFormat.JSON)) == []


def test_markdown_shows_what_would_be_markup() -> None:
    rows = [{"a": "x | <b>*y*</b> [l](u)\nnext"}]
    assert written(rows, {"a": "The A"}, ListingFormat.MARKDOWN) == (
        "| The A |\n| --- |\n| x \\| \\<b\\>\\*y\\*\\</b\\> \\[l\\](u)<br>next |\n"
    )


@pytest.mark.parametrize("style", [ListingFormat.TABLE, ListingFormat.CSV, ListingFormat.MARKDOWN])
@pytest.mark.parametrize("hidden", ["\x1b[31m", "\u202e", "\x07", "\x9b", "\u200b"])
def test_no_cell_steers_a_terminal(style: ListingFormat, hidden: str) -> None:
    assert hidden not in written([{"a": f"x{hidden}y"}], ["a"], style)


@given(st.integers(1, 120), st.integers(1, 120), st.integers(1, 120), st.integers(24, 120))
def test_nothing_is_cut_off_however_narrow_the_terminal(a: int, b: int, c: int, width: int) -> None:
    out = Terminal()
    rows = [{"a": "x" * a, "b": "y" * b, "c": "z" * c}]
    print_rows(rows, {"a": "A", "b": "B", "c": "C"}, ListingFormat.TABLE, file=out, width=width)
    text = out.getvalue()
    assert (text.count("x"), text.count("y"), text.count("z")) == (a, b, c)


@given(st.integers(1, 120), st.integers(1, 120), st.integers(24, 120))
def test_no_field_is_cut_off_however_narrow_the_terminal(a: int, b: int, width: int) -> None:
    out = Terminal()
    print_fields("", {"x" * a: "y" * b}, ListingFormat.TABLE, file=out, width=width)
    assert (out.getvalue().count("x"), out.getvalue().count("y")) == (a, b)


def test_what_json_does_not_know_becomes_text() -> None:
    day = date(2026, 1, 31)
    assert json.loads(written([{"a": day}], ["a"], ListingFormat.JSON)) == [{"a": "2026-01-31"}]


def test_square_brackets_are_no_markup_in_a_table() -> None:
    assert "[red]x[/red]" in written([{"a": "[red]x[/red]"}], ["a"], ListingFormat.TABLE)


def test_a_table_wraps_to_its_width_and_never_cuts_the_first_column() -> None:
    rows = [{"id": "MEASURE 2.11", "title": "many words " * 20}]
    text = written(rows, ["id", "title"], ListingFormat.TABLE, width=40)
    assert max(map(len, text.splitlines())) <= 40
    assert "MEASURE 2.11" in text
    assert text.count("words") == 20


def test_a_narrow_terminal_shows_a_row_as_lines_in_which_words_stay_whole() -> None:
    row = {"id": "ev-1", "file": "evidence/mlflow-run.json", "none": "", "at": "2026-01-31T10:00"}
    for width, whole in ((60, True), (120, True), (240, False)):
        out = Terminal()
        rows = [row | {f"more {n}": "a release of some length" for n in range(9)}]
        columns = list(rows[0])
        print_rows(rows, columns, ListingFormat.TABLE, file=out, width=width)
        assert ("2026-01-31T10:00\n" in re.sub(r" *\n", "\n", out.getvalue())) is whole
        assert ("none" in out.getvalue()) is not whole


def test_a_table_into_a_pipe_has_no_blanks_at_line_ends() -> None:
    text = written([{"a": "x", "b": "y"}], ["a", "b"], ListingFormat.TABLE)
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_headings_are_the_keys_in_words_unless_they_are_given() -> None:
    text = written([{"said_by": "x"}], ["said_by"], ListingFormat.TABLE)
    assert text.splitlines()[0].strip() == "said by"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (True, "yes"), (False, "no"), (("a", 1), "a, 1"), ({"k": 1}, '{"k": 1}')],
)
def test_a_cell_says_absence_and_lists_in_plain_words(value: object, cell: str) -> None:
    assert plain(value) == cell


@given(st.text())
def test_csv_reads_back_as_one_cell_that_begins_no_formula(text: str) -> None:
    (cell,) = cells(text) or [""]
    assert not cell.lstrip(" \n").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_fields_leave_out_what_is_empty() -> None:
    out = StringIO()
    print_fields("A thing", {"Kind": "x", "None": ""}, ListingFormat.TABLE, file=out)
    assert out.getvalue() == "A thing\n\nKind  x\n\n"


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError, 2), (OperatorError, 2), (AuthorError, 5), (SubmitterError, 5)]
)
def test_an_error_is_spoken_on_stderr_with_code_place_reason_and_remedy(
    error: type[UsageError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught, errors_spoken():
        raise error("door-shut", "the door is shut", where="hall:3", hint="Open it.")
    assert caught.value.exit_code == code
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        "error[door-shut] hall:3: the door is shut\n  Open it.\n",
    )
