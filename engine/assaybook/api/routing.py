"""What routes have in common: where they stand, how lists are paged, what can go wrong."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from assaybook.api.idempotency import OnceRoute
from assaybook.api.problems import answers
from assaybook.domain.ids import Instant

COMMON: Final = answers(400, 401, 403, 408, 413, 422, 429, 500, 503)
"""What every guarded route can answer with."""

Cursor = Annotated[
    str | None, Query(max_length=200, description="`next` of the page before; none at first.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page has at most.")]
AsOf = Annotated[
    Instant | None,
    Query(description="An instant that has passed: what is listed is what was recorded by then."),
]
PAGE: Final = 50


def a_router(topic: str, *, prefix: str = "/v1") -> APIRouter:
    """Return the router of one topic; its routes stand under ``/v1``."""
    return APIRouter(prefix=prefix, tags=[topic], responses=COMMON, route_class=OnceRoute)
