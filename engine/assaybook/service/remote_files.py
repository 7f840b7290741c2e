"""What leaves this machine for a server: the files that are evidence, and what is declared of them.

The server judges and refuses; here it is only decided which files of a folder are sent at all, and
what a server cannot know is worked out: the digest of an artifact, the time of a file.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from assaybook.domain.documents import Evidence, Problem
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutArtifact, AboutSubject
from assaybook.domain.ids import written
from assaybook.domain.record import record
from assaybook.intake.declared import Declared
from assaybook.intake.limits import Limits
from assaybook.intake.manifest import MANIFEST, read_manifest
from assaybook.intake.raw import read_file
from assaybook.intake.read import Receipt
from assaybook.service.baseline import APPROVALS, BASELINE
from assaybook.service.files import read_bytes
from assaybook.service.read_evidence import ReadPaths, Seen, read_paths, unseen
from assaybook.service.said_of_files import Others, said_beside, usable_format
from assaybook.service.submit_files import PIPED
from assaybook.service.waivers import approvals_beside

_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\ufeff\ufffe\uffff]")
"""Characters that JSON may hold as they are and YAML may not; a manifest is read as YAML."""
_NOTHING: Final = Declared()
_Declared = tuple[Declared, ...]


@record
class Part:
    """One file to send.

    ``said`` is its entry of the manifest, None where nobody named it; ``defaults`` are those of
    the one manifest that lists every named file, and nothing where there is no such one.
    """

    name: str
    file: str
    content: bytes
    said: dict[str, JsonValue] | None
    defaults: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@record
class Gathered:
    """What files and folders hold for a server.

    ``problems`` are of files that could not even be sent; ``unrecognised`` were met in a folder,
    are no evidence, and stay here.
    """

    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    unrecognised: tuple[str, ...]

    @property
    def files(self) -> dict[str, str]:
        """Return each file as the person named it, by the name that it is sent under."""
        return {part.name: part.file for part in self.parts}


def gather(
    paths: Sequence[Path],
    *,
    manifest: Path | None,
    declared_format: str | None,
    received_at: datetime,
    seen: Seen = unseen,
) -> Gathered:
    """Read files, folders and manifests as a local check does, and return what to send.

    A file that cannot be read as what it is is sent all the same, where it can be opened: the
    server says why it refuses it, and its gate counts it. ``seen`` is told of each file.
    """
    usable_format(declared_format, paths)
    found = read_paths(
        paths,
        receipt=Receipt(received_at=received_at),
        manifest=manifest,
        declared_format=declared_format,
        seen=seen,
    )
    manifests = _manifests(paths, manifest)
    met = [Path(file) for file, _problem_, _evidence in _files(found)]
    said = _said(paths, manifests, declared_format, met)
    defaults: dict[str, JsonValue] = {}
    if len(manifests) == 1 and all(path.is_dir() for path in paths):
        defaults = _entry((_shared(said.values()),), ())
        said = {path: _without_defaults(declared) for path, declared in said.items()}
    parts: list[Part] = []
    unsent: list[Problem] = []
    names: set[str] = set()
    for file, problem, evidence in _files(found):
        try:
            part = _part(file, said.get(Path(file).resolve()), evidence, names, manifests)
        except SubmitterError as error:
            unsent.append(problem or _problem(file, error))
            continue
        parts.append(replace(part, defaults=defaults))
    return Gathered(tuple(parts), tuple(unsent), found.unrecognised)


def with_piped(found: Gathered, content: bytes, declared_format: str | None) -> Gathered:
    """Return what to send with a document that came through a pipe, and has no file."""
    name = _name(Path(PIPED), {part.name for part in found.parts})
    said: dict[str, JsonValue] = {"path": name}
    if declared_format is not None:
        said["as"] = declared_format
    defaults = found.parts[0].defaults if found.parts else {}
    part = Part(name, PIPED, content, said, defaults)
    return replace(found, parts=(part, *found.parts))


def baseline_parts(path: Path | None) -> list[tuple[str, tuple[str, bytes, str]]]:
    """Return a baseline, and the approvals beside it, as a server takes them with a check.

    Raises:
        UsageError: the file cannot be read.
    """
    if path is None:
        return []
    kind, beside = "text/yaml", approvals_beside(path)
    parts = [(BASELINE, (path.name, read_bytes(path), kind))]
    if beside.exists():
        parts.append((APPROVALS, (beside.name, read_bytes(beside), "application/x-ndjson")))
    return parts


def manifest_of(parts: Sequence[Part]) -> bytes:
    """Return the manifest of the files that somebody named.

    It is there even where it lists none: without it, a server takes every file for a named one.
    """
    files: list[JsonValue] = [part.said for part in parts if part.said is not None]
    defaults = parts[0].defaults if parts else {}
    value: JsonValue = {"defaults": defaults, "files": files} if defaults else {"files": files}
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _UNPRINTABLE.sub(lambda hit: f"\\u{ord(hit[0]):04x}", text).encode()


def batches(parts: Sequence[Part], most_bytes: int) -> Iterator[tuple[Part, ...]]:
    """Yield the parts in order, together as far as ``most_bytes`` allows; none is split."""
    batch: list[Part] = []
    size = 0
    for part in parts:
        if batch and size + len(part.content) > most_bytes:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(part)
        size += len(part.content)
    if batch:
        yield tuple(batch)


def _files(found: ReadPaths) -> Iterator[tuple[str, Problem | None, tuple[Evidence, ...]]]:
    for document in found.documents:
        yield document.file, None, document.opened.evidence
    for problem in found.problems:
        yield problem.file, problem, ()


def _manifests(paths: Sequence[Path], manifest: Path | None) -> tuple[Path, ...]:
    """Return the manifests that are used: those that were named, and those of folders."""
    named = [] if manifest is None else [manifest]
    named += [path for path in paths if path.name == MANIFEST and path.is_file()]
    of_folders = (one for path in paths if path.is_dir() for one in sorted(path.rglob(MANIFEST)))
    return tuple(dict.fromkeys((*named, *(one for one in of_folders if one.is_file()))))


def _said(
    paths: Sequence[Path],
    manifests: Sequence[Path],
    declared_format: str | None,
    met: Sequence[Path],
) -> dict[Path, _Declared]:
    """Return what is declared of each file, the strongest first; of some nobody says anything."""
    said: dict[Path, _Declared] = {}
    others: dict[str, Others] = {}
    for manifest in manifests:
        try:
            read = read_manifest(manifest, Limits())
        except SubmitterError:  # it is a problem of its own already
            continue
        if read.others is not None:
            others[str(manifest.resolve().parent)] = read.others
        for entry in read.entries:
            said.setdefault(entry.path, entry.declared)
    for path in paths:
        if not path.is_dir():
            own = Declared(format=declared_format)
            said.setdefault(path.resolve(), (own, *said_beside(path, others)))
    for path in met:
        if beside := said_beside(path, others):
            said.setdefault(path.resolve(), (Declared(), *beside))
    return said


def _shared(said: Iterable[_Declared]) -> Declared:
    """Return the defaults of a manifest, each of which some of its files leave to it."""
    found = Declared()
    for declared in said:
        for one in declared[1:]:
            unsaid = {
                key: getattr(one, key)
                for key in ("artifacts", "scope", "produced_at", "observed_at", "system", "release")
                if getattr(found, key) == getattr(_NOTHING, key)
            }
            found = found.model_copy(update=unsaid)
    return found


def _without_defaults(declared: _Declared) -> _Declared:
    """Return what was said of a file itself; when it was written only this machine can tell."""
    return (declared[0], *(Declared(file_time=one.file_time) for one in declared[1:]))


def _part(
    file: str,
    declared: _Declared | None,
    evidence: tuple[Evidence, ...],
    names: set[str],
    manifests: Sequence[Path],
) -> Part:
    path = Path(file)
    if path.resolve() in {one.resolve() for one in manifests}:
        raise SubmitterError("manifest-invalid", "a manifest is no evidence", where=file)
    content = read_file(path, file, Limits())
    name = _name(path, names)
    names.add(name)
    said = None if declared is None else {"path": name, **_entry(declared, evidence)}
    return Part(name, file, content, said)


def _name(path: Path, taken: set[str]) -> str:
    """Return the name to send a file under: within the working folder, and never one twice."""
    whole = path.resolve()
    here = Path.cwd().resolve()
    name = whole.relative_to(here).as_posix() if whole.is_relative_to(here) else whole.name
    found, times = name, 1
    while found in taken:
        times += 1
        found = f"{times}/{name}"
    return found


def _entry(declared: _Declared, evidence: Sequence[Evidence]) -> dict[str, JsonValue]:
    """Return what was declared of a file as its entry of a manifest.

    An entry may not contradict its document, and a default may: so of the defaults, those alone
    are written into it that agree with what the document came to.
    """
    own = declared[0]
    subjects = [one.envelope.subject for one in evidence]
    scopes = [one.envelope.scope for one in evidence]
    observed = next((one.observed_at for one in declared if one.observed_at), None)
    values: dict[str, JsonValue] = {
        "as": next((one.format for one in declared if one.format), None),
        "system": _agreed([one.system for one in declared], [one.system for one in subjects]),
        "release": _agreed([one.release for one in declared], [one.release for one in subjects]),
        "run": own.run,
        "about": [one.model_dump(mode="json") for one in _about(declared, subjects)],
        "scope": {
            "dataset": _agreed([d.scope.dataset for d in declared], [s.dataset for s in scopes]),
            "split": _agreed([d.scope.split for d in declared], [s.split for s in scopes]),
            "path": _agreed([d.scope.path for d in declared], [s.path for s in scopes]),
            "job": _agreed([d.scope.job for d in declared], [s.job for s in scopes]),
        },
        "produced_at": _produced_at(declared, evidence),
        "observed_at": None if observed is None else written(observed),
        "asked": list(own.asked),
        "coverage": [one.model_dump(mode="json") for one in own.coverage],
        "counts": own.counts.model_dump(mode="json"),
    }
    return {key: kept for key, value in values.items() if (kept := _said_of(value)) is not None}


def _agreed(declared: Sequence[str | None], said: Sequence[str | None]) -> str | None:
    """Return what was said of this very file, else the default that its document came to."""
    if declared[0] is not None:
        return declared[0]
    return next((one for one in declared[1:] if one and all(each == one for each in said)), None)


def _about(declared: _Declared, subjects: Sequence[AboutSubject]) -> tuple[AboutArtifact, ...]:
    defaults = [
        each
        for one in declared[1:]
        for each in one.artifacts
        if all(each in subject.artifacts for subject in subjects)
    ]
    return tuple(dict.fromkeys((*declared[0].artifacts, *defaults)))


def _produced_at(declared: _Declared, evidence: Sequence[Evidence]) -> str | None:
    """Return when the file was made, unless its document says it and was only to be filled."""
    own = declared[0].produced_at
    if own is None and all("produced_at" in one.envelope.declared for one in evidence):
        own = next((t for one in declared if (t := one.produced_at or one.file_time)), None)
    return None if own is None else written(own)


def _said_of(value: JsonValue) -> JsonValue:
    """Return a value without what is null or empty in it; None where nothing is left."""
    if isinstance(value, dict):
        kept: dict[str, JsonValue] = {
            key: one for key, each in value.items() if (one := _said_of(each)) is not None
        }
        return kept or None
    if isinstance(value, list):
        return [_said_of(each) for each in value] or None
    return value


def _problem(file: str, error: SubmitterError) -> Problem:
    return Problem(
        file=file, code=error.code, where=error.where, message=error.message, hint=error.hint
    )
