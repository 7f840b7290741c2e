"""Is the process alive, and can it serve: for those who start and stop it."""

from typing import Final, Literal

from anyio import fail_after, to_thread
from pydantic import BaseModel

from assaybook import __version__
from assaybook.api.routing import a_router
from assaybook.api.state import Service, ServiceHere, reading
from assaybook.domain.errors import OperatorError

router = a_router("health")

_PATIENCE: Final = 2.0
"""Seconds in which a database that can serve has answered."""


class Health(BaseModel):
    """That the process is alive."""

    status: Literal["alive"]
    version: str


class Ready(BaseModel):
    """That the database answers and its tables fit."""

    status: Literal["ready"]


@router.get("/health")
async def health() -> Health:
    """Tell that the process is alive; the database is not asked."""
    return Health(status="alive", version=__version__)


@router.get("/ready")
async def ready(service: ServiceHere) -> Ready:
    """Tell that requests can be served: the database answers, and its tables fit."""
    try:
        with fail_after(_PATIENCE):
            return await to_thread.run_sync(_asked, service, abandon_on_cancel=True)
    except TimeoutError:
        raise OperatorError(
            "database-unreachable", "the database does not answer", hint="Try again later."
        ) from None


def _asked(service: Service) -> Ready:
    with reading(service):
        return Ready(status="ready")
