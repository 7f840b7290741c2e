"""The gate of a release: one small answer that a pipeline can read."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.problems import answers
from assaybook.api.routing import a_router
from assaybook.api.state import ServiceHere, reading
from assaybook.domain.ids import SystemId, Version
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Action, Principal
from assaybook.service.gate import GateNow, gate_now
from assaybook.service.judge_apart import instant_here

router = a_router("gate")


@router.get("/systems/{system}/releases/{version}/gate", responses=answers(404))
def get_gate(  # noqa: PLR0913, PLR0917 - what the framework hands over
    system: Annotated[SystemId, Path(description="Id of the system.")],
    version: Annotated[Version, Path(description="Version of the release.")],
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.GATE_READ))],
    response: Response,
    fail_on: Annotated[
        Severity, Query(description="The least severity that decides the gate.")
    ] = Severity.HIGH,
) -> GateNow:
    """Judge a release now by what is recorded; nothing is recorded of it.

    End your pipeline with `exit`: 0, and nothing else, lets the release go on.
    """
    refuse_untouched(principal, system)
    response.headers["Cache-Control"] = "no-store"
    with reading(service) as store:
        return gate_now(
            store,
            system,
            version,
            service.ruling,
            fail_on=fail_on,
            as_of=instant_here(store, service.clock),
        )
