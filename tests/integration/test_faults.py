"""The scripts that break the server on purpose, for a few rounds: they run, and it holds."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FAULTS = Path(__file__).resolve().parents[2] / "bench" / "faults"


def _played(script: str, times: str) -> dict[str, Any]:
    command = (sys.executable, str(FAULTS / script), times)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    line: dict[str, Any] = json.loads(done.stdout)
    return line


@pytest.mark.slow
def test_a_killed_server_has_lost_nothing_that_it_acknowledged_and_doubled_nothing() -> None:
    line = _played("kill9.py", "2")
    assert line["kills"] == 2
    assert line["documents_sent"] == line["recorded"]
    assert (line["lost"], line["duplicates"], line["audit_faults"]) == (0, 0, [])


@pytest.mark.slow
def test_a_server_that_is_told_to_end_answers_all_that_was_sent_before() -> None:
    line = _played("sigterm.py", "2")
    assert line["times"] == 2
    assert sum(line["answered"].values()) > 0
    assert (line["dropped"], line["lost"], line["exit_codes"]) == (0, 0, {"0": 2})
