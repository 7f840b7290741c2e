"""A small system of one policy, and the shipped example, both as files of a person's folder."""

import shutil
from importlib.resources import as_file
from pathlib import Path

import pytest

from assaybook.shelf import shelf
from support.commands import Done
from support.example import FLAWED, SOUND, checked
from support.small import Small, a_small_system
from support.stores import (
    database,
    empty_database,
    postgresql_server,
    postgresql_template,
    sqlite_template,
)

__all__ = [
    "database",
    "empty_database",
    "postgresql_server",
    "postgresql_template",
    "sqlite_template",
]


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """Return a system with one policy and one document that satisfies it."""
    return a_small_system(tmp_path / "small")


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the shipped example."""
    target = tmp_path_factory.mktemp("example") / "diabetes"
    with as_file(shelf("examples") / "diabetes") as shipped:
        shutil.copytree(shipped, target)
    return target


@pytest.fixture(scope="session")
def sound(example: Path) -> Done:
    """Return what ``check`` says of the sound release, as JSON."""
    return checked(example, SOUND, "--format", "json")


@pytest.fixture(scope="session")
def flawed(example: Path) -> Done:
    """Return what ``check`` says of the flawed release, as JSON."""
    return checked(example, FLAWED, "--format", "json")
