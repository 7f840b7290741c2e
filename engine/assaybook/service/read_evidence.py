"""Read evidence from files and folders: nothing is lost, and nothing is dropped in silence."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import Final

from assaybook.domain.documents import Evidence, Problem, problem_of
from assaybook.domain.errors import SubmitterError
from assaybook.domain.record import draft, record
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.manifest import MANIFEST, read_manifest
from assaybook.intake.mlflow_folder import META, RUN_PARTS, looks_like_run, run_document
from assaybook.intake.package import open_package
from assaybook.intake.package_layout import looks_packed
from assaybook.intake.parsed import suffix_is_read
from assaybook.intake.raw import CHECK_PATH, read_file
from assaybook.intake.read import Opened, Receipt, open_document
from assaybook.intake.refused import NOT_RECEIVED, RefusedFile, refused_file
from assaybook.service.said_of_files import Others, said_beside

_NOT_EVIDENCE: Final = frozenset({"format-unknown"})
"""Codes for which a file that nobody named is no evidence, rather than bad evidence."""
_UNREAD: Final = frozenset({"document-binary", "encoding-not-utf8", "document-too-large"})
"""The same, for a file whose name does not promise a document."""
LEAST_CONFIDENCE: Final = 0.5
"""Below it, a file met in a folder is not taken for a document of the format."""
Seen = Callable[[int], None]
"""Told how many more files were read, or need not be."""
_TABLES: Final = (".csv",)
"""Data stand beside evidence in this form; one that is too large for a document is data."""


@record
class ReadFile:
    """One file that was read, named as the person named it."""

    file: str
    opened: Opened


@record
class ReadPaths:
    """What files and folders held.

    Attributes:
        documents: files that were read, in the order in which they were met.
        problems: files that could not be read as what they are; any of them is exit code 5.
        unrecognised: other files that were met in a folder.
        refused: what is to be kept of the documents among the problems.
    """

    documents: tuple[ReadFile, ...]
    problems: tuple[Problem, ...]
    unrecognised: tuple[str, ...]
    refused: tuple[RefusedFile, ...] = ()

    @property
    def blobs(self) -> dict[str, bytes]:
        """Return the bytes to keep of each document, by the digest of what was received."""
        return {
            one.envelope.blob: document.opened.kept
            for document in self.documents
            for one in document.opened.evidence
        }

    @property
    def files(self) -> dict[str, str]:
        """Return the file that each piece of evidence came from, as the person named it."""
        return {
            one.envelope.id: document.file
            for document in self.documents
            for one in document.opened.evidence
        }

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Return all evidence; equal ids are one record."""
        found: dict[str, Evidence] = {}
        for document in self.documents:
            for one in document.opened.evidence:
                found.setdefault(one.envelope.id, one)
        return tuple(found.values())


@record
class SentDocument:
    """One document that came as bytes; ``declared`` is what was said of it, the strongest first.

    ``named`` is false where it was only sent along with a manifest that does not list it.
    """

    name: str
    content: bytes
    declared: tuple[Declared, ...]
    named: bool = True


@record
class Task:
    """A file to be read: where it is, how a person and a document call it, what was said of it.

    ``named`` is false where it was met in a folder.
    """

    path: Path
    file: str
    name: str
    declared: tuple[Declared, ...]
    named: bool


@draft
class Found:
    """What was found so far; paths that a manifest spoke for are not read again.

    ``others`` are the manifests that list no files, by folder.
    """

    documents: list[ReadFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    others: dict[str, Others] = field(default_factory=dict)

    def add(self, read: ReadPaths) -> None:
        """Add what somebody else found."""
        self.documents += read.documents
        self.problems += read.problems
        self.unrecognised += read.unrecognised
        self.refused += read.refused

    def told(self) -> ReadPaths:
        """Return what was found, and begin anew; what was taken stays so."""
        read = ReadPaths(
            tuple(self.documents),
            tuple(self.problems),
            tuple(self.unrecognised),
            tuple(self.refused),
        )
        self.documents, self.problems, self.unrecognised, self.refused = [], [], [], []
        return read


def unseen(_files: int) -> None:
    """Tell nobody."""


def read_paths(  # noqa: PLR0913 - each is what a person may say of the files
    paths: Sequence[Path],
    *,
    receipt: Receipt,
    manifest: Path | None = None,
    declared_format: str | None = None,
    declared: Declared = Declared(),  # noqa: B008 - immutable
    limits: Limits = Limits(),  # noqa: B008 - immutable
    seen: Seen = unseen,
) -> ReadPaths:
    """Read files, folders and what a manifest lists; ``seen`` is told of each file.

    A file that was named, listed or recognised and cannot be read is a problem, as is one that is
    not what its suffix says. Other files of a folder are listed as unrecognised. A folder's own
    ``evidence.yaml`` is used, and so is one that is named. ``declared_format`` is for the files
    named in ``paths``; ``declared`` holds for every file and fills what nobody else says.
    """
    found = Found()
    for task in tasks_in(
        paths,
        found,
        manifest=manifest,
        own=Declared(format=declared_format),
        declared=declared,
        limits=limits,
    ):
        read_task(task, receipt, limits, found)
        seen(1)
    return found.told()


def tasks_in(  # noqa: PLR0913 - as above
    paths: Sequence[Path],
    found: Found,
    *,
    manifest: Path | None,
    own: Declared,
    declared: Declared,
    limits: Limits,
) -> Iterator[Task]:
    """Yield the files to be read, in their order and each once.

    What cannot be listed is a problem in ``found``, which also holds what was taken. A file named
    in ``paths`` may not contradict ``own``; ``declared`` only fills.
    """
    for task in _listed(paths, found, manifest, own, declared, limits):
        resolved = os.path.realpath(task.path)
        if resolved not in found.taken:
            found.taken.add(resolved)
            yield task


def _listed(  # noqa: PLR0913, PLR0917 - as above
    paths: Sequence[Path],
    found: Found,
    manifest: Path | None,
    own: Declared,
    declared: Declared,
    limits: Limits,
) -> Iterator[Task]:
    if manifest is not None:
        yield from _from_manifest(manifest, declared, limits, found)
    named = [path for path in paths if path.name == MANIFEST and path.is_file()]
    for path in named:
        if os.path.realpath(path) not in found.taken:
            yield from _from_manifest(path, declared, limits, found)
    for path in paths:
        if path.is_dir() and not looks_packed(path):
            yield from _from_folder(path, declared, limits, found)
        elif path not in named:
            said = (own, *said_beside(path, found.others), declared)
            yield Task(path, _shown(path), _shown(path.name), said, named=True)


def read_sent(
    documents: Iterable[SentDocument],
    *,
    receipt: Receipt,
    limits: Limits = Limits(),  # noqa: B008 - immutable
) -> ReadPaths:
    """Read documents that came as bytes, exactly as files are read."""
    found = Found()
    for one in documents:
        task = Task(Path(one.name), one.name, one.name, one.declared, one.named)
        read_bytes(task, one.content, receipt, limits, found)
    return found.told()


def _from_manifest(
    manifest: Path, declared: Declared, limits: Limits, found: Found
) -> Iterator[Task]:
    try:
        read = read_manifest(manifest, limits)
    except SubmitterError as error:
        found.problems.append(problem_of(_shown(manifest), error))
        return
    found.taken.add(os.path.realpath(manifest))
    found.problems += [_beside(manifest, one) for one in read.problems]
    if read.others is not None:
        found.others[os.path.realpath(manifest.parent)] = read.others
    for entry in read.entries:
        file = _shown(manifest.parent / entry.name)
        said = (*entry.declared, declared)
        yield Task(entry.path, file, entry.name, said, named=True)


def _beside(manifest: Path, problem: Problem) -> Problem:
    """Return a problem of a listed file with the name by which a person finds it."""
    name = os.path.relpath(problem.file, os.path.realpath(manifest.parent))
    return problem.model_copy(update={"file": _shown(manifest.parent / name)})


def _from_folder(folder: Path, declared: Declared, limits: Limits, found: Found) -> Iterator[Task]:
    files = [os.fspath(path) for path in _files(folder, found)]
    for path in map(Path, files):
        if path.name == MANIFEST and os.path.realpath(path) not in found.taken:
            yield from _from_manifest(path, declared, limits, found)
    for path in map(Path, files):
        if path.name != MANIFEST:
            said = (Declared(), *said_beside(path, found.others), declared)
            name = _shown(path.relative_to(folder).as_posix() if path != folder else path.name)
            yield Task(path, _shown(path), name, said, named=False)


def _files(folder: Path, found: Found) -> Iterator[Path]:
    """Yield the files below a folder in a stable order; hidden ones are left alone."""

    def unreadable(error: OSError) -> None:
        where = _shown(error.filename or folder)
        reason = error.strerror or "it cannot be opened"
        found.problems.append(
            problem_of(
                where, SubmitterError("file-unreadable", reason, where=where, hint=CHECK_PATH)
            )
        )

    for root, folders, names in os.walk(folder, onerror=unreadable):
        if looks_packed(Path(root)):
            folders.clear()
            yield Path(root)
            continue
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        is_run = looks_like_run(Path(root))
        if is_run:
            folders[:] = [one for one in folders if one not in RUN_PARTS]
            yield Path(root)
        shown = (name for name in sorted(names) if not (is_run and name == META))
        yield from (Path(root) / name for name in shown if not name.startswith("."))


def read_task(task: Task, receipt: Receipt, limits: Limits, found: Found) -> None:
    """Read one file; a document, a problem or a file that is none is added to what was found."""
    if looks_packed(task.path):
        _read_package(task, task.path, receipt, limits, found)
        return
    try:
        raw = bytes_of(task, limits)
    except SubmitterError as error:
        _refused(task, None, error, limits, found)
        return
    read_bytes(task, raw, receipt, limits, found)


def bytes_of(task: Task, limits: Limits) -> bytes:
    """Return the bytes of a file, or those of the document that a folder of a run comes to.

    Raises:
        SubmitterError: it cannot be opened, or is no such folder.
    """
    if looks_like_run(task.path):
        return run_document(task.path, task.file, limits)
    return read_file(task.path, task.file, limits)


def read_bytes(task: Task, raw: bytes, receipt: Receipt, limits: Limits, found: Found) -> None:
    """Read one file of which the bytes are at hand, as ``read_task`` does."""
    if looks_packed(raw):
        _read_package(task, raw, receipt, limits, found)
        return
    try:
        opened = open_document(
            raw, name=task.name, declared=task.declared, receipt=receipt, limits=limits
        )
    except SubmitterError as error:
        _refused(task, raw, error, limits, found)
        return
    if not task.named and opened.detected.confidence < LEAST_CONFIDENCE:
        found.unrecognised.append(task.file)
    else:
        found.documents.append(ReadFile(task.file, opened))


def _refused(
    task: Task, raw: bytes | None, error: SubmitterError, limits: Limits, found: Found
) -> None:
    if not task.named and is_no_evidence(task.path, error):
        found.unrecognised.append(task.file)
        return
    found.problems.append(problem_of(task.file, error))
    if error.code not in NOT_RECEIVED:
        said = next((one.format for one in task.declared if one.format), None)
        found.refused.append(
            refused_file(task.name, error.code, raw=raw, declared=said, limits=limits)
        )


def _read_package(
    task: Task, source: Path | bytes, receipt: Receipt, limits: Limits, found: Found
) -> None:
    """Read a package; a tar in a folder that is none is a file like others."""
    try:
        read = open_package(
            source, name=task.name, declared=task.declared, receipt=receipt, limits=limits
        )
    except SubmitterError as error:
        if not task.named and error.code == "package-unknown":
            found.unrecognised.append(task.file)
        else:
            whole = source if isinstance(source, bytes) else None
            _refused(task, whole, error, limits, found)
        return
    above = task.file.removesuffix(task.name)
    found.documents += [ReadFile(f"{above}{one.file}", one.opened) for one in read.documents]
    found.problems += [
        one.model_copy(update={"file": f"{above}{one.file}"}) for one in read.problems
    ]
    found.refused += [RefusedFile(one.file, one.code) for one in read.problems]
    found.unrecognised += [f"{above}{one}" for one in read.unrecognised]


def is_no_evidence(path: Path, error: SubmitterError) -> bool:
    """Tell whether a file that nobody named is no evidence, by what is wrong with it."""
    if error.code in _NOT_EVIDENCE:
        return True
    if path.suffix.lower() in _TABLES and error.code == "document-too-large":
        return True
    return error.code in _UNREAD | {"document-empty"} and not suffix_is_read(path.name)


def _shown(path: Path | str) -> str:
    """Return a path as text; of a name that is not UTF-8 the odd bytes are spelled out."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
