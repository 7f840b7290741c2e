"""What hostile callers do on the wire: they hold connections, and hide requests in one another."""

import shutil
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from support.api import calling, served

HEALTH = b"GET /v1/health HTTP/1.1\r\nHost: t\r\n"


@pytest.fixture(scope="module")
def url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("wire") / "assay.db"
    shutil.copy(sqlite_template, file)
    with calling(f"sqlite:///{file}") as caller, served(caller.app) as url:
        yield url


@contextmanager
def _line(url: str, wait: float = 10.0) -> Generator[socket.socket]:
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=wait) as line:
        yield line


def _all(line: socket.socket) -> bytes:
    answer = b""
    while some := line.recv(65536):
        answer += some
    return answer


def _go_on_sending(line: socket.socket) -> None:
    """Send for some seconds: the system ends a connection without a word, and says so then."""
    for _turn in range(100):
        line.send(b"G")
        time.sleep(0.2)


def test_who_was_answered_before_the_body_came_cannot_hold_the_connection(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.api.protocol.SECONDS", 0.3)
    head = b"POST /v1/keys HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n"
    with _line(url) as line:
        line.sendall(head)
        assert line.recv(65536).startswith(b"HTTP/1.1 401 ")
        began = time.monotonic()
        line.sendall(b"{")
        assert _all(line) == b""
        assert time.monotonic() - began < 5


def test_a_body_that_comes_after_its_answer_does_not_end_the_connection(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.api.protocol.SECONDS", 0.3)
    head = b"POST /v1/keys HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n"
    with _line(url) as line:
        line.sendall(head)
        assert line.recv(65536).startswith(b"HTTP/1.1 401 ")
        line.sendall(b"{}")
        time.sleep(0.6)
        line.sendall(HEALTH + b"Connection: close\r\n\r\n")
        assert _all(line).startswith(b"HTTP/1.1 200 ")


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux can be asked")
def test_who_reads_nothing_of_the_answers_is_hung_up_on(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assaybook.api.protocol.UNREAD", 500)
    with _line(url) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: t\r\n\r\n" * 40)
        with pytest.raises(ConnectionError):
            _go_on_sending(line)
        assert httpx.get(f"{url}/v1/health").status_code == 200


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(
            b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="both"
        ),
        pytest.param(b"Content-Length: 4\r\nContent-Length: 40\r\n\r\naaaa", id="two lengths"),
        pytest.param(b"Content-Length: 4\r\nContent-Length: 4\r\n\r\naaaa", id="one length twice"),
        pytest.param(b"Content-Length: 4, 4\r\n\r\naaaa", id="a list of lengths"),
        pytest.param(b"Content-Length: +4\r\n\r\naaaa", id="a signed length"),
        pytest.param(b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", id="unknown coding"),
        pytest.param(
            b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", id="coding not last"
        ),
        pytest.param(
            b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", id="a blank before the colon"
        ),
        pytest.param(b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", id="folded"),
        pytest.param(b"X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="a bare CR"),
        pytest.param(b"X: a\x00b\r\n\r\n", id="NUL"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n0\n\n", id="chunks with bare LF"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n", id="an odd size of a chunk"),
        pytest.param(
            b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n", id="a chunk too long"
        ),
    ],
)
def test_a_request_of_unsure_length_is_refused_and_what_follows_is_not_a_request(
    url: str, hidden: bytes
) -> None:
    with _line(url) as line:
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: t\r\n" + hidden + HEALTH + b"\r\n")
        answer = _all(line)
        assert b'"alive"' not in answer
        assert answer.count(b"HTTP/1.1 ") == 1


def test_requests_one_behind_the_other_are_answered_in_order(url: str) -> None:
    with _line(url) as line:
        inner = HEALTH + b"\r\n"
        refused = b"POST /v1/keys HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n" % len(inner)
        line.sendall(refused + inner + HEALTH + b"Connection: close\r\n\r\n")
        answer = _all(line)
        assert answer.count(b"HTTP/1.1 ") == 2
        assert answer.index(b"HTTP/1.1 401 ") < answer.index(b"HTTP/1.1 200 ")
