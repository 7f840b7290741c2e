"""Where the files of a manifest are: in its folder, or sent with it."""

import errno
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from assaybook.domain.record import record


class Place(Protocol):
    """What a manifest may ask of the files that it speaks of."""

    @property
    def shown(self) -> str:
        """Return the name of the manifest, for messages."""
        ...

    @property
    def folder(self) -> Path:
        """Return the folder in which every listed file must stand."""
        ...

    def joined(self, written: str) -> Path:
        """Return the path that was written.

        Raises:
            OSError: it cannot be a path.
            ValueError: the same.
        """
        ...

    def holds(self, path: Path) -> bool:
        """Tell whether there is such a file."""
        ...

    def name_of(self, path: Path) -> str:
        """Return the name of a listed file, from the folder on."""
        ...

    def digest_of(self, path: Path) -> str:
        """Return the SHA-256 digest of a file.

        Raises:
            OSError: it cannot be read.
        """
        ...

    def time_of(self, path: Path) -> datetime:
        """Return when a file was last written, to the second.

        Raises:
            OSError: it cannot be known.
        """
        ...


class FolderPlace:
    """The folder of a manifest on this machine."""

    def __init__(self, manifest: Path) -> None:
        self.shown = str(manifest)
        self.folder = manifest.resolve().parent

    def joined(self, written: str) -> Path:
        """Return the path, without links and dots."""
        return (self.folder / written).resolve()

    def holds(self, path: Path) -> bool:
        """Tell whether there is such a file."""
        return path.is_file()

    def name_of(self, path: Path) -> str:
        """Return the name from the folder on."""
        return path.relative_to(self.folder).as_posix()

    def digest_of(self, path: Path) -> str:
        """Return the digest of the file, which is never whole in memory."""
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"

    def time_of(self, path: Path) -> datetime:
        """Return what the file system says."""
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)


@record
class PartsPlace:
    """Files that were sent with their manifest; the disk of this machine is never looked at."""

    shown: str
    names: frozenset[str]

    @property
    def folder(self) -> Path:
        """Return the root of the names, which is no folder of this machine."""
        return _ROOT

    def joined(self, written: str) -> Path:
        """Return the name with its dots worked out; what leads above the root stays outside."""
        if "\x00" in written or len(written) > _LONGEST:
            raise ValueError(written[:_LONGEST])
        plain = Path(os.path.normpath(written))
        outside = plain.is_absolute() or os.pardir in plain.parts
        return plain if outside else _ROOT / plain

    def holds(self, path: Path) -> bool:
        """Tell whether a file of this name was sent."""
        return self.name_of(path) in self.names

    def name_of(self, path: Path) -> str:
        """Return the name under which it was sent."""
        return path.relative_to(_ROOT).as_posix()

    def digest_of(self, path: Path) -> str:
        """Refuse: only the sender has the file."""
        raise OSError(errno.ENOENT, _UNSENT, str(path))

    def time_of(self, path: Path) -> datetime:
        """Refuse: only the sender knows."""
        raise OSError(errno.ENOENT, _UNSENT, str(path))


_ROOT: Final = Path("sent")
_LONGEST: Final = 1000
_UNSENT: Final = "only the sender can know it"
