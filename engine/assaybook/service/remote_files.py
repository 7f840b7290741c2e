"""What leaves this machine for a server: the files that are evidence, and what is declared of them.

The server reads, judges and refuses; here it is only decided which files of a folder are sent at
all, and what a server cannot know is worked out: the digest of an artifact, the time of a file.
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
from assaybook.intake.manifest import MANIFEST
from assaybook.intake.package_layout import looks_packed
from assaybook.intake.read import Receipt, open_document
from assaybook.service.baseline import APPROVALS, BASELINE
from assaybook.service.files import read_bytes
from assaybook.service.met_files import Met, met_files
from assaybook.service.read_evidence import Found, Seen, tasks_in, unseen
from assaybook.service.said_of_files import usable_format
from assaybook.service.submission import PIPED
from assaybook.service.waivers import approvals_beside

_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\ufeff\ufffe\uffff]")
"""Characters that JSON may hold as they are and YAML may not; a manifest is read as YAML."""
_UNSENDABLE: Final = re.compile('[\x00-\x1f"\\\\\udc80-\udcff]')
"""Characters of a name that a form over HTTP would change, or bytes that are no UTF-8."""
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
    """Look at files, folders and manifests as a local check does, and return what to send.

    A file is only told by its content where nobody named it. One that cannot be read as what it is
    is sent all the same: the server says why it refuses it, and its gate counts it. ``seen`` is
    told of each file.
    """
    usable_format(declared_format, paths)
    found, receipt = Found(), Receipt(received_at)
    tasks = tasks_in(
        paths,
        found,
        manifest=manifest,
        own=Declared(format=declared_format),
        declared=_NOTHING,
        limits=Limits(),
    )
    met = list(met_files(tasks, found, receipt, seen))
    defaults: dict[str, JsonValue] = {}
    if _is_one_manifest(paths, manifest):
        defaults = _entry((_shared(one.task.declared for one in met),), ())
        met = [_without_defaults(one) for one in met]
    names: set[str] = set()
    parts = tuple([replace(_part(one, names, receipt), defaults=defaults) for one in met])
    read = found.told()
    return Gathered(parts, read.problems, read.unrecognised)


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


def _is_one_manifest(paths: Sequence[Path], manifest: Path | None) -> bool:
    """Tell whether one manifest, and no name of a file, says all that is declared."""
    used: set[Path] = set() if manifest is None else {manifest.resolve()}
    used |= {one.resolve() for path in paths for one in path.rglob(MANIFEST) if one.is_file()}
    return len(used) == 1 and all(path.is_dir() for path in paths)


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


def _without_defaults(met: Met) -> Met:
    """Return what was said of a file itself; when it was written only this machine can tell."""
    own, *others = met.task.declared
    said = (own, *(Declared(file_time=one.file_time) for one in others))
    return replace(met, task=replace(met.task, declared=said))


def _part(met: Met, names: set[str], receipt: Receipt) -> Part:
    name = _name(met.task.path, names)
    names.add(name)
    declared = met.task.declared
    if not met.task.named and all(one == _NOTHING for one in declared):
        return Part(name, met.task.file, met.content, None)
    entry = _entry(declared, _come_to(met, receipt))
    return Part(name, met.task.file, met.content, {"path": name, **entry})


def _come_to(met: Met, receipt: Receipt) -> tuple[Evidence, ...]:
    """Return what a document comes to, where a default asks it; nothing where it does not read."""
    own, *defaults = met.task.declared
    if all(one == _NOTHING for one in defaults) or looks_packed(met.content):
        return ()
    try:
        return open_document(
            met.content,
            name=met.task.name,
            declared=(own, *defaults),
            receipt=receipt,
            limits=Limits(),
        ).evidence
    except SubmitterError:  # the server says why
        return ()


def _name(path: Path, taken: set[str]) -> str:
    """Return the name to send a file under: within the working folder, and never one twice.

    It has no character that would arrive as another: an answer is matched to its file by it.
    """
    whole = path.resolve()
    here = Path.cwd().resolve()
    name = whole.relative_to(here).as_posix() if whole.is_relative_to(here) else whole.name
    name = _UNSENDABLE.sub(_as_percents, name)
    found, times = name, 1
    while found in taken:
        times += 1
        found = f"{times}/{name}"
    return found


def _as_percents(hit: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in hit[0].encode("utf-8", "surrogateescape"))


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
