"""A caller that costs little: it shares the processors with the servers that it measures.

Requests are written out before the clock starts, and answers are looked at as far as their status
and length. With streams, a post cost the caller a third of what it cost the server.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

CONNECTIONS: Final = 32
PATH: Final = "/v1/systems/s/releases/1/evidence"
_LENGTH: Final = b"content-length: "
_GOOD: Final = frozenset({b"200", b"201"})


def written(bodies: Iterable[bytes], key: str, *, keyed: bool = False) -> list[bytes]:
    """Return posts as they go over the wire; each with an Idempotency-Key of its own if asked."""
    return [
        (
            f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\n"
            f"{f'Idempotency-Key: {uuid.uuid4()}' + chr(13) + chr(10) if keyed else ''}"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        + body
        for body in bodies
    ]


class _Caller(asyncio.Protocol):
    """One connection: the next post leaves when the last one was answered whole."""

    def __init__(
        self, posts: Iterator[bytes], times: list[float], done: "asyncio.Future[None]"
    ) -> None:
        self._posts, self._times, self._done = posts, times, done
        self._held, self._began = b"", 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._held[:end].lower()
        length = int(head.partition(_LENGTH)[2].partition(b"\r")[0])
        if len(self._held) < end + 4 + length:
            return
        if head[9:12] not in _GOOD:
            self._failed(f"a post was answered with {head[9:12].decode()}")
            return
        self._held = b""
        self._times.append(time.perf_counter() - self._began)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._failed(f"the server hung up: {exc}")

    def _send(self) -> None:
        post = next(self._posts, None)
        if post is None:
            self._done.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(post)

    def _failed(self, why: str) -> None:
        if not self._done.done():
            self._done.set_exception(RuntimeError(why))
        self._transport.close()


async def load(port: int, posts: list[bytes]) -> tuple[float, list[float]]:
    """Send every post over so many connections; return posts a second and each one's seconds."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    left = iter(posts)
    ends = [loop.create_future() for _number in range(CONNECTIONS)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(lambda end=end: _Caller(left, times, end), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return len(times) / (time.perf_counter() - began), times


def runner() -> Callable[..., Any]:
    """Return what runs the callers: the quicker event loop where it is installed."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.run
    return uvloop.run
