"""What a document is about: this release, one of its artifacts, its system, or something else.

A digest decides where there is one to compare. A document without a digest is bound by what it
(or its submitter) claims, and then its assurance is at most ``ci``. Data that two releases share
do not make what names one of them a document about the other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from assaybook.domain.evidence import AboutArtifact, AboutSubject, Envelope
from assaybook.domain.policy import About
from assaybook.domain.record import record
from assaybook.domain.subject import READ_BY_MANY, Artifact, ArtifactKind, Release, Subject

Binding = Literal["digest", "claim", "other"]
_TOLD: Final = 12
"""Hex digits by which people tell digests apart."""
_FEW: Final = 3


@record
class Target:
    """One thing that a need wants answered: the release, or one artifact of it.

    ``problem`` is a reason code where there is nothing that could be answered. ``replaced_at`` is
    when the release became one of other bytes.
    """

    name: str
    release: Release
    artifact: Artifact | None = None
    any_release: bool = False
    problem: str = ""
    why: str = ""
    replaced_at: datetime | None = None


def targets(about: About, subject: Subject) -> tuple[Target, ...]:
    """Return what must be answered; never empty: what cannot be answered says why."""
    release, replaced_at = subject.release, subject.replaced_at
    match about:
        case "release":
            return (Target("release", release, replaced_at=replaced_at),)
        case "system":
            return (Target("system", release, any_release=True),)
        case "baseline":
            return (_baseline(subject),)
        case _:
            found = tuple(
                Target(f"{about} {one.name}", release, one, replaced_at=replaced_at)
                for one in release.artifacts
                if one.kind == about
            )
            why = f"the release registers no {about}"
            return found or (Target(about, release, problem="missing", why=why),)


def _baseline(subject: Subject) -> Target:
    named, baseline = subject.release.baseline, subject.baseline
    if named is None or baseline is None:
        why = "the release names no registered baseline"
        return Target("baseline", subject.release, problem="missing", why=why)
    mine = {one.digest for one in subject.release.artifacts if one.kind == "model"}
    shared = any(one.digest in mine for one in baseline.artifacts if one.kind == "model")
    if shared or baseline.version == subject.release.version:
        why = f"the baseline {baseline.version} is the same model as the release"
        return Target("baseline", baseline, problem="wrong_subject", why=why)
    return Target(f"baseline {baseline.version}", baseline)


def binding(envelope: Envelope, target: Target, subject: Subject) -> Binding:
    """Tell how a document is bound to a target: by digest, by claim, or not at all."""
    said = envelope.subject
    if said.system is not None and said.system != subject.system.id:
        return "other"
    return _to_system(said, subject) if target.any_release else _to_target(envelope, target)


def _to_target(envelope: Envelope, target: Target) -> Binding:
    said = envelope.subject
    wanted = (target.artifact,) if target.artifact else target.release.artifacts
    if any(_contradicts(one, target.release.artifacts) for one in said.artifacts):
        return "other"
    if any(_is_bound(said, one, target) for one in wanted):
        return "digest"
    if said.release != target.release.version or _is_of_replaced_bytes(envelope, target):
        return "other"
    if target.artifact is not None and not _claims(envelope, target.artifact, target.release):
        return "other"
    return "claim"


def _is_bound(said: AboutSubject, artifact: Artifact, target: Target) -> bool:
    """Tell whether a document is about a target by the digest of one of its artifacts.

    Data that a release reads are no sign of it, unless the document names the release too.
    """
    if all(one.digest != artifact.digest for one in said.artifacts):
        return False
    named = said.release == target.release.version
    return named or target.artifact is not None or artifact.kind not in READ_BY_MANY


def _is_of_replaced_bytes(envelope: Envelope, target: Target) -> bool:
    """Tell whether a document was received before the release became one of other bytes.

    It names none of them, so nothing shows that it is about those that are there now.
    """
    return target.replaced_at is not None and envelope.received_at < target.replaced_at


def is_of_another_release(envelope: Envelope, subject: Subject) -> bool:
    """Tell whether a document of the register is about another release, by what it says itself.

    Among submitted files such a document is worth a word; in a register there is one for every
    release there ever was.
    """
    said = envelope.subject
    named = said.release not in (None, subject.release.version)
    return named and not subject.asserted and said.system in (None, subject.system.id)


def what_it_is_about(envelope: Envelope, target: Target, system: str) -> str:
    """Say why a document is not about a target: what it names, and what is asked for."""
    said, release = envelope.subject, target.release
    if said.system not in {None, system}:
        return f"it is about the system {said.system}, and the system {system} is asked for"
    asked = f"and release {release.version} is asked for"
    if said.release not in {None, release.version}:
        return f"it is about release {said.release}, {asked}"
    other = next((one for one in said.artifacts if _contradicts(one, release.artifacts)), None)
    if other is not None:
        known = [_written(one) for one in _comparable(other, release.artifacts)]
        return f"it is about {_written(other)}, and release {release.version} has {_or(known)}"
    if said.release == release.version and _is_of_replaced_bytes(envelope, target):
        return (
            f"it names no digest, and was received before release {release.version} got other "
            "artifacts: say which digest it is about, and submit it again"
        )
    if target.artifact is not None:
        kind, named = target.artifact.kind, _named(envelope, target.artifact.kind)
        if target.artifact.name not in named:
            found = f"is about {kind} {_or(sorted(named))}" if named else f"names no {kind}"
            return f"it {found}, and {target.name} is asked for"
    shared = [_written(one) for one in said.artifacts]
    return f"it names {f'{_or(shared)} and ' if shared else ''}no release, {asked}"


def _written(one: AboutArtifact | Artifact) -> str:
    """Return an artifact as people tell them apart: kind, name, and how its digest begins."""
    algorithm, _colon, value = one.digest.partition(":")
    digest = f"{algorithm}:{value[:_TOLD]}{'...' if len(value) > _TOLD else ''}"
    return " ".join(filter(None, (one.kind or "an artifact", one.name, digest)))


def _or(names: Sequence[str]) -> str:
    """Return names as a choice, the first few of many."""
    more = f" or {len(names) - _FEW} more" if len(names) > _FEW else ""
    return " or ".join(names[:_FEW]) + more


def _to_system(said: AboutSubject, subject: Subject) -> Binding:
    known = {one.digest for one in subject.release.artifacts}
    if any(one.digest in known for one in said.artifacts):
        return "digest"
    return "claim" if said.system == subject.system.id else "other"


def _contradicts(one: AboutArtifact, registered: tuple[Artifact, ...]) -> bool:
    """Tell whether a digest differs from every one that it could be compared with.

    Only digests of the same algorithm, kind and name can be compared; what the document leaves
    open (a kind, a name) may be any. With nothing to compare there is no contradiction.
    """
    comparable = _comparable(one, registered)
    return bool(comparable) and all(artifact.digest != one.digest for artifact in comparable)


def _comparable(one: AboutArtifact, registered: tuple[Artifact, ...]) -> list[Artifact]:
    return [
        artifact
        for artifact in registered
        if _algorithm(artifact.digest) == _algorithm(one.digest)
        and one.kind in (None, artifact.kind)
        and one.name in (None, artifact.name)
    ]


def _algorithm(digest: str) -> str:
    return digest.partition(":")[0]


def _claims(envelope: Envelope, artifact: Artifact, release: Release) -> bool:
    """Tell whether a document without a digest can be meant for one artifact of the release."""
    alike = [one for one in release.artifacts if one.kind == artifact.kind]
    named = _named(envelope, artifact.kind)
    if named:
        return artifact.name in named
    return len(alike) == 1


def _named(envelope: Envelope, kind: ArtifactKind) -> set[str]:
    by_name = {one.name for one in envelope.subject.artifacts if one.kind == kind and one.name}
    if kind == "dataset" and envelope.scope.dataset:
        by_name.add(envelope.scope.dataset)
    return by_name
