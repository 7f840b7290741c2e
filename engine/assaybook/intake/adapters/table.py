"""Tables of results as CSV or Parquet, by a mapping in the manifest.

What a column means is what the mapping says, and never what its name or its values look like: a
number is read where the field is a number, and every other cell stays the text that it is.
The entry of the file says ``as: table``, ``facts`` (metric, drift or data_check), ``columns`` (the
column of each field, such as ``{name: metric, value: score, slice: group, n: support}``; several
columns of values are metrics by their headers), ``always`` (one word for all rows, such as
``{split: test}``) and ``unit`` (ratio or percent). Parquet needs the extra ``parquet``.

Text is UTF-8, or UTF-16 with its mark. Cells are separated by commas, or by the semicolons or tabs
of a header without commas; ``separator`` says anything else. A number with a comma (``0,91``) in
such a table can be read in two ways: the table is refused until ``decimal`` says which.
"""

from collections.abc import Callable, Iterator
from typing import Final, Literal, cast, get_args

from assaybook.domain.documents import Detected
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import Coverage
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import DataCheck, Drift, Fact, Metric
from assaybook.domain.metrics import canonical_slice, tidy_slice
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.adapters.check_families import FAMILIES, Family, coverage_of_checks
from assaybook.intake.adapters.drift_methods import tidy_method
from assaybook.intake.measure import Trial, Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.table_mapping import TABLE, TableMapping
from assaybook.intake.tabular import MOST_ROWS
from assaybook.intake.values import (
    Json,
    Unusable,
    count,
    label,
    mapping,
    number,
    pointer,
    sequence,
    short,
)

Statistic = Literal["distance", "p_value", "share"]
Status = Literal["pass", "fail", "error", "skip"]

_DISTANCES: Final = frozenset({"psi", "js", "kl", "wasserstein", "hellinger", "energy"})
"""Methods whose number is a distance wherever it stands; of others the table must say."""


@record
class Table:
    """Adapter for tables that a manifest explains."""

    name: str = TABLE
    version: int = 3
    versions: tuple[str, ...] = ("csv", "parquet")
    facts: tuple[str, ...] = ("metric", "drift", "data_check")
    questions: tuple[str, ...] = (
        *("metric", "metric/*", "drift", "data_check"),
        *(f"data_check/{one}" for one in FAMILIES),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Take a table that is declared to be one; no content tells what its columns mean."""
        if document.media not in {"csv", "parquet"} or not declared:
            return None
        reasons = ("a table, as the submitter says",)
        return Detected(format=self.name, version=document.media, confidence=0.5, reasons=reasons)

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read each row by the mapping."""
        del detected
        said = document.table
        if said is None:
            raise SubmitterError(
                "table-unmapped",
                "nothing says what the columns of this table mean",
                where=document.name,
                hint="List the file in evidence.yaml with as: table, facts: and columns:.",
            )
        _check_columns(document, said)
        rows = sequence(document.value)
        if len(rows) > MOST_ROWS:
            raise SubmitterError(
                "document-too-large",
                f"a table of results has at most {MOST_ROWS} rows, and this has {len(rows)}",
                where=document.name,
                hint="Submit a table of results, and not the data or single predictions.",
            )
        readers: dict[str, Callable[[_Row], Iterator[Fact]]] = {
            "metric": _metrics,
            "drift": _drift,
            "data_check": _check,
        }
        facts = tuple(
            fact
            for index, raw in enumerate(rows)
            for fact in readers[said.facts](_Row(document, said, index, mapping(raw)))
        )
        return (Reading(facts=facts, coverage=_coverage(facts, said.facts)),)


def _check_columns(document: Parsed, said: TableMapping) -> None:
    missing = [
        name for names in said.columns.values() for name in names if name not in document.columns
    ]
    if missing:
        raise SubmitterError(
            "table-column-missing",
            f"the table has no column {missing[0]!r}",
            where=document.name,
            hint=f"It has: {', '.join(document.columns)[:500]}.",
        )


def _coverage(facts: tuple[Fact, ...], kind: str) -> tuple[Coverage, ...]:
    if not facts:
        return (recorded(kind, 0),)
    checks = [fact for fact in facts if isinstance(fact, DataCheck)]
    rows: dict[str, list[Fact]] = {}
    for fact in facts:
        if not isinstance(fact, DataCheck):
            rows.setdefault(question_of(fact), []).append(fact)
    found = list(coverage_of_checks(checks))
    for question, lent in rows.items():
        lost = sum("value" in fact.unknown for fact in lent)
        found.append(recorded(question, len(lent) - lost).model_copy(update={"errored": lost}))
    return tuple(found)


@record
class _Row:
    """One row, and what the mapping makes of its cells."""

    document: Parsed
    said: TableMapping
    index: int
    cells: dict[str, Json]

    def at(self, field: str) -> str:
        names = self.said.columns.get(field)
        return pointer(self.index, *(names[:1] if names else ()))

    def cell(self, field: str) -> Json:
        names = self.said.columns.get(field)
        return self.cells.get(names[0]) if names else self.said.always.get(field)

    def text(self, field: str) -> str | None:
        return label(self.cell(field))

    def named(self, field: str) -> str:
        """Return a text that the row must have."""
        found = self.text(field)
        if found is None:
            raise broken(self.document, f"the row has no {field}", at=self.at(field))
        return found

    def number(self, field: str, unknown: dict[str, Unusable]) -> float | None:
        """Return a number; a cell with something that is none is marked as such."""
        value = self.cell(field)
        found = number(value)
        blank = value is None or value == ""
        if (found is None and not blank) or self.at(field) in self.document.odd:
            unknown[_FIELD.get(field, field)] = "malformed"
            return None
        return found

    def count(self, field: str, unknown: dict[str, Unusable]) -> int | None:
        """Return a count; a cell with something that is none is marked as such."""
        value = self.cell(field)
        found = count(value)
        if found is None and value is not None and value != "":
            unknown[field] = "malformed"
        return found

    def one_of(
        self, field: str, words: tuple[str, ...], unknown: dict[str, Unusable]
    ) -> str | None:
        """Return one of some words; a cell with another is marked as such."""
        found = self.text(field)
        if found is not None and found not in words:
            unknown[field] = "malformed"
            return None
        return found


_FIELD: Final = {"threshold": "tool_threshold"}


def _metrics(row: _Row) -> Iterator[Metric]:
    said = row.said
    columns = said.columns.get("value", ())
    for column in columns or ("",):
        unknown: dict[str, Unusable] = {}
        one_name = "name" in said.columns or "name" in said.always
        name = row.named("name") if one_name else column
        trials, rows = row.count("n", unknown), row.count("n_rows", unknown)
        where = Where(
            slice=_slice(row),
            dataset=row.text("dataset"),
            split=row.text("split"),
            dimension=row.text("dimension"),
        )
        found = metric(
            row.document,
            name,
            row.cells.get(column) if column else said.always.get("value"),
            at=pointer(row.index, column) if column else pointer(row.index),
            where=where,
            trial=Trial(rows=rows),
            percent=said.unit == "percent",
            interval=(row.cell("ci_low"), row.cell("ci_high")),
        )
        update: dict[str, object] = {"unknown": {**found.unknown, **unknown}}
        if "n" in said.columns or "n" in said.always:
            update["n"] = trials
        yield found.model_copy(update=update)


def _slice(row: _Row) -> str | None:
    """Return the slice of a row: the parts that the columns give, "" for all of the data."""
    names = row.said.columns.get("slice")
    if names is None:
        stated = row.said.always.get("slice")
        return "" if stated is None else tidy_slice(stated)
    parts = {name: label(row.cells.get(name)) for name in names}
    known = {name: part for name, part in parts.items() if part is not None}
    if known and all(part.lower() in {"overall", "all"} for part in known.values()):
        return ""
    if len(names) == 1 and any("=" in part for part in known.values()):
        return short(tidy_slice("".join(known.values())))
    return short(canonical_slice(known))


def _drift(row: _Row) -> Iterator[Drift]:
    unknown: dict[str, Unusable] = {}
    method = tidy_method(row.named("method"))
    statistic = row.one_of("statistic", get_args(Statistic), unknown)
    if statistic is None and not unknown and method in _DISTANCES:
        statistic = "distance"
    value = row.number("value", unknown)
    if value is not None and (value < 0 or (statistic in {"p_value", "share"} and value > 1)):
        value, unknown["value"] = None, "malformed"
    column = row.text("column") or ""
    yield Drift(
        pointer=pointer(row.index),
        column="" if column.lower() == "overall" else column,
        method=method,
        statistic=cast("Statistic | None", statistic),
        value=value,
        tool_threshold=row.number("threshold", unknown),
        n_reference=row.count("n_reference", unknown),
        n_current=row.count("n_current", unknown),
        unknown=unknown,
    )


def _check(row: _Row) -> Iterator[DataCheck]:
    unknown: dict[str, Unusable] = {}
    examined, failed = row.count("examined", unknown), row.count("failed", unknown)
    share = None
    if examined and failed is not None and failed <= examined:
        share = failed / examined
    yield DataCheck(
        pointer=pointer(row.index),
        check=row.named("check"),
        column=row.text("column") or "",
        family=cast("Family | None", row.one_of("family", FAMILIES, unknown)),
        examined=examined,
        failed=failed,
        failed_share=share,
        status=cast("Status | None", row.one_of("status", get_args(Status), unknown)),
        unknown=unknown,
    )
