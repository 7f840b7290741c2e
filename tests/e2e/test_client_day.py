"""Our client against the real server, as the guide shows them, on either database."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

from assaybook.api.app import create_app
from assaybook.domain.principal import Role
from assaybook.service.keys import Wanted, create_key, new_secret
from assaybook.service.store_access import upgrade_database, writing
from assaybook.settings import Settings, now
from support.api import a_service, served
from support.commands import Done, assay, refused
from support.example import FLAWED, SOUND

SYSTEM: Final = "diabetes-triage"


def _quiet(_words: str) -> None:
    """Say nothing."""


@pytest.fixture
def pipeline(
    empty_database: str, example: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[Path]:
    """Serve the example's policies; the pipeline of its system has a key in the environment."""
    upgrade_database(empty_database)
    register = ("system", "add", example / "system.yaml", "--database", empty_database)
    assert assay(*register).code == 0
    key = new_secret()
    wanted = Wanted("triage-pipeline", "pipeline", [Role.SUBMITTER], systems=[SYSTEM])
    with writing(empty_database, now, _quiet) as work:
        create_key(work, wanted, key, person="ann")
    judged_by: dict[str, Any] = {
        "overlays": (example / "overlay.yaml",),
        "scope": example / "scope.yaml",
        "trust": example / "trust.yaml",
    }
    with a_service(empty_database, **judged_by) as service, served(create_app(service)) as url:
        monkeypatch.setenv("ASSAY_SERVER", url)
        monkeypatch.setenv("ASSAY_API_KEY", key)
        yield example


def _submitted(pipeline: Path, release: str) -> Done:
    evidence = f"releases/{release}/evidence"
    about = ("--system", SYSTEM, "--release", release, "--format", "json")
    return assay("submit", evidence, *about, inside=pipeline)


def _states(done: Done) -> set[str]:
    return {one["state"] for one in done.value}


@pytest.mark.slow
@pytest.mark.parametrize(("release", "exit_code"), [(SOUND, 0), (FLAWED, 1)])
def test_a_release_is_submitted_twice_recorded_once_and_judged(
    release: str, exit_code: int, pipeline: Path
) -> None:
    first, second = _submitted(pipeline, release), _submitted(pipeline, release)
    assert (first.code, _states(first)) == (0, {"accepted"})
    assert (second.code, _states(second)) == (0, {"duplicate"})
    assert len(first.value) == len(second.value) > 15
    about = ("--system", SYSTEM, "--release", release)
    assert assay("assess", *about).code == exit_code


@pytest.mark.slow
def test_a_check_at_a_server_says_what_a_local_check_says(
    pipeline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = Settings.from_environment().server
    words = ("check", f"releases/{FLAWED}/evidence", "--release", FLAWED, "--format", "json")
    there = assay(*words, "--server", url, inside=pipeline)
    monkeypatch.delenv("ASSAY_SERVER")
    ours = ("--overlay", "overlay.yaml", "--scope", "scope.yaml", "--trust", "trust.yaml")
    here = assay(*words, *ours, "--as-of", there.value["assessment"]["as_of"], inside=pipeline)
    assert (there.code, there.value["gate"]) == (here.code, here.value["gate"])
    assert there.value["assessment"]["bundle"] == here.value["assessment"]["bundle"]
    assert there.value["assessment"]["subject"] == here.value["assessment"]["subject"]
    assert there.value["files"] == here.value["files"]
    assert [(f["policy"], f["rule"], f["outcome"]) for f in there.value["findings"]] == [
        (f["policy"], f["rule"], f["outcome"]) for f in here.value["findings"]
    ]


def test_a_bad_file_is_refused_there_and_each_of_the_others_is_told(
    pipeline: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "broken.json").write_text("{", encoding="utf-8")
    card = pipeline / "releases" / SOUND / "evidence" / "model-card.md"
    for name in ("card.md", "copy.md"):
        (folder / name).write_bytes(card.read_bytes())
    about = ("--system", SYSTEM, "--release", SOUND)
    done = assay("submit", folder, *about, "--format", "json")
    assert done.code == 5
    assert [(Path(one["file"]).name, one["state"]) for one in done.value] == [
        ("card.md", "accepted"),
        ("copy.md", "duplicate"),
        ("broken.json", "refused"),
    ]
    assert f"{folder / 'broken.json'}" in refused(done, 5, "json-malformed")
    (listed,) = assay("evidence", "list", "--system", SYSTEM, "--format", "json").value
    assert listed["evidence"] == done.value[0]["evidence"]
    (gone,) = assay("evidence", "list", "--refused", "--format", "json").value
    assert gone["code"] == "json-malformed"
    shown = assay("evidence", "show", listed["evidence"], "--format", "json").value
    assert shown["evidence"]["envelope"]["format"] == "huggingface"
    assert shown["evidence"]["facts"]
    refused(assay("evidence", "show", f"ev-{'0' * 64}"), 2, "evidence-unknown")


@pytest.mark.parametrize(
    ("system", "release", "code"),
    [("nobody", SOUND, "system-unknown"), (SYSTEM, "9.9.9", "release-unknown")],
)
def test_a_system_or_release_that_nobody_registered_is_refused_as_here(
    system: str, release: str, code: str, pipeline: Path
) -> None:
    card = pipeline / "releases" / SOUND / "evidence" / "model-card.md"
    told = refused(assay("submit", card, "--system", system, "--release", release), 2, code)
    assert "assay system " in told
    assert "/v1/" not in told
    assert told == refused(assay("assess", "--system", system, "--release", release), 2, code)


@pytest.mark.usefixtures("pipeline")
def test_a_pipeline_registers_its_release_and_sees_it(tmp_path: Path) -> None:
    text = f"system: {{id: {SYSTEM}}}\nreleases: [{{version: 2.0.0}}]\n"
    (tmp_path / "system.yaml").write_text(text, encoding="utf-8")
    first = assay("system", "release", "system.yaml", "--format", "json", inside=tmp_path)
    assert (first.code, first.err.strip()) == (0, "1 of 1 were new to the server")
    again = assay("system", "release", "system.yaml", "--format", "json", inside=tmp_path)
    told = "0 of 1 were new to the server; the others are as the file says\n"
    assert (again.err, again.value) == (told, first.value)
    shown = assay("system", "show", SYSTEM, "--format", "json").value
    assert shown["releases"][-1]["release"]["version"] == "2.0.0"
    assert [one["system"]["id"] for one in shown["history"]] == [SYSTEM]
    (listed,) = assay("system", "list", "--format", "json").value
    assert (listed["system"], listed["version"]) == (SYSTEM, 1)
    refused(assay("system", "add", "system.yaml", inside=tmp_path), 2, "not-allowed")
    person = ("system", "release", "system.yaml", "--person", "ann")
    refused(assay(*person, inside=tmp_path), 2, "option-not-for-server")
    refused(assay("system", "show", "nobody"), 2, "system-unknown")


def test_a_person_registers_a_system_with_releases_that_wait_for_each_other(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path / 'served.db'}"
    upgrade_database(database)
    key = new_secret()
    with writing(database, now, _quiet) as work:
        create_key(work, Wanted("ann", "person", [Role.ADMIN]), key, person="ann")
    with a_service(database) as service, served(create_app(service)) as url:
        monkeypatch.setenv("ASSAY_API_KEY", key)
        words = ("system", "add", example / "system.yaml", "--server", url, "--format", "json")
        done = assay(*words)
        mine = ("system", "add", example / "system.yaml", "--format", "json")
        local = assay(*mine, "--database", f"sqlite:///{tmp_path / 'mine.db'}")
    assert (done.code, done.err.strip()) == (0, "4 of 4 were new to the server")
    assert done.value["system"] == local.value["system"]
    assert [one["release"] for one in done.value["releases"]] == [
        one["release"] for one in local.value["releases"]
    ]


def test_a_key_that_nobody_made_opens_nothing(
    pipeline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_API_KEY", new_secret())
    done = _submitted(pipeline, SOUND)
    refused(done, 2, "not-authenticated")
