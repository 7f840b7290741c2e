"""SLSA provenance 0.1, 0.2 and 1: by whom and from what an artifact was built."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from assaybook.domain.facts import Lineage
from assaybook.domain.record import record
from assaybook.intake.adapters.statements import Subject, digest_in, place
from assaybook.intake.values import Json, instant, mapping, sequence, word


@record
class Making:
    """The run that built something, as its provenance states it."""

    run: str | None
    finished_at: datetime | None


def making(predicate: dict[str, Json]) -> Making:
    """Return the run and the end of a build or verification; None where nobody states them."""
    newer = mapping(mapping(predicate.get("runDetails")).get("metadata"))
    metadata = newer or mapping(predicate.get("metadata"))
    run = word(metadata.get("invocationId")) or word(metadata.get("buildInvocationId"))
    ended = instant(metadata.get("finishedOn")) or instant(metadata.get("buildFinishedOn"))
    verified = instant(predicate.get("timeVerified")) or instant(predicate.get("time_verified"))
    return Making(run, ended or verified)


def builder(predicate: dict[str, Json]) -> str | None:
    """Return the id of the builder."""
    run = mapping(predicate.get("runDetails")) or predicate
    return word(mapping(run.get("builder")).get("id"))


def verifier(predicate: dict[str, Json]) -> str | None:
    """Return the id of whoever verified, where a predicate is the summary of a verification."""
    return word(mapping(predicate.get("verifier")).get("id"))


def lineage(statement: dict[str, Json], subjects: Iterable[Subject], at: str) -> Iterator[Lineage]:
    """Yield an edge from each subject to each material and to the builder."""
    predicate = mapping(statement.get("predicate"))
    run, by = making(predicate).run, builder(predicate)
    materials = tuple(_materials(predicate))
    for subject in subjects:
        for target, digest, parts in materials:
            yield Lineage(
                pointer=place(at, "predicate", *parts),
                source=subject.name,
                target=target,
                relation="derived_from",
                run=run,
                digest=digest,
            )
        if by:
            yield Lineage(
                pointer=place(at, "predicate"),
                source=subject.name,
                target=by,
                relation="built_by",
                run=run,
            )


def _materials(
    predicate: dict[str, Json],
) -> Iterator[tuple[str, str | None, tuple[str | int, ...]]]:
    """Yield name, digest and place of what went into a build; each name and digest once."""
    newer = sequence(mapping(predicate.get("buildDefinition")).get("resolvedDependencies"))
    parts = ("buildDefinition", "resolvedDependencies") if newer else ("materials",)
    seen: set[tuple[str, str | None]] = set()
    listed: list[tuple[Json, tuple[str | int, ...]]] = [
        (one, (*parts, index))
        for index, one in enumerate(newer or sequence(predicate.get("materials")))
    ]
    source = mapping(predicate.get("invocation")).get("configSource")
    for raw, where in [*listed, (source, ("invocation", "configSource"))]:
        one = mapping(raw)
        target, digest = word(one.get("name")) or word(one.get("uri")), digest_in(one.get("digest"))
        if target and (target, digest) not in seen:
            seen.add((target, digest))
            yield target, digest, where
