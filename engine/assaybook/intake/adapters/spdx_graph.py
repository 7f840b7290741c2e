"""An SPDX 3 document as elements by id, with their places, names, licences and digests."""

from dataclasses import field
from typing import Final, Literal, TypeAlias

from assaybook.domain.record import draft, record
from assaybook.intake.adapter import broken
from assaybook.intake.digests import digest_from, strongest
from assaybook.intake.parsed import Parsed
from assaybook.intake.prose import Looked
from assaybook.intake.values import Json, mapping, pointer, sequence, short, word

Kind: TypeAlias = Literal["model", "dataset", "code", "docs", "image"]
Path: TypeAlias = tuple[str | int, ...]
_BY_TYPE: Final[dict[str, Kind]] = {"ai_AIPackage": "model", "dataset_DatasetPackage": "dataset"}
_BY_PURPOSE: Final[dict[str, Kind]] = {
    "model": "model",
    "data": "dataset",
    "documentation": "docs",
    "container": "image",
}
_RELATIONSHIPS: Final = frozenset({"Relationship", "LifecycleScopedRelationship"})
_NOTHING: Final = frozenset({"noassertion", "none", "noneelement", "noassertionelement"})
_LICENCES: Final = ("hasDeclaredLicense", "hasConcludedLicense")


@record
class Element:
    """One element, its type and its place; ``kind`` is None for what is no artifact."""

    found: dict[str, Json]
    type: str
    path: Path
    id: str
    kind: Kind | None

    @property
    def name(self) -> str:
        """Return the name of an element, or its id where it has none."""
        return word(self.found.get("name")) or short(self.id)


@draft
class Graph:
    """The elements of a document, with the licences and the edges of each by id."""

    document: Parsed
    elements: list[Element] = field(default_factory=list)
    by_type: dict[str, list[Element]] = field(default_factory=dict)
    relationships: list[Element] = field(default_factory=list)
    by_id: dict[str, Element] = field(default_factory=dict)
    licences: dict[str, list[str]] = field(default_factory=dict)
    edges: dict[str, list[Element]] = field(default_factory=dict)
    looked: Looked = field(default_factory=Looked)

    def of_type(self, kind: str) -> list[Element]:
        """Return the elements of a type, in their order."""
        return self.by_type.get(kind, [])

    def element(self, value: Json) -> Element | None:
        """Return the element that a value refers to."""
        return self.by_id.get(reference_of(value))

    def name(self, value: Json) -> str:
        """Return the name of what a value refers to, or its id where it is elsewhere."""
        known = self.element(value)
        return known.name if known is not None else short(reference_of(value))

    def digest(self, element: Element) -> str | None:
        """Return the digest of an element that can best be compared with a registered one."""
        found: list[str] = []
        for raw in sequence(element.found.get("verifiedUsing")):
            known = self.element(raw) if isinstance(raw, str) else None
            method = known.found if known is not None else mapping(raw)
            digest = digest_from(method.get("algorithm"), method.get("hashValue"))
            if digest is not None:
                found.append(digest)
        return strongest(found)

    def licence(self, element: Element) -> str | None:
        """Return the declared licences of an element, else the concluded ones."""
        return short(", ".join(self.licences.get(element.id, []))) or None


def graph_of(document: Parsed) -> Graph:
    """Return the elements of a document, be they in a graph or one alone.

    Raises:
        SubmitterError: the graph is no list of elements.
    """
    top = mapping(document.value)
    graph = Graph(document)
    if "@graph" not in top:
        _add(graph, top, ())
    elif not isinstance(top["@graph"], list):
        raise broken(document, "@graph must be a list", at="/@graph")
    for index, raw in enumerate(sequence(top.get("@graph"))):
        if not isinstance(raw, dict):
            at = pointer("@graph", index)
            raise broken(document, "an element must be an object", at=at)
        _add(graph, raw, ("@graph", index))
    for one in graph.relationships:
        graph.edges.setdefault(reference_of(one.found.get("from")), []).append(one)
    for kind in reversed(_LICENCES):
        for one in graph.relationships:
            if one.found.get("relationshipType") == kind:
                _license(graph, one)
    return graph


def reference_of(value: Json) -> str:
    """Return the id that a value refers to, be it written as such or in an element."""
    if isinstance(value, str):
        return value
    found = mapping(value)
    return word(found.get("spdxId")) or word(found.get("@id")) or ""


def _add(graph: Graph, found: dict[str, Json], path: Path) -> None:
    kind = word(found.get("type")) or word(found.get("@type")) or ""
    artifact = _BY_TYPE.get(kind)
    if artifact is None and kind == "software_Package":
        purpose = word(found.get("software_primaryPurpose")) or ""
        artifact = _BY_PURPOSE.get(purpose, "code")
    own = word(found.get("spdxId")) or word(found.get("@id")) or ""
    one = Element(found, kind, path, own, artifact)
    graph.elements.append(one)
    graph.by_type.setdefault(kind, []).append(one)
    if kind in _RELATIONSHIPS:
        graph.relationships.append(one)
    if one.id:
        graph.by_id.setdefault(one.id, one)


def _license(graph: Graph, one: Element) -> None:
    """Note the licences of a relationship; those that are read last, the declared ones, stand."""
    said = [text for raw in targets(one) if (text := _license_text(graph, raw))]
    if said:
        graph.licences[reference_of(one.found.get("from"))] = said


def _license_text(graph: Graph, value: Json) -> str | None:
    known = graph.element(value)
    if known is not None:
        expression = word(known.found.get("simplelicensing_licenseExpression"))
        return said(expression or word(known.found.get("name")) or _last(known.id))
    return said(_last(reference_of(value)))


def _last(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def said(text: str | None) -> str | None:
    """Return a text, or None where it is the format's word for not saying."""
    return None if _last(text or "").lower() in _NOTHING else text or None


def targets(relationship: Element) -> list[Json]:
    """Return what a relationship points to."""
    to = relationship.found.get("to")
    return sequence(to) if isinstance(to, list) else [] if to is None else [to]
