"""What a server answers with, held against the shapes that this version knows."""

import json
from collections.abc import Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from assaybook.service.remote_line import Line, Reply, asked, odd_answer
from assaybook.store.paging import Page

_Model = TypeVar("_Model", bound=BaseModel)


def page_at(
    line: Line, path: str, shape: type[_Model], query: Mapping[str, str | None]
) -> Page[_Model]:
    """Return a page of a listing; what is None in the query is left out of it.

    Raises:
        AssayError: what the server answers, or that it does not.
    """
    said = {key: value for key, value in query.items() if value is not None}
    value = object_of(line, asked(line, "GET", path, params=said))
    following = value.get("next")
    items = tuple(record_of(line, shape, one) for one in items_of(line, value))
    return Page(items=items, next=following if isinstance(following, str) else None)


def object_of(line: Line, reply: Reply) -> dict[str, JsonValue]:
    """Return the object that an answer is.

    Raises:
        OperatorError: ``server-answers-otherwise``, as the others here.
    """
    try:
        value: JsonValue = json.loads(reply.content)
    except ValueError as error:
        raise odd_answer(line, "its answer is no JSON") from error
    if not isinstance(value, dict):
        raise odd_answer(line, "its answer has another shape than is known here")
    return value


def items_of(line: Line, value: dict[str, JsonValue]) -> Iterator[dict[str, JsonValue]]:
    """Yield the items of a list."""
    found = value.get("items")
    for one in found if isinstance(found, list) else [None]:
        if not isinstance(one, dict):
            raise odd_answer(line, "its list has another shape than is known here")
        yield one


def record_of(line: Line, shape: type[_Model], value: dict[str, JsonValue]) -> _Model:
    """Return a record without what a later version of the server adds to it."""
    whole = {key: value[key] for key in shape.model_fields if key in value}
    try:
        return shape.model_validate_json(json.dumps(whole))
    except ValidationError as error:
        raise odd_answer(line, "its record has another shape than is known here") from error
