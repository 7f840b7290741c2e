"""The commands that keep the register and the database, as a person meets them."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from typer import Typer
from typer.testing import CliRunner

from assaybook.cli import db, system
from assaybook.domain.canonical import digest_of
from assaybook.store.engine import open_engine
from assaybook.store.schema import NEEDED
from assaybook.store.unit_of_work import changing_schema

SYSTEM = """\
system:
  id: triage
  name: Triage
  owner: ann
  risk_tier: high
releases:
  - version: "1"
    stage: production
    artifacts: [{name: model, kind: model, path: model.bin}]
  - version: "2"
    baseline: "1"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a system file beside its model."""
    (tmp_path / "model.bin").write_bytes(b"weights")
    found = tmp_path / "system.yaml"
    found.write_text(SYSTEM, encoding="utf-8")
    return found


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a database that is not there yet, which the settings name."""
    found = f"sqlite:///{tmp_path / 'register.db'}"
    monkeypatch.setenv("ASSAY_DATABASE", found)
    return found


def _run(app: Typer, *arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def _refusal(app: Typer, arguments: Sequence[object], code: int, word: str) -> str:
    status, out, said = _run(app, *arguments)
    assert (status, out) == (code, "")
    assert f"error[{word}]" in said
    assert "Traceback" not in said
    return said


def test_a_system_is_added_with_its_releases_and_the_digests_of_its_files(
    file: Path, url: str
) -> None:
    status, out, said = _run(system.app, "add", file, "--person", "ann", "--format", "json")
    assert status == 0
    assert "made the database" in said
    assert "recorded 3 of 3" in said
    found = json.loads(out)
    assert (found["system"]["id"], found["version"], found["person"]) == ("triage", 1, "ann")
    artifact = found["releases"][0]["release"]["artifacts"][0]
    assert artifact["digest"] == digest_of(b"weights")
    assert found["releases"][1]["release"]["baseline"] == "1"
    assert url


def test_adding_the_same_file_again_records_nothing(file: Path, url: str) -> None:
    for words in ("recorded 3 of 3", "recorded 0 of 3"):
        assert words in _run(system.app, "add", file, "--database", url)[2]


def test_a_changed_risk_tier_asks_for_a_person_and_a_reason(file: Path, url: str) -> None:
    assert _run(system.app, "add", file)[0] == 0
    file.write_text(SYSTEM.replace("high", "minimal"), encoding="utf-8")
    said = _refusal(system.app, ["add", file], 2, "change-unexplained")
    assert "risk_tier of triage" in said
    assert "--person NAME --reason WORDS" in said
    status, _out, _said = _run(
        system.app, "add", file, "--person", "ann", "--reason", "scored again"
    )
    shown = json.loads(_run(system.app, "show", "triage", "--format", "json")[1])
    assert status == 0
    assert [one["reason"] for one in shown["history"]] == ["", "scored again"]
    assert url


def test_releases_are_added_without_touching_the_system(file: Path, url: str) -> None:
    assert _run(system.app, "add", file)[0] == 0
    later = SYSTEM.replace("high", "minimal") + '  - version: "3"\n  - version: "4"\n'
    file.write_text(later, encoding="utf-8")
    status, out, said = _run(system.app, "release", file, "--release", "3", "--format", "csv")
    assert status == 0
    assert "recorded 1 of 1" in said
    assert out.splitlines()[1].startswith("3,")
    assert "recorded 1 of 4" in _run(system.app, "release", file)[2]
    shown = json.loads(_run(system.app, "show", "triage", "--format", "json")[1])
    assert shown["record"]["system"]["risk_tier"] == "high"
    assert [one["release"]["version"] for one in shown["releases"]] == ["1", "2", "3", "4"]
    said = _refusal(system.app, ["release", file, "--release", "9"], 2, "release-unknown")
    assert "There are: 1, 2, 3, 4." in said
    assert url


def test_systems_are_listed_and_shown_in_every_format(file: Path, url: str) -> None:
    assert _run(system.app, "add", file)[0] == 0
    file.write_text(SYSTEM.replace("id: triage", "id: other"), encoding="utf-8")
    assert _run(system.app, "add", file)[0] == 0
    for style in ("table", "json", "csv", "markdown"):
        status, listed, _said = _run(system.app, "list", "--format", style)
        assert (status, "triage" in listed, "other" in listed) == (0, True, True)
        status, shown, _said = _run(system.app, "show", "triage", "--format", style)
        assert (status, "production" in shown) == (0, True)
    _status, out, said = _run(system.app, "list", "--limit", "1", "--format", "csv")
    assert "triage" not in out
    assert "assay system list --after other" in said
    assert url


def test_a_mistyped_system_is_answered_with_what_was_meant(file: Path, url: str) -> None:
    assert _run(system.app, "add", file)[0] == 0
    said = _refusal(system.app, ["show", "triag"], 2, "system-unknown")
    assert "Did you mean triage?" in said
    assert url


def test_a_database_that_is_not_there_is_no_empty_register(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'typo.db'}"
    for command in (["list"], ["show", "triage"]):
        _refusal(system.app, [*command, "--database", url], 2, "database-missing")
    _refusal(db.app, ["status", "--database", url], 2, "database-missing")
    assert not (tmp_path / "typo.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("sqlite://", id="in memory"),
        pytest.param("sqlite:///:memory:", id="in memory by name"),
        pytest.param("mysql://root@localhost/a", id="another kind"),
        pytest.param("assay.db", id="a path"),
    ],
)
def test_a_url_of_no_database_that_can_be_used_is_refused(url: str) -> None:
    _refusal(db.app, ["status", "--database", url], 2, "setting-invalid")


def test_a_system_file_that_cannot_be_read_is_named(tmp_path: Path, url: str) -> None:
    _refusal(system.app, ["add", tmp_path / "none.yaml"], 2, "file-missing")
    (tmp_path / "bad.yaml").write_text("system: [", encoding="utf-8")
    status, out, said = _run(system.app, "add", tmp_path / "bad.yaml")
    assert (status, out) == (5, "")
    assert "bad.yaml" in said
    assert url


def test_the_state_of_a_database_is_told_and_mended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    engine = open_engine(url)
    engine.connect().close()
    engine.dispose()
    status, out, said = _run(db.app, "status", "--database", url, "--format", "json")
    assert (status, json.loads(out)[0]["state"], said) == (2, "empty", "Run: assay db upgrade\n")
    status, out, said = _run(db.app, "upgrade", "--database", url, "--format", "json")
    assert (status, json.loads(out)[0]["state"]) == (0, "current")
    assert said == f"upgraded from nothing to {NEEDED}\n"
    assert _run(db.app, "upgrade", "--database", url)[2] == "nothing to do\n"
    assert _run(db.app, "status", "--database", url)[0] == 0


def test_a_database_of_a_newer_assaybook_is_left_alone(file: Path, url: str) -> None:
    assert _run(system.app, "add", file)[0] == 0
    engine = open_engine(url)
    with changing_schema(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for arguments in (["add", file], ["list"]):
        _refusal(system.app, arguments, 2, "database-newer")
    _refusal(db.app, ["upgrade"], 2, "database-newer")
    status, out, said = _run(db.app, "status", "--format", "json")
    assert (status, json.loads(out)[0]["state"]) == (2, "newer")
    assert "Install the newer Assaybook" in said
