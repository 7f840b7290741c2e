"""Findings of all assessments, to be found by what they say."""

from typing import Annotated

from fastapi import Depends, Query

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.assessments import FindingPage
from assaybook.api.state import ServiceHere, reading
from assaybook.domain.finding import Disposition, Outcome
from assaybook.domain.ids import PolicyId, RuleId, SystemId, Version
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Action, Principal
from assaybook.store.findings import FindingFilter, list_findings

router = a_router("findings")


@router.get("/findings", responses=answers(404))
def get_findings(  # noqa: PLR0913, PLR0917 - each is a filter
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.ASSESSMENT_READ))],
    assessment: Annotated[str | None, Query(max_length=100, description="Its digest.")] = None,
    system: Annotated[SystemId | None, Query()] = None,
    release: Annotated[Version | None, Query()] = None,
    policy: Annotated[PolicyId | None, Query(max_length=300)] = None,
    rule: Annotated[RuleId | None, Query(max_length=300)] = None,
    severity: Annotated[Severity | None, Query()] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    disposition: Annotated[Disposition | None, Query()] = None,
    catalog: Annotated[str | None, Query(max_length=100, description="Id of a catalog.")] = None,
    control: Annotated[str | None, Query(max_length=300, description="As it is printed.")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> FindingPage:
    """List the findings that you may see, in the order in which they were recorded.

    A finding stands in each assessment that came to it; the assessment holds it whole.
    """
    if system is not None:
        refuse_untouched(principal, system)
    asked = FindingFilter(
        assessment=assessment,
        system=system,
        release=release,
        policy=policy,
        rule=rule,
        severity=severity,
        outcome=outcome,
        disposition=disposition,
        catalog=catalog,
        control=control,
        systems=principal.systems,
    )
    with reading(service) as store:
        page = list_findings(store, asked, after=cursor, limit=limit)
    return FindingPage(items=page.items, next=page.next)
