"""Listings for people and for programs, and the one form in which an error is spoken.

What is listed can come from a submitted file, so nothing in a cell may act: not on a terminal, not
in a spreadsheet, not in a rendered Markdown page. stdout is data, stderr is talk.
"""

import csv
import json
import re
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final, cast

import typer

from assaybook.domain.errors import AssayError, AuthorError, SubmitterError
from assaybook.domain.ids import written

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_PIPED_WIDTH: Final = 160
_MOST_SQUEEZED: Final = 1.5
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_ACTIVE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>|#~!])")


class ListingFormat(StrEnum):
    """How a listing is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


Style = Annotated[ListingFormat, typer.Option("--format", help="How to write it.")]


Columns = Sequence[str] | Mapping[str, str]
Rows = Sequence[Mapping[str, object]]


def print_rows(
    rows: Rows,
    columns: Columns,
    style: ListingFormat,
    *,
    file: IO[str] | None = None,
    width: int | None = None,
) -> None:
    """Write rows to ``file``, by default stdout.

    ``columns`` are the keys to show, in order, with their headings where it is a mapping. JSON
    gives each row whole and as it is; the others show the columns only, an absent value as
    nothing, a list joined by commas. A table wraps to the terminal, or to ``width`` characters.
    """
    out = sys.stdout if file is None else file
    headings = _headings(columns)
    if style is ListingFormat.JSON:
        print_json([dict(row) for row in rows], file=out)
    elif style is ListingFormat.CSV:
        _write_csv(rows, headings, out)
    elif style is ListingFormat.MARKDOWN:
        _write_markdown(rows, headings, out)
    else:
        _write_table(rows, headings, out, width)
    # A reader that has gone, or a full disk, is told before anything is said beside the rows.
    out.flush()


def print_fields(
    heading: str,
    fields: Mapping[str, str],
    style: ListingFormat,
    *,
    file: IO[str] | None = None,
    width: int | None = None,
) -> None:
    """Write what is known of one thing, as named texts under a heading.

    Markdown where it is asked for, else text that wraps to the terminal. Empty texts are left out.
    """
    out = sys.stdout if file is None else file
    told = {name: text for name, text in fields.items() if text}
    if style is ListingFormat.MARKDOWN:
        lines = [f"- **{name}**: {escape_markdown(text)}\n" for name, text in told.items()]
        out.writelines([f"# {escape_markdown(heading)}\n\n", *lines, "\n"])
        return
    out.write(f"{harmless(heading)}\n\n")
    _write_fields(told, out, width)
    out.write("\n")


def print_json(value: object, *, file: IO[str] | None = None) -> None:
    """Write a value as indented JSON; what JSON does not know becomes text."""
    out = sys.stdout if file is None else file
    out.write(json.dumps(value, indent=2, ensure_ascii=False, default=_as_json) + "\n")


def plain(value: object) -> str:
    """Return a value as the text of a cell, with everything that could act replaced."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, Mapping):
        return harmless(json.dumps(value, ensure_ascii=False, default=_as_json))
    if isinstance(value, list | tuple | set | frozenset):
        members = cast("Iterable[object]", value)
        return ", ".join(plain(each) for each in members)
    return harmless(str(value))


def harmless(text: str) -> str:
    """Return text without control, direction and zero-width characters; line ends stay."""
    return _ACTIVE.sub("\ufffd", text.replace("\r\n", "\n"))


def from_here(path: str) -> str:
    """Return a path as code hosts want it: from the working folder, where it lies below."""
    return path.removeprefix(f"{Path.cwd().as_posix()}/")


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it is, on one line."""
    return "<br>".join(_MARKDOWN.sub(r"\\\1", harmless(text)).splitlines())


@contextmanager
def errors_spoken() -> Generator[None]:
    """Turn an error that a person must mend into one message on stderr and its exit code.

    2: what was asked for cannot be; 5: a file could not be read.
    """
    try:
        yield
    except AssayError as error:
        typer.echo(spoken(error), err=True)
        unread = isinstance(error, AuthorError | SubmitterError)
        raise typer.Exit(5 if unread else 2) from error


def spoken(error: AssayError) -> str:
    """Return an error as a person reads it: code, place, reason, and what to do."""
    place = f"{error.where}: " if error.where else ""
    hint = f"\n  {error.hint}" if error.hint else ""
    return harmless(f"error[{error.code}] {place}{error.message}{hint}")


def _headings(columns: Columns) -> dict[str, str]:
    if isinstance(columns, Mapping):
        return dict(columns)
    return {key: key.replace("_", " ") for key in columns}


def _write_csv(rows: Rows, headings: Mapping[str, str], out: IO[str]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_guarded, headings))
    for row in rows:
        writer.writerow([_guarded(row.get(key)) for key in headings])


def _guarded(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers are left alone."""
    text = plain(value)
    if isinstance(value, int | float):
        return text
    return f"'{text}" if text.lstrip(" \n").startswith(_FORMULA) else text


def _write_markdown(rows: Rows, headings: Mapping[str, str], out: IO[str]) -> None:
    lines = [[escape_markdown(words) for words in headings.values()], ["---"] * len(headings)]
    lines += [[escape_markdown(plain(row.get(key))) for key in headings] for row in rows]
    out.writelines(f"| {' | '.join(line)} |\n" for line in lines)


def _write_table(rows: Rows, headings: Mapping[str, str], out: IO[str], width: int | None) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, header_style="bold")
    first = next(iter(headings), "")
    longest = max((len(plain(row.get(first))) for row in rows), default=0)
    if width is None and not out.isatty() and _PIPED_WIDTH // 3 < longest < _PIPED_WIDTH // 2:
        # The others keep their room beside an id that somebody wants to copy.
        width = _PIPED_WIDTH + longest
    console = _console(out, width)
    for index, words in enumerate(headings.values()):
        # An id in the first column stays on one line where there is room: a column that may not
        # wrap is cropped where there is none.
        whole = index == 0 and max(longest, len(words)) <= console.width // 3
        table.add_column(Text(words), no_wrap=whole, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(row.get(key))) for key in headings))
    if out.isatty() and rows and _is_cramped(table, console):
        _write_stacked(rows, headings, console)
    else:
        _lay_out(table, console, out)


def _is_cramped(table: "Table", console: "Console") -> bool:
    """Tell whether a terminal is so narrow that a table would be columns of parts of words."""
    from rich.measure import Measurement

    natural = Measurement.get(console, console.options.update(max_width=9999), table).maximum
    return natural > console.width * _MOST_SQUEEZED


def _write_stacked(rows: Rows, headings: Mapping[str, str], console: "Console") -> None:
    from rich.text import Text

    from assaybook.reporting.terminal import print_stacked

    first, *others = headings.items()
    for row in rows:
        fields = [(words, Text(plain(row.get(key)))) for key, words in others]
        print_stacked(Text(plain(row.get(first[0])), style="bold"), fields, console)


def _write_fields(fields: Mapping[str, str], out: IO[str], width: int | None) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    console = _console(out, width)
    whole = max(map(len, fields), default=0) <= console.width // 2
    table.add_column(style="bold", no_wrap=whole, overflow="fold")
    table.add_column(overflow="fold")
    for name, text in fields.items():
        table.add_row(Text(name), Text(harmless(text)))
    _lay_out(table, console, out)


def _console(out: IO[str], width: int | None) -> "Console":
    """Return a console as wide as the terminal, or of a fixed width where there is none."""
    from rich.console import Console

    if out.isatty():
        return Console(file=out, width=width)
    return Console(file=StringIO(), width=width or _PIPED_WIDTH, color_system=None)


def _lay_out(table: "Table", console: "Console", out: IO[str]) -> None:
    """Write a table; into a pipe without blanks at line ends."""
    console.print(table)
    if isinstance(console.file, StringIO) and console.file is not out:
        page = console.file.getvalue()
        out.writelines(f"{line.rstrip()}\n" for line in page.splitlines())


def _as_json(value: object) -> object:
    if isinstance(value, set | frozenset):
        return sorted(map(str, cast("Iterable[object]", value)))
    if isinstance(value, datetime):
        return written(value)
    return str(value)
