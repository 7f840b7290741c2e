"""A newcomer's first repository and first policy work before anything is changed in them."""

import json
from pathlib import Path

import pytest

from support.commands import assay, refused
from support.guides import commands


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    done = assay("init", "rules", inside=tmp_path)
    assert done.code == 0
    return tmp_path / "rules"


def test_a_new_repository_is_clean_tried_out_and_judges_its_evidence(repository: Path) -> None:
    linted = assay("policy", "lint", "policies", inside=repository)
    assert (linted.code, "0 warnings" in linted.err) == (0, True)
    tried = assay(
        "policy",
        "test",
        "policies",
        "--coverage",
        "--mutate",
        "--format",
        "json",
        inside=repository,
    )
    assert tried.code == 0
    (found,) = json.loads(tried.out)
    assert found["mutants"]["survivors"] == []
    assert all(not clause["lacking"] for clause in found["clauses"])
    judged = assay(
        "check", "evidence", "--policies", "policies", "--system", "system.yaml", inside=repository
    )
    assert judged.code == 0


def test_every_command_of_its_readme_runs_as_it_is_written(repository: Path) -> None:
    said = commands(repository / "README.md")
    assert len(said) >= 5
    for one in (each for each in said if len(each.words) > 1):
        words = [{"AREA.NAME": "privacy.scan"}.get(word, word) for word in one.words]
        done = assay(*words, inside=repository)
        assert done.code == 0, f"{one.text}\n{done.err}"
    assert (repository / "site" / "privacy.scan.html").is_file()


def test_its_workflow_and_hooks_run_the_commands_of_its_readme(repository: Path) -> None:
    workflow = (repository / ".github" / "workflows" / "policies.yml").read_text(encoding="utf-8")
    hooks = (repository / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    readme = (repository / "README.md").read_text(encoding="utf-8")
    for command in ("assay policy lint policies", "assay policy test policies"):
        assert command in workflow
        assert command in hooks
        assert command in readme


def test_a_new_policy_loads_and_holds_its_cases(repository: Path) -> None:
    made = assay("policy", "new", "fairness.gap", inside=repository)
    assert made.out.splitlines() == [
        "policies/fairness/gap.cases.yaml",
        "policies/fairness/gap.md",
        "policies/fairness/gap.yaml",
    ]
    assert assay("policy", "lint", "policies", inside=repository).code == 0
    assert assay("policy", "test", "policies", inside=repository).code == 0


def test_a_new_policy_that_nobody_has_filled_is_said_to_be_unfinished(repository: Path) -> None:
    assert assay("policy", "new", "fairness.gap", inside=repository).code == 0
    linted = assay("policy", "lint", "policies", "--format", "json", inside=repository)
    unfinished = [one for one in linted.value["warnings"] if one["code"] == "words-unfilled"]
    assert {one["message"] for one in unfinished} == {
        "nobody has written this yet: <what must be true>",
        "nobody has written this yet: <why it matters, and who decided it>",
        "nobody has written this yet: <what to do when it fails>",
    }


def test_nothing_of_a_person_is_written_over(repository: Path) -> None:
    mine = repository / "policies" / "quality" / "accuracy.yaml"
    mine.write_text("mine", encoding="utf-8")
    refused(assay("init", ".", inside=repository), 2, "file-exists")
    refused(assay("policy", "new", "quality.accuracy", inside=repository), 2, "file-exists")
    assert mine.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["Bad", "one", "../up.down", "a..b", "a.b/c"])
def test_an_id_that_no_policy_can_have_is_refused(tmp_path: Path, name: str) -> None:
    refused(assay("policy", "new", name, inside=tmp_path), 2, "policy-id-invalid")
    assert list(tmp_path.iterdir()) == []
