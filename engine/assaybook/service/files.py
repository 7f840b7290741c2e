"""Read one small file that a person named, with an error that a person can act on."""

import os
from pathlib import Path
from typing import Final

from assaybook.domain.errors import UsageError
from assaybook.language.source import Source, read_source

_MOST_BYTES: Final = 64 * 1024 * 1024


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        UsageError: ``file-missing``, ``file-unreadable`` or ``file-too-large``.
    """
    try:
        if path.is_dir():
            raise _unusable("file-unreadable", "this is a folder", path)
        with path.open("rb") as file:  # a pipe and a device do not say how much they hold
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise _unusable("file-missing", "there is no such file", path) from error
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise _unusable("file-unreadable", reason, path) from error
    except ValueError as error:
        raise _unusable("file-unreadable", "its name cannot be a path", path) from error
    if len(content) > _MOST_BYTES:
        raise _unusable("file-too-large", f"it has more than {_MOST_BYTES} bytes", path)
    return content


def read_yaml(path: Path) -> Source:
    """Return the YAML of a file with its positions.

    Raises:
        UsageError: the file cannot be read.
        AuthorError: it is not the YAML that is read here.
    """
    return read_source(read_bytes(path), str(path))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, making the folders above it.

    Raises:
        UsageError: ``file-unwritable``.
    """
    make_room(path)
    try:
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise _unusable("file-unwritable", reason, path) from error


def replace_file(path: Path, content: bytes) -> None:
    """Put new content in the place of a file, whole or not at all.

    Raises:
        UsageError: ``file-unwritable``.
    """
    make_room(path)
    beside = path.with_name(f".{path.name}.new")
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except FileExistsError as error:
        raise _unusable("file-unwritable", f"{beside} is in the way", path) from error
    except OSError as error:
        beside.unlink(missing_ok=True)
        reason = error.strerror or "it cannot be written"
        raise _unusable("file-unwritable", reason, path) from error


def make_room(path: Path) -> None:
    """Make the folders above a file that is written after long work, or refuse it before.

    Raises:
        UsageError: ``file-unwritable``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        taken = path.is_dir()
    except OSError as error:
        reason = error.strerror or "its folder cannot be made"
        raise _unusable("file-unwritable", reason, path) from error
    if taken:
        raise _unusable("file-unwritable", "this is a folder", path)


def forget_file(path: Path) -> None:
    """Take away what a file of an earlier run holds; a device or a pipe is left alone.

    Raises:
        UsageError: ``file-unwritable``.
    """
    if not path.is_file():
        return
    try:
        path.unlink()
    except OSError:
        write_bytes(path, b"")  # its folder may be closed to us, and the file open


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read.

    Raises:
        UsageError: ``file-unwritable``.
    """
    make_room(path)
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise _unusable("file-unwritable", reason, path) from error


def _unusable(code: str, reason: str, path: Path) -> UsageError:
    return UsageError(code, reason, where=str(path), hint="Check the path and its permissions.")
