"""What the columns of a table mean, as a manifest says it: ``facts``, ``columns``, ``always``.

``columns`` names the column of the table for each field of a fact; ``always`` gives a field one
word for all rows. Without a mapping a table means nothing: no name of a column is guessed at.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final, Literal, NoReturn, TypeAlias, cast

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import digest_of_model
from assaybook.intake.values import Json, word

FactsOfTable: TypeAlias = Literal["metric", "drift", "data_check"]
Fault: TypeAlias = Callable[[tuple[str | int, ...], str, str], NoReturn]
"""Refuses the place of a manifest, with a reason and a hint."""

TABLE: Final = "table"
"""The format that a mapping is for, as ``as:`` names it."""
KEYS: Final = ("facts", "columns", "always", "unit", "separator", "decimal")
_SEPARATORS: Final = {",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"}
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "metric": (
        *("name", "value", "slice", "n", "n_rows", "dataset", "split", "dimension"),
        *("ci_low", "ci_high"),
    ),
    "drift": (
        *("column", "method", "statistic", "value", "threshold", "n_reference", "n_current"),
    ),
    "data_check": ("check", "column", "family", "examined", "failed", "status"),
}
"""Fields of a row by fact type."""
_NEEDED: Final = {
    "metric": ("value",),
    "drift": ("column", "method", "value"),
    "data_check": ("check",),
}
_SEVERAL: Final = {"metric": frozenset({"value", "slice"})}
"""Fields that several columns can give: one metric in each, or the parts of a slice."""


class TableMapping(Frozen):
    """How the rows of a table are facts.

    Attributes:
        facts: the type of the facts.
        columns: names of columns of the table, by field of the fact.
        always: one word for all rows, by field of the fact.
        unit: of the values of metrics that are ratios, as the table writes them.
        separator: what stands between two cells, where the table does not tell.
        decimal: what stands in a number that is not whole, likewise.
    """

    facts: FactsOfTable
    columns: dict[str, tuple[str, ...]]
    always: dict[str, str] = Field(default_factory=dict)
    unit: Literal["ratio", "percent"] = "ratio"
    separator: str | None = None
    decimal: Literal[".", ","] | None = None

    def digest(self) -> str:
        """Return a short digest: another mapping of the same bytes is another submission."""
        unsaid = {key for key in ("separator", "decimal") if getattr(self, key) is None}
        return digest_of_model(self, exclude=unsaid).partition(":")[2][:16]


def read_mapping(said: dict[str, Json], fault: Fault) -> TableMapping:
    """Return the mapping that the entry of a table in a manifest states.

    Raises:
        SubmitterError: by ``fault``, at the key that is wrong.
    """
    facts = said.get("facts", "metric")
    if facts not in FIELDS:
        fault(("facts",), f"the facts of a table are one of {', '.join(FIELDS)}", "")
    kind = cast("FactsOfTable", facts)
    columns = dict(_columns(kind, said.get("columns"), fault))
    always = dict(_always(kind, said.get("always"), columns, fault))
    for field in _NEEDED[kind]:
        if field not in columns and field not in always:
            fault(("columns",), f"a column for {field!r} must be named", "")
    if len(columns.get("value", ())) > 1 and ("name" in columns or "name" in always):
        fault(("columns", "value"), "several columns of values are named by their headers", "")
    if kind == "metric" and "value" not in columns and "name" not in {*columns, *always}:
        fault(("columns",), "a column for 'name' must be named, or one for 'value'", "")
    unit = said.get("unit", "ratio")
    if unit not in {"ratio", "percent"} or (unit == "percent" and kind != "metric"):
        fault(("unit",), "the unit of metrics is ratio or percent", "")
    separator, decimal = said.get("separator"), said.get("decimal")
    if separator is not None and separator not in _SEPARATORS:
        fault(("separator",), 'the separator is ",", ";", "|" or tab', "")
    if decimal not in {None, ".", ","}:
        fault(("decimal",), 'the decimal is "." or ","', "")
    return TableMapping(
        facts=kind,
        columns=columns,
        always=always,
        unit=cast("Literal['ratio', 'percent']", unit),
        separator=None if separator is None else _SEPARATORS[str(separator)],
        decimal=cast("Literal['.', ','] | None", decimal),
    )


def _columns(
    kind: FactsOfTable, value: Json, fault: Fault
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(value, dict) or not value:
        fault(("columns",), "columns must name the column of each field", "name: metric")
    for field, raw in value.items():
        _check_field(kind, field, ("columns", field), fault)
        several = field in _SEVERAL.get(kind, ())
        listed = raw if isinstance(raw, list) else [raw]
        names = tuple(name for one in listed if (name := word(one)) is not None)
        if not names or len(names) < len(listed) or (len(names) > 1 and not several):
            wanted = "a column, or a list of columns," if several else "a column"
            fault(("columns", field), f"{wanted} must be named here", "")
        yield field, names


def _always(
    kind: FactsOfTable, value: Json, columns: Mapping[str, object], fault: Fault
) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if not isinstance(value, dict):
        fault(("always",), "always must give a word for each field", "split: test")
    for field, raw in value.items():
        _check_field(kind, field, ("always", field), fault)
        text = word(raw)
        if text is None or field in columns:
            reason = "a column gives this field" if field in columns else "a word must stand here"
            fault(("always", field), reason, "")
        yield field, text


def _check_field(kind: FactsOfTable, field: str, at: tuple[str, str], fault: Fault) -> None:
    known = FIELDS[kind]
    if field not in known:
        near = get_close_matches(field, known, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
        fault(at, f"{kind} has no field {field!r}", hint)
