"""One store for all tests that read it; what changes something makes its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.api import Caller
from support.console import Browser, a_console, key_of
from support.stores import sqlite_database, sqlite_template

__all__ = ["sqlite_database", "sqlite_template"]


@pytest.fixture(scope="session")
def console(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Yield the service over a store with something of everything."""
    file = tmp_path_factory.mktemp("console") / "assay.db"
    shutil.copy(sqlite_template, file)
    with a_console(f"sqlite:///{file}") as caller:
        yield caller


@pytest.fixture(scope="session")
def browser(console: Caller) -> Browser:
    """Return a browser in which somebody with every role has signed in."""
    return Browser(console, key_of(console))
