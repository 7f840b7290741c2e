"""``assay trust key``: whom it makes a key for, and how the next person joins the file."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assaybook.cli.assembly import assembled
from assaybook.language.document_trust import load_trust
from assaybook.language.source import read_text


@pytest.mark.parametrize("person", ["Jonas Weber", "jonas: weber", ""])
def test_a_name_that_no_trust_file_takes_gets_no_key(person: str, tmp_path: Path) -> None:
    file = tmp_path / "jonas.pem"
    words = ["trust", "key", "--person", person, "-o", str(file)]
    done = CliRunner().invoke(assembled(words), words)
    assert (done.exit_code, done.stdout, file.exists()) == (2, "", False)
    assert "--person" in done.stderr


def test_a_second_person_joins_the_file_by_the_command_that_is_told(
    tmp_path: Path,
) -> None:
    file = tmp_path / "trust.yaml"
    for person in ("mara", "jonas"):
        words = ["trust", "key", "--person", person, "-o", str(tmp_path / f"{person}.pem")]
        done = CliRunner().invoke(assembled(words), words)
        if not file.exists():
            file.write_text(done.stdout, encoding="utf-8")
            continue
        told = done.stderr.splitlines()[-1].partition(": assay ")[2].replace("FILE", str(file))
        joined = CliRunner().invoke(assembled(shlex.split(told)), shlex.split(told))
        assert joined.exit_code == 0, joined.stderr
    people = load_trust(read_text(file.read_text(encoding="utf-8"), "trust.yaml")).persons
    assert [(one.id, one.roles) for one in people] == [
        ("mara", ("release-approver",)),
        ("jonas", ("release-approver",)),
    ]
