"""The policies that the server judges by."""

from typing import Annotated, Any, Final

from fastapi import Depends, Header, Path, Response

from assaybook.api.access import needs
from assaybook.api.pages import listed, matches, unchanged
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.library import PolicyPage
from assaybook.api.state import Service, ServiceHere
from assaybook.domain.principal import Action, Principal
from assaybook.service.attest import policy_named
from assaybook.service.controls import shipped_catalogs
from assaybook.service.policies import PolicyShown, policy_line, policy_shown

router = a_router("policies")

_Reader = Annotated[Principal, Depends(needs(Action.POLICY_READ))]
_IfNoneMatch = Annotated[str | None, Header(max_length=500)]
_UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "It is as you have it."}}


@router.get("/policies", response_model=PolicyPage, responses=_UNCHANGED)
def list_policies(  # noqa: PLR0913, PLR0917 - what the framework hands over
    service: ServiceHere,
    principal: _Reader,
    response: Response,
    cursor: Cursor = None,
    limit: Limit = PAGE,
    if_none_match: _IfNoneMatch = None,
) -> PolicyPage | Response:
    """List the policies that the server judges by; the ETag is of the bundle that they are in."""
    del principal
    tag = _tag(service)
    if matches(if_none_match, tag):
        return unchanged(tag)
    response.headers["ETag"] = tag
    lines = [(one.id, policy_line(one)) for one in service.ruling.bundle.policies]
    items, following = listed(lines, after=cursor, limit=limit)
    return PolicyPage(items=items, next=following)


@router.get(
    "/policies/{policy}", response_model=PolicyShown, responses={**_UNCHANGED, **answers(404)}
)
def get_policy(
    policy: Annotated[str, Path(max_length=300, description="Such as fairness.slice-floor.")],
    service: ServiceHere,
    principal: _Reader,
    response: Response,
    if_none_match: _IfNoneMatch = None,
) -> PolicyShown | Response:
    """Return one policy: claim, reason, rules in words, params, evidence wanted, controls."""
    del principal
    bundle = service.ruling.bundle
    found = policy_named(bundle.policies, policy)
    tag = _tag(service)
    if matches(if_none_match, tag):
        return unchanged(tag)
    response.headers["ETag"] = tag
    return policy_shown(found, bundle.overlays, shipped_catalogs())


def _tag(service: Service) -> str:
    return f'"{service.ruling.bundle.digest}"'
