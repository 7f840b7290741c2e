"""Where the blobs of an OCI image layout stand: in a folder, or in a tar, compressed or not.

A tar is walked again for each pass, so nothing of it has to be kept. A folder is read name by
name, and no link in it is followed.
"""

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, Final, Protocol, TypeAlias

from assaybook.domain.errors import SubmitterError
from assaybook.intake.archive import (
    BLOCK,
    ArchiveLimits,
    Budget,
    Gunzip,
    Member,
    Reader,
    files,
    refused,
)
from assaybook.intake.raw import CHECK_PATH

Source: TypeAlias = Path | bytes | BinaryIO
INDEX_FILE: Final = "index.json"
LAYOUT_FILE: Final = "oci-layout"
_GZIP: Final = b"\x1f\x8b"
_MAGIC: Final = slice(257, 262)


class Layout(Protocol):
    """The files of an OCI image layout."""

    def walk(self, wanted: frozenset[str]) -> Iterator[Member]:
        """Yield the wanted files, each of which can be read until the next is asked for.

        Raises:
            SubmitterError: the archive is refused, or a file cannot be read.
        """
        ...

    def others(self) -> tuple[str, ...]:
        """Return the names of files that are no part of the layout."""
        ...


def looks_packed(source: Source) -> bool:
    """Tell whether something is a tar or the folder of an image layout, by its first bytes."""
    if isinstance(source, Path) and source.is_dir():
        return (source / LAYOUT_FILE).is_file() and (source / INDEX_FILE).is_file()
    try:
        if isinstance(source, bytes):
            first = source[: BLOCK * 8]
        else:
            with _opened(source) as file:
                first = file.read(BLOCK * 8)
        if first.startswith(_GZIP):
            first = zlib.decompressobj(wbits=31).decompress(first, BLOCK)
    except (OSError, ValueError, zlib.error):
        return False
    return first[_MAGIC] == b"ustar"


def layout_of(source: Source, where: str, limits: ArchiveLimits) -> Layout:
    """Return the layout of a folder, a file, or bytes that were received."""
    if isinstance(source, Path) and source.is_dir():
        return _Folder(source, where, limits)
    return _Tar(lambda: _opened(source), where, limits)


def _opened(source: Source, *, follow: bool = True) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes):
        return BytesIO(source)
    if isinstance(source, Path):
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW))
        if not S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            message = "it is not a regular file"
            raise OSError(0, message)
        return os.fdopen(descriptor, "rb")
    source.seek(0)
    return nullcontext(source)


class _Tar:
    def __init__(
        self,
        opener: Callable[[], AbstractContextManager[BinaryIO]],
        where: str,
        limits: ArchiveLimits,
    ) -> None:
        self._opener = opener
        self._where = where
        self._limits = limits
        self._others: tuple[str, ...] = ()

    def walk(self, wanted: frozenset[str]) -> Iterator[Member]:
        others: list[str] = []
        try:
            with self._opener() as file:
                budget = Budget(self._limits, self._where)
                first = file.read(len(_GZIP))
                file.seek(0)
                source: Reader = Gunzip(file, budget) if first == _GZIP else file
                for member in files(source, budget):
                    if member.path in wanted:
                        yield member
                    elif not _belongs(member.path):
                        others.append(member.path)
        except OSError as error:
            raise _unreadable(self._where, error) from error
        self._others = tuple(others)

    def others(self) -> tuple[str, ...]:
        return self._others


class _Folder:
    def __init__(self, folder: Path, where: str, limits: ArchiveLimits) -> None:
        self._folder = folder
        self._where = where
        self._limits = limits

    def walk(self, wanted: frozenset[str]) -> Iterator[Member]:
        budget = Budget(self._limits, self._where)
        for name in sorted(wanted):
            try:
                path = self._plain(name)
                if path is None:
                    continue
                with _opened(path, follow=False) as file:
                    size = path.stat().st_size
                    yield Member(name, size, file, budget, size)
            except OSError as error:
                raise _unreadable(f"{self._where}/{name}", error) from error

    def _plain(self, name: str) -> Path | None:
        """Return the path of a file below the folder to which no link leads, if there is one."""
        path = self._folder
        for part in name.split("/"):
            path /= part
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                return None
            if not S_ISDIR(mode) and not S_ISREG(mode):
                reason = f"{name!r} is a link or a device"
                raise refused("archive-link", reason, self._where)
        return path

    def others(self) -> tuple[str, ...]:
        names = sorted(path.name for path in self._folder.iterdir())
        return tuple(name for name in names if not _belongs(name) and name != "blobs")


def _belongs(path: str) -> bool:
    return path in {INDEX_FILE, LAYOUT_FILE} or path.startswith("blobs/")


def _unreadable(where: str, error: OSError) -> SubmitterError:
    reason = error.strerror or "it cannot be opened"
    return SubmitterError("file-unreadable", reason, where=where, hint=CHECK_PATH)
