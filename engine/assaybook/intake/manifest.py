"""``evidence.yaml``: what raw tool output does not say of itself, written beside it.

``defaults`` hold for every file and only fill; what is said of one file may not contradict it.
Where no files are listed, they hold for whatever lies in the folder. All of it is marked as
declared. A listed file stands in the manifest's folder; only the digest of what a file is about may
be of a file elsewhere.
"""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal, NoReturn, cast, get_args

from pydantic import ValidationError

from assaybook.domain.documents import Problem
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutArtifact, Coverage, Scope
from assaybook.domain.record import record
from assaybook.intake.declared import Counts, Declared
from assaybook.intake.limits import Limits
from assaybook.intake.manifest_place import FolderPlace, PartsPlace, Place
from assaybook.intake.raw import decode, read_file
from assaybook.intake.table_mapping import KEYS, TABLE, TableMapping, read_mapping
from assaybook.intake.values import Json, count, instant, pointer
from assaybook.intake.yaml_text import quoted, read_yaml

MANIFEST: Final = "evidence.yaml"
_FILE_TIME: Final = "mtime"

Kind = Literal["model", "dataset", "code", "docs", "image"]
_KINDS: Final = get_args(Kind)
_TOP: Final = ("defaults", "files")
_SHOWN: Final = 60
_SAID: Final = (
    *("about", "scope", "produced_at", "observed_at", "system", "release", "run"),
    *("asked", "coverage", "counts"),
)
_OF_FILE: Final = ("path", "as", *_SAID, *KEYS)
_OF_ALL: Final = ("about", "scope", "produced_at", "observed_at", "system", "release")
_OF_ARTIFACT: Final = ("digest", "name", "kind")
_SCOPE: Final = tuple(Scope.model_fields)
_COVERAGE: Final = ("question", "examined", "passed", "failed", "errored", "skipped")
_COUNTS: Final = ("n", "n_reference", "n_current")
_DIGEST: Final = re.compile(r"[a-z0-9]+:[A-Za-z0-9+/=_.-]{1,280}")


@record
class Entry:
    """One listed file: where it is, its name, and what was said of it, the strongest first."""

    path: Path
    name: str
    declared: tuple[Declared, ...]


@record
class Manifest:
    """The files that a manifest lists, and those that it lists in vain.

    ``others`` returns what is said of any other file below its folder; None where it lists some.
    """

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    others: Callable[[Path], Declared] | None = None


def read_manifest(path: Path, limits: Limits) -> Manifest:
    """Read a manifest; a listed file that is missing is a problem of its own.

    Raises:
        SubmitterError: ``manifest-invalid``, or the manifest cannot be read at all.
    """
    return _read(read_file(path, str(path), limits), FolderPlace(path), limits)


def read_sent_manifest(raw: bytes, names: Collection[str], limits: Limits) -> Manifest:
    """Read a manifest that was sent with the files of these names; no other file is looked at.

    What only the sender can know of a file, its time or the digest of one that was not sent, must
    be written out in it.

    Raises:
        SubmitterError: ``manifest-invalid``, or the manifest cannot be read at all.
    """
    return _read(raw, PartsPlace(MANIFEST, frozenset(names)), limits)


def _read(raw: bytes, place: Place, limits: Limits) -> Manifest:
    text = decode(raw, place.shown, limits)
    documents = read_yaml(text, place.shown, limits)
    reader = _Reader(place, text)
    top = reader.mapping(documents[0] if len(documents) == 1 else None, (), _TOP)
    defaults = reader.mapping(top.get("defaults") or {}, ("defaults",), _OF_ALL)
    if defaults and "files" not in top:
        return Manifest((), (), reader.of_others(defaults))
    files = top.get("files")
    if not isinstance(files, list):
        hint = (
            "Write files: [{path: NAME}]. Without it, defaults hold for every file of the folder."
        )
        raise reader.fault(("files",), "files must be a list of files", hint)
    return reader.read(files, defaults)


class _Reader:
    """Reads one manifest; places in errors are JSON pointers into it."""

    def __init__(self, place: Place, text: str) -> None:
        self._place = place
        self._written = text

    def fault(self, at: tuple[str | int, ...], reason: str, hint: str = "") -> SubmitterError:
        where = f"{self._place.shown}#{pointer(*at)}"
        return SubmitterError("manifest-invalid", reason, where=where, hint=hint)

    def mapping(
        self, value: Json, at: tuple[str | int, ...], keys: tuple[str, ...]
    ) -> dict[str, Json]:
        if not isinstance(value, dict):
            hint = f"Write a key and its value, such as {{{keys[0]}: ...}}."
            raise self.fault(at, f"a mapping with {', '.join(keys)} must stand here", hint)
        for key in value:
            if key not in keys:
                near = get_close_matches(key, keys, 1)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(keys)}."
                raise self.fault((*at, key), f"the key {key!r} is not known", hint)
        return value

    def read(self, files: list[Json], defaults: dict[str, Json]) -> Manifest:
        entries: list[Entry] = []
        problems: list[Problem] = []
        for index, raw in enumerate(files):
            at = ("files", index)
            said = self.mapping(raw, at, _OF_FILE)
            path = self._inside(said.get("path"), (*at, "path"))
            if not self._place.holds(path):
                problems.append(self._missing(path, at))
                continue
            for_all = {
                key: one for key, one in defaults.items() if key not in said or key == "scope"
            }
            declared = (
                self._declared(said, at, path),
                self._declared(for_all, ("defaults",), path),
            )
            entries.append(Entry(path, self._place.name_of(path), declared))
        return Manifest(tuple(entries), tuple(problems))

    def of_others(self, defaults: dict[str, Json]) -> Callable[[Path], Declared]:
        by_file = defaults.get("produced_at") == _FILE_TIME
        fixed = {**defaults, "produced_at": None} if by_file else defaults
        said = self._declared(fixed, ("defaults",), self._place.folder)

        def others(path: Path) -> Declared:
            if not by_file:
                return said
            at = self._file_time(path, ("defaults", "produced_at"))
            return said.model_copy(update={"file_time": at})

        return others

    def _inside(self, value: Json, at: tuple[str | int, ...]) -> Path:
        written = self._text(value, at)
        path = self._joined(written, at)
        if not path.is_relative_to(self._place.folder):
            reason = "a listed file must stand in the folder of the manifest"
            raise self.fault(at, reason, "Move the manifest up, or the file down.")
        return path

    def _joined(self, written: str, at: tuple[str | int, ...]) -> Path:
        try:
            return self._place.joined(written)
        except (OSError, ValueError) as error:
            raise self.fault(at, "this cannot be a path") from error

    def _missing(self, path: Path, at: tuple[str | int, ...]) -> Problem:
        return Problem(
            file=str(path),
            code="manifest-file-missing",
            where=f"{self._place.shown}#{pointer(*at, 'path')}",
            message="the manifest lists a file that is not there",
            hint="Run the tool that writes it, or take it out of the manifest.",
        )

    def _declared(self, said: dict[str, Json], at: tuple[str | int, ...], path: Path) -> Declared:
        made = said.get("produced_at")
        by_file = made == _FILE_TIME
        return Declared(
            format=self._word(said, "as", at),
            system=self._word(said, "system", at),
            release=self._word(said, "release", at),
            run=self._word(said, "run", at),
            artifacts=tuple(self._about(said.get("about"), (*at, "about"))),
            scope=self._scope(said.get("scope"), (*at, "scope")),
            produced_at=None if by_file else self._instant(made, (*at, "produced_at")),
            file_time=self._file_time(path, (*at, "produced_at")) if by_file else None,
            observed_at=self._instant(said.get("observed_at"), (*at, "observed_at")),
            asked=tuple(self._asked(said.get("asked"), (*at, "asked"))),
            coverage=tuple(self._coverage(said.get("coverage"), (*at, "coverage"))),
            counts=self._counts(said.get("counts"), (*at, "counts")),
            table=self._table(said, at),
        )

    def _table(self, said: dict[str, Json], at: tuple[str | int, ...]) -> TableMapping | None:
        """Return what the columns of a table mean; a fault points at the line and column."""

        def refuse(place: tuple[str | int, ...], reason: str, hint: str) -> NoReturn:
            line, column, quote = quoted(self._written, (*at, *place))
            where = f"{self._place.shown}:{line}:{column}"
            raise SubmitterError("manifest-invalid", f"{reason}\n{quote}", where=where, hint=hint)

        given = [key for key in KEYS if key in said]
        if said.get("as") == TABLE:
            return read_mapping(said, refuse)
        if given:
            refuse((given[0],), f"{given[0]} is for a file with as: {TABLE}", "")
        return None

    def _text(self, value: Json, at: tuple[str | int, ...]) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.fault(at, "a text must stand here")
        return value.strip()

    def _word(self, said: dict[str, Json], key: str, at: tuple[str | int, ...]) -> str | None:
        return None if said.get(key) is None else self._text(said[key], (*at, key))

    def _instant(self, value: Json, at: tuple[str | int, ...]) -> datetime | None:
        if value is None:
            return None
        found = instant(value)
        if found is None:
            hint = "Write 2026-11-20T09:00:00Z; produced_at may also be mtime."
            raise self.fault(at, "this is no instant with a zone", hint)
        return found

    def _scope(self, value: Json, at: tuple[str | int, ...]) -> Scope:
        parts = self.mapping(value or {}, at, _SCOPE)
        return Scope(**{key: self._text(one, (*at, key)) for key, one in parts.items()})

    def _about(self, value: Json, at: tuple[str | int, ...]) -> Iterator[AboutArtifact]:
        several = value if isinstance(value, list) else [value]
        for index, one in enumerate(several):
            if one is None:
                continue
            place = (*at, index) if isinstance(value, list) else at
            if isinstance(one, dict) and "digest" in one:
                yield self._by_digest(one, place)
                continue
            for kind, raw in self.mapping(one, place, _KINDS).items():
                for written in raw if isinstance(raw, list) else [raw]:
                    path = self._joined(self._text(written, (*place, kind)), (*place, kind))
                    digest = self._digest(path, (*place, kind))
                    yield AboutArtifact(digest=digest, kind=cast("Kind", kind))

    def _by_digest(self, value: dict[str, Json], at: tuple[str | int, ...]) -> AboutArtifact:
        said = self.mapping(value, at, _OF_ARTIFACT)
        digest = self._text(said.get("digest"), (*at, "digest"))
        kind = self._word(said, "kind", at)
        if not _DIGEST.fullmatch(digest):
            raise self.fault((*at, "digest"), "a digest is written algorithm:value")
        if kind is not None and kind not in _KINDS:
            raise self.fault((*at, "kind"), f"a kind is one of {', '.join(_KINDS)}")
        name = self._word(said, "name", at)
        return AboutArtifact(digest=digest, name=name, kind=cast("Kind | None", kind))

    def _digest(self, path: Path, at: tuple[str | int, ...]) -> str:
        try:
            return self._place.digest_of(path)
        except OSError as error:
            reason = f"the digest of {path.name} cannot be taken: {error.strerror}"
            hint = "Name a file, or write {digest: sha256:..., kind: model}."
            raise self.fault(at, reason, hint) from error

    def _asked(self, value: Json, at: tuple[str | int, ...]) -> Iterator[str]:
        if value is None:
            return
        if not isinstance(value, list):
            raise self.fault(at, "asked must be a list of questions")
        for index, one in enumerate(value):
            question = self._text(one, (*at, index))
            yield self._row({"question": question}, (*at, index)).question

    def _coverage(self, value: Json, at: tuple[str | int, ...]) -> Iterator[Coverage]:
        if value is None:
            return
        if not isinstance(value, list):
            raise self.fault(at, "coverage must be a list of rows")
        for index, one in enumerate(value):
            keys = (*_COVERAGE, "skipped_items")
            yield self._row(self.mapping(one, (*at, index), keys), (*at, index))

    def _row(self, said: dict[str, Json], at: tuple[str | int, ...]) -> Coverage:
        fields: dict[str, object] = {"question": self._text(said.get("question"), at)}
        for key in _COVERAGE[1:]:
            fields[key] = self._count(said.get(key), (*at, key))
        items = said.get("skipped_items")
        if isinstance(items, list):
            fields["skipped_items"] = tuple(
                self._text(one, (*at, "skipped_items")) for one in items
            )
        try:
            return Coverage.model_validate(fields)
        except ValidationError as error:
            reason = "a question is written family/name, such as security/secret"
            raise self.fault(at, reason) from error

    def _count(self, value: Json, at: tuple[str | int, ...]) -> int | None:
        if value is None:
            return None
        found = count(value)
        if found is None:
            reason = f"a whole number from 0 must stand here, not {str(value)[:_SHOWN]!r}"
            raise self.fault(at, reason, "Write its digits, such as 1000, without quotes.")
        return found

    def _counts(self, value: Json, at: tuple[str | int, ...]) -> Counts:
        said = self.mapping(value or {}, at, _COUNTS)
        n = said.get("n")
        by_metric: dict[str, int] = {}
        for key, one in n.items() if isinstance(n, dict) else ():
            by_metric[key] = self._count(one, (*at, "n", key)) or 0
        return Counts(
            n=by_metric if isinstance(n, dict) else self._count(n, (*at, "n")),
            n_reference=self._count(said.get("n_reference"), (*at, "n_reference")),
            n_current=self._count(said.get("n_current"), (*at, "n_current")),
        )

    def _file_time(self, path: Path, at: tuple[str | int, ...]) -> datetime:
        try:
            return self._place.time_of(path)
        except OSError as error:
            reason = f"the time of {path.name} cannot be taken: {error.strerror}"
            raise self.fault(at, reason, "Write the instant out.") from error
