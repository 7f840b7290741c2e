"""The outermost layer of every request: its id, its log line, its count, and safe headers."""

import re
import secrets
from itertools import count
from time import perf_counter
from typing import Any, Final

from starlette.requests import ClientDisconnect

from assaybook.api.asgi import App, Message, Receive, Scope, Send, header, state_of
from assaybook.api.logs import log_access, log_defect
from assaybook.api.metrics import Metrics
from assaybook.api.problems import problem_response
from assaybook.domain.errors import AssayError

_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_GONE: Final = 499
"""What the log calls a request whose caller went away before it was answered."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_SAFE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_UNLESS_SAID: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Context:
    """Gives each request an id, and ends each with an answer, a log line and a count."""

    def __init__(self, app: App, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        # Told apart by a count: randomness for each would cost a call into the system.
        process = secrets.token_hex(8)
        self._ids = (f"{process}{number:08x}" for number in count())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and answer whatever goes wrong."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request_id = self._request_id(scope)
        status = _GONE

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_ours(message["headers"], request_id)
                if (ends := state_of(scope).get("key_ends")) is not None:
                    message["headers"].append((b"assay-key-ends", ends))
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            status = _GONE
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            log_defect(error, request_id)
            if status == _GONE:
                await _defect(scope, request_id)(scope, receive, answer)
        finally:
            self._ended(scope, request_id, status, perf_counter() - started)

    def _request_id(self, scope: Scope) -> str:
        """Return the id that the caller gave, where it can be one, or a new one."""
        asked = header(scope, b"x-request-id")
        known = asked is not None and _ID.fullmatch(asked)
        request_id = asked.decode("ascii") if asked and known else next(self._ids)
        state_of(scope)["request_id"] = request_id
        return request_id

    def _ended(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        method: str = scope["method"] if scope["method"] in _METHODS else "other"
        route: str = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.answered(method, route, status, seconds)
        fields: dict[str, object] = {
            "request_id": request_id,
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
        }
        principal = state_of(scope).get("principal")
        if principal is not None:
            fields["principal"] = principal.id
        log_access(fields)


def _with_ours(headers: Any, request_id: str) -> list[tuple[bytes, bytes]]:  # noqa: ANN401 - ASGI's
    names = {name for name, _value in headers}
    return [
        *headers,
        (b"x-request-id", request_id.encode()),
        *_SAFE,
        *[one for one in _UNLESS_SAID if one[0] not in names],
    ]


def _defect(scope: Scope, request_id: str) -> App:
    error = AssayError(
        "internal-error",
        "the server failed; this is a fault of Assaybook",
        hint="Tell the operator the request id.",
    )
    return problem_response(error, instance=scope["path"], request_id=request_id)
