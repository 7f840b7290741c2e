"""Is the process alive, and can it serve: for those who start and stop it."""

from typing import Literal

from pydantic import BaseModel

from assaybook import __version__
from assaybook.api.routing import a_router
from assaybook.api.state import ServiceHere, reading

router = a_router("health")


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
def ready(service: ServiceHere) -> Ready:
    """Tell that requests can be served: the database answers, and its tables fit."""
    with reading(service):
        return Ready(status="ready")
