"""The console: its routes on one screen."""

from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from assaybook.console import links
from assaybook.console.assets import asset
from assaybook.console.backend import Backend
from assaybook.console.errors import defect, error_page, of_framework, spoken
from assaybook.console.forms import Form, Upload
from assaybook.console.pages import (
    answers,
    assessment,
    control,
    controls,
    document,
    evidence,
    exceptions,
    finding,
    findings,
    ledger,
    overview,
    packs,
    policies,
    replay,
    search,
    submit,
    system,
)
from assaybook.console.routing import Page
from assaybook.console.signin import show_form, sign_in, sign_out
from assaybook.domain.errors import AssayError

PAGES: Final[tuple[Page, ...]] = (
    *overview.PAGES,
    *system.PAGES,
    *assessment.PAGES,
    *findings.PAGES,
    *finding.PAGES,
    *controls.PAGES,
    *control.PAGES,
    *evidence.PAGES,
    *document.PAGES,
    *policies.PAGES,
    *replay.PAGES,
    *exceptions.PAGES,
    *packs.PAGES,
    *ledger.PAGES,
    *search.PAGES,
    *submit.PAGES,
    *answers.PAGES,
)
"""Every page; each names the action that it asks for."""
FORMS: Final[tuple[Form | Upload, ...]] = (
    *exceptions.FORMS,
    *packs.FORMS,
    *submit.FORMS,
    *answers.FORMS,
    *replay.FORMS,
)
"""What pages send, each with the action that it asks for."""
PUBLIC: Final[tuple[Route, ...]] = (
    Route(links.SIGN_IN, show_form, methods=["GET"]),
    Route(links.SIGN_IN, sign_in, methods=["POST"]),
    Route(links.SIGN_OUT, sign_out, methods=["POST"]),
    Route("/assets/{digest}/{name}", asset, methods=["GET"]),
)
"""What asks nobody who they are."""


def create_console(backend: Backend) -> Starlette:
    """Return the console over an opened service."""
    console = Starlette(
        routes=[*PUBLIC, *(one.route() for one in PAGES), *(one.route() for one in FORMS)],
        exception_handlers={
            AssayError: spoken,
            HTTPException: of_framework,
            Exception: defect,
        },
    )
    # An address with a slash too many is none; the framework would lead to it by the name that
    # the caller gives the server.
    console.router.redirect_slashes = False
    console.state.backend = backend
    return console


def refusal(console: Starlette, scope: Scope, error: AssayError) -> Response:
    """Return the page of an error that a request met before it came to the console."""
    return error_page(Request({**scope, "app": console}), error)
