"""The parts of a CycloneDX BOM, be it JSON or XML: components, references, places."""

from collections.abc import Iterator
from dataclasses import field
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from assaybook.domain.record import draft, record
from assaybook.intake.adapter import broken
from assaybook.intake.adapters.cyclonedx_xml import bom_of
from assaybook.intake.digests import digest_from, strongest
from assaybook.intake.parsed import Parsed
from assaybook.intake.prose import Looked
from assaybook.intake.values import Json, label, mapping, pointer, sequence, short, word

Path: TypeAlias = tuple[str | int, ...]
Kind: TypeAlias = Literal["model", "dataset", "code", "image"]
_LINK: Final = "urn:cdx:"
_KINDS: Final[dict[str, Kind]] = {
    "machine-learning-model": "model",
    "data": "dataset",
    "container": "image",
    "application": "code",
    "framework": "code",
    "library": "code",
}


@record
class Component:
    """One component and where it stands."""

    found: dict[str, Json]
    path: Path
    name: str
    kind: Kind | None

    @property
    def digest(self) -> str | None:
        """Return the digest that can best be compared with a registered one."""
        hashes = [mapping(one) for one in sequence(self.found.get("hashes"))]
        known = [digest_from(one.get("alg"), one.get("content")) for one in hashes]
        return strongest([one for one in known if one is not None])


@draft
class Bom:
    """A BOM as its JSON form says it; ``lines`` are those of parts in XML, by pointer."""

    document: Parsed
    top: dict[str, Json]
    lines: dict[str, int] = field(default_factory=dict)
    components: list[Component] = field(default_factory=list)
    by_ref: dict[str, Component] = field(default_factory=dict)
    looked: Looked = field(default_factory=Looked)

    def component(self, reference: str | None) -> Component | None:
        """Return what a reference within the BOM means; a link to the BOM itself is one too."""
        serial = (word(self.top.get("serialNumber")) or "").removeprefix("urn:uuid:")
        if reference and serial and reference.startswith(f"{_LINK}{serial}/"):
            reference = unquote(reference.partition("#")[2])
        return self.by_ref.get(reference or "")

    def at(self, path: Path) -> str:
        """Return a place as a fact's pointer says it: a JSON pointer, or the line in XML."""
        if self.document.media != "xml":
            return pointer(*path)
        for end in range(len(path), -1, -1):
            line = self.lines.get(pointer(*path[:end]))
            if line is not None:
                return f"line {line}"
        return "line 1"


def bom_from(document: Parsed, version: str) -> Bom:
    """Return the BOM of a document.

    Raises:
        SubmitterError: a component breaks the format.
    """
    if document.media == "xml":
        read = bom_of(document.value, version)
        bom = Bom(document, read.value, read.lines)
    else:
        bom = Bom(document, mapping(document.value))
    main = mapping(bom.top.get("metadata")).get("component")
    if main is not None:
        _add(bom, main, ("metadata", "component"))
    _add_all(bom, bom.top.get("components"), ("components",))
    for one in bom.components:
        reference = word(one.found.get("bom-ref"))
        if reference is not None:
            bom.by_ref.setdefault(reference, one)
        for raw in sequence(one.found.get("data")):
            inner = word(mapping(raw).get("bom-ref"))
            if inner is not None:
                bom.by_ref.setdefault(inner, one)
    return bom


def _add_all(bom: Bom, value: Json, path: Path) -> None:
    if value is not None and not isinstance(value, list):
        raise broken(bom.document, "components must be a list", at=bom.at(path))
    for index, raw in enumerate(sequence(value)):
        _add(bom, raw, (*path, index))


def _add(bom: Bom, raw: Json, path: Path) -> None:
    """Add a component and those in it; depth is bounded by the parser."""
    found = mapping(raw)
    name = name_of(found)
    if name is None:
        raise broken(bom.document, "a component must have a name", at=bom.at(path))
    kind = _KINDS.get(str(found.get("type")))
    version = label(found.get("version"))
    if kind == "code" and version:
        name = short(f"{name}@{version}")
    bom.components.append(Component(found, path, name, kind))
    _add_all(bom, found.get("components"), (*path, "components"))


def name_of(found: dict[str, Json]) -> str | None:
    """Return the name of a component with its group, as model hubs write it: ``org/model``."""
    name, group = label(found.get("name")), word(found.get("group"))
    return short(f"{group}/{name}") if name and group else name


def licence_of(found: dict[str, Json]) -> str | None:
    """Return the licences of a component: ids, names or expressions."""
    said = ", ".join(_licences(found))
    return short(said) or None


def _licences(found: dict[str, Json]) -> Iterator[str]:
    for raw in sequence(found.get("licenses")):
        inner = mapping(mapping(raw).get("license"))
        known = word(inner.get("id")) or word(inner.get("name"))
        known = known or word(mapping(raw).get("expression"))
        if known:
            yield known
