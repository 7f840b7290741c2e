"""Painted parts kept in a folder, so that a section that has not changed is not laid out again.

The name of an entry is the digest of all that its bytes depend on: our sources, the libraries and
their versions, the fonts, the style and the text of the part. Since a page says what was judged,
the folder and each entry must be this user's alone; an entry that anybody else could have written,
or that is not whole, is as good as none. The folder is opened once and entries by name in it, so
that nobody can put another in its place.
"""

import ctypes
import hashlib
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, Self

from assaybook.reporting.pdf.paint import Painted
from assaybook.reporting.pdf.parcel import packed, unpacked
from assaybook.reporting.pdf.split import Part, faces

MOST_BYTES: Final = 128 * 2**20
"""Of all entries; those that were not used for the longest time go first."""
MOST_SECONDS: Final = 30 * 86_400
"""After which an entry that nobody used is gone, and with it what its page said."""
_MOST_OF_ONE: Final = 32 * 2**20
_DIGEST: Final = 32
_OTHERS: Final = 0o077
_PACKAGES: Final = (
    "cffi",
    "cssselect2",
    "fonttools",
    "pillow",
    "pydyf",
    "pyphen",
    "tinycss2",
    "tinyhtml5",
    "weasyprint",
)
LIBRARIES: Final[dict[str, tuple[str, ...]]] = {
    "pango": ("libpango-1.0.so.0", "libpango-1.0.0.dylib"),
    "harfbuzz": ("libharfbuzz.so.0", "libharfbuzz.0.dylib"),
    "fontconfig": ("libfontconfig.so.1", "libfontconfig.1.dylib"),
    "freetype": ("libfreetype.so.6", "libfreetype.6.dylib"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """The folder of painted parts.

    Attributes:
        folder: an open descriptor of it.
        basis: digest of what the bytes of every part depend on.
    """

    folder: int
    basis: bytes

    @classmethod
    def opened(cls, folder: Path, files: Mapping[str, bytes]) -> Self | None:
        """Return the parts kept in ``folder``, which is made if need be, or None.

        It is None where the folder is not this user's alone, where none can be made, or where a
        library does not say which version it is.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return None
        if _is_ours(os.fstat(opened)):
            with suppress(OSError, AttributeError, PackageNotFoundError):
                return cls(opened, _basis(files))
        os.close(opened)
        return None

    def name(self, part: Part, style: str) -> str:
        """Return the name of the entry of a part."""
        used = faces(style) if part.kind == "fonts" else style
        said = (used, part.html, str(part.continues), str(part.first), part.kind)
        return _digest([self.basis, *(each.encode() for each in said)]).hex()

    def find(self, name: str) -> Painted | None:
        """Return the part of that name, or None where there is none that can be believed."""
        try:
            data = self._read(name)
            if data is None or _digest([name.encode(), data[_DIGEST:]]) != data[:_DIGEST]:
                return None
            return unpacked(data[_DIGEST:])
        except (OSError, ValueError):
            return None

    def keep(self, name: str, painted: Painted) -> None:
        """Keep a part, whole or not at all; where that cannot be, the next pack lays it out."""
        data = packed(painted)
        beside = f".{name}.{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with suppress(OSError):
            made = os.open(beside, flags, 0o600, dir_fd=self.folder)
            try:
                with open(made, "wb") as file:  # noqa: PTH123 - it is open already
                    file.write(_digest([name.encode(), data]) + data)
                os.replace(beside, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
            except OSError:
                os.unlink(beside, dir_fd=self.folder)

    def tidy(self, newest: str) -> None:
        """Remove what has not been used for long, and the oldest beyond what may be held.

        The present is when the entry ``newest`` was used: nothing here reads a clock.
        """
        with suppress(OSError):
            present = os.stat(newest, dir_fd=self.folder).st_mtime
            held = 0
            for used, size, name in sorted(self._entries(), reverse=True):
                held += size
                if held > MOST_BYTES or present - used > MOST_SECONDS:
                    with suppress(OSError):
                        os.unlink(name, dir_fd=self.folder)

    def _entries(self) -> Iterable[tuple[float, int, str]]:
        """Yield when each file was used last, its size and its name."""
        for name in os.listdir(self.folder):  # noqa: PTH208 - a path would not be this folder
            with suppress(OSError):
                found = os.stat(name, dir_fd=self.folder, follow_symlinks=False)
                yield found.st_mtime, found.st_size, name

    def _read(self, name: str) -> bytes | None:
        """Return an entry that this user alone could write, and note that it was used."""
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self.folder)
        with open(opened, "rb") as file:  # noqa: PTH123 - it is open already
            found = os.fstat(opened)
            if not stat.S_ISREG(found.st_mode) or not _is_ours(found):
                return None
            if found.st_size > _MOST_OF_ONE:
                return None
            os.utime(opened)
            return file.read(_MOST_OF_ONE)


def _is_ours(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & _OTHERS


def _basis(files: Mapping[str, bytes]) -> bytes:
    """Return the digest of our sources, the fonts and the versions of the libraries.

    Raises:
        OSError: a library is not where it is looked for.
        AttributeError: it does not say its version.
        PackageNotFoundError: a package is not installed.
    """
    here = Path(__file__).parent
    sources = (each.read_bytes() for each in sorted(here.glob("*.py")))
    fonts = (each for name in sorted(files) for each in (name.encode(), files[name]))
    packages = (f"{name} {version(name)}".encode() for name in _PACKAGES)
    return _digest([*sources, *fonts, *packages, *_versions()])


def _versions() -> Iterable[bytes]:
    """Yield the versions of the libraries that lay out text."""
    loaded = {name: _library(names) for name, names in LIBRARIES.items()}
    for name, function in (("pango", "pango_version_string"), ("harfbuzz", "hb_version_string")):
        said = getattr(loaded[name], function)
        said.restype = ctypes.c_char_p
        yield said()
    yield b"%d" % loaded["fontconfig"].FcGetVersion()
    handle, numbers = ctypes.c_void_p(), [ctypes.c_int() for _ in range(3)]
    freetype = loaded["freetype"]
    freetype.FT_Init_FreeType(ctypes.byref(handle))
    freetype.FT_Library_Version(handle, *map(ctypes.byref, numbers))
    freetype.FT_Done_FreeType(handle)
    yield b"%d.%d.%d" % tuple(each.value for each in numbers)


def _library(names: Iterable[str]) -> ctypes.CDLL:
    """Load the library that goes by one of these names.

    Raises:
        OSError: none does.
    """
    for name in names:
        with suppress(OSError):
            return ctypes.CDLL(name)
    raise OSError(f"no library {names}")


def _digest(items: Iterable[bytes]) -> bytes:
    """Return the SHA-256 of items, each with its length, so that no two lists are alike."""
    made = hashlib.sha256()
    for each in items:
        made.update(b"%d:" % len(each))
        made.update(each)
    return made.digest()
