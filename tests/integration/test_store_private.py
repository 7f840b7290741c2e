"""Evidence and packs are in one file, which nobody else on the machine may read."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from assaybook.service.store_access import upgrade_database, writing
from assaybook.settings import now
from assaybook.store.unit_of_work import UnitOfWork


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """Let files be for everybody unless somebody says otherwise, as most machines do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def _modes(folder: Path) -> dict[str, int]:
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}


def _told(_words: str) -> None:
    """Hear nothing."""


def test_a_new_database_and_what_stands_beside_it_are_for_its_owner_alone(tmp_path: Path) -> None:
    with writing(f"sqlite:///{tmp_path}/assay.db", now, _told) as work:
        assert isinstance(work, UnitOfWork)
        modes = _modes(tmp_path)
    assert modes == dict.fromkeys(("assay.db", "assay.db-wal", "assay.db-shm"), 0o600)


def test_who_may_read_a_file_that_is_there_stays_as_its_owner_said(tmp_path: Path) -> None:
    file = tmp_path / "assay.db"
    file.touch(mode=0o600)
    file.chmod(0o640)
    upgrade_database(f"sqlite:///{file}")
    assert _modes(tmp_path)["assay.db"] == 0o640
