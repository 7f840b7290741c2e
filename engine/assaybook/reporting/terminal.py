"""An assessment on a terminal: tables of marks and words, in colour where there is any."""

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from assaybook.domain.documents import Problem
from assaybook.domain.finding import Assessment
from assaybook.reporting.parts import State, StateKey
from assaybook.reporting.summary import Table, summary_line, summary_tables

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

NARROW: Final = 100
"""Characters of a terminal below which the cells of a row stand below each other."""
_STYLES: Final[dict[StateKey, str]] = {
    "pass": "green",
    "supported": "green",
    "fail": "bold red",
    "inc": "yellow",
    "err": "bold",
    "wv": "magenta",
    "na": "dim",
    "unc": "dim",
    "stale": "yellow",
}


def print_assessment(
    assessment: Assessment, console: "Console", problems: tuple[Problem, ...] = ()
) -> None:
    """Print what a person reads after a check: tables, then the gate in one sentence."""
    for table in summary_tables(assessment, problems):
        if table.rows and console.width < NARROW:
            _print_stacked(table, console)
        elif table.rows:
            console.print(_drawn(table))
        else:
            console.print(f"{table.title}: {table.empty}", markup=False, highlight=False)
        console.print()
    console.print(visible(summary_line(assessment)), markup=False, highlight=False)


def _print_stacked(table: Table, console: "Console") -> None:
    """Print each row as a few lines: columns side by side would be too narrow to be read."""
    from rich.text import Text

    console.print(Text(table.title, style="italic"))
    console.print()
    for row in table.rows:
        marks = [cell for cell in row if isinstance(cell, State)][: isinstance(row[0], State)]
        head = row[: len(marks) + 1]
        rest = zip(table.columns[len(head) :], row[len(head) :], strict=True)
        first = Text("  ").join(_cell(cell) for cell in head)
        print_stacked(first, [(name, _cell(cell)) for name, cell in rest], console)


def print_stacked(head: "Text", fields: Sequence[tuple[str, "Text"]], console: "Console") -> None:
    """Print one row as its first cell, with the others below it, each behind its heading."""
    from rich.padding import Padding
    from rich.table import Table as RichTable

    grid = RichTable.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, cell in fields:
        if cell.plain:
            grid.add_row(name, cell)
    console.print(head, overflow="fold")
    console.print(Padding(grid, (0, 0, 1, 2)))


def _drawn(table: Table) -> "RichTable":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as RichTable
    from rich.text import Text

    made = RichTable(title=Text(table.title), title_justify="left", box=SIMPLE_HEAD)
    for column in table.columns:
        made.add_column(column, overflow="fold")
    for row in table.rows:
        made.add_row(*(_cell(cell) for cell in row))
    return made


def _cell(cell: str | State) -> "Text":
    from rich.text import Text

    if isinstance(cell, State):
        return Text(f"{cell.mark} {cell.word}", style=_STYLES[cell.key], no_wrap=True)
    return Text(visible(cell))


def visible(text: str) -> str:
    """Return a text that cannot steer a terminal: control and format characters show as ``�``."""
    return "".join(
        "\ufffd" if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Co", "Cn"} else each
        for each in " ".join(text.split())
    )
