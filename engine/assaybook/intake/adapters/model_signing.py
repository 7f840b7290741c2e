"""OpenSSF model signing: the files of a model with their digests, and one digest over them all.

The root digest is SHA-256 over the raw digests of the resources in their order, whatever the
resources are hashed with. Source: model signing 1.0, and its predecessor of 0.2.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.facts import ArtifactFact
from assaybook.intake.adapter import broken
from assaybook.intake.adapters.statements import Subject, digest_in, place
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, mapping, sequence, word

_PREDICATES: Final = "https://model_signing/"
_OLD: Final = "https://model_signing/Digests/v0.1"
_OF_GIT: Final = frozenset({".git", ".gitattributes", ".gitignore", ".github"})
"""What the tool leaves out unless it is told otherwise."""
_HASHED_AS: Final = "actual_hash_algorithm"
_ROOT: Final = "sha256"
_WHOLE: Final = "."


def is_signing(statement: dict[str, Json]) -> bool:
    """Tell whether a statement signs a model."""
    return str(statement.get("predicateType")).startswith(_PREDICATES)


def artifacts(
    document: Parsed, statement: dict[str, Json], subjects: Sequence[Subject], at: str
) -> Iterator[ArtifactFact]:
    """Yield a row for the model and one for each of its files.

    Raises:
        SubmitterError: the root digest is not that of the resources, or a resource has no name or
            stands twice.
    """
    predicate = word(statement.get("predicateType"))
    for one in subjects:
        yield ArtifactFact(
            pointer=one.pointer,
            name=one.name,
            kind="model",
            digest=_actual(one) if predicate == _OLD else one.digest,
            predicate=predicate,
        )
    resources = _resources(statement)
    seen: set[str] = set()
    for index, resource in enumerate(resources):
        where = place(at, "predicate", "resources", index)
        name = word(resource.get("name"))
        if name is None or name in seen:
            raise broken(document, "a resource has no name, or that of another", at=where)
        seen.add(name)
        yield ArtifactFact(
            pointer=where,
            name=name,
            kind="model",
            digest=_digest(resource),
            predicate=predicate,
        )
    if resources and subjects[0].digest not in set(_roots(resources)):
        reason = "the digest of the model is not that of its resources"
        raise broken(document, reason, at=subjects[0].pointer)


def left_out(statement: dict[str, Json]) -> tuple[str, ...]:
    """Return the paths of the model that were not signed, save those of git."""
    serialization = mapping(mapping(statement.get("predicate")).get("serialization"))
    paths = (word(raw) for raw in sequence(serialization.get("ignore_paths")))
    return tuple(sorted({path for path in paths if path} - _OF_GIT))


def about(statement: dict[str, Json], subjects: Sequence[Subject]) -> Iterator[AboutArtifact]:
    """Yield what a signature is about.

    A model that is one file is that file: the digest over all files is then no other thing of the
    same name. Of several files the root is the model, and each file is itself.
    """
    old = word(statement.get("predicateType")) == _OLD
    resources = _resources(statement)
    whole = resources[0] if len(resources) == 1 else {}
    if whole.get("name") == _WHOLE and (digest := _digest(whole)):
        yield AboutArtifact(digest=digest, kind="model", name=subjects[0].name)
        return
    for one in subjects:
        digest = _actual(one) if old else one.digest
        if digest:
            yield AboutArtifact(digest=digest, kind="model", name=one.name)
    for resource in resources:
        name, digest = word(resource.get("name")), _digest(resource)
        if name and digest:
            yield AboutArtifact(digest=digest, kind="model", name=name)


def _resources(statement: dict[str, Json]) -> list[dict[str, Json]]:
    listed = sequence(mapping(statement.get("predicate")).get("resources"))
    return [mapping(one) for one in listed]


def _digest(resource: dict[str, Json]) -> str | None:
    return digest_in({word(resource.get("algorithm")) or "": resource.get("digest")})


def _actual(subject: Subject) -> str | None:
    """Return the digest of a file; one over its parts is named by how they were hashed."""
    said = word(subject.annotations.get(_HASHED_AS))
    if subject.digest is None or said is None or said.removeprefix("file-") == _ROOT:
        return subject.digest
    return digest_in({said: subject.digest.partition(":")[2]})


def _roots(resources: Sequence[dict[str, Json]]) -> Iterator[str]:
    """Yield the digests that resources can have in all: in the order given, and by name."""
    for one in (resources, sorted(resources, key=lambda each: str(each.get("name")))):
        try:
            raw = b"".join(bytes.fromhex(str(each.get("digest"))) for each in one)
        except ValueError:
            return
        yield f"{_ROOT}:{hashlib.sha256(raw).hexdigest()}"
