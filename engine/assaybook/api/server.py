"""The server: bound before it opens anything else, and gone when it is asked to go."""

import logging
import os
import signal
import socket
from types import FrameType
from typing import TYPE_CHECKING, Final

from assaybook.api.logs import log_to
from assaybook.api.scratch import scratch_folder
from assaybook.domain.errors import OperatorError
from assaybook.service.store_access import Tell
from assaybook.settings import Settings, count_in
from assaybook.store.unit_of_work import Clock

if TYPE_CHECKING:
    import uvicorn

_BACKLOG: Final = 2048


def serve(  # noqa: PLR0913 - where, over what, and how
    settings: Settings, clock: Clock, *, host: str, port: int, processes: int, tell: Tell
) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was accepted, and return.

    Args:
        settings: what the operator chose.
        clock: what the time is.
        host: address to listen on.
        port: to listen on; 0 is any free one.
        processes: that answer; where there are several, this one hands connections to them.
        tell: where a word to the person goes.

    Raises:
        OperatorError: ``address-unusable``, ``workers-failing``, or the database cannot be used.
        AssayError: a file that the settings name cannot be used.
    """
    with bound(host, port) as listener, scratch_folder() as folder:
        address, taken = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        how = "open it in a browser, or see /docs; stop it with SIGTERM or Ctrl-C"
        serving = f"serving on http://{shown}:{taken} ({how})"
        if processes == 1 or not hasattr(os, "fork"):
            _serve_alone(settings, clock, listener, tell, serving)
            return
        count_in(folder)
        from assaybook.api.workers import serve_together

        serve_together(settings, clock, listener, folder, processes, tell, serving)


def _serve_alone(
    settings: Settings, clock: Clock, listener: socket.socket, tell: Tell, serving: str
) -> None:
    from assaybook.api.serving import Serving, configured, keep_what_is_loaded, warm
    from assaybook.api.shared import alone
    from assaybook.api.state import read_files, service_opened, store_ready

    log_to()
    files, shared = read_files(settings), alone(settings.rate)
    with (
        store_ready(settings, clock, tell) as engine,
        service_opened(settings, clock, files, engine, shared) as service,
    ):
        server = Serving(configured(service))
        _listen_for_signals(server)
        warm(clock)
        keep_what_is_loaded()
        tell(serving)
        server.run(sockets=[listener])


def _listen_for_signals(server: "uvicorn.Server") -> None:
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


def bound(host: str, port: int) -> socket.socket:
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
