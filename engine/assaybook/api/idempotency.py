"""A POST that is sent again with the same ``Idempotency-Key`` is answered as the first time.

What was answered is kept for a day for the caller, the path and the key. Requests with one key that
come at the same time are done one after the other. The effect is committed first and the answer
next, so after a crash between the two a repeated request is done again: evidence and packs are then
what they were, since equal ones are one record; an assessment is recorded anew.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final
from weakref import WeakValueDictionary

from anyio import to_thread
from fastapi import Request, Response
from fastapi.routing import APIRoute

from assaybook.api.access import caller
from assaybook.api.state import reading, service_of
from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.store.answers import Answer, Asked, find_answer, save_answer
from assaybook.store.unit_of_work import UnitOfWork

HEADER: Final = "idempotency-key"
REPLAYED: Final = "idempotency-replayed"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS: Final = ("content-type", "etag", "location")
_FIRST_NOT_KEPT: Final = 500
_PASSING: Final = frozenset({401, 403, 408, 429})
"""What another try may well answer otherwise."""
_NEVER_KEPT: Final = frozenset({"/v1/keys"})
"""Answers that hold a secret, which is nowhere but in the hands of who asked."""
_LOCKS: Final[WeakValueDictionary[Asked, asyncio.Lock]] = WeakValueDictionary()

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OnceRoute(APIRoute):
    """A route that keeps its answers to requests with an ``Idempotency-Key``."""

    def get_route_handler(self) -> _Handler:
        """Return the handler, which asks for the key of a POST first."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None or request.method != "POST":
                return await handle(request)
            if request.url.path in _NEVER_KEPT:
                raise UsageError(
                    "idempotency-key-invalid",
                    "this answer holds a secret and is not kept to be repeated",
                    hint="Ask without Idempotency-Key; revoke a key whose answer was lost.",
                )
            if not _KEY.fullmatch(key):
                raise UsageError(
                    "idempotency-key-invalid",
                    "an Idempotency-Key has 1 to 200 visible characters of ASCII",
                    hint="Send a new UUID with each request, and the same one with each retry.",
                )
            return await _once(request, key, handle)

        return handler


async def _once(request: Request, key: str, handle: _Handler) -> Response:
    principal = await caller(request)
    asked = Asked(principal.id, request.url.path, key)
    lock = _LOCKS.setdefault(asked, asyncio.Lock())
    async with lock:
        said = f"{request.url.query}\n{request.headers.get('accept', '')}\n".encode()
        digest = digest_of(said + await request.body())
        known = await to_thread.run_sync(_found, request, asked)
        if known is not None:
            return _again(known, digest)
        response = await handle(request)
        if response.status_code < _FIRST_NOT_KEPT and response.status_code not in _PASSING:
            answer = _answer(response, digest)

            def keep(work: UnitOfWork) -> None:
                save_answer(work, asked, answer)

            await service_of(request).writer.run(keep)
        return response


def _found(request: Request, asked: Asked) -> Answer | None:
    with reading(service_of(request)) as store:
        return find_answer(store, asked)


def _again(known: Answer, digest: str) -> Response:
    if known.request != digest:
        raise UsageError(
            "idempotency-key-reused",
            "this Idempotency-Key was sent with another request before",
            hint="Send a new key with a new request.",
        )
    return Response(known.content, known.status, {**known.headers, REPLAYED: "true"})


def _answer(response: Response, digest: str) -> Answer:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Answer(digest, response.status_code, headers, bytes(response.body))
