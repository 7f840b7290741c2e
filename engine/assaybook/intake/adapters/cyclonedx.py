"""CycloneDX BOMs 1.4 to 1.7, JSON and XML: models, data, model cards, vulnerabilities, claims.

Components are artifacts; a library's name has its version. What a model card says are topics and
metrics. Each data set is a reading of its own, with its name as the scope's data set; so is each of
several models. The data sets of a model are those that it was trained or evaluated with, and the
format does not say which, so the relation to each is unknown; to ancestors, and to models that it
depends on, it is ``derived_from``. Edges between libraries are left out. A composition that is not
called complete leaves open which artifacts there are. A BOM that lists vulnerabilities does not say
how much was looked through; one that lists none does not say that anybody looked. A vulnerability
that the analysis rules out is read as suppressed. Scores of declarations are claims of their
assessor.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import (
    AboutArtifact,
    AboutSubject,
    Coverage,
    Producer,
    Scope,
    Warning_,
)
from assaybook.domain.facts import ArtifactFact, Fact, Lineage, Review
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, notes, recorded_all
from assaybook.intake.adapters.cyclonedx_cards import card_facts, data_facts
from assaybook.intake.adapters.cyclonedx_parts import (
    Bom,
    Component,
    Path,
    bom_from,
    licence_of,
    name_of,
)
from assaybook.intake.adapters.cyclonedx_vulnerabilities import vulnerability_facts
from assaybook.intake.digests import digest_from, strongest
from assaybook.intake.many_rows import told
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    flag,
    instant,
    label,
    mapping,
    number,
    sequence,
    told_apart,
    word,
)
from assaybook.intake.xml_text import namespace, tag

_NAMESPACE: Final = "http://cyclonedx.org/schema/bom/"
_COMPLETE: Final = "complete"
_OF_EDGES: Final = frozenset({"dependencies", "vulnerabilities"})
"""What a composition may be about beside parts."""
_VULNERABILITY: Final = "security/vulnerability"


@record
class CycloneDx:
    """Adapter for BOMs."""

    name: str = "cyclonedx"
    version: int = 4
    versions: tuple[str, ...] = ("1.4", "1.5", "1.6", "1.7")
    facts: tuple[str, ...] = (
        *("artifact", "documentation", "metric", "lineage", "security", "review"),
    )
    questions: tuple[str, ...] = (
        *("artifact", "artifact/*", "documentation/model", "documentation/dataset"),
        *("metric", "metric/*", "lineage", _VULNERABILITY, "review"),
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise bomFormat, or the namespace of the root element."""
        del declared
        if document.media == "xml":
            space = namespace(document.value)
            if tag(document.value) != "bom" or not space.startswith(_NAMESPACE):
                return None
            return self._found(space.removeprefix(_NAMESPACE)[:20], "the namespace of a bom")
        found = mapping(document.value)
        if document.media != "json" or found.get("bomFormat") != "CycloneDX":
            return None
        return self._found(label(found.get("specVersion")) or "", "bomFormat")

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the BOM; data sets, and several models, give a reading each."""
        bom = bom_from(document, detected.version)
        models = [one for one in bom.components if one.kind == "model"]
        apart = models if len(models) > 1 else []
        datasets = [one for one in bom.components if one.kind == "dataset"]
        facts = told(_general(bom))
        vulnerabilities = tuple(vulnerability_facts(bom))
        if len(models) == 1:
            facts += card_facts(bom, models[0])
        rows = recorded_all(facts)
        if unlisted := _unlisted(bom):
            rows = tuple(_opened(one) for one in rows)
        if vulnerabilities:
            failed = sum(not one.suppressed for one in vulnerabilities)
            rows = (*rows, Coverage(question=_VULNERABILITY, failed=failed))
        whole = _reading(bom, (*facts, *vulnerabilities), rows)
        noted = replace(whole, warnings=unlisted)
        scopes = [Scope(path=name) for name in told_apart(one.name for one in apart)]
        scopes += [Scope(dataset=name) for name in told_apart(one.name for one in datasets)]
        parts = zip((*apart, *datasets), scopes, strict=True)
        return (noted, *(_part(bom, whole, one, scope) for one, scope in parts))

    def _found(self, version: str, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=1.0, reasons=(reason,))


def _reading(bom: Bom, facts: tuple[Fact, ...], coverage: tuple[Coverage, ...]) -> Reading:
    metadata = mapping(bom.top.get("metadata"))
    return Reading(
        facts=facts,
        coverage=coverage,
        subject=AboutSubject(artifacts=tuple(_about(bom.components))),
        producer=_producer(metadata.get("tools")),
        run=word(bom.top.get("serialNumber")),
        scope=Scope(job=name_of(mapping(metadata.get("component")))),
        produced_at=instant(metadata.get("timestamp")),
    )


def _part(bom: Bom, whole: Reading, one: Component, scope: Scope) -> Reading:
    """Return what a data set, or one of several models, says of itself."""
    facts = [*(card_facts(bom, one) if scope.dataset is None else data_facts(bom, one))]
    return replace(
        whole,
        facts=tuple(facts),
        coverage=recorded_all(facts),
        subject=AboutSubject(artifacts=tuple(_about([one]))),
        scope=scope.model_copy(update={"job": whole.scope.job}),
    )


def _unlisted(bom: Bom) -> tuple[Warning_, ...]:
    """Return the parts of which the BOM says that it does not list all, or not whether it does."""
    said = [
        (index, word(mapping(raw).get("aggregate")) or "unknown")
        for index, raw in enumerate(sequence(bom.top.get("compositions")))
        if "assemblies" in mapping(raw) or not mapping(raw).keys() & _OF_EDGES
    ]
    return notes(
        "composition-incomplete",
        (
            (bom.at(("compositions", index)), f"the BOM calls a composition {aggregate[:100]}")
            for index, aggregate in said
            if aggregate != _COMPLETE
        ),
    )


def _opened(row: Coverage) -> Coverage:
    """Return the coverage of artifacts that are not all listed."""
    of_artifacts = row.question.partition("/")[0] == "artifact"
    return row.model_copy(update={"skipped": None}) if of_artifacts else row


def _producer(tools: Json) -> Producer:
    """Return the tool that made the BOM, before the package manager and libraries that it used."""
    newer = mapping(tools)
    listed = [
        mapping(raw)
        for raw in (
            *sequence(tools),
            *sequence(newer.get("components")),
            *sequence(newer.get("services")),
        )
    ]
    named = [one for one in listed if word(one.get("name"))]
    made = [one for one in named if one.get("type") != "library"]
    made = [one for one in made if not str(one["name"]).endswith(("-lib", "-library"))] or made
    own = [one for one in made if "cyclonedx" in str(one["name"])]
    empty: dict[str, Json] = {}
    first = next(iter(own or made or named), empty)
    return Producer(tool=word(first.get("name")) or "", version=label(first.get("version")) or "")


def _about(components: list[Component]) -> Iterator[AboutArtifact]:
    """Yield the models, data sets and images that have a digest, by name."""
    for one in components:
        digest = one.digest
        if digest is not None and one.kind in {"model", "dataset", "image"}:
            yield AboutArtifact(digest=digest, name=one.name, kind=one.kind)


def _general(bom: Bom) -> Iterator[Fact]:
    """Yield everything that is not of one model's card, nor a vulnerability."""
    for one in bom.components:
        yield ArtifactFact(
            pointer=bom.at(one.path),
            name=one.name,
            kind=one.kind,
            digest=one.digest,
            media_type=word(one.found.get("mime-type")),
        )
        yield from _ancestors(bom, one)
        if one.kind == "model":
            yield from _datasets(bom, one)
    yield from _dependencies(bom)
    yield from _declarations(bom)


def _edge(
    source: Component,
    target: dict[str, Json],
    name: str,
    at: str,
    relation: Literal["derived_from"] | None = "derived_from",
) -> Lineage:
    hashes = [mapping(one) for one in sequence(target.get("hashes"))]
    known = [digest_from(one.get("alg"), one.get("content")) for one in hashes]
    return Lineage(
        pointer=at,
        source=source.name,
        target=name,
        relation=relation,
        digest=strongest([one for one in known if one is not None]),
        license=licence_of(target),
    )


def _ancestors(bom: Bom, one: Component) -> Iterator[Lineage]:
    """Yield what a model or data set was made from."""
    if one.kind not in {"model", "dataset"}:
        return
    pedigree = mapping(one.found.get("pedigree"))
    for index, raw in enumerate(sequence(pedigree.get("ancestors"))):
        name = name_of(mapping(raw))
        if name is not None:
            at = bom.at((*one.path, "pedigree", "ancestors", index))
            yield _edge(one, mapping(raw), name, at)


def _datasets(bom: Bom, model: Component) -> Iterator[Lineage]:
    parameters = mapping(mapping(model.found.get("modelCard")).get("modelParameters"))
    path: Path = (*model.path, "modelCard", "modelParameters", "datasets")
    for index, raw in enumerate(sequence(parameters.get("datasets"))):
        reference = word(mapping(raw).get("ref"))
        known = bom.component(reference)
        found = known.found if known is not None else mapping(raw)
        name = known.name if known is not None else word(found.get("name")) or reference
        if name:
            yield _edge(model, found, name, bom.at((*path, index)), None)


def _dependencies(bom: Bom) -> Iterator[Lineage]:
    """Yield the edges between models and data sets."""
    made = {"model", "dataset"}
    for index, raw in enumerate(sequence(bom.top.get("dependencies"))):
        source = bom.by_ref.get(word(mapping(raw).get("ref")) or "")
        if source is None or source.kind not in made:
            continue
        for place, reference in enumerate(sequence(mapping(raw).get("dependsOn"))):
            target = bom.by_ref.get(word(reference) or "")
            if target is not None and target.kind in made:
                at = bom.at(("dependencies", index, "dependsOn", place))
                used = source.kind == "model" and target.kind == "dataset"
                relation = (None,) if used else ()
                yield _edge(source, target.found, target.name, at, *relation)


def _declarations(bom: Bom) -> Iterator[Review]:
    """Yield how far an assessor says that each requirement is met."""
    said = mapping(bom.top.get("declarations"))
    assessors = {
        word(mapping(raw).get("bom-ref")): mapping(raw) for raw in sequence(said.get("assessors"))
    }
    for index, raw in enumerate(sequence(said.get("attestations"))):
        assessor = assessors.get(word(mapping(raw).get("assessor")), {})
        person = word(mapping(assessor.get("organization")).get("name"))
        third = flag(assessor.get("thirdParty")) or assessor.get("thirdParty") == "true"
        for place, each in enumerate(sequence(mapping(raw).get("map"))):
            score = number(mapping(mapping(each).get("conformance")).get("score"))
            reference = word(mapping(each).get("requirement"))
            if reference is not None:
                yield Review(
                    pointer=bom.at(("declarations", "attestations", index, "map", place)),
                    reference=reference,
                    decision=None if score is None else f"conformance {score:g}",
                    person=person,
                    role="third party" if third else "assessor" if assessor else None,
                )
