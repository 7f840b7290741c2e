"""Signing in with an API key, and out again.

The key is kept in a cookie that no script can read and that no other site's page can send. A form
of another site is refused by what the browser says of its origin.
"""

from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assaybook.console import links
from assaybook.console.frame import HEADERS, page
from assaybook.console.routing import COOKIE, SEE_OTHER, TLS_COOKIE, know, signed_in
from assaybook.domain.errors import OperatorError, UsageError

_MOST: Final = 16_384
"""Bytes of a form."""
_LONGEST: Final = 4_000
"""Characters of a key or token; browsers keep no cookie that is longer."""
_FORM: Final = "application/x-www-form-urlencoded"


async def show_form(request: Request) -> Response:
    """Show the form, or lead on who has signed in."""
    after = links.own_path(request.query_params.get("next", "/"))
    with suppress(OperatorError):
        if await signed_in(request):
            return _led_on(after)
    return await to_thread.run_sync(_form, request, after)


async def sign_in(request: Request) -> Response:
    """Take a key: lead on who has one that counts, and show anyone else the form with the reason.

    Raises:
        UsageError: the form is not this server's.
        OperatorError: who it is cannot be found out now.
    """
    said = await sent(request)
    after = links.own_path(said.get("next", "/"))
    secret = said.get("key", "").strip()
    usable = secret.isascii() and secret.isprintable() and 0 < len(secret) <= _LONGEST
    if not usable or any(mark in secret for mark in ' ",;\\'):
        return await to_thread.run_sync(_form, request, after, "this is no key or token")
    try:
        await know(request, secret)
    except UsageError as error:
        if error.code != "not-authenticated":
            raise
        return await to_thread.run_sync(_form, request, after, error.message)
    answer = _led_on(after)
    # A proxy may not say that it speaks TLS; the browser does.
    tls = "https" in {request.url.scheme, _origin(request).scheme}
    name = TLS_COOKIE if tls else COOKIE
    answer.set_cookie(name, secret, path="/", secure=tls, httponly=True, samesite="strict")
    return answer


async def sign_out(request: Request) -> Response:
    """Forget the key in this browser; it still counts elsewhere.

    Raises:
        UsageError: the form is not this server's.
    """
    await sent(request)
    answer = RedirectResponse(links.sign_in(), SEE_OTHER, headers=HEADERS)
    for name in (COOKIE, TLS_COOKIE):
        tls = name == TLS_COOKIE
        answer.delete_cookie(name, path="/", secure=tls, httponly=True, samesite="strict")
    return answer


def _form(request: Request, after: str, refused: str = "") -> Response:
    # Somebody who is known here signs in anew: the frame shows nobody.
    ended = not refused and request.query_params.get("ended") == "yes"
    return page(
        request,
        "sign_in.html.j2",
        title="Sign in",
        status=401 if refused else 200,
        after=after,
        refused=refused,
        ended=ended,
    )


def _led_on(after: str) -> Response:
    return RedirectResponse(after, SEE_OTHER, headers=HEADERS)


async def sent(request: Request) -> dict[str, str]:
    """Return the fields of a form of ours.

    Raises:
        UsageError: ``origin-refused``, ``media-type-unsupported``, ``body-too-large`` or
            ``body-malformed``.
    """
    refuse_foreign(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise UsageError("media-type-unsupported", f"the form must be sent as {_FORM}")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST:
            raise UsageError("body-too-large", f"the form has more than {_MOST} bytes")
    try:
        said = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except ValueError:
        raise UsageError("body-malformed", "the form has too many fields") from None
    return {name: values[-1] for name, values in said.items()}


def _origin(request: Request) -> SplitResult:
    """Return where a browser says that a form is from; empty where it says nothing usable."""
    try:
        return urlsplit(request.headers.get("origin", ""))
    except ValueError:
        return urlsplit("")


def refuse_foreign(request: Request) -> None:
    """Refuse a form that a page of another site sent, or nobody knows who.

    Raises:
        UsageError: ``origin-refused``.
    """
    site = request.headers.get("sec-fetch-site")
    if site == "same-origin":
        return
    origin = _origin(request)
    ours = bool(origin.netloc) and origin.netloc == request.headers.get("host")
    # Whoever sits on the way of a page without TLS could have written it.
    if site is None and ours and (origin.scheme == "https" or request.url.scheme == "http"):
        return
    raise UsageError(
        "origin-refused",
        "this form was not sent from a page of this server",
        hint="Open the page here, and send its form again.",
    )
