"""HTTP on the wire with what the server library lacks: bounds of headers, and answers in one piece.

Only for the quick parser; the other one, in plain Python, bounds the size of headers by itself.
"""

from asyncio import AbstractEventLoop, Transport
from asyncio.events import TimerHandle
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST: Final = 65_536
"""Bytes of the line and headers of one request, as far as they come in more than one piece."""
SECONDS: Final = 10.0
"""For the headers to be complete, from the connection or their first byte on."""
_SMALL: Final = 16_384
"""Bytes up to which a piece waits for the next one; copying more would cost more than it saves."""


class Joined:
    """A transport that sends the head of an answer with its body: one call into the system.

    A small piece waits until the next one is there, at most until the loop has its next turn, so
    that no more than one is ever held back.
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        """Return what is not changed here."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send a piece, now or with the next one."""
        if len(data) >= _SMALL:
            self._send()
            self._transport.write(data)
        elif self._held:
            held, self._held = self._held, b""
            self._transport.write(held + data)
        else:
            self._held = data
            self._loop.call_soon(self._send)

    def close(self) -> None:
        """Send what waits, and close."""
        self._send()
        self._transport.close()

    def is_closing(self) -> bool:
        """Return whether it was closed."""
        return self._transport.is_closing()

    def _send(self) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)


class BoundedProtocol(HttpToolsProtocol):
    """Hangs up on headers that do not end."""

    _awaits_head = True
    _size = 0
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Expect the first request."""
        super().connection_made(transport)
        self.transport = cast("Transport", Joined(transport, self.loop))
        self._timer = self.loop.call_later(SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Expect headers."""
        self._awaits_head, self._size = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Expect no more headers."""
        self._awaits_head = False
        self._stop()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take bytes, and hang up where they are headers for too long."""
        super().data_received(data)
        if not self._awaits_head or self.transport.is_closing():
            return
        self._size += len(data)
        if self._size > MOST:
            self.send_400_response("The headers are too long.")
        elif self._timer is None and self._size:
            self._timer = self.loop.call_later(SECONDS, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
