"""Where the shipped policies, controls and templates live, in a wheel and in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal

from assaybook.domain.errors import OperatorError

Shelf = Literal["policies", "controls", "templates", "examples"]
_CHECKOUT: Final = Path(__file__).resolve().parents[2]


def shelf(name: Shelf) -> Traversable:
    """Return the folder of shipped data called ``name``.

    Raises:
        OperatorError: neither the wheel nor the checkout has the folder.
    """
    shipped = files("assaybook") / "data" / name
    if shipped.is_dir():
        return shipped
    if (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / name).is_dir():
        return _CHECKOUT / name
    raise OperatorError(
        "shelf-missing",
        f"no shipped {name} found",
        where="the installed package",
        hint="Install Assaybook again; the wheel carries its policies, controls and templates.",
    )
