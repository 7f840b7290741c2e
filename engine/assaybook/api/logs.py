"""Log lines: one JSON object each, of named fields only.

Nothing of a body, a query, a header or an error's text is written, so neither keys nor evidence nor
personal data can be in them: a request is its id, its route, its status and who (by id) asked.
"""

import atexit
import logging
import sys
import traceback
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock, Thread
from time import time
from typing import IO, Final

from pydantic_core import to_json

ACCESS: Final = logging.getLogger("assaybook.access")
ERRORS: Final = logging.getLogger("assaybook.errors")
_FRAMES: Final = 5
_WAIT: Final = 0.1
_ACCESS_LINE: Final = vars(logging.LogRecord(ACCESS.name, logging.INFO, "", 0, "request", (), None))
_MOST: Final = 100_000
"""Lines that wait to be written at most."""


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON: its time, level, event and fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; of a record of another library only what it says, without arguments."""
        fields: Mapping[str, object] | None = getattr(record, "fields", None)
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _unicode(record.getMessage()) if fields is None else record.msg,
            **(fields or {}),
        }
        return to_json(said).decode()


class Batched(logging.Handler):
    """Writes lines a tenth of a second later, many at once, in a thread of its own.

    A write for each request would make the event loop wait for other threads each time, and for
    good where nobody reads what is written; the oldest lines are lost then.
    """

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self._stream = stream
        self._records: deque[logging.LogRecord] = deque(maxlen=_MOST)
        self._writing = Lock()
        self._urgent = Event()
        Thread(target=self._write_on, name="assay-log", daemon=True).start()
        atexit.register(self.flush)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line; an error is written without delay."""
        self._records.append(record)
        if record.levelno >= logging.ERROR:
            self._urgent.set()

    def flush(self) -> None:
        """Write what was taken."""
        with self._writing:
            lines: list[str] = []
            while self._records:
                lines.append(self.format(self._records.popleft()))
            if lines:
                self._stream.write("".join(f"{line}\n" for line in lines))
                self._stream.flush()

    def _write_on(self) -> None:
        while True:
            self._urgent.wait(_WAIT)
            self._urgent.clear()
            self.flush()


def log_to(stream: IO[str] | None = None) -> None:
    """Send the log lines of this process to a stream, by default stderr."""
    # No line says which thread, task or process wrote it, so it need not be found out for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = Batched(sys.stderr if stream is None else stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("assaybook", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.INFO)


def log_access(fields: Mapping[str, object]) -> None:
    """Record that a request was answered."""
    if ACCESS.isEnabledFor(logging.INFO):
        # Filled from one that was made before: where in our code it was written asks nobody.
        line = logging.LogRecord.__new__(logging.LogRecord)
        line.__dict__.update(_ACCESS_LINE, created=time(), fields=fields)
        ACCESS.handle(line)


def log_defect(error: BaseException, request_id: str) -> None:
    """Record an error that nobody foresaw: where it happened, and not what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{Path(one.filename).name}:{one.lineno}" for one in frames]
    fields = {"request_id": request_id, "type": type(error).__name__, "at": places}
    ERRORS.error("defect", extra={"fields": fields})


def log_operator(code: str, detail: str, request_id: str) -> None:
    """Record what the operator must mend: the callers are told its code only."""
    fields = {"request_id": request_id, "code": code, "detail": _unicode(detail)}
    ERRORS.error("operator", extra={"fields": fields})


def _unicode(text: str) -> str:
    """Return a text that can be written; of a file's name that is no UTF-8, odd bytes spelled."""
    return text.encode("utf-8", "backslashreplace").decode()
