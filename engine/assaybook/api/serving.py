"""One process that answers requests; what was sent to it before its end is answered too."""

import asyncio
import gc
import select
import socket
from asyncio import Protocol
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FrameType
from typing import Final, Literal, cast

import uvicorn

from assaybook.api.app import create_app
from assaybook.api.faces import load_console
from assaybook.api.state import Service
from assaybook.service.submit_documents import Origin, Sent, read_documents
from assaybook.store.unit_of_work import Clock

GRACE: Final = 8
"""Seconds that accepted requests have to end after SIGTERM; the process is gone within ten."""
LOOK: Final = 0.005
"""Seconds between two looks at what callers have sent, at each step of the end."""
LOOKS: Final = 8
"""Looks in a row that find nothing: a connection takes five turns of the loop to be taken in."""
SETTLED: Final = 1.0
"""Seconds after which a step of the end goes on, however much still comes in."""
READY: Final = b"+"
"""What a process says when it can take connections."""
_GARBAGE: Final = (20_000, 50, 100)
"""How much is made before garbage is looked for: what documents leave behind is freed without."""
_IDLE: Final = 30
"""Seconds that a connection may be silent between requests."""


def configured(service: Service) -> uvicorn.Config:
    """Return how the application over a service is served."""
    return uvicorn.Config(
        create_app(service),
        http=_protocol(),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=GRACE,
    )


def warm(clock: Clock) -> None:
    """Load what reads documents and makes pages now, so that nobody who comes first waits."""
    load_console()
    read_documents((Sent("warm.json", b'{"assaybook": "v1"}'),), Origin("warm", "1"), clock())


def keep_what_is_loaded() -> None:
    """Let what is loaded by now stay: collecting garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


class Serving(uvicorn.Server):
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
        latest, quiet = loop.time() + SETTLED, 0
        while quiet < LOOKS and loop.time() < latest:
            await asyncio.sleep(LOOK)
            quiet = 0 if somebody_waits([*doors, *self._idle()]) else quiet + 1

    def _idle(self) -> Iterator[socket.socket]:
        """Yield the sockets of the connections that are between requests."""
        for one in tuple(self.server_state.connections):
            cycle = getattr(one, "cycle", None)
            if cycle is None or cycle.response_complete:
                yield one.transport.get_extra_info("socket")


class Handed(Serving):
    """Answers the connections that another process takes in and hands over.

    It ends when that process says that no more will come, or is gone, and at no signal: a signal
    to all processes of a server comes to the one at the door too.

    Args:
        config: of the server library.
        channel: socket on which connections come.
    """

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        super().__init__(config)
        self._channel = channel
        self._arriving: set[asyncio.Task[object]] = set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Go on."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen to nobody but the process at the door."""
        del sockets
        await super().startup(sockets=[])
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._channel.send(READY)

    def _take(self) -> None:
        """Take what was handed over by now."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                said, handed, _flags, _address = socket.recv_fds(self._channel, 1, 1)
            except BlockingIOError:
                return
            except ConnectionError:
                said, handed = b"", []
            for one in handed:
                line = socket.socket(fileno=one)
                line.setblocking(False)
                task: asyncio.Task[object] = loop.create_task(
                    loop.connect_accepted_socket(self._answering, line)
                )
                self._arriving.add(task)
                task.add_done_callback(self._arriving.discard)
            if not said:
                loop.remove_reader(self._channel)
                self.should_exit = True
                return

    def _answering(self) -> Protocol:
        make = cast("Callable[..., Protocol]", self.config.http_protocol_class)
        return make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def somebody_waits(sockets: Iterable[socket.socket]) -> bool:
    """Return whether somebody waits at one of these, or has sent what nobody has read."""
    looked = select.poll()
    for one in sockets:
        if one.fileno() >= 0:
            looked.register(one.fileno(), select.POLLIN)
    return bool(looked.poll(0))


def _protocol() -> type[Protocol] | Literal["h11"]:
    """Return the quick parser with our bounds where it is there, else the plain one."""
    try:
        from assaybook.api.protocol import BoundedProtocol
    except ModuleNotFoundError:
        return "h11"
    return BoundedProtocol
