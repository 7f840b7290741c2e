"""``system.yaml``: a system and its releases, asserted by whoever wrote the file."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.errors import AuthorError
from assaybook.domain.ids import HEX_DIGITS, Digest, Version
from assaybook.domain.subject import Artifact, ArtifactKind, Release, Subject, System
from assaybook.language.document_problems import raise_all, read_document, unknown_word
from assaybook.language.document_words import InstantText, Line, Person
from assaybook.language.source import Path, Source


class ArtifactDocument(Frozen):
    """A part of a release: its digest, or the path of the file whose digest it is."""

    name: Line
    kind: ArtifactKind
    digest: Digest | None = None
    path: Line | None = Field(default=None, description="Relative to the file that names it.")


class ReleaseDocument(Frozen):
    """One release with its parts."""

    version: Version
    stage: Line | None = None
    artifacts: tuple[ArtifactDocument, ...] = ()
    baseline: Version | None = Field(default=None, description="Another release of this file.")
    released_at: InstantText | None = None
    requested_by: Person | None = Field(
        default=None, description="Who asks for the release; their own answers do not count."
    )


class SubjectDocument(Frozen):
    """A system and its releases."""

    system: System
    releases: Annotated[tuple[ReleaseDocument, ...], Field(min_length=1)]


def load_subject(source: Source) -> SubjectDocument:
    """Return the system and releases of a file.

    Raises:
        ProblemsError: with every fault, each at its place.
    """
    document = read_document(SubjectDocument, source)
    versions = [each.version for each in document.releases]
    problems: list[AuthorError] = []
    for index, release in enumerate(document.releases):
        path = ("releases", index)
        if release.version in versions[:index]:
            message = f"the release {release.version!r} stands twice"
            where = source.where((*path, "version"))
            problems.append(AuthorError("release-twice", message, where=where))
        problems += _baseline_faults(release, versions, source, (*path, "baseline"))
        problems += _artifact_faults(release, source, (*path, "artifacts"))
    raise_all(problems)
    return document


def subject_of(
    document: SubjectDocument, version: str, digest_of: Callable[[str], str], *, where: str
) -> Subject:
    """Return the subject that a document asserts for one release.

    Args:
        document: as ``load_subject`` returned it.
        version: the release that is judged.
        digest_of: path of an artifact, as written, to ``sha256:<hex>`` of its bytes.
        where: what errors call the document.

    Raises:
        AuthorError: ``release-unknown``, or whatever ``digest_of`` raises.
    """
    releases = {each.version: each for each in document.releases}
    if version not in releases:
        raise unknown_word("release-unknown", "release", version, releases, where)
    release = _release(releases[version], digest_of)
    baseline = releases.get(release.baseline or "")
    return Subject(
        system=document.system,
        release=release,
        baseline=_release(baseline, digest_of) if baseline else None,
        asserted=True,
    )


def _release(document: ReleaseDocument, digest_of: Callable[[str], str]) -> Release:
    artifacts = tuple(
        Artifact(name=each.name, kind=each.kind, digest=each.digest or digest_of(each.path or ""))
        for each in document.artifacts
    )
    return Release.model_validate({**dict(document), "artifacts": artifacts})


def _baseline_faults(
    release: ReleaseDocument, versions: list[str], source: Source, path: Path
) -> list[AuthorError]:
    if release.baseline is None:
        return []
    if release.baseline == release.version:
        message = "a release cannot be its own baseline"
        return [AuthorError("baseline-itself", message, where=source.where(path))]
    if release.baseline not in versions:
        where = source.where(path)
        return [unknown_word("release-unknown", "release", release.baseline, versions, where)]
    return []


def _artifact_faults(release: ReleaseDocument, source: Source, path: Path) -> list[AuthorError]:
    problems: list[AuthorError] = []
    seen: set[tuple[str, str]] = set()
    for index, artifact in enumerate(release.artifacts):
        where = source.where((*path, index))
        if (artifact.digest is None) == (artifact.path is None):
            message = f"the artifact {artifact.name!r} needs a digest or a path, and not both"
            hint = "Write digest: sha256:..., or path: and the file's digest is computed."
            problems.append(AuthorError("artifact-digest", message, where=where, hint=hint))
        algorithm, _colon, digits = (artifact.digest or "").partition(":")
        whole = HEX_DIGITS.get(algorithm, len(digits))
        if len(digits) != whole:
            message = f"a digest by {algorithm} has {whole} hex digits, and this has {len(digits)}"
            hint = "Write it whole: one that was cut off can be that of other bytes too."
            problems.append(AuthorError("artifact-digest", message, where=where, hint=hint))
        if (artifact.kind, artifact.name) in seen:
            message = f"the {artifact.kind} {artifact.name!r} stands twice"
            problems.append(AuthorError("artifact-twice", message, where=where))
        seen.add((artifact.kind, artifact.name))
    return problems
