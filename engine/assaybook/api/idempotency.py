"""A POST that is sent again with the same ``Idempotency-Key`` is answered as the first time.

What was answered is kept for a day for the caller, the path and the key. Requests with one key that
come at the same time are done one after the other. The answer to a submission is kept in the commit
of what it tells. Any other effect is committed first and its answer next, so after a crash between
the two a repeated request is done again: packs are then what they were, since equal ones are one
record; an assessment is recorded anew.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from anyio import to_thread
from fastapi import Request, Response
from fastapi.routing import APIRoute

from assaybook.api.access import caller
from assaybook.api.asgi import header
from assaybook.api.limits import take_turn
from assaybook.api.state import reading, service_of
from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.store.answers import Answer, Asked, find_answers, save_answers
from assaybook.store.unit_of_work import UnitOfWork

HEADER: Final = "idempotency-key"
SUBMIT: Final = "/v1/systems/{system}/releases/{version}/evidence"
"""Where evidence is submitted: its route keeps the answer in the commit of what it tells."""
REPLAYED: Final = "idempotency-replayed"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_KEPT_HEADERS: Final = frozenset({b"content-type", b"etag", b"location"})
_FIRST_NOT_KEPT: Final = 500
_PASSING: Final = frozenset({401, 403, 408, 429})
"""What another try may well answer otherwise."""
_NEVER_KEPT: Final = frozenset({"/v1/keys"})
"""Answers that hold a secret, which is nowhere but in the hands of who asked."""

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OnceRoute(APIRoute):
    """A route that keeps its answers to requests with an ``Idempotency-Key``."""

    def get_route_handler(self) -> _Handler:
        """Return the handler, which asks for the key of a POST first."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if request.method != "POST" or self.path_format == SUBMIT:
                return await handle(request)
            key = key_of(request)
            return await (handle(request) if key is None else _once(request, key, handle))

        return handler


def key_of(request: Request) -> str | None:
    """Return the key that a request came with; None where it has none.

    Raises:
        UsageError: ``idempotency-key-invalid``.
    """
    said = header(request.scope, HEADER.encode())
    if said is None:
        return None
    if request.scope["path"] in _NEVER_KEPT:
        raise UsageError(
            "idempotency-key-invalid",
            "this answer holds a secret and is not kept to be repeated",
            hint="Ask without Idempotency-Key; revoke a key whose answer was lost.",
        )
    key = said.decode("latin-1")
    if not _KEY.fullmatch(key):
        raise UsageError(
            "idempotency-key-invalid",
            "an Idempotency-Key has 1 to 200 visible characters of ASCII",
            hint="Send a new UUID with each request, and the same one with each retry.",
        )
    return key


async def digest_of_request(request: Request) -> str:
    """Return the digest by which a repeated request is known to be the same."""
    accepted = (header(request.scope, b"accept") or b"").decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return digest_of(f"{query}\n{accepted}\n".encode() + await request.body())


async def _once(request: Request, key: str, handle: _Handler) -> Response:
    principal = await caller(request)
    asked = Asked(principal.id, request.scope["path"], key)
    async with service_of(request).shared.requests.in_turn(asked):
        digest = await digest_of_request(request)
        known = await to_thread.run_sync(_found, request, asked)
        if known is not None:
            take_turn(request, principal.id)  # as the guard of the route would have
            return again(known, digest)
        response = await handle(request)
        if response.status_code < _FIRST_NOT_KEPT and response.status_code not in _PASSING:
            answer = answer_of(response, digest)

            def keep(work: UnitOfWork) -> None:
                save_answers(work, {asked: answer})

            await service_of(request).writer.run(keep)
        return response


def _found(request: Request, asked: Asked) -> Answer | None:
    with reading(service_of(request)) as store:
        return find_answers(store, (asked,)).get(asked)


def again(known: Answer, digest: str) -> Response:
    """Return what was answered before.

    Raises:
        UsageError: ``idempotency-key-reused``.
    """
    if known.request != digest:
        raise UsageError(
            "idempotency-key-reused",
            "this Idempotency-Key was sent with another request before",
            hint="Send a new key with a new request.",
        )
    response = as_answered(known)
    response.headers[REPLAYED] = "true"
    return response


def as_answered(answer: Answer) -> Response:
    """Return the response of which an answer is kept."""
    return Response(answer.content, answer.status, answer.headers)


def answer_of(response: Response, digest: str) -> Answer:
    """Return what is kept of an answer to the request with a digest."""
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in response.raw_headers
        if name in _KEPT_HEADERS
    }
    return Answer(digest, response.status_code, headers, bytes(response.body))
