"""The command line as a person or a pipeline meets it: arguments in, code and streams out."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from typer.testing import CliRunner

from assaybook.cli.assembly import assembled

_WAIT_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind: its exit code, its data and its talk."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """Return stdout as JSON; anything beside the one value is an error."""
        return json.loads(self.out)

    @property
    def streams(self) -> str:
        """Return both streams, for what may stand in neither."""
        return self.out + self.err


def assay(*arguments: object, inside: Path | None = None) -> Done:
    """Run a command in this process, in the folder ``inside``.

    Raises:
        Exception: whatever the command lets through; a person would see a traceback.
    """
    words = list(map(str, arguments))
    with contextlib.chdir(inside or Path.cwd()):
        done = CliRunner().invoke(assembled(words), words, prog_name="assay")
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def assay_process(
    *arguments: object,
    inside: Path,
    python: tuple[str, ...] = ("-m", "assaybook"),
    environment: Mapping[str, str] | None = None,
    interpreter: Path | None = None,
) -> Done:
    """Run a command in a process of its own, in which nothing of this one is loaded.

    ``python`` are words for the interpreter before the arguments, by default our module.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    done = subprocess.run(
        [str(interpreter or sys.executable), *python, *map(str, arguments)],
        cwd=inside,
        env=clean | dict(environment or {}),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=_WAIT_SECONDS,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def refused(done: Done, exit_code: int, *codes: str) -> str:
    """Return what was said of a refusal, once it is one.

    It has its exit code, every code that is named, a place and no traceback.
    """
    assert (done.code, exit_code) == (exit_code, done.code), done.err
    assert done.code != 0
    for code in codes:
        assert f"error[{code}] " in done.err, done.err
    assert "Traceback" not in done.streams
    return done.err
