"""Read many files in parts: what is recorded already is not read again, a heap of bytes by several.

Whoever reads, and however fast, the parts hold the same in the same order.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import record
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.package_layout import looks_packed
from assaybook.intake.raw import read_file
from assaybook.intake.read import Receipt
from assaybook.service.read_evidence import Found, ReadPaths, Seen, Task, tasks_in
from assaybook.service.readers import Readers, Recorded, Step
from assaybook.store.evidence import EvidenceReceipt

_MOST_HELD: Final = 32 * 1024 * 1024
_LOOKED_AT: Final = 64 * 1024 * 1024
"""Bytes of files that are looked at together, to see which of them are recorded."""
_HEAP: Final = 16 * 1024 * 1024
"""Bytes from which several processes read: starting them takes as long as reading so many does.

Fewer are held from the look at them on, so that a file is read once.
"""


@record
class Looked:
    """A file that was looked at; ``digest`` is None where its bytes are not those of a document.

    ``raw`` are its bytes, where they are held until it is read.
    """

    task: Task
    digest: str | None
    size: int
    raw: bytes | None = None


Known = Callable[[Sequence[Looked]], Mapping[int, tuple[EvidenceReceipt, ...]]]
"""Returns, by place, the receipts of what is recorded of files that need not be read again."""


@record
class Part:
    """Some of the files: what was read, and what was recorded before."""

    read: ReadPaths
    known: tuple[Recorded, ...] = ()


def read_in_parts(  # noqa: PLR0913 - each is what a person may say of the files
    paths: Sequence[Path],
    *,
    receipt: Receipt,
    manifest: Path | None,
    declared_format: str | None,
    declared: Declared,
    most: int,
    known: Known,
    seen: Seen,
    limits: Limits = Limits(),  # noqa: B008 - immutable
) -> Iterator[Part]:
    """Read files as ``read_paths`` does, and yield ``most`` documents at a time, or 32 MiB.

    So what is held at once does not grow with the number of files. ``seen`` is told of each.
    """
    listed = Found()
    tasks = tasks_in(
        paths,
        listed,
        manifest=manifest,
        own=declared.model_copy(update={"format": declared_format}),
        declared=declared,
        limits=limits,
    )
    found, receipts, held = Found(), list[Recorded](), 0
    with Readers(receipt, limits) as readers:
        for done in readers.read(_steps(tasks, listed, most, known, limits)):
            if isinstance(done, ReadPaths):
                found.add(done)
                held += sum(len(one.opened.kept) for one in done.documents)
                seen(len(done.documents) + len(done.problems) + len(done.unrecognised))
            else:
                receipts += done
                seen(1)
            if len(found.documents) + len(receipts) >= most or held > _MOST_HELD:
                yield Part(found.told(), tuple(receipts))
                receipts, held = [], 0
    yield Part(found.told(), tuple(receipts))


def _steps(
    tasks: Iterator[Task], listed: Found, most: int, known: Known, limits: Limits
) -> Iterator[Step]:
    """Yield what is to be done with each file, in their order."""
    for looked in _together(tasks, most, limits):
        there = known(looked)
        sizes = [one.size for place, one in enumerate(looked) if place not in there]
        apart = len(sizes) > 1 and sum(sizes) >= _HEAP
        for place, one in enumerate(looked):
            if place in there:
                yield Step(done=tuple((one.task.file, each) for each in there[place]))
            else:
                yield Step(one.task, digest=one.digest, size=one.size, apart=apart, raw=one.raw)
        # What could not be listed is told behind the files that were listed with it.
        yield Step(done=listed.told())
    yield Step(done=listed.told())


def _together(tasks: Iterator[Task], most: int, limits: Limits) -> Iterator[list[Looked]]:
    """Yield files in their order, some of them at a time."""
    looked, size = list[Looked](), 0
    for task in tasks:
        one = _looked_at(task, limits)
        if size < _HEAP <= size + one.size:
            looked = [replace(each, raw=None) for each in looked]
        size += one.size
        looked.append(one if size < _HEAP else replace(one, raw=None))
        if len(looked) >= most or size >= _LOOKED_AT:
            yield looked
            looked, size = [], 0
    if looked:
        yield looked


def _looked_at(task: Task, limits: Limits) -> Looked:
    """Return the bytes of a file and their digest; what is wrong with it is its reader's to say."""
    if task.path.is_dir():
        return Looked(task, None, 0)
    try:
        raw = read_file(task.path, task.file, limits)
    except SubmitterError:
        return Looked(task, None, 0)
    return Looked(task, None if looks_packed(raw) else digest_of(raw), len(raw), raw)
