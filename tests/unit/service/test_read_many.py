"""Many files: each is read once, as long as what is held of them is little."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assaybook.intake.declared import Declared
from assaybook.intake.read import Receipt
from assaybook.service import read_many
from assaybook.service.read_many import Looked, read_in_parts
from assaybook.store.evidence import EvidenceReceipt

RECEIPT = Receipt(datetime(2026, 11, 21, tzinfo=UTC))
PLAIN = '{"assaybook": "v1", "run": "%d"}'


def _files(folder: Path) -> list[Path]:
    found = [folder / f"{number}.json" for number in range(3)]
    for number, path in enumerate(found):
        path.write_text(PLAIN % number, encoding="utf-8")
    return found


def _runs(files: Sequence[Path], *, gone: bool) -> list[str | None]:
    """Return the runs that are read of files that are gone, if so, when all were looked at."""
    held: list[bytes | None] = []

    def known(looked: Sequence[Looked]) -> Mapping[int, tuple[EvidenceReceipt, ...]]:
        held.extend(one.raw for one in looked)
        for one in looked if gone else ():
            one.task.path.unlink()
        return {}

    parts = read_in_parts(
        files,
        receipt=RECEIPT,
        manifest=None,
        declared_format=None,
        declared=Declared(),
        most=100,
        known=known,
        seen=lambda _times: None,
    )
    read = [one for part in parts for one in part.read.documents]
    assert [one is not None for one in held] == [gone] * len(files)
    return [each.envelope.run for one in read for each in one.opened.evidence]


def test_a_file_that_was_looked_at_is_not_read_again(tmp_path: Path) -> None:
    assert _runs(_files(tmp_path), gone=True) == ["0", "1", "2"]


def test_of_a_heap_nothing_is_held_and_each_file_is_read_when_its_turn_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_many, "_HEAP", 40)
    monkeypatch.setattr("assaybook.service.readers._processors", lambda: 1)
    assert _runs(_files(tmp_path), gone=False) == ["0", "1", "2"]
