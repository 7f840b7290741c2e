"""Findings as CSV that a spreadsheet cannot take for formulas."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from typing import Final

from assaybook.domain.finding import Assessment
from assaybook.domain.history import Remediation
from assaybook.reporting.rows import COLUMNS, finding_rows

_DATES: Final = ("first_seen", "due", "overdue")
_FORMULA: Final = frozenset("=+-@\t\r\n\x00|%＝＋－＠")  # noqa: RUF001 - full-width ones start too

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What moves the cursor, hides text or turns its direction around where a table is shown."""


def findings_csv(assessment: Assessment, remediation: Sequence[Remediation] = ()) -> str:
    """Return the findings as RFC 4180 text with a header; every cell is quoted.

    With ``remediation``, three columns more say since when each is open and when it is due.
    """
    dates = {(one.policy, one.rule): one for one in remediation}
    columns = (*COLUMNS, *(_DATES if dates else ()))
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in finding_rows(assessment):
        told = row | _dated(dates.get((row["policy"], row["rule"])))
        writer.writerow([guarded(told[column]) for column in columns])
    return out.getvalue()


def _dated(one: Remediation | None) -> dict[str, str]:
    if one is None:
        return dict.fromkeys(_DATES, "")
    due = "" if one.due is None else one.due.isoformat()
    overdue = "" if one.due is None else "yes" if one.overdue else "no"
    return dict(zip(_DATES, (one.first_seen.isoformat(), due, overdue), strict=True))


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe stands before what could be a formula.

    Space before the sign does not hide it, nor does a line end inside the cell.
    """
    plain = _CONTROL.sub("", cell)
    first = plain.lstrip(" \u00a0\ufeff\u200b")[:1]
    return f"'{plain}" if first in _FORMULA and first else plain
