"""A pipeline's day over HTTP, in the words of the README."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from support.answering import free_port
from support.example import SOUND
from support.guides import Shown, blocks

_WAIT_SECONDS: Final = 240
CURL: Final = shutil.which("curl")


@pytest.fixture
def reader(example: Path, tmp_path: Path) -> Path:
    """Return the folder of a reader who has a model and what the tools wrote about it."""
    folder = tmp_path / "work"
    for part in ("evidence", "artifacts"):
        shutil.copytree(example / "releases" / SOUND / part, folder / part)
    (folder / "bin").mkdir()
    command = folder / "bin" / "assay"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m assaybook "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder


def _script(shown: Shown, database: str) -> str:
    """Return the day as it is written, on a free port and over another database."""
    script = shown.text.replace("8321", str(free_port()))
    assert script.count("sqlite:///$PWD/assay.db") == 1
    return script.replace("sqlite:///$PWD/assay.db", database)


def _run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a shell of a person does, and wait for what it began."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    return subprocess.run(
        ["/bin/bash", "-eum", "-o", "pipefail", "-c", f"{script}\nwait"],
        cwd=folder,
        env=clean | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=_WAIT_SECONDS,
    )


@pytest.mark.slow
@pytest.mark.skipif(CURL is None, reason="there is no curl here, which the README speaks")
def test_the_day_of_the_readme_ends_with_an_audit_pack_on_either_database(
    empty_database: str, reader: Path, checkout: Path
) -> None:
    (shown,) = blocks(checkout / "README.md", "sh")
    done = _run(_script(shown, empty_database), reader)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (reader / "pack.pdf").read_bytes().startswith(b"%PDF-")
    assert '<testcase classname="gate"' in (reader / "assay.xml").read_text(encoding="utf-8")
    assert re.search(r'"verdict":"(fail|inconclusive)","exit":[13],', done.stdout)
    assert '"state":"done"' in done.stdout
