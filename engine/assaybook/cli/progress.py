"""How far long work is: a bar on a terminal, and a line now and then in the log of a pipeline."""

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assaybook.cli.stored import tell

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

_A_BAR: Final = 50
"""Files from which a bar is worth its start."""
_A_LINE: Final = 1000
"""Files after which the log of a pipeline is told how many there were."""
_MEGABYTE: Final = 1_000_000


@contextmanager
def files_shown(what: str, paths: Sequence[Path]) -> Generator[Callable[[int], None]]:
    """Show how many files were read; few files are read before anybody could wonder."""
    total = sum(len(names) for path in paths for _, _, names in os.walk(path))
    total += sum(path.is_file() for path in paths)
    if total < _A_BAR or not (sys.stderr.isatty() or total > _A_LINE):
        yield lambda _more: None
    elif sys.stderr.isatty():
        from rich.progress import MofNCompleteColumn

        with _bar(MofNCompleteColumn()) as bar:
            task = bar.add_task(what, total=total)
            yield lambda more: bar.advance(task, more)
    else:
        yield _Counted(what, total)


class _Counted:
    """Says in a line how many files there were, after each thousand."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0

    def __call__(self, more: int) -> None:
        before, self._done = self._done, self._done + more
        if self._done // _A_LINE > before // _A_LINE:
            tell(f"{self._what}: {self._done} of {self._total} files")


@contextmanager
def transfer_shown(what: str) -> Generator[Callable[[int, int], None]]:
    """Show how many bytes, of how many, were taken; one request needs no line."""
    if sys.stderr.isatty():
        from rich.progress import DownloadColumn

        with _bar(DownloadColumn()) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    else:
        yield lambda done, total: _tell_bytes(what, done, total)


@contextmanager
def names_shown(what: str) -> Generator[Callable[[str], None]]:
    """Show on a terminal how many things were done, and which was the last."""
    if not sys.stderr.isatty():
        yield lambda _name: None
        return
    from rich.progress import TextColumn

    with _bar(TextColumn("{task.completed:.0f} {task.fields[name]}", markup=False)) as bar:
        task = bar.add_task(what, total=None, name="")
        yield lambda name: bar.update(task, advance=1, name=name)


def _tell_bytes(what: str, done: int, total: int) -> None:
    if done < total:
        tell(f"{what}: {done / _MEGABYTE:.1f} of {total / _MEGABYTE:.1f} MB")


def _bar(column: "ProgressColumn") -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), column)
    return Progress(*columns, console=Console(stderr=True), transient=True)
