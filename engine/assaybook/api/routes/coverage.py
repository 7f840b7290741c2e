"""Which policies bear on which controls, and what the rules come to over all releases."""

from typing import Annotated, Final

from fastapi import Depends, Query

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.pages import listed
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.library import CoveragePage
from assaybook.api.state import ServiceHere, reading
from assaybook.catalogs.load import find_catalog
from assaybook.domain.ids import Instant, SystemId
from assaybook.domain.principal import Action, Principal
from assaybook.service.controls import coverage, shipped_catalogs
from assaybook.service.controls_tried import Coverage, coverage_in_store
from assaybook.service.judge_apart import instant_here
from assaybook.service.run_assessment import refuse_future

router = a_router("coverage")

_MOST_RELEASES: Final = 200
"""Releases judged in one request, which then ends within some seconds."""


@router.get("/coverage", responses=answers(404))
def get_coverage(  # noqa: PLR0913, PLR0917 - what the framework hands over
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.CONTROL_READ))],
    catalog: Annotated[
        str | None, Query(max_length=100, description="Only this catalog; else those in scope.")
    ] = None,
    covered: Annotated[
        bool | None, Query(description="Only controls with a policy, or only the gaps.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> CoveragePage:
    """List the controls that can be judged, each with the policies that bear on it.

    That a policy bears on a control is no verdict on it.
    """
    del principal
    ruling = service.ruling
    chosen = ruling.catalogs if catalog is None else (find_catalog(shipped_catalogs(), catalog),)
    rows = [
        (f"{one.catalog} {one.control}", one)
        for one in coverage(ruling.bundle.policies, chosen)
        if covered is None or bool(one.policies) == covered
    ]
    items, following = listed(rows, after=cursor, limit=limit)
    return CoveragePage(items=items, next=following)


@router.get("/coverage/rules", responses=answers(404))
def get_rules(
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.ASSESS))],
    system: Annotated[SystemId | None, Query(description="Only releases of this system.")] = None,
    as_of: Annotated[Instant | None, Query(description="The instant to judge as of.")] = None,
) -> Coverage:
    """Judge every release that the caller may know of, and tell what the rules are worth.

    Rules that never or always fire, needs that no release meets, and controls in scope that no
    rule bears on: none of it is a verdict, and nothing is recorded.
    """
    if system is not None:
        refuse_untouched(principal, system)
    with reading(service) as store:
        now = instant_here(store, service.clock)
        refuse_future(as_of or now, now)
        return coverage_in_store(
            service.ruling,
            store,
            as_of=as_of or now,
            among=principal.systems,
            system=system,
            most=_MOST_RELEASES,
        )
