"""What pages send: forms of this server's own pages, guarded as the pages are."""

from collections.abc import Callable, Mapping

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from assaybook.console import links
from assaybook.console.frame import HEADERS
from assaybook.console.routing import SEE_OTHER, admitted
from assaybook.console.signin import sent
from assaybook.domain.principal import Action
from assaybook.domain.record import record

Said = Mapping[str, str]
"""The fields of a form."""


@record
class Form:
    """What a page sends: where it goes, what it does, and the action that it asks for.

    Attributes:
        path: that of its page, and one word more.
        answer: does it in a thread of its own, and returns the address to lead on to.
        action: only who may do it gets it done.
    """

    path: str
    answer: Callable[[Request, Said], str]
    action: Action

    def route(self) -> Route:
        """Return the route of the form, with its guard before it."""
        return Route(self.path, self._guarded, methods=["POST"])

    async def _guarded(self, request: Request) -> Response:
        request.scope["route"] = self
        said = await sent(request)
        if not await admitted(request, self.action):
            # What was to be sent is not kept: whoever signs in sees the page first, and decides.
            back = links.own_path(request.url.path.rpartition("/")[0])
            return RedirectResponse(links.sign_in(back), SEE_OTHER, headers=HEADERS)
        after = await to_thread.run_sync(self.answer, request, said)
        return RedirectResponse(after, SEE_OTHER, headers=HEADERS)
