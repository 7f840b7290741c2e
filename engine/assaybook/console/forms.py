"""What pages send: forms of this server's own pages, guarded as the pages are."""

from collections.abc import Callable, Mapping
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from assaybook.console import links
from assaybook.console.backend import Uploaded, backend_of, principal_of
from assaybook.console.errors import hint_of
from assaybook.console.frame import HEADERS, Refused
from assaybook.console.routing import SEE_OTHER, Page, admitted, touchable
from assaybook.console.signin import refuse_foreign, sent
from assaybook.domain.errors import UsageError
from assaybook.domain.principal import Action, allowed
from assaybook.domain.record import record

Said = Mapping[str, str]
"""The fields of a form."""
_FILES: Final = "multipart/form-data"


@record
class Form:
    """What a page sends: where it goes, what it does, and the action that it asks for.

    Attributes:
        path: that of its page, and one word more.
        answer: does it in a thread of its own, and returns the address to lead on to.
        action: only who may do it gets it done.
        page: where the form stands; it is shown again with what was typed where that is refused.
    """

    path: str
    answer: Callable[[Request, Said], str]
    action: Action
    page: Page

    def route(self) -> Route:
        """Return the route of the form, with its guard before it."""
        return Route(self.path, self._guarded, methods=["POST"])

    async def _guarded(self, request: Request) -> Response:
        request.scope["route"] = self
        said = await sent(request)
        if not await admitted(request, self.action):
            return _to_page(request)
        if any("\x00" in one for one in said.values()):  # not every database can be asked for it
            raise UsageError("request-invalid", "a NUL stands in the form")
        try:
            after = await to_thread.run_sync(self.answer, request, said)
        except UsageError as error:
            if not allowed(principal_of(request), self.page.action):
                raise
            request.state.refused = Refused(error, said, hint_of(error))
            return await to_thread.run_sync(self.page.answer, request)
        return RedirectResponse(after, SEE_OTHER, headers=HEADERS)


@record
class Upload:
    """A form with files, answered by a page: sent again, it says the same of the same files.

    Attributes:
        path: that of its page, and one word more.
        fields: names of its fields that are no files.
        answer: does it in a thread of its own, and makes the page.
        action: only who may do it gets it done; nobody else's files are read.
    """

    path: str
    fields: frozenset[str]
    answer: Callable[[Request, Uploaded], Response]
    action: Action

    def route(self) -> Route:
        """Return the route of the form, with its guard before it."""
        return Route(self.path, self._guarded, methods=["POST"])

    async def _guarded(self, request: Request) -> Response:
        request.scope["route"] = self
        refuse_foreign(request)
        if not await admitted(request, self.action):
            return _to_page(request)
        if system := request.path_params.get("system"):
            touchable(request, system)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != _FILES:
            raise UsageError("media-type-unsupported", f"the form must be sent as {_FILES}")
        uploaded = await backend_of(request).documents(request, self.fields)
        return await to_thread.run_sync(self.answer, request, uploaded)


def _to_page(request: Request) -> Response:
    """Lead who has not signed in to do so, and from there to the page of a form.

    What was to be sent is not kept: whoever signs in sees the page first, and decides.
    """
    back = links.own_path(request.url.path.rpartition("/")[0])
    return RedirectResponse(links.sign_in(back), SEE_OTHER, headers=HEADERS)
