"""Exceptions: the waivers of fails, who asked, who approved, and deciding about one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from anyio import from_thread
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.forms import Form, Said
from assaybook.console.frame import page
from assaybook.console.routing import Page, touchable
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import same_person, written
from assaybook.domain.principal import Action, Principal, allowed, is_involved
from assaybook.domain.record import record
from assaybook.domain.trust import Trust
from assaybook.domain.waiver import WaiverState
from assaybook.language.document_words import Prose
from assaybook.service.decide_waivers import approve_waiver, revoke_waiver
from assaybook.service.judge_apart import instant_here
from assaybook.service.people import known_as
from assaybook.service.waivers import unjudged_state
from assaybook.store.decisions import WaiverRecord, list_waivers, load_waiver
from assaybook.store.subjects import known_system
from assaybook.store.unit_of_work import UnitOfWork

_ON_A_PAGE: Final = 200
_DAY: Final = 86_400
_SOON_DAYS: Final = 14
_REASON: Final[TypeAdapter[str]] = TypeAdapter(Prose)
_ORDER: Final = (
    WaiverState.PENDING,
    WaiverState.IN_FORCE,
    WaiverState.EXPIRED,
    WaiverState.REVOKED,
)
_HEADINGS: Final = {
    WaiverState.PENDING: "Proposed",
    WaiverState.IN_FORCE: "In force",
    WaiverState.EXPIRED: "Run out",
    WaiverState.REVOKED: "Revoked",
}


@record
class WaiverRow:
    """A waiver as it stands.

    Attributes:
        state: as far as it can be told without judging.
        note: a word on the state.
        days: until it ends, or since it did where negative; whole days.
        soon: whether it is in force and ends within two weeks.
        version: what a decision about it must name, so that none is about another version.
    """

    record: WaiverRecord
    state: WaiverState
    note: str
    days: int
    soon: bool
    version: str


@record
class WaiverGroup:
    """Waivers of one state, those that end first before the others."""

    state: WaiverState
    heading: str
    rows: tuple[WaiverRow, ...]


@record
class Deciding:
    """What a person may decide about a waiver, or why not; each reason is empty where they may."""

    approve: bool
    no_approval: str
    revoke: bool
    no_revocation: str


def waiver_row(found: WaiverRecord, now: datetime) -> WaiverRow:
    """Return a waiver as it stands at an instant."""
    state, note = unjudged_state(found.waiver, now)
    left = int((found.waiver.expires - now).total_seconds() // _DAY)
    soon = state is WaiverState.IN_FORCE and left < _SOON_DAYS
    return WaiverRow(found, state, note, left, soon, f"{found.version}-{found.digest}")


def grouped(rows: Sequence[WaiverRow]) -> tuple[WaiverGroup, ...]:
    """Return waivers by state: what waits, what holds, and what has ended."""
    found: list[WaiverGroup] = []
    for state in _ORDER:
        mine = [one for one in rows if one.state is state]
        mine.sort(key=lambda one: (one.record.waiver.expires, one.record.waiver.id))
        found += [WaiverGroup(state, _HEADINGS[state], tuple(mine))] if mine else []
    return tuple(found)


def deciding(row: WaiverRow, who: Principal, trust: Trust) -> Deciding:
    """Return what somebody may decide about a waiver; the service refuses the same."""
    waiver = row.record.waiver
    no_approval = no_revocation = ""
    asked_for = is_involved(who, [waiver.requester]) or any(
        same_person(waiver.requester, name) for name in known_as(who.name, trust)
    )
    approval = waiver.approval
    if row.state is not WaiverState.PENDING:
        no_approval = "Nothing waits for an approval."
    elif approval and approval.verified and not same_person(approval.person, waiver.requester):
        no_approval = f"{approval.person} has approved it; it has not begun."
    elif not allowed(who, Action.WAIVER_APPROVE):
        no_approval = "Only a person with the role approver decides."
    elif asked_for:
        no_approval = "You asked for it, so somebody else decides."
    if row.state in {WaiverState.REVOKED, WaiverState.EXPIRED}:
        no_revocation = "It holds no more."
    elif not allowed(who, Action.WAIVER_REVOKE):
        no_revocation = "Only a person with the role approver or admin revokes."
    return Deciding(not no_approval, no_approval, not no_revocation, no_revocation)


def exceptions(request: Request) -> Response:
    """List the waivers that the caller may see, by state."""
    system, after = asked.text(request, "system"), asked.text(request, "cursor")
    state, past = asked.choice(request, "state", WaiverState), asked.as_of(request)
    with reading(request) as store:
        if system is not None:
            known_system(store, touchable(request, system), as_of=past)
        instant = past or instant_here(store, backend_of(request).clock)
        found = list_waivers(
            store,
            system=system,
            systems=principal_of(request).systems,
            after=after,
            limit=_ON_A_PAGE,
            as_of=past,
        )
    rows = tuple(waiver_row(one, instant) for one in found.items)
    groups = tuple(one for one in grouped(rows) if state in {None, one.state})
    return page(
        request,
        "exceptions.html.j2",
        title="Exceptions",
        as_of=past,
        dated=True,
        groups=groups,
        whole=len(rows),
        counts={one.state: len(one.rows) for one in grouped(rows)},
        states=_ORDER,
        soon=sum(one.soon for one in rows),
        state=state,
        system=system,
        later=after is not None,
        next=None if found.next is None else _more(system, state, past, found.next),
    )


def _more(system: str | None, state: WaiverState | None, past: datetime | None, cursor: str) -> str:
    as_of = None if past is None else written(past)
    return links.exceptions(system=system, state=state, as_of=as_of, cursor=cursor)


def exception(request: Request) -> Response:
    """Show one waiver: what it covers, who decided, and what may be decided about it."""
    backend, principal, past = backend_of(request), principal_of(request), asked.as_of(request)
    name: str = request.path_params["waiver"]
    with reading(request) as store:
        found = load_waiver(store, name, systems=principal.systems, as_of=past)
        instant = past or instant_here(store, backend.clock)
    row = waiver_row(found, instant)
    as_of = None if past is None else written(past)
    return page(
        request,
        "exception.html.j2",
        title=found.waiver.id,
        crumbs=(("Exceptions", links.exceptions(as_of=as_of)),),
        as_of=past,
        dated=True,
        row=row,
        waiver=found.waiver,
        may=None if past else deciding(row, principal, backend.trust),
        me=principal.name,
    )


def approve(request: Request, said: Said) -> str:
    """Record that another person than the requester accepts the risk, from now on."""
    backend, principal = backend_of(request), principal_of(request)
    waiver: str = request.path_params["waiver"]

    def decide(work: UnitOfWork) -> None:
        _expect(work, waiver, principal, said)
        approve_waiver(work, waiver, backend.trust, who=principal)

    from_thread.run(backend.writer.run, decide)
    return links.waiver(waiver)


def revoke(request: Request, said: Said) -> str:
    """Record that a waiver holds no more, from now on, and why."""
    backend, principal = backend_of(request), principal_of(request)
    waiver: str = request.path_params["waiver"]
    reason = _reason(said)

    def decide(work: UnitOfWork) -> None:
        _expect(work, waiver, principal, said)
        revoke_waiver(work, waiver, reason, who=principal)

    from_thread.run(backend.writer.run, decide)
    return links.waiver(waiver)


def _reason(said: Said) -> str:
    try:
        return _REASON.validate_python(said.get("reason", ""))
    except ValidationError:
        raise UsageError(
            "request-invalid",
            "a reason is needed, of up to 4000 characters; it stays on record",
            where="reason",
            hint="Say why it is to hold no more.",
        ) from None


def _expect(work: UnitOfWork, waiver: str, who: Principal, said: Said) -> None:
    """Refuse a decision about another version than the one that the page showed."""
    found = load_waiver(work, waiver, systems=who.systems)
    if said.get("version") != f"{found.version}-{found.digest}":
        raise UsageError(
            "version-conflict",
            f"the waiver {waiver!r} was decided about since the page was shown",
            hint="Decide on what is there now.",
        )


_ONE: Final = Page("/exceptions/{waiver}", exception, Action.WAIVER_READ)
PAGES: Final = (Page("/exceptions", exceptions, Action.WAIVER_READ), _ONE)
FORMS: Final = (
    Form("/exceptions/{waiver}/approve", approve, Action.WAIVER_APPROVE, _ONE),
    Form("/exceptions/{waiver}/revoke", revoke, Action.WAIVER_REVOKE, _ONE),
)
