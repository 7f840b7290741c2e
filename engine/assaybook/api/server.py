"""One process that serves: bound before it opens anything else, and gone when it is asked to go."""

import asyncio
import gc
import logging
import select
import signal
import socket
from asyncio import Protocol
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType
from typing import Final, Literal

import uvicorn

from assaybook.api.app import create_app
from assaybook.api.logs import log_to
from assaybook.api.state import service_opened
from assaybook.domain.errors import OperatorError
from assaybook.service.store_access import Tell
from assaybook.service.submit_documents import Origin, Sent, read_documents
from assaybook.settings import Settings
from assaybook.store.unit_of_work import Clock

_GRACE: Final = 8
"""Seconds that accepted requests have to end after SIGTERM; the process is gone within ten."""
_LOOK: Final = 0.005
"""Seconds between two looks at what callers have sent, at each step of the end."""
_LOOKS: Final = 8
"""Looks in a row that find nothing: a connection takes five turns of the loop to be taken in."""
_SETTLED: Final = 1.0
"""Seconds after which a step goes on, however much still comes in."""
_BACKLOG: Final = 2048
_GARBAGE: Final = (20_000, 50, 100)
"""How much is made before garbage is looked for: what documents leave behind is freed without."""
_IDLE: Final = 30
"""Seconds that a connection may be silent between requests."""


def serve(settings: Settings, clock: Clock, *, host: str, port: int, tell: Tell) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was accepted, and return.

    Raises:
        OperatorError: ``address-unusable``, or the database cannot be used.
        AssayError: a file that the settings name cannot be used.
    """
    log_to()
    with _bound(host, port) as listener, service_opened(settings, clock, tell) as service:
        config = uvicorn.Config(
            create_app(service),
            http=_protocol(),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            backlog=_BACKLOG,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=_GRACE,
        )
        address, taken = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        server = _Server(config)
        _listen_for_signals(server)
        _warm(clock)
        # What is loaded by now stays: collecting garbage need not look at it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        tell(f"serving on http://{shown}:{taken} (see /docs); stop it with SIGTERM or Ctrl-C")
        server.run(sockets=[listener])


class _Server(uvicorn.Server):
    """Answers, before it ends, also what was sent to it and not yet looked at."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take in who waits at the door, shut it, read what they sent, and then end."""
        await self._settled(sockets or ())
        for server in self.servers:
            server.close()
        # On each answer from here on, so that callers send the next request to another server.
        self.server_state.default_headers.append((b"connection", b"close"))
        await self._settled(())
        await super().shutdown(sockets)

    async def _settled(self, doors: Sequence[socket.socket]) -> None:
        """Return once nobody waits at these doors and nothing that was sent waits unread.

        A fixed time would not do: on a busy machine it passes before the loop has had its turns,
        and closing a connection whose request nobody has read resets it.
        """
        loop = asyncio.get_running_loop()
        latest, quiet = loop.time() + _SETTLED, 0
        while quiet < _LOOKS and loop.time() < latest:
            await asyncio.sleep(_LOOK)
            quiet = 0 if _waiting([*doors, *self._idle()]) else quiet + 1

    def _idle(self) -> Iterator[socket.socket]:
        """Yield the sockets of the connections that are between requests."""
        for one in tuple(self.server_state.connections):
            cycle = getattr(one, "cycle", None)
            if cycle is None or cycle.response_complete:
                yield one.transport.get_extra_info("socket")


def _waiting(sockets: Iterable[socket.socket]) -> bool:
    """Return whether somebody waits at one of these, or has sent what nobody has read."""
    looked = select.poll()
    for one in sockets:
        if one.fileno() >= 0:
            looked.register(one.fileno(), select.POLLIN)
    return bool(looked.poll(0))


def _warm(clock: Clock) -> None:
    """Load what reads documents now, so that the first pipeline does not wait for it."""
    read_documents((Sent("warm.json", b'{"assaybook": "v1"}'),), Origin("warm", "1"), clock())


def _protocol() -> type[Protocol] | Literal["h11"]:
    """Return the quick parser with our bounds where it is there, else the plain one."""
    try:
        from assaybook.api.protocol import BoundedProtocol
    except ModuleNotFoundError:
        return "h11"
    return BoundedProtocol


def _listen_for_signals(server: uvicorn.Server) -> None:
    """Let a server end by a signal that comes before it listens for signals itself.

    At its own end it sends itself the signal again, which must not end the process before the
    writer has written what it holds.
    """

    def heard(number: int, frame: FrameType | None) -> None:
        del frame
        server.should_exit = True
        logging.getLogger("assaybook").info("stopped by %s", signal.Signals(number).name)

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, heard)


def _bound(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        OperatorError: ``address-unusable``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OperatorError(
            "address-unusable",
            f"this address cannot be served on: {reason}",
            where=f"{host}:{port}",
            hint="Choose another with --host and --port.",
        ) from error
