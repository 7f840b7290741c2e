"""A real server on the loopback that answers as it is told: for what a sound one seldom does."""

import socket
import ssl
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


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
def answering(answers: Sequence[Answer], tls: ssl.SSLContext | None = None) -> Generator[Answering]:
    """Serve these answers in order, the last one again and again; with ``tls``, encrypted."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_words: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked.append(Asked(self.path, dict(self.headers.items()), body))
            _answer(self, answers[min(len(asked), len(answers)) - 1])

        do_GET = do_POST  # noqa: N815 - as it is called there
        do_CONNECT = do_POST  # noqa: N815 - as a proxy is asked
        do_PUT = do_POST  # noqa: N815 - as it is called there

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        scheme = "http" if tls is None else "https"
        yield Answering(f"{scheme}://127.0.0.1:{server.server_address[1]}", asked)
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
    handler.send_header("Connection", "close")  # else a client may ask on a line that is closing
    handler.send_header("Content-Length", str(len(answer.body) + (10 if answer.cut else 0)))
    handler.end_headers()
    for byte in answer.body if answer.drip_seconds else ():
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(answer.drip_seconds)
    if not answer.drip_seconds:
        handler.wfile.write(answer.body)


def self_signed(folder: Path, *, ended: bool = False) -> ssl.SSLContext:
    """Return the TLS of a server whose certificate only ``tls.pem`` of the folder vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=-1 if ended else 1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = Encoding.PEM
    plain = key.private_bytes(pem, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tls.pem").write_bytes(certificate.public_bytes(pem) + plain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    return context


def free_port() -> int:
    """Return a port of the loopback on which nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port
