"""Bounds on what a caller may send: how much, for how long, and how often."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from types import coroutine
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import Response

from assaybook.api.asgi import App, Message, Receive, Scope, Send, header, state_of
from assaybook.api.problems import problem_response
from assaybook.api.rates import Rates
from assaybook.domain.errors import UsageError

_HEADERS: Final = 32_768
"""Bytes of all headers of a request."""


def take_turn(request: Request, principal_id: str) -> None:
    """Count a request of an authenticated caller.

    Raises:
        RateLimitedError: it may send no more now.
    """
    take_turn_of(request.app.state.rates, principal_id)


def take_turn_of(rates: Rates, principal_id: str) -> None:
    """Count a request of an authenticated caller in a table of rates.

    Raises:
        RateLimitedError: it may send no more now.
    """
    rates.refuse_spent(principal_id)
    rates.charge(principal_id)


class Limits:
    """Refuses a body that is too large or too slow, and an address that fails too often.

    An address is charged for requests that no principal answers for, so that pipelines behind one
    address do not slow each other, and a guesser of keys slows itself. A browser that asks for a
    page is refused by one: ``page`` makes it, or None for all others.
    """

    def __init__(
        self,
        app: App,
        *,
        max_body: int,
        seconds: float,
        rates: Rates,
        page: Callable[[Scope, UsageError], Response | None],
    ) -> None:
        self._app = app
        self._page = page
        self._max_body = max_body
        self._seconds = seconds
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a bounded body, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        address = f"address:{client[0] if client else ''}"
        try:
            self._rates.refuse_spent(address)
        except UsageError as error:
            await self._refuse(error, scope, receive, send)
            return
        try:
            _check_address(scope)
            _check_headers(scope)
            self._check_length(scope)
        except UsageError as error:
            await self._refuse(error, scope, receive, send)
        else:
            await self._app(scope, self._bounded(receive), send)
        if "principal" not in state_of(scope):
            self._rates.charge(address)

    def _check_length(self, scope: Scope) -> None:
        length = header(scope, b"content-length")
        if length is not None and (not length.isdigit() or int(length[:20]) > self._max_body):
            raise self._too_large()

    async def _refuse(self, error: UsageError, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._page(scope, error) or problem_response(
            error,
            instance=scope["path"],
            request_id=state_of(scope)["request_id"],
        )
        await answer(scope, receive, send)

    def _too_large(self) -> UsageError:
        return UsageError(
            "body-too-large",
            f"the body has more than {self._max_body} bytes",
            hint="Submit the summary of the tool, or several requests.",
        )

    def _bounded(self, receive: Receive) -> Receive:
        """Return a ``receive`` that counts bytes and seconds until the body is complete."""
        seen = 0
        deadline: float | None = None
        complete = False

        async def bounded() -> Message:
            nonlocal seen, deadline, complete
            if complete:
                return await receive()
            if deadline is None:
                deadline = asyncio.get_running_loop().time() + self._seconds
            try:
                message = await _before(deadline, receive())
            except TimeoutError:
                raise UsageError(
                    "body-timeout",
                    f"the body did not arrive within {self._seconds:g} seconds",
                    hint="Send it again, or in smaller parts.",
                ) from None
            seen += len(message.get("body", b""))
            if seen > self._max_body:
                raise self._too_large()
            complete = not message.get("more_body", False)
            return message

        return bounded


async def _before(deadline: float, coming: Awaitable[Message]) -> Message:
    """Wait for a message until a time of the loop; what has arrived already needs no clock.

    Raises:
        TimeoutError: nothing came.
    """
    steps = coming.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as arrived:
        return cast("Message", arrived.value)
    async with asyncio.timeout_at(deadline):
        return await _rest(steps, waits_for)


@coroutine
def _rest(
    steps: Generator[object, object, Message], waits_for: object
) -> Generator[object, object, Message]:
    """Go on with what was begun, and waits for something."""
    while True:
        try:
            told = yield waits_for
        except BaseException as error:  # noqa: BLE001 - it is for what was begun
            go_on = partial(steps.throw, error)
        else:
            go_on = partial(steps.send, told)
        try:
            waits_for = go_on()
        except StopIteration as arrived:
            return cast("Message", arrived.value)


def _check_headers(scope: Scope) -> None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if sum([len(name) + len(value) for name, value in headers]) > _HEADERS:
        raise UsageError("headers-too-large", f"the headers have more than {_HEADERS} bytes")


def _check_address(scope: Scope) -> None:
    """Refuse the one character that no name has, and that not every database can be asked for."""
    if "\x00" in scope["path"]:
        raise UsageError("not-found", "there is nothing at this address")
    if b"%00" in scope["query_string"]:
        raise UsageError("request-invalid", "a NUL stands in the query", where="query")
