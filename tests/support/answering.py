"""A real server on the loopback that answers as it is told: for what a sound one seldom does."""

import socket
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; ``drop`` closes the line instead, ``drip`` waits between its bytes."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    drop: bool = False
    cut: bool = False
    drip_seconds: float = 0.0


@dataclass(slots=True)
class Asked:
    """What was asked, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Answering:
    """A server, its address, and what it was asked."""

    url: str
    asked: list[Asked]


@contextmanager
def answering(answers: Sequence[Answer]) -> Generator[Answering]:
    """Serve these answers in order; the last one again and again."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_words: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked.append(Asked(self.path, dict(self.headers.items()), body))
            _answer(self, answers[min(len(asked), len(answers)) - 1])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Answering(f"http://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.close_connection = True
    if answer.drop:
        handler.connection.shutdown(socket.SHUT_RDWR)
        return
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(answer.body) + (10 if answer.cut else 0)))
    handler.end_headers()
    for byte in answer.body if answer.drip_seconds else ():
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(answer.drip_seconds)
    if not answer.drip_seconds:
        handler.wfile.write(answer.body)


def free_port() -> int:
    """Return a port of the loopback on which nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port
