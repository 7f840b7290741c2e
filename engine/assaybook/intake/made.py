"""Models from values that are known to be what the model wants: a third of the price of asking.

Only for values that our own code has just made or validated, each of the type that its field names;
what an adapter of a third party or a document says is validated.
"""

from functools import cache
from typing import Final, TypeVar

from pydantic import BaseModel

_Model = TypeVar("_Model", bound=BaseModel)
_SET: Final = object.__setattr__


@cache
def _all_fields(model: type[BaseModel]) -> set[str]:
    """Return the names of all fields: one set for all models that are made, which none changes."""
    return set(model.model_fields)


def made(model: type[_Model], values: dict[str, object]) -> _Model:
    """Return the model of values, one for each of its fields and in their order."""
    new = model.__new__(model)
    _SET(new, "__dict__", values)
    _SET(new, "__pydantic_fields_set__", _all_fields(model))
    _SET(new, "__pydantic_extra__", None)
    _SET(new, "__pydantic_private__", None)
    return new
