"""KitOps Kitfiles: what a ModelKit holds, in YAML or as the JSON that a package stores.

A Kitfile lists what stands together and not how it was made, so a data set in it is an artifact
and no training data. What a data set says of itself (licence, description) is a reading of its own,
with its name as the scope's data set. A digest is only in the stored form; it is the digest of a
layer.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import AboutArtifact, AboutSubject, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import ArtifactFact, Documentation, Fact, Lineage, Topic
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, recorded
from assaybook.intake.oci import digest_fault, layer_name
from assaybook.intake.parsed import Parsed
from assaybook.intake.prose import Looked, documented
from assaybook.intake.values import Json, label, mapping, pointer, sequence, short, told_apart

Kind: TypeAlias = Literal["model", "dataset", "code", "docs"]
_LISTS: Final[tuple[tuple[str, Kind], ...]] = (
    ("datasets", "dataset"),
    ("code", "code"),
    ("docs", "docs"),
    ("prompts", "docs"),
    ("mcpServers", "code"),
)
_SECTIONS: Final = frozenset({"manifestVersion", "package", "model", *(one for one, _ in _LISTS)})
_TOPICS: Final[tuple[tuple[str, Topic], ...]] = (
    ("name", "title"),
    ("version", "version"),
    ("license", "license"),
    ("authors", "owner"),
    ("description", "other"),
)
_REFERENCE: Final = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@(?P<digest>[a-z0-9]+:[A-Za-z0-9=_-]+))?"
)


@record
class KitOps:
    """Adapter for Kitfiles."""

    name: str = "kitops"
    version: int = 2
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("documentation", "lineage", "artifact")
    questions: tuple[str, ...] = (
        "documentation/package",
        "documentation/model",
        "documentation/dataset",
        "lineage",
        "artifact/model",
        "artifact/dataset",
        "artifact/code",
        "artifact/docs",
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a Kitfile by its sections; ``manifestVersion`` may be missing."""
        if document.media not in {"yaml", "json"}:
            return None
        value = mapping(document.value)
        parts = sorted(value.keys() & (_SECTIONS - {"manifestVersion"}))
        named = "manifestVersion" in value
        alone = "package" in value and len(parts) > 1
        if not parts or not (named or alone or declared):
            return None
        return Detected(
            format=self.name,
            version=(label(value.get("manifestVersion")) or "").removeprefix("v")[:50],
            confidence=1.0 if named else 0.8,
            reasons=(f"the sections {', '.join(parts)} of a Kitfile",),
        )

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the sections; those of later versions are named and left."""
        del detected
        value = mapping(document.value)
        parts = tuple(_parts(document, value))
        looked = Looked()
        facts: tuple[Fact, ...] = (
            *_documentation(document, value, looked),
            *(one.row for one in parts),
            *_references(parts),
        )
        rows = Counter(question_of(fact) for fact in facts)
        package = mapping(value.get("package"))
        later = sorted(value.keys() - _SECTIONS)
        whole = Reading(
            facts=facts,
            coverage=tuple(recorded(question, lent) for question, lent in rows.items()),
            subject=AboutSubject(artifacts=tuple(_about(parts))),
            producer=Producer(tool="kitops"),
            scope=Scope(job=label(package.get("name"))),
            warnings=(
                *notes("not-read", ((pointer(key), "this section is not read") for key in later)),
                *(warning for one in parts for warning in one.warnings),
            ),
        )
        return (whole, *_datasets(document, value, whole, looked))


@record
class _Part:
    """One element of a Kitfile, with the path that it has in the package."""

    row: ArtifactFact
    path: str
    license: str | None
    warnings: tuple[Warning_, ...] = ()


def _parts(document: Parsed, value: dict[str, Json]) -> Iterator[_Part]:
    found = [*_models(document, value)]
    for section, kind in _LISTS:
        for index, raw in enumerate(_listed(document, value, section)):
            found.append(_part(document, raw, kind, (section, index)))
    times = Counter((one.row.kind, one.row.name) for one in found)
    for one in found:
        twice = times[one.row.kind, one.row.name] > 1 and one.path != one.row.name
        name = short(f"{one.row.name} ({one.path})") if twice else one.row.name
        yield replace(one, row=one.row.model_copy(update={"name": name}))


def _models(document: Parsed, value: dict[str, Json]) -> Iterator[_Part]:
    raw = value.get("model")
    if raw is None:
        return
    if not isinstance(raw, dict):
        raise broken(document, "the model is no mapping", at="/model")
    yield _part(document, raw, "model", ("model",))
    for index, part in enumerate(_listed(document, raw, "parts", "model")):
        yield _part(document, part, "model", ("model", "parts", index))


def _listed(
    document: Parsed, value: dict[str, Json], section: str, *above: str
) -> list[dict[str, Json]]:
    raw = value.get(section)
    at = pointer(*above, section)
    if raw is not None and not isinstance(raw, list):
        raise broken(document, f"{section} is no list", at=at)
    if any(not isinstance(one, dict) for one in sequence(raw)):
        raise broken(document, f"an element of {section} is no mapping", at=at)
    return [mapping(one) for one in sequence(raw)]


def _part(
    document: Parsed, raw: dict[str, Json], kind: Kind, place: tuple[str | int, ...]
) -> _Part:
    path = label(raw.get("path"))
    name = label(raw.get("name")) or path
    at = pointer(*place)
    if name is None:
        raise broken(document, "an element has neither a name nor a path", at=at)
    digest = label(raw.get("digest"))
    fault = digest_fault(digest) if digest else None
    row = ArtifactFact(
        pointer=at,
        unknown={"digest": "malformed"} if fault else {},
        name=name,
        kind=kind,
        digest=None if fault else digest,
    )
    said = notes("digest-malformed", [(f"{at}/digest", fault)] if fault else ())
    return _Part(row, path or name, label(raw.get("license")), said)


def _about(parts: Iterable[_Part]) -> Iterator[AboutArtifact]:
    for one in parts:
        if one.row.digest:
            name = layer_name(one.path)
            yield AboutArtifact(digest=one.row.digest, kind=one.row.kind, name=name)


def _documentation(
    document: Parsed, value: dict[str, Json], looked: Looked
) -> Iterator[Documentation]:
    package = value.get("package")
    if package is not None and not isinstance(package, dict):
        raise broken(document, "the package is no mapping", at="/package")
    yield from _topics("package", mapping(package), ("package",), looked)
    yield from _topics("model", mapping(value.get("model")), ("model",), looked)


def _topics(
    of: Literal["package", "model", "dataset"],
    said: dict[str, Json],
    at: tuple[str | int, ...],
    looked: Looked,
) -> Iterator[Documentation]:
    """Yield what a section says; what stands there for want of an answer is no content."""
    for key, topic in _TOPICS:
        raw = said.get(key)
        words = [label(one) for one in sequence(raw)] if isinstance(raw, list) else [label(raw)]
        text = ", ".join(word for word in words if word)
        if text:
            yield documented(of, topic, (text,), at=pointer(*at, key), looked=looked)


def _datasets(
    document: Parsed, value: dict[str, Json], whole: Reading, looked: Looked
) -> Iterator[Reading]:
    """Yield what each data set says of itself, with its name as the scope's data set."""
    listed = _listed(document, value, "datasets")
    names = told_apart(label(one.get("name")) or label(one.get("path")) or "" for one in listed)
    for index, (name, raw) in enumerate(zip(names, listed, strict=True)):
        facts = tuple(_topics("dataset", raw, ("datasets", index), looked))
        if any(one.topic in {"license", "other"} for one in facts):
            parts = [_part(document, raw, "dataset", ("datasets", index))]
            yield replace(
                whole,
                facts=facts,
                coverage=(recorded("documentation/dataset", len(facts)),),
                subject=AboutSubject(artifacts=tuple(_about(parts))),
                scope=whole.scope.model_copy(update={"dataset": name}),
                warnings=(),
            )


def _references(parts: Iterable[_Part]) -> Iterator[Lineage]:
    """Yield an edge for each model that is another ModelKit, named where a path would stand."""
    for one in parts:
        if one.row.kind != "model" or not is_reference(one.path):
            continue
        found = _REFERENCE.fullmatch(one.path)
        digest = found["digest"] if found else None
        yield Lineage(
            pointer=f"{one.row.pointer}/path",
            source=one.row.name,
            target=one.path,
            relation="derived_from",
            digest=digest if digest and digest_fault(digest) is None else None,
            license=one.license,
        )


def is_reference(path: str) -> bool:
    """Tell whether a path is the name of a ModelKit in a registry: it has a tag or a digest."""
    return (":" in path or "@" in path) and _REFERENCE.fullmatch(path) is not None
