"""The shapes of ASGI, which our layers around the framework speak."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first value of a header of a request; names are in lower case."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    # Asked six times of each request; an expression would be a generator each time.
    for key, value in headers:
        if key == name:
            return value
    return None


def state_of(scope: Scope) -> dict[str, Any]:
    """Return what belongs to one request: ``request.state`` of the framework."""
    state: dict[str, Any] = scope.setdefault("state", {})
    return state
