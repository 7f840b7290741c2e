"""Registering systems and releases: the record that evidence is judged against."""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError, did_you_mean
from assaybook.domain.letters import says_something
from assaybook.domain.subject import Release, System
from assaybook.language.document_subject import load_subject, subject_of
from assaybook.service.files import read_yaml
from assaybook.service.subjects import file_digest
from assaybook.store.names import near
from assaybook.store.paging import Page
from assaybook.store.subjects import (
    ReleaseRecord,
    SystemRecord,
    find_release,
    find_system,
    history_of,
    known_system,
    list_systems,
    releases_of,
    save_release,
    save_system,
)
from assaybook.store.unit_of_work import Reading, UnitOfWork

EXPLAINED: Final = ("risk_tier", "purpose", "intended_uses", "deployed_use", "roles")
"""What of a system changes which rules apply, or what they are judged against."""


class SystemShown(Frozen):
    """A system as it is registered: every version of its record, newest last, and its releases."""

    record: SystemRecord
    history: tuple[SystemRecord, ...]
    releases: tuple[ReleaseRecord, ...]


def read_system(path: Path) -> tuple[System, tuple[Release, ...]]:
    """Return the system and the releases of a ``system.yaml``, artifacts with their digests.

    Raises:
        AssayError: the file, or an artifact that it names, cannot be read.
    """
    source = read_yaml(path)
    document = load_subject(source)

    @cache
    def digest(name: str) -> str:
        return file_digest(path.parent / name)

    versions = [one.version for one in document.releases]
    return document.system, tuple(
        subject_of(document, version, digest, where=str(path)).release for version in versions
    )


def register_system(
    work: UnitOfWork,
    system: System,
    *,
    person: str = "",
    reason: str = "",
    by_pipeline: bool = False,
) -> SystemRecord:
    """Register a system, or the next version of its record; an equal record is left as it is.

    ``by_pipeline``: ``person`` is the name of a pipeline, whose reasons explain no change.

    Raises:
        UsageError: ``change-unexplained``, the risk tier, the purpose, a use or a role changes and
            no person or no reason is named.
    """
    last = find_system(work, system.id)
    if last is not None:
        changed = [
            name for name in EXPLAINED if getattr(last.system, name) != getattr(system, name)
        ]
        what = f"{', '.join(changed)} of {system.id}"
        _explained(what, changed, "" if by_pipeline else person, reason)
    return save_system(work, system, person=person, reason=reason)


def register_release(  # noqa: PLR0913 - what is registered, by whom and why
    work: UnitOfWork,
    system: str,
    release: Release,
    *,
    person: str = "",
    reason: str = "",
    by_pipeline: bool = False,
) -> ReleaseRecord:
    """Register a release of a system, or the next version of its record.

    ``by_pipeline``: ``person`` is the name of a pipeline, whose reasons explain no change.

    Raises:
        UsageError: ``system-unknown``, ``release-unknown`` for a baseline that is not registered,
            or ``change-unexplained``, its artifacts, its baseline or who asks for it change and no
            person or no reason is named.
    """
    known_system(work, system)
    _baseline_known(work, system, release)
    last = find_release(work, system, release.version)
    if last is not None:
        names = ("artifacts", "baseline", "requested_by")
        changed = [name for name in names if getattr(last.release, name) != getattr(release, name)]
        what = f"{', '.join(changed)} of the release {release.version} of {system}"
        _explained(what, changed, "" if by_pipeline else person, reason)
    return save_release(work, system, release, person=person, reason=reason)


def register_releases(
    work: UnitOfWork,
    system: str,
    releases: Sequence[Release],
    *,
    person: str = "",
    reason: str = "",
) -> tuple[ReleaseRecord, ...]:
    """Register releases of which one may be the baseline of another, in an order that works.

    Raises:
        UsageError: as ``register_release``.
    """
    done = {
        one.version: register_release(work, system, one, person=person, reason=reason)
        for one in in_order(releases)
    }
    return tuple(done[one.version] for one in releases)


def in_order(releases: Sequence[Release]) -> Iterator[Release]:
    """Yield releases, each behind its baseline; where each waits for another, the first one."""
    waiting = {one.version: one for one in releases}
    while waiting:
        free = [v for v, one in waiting.items() if one.baseline not in waiting]
        for version in free or [next(iter(waiting))]:
            yield waiting.pop(version)


def show_system(reading: Reading, system: str) -> SystemShown:
    """Return a system with the history of its record and its releases.

    Raises:
        UsageError: ``system-unknown``, with the nearest names.
    """
    return SystemShown(
        record=known_system(reading, system),
        history=history_of(reading, system),
        releases=releases_of(reading, system),
    )


def registered_systems(
    reading: Reading,
    *,
    after: str | None = None,
    limit: int = 100,
    among: Collection[str] | None = None,
) -> Page[SystemRecord]:
    """Return the registered systems in order of id; ``among`` None means all.

    Raises:
        UsageError: ``limit-invalid``.
    """
    return list_systems(reading, after=after, limit=limit, among=among)


def _explained(what: str, changed: list[str], person: str, reason: str) -> None:
    if changed and not (person.strip() and says_something(reason)):
        raise UsageError(
            "change-unexplained",
            f"this changes {what}, and who changes it and why must be on record",
            hint="Name both: --person NAME --reason WORDS",
        )


def _baseline_known(work: UnitOfWork, system: str, release: Release) -> None:
    if release.baseline is None:
        return
    known = [one.release.version for one in releases_of(work, system)]
    if release.baseline not in known:
        raise UsageError(
            "release-unknown",
            f"the baseline {release.baseline!r} of {release.version} is no release of {system}",
            hint=did_you_mean(near(release.baseline, known)) or "Register the baseline first.",
        )
