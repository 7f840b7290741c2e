"""Readers: in their order, few at once, and none where there is nothing to gain."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assaybook.domain.errors import OperatorError
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.read import Receipt
from assaybook.service import readers
from assaybook.service.read_evidence import ReadPaths, Task
from assaybook.service.readers import Readers, Step

RECEIPT = Receipt(datetime(2026, 11, 21, tzinfo=UTC))
NOTHING = ReadPaths((), (), ())


def _step(path: Path, *, apart: bool) -> Step:
    task = Task(path, path.name, path.name, (Declared(),), named=True)
    return Step(task, apart=apart)


def test_with_one_processor_each_file_is_read_before_the_next_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "_processors", lambda: 1)
    looked_for: list[int] = []

    def steps() -> Iterator[Step]:
        for number in range(3):
            looked_for.append(number)
            yield _step(tmp_path / f"{number}.json", apart=True)

    with Readers(RECEIPT, Limits()) as reading:
        told = reading.read(steps())
        for number in range(3):
            done = next(told)
            assert isinstance(done, ReadPaths)
            assert [one.file for one in done.problems] == [f"{number}.json"]
            assert looked_for == list(range(number + 1))
        assert next(told, None) is None


def test_what_needs_no_reading_goes_through_in_its_place() -> None:
    with Readers(RECEIPT, Limits()) as reading:
        assert list(reading.read(iter([Step(done=()), Step(done=NOTHING)]))) == [(), NOTHING]


def test_an_error_that_is_no_fault_of_a_file_is_raised_in_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_said: object) -> None:
        raise OperatorError("extra-missing", "it is not installed")

    monkeypatch.setattr(readers, "read_task", fail)
    with Readers(RECEIPT, Limits()) as reading:
        told = reading.read(iter([Step(done=NOTHING), _step(tmp_path / "a", apart=False)]))
        assert next(told) == NOTHING
        with pytest.raises(OperatorError, match="not installed"):
            next(told)
