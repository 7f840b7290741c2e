"""What the catalogs hold, and what is related to what."""

from typing import Annotated

from fastapi import Depends, Path, Query

from assaybook.api.access import needs
from assaybook.api.pages import listed
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.library import (
    CatalogLine,
    CatalogPage,
    ControlAnswer,
    ControlLine,
    ControlPage,
)
from assaybook.catalogs.load import find_catalog
from assaybook.domain.principal import Action, Principal
from assaybook.service.controls import (
    catalog_row,
    control_record,
    control_row,
    related_controls,
    shipped_catalogs,
)

router = a_router("controls")

_Reader = Annotated[Principal, Depends(needs(Action.CONTROL_READ))]
_Catalog = Annotated[str, Path(max_length=100, description="Id of the catalog.")]


@router.get("/controls")
def list_catalogs(principal: _Reader, cursor: Cursor = None, limit: Limit = PAGE) -> CatalogPage:
    """List the catalogs, in order of id."""
    del principal
    rows = [
        (name, CatalogLine.model_validate(catalog_row(one)))
        for name, one in sorted(shipped_catalogs().items())
    ]
    items, following = listed(rows, after=cursor, limit=limit)
    return CatalogPage(items=items, next=following)


@router.get("/controls/{catalog}", responses=answers(404))
def list_controls(
    catalog: _Catalog,
    principal: _Reader,
    kind: Annotated[str | None, Query(max_length=100, description="Only of this kind.")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> ControlPage:
    """List the nodes of a catalog, in its order."""
    del principal
    home = find_catalog(shipped_catalogs(), catalog)
    rows = [
        (one.id, ControlLine.model_validate(control_row(home, one)))
        for one in home.controls
        if kind is None or one.kind == kind
    ]
    items, following = listed(rows, after=cursor, limit=limit)
    return ControlPage(items=items, next=following)


@router.get("/controls/{catalog}/{control:path}", responses=answers(404))
def get_control(
    catalog: _Catalog,
    control: Annotated[str, Path(max_length=300, description="Id, slug or alias.")],
    principal: _Reader,
) -> ControlAnswer:
    """Return one control: its text, what it is part of, and what is related to it."""
    del principal
    home = find_catalog(shipped_catalogs(), catalog)
    found = home.find(control)
    record = control_record(home, found, related_controls(home, found))
    return ControlAnswer.model_validate(record, strict=False)
