"""An assessment as Markdown tables, for a pull request or a job summary."""

import re
from typing import Final

from assaybook.domain.documents import Problem
from assaybook.domain.finding import Assessment
from assaybook.reporting.parts import State
from assaybook.reporting.summary import Table, summary_line, summary_tables
from assaybook.reporting.terminal import visible

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()<>#|!~@:&])")


def assessment_markdown(assessment: Assessment, problems: tuple[Problem, ...] = ()) -> str:
    """Return the tables and the gate; no text of evidence becomes markup, link or mention."""
    parts = [f"**{_plain(summary_line(assessment))}**"]
    parts += [_table(table) for table in summary_tables(assessment, problems)]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    head = f"### {_plain(table.title)}"
    if not table.rows:
        return f"{head}\n\n{_plain(table.empty)}"
    lines = [
        _line(table.columns),
        _line(("---",) * len(table.columns), escaped=False),
        *(_line(row) for row in table.rows),
    ]
    return f"{head}\n\n" + "\n".join(lines)


def _line(cells: tuple[str | State, ...], *, escaped: bool = True) -> str:
    texts = [f"{cell.mark} {cell.word}" if isinstance(cell, State) else cell for cell in cells]
    return f"| {' | '.join(_plain(text) if escaped else text for text in texts)} |"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", visible(text))
