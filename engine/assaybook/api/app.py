"""The application: its routes on one screen, and the layers around them."""

from functools import partial
from typing import Final

from fastapi import APIRouter, FastAPI

from assaybook import __version__
from assaybook.api.access import Callers, refuse_unguarded
from assaybook.api.context import Context
from assaybook.api.docs import add_docs
from assaybook.api.faces import Faces, console_over, first_parts, page_of
from assaybook.api.limits import Limits
from assaybook.api.metrics import Metrics
from assaybook.api.openapi import add_openapi, api_routes
from assaybook.api.problems import speak_problems
from assaybook.api.quick import Quick
from assaybook.api.routes import (
    assessments,
    attestations,
    check,
    controls,
    coverage,
    evidence,
    findings,
    gate,
    health,
    keys,
    ledger,
    metrics,
    packs,
    policies,
    replays,
    systems,
    waivers,
)
from assaybook.api.shapes.evidence import Enveloped
from assaybook.api.state import Service

ROUTERS: Final[tuple[APIRouter, ...]] = (
    systems.router,
    evidence.router,
    assessments.router,
    findings.router,
    gate.router,
    check.router,
    replays.router,
    packs.router,
    waivers.router,
    attestations.router,
    policies.router,
    controls.router,
    coverage.router,
    ledger.router,
    keys.router,
    health.router,
    metrics.router,
)
"""Every route that there is."""
PUBLIC: Final = frozenset({"/v1/health", "/v1/ready", "/v1/openapi.json", "/docs"})
"""Paths that ask nobody who they are."""


def create_app(service: Service) -> FastAPI:
    """Return the application over an opened service."""
    app = FastAPI(
        title="Assaybook",
        version=__version__,
        description="Evidence in, verdicts and audit packs out. Nothing proven is never a pass.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        # What is asked of a server of evidence is told to nobody but its own log and counts.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    settings = service.settings
    rates = service.shared.rates
    counted = Metrics(lambda: service.writer.waiting, service.shared.figures)
    app.state.service, app.state.rates, app.state.metrics = service, rates, counted
    app.state.callers = callers = Callers(service.shared.endings)
    app.state.routes = api_routes(ROUTERS)
    refuse_unguarded(app.state.routes, PUBLIC)
    for router in ROUTERS:
        app.include_router(router)
    add_openapi(app, ROUTERS, also=(Enveloped,))
    add_docs(app)
    speak_problems(app)
    console, routes = console_over(service, callers, counted), app.state.routes
    firsts = first_parts(routes, PUBLIC)
    app.add_middleware(Faces, console=console, firsts=firsts)
    app.add_middleware(Quick, routes=routes)
    app.add_middleware(
        Limits,
        max_body=settings.max_body,
        seconds=settings.body_seconds,
        rates=rates,
        page=partial(page_of, console, firsts),
    )
    app.add_middleware(Context, metrics=counted)
    return app
