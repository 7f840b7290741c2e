"""HTTP on the wire with bounds that the server library lacks: how large and how slow callers are.

Only for the quick parser; the other one, in plain Python, bounds the size by itself.
"""

import socket
from asyncio import Transport
from asyncio.events import TimerHandle
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST: Final = 65_536
"""Bytes of the line and headers of one request, as far as they come in more than one piece."""
SECONDS: Final = 10.0
"""For the headers to be complete, from the connection or their first byte on; and for the rest of a
body that was answered before all of it came."""
UNREAD: Final = 30_000
"""Milliseconds for which a caller may take nothing of an answer."""


class BoundedProtocol(HttpToolsProtocol):
    """Hangs up on headers that do not end, on bodies too late, and on who reads nothing.

    Otherwise each such connection would be kept for good, with what was to be sent on it.
    """

    _awaits_head = True
    _awaits_rest = False
    _size = 0
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Expect the first request."""
        super().connection_made(transport)
        _give_up_on_who_reads_nothing(transport)
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
        self._awaits_head, self._awaits_rest = False, True
        self._stop()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect nothing of this request any more."""
        self._awaits_rest = False
        self._stop()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for what is missing of a request that was answered, and not for ever."""
        super().on_response_complete()
        if self._awaits_rest and self.cycle.response_complete and self._timer is None:
            self._timer = self.loop.call_later(SECONDS, self.transport.close)

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


def _give_up_on_who_reads_nothing(transport: Transport) -> None:
    """Let the system end a connection on which nothing is taken for a time.

    The library waits for ever, also where it has closed the connection and something is unsent.
    Only Linux can be asked; elsewhere a proxy must do it.
    """
    option: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
    line: socket.socket | None = transport.get_extra_info("socket")
    if option is not None and line is not None and line.family in _BY_TCP:
        line.setsockopt(socket.IPPROTO_TCP, option, UNREAD)


_BY_TCP: Final = frozenset({socket.AF_INET, socket.AF_INET6})
