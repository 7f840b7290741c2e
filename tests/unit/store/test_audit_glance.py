"""A glance can say that rows are right, and says it of no row with another value in a column."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import SQLModel

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact, Scope
from assaybook.store.audit_glance import looks_right
from assaybook.store.audit_rows import columns_of
from assaybook.store.rows import Row, rows_of
from assaybook.store.tables import EvidenceArtifactRow, EvidenceRow, ReadingRow
from support.evidence import AS_OF, MODEL, a_document, a_fact, a_metric, covered

_TABLES: tuple[type[SQLModel], ...] = (EvidenceRow, ReadingRow, EvidenceArtifactRow)
_OUT_OF_SIGHT = {"digest": 0, "coverage": 1, "facts": 1, "evidence": 2}
"""Who asks compares the digest over all texts, and asks for the rows of one piece of evidence."""
PLAIN = a_document(
    a_metric(value=0.5, n=3, split="holdout"),
    a_fact("security", **{"fingerprint": "f", "class": "secret"}),
    a_fact("lineage", source="a", target="b", relation="derived_from"),
    coverage=[covered("security/secret"), covered("metric/quality")],
    scope=Scope(dataset="d", job="nightly"),
    artifacts=[AboutArtifact(digest=MODEL, name="m", kind="model")],
)


def _rows(evidence: Evidence) -> list[list[dict[str, Any]]]:
    made = rows_of(evidence)
    parts: tuple[tuple[Row, ...], ...] = ((made.evidence,), (made.reading,), made.artifacts)
    return [[dict(row) for row in part] for part in parts]


def _looks_right(parts: list[list[dict[str, Any]]]) -> bool:
    def told(table: type[SQLModel], rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [tuple(row[name] for name in columns_of(table)) for row in rows]

    (row,), *others = (told(table, part) for table, part in zip(_TABLES, parts, strict=True))
    return looks_right(row, *others)


def test_rows_as_they_are_written_are_seen_to_be_right() -> None:
    assert _looks_right(_rows(PLAIN))
    assert _looks_right(_rows(a_document(a_metric(), system=None, release=None, age=None)))


def _columns() -> Iterator[Any]:
    for place, part in enumerate(_rows(PLAIN)):
        for number, row in enumerate(part):
            for name in row:
                if name != "envelope_json" and _OUT_OF_SIGHT.get(name) != place:
                    yield pytest.param(place, number, name, id=f"{place}-{number}-{name}")


@pytest.mark.parametrize(("place", "number", "name"), list(_columns()))
def test_no_column_can_hold_another_value(place: int, number: int, name: str) -> None:
    parts = _rows(PLAIN)
    row = parts[place][number]
    if name.endswith("_at"):
        row[name] = AS_OF.replace(year=1999)
    else:
        row[name] = 7 if isinstance(row[name], int | float) else "other"
    assert not _looks_right(parts)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"run":', '"ruin":'),
        ('"warnings":[]', '"warnings":[],"z":1'),
        ('"tool":"tool"', '"tool":"t\\u006fol"'),
        ('"received_at":"2', '"received_at":"x'),
        ('{"adapter"', '[{"adapter"'),
    ],
    ids=["another field", "one field more", "a backslash", "no time", "a list"],
)
def test_a_text_that_is_not_plain_is_left_to_the_reader(old: str, new: str) -> None:
    parts = _rows(PLAIN)
    text: str = parts[0][0]["envelope_json"]
    assert old in text
    parts[0][0]["envelope_json"] = text.replace(old, new, 1)
    assert not _looks_right(parts)


def test_rows_whose_first_is_missing_are_not_right() -> None:
    for place in (1, 2):
        parts = _rows(PLAIN)
        parts[place] = parts[place][1:]
        assert not _looks_right(parts)


def test_a_text_too_long_for_its_column_is_left_to_the_reader() -> None:
    assert not _looks_right(_rows(a_document(a_metric(), release="r" * 400)))
