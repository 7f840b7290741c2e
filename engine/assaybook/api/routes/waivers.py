"""Waivers: proposed by one person, approved by another, revoked with a reason."""

from typing import Annotated, Final

from fastapi import Depends, Path, Query, Response

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.bodies import body_of
from assaybook.api.conditions import IfMatch, etag, expect
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, AsOf, Cursor, Limit, a_router
from assaybook.api.shapes.decisions import (
    RevocationWanted,
    WaiverAnswer,
    WaiverPage,
    waiver_answer,
)
from assaybook.api.state import ServiceHere, reading
from assaybook.domain.ids import SystemId
from assaybook.domain.principal import Action, Principal
from assaybook.service.decide_waivers import (
    Proposal,
    approve_waiver,
    propose_waiver,
    revoke_waiver,
)
from assaybook.service.judge_apart import instant_here
from assaybook.service.run_assessment import refuse_future
from assaybook.store.decisions import WaiverRecord, list_waivers, load_waiver
from assaybook.store.unit_of_work import UnitOfWork

router = a_router("waivers")

_Reader = Annotated[Principal, Depends(needs(Action.WAIVER_READ))]
_Waiver = Annotated[str, Path(max_length=100, description="Id of the waiver.")]
_DECIDED: Final = answers(404, 409, 412)


@router.post(
    "/waivers", status_code=201, response_model=WaiverAnswer, responses=answers(404, 409, 415)
)
async def propose(
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.WAIVER_PROPOSE))],
    wanted: Annotated[Proposal, body_of(Proposal)],
) -> Response:
    """Ask that a fail is accepted for a time; it holds once another person has approved it."""
    refuse_untouched(principal, wanted.system)
    policies = service.ruling.bundle.policies

    def record(work: UnitOfWork) -> WaiverAnswer:
        made = propose_waiver(work, wanted, policies, who=principal)
        return waiver_answer(made, work.now)

    shown = await service.writer.run(record)
    return _answered(shown, status=201)


@router.get("/waivers", responses=answers(404))
def get_waivers(  # noqa: PLR0913, PLR0917 - what the framework hands over
    service: ServiceHere,
    principal: _Reader,
    system: Annotated[SystemId | None, Query()] = None,
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> WaiverPage:
    """List the waivers that you may see, in order of id, each as it stands, or as it stood."""
    if system is not None:
        refuse_untouched(principal, system)
    with reading(service) as store:
        now = instant_here(store, service.clock)
        refuse_future(as_of or now, now)
        page = list_waivers(
            store,
            system=system,
            systems=principal.systems,
            after=cursor,
            limit=limit,
            as_of=as_of,
        )
    at = as_of or now
    return WaiverPage(items=tuple(waiver_answer(one, at) for one in page.items), next=page.next)


@router.get("/waivers/{waiver}", responses=answers(404))
def get_waiver(
    waiver: _Waiver, service: ServiceHere, principal: _Reader, response: Response
) -> WaiverAnswer:
    """Return a waiver as it stands."""
    with reading(service) as store:
        record = load_waiver(store, waiver, systems=principal.systems)
        now = instant_here(store, service.clock)
    shown = waiver_answer(record, now)
    response.headers["ETag"] = shown.etag
    return shown


@router.post("/waivers/{waiver}/approve", response_model=WaiverAnswer, responses=_DECIDED)
async def approve(
    waiver: _Waiver,
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.WAIVER_APPROVE))],
    if_match: IfMatch = None,
) -> Response:
    """Accept the risk of a waiver that another person asked for, from now on."""

    def record(work: UnitOfWork) -> WaiverAnswer:
        _expect(work, waiver, principal, if_match)
        done = approve_waiver(work, waiver, service.trust, who=principal)
        return waiver_answer(done, work.now)

    return _answered(await service.writer.run(record), status=200)


@router.post(
    "/waivers/{waiver}/revoke",
    response_model=WaiverAnswer,
    responses={**_DECIDED, **answers(415)},
)
async def revoke(
    waiver: _Waiver,
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.WAIVER_REVOKE))],
    wanted: Annotated[RevocationWanted, body_of(RevocationWanted)],
    if_match: IfMatch = None,
) -> Response:
    """Say that a waiver holds no more, from now on, and why."""

    def record(work: UnitOfWork) -> WaiverAnswer:
        _expect(work, waiver, principal, if_match)
        done = revoke_waiver(work, waiver, wanted.reason, who=principal)
        return waiver_answer(done, work.now)

    return _answered(await service.writer.run(record), status=200)


def _expect(work: UnitOfWork, waiver: str, who: Principal, if_match: str | None) -> None:
    """Refuse a decision about another version than the one that was seen."""
    record: WaiverRecord = load_waiver(work, waiver, systems=who.systems)
    expect(if_match, etag(record.version, record.digest), f"the waiver {waiver!r}")


def _answered(shown: WaiverAnswer, *, status: int) -> Response:
    headers = {"ETag": shown.etag, "Location": f"/v1/waivers/{shown.waiver.id}"}
    return Response(
        shown.model_dump_json(),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )
