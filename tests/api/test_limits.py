"""How much, how long and how often: every bound is told by its own name, and costs nobody else."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from assaybook.api.problems import RateLimitedError
from assaybook.api.rates import Rates
from assaybook.store.unit_of_work import Reading
from support.api import Caller, calling, headers_of, served
from support.api_use import EVIDENCE, a_report, a_server, code, problem
from support.stores import count_evidence


def _raw(url: str, *parts: bytes, wait: float = 0.0) -> bytes:
    """Send bytes over a socket of their own, and return all that is answered."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as line:
        answer = b""
        with suppress(OSError):  # the server may have hung up before all was sent
            for part in parts:
                line.sendall(part)
                time.sleep(wait)
            line.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while some := line.recv(65536):
                answer += some
        return answer


def _head(caller: Caller, length: int | None) -> bytes:
    key = headers_of(caller.service)["Authorization"]
    said = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"POST {EVIDENCE} HTTP/1.1\r\nHost: t\r\nAuthorization: {key}\r\n{said}\r\n\r\n".encode()


def _recorded(caller: Caller) -> int:
    with Reading(caller.service.engine) as reading:
        return count_evidence(reading)


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(database: str) -> None:
    with a_server(database, max_body=2000) as caller:
        answer = caller.post(EVIDENCE, content=b" " * 2001)
        assert code(answer, 413) == "body-too-large"
        assert caller.post(EVIDENCE, content=a_report()).status_code == 201
        odd = caller.post(EVIDENCE, content=b"x", headers={"Content-Length": "many"})
        assert code(odd, 413) == "body-too-large"


def test_a_body_that_grows_too_large_on_the_way_is_refused(sqlite_database: str) -> None:
    def endless() -> Iterator[bytes]:
        for _turn in range(10_000):
            yield b" " * 1000

    with a_server(sqlite_database, max_body=5000) as caller, served(caller.app) as url:
        headers = headers_of(caller.service)
        with httpx.Client(base_url=url, headers=headers) as client:
            answer = client.post(EVIDENCE, content=endless())
        assert code(answer, 413) == "body-too-large"
        assert answer.headers["connection"] == "close"
        assert _recorded(caller) == 0


def test_a_body_that_does_not_arrive_in_time_is_refused_and_holds_nobody_up(
    sqlite_database: str,
) -> None:
    with a_server(sqlite_database, body_seconds=0.3) as caller, served(caller.app) as url:
        head = _head(caller, 1000)
        answer = _raw(url, head, b"{", b'"a"', b": ", wait=0.2)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"code": "body-timeout"' in answer
        with httpx.Client(base_url=url, headers=headers_of(caller.service)) as client:
            assert client.post(EVIDENCE, content=a_report()).status_code == 201
        assert _recorded(caller) == 1


@pytest.mark.parametrize("length", [5000, None], ids=["counted", "chunked"])
def test_a_body_that_is_cut_off_records_nothing(sqlite_database: str, length: int | None) -> None:
    with a_server(sqlite_database) as caller, served(caller.app) as url:
        body = a_report() if length else b"%x\r\n%b\r\n" % (len(a_report()), a_report())
        _raw(url, _head(caller, length) + body)
        with httpx.Client(base_url=url) as client:
            assert client.get("/v1/health").status_code == 200
        assert _recorded(caller) == 0


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"\x16\x03\x01\x02\x00 hello", id="another protocol"),
        pytest.param(b"GET /v1/health HTTP/9.9\r\n\r\n", id="another version"),
        pytest.param(
            b"GET /v1/health HTTP/1.1\r\nHost: t\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
            id="a very long header",
        ),
        pytest.param(
            b"POST /v1/health HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="two lengths",
        ),
    ],
)
def test_what_is_no_http_stops_nobody(sqlite_database: str, raw: bytes) -> None:
    with calling(sqlite_database) as caller, served(caller.app) as url:
        assert b" 200 " not in _raw(url, raw)[:20]
        with httpx.Client(base_url=url) as client:
            assert client.get("/v1/health").status_code == 200


def test_headers_that_do_not_end_are_hung_up_on(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.api.protocol.SECONDS", 0.2)
    with calling(sqlite_database) as caller, served(caller.app) as url:
        assert _raw(url, b"GET /v1/health HTTP/1.1\r\nHost: t\r\n", b"", wait=0.3) == b""
        assert _raw(url, b"", wait=0.3) == b""
        endless = (b"X: " if turn == 0 else b"a" * 30_000 for turn in range(9))
        long = _raw(url, b"GET / HTTP/1.1\r\n", *endless, wait=0.01)
        assert long == b"" or long.startswith(b"HTTP/1.1 400 ")
        with httpx.Client(base_url=url) as client:
            assert client.get("/v1/health").status_code == 200
            assert client.get("/v1/health").status_code == 200


def test_a_caller_that_asks_too_often_is_told_when_to_come_back(sqlite_database: str) -> None:
    with a_server(sqlite_database, rate=5) as caller:
        answers = [caller.get("/v1/systems") for _turn in range(5)]
        refused = answers[-1]
        assert [one.status_code for one in answers[:3]] == [200, 200, 200]
        assert code(refused, 429) == "rate-limited"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        other = headers_of(caller.service, name="other")
        assert caller.get("/v1/systems", headers=other).status_code == 200


def test_an_address_that_no_key_answers_for_is_slowed_down(sqlite_database: str) -> None:
    with calling(sqlite_database, headers={}, rate=3) as caller:
        answers = [caller.get("/v1/systems") for _turn in range(4)]
        assert [one.status_code for one in answers] == [401, 401, 401, 429]
        assert answers[0].headers["www-authenticate"].startswith("Bearer")
        assert code(answers[3], 429) == "rate-limited"


def test_a_bucket_fills_up_with_time_and_never_beyond_its_size() -> None:
    seconds = [0.0]
    rates = Rates(60, lambda: seconds[0])
    for _turn in range(60):
        rates.refuse_spent("a")
        rates.charge("a")
    with pytest.raises(RateLimitedError) as refused:
        rates.refuse_spent("a")
    assert refused.value.retry_after == 1
    seconds[0] += 2
    for _turn in range(2):
        rates.refuse_spent("a")
        rates.charge("a")
    with pytest.raises(RateLimitedError):
        rates.refuse_spent("a")
    seconds[0] += 10_000
    for _turn in range(60):
        rates.refuse_spent("a")
        rates.charge("a")
    with pytest.raises(RateLimitedError):
        rates.refuse_spent("a")


def test_as_many_callers_as_there_are_take_no_more_memory_and_the_last_are_remembered() -> None:
    rates = Rates(1)
    for number in range(40_000):
        rates.charge(str(number))
    for number in range(39_900, 40_000):
        with pytest.raises(RateLimitedError):
            rates.refuse_spent(str(number))
    forgotten = 0
    for number in range(1000):
        with suppress(RateLimitedError):
            rates.refuse_spent(str(number))
            forgotten += 1
    assert forgotten > 900


_SIDE_BY_SIDE = """
import os, time
from assaybook.api.rates import Rates
rates = Rates(10**9)
rates.charge("a")
child = os.fork()
if not child:
    until = time.monotonic() + 0.7
    while time.monotonic() < until:
        rates.charge("a")
    os._exit(0)
while os.waitpid(child, os.WNOHANG) == (0, 0):
    rates.refuse_spent("a")
"""


def test_a_caller_that_one_process_counts_is_not_refused_by_another_that_looks_meanwhile() -> None:
    run = (sys.executable, "-c", _SIDE_BY_SIDE)
    subprocess.run(run, check=True, timeout=30)


def test_a_problem_says_what_where_and_what_to_do(sqlite_database: str) -> None:
    with calling(sqlite_database) as caller:
        found = problem(caller.get("/v1/systems", params={"limit": "x"}), 422)
    assert found["code"] == "request-invalid"
    assert found["where"] == "query/limit"
    assert found["instance"] == "/v1/systems"
