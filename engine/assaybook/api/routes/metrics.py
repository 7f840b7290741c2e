"""What is counted, for Prometheus."""

from typing import Annotated

from fastapi import Depends, Request, Response

from assaybook.api.access import needs
from assaybook.api.metrics import MEDIA, Metrics
from assaybook.api.routing import a_router
from assaybook.domain.principal import Action, Principal

router = a_router("operation", prefix="")


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics(
    request: Request, _principal: Annotated[Principal, Depends(needs(Action.METRICS_READ))]
) -> Response:
    """Return the counters of this server, as Prometheus reads them."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=MEDIA)
