"""What every adapter keeps, over the documents of the example and the samples of real tools."""

from pathlib import Path
from typing import Any, cast

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.domain.fact_types import FACT_TYPES, OUR_CLAIMS, columns_of, question_of
from assaybook.intake.adapter import Adapter, answers
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.registry import ALIASES, BUILT_IN
from assaybook.intake.values import pointer
from support.documents import opened

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PERSONS = frozenset({"assaybook-statement"})
WITHOUT_SAMPLE = {"assaybook", "junit"}


def _documents(folder: Path) -> list[Path]:
    names = {"SOURCES.md", "evidence.yaml"}
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if path.name not in names and path.suffix != ".pem"]


def _read(path: Path) -> tuple[Evidence, ...]:
    try:
        return opened(path.read_bytes(), path.name).evidence
    except SubmitterError:
        return ()


def _check(path: Path) -> set[str]:
    """Check what every reading of a document must keep, and return the formats seen."""
    found = _read(path)
    by_name = {adapter.name: adapter for adapter in BUILT_IN}
    for one in found:
        adapter = by_name[one.envelope.format]
        _check_reading(adapter, one)
    assert found == _read(path), "the same bytes must read the same"
    return {one.envelope.format for one in found}


def _check_reading(adapter: Adapter, evidence: Evidence) -> None:
    questions = {row.question for row in evidence.coverage}
    assert all(answers(adapter, question) for question in questions)
    assert len(questions) == len(evidence.coverage), "a question has one row"
    for fact in evidence.facts:
        assert fact.type in adapter.facts
        assert question_of(fact) in questions
        columns = columns_of(fact)
        claims = OUR_CLAIMS.get(fact.type, frozenset())
        assert all(columns[name] is None for name in claims)
        assert all(columns[name] is None for name in fact.unknown)
    for row in evidence.coverage:
        lent = sum(question_of(fact) == row.question for fact in evidence.facts)
        assert (row.failed or 0) <= lent, "every failure that is counted lends a row"


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: adapter.name)
def test_an_adapter_says_what_it_reads_and_yields(adapter: Adapter) -> None:
    assert isinstance(adapter, Adapter)
    assert adapter.version >= 1
    assert adapter.versions
    assert set(adapter.facts) <= set(FACT_TYPES)
    assert {question.partition("/")[0] for question in adapter.questions} == set(adapter.facts)


def test_names_and_other_names_are_unique() -> None:
    names = [adapter.name for adapter in BUILT_IN]
    assert len(set(names) | set(ALIASES)) == len(names) + len(ALIASES)
    assert {name for name, _ in ALIASES.values()} <= set(names)


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: adapter.name)
def test_no_adapter_takes_a_document_that_says_nothing(adapter: Adapter) -> None:
    for name, text in {"a.json": "{}", "b.json": "[{}]", "c.yaml": "a: 1", "d.csv": "a,b\n1,2\n",
                       "e.txt": "words"}.items():  # fmt: skip
        assert adapter.detect(parse(text.encode(), name, Limits())) is None


def test_every_document_of_the_example_keeps_the_contract() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("no examples here: the installed package is under test")
    seen = {name for path in _documents(EXAMPLES) for name in _check(path)}
    assert len(seen) >= 8


def test_every_sample_keeps_the_contract(samples: Path) -> None:
    seen = {name for path in _documents(samples) for name in _check(path)}
    assert {adapter.name for adapter in BUILT_IN} - seen - PERSONS == WITHOUT_SAMPLE


def test_each_place_in_a_json_document_can_be_followed(samples: Path) -> None:
    for path in _documents(samples):
        if path.suffix != ".json":
            continue
        for one in _read(path):
            value = parse(path.read_bytes(), path.name, Limits()).value
            places = _pointers(value)
            for fact in one.facts:
                assert fact.pointer in places or "(decoded)" in fact.pointer, fact.pointer


def _pointers(value: Any) -> set[str]:
    found: set[str] = set()
    pending: list[tuple[Any, tuple[str | int, ...]]] = [(value, ())]
    while pending:
        one, path = pending.pop()
        found.add(pointer(*path))
        if isinstance(one, dict):
            held = cast("dict[str, Any]", one)
            pending += [(below, (*path, key)) for key, below in held.items()]
        elif isinstance(one, list):
            listed: list[Any] = one  # pyright: ignore[reportUnknownVariableType]
            pending += [(below, (*path, index)) for index, below in enumerate(listed)]
    return found
