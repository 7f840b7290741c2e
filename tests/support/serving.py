"""``assay serve`` in processes of its own, as an operator starts it."""

import os
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ASSAY = (sys.executable, "-m", "assaybook")
_SERVING = "serving on "


def assay(*arguments: str, database: Path) -> "subprocess.CompletedProcess[str]":
    command = (*ASSAY, *arguments, "--database", f"sqlite:///{database}")
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def serving(
    database: Path, *arguments: str, **environment: str
) -> Generator["tuple[subprocess.Popen[str], str, list[str]]"]:
    """Start a server on a free port; yield the process, its address, and what it says."""
    command = (*ASSAY, "serve", "--port", "0", "--database", f"sqlite:///{database}", *arguments)
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if line.startswith(_SERVING):
            break
    # Before the thread below adds what the server says after it.
    address = said[-1].removeprefix(_SERVING).split()[0]
    rest = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
    rest.start()
    try:
        yield process, address, said
    finally:
        process.terminate()
        process.wait(15)
        rest.join(10)
        process.stderr.close()


def admin_key(database: Path) -> dict[str, str]:
    made = assay(
        "key", "create", "--name", "ci", "--kind", "person", "--role", "admin", database=database
    )
    assert made.returncode == 0, made.stderr
    return {"Authorization": f"Bearer {made.stdout.strip()}"}
