"""Persons answer rules that ask them; the answer is evidence whose person is set by us."""

from typing import Annotated

from fastapi import Depends, Response

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.bodies import body_of
from assaybook.api.problems import answers
from assaybook.api.routing import a_router
from assaybook.api.shapes.decisions import AttestationAnswer
from assaybook.api.state import ServiceHere
from assaybook.domain.principal import Action, Principal
from assaybook.service.answer import Answered, Attesting, record_answer
from assaybook.store.unit_of_work import UnitOfWork

router = a_router("attestations")


@router.post(
    "/attestations",
    status_code=201,
    response_model=AttestationAnswer,
    responses=answers(404, 409, 415),
)
async def attest(
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.ATTEST))],
    wanted: Annotated[Attesting, body_of(Attesting)],
) -> Response:
    """Answer a rule about a release; your last answer counts, and a no stands until then."""
    refuse_untouched(principal, wanted.system)

    def record(work: UnitOfWork) -> Answered:
        return record_answer(work, wanted, service.ruling, service.trust, who=principal)

    done = await service.writer.run(record)
    shown = AttestationAnswer(
        evidence=done.receipt.evidence,
        received_at=done.receipt.received_at,
        seq=done.receipt.seq,
        person=done.person,
        role=done.role,
        question=done.question,
    )
    return Response(
        shown.model_dump_json(),
        status_code=201,
        headers={"Location": f"/v1/evidence/{shown.evidence}"},
        media_type="application/json",
    )
