"""JSON bodies: read as strictly as a submitted document, and only when the caller is known.

FastAPI would read a body before it asks who sends it, take repeated keys and NaN, and refuse lists
where a strict model has tuples.
"""

from typing import Any, Final

from anyio import to_thread
from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.domain.record import record
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.raw import decode

JSON: Final = "application/json"
_BODY: Final = "the body"
_QUICK: Final = 16 * 1024
"""Bytes of a body that is read at once."""
_LIMITS: Final = Limits(depth=32, items=100_000)


@record
class BodyOf:
    """A dependency that gives the body as a model; the OpenAPI document finds the model here."""

    model: type[BaseModel]

    async def __call__(self, request: Request) -> BaseModel:
        """Return the body of a request.

        Raises:
            UsageError: ``media-type-unsupported``.
            SubmitterError: it is no JSON, repeats a key, is too deep, or holds NaN.
            RequestValidationError: it is not what the model allows.
        """
        said = request.headers.get("content-type", "")
        if said.partition(";")[0].strip().lower() != JSON:
            raise UsageError(
                "media-type-unsupported",
                f"the body must be {JSON}",
                where="Content-Type",
                hint=f"Send Content-Type: {JSON}",
            )
        raw = await request.body()
        # To read a large one takes long, and nobody else would be answered in the meantime.
        large = len(raw) > _QUICK
        return await to_thread.run_sync(self._read, raw) if large else self._read(raw)

    def _read(self, raw: bytes) -> BaseModel:
        found = read_json(decode(raw, _BODY, _LIMITS), _BODY, _LIMITS)
        if found.odd:
            where = f"{_BODY}#{min(found.odd)}"
            raise SubmitterError("number-invalid", "this number cannot be used", where=where)
        try:
            return self.model.model_validate_json(to_json(found.value))
        except ValidationError as error:
            told = error.errors(include_url=False, include_context=False, include_input=False)
            raise RequestValidationError(
                [{**one, "loc": ("body", *one["loc"])} for one in told]
            ) from error


def body_of(model: type[BaseModel]) -> Any:  # noqa: ANN401 - what Depends returns
    """Return what gives a route its body: annotate a parameter with the model and this.

    It comes after the principal among the parameters of a route, so that nobody's body is read.
    """
    return Depends(BodyOf(model))
