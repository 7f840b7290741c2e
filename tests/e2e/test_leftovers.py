"""What a server writes for a moment does not stay, however a process of it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from support.serving import admin_key, serving


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Return the folder of temporary files of the servers of a test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def _awaited(true: Callable[[], object]) -> None:
    latest = time.monotonic() + 60
    while not true():
        assert time.monotonic() < latest
        time.sleep(0.02)


def _workers(process: "subprocess.Popen[str]") -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(one) for one in children.read_text().split()]


def _pack_begun(url: str, headers: dict[str, str], temporary: Path) -> Path:
    """Ask for a pack, and return the folder in which it is laid out."""
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:
        client.put("/v1/systems/s", json={}).raise_for_status()
        client.put("/v1/systems/s/releases/1", json={}).raise_for_status()
        client.post("/v1/packs", json={"system": "s", "release": "1"}).raise_for_status()
    _awaited(lambda: list(temporary.rglob("assay-pdf-*")))
    return next(temporary.rglob("assay-pdf-*"))


def test_nothing_stays_of_a_process_that_was_killed_nor_of_a_server_that_was_stopped(
    tmp_path: Path, temporary: Path
) -> None:
    database = tmp_path / "assay.db"
    with serving(database, "--workers", "2", TMPDIR=str(temporary)) as (process, url, _said):
        begun = _pack_begun(url, admin_key(database), temporary)
        died = _workers(process)
        for one in died:
            os.kill(one, signal.SIGKILL)
        _awaited(lambda: not begun.exists())
        _awaited(lambda: len(set(_workers(process)) - set(died)) == 2)
    assert list(temporary.iterdir()) == []


def test_a_server_that_is_stopped_while_it_makes_a_pack_leaves_nothing(
    tmp_path: Path, temporary: Path
) -> None:
    database = tmp_path / "assay.db"
    with serving(database, "--workers", "1", TMPDIR=str(temporary)) as (_process, url, _said):
        _pack_begun(url, admin_key(database), temporary)
    assert list(temporary.iterdir()) == []


def test_what_a_killed_server_leaves_is_removed_by_the_next_and_nothing_of_one_that_runs(
    tmp_path: Path, temporary: Path
) -> None:
    other = temporary / "assay-serve-of-nobody-known"
    other.mkdir()
    environment = {"TMPDIR": str(temporary)}
    with serving(tmp_path / "a.db", "--workers", "2", **environment) as (killed, _url, _said):
        first = set(temporary.iterdir())
        workers = _workers(killed)
        killed.kill()
        killed.wait(10)
        _awaited(lambda: not any(Path(f"/proc/{one}").exists() for one in workers))
    assert set(temporary.iterdir()) == first
    with serving(tmp_path / "b.db", "--workers", "2", **environment):
        second = set(temporary.iterdir())
        assert second & first == {other}
        with serving(tmp_path / "c.db", "--workers", "1", **environment):
            assert second < set(temporary.iterdir())
        assert set(temporary.iterdir()) == second
    assert set(temporary.iterdir()) == {other}


def test_a_command_that_a_pipeline_cancels_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    words = [sys.executable, "-m", "assaybook", "demo", "--out", str(tmp_path / "demo")]
    environment = {**os.environ, "TMPDIR": str(temporary), "ASSAY_CACHE": "off"}
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        _awaited(lambda: list(temporary.rglob("assay-pdf-*")))
        process.terminate()
        assert process.stderr is not None
        said = process.stderr.read().splitlines()
    # Where it was defining a class, Python itself makes of it an end by SIGINT: no verdict either.
    assert process.returncode in {143, -signal.SIGINT}
    assert said[-1] == "stopped by SIGTERM"
    assert list(temporary.iterdir()) == []
