"""Reports on data, drift and documentation, and tables, damaged anywhere: read, or one problem."""

import copy
import json
import random
from typing import Any, Final, cast

from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.fact_types import columns_of, question_of
from assaybook.intake.declared import Declared
from assaybook.intake.table_mapping import FIELDS, TableMapping
from support.documents import DEFECTS, opened

FORMATS: Final = (
    *("great-expectations", "dbt", "croissant", "model-card-toolkit", "deepchecks", "evidently"),
)
REPORTS: Final[dict[str, Any]] = {
    f"{path.parent.name}/{path.name}": json.loads(path.read_bytes())
    for one in FORMATS
    for path in sorted((DEFECTS / one).iterdir())
}
VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**60)
    | st.floats(allow_nan=True)
    | st.sampled_from(["", "x", "PSI", "PASS", "0.5", "Dataset", "sc:Dataset", "2026-11-20"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "type", "@id", "value"]), inner, max_size=3)
    ),
    max_leaves=8,
)
WORDS: Final = st.sampled_from(
    ["", "0.5", "007", "1e5", "=1+1", "nan", "F", "sex=F", "psi", "ks", "p_value", "null", "fail"]
)


def _read(content: object, name: str, said: Declared | None = None) -> None:
    try:
        found = opened(content, name, said).evidence
    except SubmitterError as error:
        refused = (error.code, error.where)
    else:
        _check(found)
        return
    assert refused[0] != "adapter-failed"
    assert refused[1]


def _check(found: tuple[Evidence, ...]) -> None:
    for one in found:
        questions = {row.question for row in one.coverage}
        assert {question_of(fact) for fact in one.facts} <= questions
        assert Evidence.model_validate_json(one.model_dump_json(by_alias=True)) == one
        for row in one.coverage:
            assert (row.failed or 0) <= sum(question_of(f) == row.question for f in one.facts)
        for fact in one.facts:
            assert all(columns_of(fact)[field] is None for field in fact.unknown)


@given(st.sampled_from(sorted(REPORTS)), st.randoms(use_true_random=False), VALUES)
def test_a_report_with_one_part_changed_is_read_or_refused(
    name: str, random_: random.Random, value: object
) -> None:
    document = copy.deepcopy(REPORTS[name])
    for _ in range(random_.choice([1, 1, 3])):
        _change(document, random_, value)
    _read(document, "a.json")
    _read(document, "a.json", Declared(format=name.partition("/")[0]))


@given(VALUES, st.sampled_from(FORMATS))
def test_any_json_is_read_or_refused_as_what_it_is_declared_to_be(
    value: object, declared: str
) -> None:
    _read(value, "a.json", Declared(format=declared))


@st.composite
def _tables(draw: st.DrawFn) -> tuple[str, TableMapping]:
    facts: Any = draw(st.sampled_from(sorted(FIELDS)))
    fields = draw(st.lists(st.sampled_from(FIELDS[facts]), min_size=1, unique=True))
    rows = draw(st.lists(st.lists(WORDS, min_size=len(fields), max_size=len(fields)), max_size=4))
    text = "\n".join(",".join(row) for row in [[f"c_{one}" for one in fields], *rows])
    columns: dict[str, tuple[str, ...]] = {one: (f"c_{one}",) for one in fields}
    return text, TableMapping(facts=facts, columns=columns)


@given(_tables())
def test_any_table_with_any_mapping_is_read_or_refused(case: tuple[str, TableMapping]) -> None:
    text, mapping = case
    _read(text + "\n", "a.csv", Declared(format="table", table=mapping))


def _change(document: Any, random_: random.Random, value: object) -> None:
    """Put a value in the place of a part of a document, or take the part out."""
    at: Any = document
    while True:
        held = cast("dict[str, Any]", at) if isinstance(at, dict) else None
        keys: list[Any] = list(range(len(cast("list[Any]", at)))) if held is None else list(held)
        if not keys:
            return
        key = random_.choice(keys)
        below = cast("Any", at[key])
        if isinstance(below, dict | list) and below and random_.random() < 0.75:
            at = cast("Any", below)
            continue
        if random_.random() < 0.25:
            del at[key]
        else:
            at[key] = copy.deepcopy(value)
        return
