"""Fact types as tables: every column has a type, a unit where it has one, and a place."""

import subprocess
import sys
from pathlib import Path

import pytest

from assaybook.domain.fact_types import FACT_TYPES, OUR_CLAIMS, column_name, columns_of, question_of
from assaybook.domain.types import INT, RecordType, ScalarType
from support.evidence import a_fact, a_metric


@pytest.mark.parametrize("name", sorted(FACT_TYPES))
def test_keys_values_and_questions_are_columns(name: str) -> None:
    kind = FACT_TYPES[name]
    columns = {column for column, _type in kind.record.fields}
    assert {column_name(each) for each in (*kind.key, *kind.values)} <= columns
    assert not kind.question or kind.question in columns
    assert not columns & {"type", "pointer", "unknown"}
    assert OUR_CLAIMS.get(name, frozenset()) <= columns


def test_types_units_ranges_and_words_are_those_of_the_fields() -> None:
    metric = FACT_TYPES["metric"].record
    name, count = metric.field("name"), metric.field("n")
    assert isinstance(name, ScalarType)
    assert isinstance(count, ScalarType)
    assert (name.name, name.nullable) == ("string", False)
    assert (count.name, count.unit, count.low, count.nullable) == ("int", "count", 0, True)
    kind = metric.field("kind")
    assert isinstance(kind, ScalarType)
    assert "quality" in kind.words
    assert metric.field("nothing") is None
    assert RecordType("r", (("a", INT),)).field("a") is INT


def test_the_table_is_as_the_models_have_it(checkout: Path) -> None:
    tool = checkout / "tools" / "make_fact_table.py"
    assert subprocess.run([sys.executable, str(tool), "--check"], check=False).returncode == 0


def test_a_column_has_the_name_that_policies_write() -> None:
    secret = a_fact("security", fingerprint="x", **{"class": "secret"})
    assert column_name("class_") == "class"
    assert columns_of(secret)["class"] == "secret"
    assert "pointer" not in columns_of(secret)


def test_a_fact_answers_the_question_of_its_kind() -> None:
    assert question_of(a_metric()) == "metric/quality"
    assert question_of(a_metric(kind=None)) == "metric"
    assert question_of(a_fact("drift", column="a", method="psi", value=0.1)) == "drift"
