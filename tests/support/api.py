"""The service over HTTP for tests: the real application, in process or behind a real socket."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import httpx
import uvicorn
from fastapi import FastAPI

from assaybook.api.app import create_app
from assaybook.api.state import Service, service_opened
from assaybook.settings import Settings, now

Ask = tuple[str, str, dict[str, Any]]
"""Method, path, and the other arguments of a request."""


def settings_for(database: str, **changes: Any) -> Settings:
    """Return settings over a database, otherwise as they are without any."""
    return Settings(database=database, **changes)


@contextmanager
def a_service(database: str, **changes: Any) -> Iterator[Service]:
    """Open all that a server needs."""
    with service_opened(settings_for(database, **changes), now, lambda _words: None) as service:
        yield service


class Caller:
    """Calls the application in process: no socket, but every layer of it."""

    def __init__(self, service: Service, headers: dict[str, str] | None = None) -> None:
        self.service = service
        self.app: FastAPI = create_app(service)
        self._loop = asyncio.new_event_loop()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://assay.test", headers=headers
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.run_until_complete(self._client.aclose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Send one request."""
        return self._loop.run_until_complete(self._client.request(method, path, **how))

    def get(self, path: str, **how: Any) -> httpx.Response:
        """Read something."""
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        """Send something."""
        return self.ask("POST", path, **how)

    def put(self, path: str, **how: Any) -> httpx.Response:
        """Register something."""
        return self.ask("PUT", path, **how)

    def delete(self, path: str, **how: Any) -> httpx.Response:
        """Revoke something."""
        return self.ask("DELETE", path, **how)

    def together(self, asks: Sequence[Ask]) -> list[httpx.Response]:
        """Send requests at the same time."""

        async def all_of_them() -> list[httpx.Response]:
            sent = (self._client.request(method, path, **how) for method, path, how in asks)
            return list(await asyncio.gather(*sent))

        return self._loop.run_until_complete(all_of_them())


@contextmanager
def calling(
    database: str, *, headers: dict[str, str] | None = None, **changes: Any
) -> Iterator[Caller]:
    """Open the service over a database and call it in process."""
    with a_service(database, **changes) as service, Caller(service, headers) as caller:
        yield caller


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of the loopback; yield its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    with ExitStack() as stack:
        thread.start()
        stack.callback(thread.join)
        stack.callback(setattr, server, "should_exit", True)
        while not server.started:
            threading.Event().wait(0.01)
        port: int = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
