"""Read an assessment back from the JSON that ``check`` and ``assess`` write."""

import json
from pathlib import Path
from typing import Final, cast

from pydantic import ValidationError

from assaybook.domain.errors import SubmitterError
from assaybook.domain.finding import Assessment
from assaybook.service.files import read_bytes

_BESIDE: Final = frozenset({"problems", "files"})
"""What ``check`` adds to an assessment."""


def read_findings(path: Path) -> Assessment:
    """Return the assessment that a file holds.

    Raises:
        UsageError: the file cannot be read.
        SubmitterError: ``findings-unreadable``, it is not what ``check --format json`` writes.
    """
    try:
        value = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, "it is no JSON") from error
    if not isinstance(value, dict):
        raise _unreadable(path, "it holds no assessment")
    held = cast("dict[str, object]", value)
    kept = {key: part for key, part in held.items() if key not in _BESIDE}
    try:
        return Assessment.model_validate_json(json.dumps(kept))
    except ValidationError as error:
        place = "/".join(map(str, error.errors(include_url=False)[0]["loc"]))
        raise _unreadable(path, f"{place} is not there, or not as it is written") from error


def _unreadable(path: Path, why: str) -> SubmitterError:
    return SubmitterError(
        "findings-unreadable",
        f"this is no assessment: {why}",
        where=str(path),
        hint="Write it with: assay check ... --format json > findings.json",
    )
