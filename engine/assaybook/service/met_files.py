"""Files that somebody else will read: which of them are evidence, and their bytes, unread.

A file that was named goes as it is. One that was met in a folder is told by its content, as far as
that says which format it is of; what is wrong with it is for its reader to say.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from assaybook.domain.documents import problem_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.detect import detect
from assaybook.intake.limits import Limits
from assaybook.intake.package_layout import looks_packed
from assaybook.intake.parsed import parse
from assaybook.intake.read import Receipt
from assaybook.service.read_evidence import (
    LEAST_CONFIDENCE,
    Found,
    Seen,
    Task,
    bytes_of,
    is_no_evidence,
    read_bytes,
)

_LIMITS: Final = Limits()


@record
class Met:
    """A file to be sent: how a person calls it and what was said of it, and its bytes."""

    task: Task
    content: bytes


def met_files(tasks: Iterable[Task], found: Found, receipt: Receipt, seen: Seen) -> Iterator[Met]:
    """Yield the files that are evidence, in their order.

    Others of a folder are unrecognised in ``found``, and what cannot be opened is a problem there.
    """
    for task in tasks:
        seen(1)
        try:
            content = _sendable(task)
        except SubmitterError as error:
            if not task.named and is_no_evidence(task.path, error):
                found.unrecognised.append(task.file)
            else:
                found.problems.append(problem_of(task.file, error))
            continue
        if task.named or _is_recognised(task, content, receipt):
            yield Met(task, content)
        else:
            found.unrecognised.append(task.file)


def _sendable(task: Task) -> bytes:
    if task.path.is_dir() and looks_packed(task.path):
        raise SubmitterError(
            "package-is-folder",
            "a package goes to a server as one file",
            where=task.file,
            hint=f"Pack it, and name the file: tar -cf kit.tar -C {task.file} .",
        )
    return bytes_of(task, _LIMITS)


def _is_recognised(task: Task, content: bytes, receipt: Receipt) -> bool:
    if looks_packed(content):
        inside = Found()
        read_bytes(task, content, receipt, _LIMITS, inside)
        return task.file not in inside.unrecognised
    try:
        _adapter, detected = detect(parse(content, task.name, _LIMITS), None)
    except SubmitterError as error:
        return not is_no_evidence(task.path, error)
    return detected.confidence >= LEAST_CONFIDENCE
