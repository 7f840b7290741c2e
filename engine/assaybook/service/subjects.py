"""The subject that a ``system.yaml`` asserts."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Final

from assaybook.domain.errors import UsageError
from assaybook.domain.subject import Subject
from assaybook.language.document_subject import SubjectDocument, load_subject, subject_of
from assaybook.service.files import read_yaml

_NAMED: Final = "Name the artifact relative to the system file, or give its digest."
_CHUNK = 1024 * 1024


def read_subject(path: Path, version: str) -> Subject:
    """Return a system and one release of it; artifact paths are relative to the file.

    Raises:
        UsageError: ``release-unknown``.
        AssayError: the file, or an artifact that it names, cannot be read.
    """
    document = read_system_file(path)
    versions = [one.version for one in document.releases]
    if version not in versions:
        raise release_unknown(version, versions, path)
    folder = path.parent
    return subject_of(document, version, lambda name: file_digest(folder / name), where=str(path))


def release_unknown(version: str, versions: Iterable[str], path: Path) -> UsageError:
    """Return the error for a release that a system file does not hold."""
    return UsageError(
        "release-unknown",
        f"there is no release {version!r} in the file",
        where=str(path),
        hint=f"There are: {', '.join(versions)}.",
    )


def read_system_file(path: Path) -> SubjectDocument:
    """Return what a ``system.yaml`` says.

    Raises:
        UsageError: ``file-missing`` and the like.
        AuthorError: it cannot be used as written.
    """
    try:
        return load_subject(read_yaml(path))
    except UsageError as error:
        if error.code != "file-missing":
            raise
        raise UsageError(
            error.code,
            "there is no such file, so nobody knows which system and release is meant",
            where=error.where,
            hint="Name one with --system, or write one: assay init DIR makes one to begin with.",
        ) from error


def file_digest(path: Path) -> str:
    """Return ``sha256:<hex>`` of a file of any size, read in parts.

    Raises:
        UsageError: ``artifact-missing`` or ``artifact-unreadable``.
    """
    summed = hashlib.sha256()
    try:
        mode = path.stat().st_mode
        if S_ISDIR(mode):
            hint = "Name the file in it that is the model, or pack it as one file, such as a .tar."
            raise _unusable("artifact-unreadable", "a folder has no digest", path, hint)
        if not S_ISREG(mode):  # a device may never end
            raise _unusable("artifact-unreadable", "it is not a regular file", path)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                summed.update(chunk)
    except FileNotFoundError as error:
        raise _unusable("artifact-missing", "there is no such file", path) from error
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise _unusable("artifact-unreadable", reason, path) from error
    except ValueError as error:
        raise _unusable("artifact-unreadable", "its name cannot be a path", path) from error
    return f"sha256:{summed.hexdigest()}"


def _unusable(code: str, reason: str, path: Path, hint: str = _NAMED) -> UsageError:
    return UsageError(code, reason, where=str(path), hint=hint)
