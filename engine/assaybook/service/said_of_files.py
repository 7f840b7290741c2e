"""What is said of files that no manifest lists: by a manifest above them, or by a person."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from assaybook.domain.errors import SubmitterError, UsageError
from assaybook.intake.declared import Declared
from assaybook.intake.package_layout import looks_packed
from assaybook.intake.registry import adapter_named

Others = Callable[[Path], Declared]
"""Returns what a manifest says of a file that it does not list."""


def usable_format(
    declared: str | None, paths: Sequence[Path], *, where: str = "--as"
) -> str | None:
    """Return the format that a person declared of files, once it can hold for one of them.

    ``where`` is where the person wrote it.

    Raises:
        UsageError: ``format-unknown``, also where it would be used for no file; or
            ``format-of-folder``: in a folder each file says its own.
    """
    if declared is None:
        return None
    try:
        adapter_named(declared)
    except SubmitterError as error:
        # Nobody submitted it: the files may be as good as they can be.
        raise UsageError(error.code, error.message, where=where, hint=error.hint) from error
    if paths and all(path.is_dir() and not looks_packed(path) for path in paths):
        raise UsageError(
            "format-of-folder",
            "a format holds for files that are named, and here are folders only",
            where=where,
            hint="Name the files, or say of each in evidence.yaml: as: FORMAT.",
        )
    return declared


def said_beside(path: Path, others: Mapping[str, Others]) -> tuple[Declared, ...]:
    """Return what the nearest manifest above a file says of files that it does not list.

    ``others`` are such manifests by their folder.
    """
    for folder in Path(os.path.realpath(path)).parents if others else ():
        if (said := others.get(str(folder))) is not None:
            with suppress(SubmitterError):  # a file without a time is read, and has no date
                return (said(path),)
    return ()
