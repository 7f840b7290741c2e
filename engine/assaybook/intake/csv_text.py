"""Comma-separated tables, by the standard library; numbers stay text until an adapter asks."""

import csv
import re
from collections.abc import Iterator
from typing import Final

from assaybook.domain.errors import SubmitterError
from assaybook.intake.limits import Limits
from assaybook.intake.raw import AS_WRITTEN, TOO_MUCH
from assaybook.intake.values import Json

_MOST_COLUMNS: Final = 1_000
_END: Final = re.compile(r"\r\n?|\n")


def read_csv(text: str, name: str, limits: Limits) -> tuple[tuple[str, ...], list[Json]]:
    """Return the column names of a table and its rows, each a mapping by column.

    Raises:
        SubmitterError: ``csv-malformed`` or ``document-too-large``.
    """
    reader = csv.reader(_lines(text), strict=True)
    rows = _rows(reader, name)
    columns = tuple(cell.strip() for cell in next(rows)[1])
    if len(set(columns)) < len(columns) or len(columns) > _MOST_COLUMNS:
        raise _malformed(f"{name}:1", "two columns have the same name, or there are too many")
    found: list[Json] = []
    for line, cells in rows:
        if len(cells) != len(columns):
            raise _malformed(
                f"{name}:{line}", f"the row has {len(cells)} cells, the header has {len(columns)}"
            )
        found.append(dict(zip(columns, cells, strict=True)))
        if len(found) > limits.facts or len(found) * len(columns) > limits.keys:
            raise SubmitterError(
                "document-too-large",
                f"the table has more than {limits.facts} rows or {limits.keys} cells",
                where=name,
                hint=TOO_MUCH,
            )
    return columns, found


def _lines(text: str) -> Iterator[str]:
    """Yield lines with their ends, one at a time: a large table is refused before it is split."""
    start = 0
    for end in _END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    if start < len(text):
        yield text[start:]


def _rows(reader: Iterator[list[str]], name: str) -> Iterator[tuple[int, list[str]]]:
    line = 1
    try:
        for cells in reader:
            line = getattr(reader, "line_num", line)
            if cells:
                yield line, cells
    except csv.Error as error:
        raise _malformed(f"{name}:{line}", str(error)) from error


def _malformed(where: str, reason: str) -> SubmitterError:
    return SubmitterError(
        "csv-malformed", f"this is not a table: {reason}", where=where, hint=AS_WRITTEN
    )
