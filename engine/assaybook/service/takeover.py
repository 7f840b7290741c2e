"""Taking what was written over from SQLite's write-ahead log into its file, beside the writer.

Otherwise the commit that makes the log long pays for all that others have written, and every caller
that waits for it waits a hundred times as long as usual. Where this thread is late, the commit pays
as before; what is acknowledged is on the disk either way.
"""

from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

from assaybook.store.engine import Database, is_sqlite, take_over

_AFTER: Final = 300
"""Functions of the writer after which it is worth it: three fifths of what makes a commit pay."""
_PATIENCE: Final = 1.5
"""Seconds that a closing process waits; what is not taken over is so when it is opened again."""


class Takeover:
    """The thread that takes over; on a server of databases there is nothing to do.

    Args:
        engine: the database.
        after: how many functions are run between two times.
        processes: how many write; each counts its own functions only.
    """

    def __init__(self, engine: Database, *, after: int = _AFTER, processes: int = 1) -> None:
        self._engine = engine
        self._after = max(1, after // processes)
        self._written = 0
        self._due = Event()
        self._ended = False
        self._thread = Thread(target=self._work, name="assay-takeover", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread, where there is something to do for it."""
        if is_sqlite(self._engine):
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the thread."""
        del kind, error, trace
        self._ended = True
        self._due.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def wrote(self, functions: int) -> None:
        """Tell that functions were run and committed; called by the one writer."""
        self._written += functions
        if self._written >= self._after:
            self._written = 0
            self._due.set()

    def _work(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._ended:
                return
            take_over(self._engine)
