"""Tables as text, by the standard library; numbers stay text until an adapter asks.

Cells are separated by commas; by semicolons or tabs where the header has these and no comma. Then
numbers may have commas too, if one cannot be thousands (``0,91``) and none has a point. What can be
read in two ways is refused until a manifest says which: ``separator`` and ``decimal``.
"""

import csv
import re
from collections.abc import Iterator
from functools import partial
from io import BytesIO, TextIOWrapper
from typing import Final, cast

from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.json_odd import too_much
from assaybook.intake.limits import LONGEST_KEY, Limits
from assaybook.intake.raw import AS_WRITTEN
from assaybook.intake.values import Json

_MOST_COLUMNS: Final = 1_000
_MOST_LINES: Final = 500_000
"""Lines of a table; a cell can have many, and blank ones are no rows."""
_LONGEST_LINE: Final = 10_000_000
_QUOTED: Final = re.compile('"[^"]*"')
_WITH_COMMA: Final = re.compile(r"\s*[-+]?[0-9]*,[0-9]+(?:[eE][-+]?[0-9]+)?\s*")
_WITH_POINT: Final = re.compile(r"\s*[-+]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?\s*")
_THOUSANDS: Final = re.compile(r"\s*[-+]?[1-9][0-9]{0,2},[0-9]{3}\s*")
_SAY: Final = (
    'Say it in the manifest, where the file is listed with "as: table": {}; or write the table '
    "with commas between the cells and points in the numbers."
)


@record
class Dialect:
    """How a table is written; what is None is told by the table, or the table is refused.

    Attributes:
        separator: the character between two cells.
        decimal: the character in a number that is not whole, a point or a comma.
    """

    separator: str | None = None
    decimal: str | None = None


_UNSAID: Final = Dialect()


def read_csv(
    raw: bytes, name: str, limits: Limits, dialect: Dialect = _UNSAID
) -> tuple[tuple[str, ...], list[Json]]:
    """Return the column names of a table in UTF-8 and its rows, each a mapping by column.

    Raises:
        SubmitterError: ``csv-malformed`` or ``document-too-large``.
    """
    separator = dialect.separator or _separator(raw, name)
    reader = csv.reader(_lines(raw, name), strict=True, delimiter=separator)
    rows = _rows(reader, name)
    columns = tuple(cell.strip() for cell in next(rows)[1])
    if len(set(columns)) < len(columns) or len(columns) > _MOST_COLUMNS:
        raise _malformed(f"{name}:1", "two columns have the same name, or there are too many")
    if max(map(len, columns)) > LONGEST_KEY:
        raise too_much(f"the name of a column has more than {LONGEST_KEY} characters", name)
    found: list[dict[str, Json]] = []
    for line, cells in rows:
        if len(cells) != len(columns):
            raise _malformed(
                f"{name}:{line}", f"the row has {len(cells)} cells, the header has {len(columns)}"
            )
        found.append(dict(zip(columns, cells, strict=True)))
        if len(found) > limits.facts or len(found) * len(columns) > limits.keys:
            reason = f"the table has more than {limits.facts} rows or {limits.keys} cells"
            raise too_much(reason, name)
    if separator != "," or dialect.decimal is not None:
        _mend_numbers(found, dialect.decimal or _decimal(found, name))
    return columns, cast("list[Json]", found)


def _separator(raw: bytes, name: str) -> str:
    """Return what separates the cells of the header."""
    header = next((line for line in _lines(raw, name) if line.strip()), "")
    plain = _QUOTED.sub("", header)
    if "," in plain or not (";" in plain or "\t" in plain):
        return ","
    if ";" in plain and "\t" in plain:
        raise _ambiguous(f"{name}:1", "the header has semicolons and tabs", "separator: tab")
    return ";" if ";" in plain else "\t"


def _decimal(rows: list[dict[str, Json]], name: str) -> str:
    """Return what stands in numbers that are not whole, where cells are not separated by commas."""
    cells = [cell for row in rows for cell in row.values() if isinstance(cell, str)]
    commas = [cell for cell in cells if _WITH_COMMA.fullmatch(cell)]
    points = any(map(_WITH_POINT.fullmatch, cells))
    if not commas:
        return "."
    if not points and not all(map(_THOUSANDS.fullmatch, commas)):
        return ","
    other = "others have a point" if points else "it can be a whole number of thousands"
    reason = f"{commas[0].strip()[:50]!r} can be a fraction, but {other}"
    raise _ambiguous(name, reason, 'decimal: ","')


def _mend_numbers(rows: list[dict[str, Json]], decimal: str) -> None:
    """Write the numbers of a table with points, where they have commas."""
    if decimal == ".":
        return
    for row in rows:
        for column, cell in row.items():
            if isinstance(cell, str) and _WITH_COMMA.fullmatch(cell):
                row[column] = cell.replace(",", ".")


def _ambiguous(where: str, reason: str, said: str) -> SubmitterError:
    message = f"the table can be read in two ways: {reason}"
    return SubmitterError("csv-malformed", message, where=where, hint=_SAY.format(said))


def _lines(raw: bytes, name: str) -> Iterator[str]:
    """Yield lines with their ends, one at a time: a large table is refused before it is split."""
    read = partial(TextIOWrapper(BytesIO(raw), "utf-8", newline="").readline, _LONGEST_LINE)
    for number, line in enumerate(iter(read, "")):
        if number >= _MOST_LINES:
            raise too_much(f"the table has more than {_MOST_LINES} lines", name)
        if len(line) >= _LONGEST_LINE:
            raise too_much(f"a line of the table has {_LONGEST_LINE} characters or more", name)
        yield line


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
