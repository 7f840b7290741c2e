"""Turns of processes that write to one database: who waits is woken, and who dies lets go.

Databases have locks of their own. That of SQLite is asked for again and again with growing pauses,
so that of two processes which write all the time one may wait for a tenth of a second.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self


class Turn:
    """Held by one process at a time, from ``with`` to its end; the system keeps the order.

    Args:
        file: which all of them open, each for itself; it is made where it is not there.
    """

    def __init__(self, file: Path) -> None:
        self._held = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> Self:
        """Wait for the turn."""
        import fcntl

        fcntl.flock(self._held, fcntl.LOCK_EX)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the turn."""
        import fcntl

        del kind, error, trace
        fcntl.flock(self._held, fcntl.LOCK_UN)
