"""What new policies would have come to over what is recorded, without a trace in the store."""

from typing import Annotated

from anyio import to_thread
from fastapi import Depends

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.bodies import body_of
from assaybook.api.problems import answers
from assaybook.api.routing import a_router
from assaybook.api.state import ServiceHere
from assaybook.domain.principal import Action, Principal
from assaybook.domain.replay import Replay
from assaybook.service.replay_apart import ReplayWanted, replay_apart

router = a_router("replays")


@router.post("/replays", responses=answers(404, 415))
async def ask(
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.ASSESS))],
    wanted: Annotated[ReplayWanted, body_of(ReplayWanted)],
) -> Replay:
    """Say which releases a bundle would flip, when and why, and record nothing.

    Of the systems that you may see. One is under way at a time; it is bounded in time and memory.
    """
    if wanted.system is not None:
        refuse_untouched(principal, wanted.system)

    def done() -> Replay:
        now = service.clock()
        return replay_apart(service.engine, wanted, now=now, systems=principal.systems)

    return await to_thread.run_sync(done)
