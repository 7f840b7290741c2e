"""Models from values that are known to be what the model wants: a third of the price of asking.

Only for values that our own code has just made or validated, each of the type that its field names;
what an adapter of a third party or a document says is validated.
"""

from functools import cache
from typing import Any, Final, TypeVar

from pydantic import BaseModel

_Model = TypeVar("_Model", bound=BaseModel)
_SLOTS: Final[dict[str, Any]] = dict(vars(BaseModel))
_SET_VALUES: Final = _SLOTS["__dict__"].__set__
_SET_FIELDS: Final = _SLOTS["__pydantic_fields_set__"].__set__
_SET_EXTRA: Final = _SLOTS["__pydantic_extra__"].__set__
_SET_PRIVATE: Final = _SLOTS["__pydantic_private__"].__set__


@cache
def _all_fields(model: type[BaseModel]) -> set[str]:
    """Return the names of all fields: one set for all models that are made, which none changes."""
    return set(model.model_fields)


@cache
def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    fields = model.model_fields.items()
    return {name: each.get_default(call_default_factory=True) for name, each in fields}


def filled(model: type[_Model], values: dict[str, object]) -> _Model:
    """Return the model of values, of which those that are not given are the field's defaults.

    ``values`` are by the names of the fields, and have all that have no default.
    """
    return made(model, _defaults(model) | values)


def made(model: type[_Model], values: dict[str, object]) -> _Model:
    """Return the model of values, one for each of its fields and in their order."""
    new = object.__new__(model)
    _SET_VALUES(new, values)
    _SET_FIELDS(new, _all_fields(model))
    _SET_EXTRA(new, None)
    _SET_PRIVATE(new, None)
    return new
