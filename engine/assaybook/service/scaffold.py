"""Write a policy repository, or one policy, that works at once and is there to be changed."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from assaybook.domain.errors import UsageError
from assaybook.domain.ids import PolicyId, written
from assaybook.service.files import write_bytes
from assaybook.shelf import shelf

_POLICY_ID: Final[TypeAdapter[str]] = TypeAdapter(PolicyId)
_HIDDEN: Final = {
    "github-workflow.yml": ".github/workflows/policies.yml",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
}
"""Where files go whose names a package cannot well carry."""


def init_repository(folder: Path, now: datetime) -> tuple[str, ...]:
    """Write a repository of policies into a folder; return the files, in order.

    The evidence in it was made ``now``, so that a check of it passes.

    Raises:
        UsageError: ``file-exists``: a file is there already; none is written. Or the folder cannot
            be written.
    """
    found = dict(_files(shelf("templates") / "init"))
    texts = {_HIDDEN.get(name, name): text for name, text in found.items()}
    at = written(now)
    return _written(folder, {name: text.replace("@NOW@", at) for name, text in texts.items()})


def new_policy(policy_id: str, folder: Path) -> tuple[str, ...]:
    """Write a policy with its cases and a page about it; return the files, in order.

    Raises:
        UsageError: ``policy-id-invalid``, or ``file-exists``; none is written.
    """
    try:
        _POLICY_ID.validate_python(policy_id)
    except ValidationError as error:
        raise UsageError(
            "policy-id-invalid",
            f"{policy_id!r} is no id of a policy",
            where="assay policy new",
            hint="Write an area and a name in lower case, such as quality.accuracy.",
        ) from error
    place = policy_id.replace(".", "/")
    found = dict(_files(shelf("templates") / "policy"))
    texts = {name.replace("policy", place, 1): text for name, text in found.items()}
    return _written(folder, {name: text.replace("@ID@", policy_id) for name, text in texts.items()})


def _files(folder: Traversable, before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for each in sorted(folder.iterdir(), key=lambda one: one.name):
        if each.is_dir():
            found += _files(each, f"{before}{each.name}/")
        else:
            found.append((f"{before}{each.name}", each.read_text(encoding="utf-8")))
    return found


def _written(folder: Path, texts: Mapping[str, str]) -> tuple[str, ...]:
    there = sorted(name for name in texts if (folder / name).exists())
    if there:
        raise UsageError(
            "file-exists",
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already",
            where=str(folder),
            hint="Nothing was written. Choose an empty folder, or another name.",
        )
    for name, text in texts.items():
        write_bytes(folder / name, text.encode())
    return tuple(sorted(texts))
