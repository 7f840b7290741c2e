"""The folder of a server that runs: what its processes write for a moment goes nowhere else.

It is removed at the end, and what a process leaves that was killed, by the one that lives on. What
stays where the whole server was killed is removed by the next one: the system lets go of the lock
of whoever died, so that nothing of a server that runs is taken for that of a dead one.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR
from typing import Final

_PREFIX: Final = "assay-serve-"
_ALIVE: Final = "alive"
"""The file that is locked as long as a process of the server lives."""
_WORK: Final = "work"


@contextmanager
def scratch_folder() -> Generator[Path]:
    """Make the folder of a server, in which temporary files of this process are, too."""
    _clear_away()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        folder, before = Path(name), tempfile.tempdir
        (folder / _WORK).mkdir()
        held = _locked(folder)
        tempfile.tempdir = str(folder / _WORK)
        try:
            yield folder
        finally:
            tempfile.tempdir = before
            if held is not None:
                os.close(held)


def work_here(folder: Path, process: int) -> None:
    """Have the temporary files of this process in a place of its own in the server's folder."""
    tempfile.tempdir = tempfile.mkdtemp(prefix=f"{process}-", dir=folder / _WORK)


def clear_after(folder: Path, process: int) -> None:
    """Remove what a process left that has ended."""
    for one in (folder / _WORK).glob(f"{process}-*"):
        shutil.rmtree(one, ignore_errors=True)


def _locked(folder: Path) -> int | None:
    """Lock the file by which others know that this server lives; None where none can be locked.

    It has its name only once it is locked, so that nobody finds it free before.
    """
    try:
        import fcntl
    except ModuleNotFoundError:
        return None
    new = folder / f"{_ALIVE}.new"
    held = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    new.rename(folder / _ALIVE)
    return held


def _clear_away() -> None:
    """Remove the folders of servers of this user that were killed."""
    if not hasattr(os, "geteuid"):
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = folder.lstat()
            if S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and _is_dead(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_dead(folder: Path) -> bool:
    """Tell whether nobody holds the lock of a folder; one without a lock is left alone."""
    import fcntl

    held = os.open(folder / _ALIVE, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(held)
