"""What every adapter keeps, over the documents of the example and the samples of real tools."""

from pathlib import Path
from typing import Any, cast

import pytest

from assaybook import testing
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import SubmitterError
from assaybook.intake.adapter import Adapter
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import parse
from assaybook.intake.registry import ALIASES, BUILT_IN
from assaybook.intake.values import pointer
from support.documents import DEFECTS, opened

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PERSONS = frozenset({"assaybook-statement", "assaybook-signed"})
OURS = sorted(path for one in BUILT_IN for path in (DEFECTS / one.name).glob("*"))
WITHOUT_SAMPLE = {"assaybook", "detect-secrets", "inspect", "junit", "table", "trufflehog"}


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
        testing.check_reading(by_name[one.envelope.format], one.facts, one.coverage)
    assert found == _read(path), "the same bytes must read the same"
    return {one.envelope.format for one in found}


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: adapter.name)
def test_an_adapter_says_what_it_reads_and_yields(adapter: Adapter) -> None:
    testing.check_declarations(adapter)


def test_names_and_other_names_are_unique() -> None:
    names = [adapter.name for adapter in BUILT_IN]
    assert len(set(names) | set(ALIASES)) == len(names) + len(ALIASES)
    assert {name for name, _ in ALIASES.values()} <= set(names)


@pytest.mark.parametrize("adapter", BUILT_IN, ids=lambda adapter: adapter.name)
def test_no_adapter_takes_a_document_that_says_nothing(adapter: Adapter) -> None:
    testing.check_leaves_alone(adapter)


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_document_of_our_own_keeps_what_foreign_adapters_are_asked_to_keep(path: Path) -> None:
    (adapter,) = (one for one in BUILT_IN if one.name == path.parent.name)
    assert testing.check_document(adapter, path.read_bytes(), path.name)


@pytest.mark.parametrize("name", sorted({path.parent.name for path in OURS}))
def test_no_changed_part_of_a_document_breaks_an_adapter(name: str) -> None:
    (adapter,) = (one for one in BUILT_IN if one.name == name)
    path = next(path for path in OURS if path.parent.name == name)
    assert testing.check_refusals(adapter, path.read_bytes(), path.name) >= 3


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
