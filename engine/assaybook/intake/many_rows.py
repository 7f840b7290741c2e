"""Documents that list more than can be read: told from their lists, before anything is read.

The places of the long lists are data, one row of facts for each item in them.
"""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final, TypeVar

from assaybook.domain.errors import SubmitterError
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed
from assaybook.intake.raw import TOO_MUCH
from assaybook.intake.values import Json

_Row = TypeVar("_Row")
Path = tuple[str, ...]

_LISTS: Final[Mapping[str, tuple[Path, ...]]] = {
    "assaybook": (("facts",),),
    "gitleaks": ((),),
    "great-expectations": (("results",),),
    "mlflow": (
        ("data", "metrics"),
        ("run", "data", "metrics"),
        ("runs", "*", "data", "metrics"),
    ),
    "presidio": ((),),
    "sarif": (("runs", "*", "results"),),
    "trivy": tuple(
        ("Results", "*", kind)
        for kind in ("Vulnerabilities", "Misconfigurations", "Secrets", "Licenses")
    ),
}


def refuse_many(document: Parsed, format_name: str, limits: Limits) -> None:
    """Refuse a document whose lists have more items than facts may be read.

    Raises:
        SubmitterError: ``too-many-facts``.
    """
    if len(document.source) <= limits.facts:  # each item takes more than a character
        return
    if sum(_items(document.value, path) for path in _LISTS.get(format_name, ())) > limits.facts:
        raise too_many(document, limits)


def told(rows: Iterable[_Row]) -> list[_Row]:
    """Return rows, of too many as many as tell that they are: a few texts can give millions."""
    return [*islice(rows, Limits().facts + 1)]


def too_many(document: Parsed, limits: Limits) -> SubmitterError:
    """Return the error of a document that holds more facts than can be read."""
    return SubmitterError(
        "too-many-facts",
        f"the document holds more than {limits.facts} rows",
        where=document.name,
        hint=TOO_MUCH,
    )


def _items(value: Json, path: Path) -> int:
    """Return how many items the lists at a path have together."""
    if not path:
        return len(value) if isinstance(value, list) else 0
    if path[0] == "*":
        return sum(_items(one, path[1:]) for one in value) if isinstance(value, list) else 0
    return _items(value.get(path[0]), path[1:]) if isinstance(value, dict) else 0
