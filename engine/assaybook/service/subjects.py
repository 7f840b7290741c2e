"""The subject that a ``system.yaml`` asserts."""

import hashlib
from pathlib import Path

from assaybook.domain.errors import UsageError
from assaybook.domain.subject import Subject
from assaybook.language.document_subject import load_subject, subject_of
from assaybook.service.files import read_yaml

_CHUNK = 1024 * 1024


def read_subject(path: Path, version: str) -> Subject:
    """Return a system and one release of it; artifact paths are relative to the file.

    Raises:
        AssayError: the file, the release in it, or an artifact that it names cannot be read.
    """
    source = read_yaml(path)
    folder = path.parent
    return subject_of(
        load_subject(source), version, lambda name: file_digest(folder / name), where=str(path)
    )


def file_digest(path: Path) -> str:
    """Return ``sha256:<hex>`` of a file of any size, read in parts.

    Raises:
        UsageError: ``artifact-missing`` or ``artifact-unreadable``.
    """
    summed = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                summed.update(chunk)
    except FileNotFoundError as error:
        raise _unusable("artifact-missing", "there is no such file", path) from error
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise _unusable("artifact-unreadable", reason, path) from error
    return f"sha256:{summed.hexdigest()}"


def _unusable(code: str, reason: str, path: Path) -> UsageError:
    hint = "Name the artifact relative to the system file, or give its digest."
    return UsageError(code, reason, where=str(path), hint=hint)
