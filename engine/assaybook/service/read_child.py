"""The child process that reads files: it is told one after another and answers what each holds.

It speaks over the one connection that it was given: first it is told where modules are found, the
receipt and the limits, and says that it is ready; then it is told files. It ends when nobody holds
the other end any more.
"""

import gc
import sys
from multiprocessing.connection import Connection
from typing import Any, Final, NoReturn, TypeAlias

from assaybook.domain.errors import AssayError
from assaybook.intake.limits import Limits
from assaybook.intake.read import Receipt
from assaybook.service.read_evidence import Found, Task, read_task

_OBJECTS_BETWEEN_COLLECTIONS: Final = 200_000


_Line: TypeAlias = "Connection[Any, Any]"


def main(place: int) -> int:
    """Read files until there are none, and return the exit code."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    with Connection(place) as line:
        try:
            _answer(line)
        except (EOFError, OSError):
            return 0  # whoever asked is gone, or wants no more


def _answer(line: _Line) -> NoReturn:
    modules, receipt, limits = line.recv()
    sys.path[:] = modules
    line.send(None)
    while True:
        line.send(_read(line.recv(), receipt, limits))


def _read(task: Task, receipt: Receipt, limits: Limits) -> object:
    """Return what a file holds, or the parts of the error that is no fault of the file."""
    found = Found()
    try:
        read_task(task, receipt, limits, found)
    except AssayError as error:
        return type(error), error.code, error.message, error.where, error.hint
    return found.told()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
