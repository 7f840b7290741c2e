"""Where the environment names a server, no command looks into a store here without saying so."""

from pathlib import Path
from typing import Final

import pytest

from support.commands import assay, refused
from support.small import Small

_ABOUT: Final = ("--system", "triage", "--release", "1")
_NOWHERE: Final = "nowhere.db"


@pytest.fixture(autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_SERVER", "https://assay.example.org")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(
            ("pack", "sample", *_ABOUT, "--control", "MEASURE 2.3", "--seed", "1", "--size", "1"),
            id="pack sample",
        ),
        pytest.param(("ledger", "checkpoint", "--keys", "keys", "-o", "note"), id="checkpoint"),
        pytest.param(("ledger", "audit"), id="ledger audit"),
        pytest.param(("ledger", "notes", "sha256:00"), id="ledger notes"),
        pytest.param(("key", "create", "--name", "ann", "--role", "admin"), id="key create"),
        pytest.param(("key", "list"), id="key list"),
        pytest.param(("db", "upgrade"), id="db upgrade"),
        pytest.param(
            ("evidence", "erase", "ev-00", "--reason", "asked", "--person", "ann"), id="erase"
        ),
    ],
)
def test_a_command_that_knows_stores_alone_refuses_to_guess_which(
    command: tuple[str, ...], small: Small
) -> None:
    before = sorted(small.folder.rglob("*"))
    said = refused(assay(*command, inside=small.folder), 2, "store-not-named")
    assert "ASSAY_SERVER: " in said
    assert "--database" in said
    assert sorted(small.folder.rglob("*")) == before


def test_a_store_that_is_named_is_the_one(tmp_path: Path) -> None:
    named = f"sqlite:///{tmp_path / _NOWHERE}"
    assert assay("db", "upgrade", "--database", named, inside=tmp_path).code == 0
    assert assay("key", "list", "--database", named, inside=tmp_path).code == 0
    assert (tmp_path / _NOWHERE).exists()
