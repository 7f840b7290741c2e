"""Tables of cases: each row put into what all rows share, as one case with a name of its own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from pydantic import JsonValue
from pydantic_core import to_json

from assaybook.domain.errors import AuthorError
from assaybook.domain.finding import Outcome
from assaybook.domain.record import record
from assaybook.language.cases_parts import checked
from assaybook.language.document_cases import CaseDocument, CaseTable
from assaybook.language.source import Path, Source, below
from assaybook.language.source_fold import Node

_MOST_NAME: Final = 300
_MOST_WORK: Final = 120_000
"""Characters of all cases, each row of a table being one: what takes half a tenth of a second."""
_CASE: Final = 100
_DOCUMENT: Final = 200
"""What a case, and a document in it, costs besides its characters."""
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


def too_large(source: Source) -> Iterator[AuthorError]:
    """Yield why the cases of a file are too much work together, before any of it is done."""
    cases, tables = _items(source.root, "cases"), _items(source.root, "tables")
    work, count = sum(map(_work, cases)), len(cases)
    for table in tables:
        rows, case = len(_items(table, "rows")), below(table, "case")
        count += rows
        work += rows * (_work(case) if case else _CASE)
    if work > _MOST_WORK:
        message = f"{count} cases so large are too much work"
        hint = "Write fewer cases and rows, or name a file in place of many facts."
        where = source.where_key(("cases",) if cases else ("tables",))
        yield AuthorError("cases-too-large", message, where=where, hint=hint)


def _work(case: Node) -> int:
    start, end = case.span
    return _CASE + _DOCUMENT * len(_items(case, "evidence")) + end - start


def _items(node: Node, key: str) -> list[Node]:
    held = below(node, key)
    return held.value if held and isinstance(held.value, list) else []


def base_of(table: CaseTable, source: Source, path: Path) -> TableRow:
    """Return what all rows share as a case of its own, so that its faults have their places."""
    expect = {**table.case.expect, **dict.fromkeys(table.expect, Outcome.PASS)}
    words = {rule: one if isinstance(one, str) else "pass" for rule, one in expect.items()}
    data = {**_written(source, path), "name": table.name, "expect": words}
    case = CaseDocument.model_validate_json(to_json(data))
    return TableRow(case, path, (*path, "case"))


def written_rows(written: Mapping[str, JsonValue]) -> Iterator[dict[str, JsonValue]]:
    """Yield the rows of the tables of a file that can be read, as cases that one could write."""
    tables = cast("list[dict[str, dict[str, JsonValue]]]", written.get("tables", []))
    for raw in tables:
        table = CaseTable.model_validate_json(to_json(raw))
        for row in table.rows:
            yield _filled(table, row, raw.get("case", {}))


def _written(source: Source, path: Path) -> dict[str, JsonValue]:
    """Return the shared part of a table as its author wrote it, with nothing filled in."""
    return cast("dict[str, JsonValue]", source.plain((*path, "case"), {}))


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
    data: JsonValue = dict(base)
    for place, cell in zip(table.columns.values(), row, strict=False):
        data = _put(data, place.split("."), cell, place)
    filled = cast("dict[str, JsonValue]", data)
    shared = filled.get("expect", {})
    outcomes = dict(zip(table.expect, map(_outcome, row[len(table.columns) :]), strict=True))
    filled["expect"] = {**(shared if isinstance(shared, dict) else {}), **outcomes}
    return filled


def _put(holder: JsonValue, steps: Sequence[str], cell: JsonValue, place: str) -> JsonValue:
    """Return a holder with a cell where it belongs, copied along the way; null takes the key out.

    A place has at most a hundred steps, since it is a text of at most two hundred characters.
    """
    if not steps:
        return cell
    first, *rest = steps
    if isinstance(holder, list):
        at = _index(holder, first, place)
        return [*holder[:at], _put(holder[at], rest, cell, place), *holder[at + 1 :]]
    if not isinstance(holder, dict):
        message = f"{place} is no place in the case: nothing can stand under it"
        raise ValueError(message)  # noqa: TRY004 - what is wrong is what was written
    if not rest and cell is None:
        return {key: each for key, each in holder.items() if key != first}
    return {**holder, first: _put(holder.get(first, {}), rest, cell, place)}


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
