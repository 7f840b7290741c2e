"""The service over HTTP for tests: the real application, in process or behind a real socket."""

import asyncio
import threading
from collections.abc import Collection, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Self

import httpx
import uvicorn
from fastapi import FastAPI

from assaybook.api.app import create_app
from assaybook.api.protocol import BoundedProtocol
from assaybook.api.shared import alone
from assaybook.api.state import Files, Service, read_files, service_opened, store_ready
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import PrincipalKind, Role
from assaybook.service.keys import DEFAULT_LIFE, Wanted, create_key, new_secret
from assaybook.settings import Settings, now
from assaybook.store.unit_of_work import UnitOfWork

Ask = tuple[str, str, dict[str, Any]]
"""Method, path, and the other arguments of a request."""


def settings_for(database: str, **changes: Any) -> Settings:
    """Return settings over a database, otherwise as they are without any."""
    return Settings(database=database, **changes)


@contextmanager
def a_service(database: str, **changes: Any) -> Generator[Service]:
    """Open all that a server needs."""
    settings = settings_for(database, **changes)
    files, shared = _files(settings), alone(settings.rate)
    with (
        store_ready(settings, now, lambda _words: None) as engine,
        service_opened(settings, now, files, engine, shared) as service,
    ):
        yield service


def _files(settings: Settings) -> Files:
    """Return what a server reads at its start; what ships is read once for all servers."""
    own = settings.policies or settings.overlays or settings.scope
    return read_files(settings) if own or settings.trust or settings.oidc else _shipped()


@cache
def _shipped() -> Files:
    return read_files(settings_for("sqlite://"))


def headers_of(  # noqa: PLR0913 - what a key is made of
    service: Service,
    name: str = "tester",
    *,
    kind: PrincipalKind = "person",
    roles: Collection[str] = tuple(Role),
    systems: Collection[str] | None = None,
    life: timedelta = DEFAULT_LIFE,
) -> dict[str, str]:
    """Make a key on the database, and return the header that carries it."""
    wanted = Wanted(
        name,
        kind,
        tuple(map(Role, roles)),
        systems,
        Assurance.CI if kind == "pipeline" else Assurance.SELF,
        life,
    )
    with UnitOfWork(service.engine, service.clock) as work:
        made = create_key(work, wanted, new_secret(), person="operator")
    return {"Authorization": f"Bearer {made.text}"}


class Caller:
    """Calls the application in process: no socket, but every layer of it."""

    def __init__(self, service: Service, headers: dict[str, str] | None = None) -> None:
        self.service = service
        self.app: FastAPI = create_app(service)
        self._loop = asyncio.new_event_loop()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://assay.test",
            headers=headers,
            # Each request carries what it says and nothing that an answer left behind.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
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
) -> Generator[Caller]:
    """Open the service over a database and call it in process, as everything but otherwise told."""
    with a_service(database, **changes) as service:
        known = headers_of(service) if headers is None else headers
        with Caller(service, known) as caller:
            yield caller


@contextmanager
def served(app: FastAPI) -> Generator[str]:
    """Serve an application on a free port of the loopback; yield its address."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=BoundedProtocol,
        log_config=None,
        lifespan="off",
        ws="none",
    )
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
