"""The quick way of a plain post of evidence: the route's own guard and function, nothing else.

The framework tries every route in turn and makes some thirty parameters for each request, which
costs more than to read and record a small document. A post without a query needs none of that;
whatever says more goes on to the framework, where the same route stands. Both give the same
answers.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from assaybook.api.access import guard_of
from assaybook.api.asgi import App, Receive, Scope, Send
from assaybook.api.idempotency import SUBMIT
from assaybook.api.problems import spoken
from assaybook.api.routes.evidence import submit
from assaybook.api.state import service_of
from assaybook.domain.errors import AssayError
from assaybook.domain.ids import SystemId, Version

_SYSTEM: Final[TypeAdapter[str]] = TypeAdapter(SystemId)
_VERSION: Final[TypeAdapter[str]] = TypeAdapter(Version)
_PARTS: Final = 7
"""Of ``/v1/systems/{system}/releases/{version}/evidence``, with what is before the first slash."""
_PLACES: Final = ("system", "version")
_LONGEST: Final = 300
"""Characters of a path that can be one of evidence: two names of 128, and what is around them."""
_PATHS: Final = 1_024
"""Paths that are remembered."""


class Quick:
    """Answers plain posts of evidence, and passes on everything else.

    Args:
        app: the framework.
        routes: of the application; one of them takes evidence.

    Raises:
        RuntimeError: that route asks for what this way does not give it, so the application must
            not start.
    """

    def __init__(self, app: App, *, routes: Sequence[APIRoute]) -> None:
        self._app = app
        self._route = next(one for one in routes if one.endpoint is submit)
        self._guard = guard_of(self._route)
        _refuse_other_parameters(self._route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        about = _about(scope)
        if about is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        request = _Post(scope, receive)
        try:
            principal = await self._guard(request)
            answer = await submit(request, *about, service_of(request), principal)
        except AssayError as error:
            answer = spoken(request, error)
        await answer(scope, receive, send)


class _Post(Request):
    """A request whose body is taken as it arrives, not through the framework's generators."""

    _whole: bytes | None = None

    async def body(self) -> bytes:
        """Return the body.

        Raises:
            ClientDisconnect: the caller went away before it was complete.
        """
        if self._whole is None:
            self._whole = await _arrived(self.receive)
        return self._whole


async def _arrived(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _about(scope: Scope) -> tuple[str, str] | None:
    """Return the system and the version that a plain post is about; None for anything else."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
        return None
    path: str = scope["path"]
    return None if len(path) > _LONGEST else _named(path)


@lru_cache(_PATHS)
def _named(path: str) -> tuple[str, str] | None:
    """Return the system and the version in a path of evidence; many posts are about one."""
    parts = path.split("/", _PARTS)
    if len(parts) != _PARTS or parts[0::2] != ["", "systems", "releases", "evidence"]:
        return None
    if parts[1] != "v1":
        return None
    try:
        return _SYSTEM.validate_python(parts[3]), _VERSION.validate_python(parts[5])
    except ValidationError:
        return None


def _refuse_other_parameters(route: APIRoute) -> None:
    """See that a request without a query says in its path all that its route asks for."""
    asked = route.dependant
    named = tuple(one.name for one in asked.path_params)
    if route.path_format != SUBMIT or named != _PLACES or _asks_more(asked):
        message = f"{route.path} asks for more than a plain post says"
        raise RuntimeError(message)


def _asks_more(asked: Dependant) -> bool:
    """Tell whether headers, cookies, a declared body or a part of the query are asked for."""
    needed = [one for one in asked.query_params if one.field_info.is_required()]
    more = (*asked.header_params, *asked.cookie_params, *asked.body_params, *needed)
    return bool(more) or any(_asks_more(one) for one in asked.dependencies)
