"""Systems and their releases: registered, changed with a reason, and shown."""

from typing import Annotated, Final

from fastapi import Depends, Path, Response

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.bodies import body_of
from assaybook.api.conditions import IfMatch, etag, expect
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.register import (
    ReleaseList,
    ReleaseWanted,
    SystemHistory,
    SystemPage,
    SystemWanted,
)
from assaybook.api.state import ServiceHere, reading
from assaybook.domain.ids import SystemId, Version
from assaybook.domain.principal import Action, Principal
from assaybook.service.register_system import register_release, register_system, registered_systems
from assaybook.store.subjects import (
    ReleaseRecord,
    SystemRecord,
    find_release,
    find_system,
    history_of,
    known_release,
    known_system,
    releases_of,
)
from assaybook.store.unit_of_work import UnitOfWork

router = a_router("systems")

_System = Annotated[SystemId, Path(description="Id of the system.")]
_Release = Annotated[Version, Path(description="Version of the release.")]
_Reader = Annotated[Principal, Depends(needs(Action.SYSTEM_READ))]
_Writer = Annotated[Principal, Depends(needs(Action.SYSTEM_WRITE))]
_Releaser = Annotated[Principal, Depends(needs(Action.RELEASE_WRITE))]
_UNKNOWN: Final = answers(404)
_CHANGE: Final = answers(404, 412, 415)


@router.put("/systems/{system}", responses={201: {"model": SystemRecord}, **_CHANGE})
async def put_system(  # noqa: PLR0913, PLR0917 - what the framework hands over
    system: _System,
    service: ServiceHere,
    principal: _Writer,
    wanted: Annotated[SystemWanted, body_of(SystemWanted)],
    response: Response,
    if_match: IfMatch = None,
) -> SystemRecord:
    """Register a system, or the next version of its record; what is equal is left as it is.

    A change of the risk tier, the purpose, a use or a role needs a person and a reason.
    """
    refuse_untouched(principal, system)

    def register(work: UnitOfWork) -> tuple[SystemRecord, bool]:
        last = find_system(work, system)
        current = None if last is None else etag(last.version, last.digest)
        expect(if_match, current, f"the system {system!r}")
        record = register_system(
            work,
            wanted.system(system),
            person=principal.name,
            reason=wanted.reason,
            by_pipeline=principal.kind == "pipeline",
        )
        return record, last is None

    record, new = await service.writer.run(register)
    _answered(response, record, new=new)
    return record


@router.get("/systems")
def list_systems(
    service: ServiceHere, principal: _Reader, cursor: Cursor = None, limit: Limit = PAGE
) -> SystemPage:
    """List the systems that you may see, in order of id."""
    with reading(service) as store:
        page = registered_systems(store, after=cursor, limit=limit, among=principal.systems)
    return SystemPage(items=page.items, next=page.next)


@router.get("/systems/{system}", responses=_UNKNOWN)
def get_system(
    system: _System, service: ServiceHere, principal: _Reader, response: Response
) -> SystemRecord:
    """Return the record of a system as it stands."""
    refuse_untouched(principal, system)
    with reading(service) as store:
        record = known_system(store, system)
    _answered(response, record)
    return record


@router.get("/systems/{system}/history", responses=_UNKNOWN)
def get_history(system: _System, service: ServiceHere, principal: _Reader) -> SystemHistory:
    """Return every version of the record of a system: since when, by whom and why."""
    refuse_untouched(principal, system)
    with reading(service) as store:
        known_system(store, system)
        return SystemHistory(items=history_of(store, system))


@router.put(
    "/systems/{system}/releases/{version}", responses={201: {"model": ReleaseRecord}, **_CHANGE}
)
async def put_release(  # noqa: PLR0913, PLR0917 - what the framework hands over
    system: _System,
    version: _Release,
    service: ServiceHere,
    principal: _Releaser,
    wanted: Annotated[ReleaseWanted, body_of(ReleaseWanted)],
    response: Response,
    if_match: IfMatch = None,
) -> ReleaseRecord:
    """Register a release, or the next version of its record; what is equal is left as it is.

    A change of its artifacts, its baseline or who asks for it needs a person and a reason.
    """
    refuse_untouched(principal, system)

    def register(work: UnitOfWork) -> tuple[ReleaseRecord, bool]:
        last = find_release(work, system, version)
        current = None if last is None else etag(last.version, last.digest)
        expect(if_match, current, f"the release {version!r}")
        record = register_release(
            work,
            system,
            wanted.release(version),
            person=principal.name,
            reason=wanted.reason,
            by_pipeline=principal.kind == "pipeline",
        )
        return record, last is None

    record, new = await service.writer.run(register)
    _answered(response, record, new=new)
    return record


@router.get("/systems/{system}/releases", responses=_UNKNOWN)
def list_releases(system: _System, service: ServiceHere, principal: _Reader) -> ReleaseList:
    """List the releases of a system in the order of their registration."""
    refuse_untouched(principal, system)
    with reading(service) as store:
        known_system(store, system)
        return ReleaseList(items=releases_of(store, system))


@router.get("/systems/{system}/releases/{version}", responses=_UNKNOWN)
def get_release(
    system: _System,
    version: _Release,
    service: ServiceHere,
    principal: _Reader,
    response: Response,
) -> ReleaseRecord:
    """Return the record of a release as it stands."""
    refuse_untouched(principal, system)
    with reading(service) as store:
        known_system(store, system)
        record = known_release(store, system, version)
    _answered(response, record)
    return record


def _answered(
    response: Response, record: SystemRecord | ReleaseRecord, *, new: bool = False
) -> None:
    """Set the ETag of a record, and the status of one that was not there."""
    response.headers["ETag"] = etag(record.version, record.digest)
    if new:
        response.status_code = 201
