"""HTTP on the wire with bounds that the server library lacks: how large and how slow headers are.

Only for the quick parser; the other one, in plain Python, bounds the size by itself.
"""

from asyncio import Transport
from asyncio.events import TimerHandle
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST: Final = 65_536
"""Bytes of the line and headers of one request, as far as they come in more than one piece."""
SECONDS: Final = 10.0
"""For the headers to be complete, from the connection or their first byte on."""


class BoundedProtocol(HttpToolsProtocol):
    """Hangs up on headers that do not end."""

    _awaits_head = True
    _size = 0
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Expect the first request."""
        super().connection_made(transport)
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
