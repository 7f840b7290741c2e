"""Routes of pages: each names the action that it asks for, and none answers without one."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from anyio import to_thread
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from assaybook.console import links
from assaybook.console.backend import backend_of, principal_of
from assaybook.console.frame import page
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import SystemId, Version
from assaybook.domain.principal import Action, allowed, not_allowed, touches
from assaybook.domain.record import record

COOKIE: Final = "assay-key"
"""Holds the key of who has signed in; no script can read it."""
TLS_COOKIE: Final = f"__Host-{COOKIE}"
"""The same over TLS: a browser lets no neighbouring host set one of such a name."""
SEE_OTHER: Final = 303
_LONGEST: Final = 2_000
_NAME: Final = 128
_SYSTEM: Final[TypeAdapter[str]] = TypeAdapter(SystemId)
_VERSION: Final[TypeAdapter[str]] = TypeAdapter(Version)


@record
class Page:
    """A page: where it stands, what makes it, and the action that it asks for.

    Attributes:
        path: as routes write it, such as ``/systems/{system}``.
        answer: makes the page in a thread of its own; ``request.state.principal`` is who asks.
        action: only who may do it gets the page.
    """

    path: str
    answer: Callable[[Request], Response]
    action: Action

    def route(self) -> Route:
        """Return the route of the page, with its guard before it."""
        return Route(self.path, self._guarded, methods=["GET"])

    async def _guarded(self, request: Request) -> Response:
        request.scope["route"] = self
        if not await admitted(request, self.action):
            return _to_sign_in(request)
        return await to_thread.run_sync(self.answer, request)


async def admitted(request: Request, action: Action) -> bool:
    """Tell whether somebody is signed in, who then may do an action.

    Raises:
        UsageError: ``not-allowed`` or ``rate-limited``.
        OperatorError: who it is cannot be found out now.
    """
    if not await signed_in(request):
        return False
    principal = principal_of(request)
    if not allowed(principal, action):
        raise not_allowed(principal, action)
    return True


async def signed_in(request: Request) -> bool:
    """Tell whether somebody is signed in; each time, so that a revoked key ends at once.

    Raises:
        UsageError: ``rate-limited``.
        OperatorError: who it is cannot be found out now.
    """
    secret = _secret(request)
    try:
        if secret:
            await know(request, secret)
    except UsageError as error:
        if error.code != "not-authenticated":
            raise
        return False
    return bool(secret)


async def know(request: Request, secret: str) -> None:
    """Find out who asks with a key, and count the request.

    Raises:
        UsageError: ``not-authenticated`` or ``rate-limited``.
        OperatorError: who it is cannot be found out now.
    """
    backend = backend_of(request)
    principal = request.state.principal = await backend.who(secret)
    backend.take_turn(principal.id)


def _secret(request: Request) -> str:
    """Return the key in the cookie.

    A plain cookie could be that of a neighbouring host, so over TLS it does not count.
    """
    plain = "" if request.url.scheme == "https" else request.cookies.get(COOKIE, "")
    return request.cookies.get(TLS_COOKIE, "") or plain


def touchable(request: Request, system: str) -> str:
    """Return the id of a system that who asks may know of.

    Raises:
        UsageError: ``system-unknown``, in the words for one that is not there.
    """
    if not (_is(_SYSTEM, system) and touches(principal_of(request), system)):
        raise UsageError("system-unknown", f"there is no system {system[:_NAME]!r}")
    return system


def release_named(request: Request) -> str:
    """Return the version in the path of a page, if one can be such.

    Raises:
        UsageError: ``release-unknown``.
    """
    version: str = request.path_params["release"]
    if not _is(_VERSION, version):
        raise UsageError("release-unknown", f"there is no release {version[:_NAME]!r}")
    return version


def _is(kind: TypeAdapter[str], name: str) -> bool:
    try:
        kind.validate_python(name)
    except ValidationError:
        return False
    return True


def _to_sign_in(request: Request) -> Response:
    """Lead to the form, and from there back to the page.

    A browser that follows a link of another site, such as that of a CI job, keeps the cookie to
    itself; it sends it when a page of ours asks for the same address again.
    """
    query = request.url.query
    wanted = quote(request.url.path, safe="/:@!$&'()*+,;=-._~") + (f"?{query}" if query else "")
    after = links.own_path(wanted[:_LONGEST])
    ended = bool(_secret(request))
    if not ended and request.headers.get("sec-fetch-site") == "cross-site":
        again = {"Refresh": f"0; url={after}"}
        return page(request, "again.html.j2", title="One moment", headers=again, after=after)
    return RedirectResponse(links.sign_in(after, ended=ended), SEE_OTHER)
