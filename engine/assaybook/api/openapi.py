"""The OpenAPI document: what FastAPI finds, and the bodies that our own dependencies read."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from assaybook.api.bodies import JSON, BodyOf

_Document = dict[str, Any]


def add_openapi(
    app: FastAPI, routers: Sequence[APIRouter], *, also: Sequence[type[BaseModel]]
) -> None:
    """Let an application make its OpenAPI document; ``also`` are shapes that routes refer to."""

    def openapi() -> _Document:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, routers, also)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI documents


def api_routes(routers: Sequence[APIRouter]) -> tuple[APIRoute, ...]:
    """Return the routes of routers; an application itself does not list them."""
    every = (route for router in routers for route in router.routes)
    return tuple(route for route in every if isinstance(route, APIRoute))


def _document(
    app: FastAPI, routers: Sequence[APIRouter], also: Sequence[type[BaseModel]]
) -> _Document:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas: _Document = document.setdefault("components", {}).setdefault("schemas", {})
    for model in also:
        _add_schema(schemas, model)
    for route in api_routes(routers):
        for body in _bodies(route.dependant):
            _add_schema(schemas, body.model)
            reference = {"$ref": f"#/components/schemas/{body.model.__name__}"}
            for method in sorted(route.methods or ()):
                document["paths"][route.path_format][method.lower()]["requestBody"] = {
                    "required": True,
                    "content": {JSON: {"schema": reference}},
                }
    return document


def _bodies(dependant: Dependant) -> Iterator[BodyOf]:
    for one in dependant.dependencies:
        if isinstance(one.call, BodyOf):
            yield one.call
        yield from _bodies(one)


def _add_schema(schemas: _Document, model: type[BaseModel]) -> None:
    """Add the shape of a body; shapes inside it are told apart from those of answers."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}Input")
    for name, inner in schema.pop("$defs", {}).items():
        schemas[f"{name}Input"] = inner
    schemas[model.__name__] = schema
