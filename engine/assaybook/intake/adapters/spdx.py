"""SPDX 3.0 in JSON-LD (AI and Dataset profiles), and packages of SPDX 2.2 and 2.3 (JSON, YAML).

Packages are artifacts; what an AI or Dataset package says of itself are topics and metrics, and
``trainedOn`` and ``testedOn`` are lineage. Each data set is a reading of its own, with its name as
the scope's data set; so is each of several models. Words for not saying (``noAssertion``) are no
content. A vulnerability is a finding for each element that it concerns; the document does not say
how much was looked through. Energy figures, files and snippets are not read. Of SPDX 2 the forms
tag-value, XML and RDF are refused: a tool that writes these writes JSON too.

Source: the SPDX specification 3.0.1 and its JSON-LD context; 2.3.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import AboutArtifact, AboutSubject, Coverage, Producer, Scope
from assaybook.domain.facts import ArtifactFact, Documentation, Fact, Lineage, Security, Topic
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, recorded_all
from assaybook.intake.adapters.spdx_graph import (
    Element,
    Graph,
    graph_of,
    said,
    targets,
)
from assaybook.intake.adapters.spdx_security import vulnerability_facts
from assaybook.intake.adapters.spdx_two import read_two
from assaybook.intake.many_rows import told
from assaybook.intake.measure import Where, metric
from assaybook.intake.parsed import Parsed
from assaybook.intake.prose import documented
from assaybook.intake.values import (
    Json,
    instant,
    label,
    mapping,
    pointer,
    sequence,
    short,
    told_apart,
    word,
)

_MODEL: Final[tuple[tuple[str, Topic], ...]] = (
    ("ai_informationAboutApplication", "intended_use"),
    ("ai_domain", "intended_use"),
    ("ai_limitation", "limitations"),
    ("ai_safetyRiskAssessment", "risks"),
    ("ai_informationAboutTraining", "training_data"),
    ("ai_modelDataPreprocessing", "training_data"),
    ("ai_typeOfModel", "architecture"),
    ("ai_autonomyType", "other"),
    ("ai_useSensitivePersonalInformation", "personal_data"),
    ("ai_energyConsumption", "environment"),
    ("ai_modelExplainability", "other"),
    ("ai_standardCompliance", "other"),
)
_DATASET: Final[tuple[tuple[str, Topic], ...]] = (
    ("dataset_intendedUse", "intended_use"),
    ("dataset_knownBias", "biases"),
    ("dataset_dataCollectionProcess", "collection"),
    ("dataset_dataPreprocessing", "collection"),
    ("dataset_sensor", "collection"),
    ("dataset_hasSensitivePersonalInformation", "personal_data"),
    ("dataset_anonymizationMethodUsed", "personal_data"),
    ("dataset_datasetNoise", "limitations"),
    ("dataset_datasetUpdateMechanism", "maintenance"),
)
_ANSWERS: Final[dict[str, str]] = {
    "ai_autonomyType": "acts without human involvement: {}",
    "ai_useSensitivePersonalInformation": "uses sensitive personal information: {}",
    "dataset_hasSensitivePersonalInformation": "holds sensitive personal information: {}",
}
"""How a bare yes or no reads as a text."""
_YES_OR_NO: Final = frozenset({"yes", "no"})
_GENERAL: Final[tuple[tuple[str, Topic], ...]] = (
    ("software_packageVersion", "version"),
    ("suppliedBy", "owner"),
    ("originatedBy", "owner"),
)
_OF_MODEL: Final = (*_MODEL, *_GENERAL)
_OF_DATASET: Final = (*_DATASET, *_GENERAL)
_RELATIONS: Final[dict[str, Literal["trained_on", "tested_on", "derived_from"]]] = {
    "trainedOn": "trained_on",
    "testedOn": "tested_on",
    "descendantOf": "derived_from",
}
_USED: Final[tuple[tuple[str, Topic], ...]] = (
    ("trainedOn", "training_data"),
    ("testedOn", "evaluation_data"),
)
_OF_NODES: Final = frozenset({"type", "@type", "spdxId", "@id", "creationInfo"})
"""What every element has, and says nothing of itself."""
_VULNERABILITY: Final = "security/vulnerability"
_TWO: Final = "SPDX-"
_DEEPEST: Final = 5


@record
class Spdx:
    """Adapter for SPDX documents."""

    name: str = "spdx"
    version: int = 4
    versions: tuple[str, ...] = ("3.0", "3.0.0", "3.0.1", "2.2", "2.3")
    facts: tuple[str, ...] = ("artifact", "documentation", "metric", "lineage", "security")
    questions: tuple[str, ...] = (
        *("artifact", "artifact/*", "documentation/model", "documentation/dataset"),
        *("metric", "metric/*", "lineage", _VULNERABILITY),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise the context or ids of SPDX 3, and spdxVersion of SPDX 2."""
        del declared
        found = mapping(document.value)
        two = found.get("spdxVersion")
        written = document.media in {"json", "yaml"}
        if written and isinstance(two, str) and two.startswith(_TWO):
            return self._found(two.removeprefix(_TWO)[:20], "spdxVersion")
        if document.media != "json":
            return None
        graph = [mapping(one) for one in sequence(found.get("@graph"))]
        named = "spdx.org/rdf/3" in str(found.get("@context"))
        if not named and not any("spdxId" in one for one in graph):
            return None
        said_by = (word(one.get("specVersion")) for one in (*graph, found))
        version = next((one for one in said_by if one), None) or _of_context(found)
        return self._found(version[:20], "the context or the ids of SPDX 3")

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the document; models and data sets can be readings of their own."""
        if detected.version.startswith("2"):
            return (read_two(document),)
        graph = graph_of(document)
        models = graph.of_type("ai_AIPackage")
        datasets = graph.of_type("dataset_DatasetPackage")
        facts = told(_general(graph))
        if len(models) == 1:
            facts += _of_package(graph, models[0], "model")
            models = []
        vulnerabilities = tuple(vulnerability_facts(graph))
        whole = _reading(graph, facts, vulnerabilities)
        scopes = [Scope(path=name) for name in told_apart(one.name for one in models)]
        scopes += [Scope(dataset=name) for name in told_apart(one.name for one in datasets)]
        parts = zip((*models, *datasets), scopes, strict=True)
        return (whole, *(_part(graph, whole, one, scope) for one, scope in parts))

    def _found(self, version: str, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=1.0, reasons=(reason,))


def _of_context(found: dict[str, Json]) -> str:
    _, _, rest = str(found.get("@context")).partition("spdx.org/rdf/")
    return rest.partition("/")[0]


def _reading(graph: Graph, facts: list[Fact], vulnerabilities: tuple[Security, ...]) -> Reading:
    made = next(iter(graph.of_type("SpdxDocument")), None)
    packages = [one for one in graph.elements if one.kind in {"model", "dataset", "image"}]
    return Reading(
        facts=(*facts, *vulnerabilities),
        coverage=(*recorded_all(facts), *_found(vulnerabilities)),
        subject=AboutSubject(artifacts=tuple(_about(graph, packages))),
        producer=_producer(graph, made),
        run=short(made.id) if made is not None and made.id else None,
        scope=Scope(job=_job(graph, made)),
        produced_at=_time(graph, made),
    )


def _found(vulnerabilities: tuple[Security, ...]) -> Iterator[Coverage]:
    """Yield how many vulnerabilities stand; a document without one does not say that any looked."""
    if vulnerabilities:
        failed = sum(not one.suppressed for one in vulnerabilities)
        yield Coverage(question=_VULNERABILITY, failed=failed)


def _part(graph: Graph, whole: Reading, one: Element, scope: Scope) -> Reading:
    """Return what one model or data set says of itself."""
    facts = [*_of_package(graph, one, "model" if scope.dataset is None else "dataset")]
    return replace(
        whole,
        facts=tuple(facts),
        coverage=recorded_all(facts),
        subject=AboutSubject(artifacts=tuple(_about(graph, [one]))),
        scope=scope.model_copy(update={"job": whole.scope.job}),
    )


def _creation(graph: Graph, made: Element | None) -> dict[str, Json]:
    """Return when and with what the document was made; of several nobody knows which."""
    if made is not None:
        value = made.found.get("creationInfo")
        known = graph.element(value) if isinstance(value, str) else None
        return known.found if known is not None else mapping(value)
    listed = graph.of_type("CreationInfo")
    empty: dict[str, Json] = {}
    return listed[0].found if len(listed) == 1 else empty


def _time(graph: Graph, made: Element | None) -> datetime | None:
    return instant(_creation(graph, made).get("created"))


def _producer(graph: Graph, made: Element | None) -> Producer:
    tools = sequence(_creation(graph, made).get("createdUsing"))
    return Producer(tool=graph.name(tools[0]) if tools else "")


def _job(graph: Graph, made: Element | None) -> str | None:
    """Return the name of what the document is about, by its root and that of its SBOM."""
    one = made
    for _ in range(_DEEPEST):
        roots = sequence(one.found.get("rootElement")) if one is not None else []
        below = graph.element(roots[0]) if roots else None
        if below is None:
            break
        one = below
    return word(one.found.get("name")) if one is not None else None


def _about(graph: Graph, packages: list[Element]) -> Iterator[AboutArtifact]:
    for one in packages:
        digest = graph.digest(one)
        if digest is not None:
            yield AboutArtifact(digest=digest, name=one.name, kind=one.kind)


def _general(graph: Graph) -> Iterator[Fact]:
    for one in graph.elements:
        if one.kind is not None:
            yield ArtifactFact(
                pointer=pointer(*one.path),
                name=_name(one),
                kind=one.kind,
                digest=graph.digest(one),
                media_type=word(one.found.get("contentType")),
            )
    for one in graph.relationships:
        yield from _edges(graph, one)


def _name(one: Element) -> str:
    version = label(one.found.get("software_packageVersion")) if one.kind == "code" else None
    return short(f"{one.name}@{version}") if version else one.name


def _edges(graph: Graph, one: Element) -> Iterator[Lineage]:
    kind = str(one.found.get("relationshipType"))
    relation = _RELATIONS.get(kind)
    origin = one.found.get("from")
    for raw in targets(one):
        ends = (origin, raw)
        if kind == "ancestorOf":
            relation, ends = "derived_from", (raw, origin)
        if relation is None or not all(graph.name(end) for end in ends):
            continue
        target = graph.element(ends[1])
        yield Lineage(
            pointer=pointer(*one.path),
            source=graph.name(ends[0]),
            target=graph.name(ends[1]),
            relation=relation,
            digest=graph.digest(target) if target is not None else None,
            license=graph.licence(target) if target is not None else None,
        )


def _of_package(
    graph: Graph, one: Element, document: Literal["model", "dataset"]
) -> Iterator[Fact]:
    yield from _topics(graph, one, document)
    for index, raw in enumerate(sequence(one.found.get("ai_metric"))):
        entry = mapping(raw)
        name = label(entry.get("key"))
        if name is not None:
            at = pointer(*one.path, "ai_metric", index)
            where = Where(slice="")
            yield metric(graph.document, name, entry.get("value"), at=at, where=where)


def _topics(
    graph: Graph, one: Element, document: Literal["model", "dataset"]
) -> Iterator[Documentation]:
    found: dict[Topic, tuple[list[str], str]] = {}
    for key, topic in _OF_MODEL if document == "model" else _OF_DATASET:
        if key in one.found:
            texts = _texts(graph, one.found[key])
            if key in _ANSWERS:
                texts = [_ANSWERS[key].format(text) for text in texts if text in _YES_OR_NO]
            if topic not in found:
                found[topic] = ([], pointer(*one.path, key))
            found[topic][0].extend(texts)
    if "ai_metric" in one.found:
        entries = [mapping(raw) for raw in sequence(one.found["ai_metric"])]
        names = [name for entry in entries if (name := label(entry.get("key")))]
        found["metrics"] = (names, pointer(*one.path, "ai_metric"))
    licence = graph.licence(one)
    if licence is not None:
        found["license"] = ([licence], pointer(*one.path))
    for kind, topic in _USED if document == "model" else ():
        names, at = _used(graph, one, kind)
        if names:
            found.setdefault(topic, ([], at))[0].extend(names)
    for topic, (texts, at) in found.items():
        yield documented(document, topic, texts, at=at, looked=graph.looked)


def _used(graph: Graph, model: Element, kind: str) -> tuple[list[str], str]:
    """Return the names of the data sets that a model was trained or tested on, and where.

    An id refers to the first element that has it, so a relationship says nothing of another one.
    """
    if graph.by_id.get(model.id) is not model:
        return [], ""
    names: list[str] = []
    last = model
    for one in graph.edges.get(model.id, ()):
        if one.found.get("relationshipType") == kind:
            last = one
            names += [name for raw in targets(one) if (name := graph.name(raw))]
    return names, pointer(*last.path)


def _texts(graph: Graph, value: Json, depth: int = 0) -> list[str]:
    """Return the texts of a property; an id is shown by the name of what it refers to."""
    if isinstance(value, str):
        known = graph.element(value)
        text = said(known.name if known is not None else value)
        return [text] if text else []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [str(value)]
    below = sequence(value)
    if isinstance(value, dict):
        below = [one for key, one in value.items() if key not in _OF_NODES]
    if depth >= _DEEPEST:
        return []
    return [text for one in below for text in _texts(graph, one, depth + 1)]
