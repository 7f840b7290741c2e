"""The source tree as the house tests see it."""

from pathlib import Path

import pytest

from support.source import Module


@pytest.fixture(scope="session")
def modules(checkout: Path) -> list[Module]:
    """Return every module that ships."""
    root = checkout / "engine" / "assaybook"
    found: list[Module] = []
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path.relative_to(root).as_posix(), text))
    assert found, "no module was found, so nothing was checked"
    return found
