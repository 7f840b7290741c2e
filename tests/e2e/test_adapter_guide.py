"""The adapter that the guide makes is one: it is published, found, tested and read as it says."""

import importlib.metadata
import json
import tomllib
from pathlib import Path

import pytest

from assaybook.domain.canonical import digest_of
from assaybook.domain.subject import Release, System
from assaybook.service.register_system import register_release, register_system
from assaybook.service.store_access import writing
from assaybook.settings import now
from support.commands import Done, assay_process
from support.guides import blocks, commands


@pytest.fixture(scope="module")
def maker(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a maker who typed what the guide shows, with the package installed."""
    folder = tmp_path_factory.mktemp("maker")
    page = checkout / "docs" / "guides" / "adapters.md"
    for block in blocks(page, "python"):
        name = block.text.splitlines()[0].removeprefix("# ")
        (folder / name).write_text(block.text, encoding="utf-8")
    (shown,) = blocks(page, "json")
    (folder / "review.json").write_text(shown.text, encoding="utf-8")
    (block,) = blocks(page, "toml")
    project = tomllib.loads(block.text)["project"]
    installed = folder / f"ward_review-{project['version']}.dist-info"
    installed.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (installed / "METADATA").write_text(metadata, encoding="utf-8")
    points = project["entry-points"]["assaybook.adapters"]
    lines = [f"{name} = {value}\n" for name, value in points.items()]
    (installed / "entry_points.txt").write_text(
        f"[assaybook.adapters]\n{''.join(lines)}", encoding="utf-8"
    )
    return folder


def _run(maker: Path, *words: str, python: tuple[str, ...] = ("-m", "assaybook")) -> Done:
    return assay_process(
        *words, inside=maker, python=python, environment={"PYTHONPATH": str(maker)}
    )


def test_the_tests_that_the_guide_shows_pass(maker: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", str(maker), "test_ward_review.py")
    done = _run(maker, *options, python=("-m", "pytest"))
    assert "4 passed" in done.out, done.streams


def test_every_command_that_the_guide_shows_runs(maker: Path, checkout: Path) -> None:
    shown = commands(checkout / "docs" / "guides" / "adapters.md")
    assert len(shown) >= 2
    for one in shown:
        done = _run(maker, *one.words)
        assert done.code == 0, f"{one.line}: {one.text}\n{done.err}"


def test_the_adapter_of_the_guide_is_listed_with_the_package_that_it_comes_from(
    maker: Path,
) -> None:
    listed = {
        one["name"]: one for one in _run(maker, "evidence", "adapters", "--format", "json").value
    }
    said = listed["ward-review"]
    assert (said["from"], said["facts"]) == ("ward-review 1.0", ["review"])
    assert "Notes of nurses are not read." in said["about"]
    assert said["recognised"] == "Recognise the name of the tool."
    assert listed["mlflow"]["from"] == "Assaybook"


def test_what_the_guide_shows_is_read_as_it_says(maker: Path) -> None:
    (read,) = _run(maker, "evidence", "read", "review.json", "--format", "json").value
    assert read["detected"]["format"] == "ward-review"
    assert [fact["pointer"] for fact in read["facts"]] == ["/reviews/0", "/reviews/1"]
    assert read["coverage"][0]["skipped_items"] == ["r-3"]
    assert read["envelope"]["redactions"] == ["note: 2"]
    assert read["envelope"]["blob"] == digest_of((maker / "review.json").read_bytes())


def test_what_the_guide_says_is_never_kept_is_not_in_the_store(maker: Path) -> None:
    store = f"sqlite:///{maker / 'ward.db'}"
    with writing(store, now, lambda _words: None) as work:
        register_system(work, System(id="ward"))
        register_release(work, "ward", Release(version="1"))
    about = ("--system", "ward", "--release", "1", "--database", store)
    assert _run(maker, "submit", "review.json", *about).code == 0
    held = b"".join(one.read_bytes() for one in maker.glob("ward.db*"))
    assert b"overruled" in held
    assert b"patient was worse" in (maker / "review.json").read_bytes()
    assert b"patient was worse" not in held


def test_a_malformed_rule_is_told_with_its_place_wherever_the_adapter_is_used(maker: Path) -> None:
    whole = (maker / "ward_review.py").read_text(encoding="utf-8")
    wrong = whole.replace('("reviews", "*", "note")', '"reviews/*/note"')
    assert wrong != whole
    (maker / "ward_review.py").write_text(wrong, encoding="utf-8")
    try:
        done = _run(maker, "evidence", "read", "review.json")
    finally:
        (maker / "ward_review.py").write_text(whole, encoding="utf-8")
    assert done.code != 0
    assert "redaction-rule-invalid" in done.err
    assert "ward_review:WardReview redactions[0].path" in done.err
    assert "Traceback" not in done.err


def test_a_later_version_of_the_tool_is_refused_by_name(maker: Path) -> None:
    document = json.loads((maker / "review.json").read_text(encoding="utf-8"))
    (maker / "later.json").write_text(json.dumps({**document, "version": "3.0"}), encoding="utf-8")
    done = _run(maker, "evidence", "read", "later.json")
    assert done.code == 5
    assert "format-not-supported" in done.err


def test_nothing_of_the_guide_is_left_installed() -> None:
    names = {one.name for one in importlib.metadata.entry_points(group="assaybook.adapters")}
    assert "ward-review" not in names
