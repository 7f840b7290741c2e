"""Parquet tables, by pandas and pyarrow, which are imported where a table is read.

Nothing changes type on the way: whole numbers stay whole, text stays text, and an instant is the
text of it. A cell that is a list, a mapping or bytes is no value. How much a file would unfold to
is known from its foot, before any of it is read.
"""

import csv
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Final

from assaybook.domain.errors import OperatorError, SubmitterError
from assaybook.intake.limits import Limits
from assaybook.intake.raw import AS_WRITTEN
from assaybook.intake.values import Json, pointer

MAGIC: Final = b"PAR1"
MOST_ROWS: Final = 25_000
"""Rows of a table of results; more are data, or single predictions."""
_MOST_COLUMNS: Final = 1_000
_LONGEST_CELL: Final = 20_000
_BROKEN: Final = (OSError, ValueError, OverflowError, KeyError, NotImplementedError)
"""What else pyarrow raises for a file that is broken."""
_UNREADABLE: Final[list[Json]] = []
"""Stands for a cell that is no plain value; no number and no word reads it."""


def read_parquet(
    raw: bytes, name: str, limits: Limits
) -> tuple[tuple[str, ...], list[Json], frozenset[str]]:
    """Return column names, rows by column, and pointers of numbers that are none.

    Raises:
        SubmitterError: ``parquet-malformed`` or ``document-too-large``.
        OperatorError: ``extra-missing``: pyarrow is not installed.
    """
    if len(raw) > limits.size:
        raise _too_large(name, f"it has {len(raw)} bytes")
    columns, found = _columns(raw, name, limits)
    if len(set(columns)) < len(columns):
        raise _malformed(name, "two columns have the same name")
    odd = {
        pointer(row, column)
        for column, values in zip(columns, found, strict=True)
        for row, value in enumerate(values)
        if isinstance(value, float) and not math.isfinite(value)
    }
    cells = [[_cell(value) for value in values] for values in found]
    rows: list[Json] = [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]
    return columns, rows, frozenset(odd)


def as_csv(columns: tuple[str, ...], rows: list[Json]) -> str:
    """Return a table as text, for what looks through texts; null is an empty cell."""
    written = StringIO(newline="")
    writer = csv.DictWriter(written, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in rows if isinstance(row, dict))
    return written.getvalue()


def _columns(raw: bytes, name: str, limits: Limits) -> tuple[tuple[str, ...], list[list[object]]]:
    """Return the names of the columns and their values, with the types of the file."""
    try:
        import pandas as pd
        import pyarrow as pa  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]
        from pyarrow import parquet  # pyright: ignore[reportMissingTypeStubs]
    except ImportError as error:
        raise OperatorError(
            "extra-missing",
            "Parquet files are read with pyarrow, which is not installed",
            where=name,
            hint="Install assaybook[parquet], or write the table as CSV.",
        ) from error
    arrow: Any = pa
    broken: tuple[type[Exception], ...] = (arrow.ArrowException, *_BROKEN)
    try:
        opened: Any = parquet.ParquetFile(BytesIO(raw))
        _check_size(opened, name, limits)
        flat = [one for one in opened.schema_arrow if not arrow.types.is_nested(one.type)]
        texts = [one.name for one in flat if _is_text(arrow, one.type)]
        again: Any = parquet.ParquetFile(BytesIO(raw), read_dictionary=texts)
        held: Any = again.read(columns=[one.name for one in flat], use_threads=False)
        _check_texts([held.column(one) for one in texts], name, limits)
        frame: Any = held.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
    except broken as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise _malformed(name, reason) from error
    names = tuple(str(column) for column in frame.columns)
    blank = pd.NA
    values: list[list[object]] = [frame.iloc[:, place].tolist() for place in range(len(names))]
    return names, [[None if one is blank else one for one in column] for column in values]


def _is_text(arrow: Any, kind: object) -> bool:  # noqa: ANN401 - has no types
    """Tell whether a column holds texts or bytes, of which one may be written once for all rows."""
    found = arrow.types
    return bool(
        found.is_string(kind)
        or found.is_large_string(kind)
        or found.is_binary(kind)
        or found.is_large_binary(kind)
        or found.is_dictionary(kind)
    )


def _check_texts(columns: list[Any], name: str, limits: Limits) -> None:
    """Refuse texts that unfold to more than may be held; here each is still held once."""
    for column in columns:
        texts = [text for chunk in column.chunks for text in chunk.dictionary if text.is_valid]
        longest = max((len(text.as_buffer()) for text in texts), default=0)
        if longest * len(column) > 4 * limits.size:
            raise _too_large(name, f"a text of {longest} bytes may stand in {len(column)} rows")


def _check_size(opened: Any, name: str, limits: Limits) -> None:  # noqa: ANN401 - has no types
    """Refuse a table that unfolds to more than may be held, by what its foot says."""
    foot = opened.metadata
    rows, columns = int(foot.num_rows), int(foot.num_columns)
    unfolded = sum(int(foot.row_group(one).total_byte_size) for one in range(foot.num_row_groups))
    if rows > MOST_ROWS or columns > _MOST_COLUMNS or rows * columns > limits.keys:
        raise _too_large(name, f"it has {rows} rows in {columns} columns")
    if unfolded > 4 * limits.size:
        raise _too_large(name, f"it unfolds to {unfolded} bytes")


def _cell(value: object) -> Json:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_CELL else _UNREADABLE
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else _UNREADABLE
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else _UNREADABLE


def _malformed(name: str, reason: str) -> SubmitterError:
    return SubmitterError(
        "parquet-malformed", f"this is not a Parquet table: {reason}", where=name, hint=AS_WRITTEN
    )


def _too_large(name: str, reason: str) -> SubmitterError:
    return SubmitterError(
        "document-too-large",
        f"the table is too large: {reason}",
        where=name,
        hint="Submit a table of results, and not the data or single predictions.",
    )
