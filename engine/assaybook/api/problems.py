"""Errors over HTTP: one table from our codes to statuses, one shape (RFC 9457), no traceback."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from assaybook.api.logs import log_operator
from assaybook.domain.documents import Problem
from assaybook.domain.errors import AssayError, OperatorError, UsageError, did_you_mean

MEDIA: Final = "application/problem+json"
STATUS: Final[Mapping[str, int]] = {
    "as-of-in-the-future": 422,
    "attestation-by-requester": 403,
    "attestation-never-valid": 422,
    "attestation-not-new": 409,
    "attestation-role-missing": 403,
    "blob-erased": 410,
    "body-malformed": 400,
    "body-timeout": 408,
    "body-too-large": 413,
    "document-too-large": 413,
    "format-unknown": 422,
    "headers-too-large": 431,
    "idempotency-key-reused": 422,
    "internal-error": 500,
    "key-exists": 409,
    "key-invalid": 422,
    "key-life-invalid": 422,
    "media-type-unsupported": 415,
    "method-not-allowed": 405,
    "not-authenticated": 401,
    "not-found": 404,
    "not-acceptable": 406,
    "not-allowed": 403,
    "origin-refused": 403,
    "pack-not-ready": 409,
    "rate-limited": 429,
    "request-invalid": 422,
    "replay-too-long": 422,
    "rule-not-attested": 422,
    "version-conflict": 412,
    "waiver-compensates-itself": 422,
    "waiver-ended": 409,
    "waiver-exists": 409,
    "waiver-names-both": 422,
    "waiver-names-nothing": 422,
    "waiver-never-holds": 422,
    "waiver-not-pending": 409,
    "waiver-self-approved": 403,
}
"""The status of a code; without a line here, that of the kind of error."""
_HINTS: Final[Mapping[str, str]] = {
    "as-of-in-the-future": "Leave out as_of, or name an instant that has passed.",
    "policy-unknown": "List the policies: GET /v1/policies",
    "catalog-unknown": "List the catalogs: GET /v1/controls",
    "system-unknown": "List the systems that you may see: GET /v1/systems",
    "release-unknown": "List the releases: GET /v1/systems/{system}/releases",
    "evidence-unknown": "List the evidence that you may see: GET /v1/evidence",
    "blob-unknown": "",
    "change-unexplained": "A person must make this change and give its reason.",
    "cursor-invalid": "Use the cursor that the page before gave.",
    "key-unknown": "List the keys that you may see: GET /v1/keys",
    "period-empty": "Name an instant for `since` that is before `until`.",
    "release-of-what": "Name the system too: `system`.",
    "releases-too-many": "Name one system: ?system=ID.",
    "system-not-named": "Name the system too: ?system=ID.",
}
"""What to do next, where the command line and HTTP differ; it names nothing that is hidden."""
_SOON: Final = 2
_LATER: Final = 30
_PASSING: Final = frozenset({"database-locked", "too-busy", "too-many-jobs", "shutting-down"})
"""Codes of what passes by itself in seconds; the others wait for somebody to mend them."""
_LONGEST: Final = 500


class ProblemShape(BaseModel):
    """Why a request was not done (RFC 9457).

    Attributes:
        type: ``/problems/`` and the code.
        code: stable; the same as on the command line.
        where: the place in what was sent; empty where there is none.
        hint: what to do next.
        request_id: what to quote to the operator.
        problems: what was wrong with each document or field, where there are several.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    where: str = ""
    hint: str = ""
    request_id: str
    problems: tuple[Problem, ...] = Field(default=())


class RateLimitedError(UsageError):
    """A caller asked more often than it may; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "rate-limited",
            "more requests came from you than are allowed in a minute",
            hint="Wait as Retry-After says.",
        )
        self.retry_after = retry_after


class DocumentsRefusedError(AssayError):
    """Nothing of a submission could be accepted; says why for each document.

    Where there was one document, its error is that of the submission.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        first, *others = problems
        if others:
            super().__init__(
                "nothing-accepted",
                f"none of the {len(problems)} documents could be accepted",
                hint="See the problem of each document.",
            )
        else:
            super().__init__(first.code, first.message, where=first.where, hint=first.hint)
        self.problems = tuple(problems)


def answers(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return how a route documents the errors that it can answer with, besides the common ones."""
    return {
        status: {
            "model": ProblemShape,
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA: {}},
        }
        for status in statuses
    }


def status_of(error: AssayError) -> int:
    """Return the HTTP status of an error."""
    if isinstance(error, DocumentsRefusedError):
        return HTTPStatus.UNPROCESSABLE_ENTITY
    known = STATUS.get(error.code)
    if known is not None:
        return known
    if isinstance(error, OperatorError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, UsageError):
        unknown = error.code.endswith("-unknown")
        return HTTPStatus.NOT_FOUND if unknown else HTTPStatus.BAD_REQUEST
    return HTTPStatus.UNPROCESSABLE_ENTITY


def problem_response(
    error: AssayError,
    *,
    instance: str,
    request_id: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer that an error is."""
    status = status_of(error)
    # Where a server's own files and databases stand is nothing that a caller may know.
    ours = isinstance(error, OperatorError)
    shape = ProblemShape(
        type=f"/problems/{error.code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=error.message[:_LONGEST],
        instance=instance,
        code=error.code,
        where="" if ours else error.where[:_LONGEST],
        hint=_HINTS.get(error.code, error.hint),
        request_id=request_id,
        problems=error.problems if isinstance(error, DocumentsRefusedError) else (),
    )
    body = shape.model_dump(mode="json", exclude=None if shape.problems else {"problems"})
    return Response(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status_code=status,
        headers={**_headers(status, error), **(headers or {})},
        media_type=MEDIA,
    )


def refused(error: AssayError, request_id: str) -> tuple[int, dict[str, str]]:
    """Return status and headers of an error; the operator is told what is theirs."""
    if isinstance(error, OperatorError):
        log_operator(error.code, str(error), request_id)
    status = status_of(error)
    return status, _headers(status, error)


def _headers(status: int, error: AssayError) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="assaybook"'}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(_SOON if error.code in _PASSING else _LATER)}
    if isinstance(error, RateLimitedError):
        return {"Retry-After": str(error.retry_after)}
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}:
        return {"Connection": "close"}
    return {}


def speak_problems(app: FastAPI) -> None:
    """Make every error of an application an answer of the one shape."""
    app.add_exception_handler(AssayError, _spoken)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_framework)


async def _spoken(request: Request, error: Exception) -> Response:
    assert isinstance(error, AssayError)  # noqa: S101 - as it was registered
    return spoken(request, error)


def spoken(request: Request, error: AssayError) -> Response:
    """Return the answer to a request that an error is; the operator is told what is theirs."""
    if isinstance(error, OperatorError):
        log_operator(error.code, str(error), request.state.request_id)
    return _answer(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    """Answer a request whose parameters or body are not what the route takes."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it was registered
    found = error.errors()
    # A key that was mistyped explains the one that is missing.
    first = next((one for one in found if one["type"] == _UNKNOWN_KEY), found[0])
    where = "/".join(str(one) for one in first["loc"])
    # The message of a type never quotes what was sent.
    said = _SAID.get(first["type"], str(first["msg"]).replace("Input should", "it must"))
    known = first["type"] != _UNKNOWN_KEY
    missing = [str(one["loc"][-1]) for one in found if one["type"] == "missing"]
    near = [] if known else get_close_matches(str(first["loc"][-1]), missing, n=1)
    invalid = UsageError("request-invalid", said, where=where, hint=did_you_mean(near) or _SHAPES)
    return _answer(request, invalid)


async def _of_framework(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: unknown paths, methods, bodies that it cannot read."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was registered
    cause = error.__cause__
    if isinstance(cause, AssayError):
        return _answer(request, cause)
    code, message = _FRAMEWORK.get(error.status_code, ("body-malformed", "it cannot be read"))
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # The framework lists the methods of its own routes in an order that changes.
        named = sorted(headers.get("Allow", "").split(", "))
        headers["Allow"] = _methods(request) or ", ".join(named)
    return _answer(request, UsageError(code, message), headers)


def _methods(request: Request) -> str:
    """Return every method of an address; the framework names those of its first route only."""
    routes: Sequence[APIRoute] = request.app.state.routes
    here = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


_UNKNOWN_KEY: Final = "extra_forbidden"
_SAID: Final[Mapping[str, str]] = {
    _UNKNOWN_KEY: "this key is not known here",
    "missing": "this is missing",
}
_SHAPES: Final = "See what each address takes: /docs"
_FRAMEWORK: Final[Mapping[int, tuple[str, str]]] = {
    404: ("not-found", "there is nothing at this address"),
    405: ("method-not-allowed", "this address does not take this method"),
}


def _answer(
    request: Request, error: AssayError, headers: Mapping[str, str] | None = None
) -> Response:
    return problem_response(
        error,
        instance=request.url.path[:_LONGEST],
        request_id=request.state.request_id,
        headers=headers,
    )
