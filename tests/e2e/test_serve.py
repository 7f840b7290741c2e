"""``assay serve`` as an operator runs it: it starts or says why not, and goes when told to."""

import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from assaybook.store.engine import open_engine
from assaybook.store.unit_of_work import Reading
from support.api_use import EVIDENCE, a_report
from support.serving import admin_key, assay, serving
from support.stores import count_evidence


@pytest.mark.slow
def test_a_new_file_is_made_and_told_and_sigterm_under_load_drops_nothing_accepted(
    tmp_path: Path,
) -> None:
    database = tmp_path / "assay.db"
    with serving(database) as (process, url, said):
        assert any(line.startswith("made the database") for line in said)
        headers = admin_key(database)
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
    refused = assay("serve", "--port", "0", database=file)
    assert refused.returncode == 2
    assert "error[database-damaged]" in refused.stderr
    with serving(tmp_path / "assay.db") as (_process, url, _said):
        port = url.rpartition(":")[2]
        taken = assay("serve", "--port", port, database=tmp_path / "other.db")
    assert taken.returncode == 2
    assert "error[address-unusable]" in taken.stderr
