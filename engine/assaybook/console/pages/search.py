"""Search: an exact control or digest leads to its page; otherwise what holds the words."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assaybook.console import asked, links
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.frame import HEADERS, page
from assaybook.console.routing import SEE_OTHER, Page
from assaybook.domain.principal import Action, Principal, allowed
from assaybook.domain.record import record
from assaybook.service.controls import shipped_catalogs
from assaybook.service.search import (
    FoundControl,
    FoundPolicy,
    Subjects,
    digits_in,
    find_by_digest,
    find_controls,
    find_policies,
    find_subjects,
)
from assaybook.store.by_digest import Digested, Thing

_MOST: Final = 50
"""Of each kind that a page shows."""
_LINKS: Final[Mapping[Thing, Callable[[str], str]]] = {
    "evidence": links.document,
    "assessment": links.assessment,
    "pack": links.pack,
}
_ASKS: Final[Mapping[Thing, Action]] = {
    "evidence": Action.EVIDENCE_READ,
    "assessment": Action.ASSESSMENT_READ,
    "pack": Action.PACK_READ,
    "bundle": Action.POLICY_READ,
}


@record
class Found:
    """What was found, of each kind, and how many there were of policies and controls."""

    subjects: Subjects
    policies: tuple[FoundPolicy, ...]
    controls: tuple[FoundControl, ...]
    digested: tuple[tuple[Digested, str], ...]
    policies_in_all: int
    controls_in_all: int

    @property
    def number(self) -> int:
        """Return how many things the page shows."""
        subjects = len(self.subjects.systems) + len(self.subjects.releases)
        return subjects + len(self.policies) + len(self.controls) + len(self.digested)


def one_place(found: Found, judged: Collection[str]) -> str:
    """Return the address of the one thing that was meant; empty where that is not certain.

    That is a control that was named by its id where no other catalog has one of that name, or of
    the catalogs that are judged by, or the one thing that goes by a digest.
    """
    exact = [one for one in found.controls if one.exact]
    exact = [one for one in exact if one.catalog in judged] or exact
    if found.digested and len(found.digested) + len(exact) == 1:
        return found.digested[0][1]
    if len(exact) == 1 and not found.digested:
        return links.control(exact[0].catalog, exact[0].control)
    return ""


def search(request: Request) -> Response:
    """Find what a person typed, among what they may see."""
    text = asked.text(request, "q")
    found = None if text is None else _found(request, text)
    judged = {one.id for one in backend_of(request).ruling.catalogs}
    if found is not None and (place := one_place(found, judged)):
        return RedirectResponse(place, SEE_OTHER, headers=HEADERS)
    return page(
        request,
        "search.html.j2",
        title=f"Search: {text}" if text else "Search",
        text=text or "",
        found=found,
        digits=None if text is None else digits_in(text),
    )


def _found(request: Request, text: str) -> Found:
    principal, ruling = principal_of(request), backend_of(request).ruling
    digits = digits_in(text)
    with reading(request) as store:
        subjects = find_subjects(store, text, among=principal.systems, most=_MOST)
        digested = find_by_digest(store, digits, principal) if digits else ()
    policies = find_policies(ruling.bundle.policies, text)
    controls = find_controls(shipped_catalogs().values(), text)
    return Found(
        subjects,
        policies[:_MOST],
        controls[:_MOST],
        tuple((one, _link(one)) for one in digested if _may(principal, one)),
        len(policies),
        len(controls),
    )


def _may(principal: Principal, one: Digested) -> bool:
    return allowed(principal, _ASKS[one.thing])


def _link(one: Digested) -> str:
    """Return the address of what goes by a digest; that of a bundle is that of the policies."""
    return links.policies() if one.thing == "bundle" else _LINKS[one.thing](one.ref)


PAGES: Final = (Page("/search", search, Action.SYSTEM_READ),)
