"""``assay trust key``: no key is made for a name that the trust file would refuse."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assaybook.cli.assembly import assembled


@pytest.mark.parametrize("person", ["Jonas Weber", "jonas: weber", ""])
def test_a_name_that_no_trust_file_takes_gets_no_key(person: str, tmp_path: Path) -> None:
    file = tmp_path / "jonas.pem"
    words = ["trust", "key", "--person", person, "-o", str(file)]
    done = CliRunner().invoke(assembled(words), words)
    assert (done.exit_code, done.stdout, file.exists()) == (2, "", False)
    assert "--person" in done.stderr
