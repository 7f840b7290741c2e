"""Two faces at one address: the API under its own paths, and the console under all others.

Faces do not import each other: the console is mounted by its name, and is given what it needs.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Final, cast

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from assaybook.api.access import Callers
from assaybook.api.asgi import App, Receive, Scope, Send, header
from assaybook.api.documents import Body, documents_of
from assaybook.api.limits import take_turn_of
from assaybook.api.metrics import Metrics
from assaybook.api.problems import refused
from assaybook.api.state import Service
from assaybook.domain.errors import AssayError
from assaybook.domain.principal import Principal
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.intake.declared import Declared
from assaybook.service.bundles import Ruling
from assaybook.service.ledger import LogSigner
from assaybook.service.submit_documents import Submitted
from assaybook.service.writer import Writer
from assaybook.settings import Settings
from assaybook.store.engine import Database
from assaybook.store.unit_of_work import Clock

_CONSOLE: Final = "assaybook.console.app"


@record
class Backend:
    """What the console is given; it says itself what it needs of it."""

    engine: Database
    settings: Settings
    clock: Clock
    ruling: Ruling
    trust: Trust
    writer: Writer
    signer: LogSigner | None
    who: Callable[[str], Awaitable[Principal]]
    take_turn: Callable[[str], None]
    refused: Callable[[AssayError, str], tuple[int, Mapping[str, str]]]
    documents: Callable[[Request, frozenset[str]], Awaitable[Body]]
    submitted: Callable[[Submitted], None]


def console_over(service: Service, callers: Callers, metrics: Metrics) -> App:
    """Return the console over an opened service; it knows callers as the API does."""
    backend = Backend(
        engine=service.engine,
        settings=service.settings,
        clock=service.clock,
        ruling=service.ruling,
        trust=service.trust,
        writer=service.writer,
        signer=service.signer,
        who=partial(callers.who, service),
        take_turn=partial(take_turn_of, service.shared.rates),
        refused=refused,
        documents=_documents,
        submitted=metrics.submitted,
    )
    return cast("App", load_console().create_console(backend))


async def _documents(request: Request, fields: frozenset[str]) -> Body:
    return await documents_of(request, None, Declared(), fields=fields)


def load_console() -> ModuleType:
    """Load the console by its name, as an operator would name it."""
    return import_module(_CONSOLE)


class Faces:
    """Sends a request to the API where its path begins as one of the API's, else to the console.

    Args:
        app: the API.
        console: what answers all other paths.
        firsts: first parts of the paths of the API.
    """

    def __init__(self, app: App, *, console: App, firsts: Collection[str]) -> None:
        self._app, self._console, self._firsts = app, console, firsts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        ours = scope["type"] != "http" or _first(scope["path"]) in self._firsts
        await (self._app if ours else self._console)(scope, receive, send)


def first_parts(routes: Collection[APIRoute], also: Collection[str]) -> frozenset[str]:
    """Return the first parts of the paths of the API: of its routes, and of others that it has."""
    return frozenset(map(_first, (*(route.path for route in routes), *also)))


def page_of(
    console: App, firsts: Collection[str], scope: Scope, error: AssayError
) -> Response | None:
    """Return the page by which the console refuses a request that a browser sends for a page.

    None where the path is one of the API, or whoever asks does not say that it shows pages.
    """
    shows_pages = b"text/html" in (header(scope, b"accept") or b"")
    if _first(scope["path"]) in firsts or not shows_pages:
        return None
    return cast("Response", load_console().refusal(console, scope, error))


def _first(path: str) -> str:
    """Return the first part of a path, which may come as anything."""
    return path.removeprefix("/").partition("/")[0]
