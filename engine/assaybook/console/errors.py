"""Errors as pages: what is wrong, in our words, and what to do; never a traceback."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from assaybook.console.backend import backend_of
from assaybook.console.frame import page
from assaybook.console.routing import signed_in
from assaybook.domain.errors import AssayError, OperatorError, UsageError

_HINTS: Final[Mapping[str, str]] = {
    "as-of-in-the-future": "Leave as_of out of the address, or name an instant that has passed.",
    "assessment-unknown": "The page of a release lists its assessments.",
    "body-malformed": "Open the page here, and send its form again.",
    "body-too-large": "Choose fewer or smaller files, such as the summary that the tool writes.",
    "catalog-unknown": "The page of controls lists the catalogs.",
    "change-unexplained": "A person must make this change and give its reason.",
    "cursor-invalid": "Begin again at the first page of the list.",
    "evidence-unknown": "The page of a release lists its evidence.",
    "policy-unknown": "The page of policies lists them.",
    "rate-limited": "Wait a minute, and load the page again.",
    "release-unknown": "The page of the system lists its releases.",
    "system-unknown": "The overview lists the systems that you may see.",
}
"""What to do next, where the command line and pages differ; it names nothing that is hidden."""
_FRAMEWORK: Final[Mapping[int, tuple[str, str]]] = {
    404: ("not-found", "there is nothing at this address"),
    405: ("method-not-allowed", "this address does not take this method"),
}
_TITLES: Final[Mapping[int, str]] = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not there",
    410: "Erased",
    413: "Too large",
    429: "Too many requests",
    500: "Something broke here",
    503: "Not available now",
}
_LONGEST: Final = 500


def hint_of(error: AssayError) -> str:
    """Return what to do next, for somebody who looks at a page."""
    return _HINTS.get(error.code, error.hint)


async def spoken(request: Request, error: Exception) -> Response:
    """Return the page of one of our errors."""
    assert isinstance(error, AssayError)  # noqa: S101 - as it was registered
    return await to_thread.run_sync(error_page, request, error)


async def of_framework(request: Request, error: Exception) -> Response:
    """Return the page of what the framework refuses: unknown paths and methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was registered
    code, message = _FRAMEWORK.get(error.status_code, ("body-malformed", "it cannot be read"))
    try:
        with suppress(OperatorError):
            await signed_in(request)
    except UsageError as refused:  # it asks too often, so it is not told more
        return await spoken(request, refused)
    answer = await spoken(request, UsageError(code, message))
    if allow := (error.headers or {}).get("Allow"):
        answer.headers["Allow"] = ", ".join(sorted(allow.split(", ")))
    return answer


async def defect(request: Request, error: Exception) -> Response:
    """Return the page of an error that nobody foresaw; the layer outside logs it."""
    del error
    ours = AssayError(
        "internal-error",
        "the server failed; this is a fault of Assaybook",
        hint="Tell the operator the request id.",
    )
    return await spoken(request, ours)


def error_page(request: Request, error: AssayError) -> Response:
    """Return the page of an error, with the status that the API gives it."""
    request_id = request.state.request_id
    status, headers = backend_of(request).refused(error, request_id)
    return page(
        request,
        "error.html.j2",
        title=_TITLES.get(status, "This cannot be shown"),
        status=status,
        headers=headers,
        code=error.code,
        message=error.message[:_LONGEST],
        # Where a server's own files and databases stand is nothing that a caller may know.
        where="" if isinstance(error, OperatorError) else error.where[:_LONGEST],
        hint=hint_of(error),
        request_id=request_id,
    )
