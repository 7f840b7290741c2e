"""How routes are made here: strict JSON in, documented problems out."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, JsonValue, WrapValidator
from pydantic_core import to_json

from assaybook.api.problems import answers
from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.raw import decode

_BODY: Final = "the body"
_LIMITS: Final = Limits(depth=32, items=100_000)
COMMON: Final = answers(400, 401, 403, 408, 413, 422, 429, 500, 503)
"""What every guarded route can answer with."""

Cursor = Annotated[
    str | None, Query(max_length=200, description="``next`` of the page before; none at first.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page has at most.")]
PAGE: Final = 50


class _StrictRequest(Request):
    """A request whose JSON is read as strictly as a submitted document."""

    async def json(self) -> JsonValue:
        """Return the JSON of the body.

        Raises:
            SubmitterError: it is no JSON, repeats a key, is too deep, or holds NaN.
        """
        raw = await self.body()
        found = read_json(decode(raw, _BODY, _LIMITS), _BODY, _LIMITS)
        if found.odd:
            raise SubmitterError(
                "number-invalid", "this is no number", where=f"{_BODY}#{min(found.odd)}"
            )
        return found.value


class StrictRoute(APIRoute):
    """A route that refuses bodies of other media types, and JSON that is not strict."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, around which the request is made strict."""
        handler = super().get_route_handler()
        takes_json = self.body_field is not None

        async def strict(request: Request) -> Response:
            if takes_json:
                _check_media_type(request)
            return await handler(_StrictRequest(request.scope, request.receive))

        return strict


def _check_media_type(request: Request) -> None:
    said = request.headers.get("content-type", "")
    if said.partition(";")[0].strip().lower() != "application/json":
        raise UsageError(
            "media-type-unsupported",
            "the body must be application/json",
            hint="Send Content-Type: application/json",
        )


def a_router(topic: str) -> APIRouter:
    """Return the router of one topic; its routes stand under ``/v1``."""
    return APIRouter(prefix="/v1", tags=[topic], route_class=StrictRoute, responses=COMMON)


def strictly(model: type[BaseModel]) -> WrapValidator:
    """Make a body as strict as JSON text: ``body: Annotated[Model, strictly(Model)]``.

    FastAPI validates what JSON was read to, and there a strict model refuses even a list for a
    tuple.
    """

    def validated(value: object, _handler: object) -> object:
        return model.model_validate_json(to_json(value))

    return WrapValidator(validated)
