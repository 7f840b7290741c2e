"""Tables of cases: each row put into what all rows share, as one case with a name of its own."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Final, cast

from pydantic import JsonValue

from assaybook.domain.errors import AuthorError
from assaybook.domain.finding import Outcome
from assaybook.domain.record import record
from assaybook.language.cases_parts import checked
from assaybook.language.document_cases import CaseDocument, CaseTable
from assaybook.language.source import Path, Source

_MOST_NAME: Final = 300
_MOST_ROWS: Final = 1_000
_MOST_WORK: Final = 400_000
"""Characters of a case times rows: what takes a third of a second to read."""
_OUTCOME: Final = re.compile(r"([a-z_]+)(?: ?\(([a-z_:, ]+)\))?")
_WORDS: Final = frozenset(one.value for one in Outcome)


@record
class TableRow:
    """One row as a case; ``place`` is where the row stands, ``base`` what it starts from."""

    case: CaseDocument
    place: Path
    base: Path


def rows_of(
    table: CaseTable, source: Source, path: Path, problems: list[AuthorError]
) -> tuple[TableRow, ...]:
    """Return the cases of a table that stands at a path; rows with a fault are left out."""
    base = _written(source, path)
    found: list[TableRow] = []
    for index, row in enumerate(table.rows):
        place: Path = (*path, "rows", index)
        try:
            data = _filled(table, row, base)
        except ValueError as error:
            problems.append(_fault(str(error), source, place))
            continue
        names = ", ".join(f"{name}={cell}" for name, cell in zip(table.columns, row, strict=False))
        data["name"] = f"{table.name}, row {index + 1}: {names}"[:_MOST_NAME]
        case = checked(CaseDocument, data, source, place, problems)
        found += [TableRow(case, place, (*path, "case"))] if case else []
    return tuple(found)


def too_large(tables: Sequence[CaseTable], source: Source) -> Iterator[AuthorError]:
    """Yield why tables are too much work together, before any of it is done."""
    rows = work = 0
    for index, table in enumerate(tables):
        rows += len(table.rows)
        work += len(json.dumps(_written(source, ("tables", index)))) * len(table.rows)
        if rows > _MOST_ROWS or work > _MOST_WORK:
            message = f"{rows} rows of cases so large are too much work"
            hint = "Write fewer rows, or name a file in place of many facts."
            where = source.where(("tables", index, "rows"))
            yield AuthorError("table-too-large", message, where=where, hint=hint)
            return


def base_of(table: CaseTable, source: Source, path: Path) -> TableRow:
    """Return what all rows share as a case of its own, so that its faults have their places."""
    expect = {**table.case.expect, **dict.fromkeys(table.expect, Outcome.PASS)}
    words = {rule: one if isinstance(one, str) else "pass" for rule, one in expect.items()}
    data = {**_written(source, path), "name": table.name, "expect": words}
    case = CaseDocument.model_validate_json(json.dumps(data))
    return TableRow(case, path, (*path, "case"))


def written_rows(written: Mapping[str, JsonValue]) -> Iterator[dict[str, JsonValue]]:
    """Yield the rows of the tables of a file that can be read, as cases that one could write."""
    tables = cast("list[dict[str, dict[str, JsonValue]]]", written.get("tables", []))
    for raw in tables:
        table = CaseTable.model_validate_json(json.dumps(raw))
        for row in table.rows:
            yield _filled(table, row, raw.get("case", {}))


def _written(source: Source, path: Path) -> dict[str, JsonValue]:
    """Return the shared part of a table as its author wrote it, with nothing filled in."""
    tables = cast("list[dict[str, dict[str, JsonValue]]]", source.values()["tables"])
    return tables[cast("int", path[-1])].get("case", {})


def _fault(message: str, source: Source, place: Path) -> AuthorError:
    return AuthorError(
        "table-row",
        message,
        where=source.where(place),
        hint="A row holds a value for each column, and then what each rule of expect comes to: "
        "an outcome, or an outcome with reasons such as inconclusive(stale missing).",
    )


def _filled(
    table: CaseTable, row: tuple[JsonValue, ...], base: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return what a row makes of the case that all rows share.

    Raises:
        ValueError: the row has another length, a place is not there, or an outcome is none.
    """
    wanted = len(table.columns) + len(table.expect)
    if len(row) != wanted:
        message = f"the row has {len(row)} cells, and {wanted} are wanted"
        raise ValueError(message)
    data = deepcopy(dict(base))
    for place, cell in zip(table.columns.values(), row, strict=False):
        _put(data, place, cell)
    shared = data.get("expect", {})
    outcomes = dict(zip(table.expect, map(_outcome, row[len(table.columns) :]), strict=True))
    data["expect"] = {**(shared if isinstance(shared, dict) else {}), **outcomes}
    return data


def _put(data: dict[str, JsonValue], place: str, cell: JsonValue) -> None:
    """Put a cell where it belongs; null takes the key out."""
    *steps, last = place.split(".")
    holder: JsonValue = data
    for step in steps:
        if isinstance(holder, list):
            holder = holder[_index(holder, step, place)]
        elif isinstance(holder, dict):
            holder = holder.setdefault(step, {})
    if isinstance(holder, list):
        holder[_index(holder, last, place)] = cell
    elif not isinstance(holder, dict):
        message = f"{place} is no place in the case: nothing can stand under it"
        raise ValueError(message)  # noqa: TRY004 - what is wrong is what was written
    elif cell is None:
        holder.pop(last, None)
    else:
        holder[last] = cell


def _index(holder: list[JsonValue], step: str, place: str) -> int:
    if not step.isdecimal() or int(step) >= len(holder):
        message = f"{place} is no place in the case: the list has {len(holder)} members"
        raise ValueError(message)
    return int(step)


def _outcome(cell: JsonValue) -> JsonValue:
    """Return an outcome, or an outcome with reasons, out of a cell such as ``fail``."""
    found = _OUTCOME.fullmatch(cell) if isinstance(cell, str) else None
    if found is None or found[1] not in _WORDS:
        message = f"{cell!r} is no outcome: write one of {', '.join(sorted(_WORDS))}"
        raise ValueError(message)
    if found[2] is None:
        return found[1]
    return {"outcome": found[1], "reasons": [*found[2].replace(",", " ").split()]}
