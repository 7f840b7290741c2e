"""Findings as CSV that a spreadsheet cannot take for formulas."""

import csv
from io import StringIO
from typing import Final

from assaybook.domain.finding import Assessment
from assaybook.reporting.rows import COLUMNS, finding_rows

_FORMULA: Final = frozenset("=+-@\t\r\n\x00|%＝＋－＠")  # noqa: RUF001 - full-width ones start too


def findings_csv(assessment: Assessment) -> str:
    """Return the findings as RFC 4180 text with a header; every cell is quoted."""
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in finding_rows(assessment):
        writer.writerow([guarded(row[column]) for column in COLUMNS])
    return out.getvalue()


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe stands before what could be a formula.

    Space before the sign does not hide it, nor does a line end inside the cell.
    """
    plain = cell.replace("\x00", "")
    first = plain.lstrip(" \u00a0\ufeff\u200b")[:1]
    return f"'{plain}" if first in _FORMULA and first else plain
