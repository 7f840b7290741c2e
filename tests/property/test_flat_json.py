"""Rows that are written together are written as each would be by itself, byte for byte."""

import string
from datetime import MAXYEAR, MINYEAR, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.canonical import canonical
from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import Metric, Operation, Security
from assaybook.store.flat_json import flat_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "1.0",
        ":1.0,",
        "pre-1e-5",
        "{",
        "9007199254740993",
        ":9007199254740993",
        "NaN",
        "\x7f\x1f",
        "},{",
    ]
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, -0.0, 1.0, 1e16, 1e21, 1e-7, 123456789012345680.0, 0.1, 2.0**53]
)
COUNTS = st.none() | st.integers(0, 2**53 - 1)
METRICS = st.builds(
    Metric,
    pointer=TEXTS,
    name=TEXTS,
    slice=st.none() | TEXTS,
    value=st.none() | NUMBERS,
    n=COUNTS,
    unknown=st.dictionaries(
        st.sampled_from(list(string.ascii_letters)), st.just("unit"), max_size=3
    ),
)


def _finding(text: str) -> Security:
    said = {"pointer": text, "fingerprint": text, "class": "secret"}
    return Security.model_validate(said)


def _alert(at: datetime) -> Operation:
    return Operation(pointer="/a", kind="alert", tested_at=at)


def _in_every_zone(at: datetime) -> bool:
    return MINYEAR < at.year < MAXYEAR


def _covered(rows: int | None, text: str) -> Coverage:
    return Coverage(question="drift", examined=rows, skipped_items=(text,))


OTHERS = (
    TEXTS.map(_finding)
    | st.datetimes(timezones=st.timezones()).filter(_in_every_zone).map(_alert)
    | st.builds(_covered, COUNTS, TEXTS)
)


@settings(max_examples=300)
@given(st.lists(METRICS | OTHERS, max_size=5))
def test_rows_written_together_are_canonical(rows: list[Metric]) -> None:
    whole = canonical([row.model_dump(mode="json", by_alias=True) for row in rows]).decode()
    assert flat_json(rows) == whole
