"""The rules of the guide for authors, as they stand there: sound, and proven by their cases."""

from pathlib import Path

import pytest

from support.commands import assay
from support.guides import blocks


@pytest.fixture(scope="module")
def written(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every file that the guide shows."""
    folder = tmp_path_factory.mktemp("author")
    for block in blocks(checkout / "docs" / "guides" / "policy-author.md", "yaml"):
        name = block.text.partition("\n")[0].removeprefix("# ")
        path = folder / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    return folder


def test_the_rules_of_the_guide_have_neither_problems_nor_warnings(written: Path) -> None:
    done = assay("policy", "lint", "policies", inside=written)
    assert (done.code, done.err.splitlines()[0]) == (0, "6 files read, 0 problems, 0 warnings")


def test_the_cases_of_the_guide_hold_and_notice_every_small_fault(written: Path) -> None:
    done = assay("policy", "test", "policies", "--mutate", inside=written)
    assert done.code == 0, done.out
    assert done.out.count("noticed (100%)") == 2, done.out
    survived = [line for line in done.out.splitlines() if "survived" in line]
    assert len(survived) == 1, done.out  # answers to another policy stand in no case
