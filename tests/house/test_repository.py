"""What is committed: nothing of one machine, and nothing secret."""

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest

import assaybook

BINARY: Final = {".pdf", ".png", ".ttf", ".otf", ".woff2", ".db", ".parquet", ".pkl", ".gz", ".zip"}
THIS_FILE: Final = "tests/house/test_repository.py"
REFUSED: Final = {
    "a path of one machine": re.compile(
        r"(?<![\w.~$}*/-])/(?:work|root|home/[a-z][\w-]*|Users/[A-Za-z][\w-]*)/[\w.]"
    ),
    "an address of a package index": re.compile(
        r"(?:extra-)?index-url\s*=?\s*\S*://|^--(?:extra-)?index-url|https?://[\w.-]+/simple\b",
        re.MULTILINE,
    ),
    "a host of a private network": re.compile(
        r"https?://[\w.-]+\.(?:internal|intranet|corp|lan)\b"
    ),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a conflict marker": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}


@pytest.fixture(scope="module")
def committed(checkout: Path) -> list[str]:
    """Return the paths that git keeps."""
    git = shutil.which("git")
    if git is None or not (checkout / ".git").exists():
        pytest.skip("not a git checkout: there is no list of committed files")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=checkout, check=True, capture_output=True, text=True
    )
    return [name for name in listed.stdout.split("\0") if name and (checkout / name).is_file()]


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_of_one_machine_and_nothing_secret_is_committed(
    what: str, committed: list[str], checkout: Path
) -> None:
    found: list[str] = []
    for name in committed:
        path = checkout / name
        if path.suffix in BINARY or name == THIS_FILE:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0].strip()}"
            for hit in REFUSED[what].finditer(text)
        ]
    assert found == [], f"{what} is committed"


def test_no_file_name_hides_from_a_search(committed: list[str]) -> None:
    assert [name for name in committed if not re.fullmatch(r"[\w./@+-]+", name)] == []


def test_the_version_is_the_same_wherever_it_is_said(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == assaybook.__version__ == version("assaybook")


def test_the_changelog_begins_with_what_is_not_released_yet(checkout: Path) -> None:
    headings = re.findall(
        r"^## \[(.+?)\]", (checkout / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert headings[0] == "Unreleased"


def test_every_decision_record_names_what_enforces_it(checkout: Path) -> None:
    records = sorted((checkout / "docs" / "decisions").glob("[0-9]*.md"))
    assert records
    lacking = [
        (record.name, part)
        for record in records
        for part in ("Context", "Decision", "Consequences", "Alternatives", "Enforced by")
        if f"## {part}" not in record.read_text(encoding="utf-8")
    ]
    assert lacking == []


def test_every_check_that_a_decision_record_names_exists(checkout: Path) -> None:
    named = {
        path
        for record in (checkout / "docs" / "decisions").glob("[0-9]*.md")
        for path in re.findall(r"`(tests/[\w/.]+)`", record.read_text(encoding="utf-8"))
    }
    assert named
    assert [path for path in sorted(named) if not (checkout / path).exists()] == []
