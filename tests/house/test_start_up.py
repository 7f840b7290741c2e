"""A person who lints one policy does not wait for a library that the lint never uses."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import as_file
from pathlib import Path
from typing import Final

import pytest

from assaybook.shelf import shelf

HEAVY: Final = {
    *("alembic", "fastapi", "numpy", "pandas", "sqlalchemy", "sqlmodel", "starlette", "weasyprint"),
}
UNASKED: Final = {
    *("cryptography", "jinja2", "lark", "rfc8785", "rich"),
    *("assaybook.domain.control", "assaybook.domain.evidence", "assaybook.domain.facts"),
    *("assaybook.domain.finding", "assaybook.language.cases", "assaybook.language.overlay"),
}
"""What other commands need, and modules of ours that make many classes: nothing for a lint."""

SPEAKING: Final = {
    *("asyncio", "cryptography", "http.client", "httpx", "jinja2", "multiprocessing", "rich"),
    *("ssl", "urllib.request"),
}


def _loaded_by(*arguments: str, ends: int = 0) -> set[str]:
    """Return the modules that the command loads, as Python itself reports them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "assaybook", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={name: value for name, value in os.environ.items() if not name.startswith("COV")},
    )
    assert done.returncode == ends, done.stdout + done.stderr[-2000:]
    return set(re.findall(r"^import time: .*\| +([\w.]+)", done.stderr, re.MULTILINE))


@pytest.fixture
def policy_file() -> Iterator[Path]:
    """Yield one shipped policy as a file."""
    with as_file(shelf("policies")) as folder:
        policies = (f for f in sorted(folder.rglob("*.yaml")) if ".cases." not in f.name)
        yield next(f for f in policies if f.read_text(encoding="utf-8").startswith("policy:"))


def test_linting_one_policy_loads_no_heavy_library(policy_file: Path) -> None:
    loaded = _loaded_by("policy", "lint", str(policy_file))
    assert "assaybook" in loaded
    assert loaded & (HEAVY | UNASKED) == set()


@pytest.mark.parametrize("command", ["--version", "--help"])
def test_asking_for_help_loads_no_heavy_library(command: str) -> None:
    assert _loaded_by(command) & HEAVY == set()


def test_a_gate_loads_nothing_that_speaks_to_others_or_draws(tmp_path: Path) -> None:
    system = tmp_path / "system.yaml"
    system.write_text("system: {id: s}\nreleases: [{version: '1'}]\n", encoding="utf-8")
    evidence = tmp_path / "gitleaks.json"
    evidence.write_text("[]", encoding="utf-8")
    words = ("check", str(evidence), "--as", "gitleaks", "--system", str(system))
    loaded = _loaded_by(*words, "--format", "json", ends=1)
    assert "assaybook.evaluation.assess" in loaded
    assert loaded & (HEAVY | SPEAKING) == set()


@pytest.mark.parametrize(
    "command",
    [
        ("submit", "gitleaks.json", "--system", "s", "--release", "1"),
        ("assess", "--system", "s", "--release", "1"),
        ("check", "gitleaks.json"),
    ],
    ids=lambda words: words[0],
)
def test_who_speaks_to_a_server_loads_no_store_of_this_machine(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "system: {id: s}\nreleases: [{version: '1'}]\n"
    (tmp_path / "system.yaml").write_text(text, encoding="utf-8")
    loaded = _loaded_by(*command, "--server", "nowhere", ends=2)
    assert "assaybook.service.remote" in loaded
    assert loaded & HEAVY == set()
