"""Which policies bear on which controls."""

from typing import Annotated

from fastapi import Depends, Query

from assaybook.api.access import needs
from assaybook.api.pages import listed
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.library import CoveragePage
from assaybook.api.state import ServiceHere
from assaybook.catalogs.load import find_catalog
from assaybook.domain.principal import Action, Principal
from assaybook.service.controls import coverage, shipped_catalogs

router = a_router("coverage")


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
