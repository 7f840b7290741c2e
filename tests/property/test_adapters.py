"""Whatever a document says: facts or one refusal, from every adapter that is registered."""

import copy
import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.fact_types import FACT_TYPES, OUR_CLAIMS, columns_of, question_of
from assaybook.intake.adapter import Adapter, answers
from assaybook.intake.registry import BUILT_IN
from support.documents import DEFECTS, opened

Path_ = tuple[str | int, ...]
BY_NAME = {adapter.name: adapter for adapter in BUILT_IN}
FILES = sorted(path for path in DEFECTS.rglob("*") if path.suffix in {".json", ".jsonl"})


def _values(path: Path) -> list[Any]:
    """Return the lines of a document, of which a plain one is the only line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line]
    return [json.loads(text)]


def _paths(value: Any, at: Path_ = ()) -> list[Path_]:
    found: list[Path_] = [at] if at else []
    if isinstance(value, dict):
        for key, one in cast("dict[str, Any]", value).items():
            found += _paths(one, (*at, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            found += _paths(one, (*at, index))
    return found


GOOD = [(path.name, _values(path)) for path in FILES]
PLACES = [(index, at) for index, (_, value) in enumerate(GOOD) for at in _paths(value)]
KEYS = sorted({str(at[-1]) for _, at in PLACES if isinstance(at[-1], str)})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 2**54)
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "",
            " ",
            "N/A",
            "0.5",
            "1e999",
            "2026-11-20T09:00:00Z",
            "a,b",
            "../..",
            "\u202e",
            "x" * 3000,
        ]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=20,
)


def _read(content: object, name: str, declared: str | None) -> tuple[Evidence, ...]:
    """Read a document twice alike, or be refused once with all that a person needs."""
    found, refused = _outcome(content, name, declared)
    assert (found, refused) == _outcome(content, name, declared), "the same bytes read the same"
    assert refused is None or (refused[0] != "adapter-failed" and all(refused))
    for one in found:
        _check(BY_NAME[one.envelope.format], one)
    return found


def _outcome(
    content: object, name: str, declared: str | None
) -> tuple[tuple[Evidence, ...], tuple[str, str, str] | None]:
    try:
        return opened(content, name, as_format=declared).evidence, None
    except SubmitterError as error:
        return (), (error.code, error.message, error.where)


def _check(adapter: Adapter, one: Evidence) -> None:
    questions = [row.question for row in one.coverage]
    assert len(set(questions)) == len(questions), "a question has one row"
    assert all(answers(adapter, question) for question in questions)
    for fact in one.facts:
        assert fact.type in adapter.facts
        assert fact.type in FACT_TYPES
        assert question_of(fact) in questions
        columns = columns_of(fact)
        claimed = OUR_CLAIMS.get(fact.type, frozenset())
        assert all(columns[column] is None for column in claimed)
    assert Evidence.model_validate_json(one.model_dump_json(by_alias=True)) == one


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: adapter.name)
@given(value=VALUES, name=st.sampled_from(["a.json", "a.jsonl", "a.yaml", "a"]))
@settings(max_examples=40)
def test_any_value_gives_facts_or_one_refusal(adapter: Adapter, value: object, name: str) -> None:
    _read(value, name, adapter.name)


@given(st.sampled_from(PLACES), VALUES, st.sampled_from(["take out", "put"]), st.sampled_from("yn"))
@settings(max_examples=600)
def test_a_good_document_with_any_part_changed_gives_facts_or_one_refusal(
    place: tuple[int, Path_], value: object, change: str, declared: str
) -> None:
    index, at = place
    name, good = GOOD[index]
    changed = copy.deepcopy(good)
    holder: Any = changed
    for step in at[:-1]:
        holder = holder[step]
    if change == "take out":
        del holder[at[-1]]
    else:
        holder[at[-1]] = value
    lines = "".join(f"{json.dumps(one)}\n" for one in changed)
    _read(lines, name, FILES[index].parent.name if declared == "y" else None)


@given(st.sampled_from(range(len(FILES))), st.integers(0, 4000))
@settings(max_examples=300)
def test_a_document_that_was_cut_off_is_never_read_as_whole(index: int, length: int) -> None:
    raw = FILES[index].read_bytes()
    for one in _read(raw[:length], FILES[index].name, None):
        whole = length >= len(raw.rstrip())
        ended = FILES[index].suffix == ".jsonl" and raw[:length].endswith((b"}", b"\n"))
        assert whole or ended or one.envelope.malformed
