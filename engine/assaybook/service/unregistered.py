"""Documents that name a system or release of their own which nobody registered: refused, by name.

No assessment could ever find them. The others of their submission are recorded all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assaybook.domain.documents import problem_of
from assaybook.domain.errors import AssayError, UsageError
from assaybook.intake.refused import RefusedFile
from assaybook.intake.registry import adapter_named
from assaybook.service.read_evidence import ReadFile, ReadPaths
from assaybook.store.subjects import known_subject, known_system
from assaybook.store.unit_of_work import UnitOfWork

_About = tuple[str, str | None]


def refuse_unregistered(work: UnitOfWork, read: ReadPaths) -> ReadPaths:
    """Return what was read, in which a document about what nobody registered is a problem."""
    unknown = {
        about: error
        for about in sorted({one for each in read.documents for one in _named(each)}, key=str)
        if (error := _unregistered(work, *about)) is not None
    }
    if not unknown:
        return read
    wrong = [(one, error) for one in read.documents if (error := _error(one, unknown)) is not None]
    return without(read, wrong)


def without(read: ReadPaths, wrong: Sequence[tuple[ReadFile, AssayError]]) -> ReadPaths:
    """Return what was read, in which some documents are problems, to be kept as refused."""
    refused = {id(one) for one, _error in wrong}
    return replace(
        read,
        documents=tuple(one for one in read.documents if id(one) not in refused),
        problems=(*read.problems, *(problem_of(one.file, error) for one, error in wrong)),
        refused=(*read.refused, *(_kept(one, error.code) for one, error in wrong)),
    )


def _named(document: ReadFile) -> set[_About]:
    subjects = [one.envelope.subject for one in document.opened.evidence]
    return {(one.system, one.release) for one in subjects if one.system is not None}


def _unregistered(work: UnitOfWork, system: str, release: str | None) -> UsageError | None:
    try:
        if release is None:
            known_system(work, system)
        else:
            known_subject(work, system, release)
    except UsageError as error:
        return error
    return None


def _error(document: ReadFile, unknown: Mapping[_About, UsageError]) -> UsageError | None:
    """Return what is said of a document; its own place instead of none."""
    about = next((one for one in sorted(_named(document), key=str) if one in unknown), None)
    if about is None:
        return None
    error = unknown[about]
    return UsageError(error.code, error.message, where=document.file, hint=error.hint)


def _kept(document: ReadFile, code: str) -> RefusedFile:
    """Return what is kept of a document that was read: not what it said."""
    envelope = document.opened.evidence[0].envelope
    return RefusedFile(
        document.opened.name,
        code,
        envelope.blob,
        envelope.size,
        detected=envelope.format,
        families=tuple(sorted(adapter_named(envelope.adapter).facts)),
    )
