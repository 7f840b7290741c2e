"""Names in an archive: plain, relative, and no two of them one on any file system."""

import unicodedata
from typing import Final

from assaybook.domain.errors import SubmitterError

_LONGEST: Final = 1_024
_DEEPEST: Final = 64
_HINT: Final = "Pack plain files and folders under relative names that differ in more than case."


def plain_path(name: str, where: str) -> str:
    """Return a name as a relative path with forward slashes, "" for the root of the archive.

    Raises:
        SubmitterError: ``archive-traversal`` for a name that leads elsewhere, ``archive-name`` for
            one that is no plain text or too long.
    """
    shown = repr(name[:200])
    if len(name) > _LONGEST:
        raise _refused("archive-name", f"{shown} and so on is too long", where)
    if not name or any(unicodedata.category(one) in {"Cc", "Cf", "Cs"} for one in name):
        raise _refused("archive-name", f"{shown} is no plain name", where)
    drive = len(name) > 1 and name[1] == ":" and name[0].isalpha()
    if name.startswith("/") or "\\" in name or drive:
        raise _refused("archive-traversal", f"{shown} is no relative path", where)
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise _refused("archive-traversal", f"{shown} leads out of the archive", where)
    if len(parts) > _DEEPEST:
        raise _refused("archive-name", f"{shown} lies too deep", where)
    return "/".join(parts)


class Names:
    """The names of one archive, each of which is met once."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._known: dict[str, tuple[str, bool]] = {}

    def add(self, path: str, *, folder: bool) -> None:
        """Note a name and the folders above it.

        Raises:
            SubmitterError: ``archive-duplicate`` or ``archive-clash``.
        """
        above, slash, _ = path.rpartition("/")
        while slash:
            if self._known.get(_folded(above)) == (above, True):
                break
            self._note(above, folder=True)
            above, slash, _ = above.rpartition("/")
        if path or not folder:
            self._note(path, folder=folder)

    def _note(self, path: str, *, folder: bool) -> None:
        folded = _folded(path)
        if folded not in self._known:
            self._known[folded] = (path, folder)
            return
        known, was_folder = self._known[folded]
        if known != path:
            reason = f"{known!r} and {path!r} are one name to some file systems"
            raise _refused("archive-clash", reason, self._where)
        if was_folder != folder:
            reason = f"{path!r} is a file and a folder"
            raise _refused("archive-clash", reason, self._where)
        if not folder:
            raise _refused("archive-duplicate", f"{path!r} stands in it twice", self._where)


def _folded(path: str) -> str:
    """Return what equal names have in common where case and composition do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _refused(code: str, reason: str, where: str) -> SubmitterError:
    return SubmitterError(code, f"the archive is refused: {reason}", where=where, hint=_HINT)
