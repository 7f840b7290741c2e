"""OCI manifests of ModelKits, model packs and images: layers with their digests, as claims."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import AboutArtifact, AboutSubject, Producer, Scope, Warning_
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import ArtifactFact
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, recorded
from assaybook.intake.oci import (
    FILE_PATH,
    TITLE,
    digest_fault,
    layer_name,
    layer_type,
    package_kind,
)
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, count, instant, label, mapping, pointer, sequence, short

_CLI: Final = "ml.kitops.modelkit.cli-version"
_NAMES: Final = (FILE_PATH, TITLE)
_SCHEMA: Final = 2


@record
class ModelKit:
    """Adapter for OCI manifests; the version says of what kind of package."""

    name: str = "modelkit-manifest"
    version: int = 1
    versions: tuple[str, ...] = ("modelkit", "modelpack", "image")
    facts: tuple[str, ...] = ("artifact",)
    questions: tuple[str, ...] = (
        "artifact",
        "artifact/model",
        "artifact/dataset",
        "artifact/code",
        "artifact/docs",
        "artifact/image",
    )

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a manifest by its schema version, config and layers."""
        del declared
        value = mapping(document.value)
        if document.media != "json" or count(value.get("schemaVersion")) != _SCHEMA:
            return None
        if not isinstance(value.get("layers"), list) or not isinstance(value.get("config"), dict):
            return None
        config = label(mapping(value["config"]).get("mediaType")) or ""
        kind = package_kind(config, label(value.get("artifactType")) or "")
        if kind is None:
            return None
        reason = f"schemaVersion 2, layers, and the config of a {kind}"
        return Detected(format=self.name, version=kind, confidence=1.0, reasons=(reason,))

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read one row for each layer; a digest that is no hash is said and left out."""
        del detected
        value = mapping(document.value)
        rows: list[ArtifactFact] = []
        warnings: list[Warning_] = []
        for row, fault in _layers(document, value):
            rows.append(row)
            warnings += notes(
                "digest-malformed", [(row.pointer + "/digest", fault)] if fault else []
            )
        config = label(mapping(value["config"]).get("digest")) or ""
        fault = digest_fault(config)
        warnings += notes("digest-malformed", [("/config/digest", fault)] if fault else [])
        said = mapping(value.get("annotations"))
        asked = Counter(question_of(row) for row in rows)
        return (
            Reading(
                facts=tuple(rows),
                coverage=tuple(recorded(question, lent) for question, lent in asked.items()),
                subject=AboutSubject(artifacts=tuple(_about(rows))),
                producer=Producer(
                    tool="kitops" if _CLI in said else "", version=label(said.get(_CLI)) or ""
                ),
                scope=Scope(job=label(said.get(TITLE))),
                produced_at=instant(said.get("org.opencontainers.image.created")),
                warnings=tuple(warnings),
            ),
        )


def _layers(document: Parsed, value: dict[str, Json]) -> Iterator[tuple[ArtifactFact, str | None]]:
    taken: set[str] = set()
    for index, raw in enumerate(sequence(value.get("layers"))):
        at = pointer("layers", index)
        one = mapping(raw)
        digest, media_type = label(one.get("digest")), label(one.get("mediaType"))
        if digest is None or media_type is None:
            raise broken(document, "a layer has no digest or no media type", at=at)
        said = mapping(one.get("annotations"))
        name = next((found for key in _NAMES if (found := label(said.get(key)))), None)
        if name is None or name in taken:
            name = short(f"{name or 'layer'} {index}")
        taken.add(name)
        fault = digest_fault(digest)
        row = ArtifactFact(
            pointer=at,
            unknown={"digest": "malformed"} if fault else {},
            name=name,
            kind=layer_type(media_type).kind,
            digest=None if fault else digest,
            media_type=media_type,
            size_bytes=count(one.get("size")),
        )
        yield row, fault


def _about(rows: list[ArtifactFact]) -> Iterator[AboutArtifact]:
    for row in rows:
        if row.digest:
            name = layer_name(row.name)
            yield AboutArtifact(digest=row.digest, kind=row.kind, name=name)
