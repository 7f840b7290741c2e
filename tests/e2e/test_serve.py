"""``assay serve`` as an operator runs it: it starts or says why not, and goes when told to."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from assaybook.store.engine import open_engine
from assaybook.store.evidence import count_evidence
from assaybook.store.unit_of_work import Reading
from support.api_use import EVIDENCE, a_report

ASSAY = (sys.executable, "-m", "assaybook")
_SERVING = "serving on "


def _run(*arguments: str, database: Path) -> "subprocess.CompletedProcess[str]":
    command = (*ASSAY, *arguments, "--database", f"sqlite:///{database}")
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def _serving(database: Path) -> Generator["tuple[subprocess.Popen[str], str, list[str]]"]:
    """Start a server on a free port; yield the process, its address, and what it says."""
    command = (*ASSAY, "serve", "--port", "0", "--database", f"sqlite:///{database}")
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if line.startswith(_SERVING):
            break
    rest = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
    rest.start()
    try:
        yield process, said[-1].removeprefix(_SERVING).split()[0], said
    finally:
        process.kill()
        process.wait(10)
        rest.join(10)
        process.stderr.close()


def _key(database: Path) -> dict[str, str]:
    made = _run(
        "key", "create", "--name", "ci", "--kind", "person", "--role", "admin", database=database
    )
    assert made.returncode == 0, made.stderr
    return {"Authorization": f"Bearer {made.stdout.strip()}"}


@pytest.mark.slow
def test_a_new_file_is_made_and_told_and_sigterm_under_load_drops_nothing_accepted(
    tmp_path: Path,
) -> None:
    database = tmp_path / "assay.db"
    with _serving(database) as (process, url, said):
        assert any(line.startswith("made the database") for line in said)
        headers = _key(database)
        acknowledged: list[str] = []
        dropped: list[str] = []

        def post(caller: int) -> None:
            with httpx.Client(base_url=url, headers=headers, timeout=20) as client:
                for turn in range(10_000):
                    try:
                        answer = client.post(EVIDENCE, content=a_report(f"{caller}-{turn}"))
                    except httpx.ConnectError:
                        return
                    except httpx.RemoteProtocolError as error:
                        # Closed between requests: nothing of this one was taken.
                        dropped.append(str(error))
                        return
                    except httpx.ReadError:
                        return
                    if answer.status_code == 201:
                        acknowledged.append(answer.json()["accepted"][0]["evidence"])

        with httpx.Client(base_url=url, headers=headers) as client:
            client.put("/v1/systems/s", json={}).raise_for_status()
            client.put("/v1/systems/s/releases/1", json={}).raise_for_status()
        threads = [threading.Thread(target=post, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        while len(acknowledged) < 50:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        for thread in threads:
            thread.join(30)
    engine = open_engine(f"sqlite:///{database}")
    with Reading(engine) as reading:
        recorded = count_evidence(reading)
    engine.dispose()
    assert len(set(acknowledged)) == len(acknowledged)
    # What was recorded was acknowledged, but for a connection that closed under an answer.
    assert len(acknowledged) <= recorded <= len(acknowledged) + len(dropped)


def test_a_server_says_why_it_does_not_start(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database")
    refused = _run("serve", "--port", "0", database=file)
    assert refused.returncode == 2
    assert "error[database-damaged]" in refused.stderr
    with _serving(tmp_path / "assay.db") as (_process, url, _said):
        port = url.rpartition(":")[2]
        taken = _run("serve", "--port", port, database=tmp_path / "other.db")
    assert taken.returncode == 2
    assert "error[address-unusable]" in taken.stderr
