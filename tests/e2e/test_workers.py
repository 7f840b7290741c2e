"""Several processes that serve one address are one server to whoever asks it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from support.api_use import EVIDENCE, a_report
from support.serving import admin_key, serving

_WORKERS = 3
_SEVERAL = ("--workers", str(_WORKERS))


class Server:
    """A server of three processes, and how an administrator asks it."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, headers: dict[str, str]) -> None:
        self.process = process
        self.url = url
        self.headers = headers

    def asked(self, method: str, path: str, **more: object) -> httpx.Response:
        """Ask on a connection of its own, which another process answers than the one before."""
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=30) as client:
            return client.request(method, path, **more)  # type: ignore[arg-type]


def _workers(process: "subprocess.Popen[str]") -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(one) for one in children.read_text().split()]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """Start a server with the release 1 of the system s registered."""
    database = tmp_path_factory.mktemp("workers") / "assay.db"
    with serving(database, *_SEVERAL) as (process, url, _said):
        server = Server(process, url, admin_key(database))
        server.asked("PUT", "/v1/systems/s", json={}).raise_for_status()
        server.asked("PUT", "/v1/systems/s/releases/1", json={}).raise_for_status()
        yield server


def test_what_one_process_recorded_all_of_them_know_and_equal_posts_are_one_record(
    server: Server,
) -> None:
    def post(_turn: int) -> httpx.Response:
        return server.asked("POST", EVIDENCE, content=a_report("equal"))

    with ThreadPoolExecutor(12) as callers:
        answers = list(callers.map(post, range(30)))
    assert sorted({one.status_code for one in answers}) == [200, 201]
    assert [one.status_code for one in answers].count(201) == 1
    lists = [server.asked("GET", "/v1/evidence?system=s").json() for _turn in range(_WORKERS)]
    assert [len(one["items"]) for one in lists] == [1] * _WORKERS


def test_requests_with_one_key_are_done_once_whichever_process_they_come_to(
    server: Server,
) -> None:
    once = {"Idempotency-Key": "one-assessment", **server.headers}
    wanted = {"system": "s", "release": "1"}

    def post(_turn: int) -> httpx.Response:
        return server.asked("POST", "/v1/assessments", json=wanted, headers=once)

    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(post, range(6)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert [one.headers.get("idempotency-replayed") for one in answers].count("true") == 5


def test_a_revoked_key_opens_nothing_in_any_process_from_then_on(server: Server) -> None:
    wanted = {"name": "lost", "kind": "person", "roles": ["auditor"], "days": 1}
    made = server.asked("POST", "/v1/keys", json=wanted).json()
    lost = {"Authorization": f"Bearer {made['text']}"}
    before = [server.asked("GET", "/v1/systems", headers=lost) for _turn in range(2 * _WORKERS)]
    assert {one.status_code for one in before} == {200}
    ended = server.asked(
        "POST", f"/v1/keys/{made['key']['id']}/revoke", json={"reason": "lost laptop"}
    )
    assert ended.status_code == 200
    after = [server.asked("GET", "/v1/systems", headers=lost) for _turn in range(2 * _WORKERS)]
    assert {one.status_code for one in after} == {401}


def _counted(text: str) -> float:
    mine = 'assay_http_requests_total{method="GET",route="/v1/health",status="200"} '
    return next(float(line.removeprefix(mine)) for line in text.splitlines() if mine in line)


def test_figures_are_those_of_all_processes_and_stay_when_one_dies(server: Server) -> None:
    for _turn in range(4 * _WORKERS):
        server.asked("GET", "/v1/health")
    assert _counted(server.asked("GET", "/metrics").text) == 4 * _WORKERS
    died = _workers(server.process)[0]
    os.kill(died, signal.SIGKILL)
    while died in _workers(server.process) or len(_workers(server.process)) < _WORKERS:
        time.sleep(0.02)
    for _turn in range(2 * _WORKERS):
        assert server.asked("GET", "/v1/health").status_code == 200
    assert _counted(server.asked("GET", "/metrics").text) == 6 * _WORKERS


def test_a_caller_has_one_allowance_for_all_and_nobody_serves_without_the_door(
    tmp_path: Path,
) -> None:
    database = tmp_path / "assay.db"
    with serving(database, *_SEVERAL, ASSAY_RATE="12") as (process, url, _said):
        server = Server(process, url, admin_key(database))
        answers = [server.asked("GET", "/v1/whoami").status_code for _turn in range(20)]
        assert 12 <= answers.count(200) <= 16
        assert answers.count(200) + answers.count(429) == 20
        workers = _workers(process)
        process.kill()
        process.wait(10)
        latest = time.monotonic() + 20
        while any(Path(f"/proc/{one}").exists() for one in workers):
            assert time.monotonic() < latest
            time.sleep(0.02)
        place = urlsplit(url)
        with socket.create_server((str(place.hostname), int(place.port or 0))):
            pass  # nobody holds the address any more
