"""Croissant 0.8 to 1.1 with its responsible-AI part: documentation, files and origins.

Keys may be plain, have a prefix (``rai:``, ``cr:``, ``sc:``) or be whole addresses. The digest of a
file is what its publisher claims. A citation that is only text is no origin; one with an address is
an edge of which the relation is not known.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import AboutArtifact, AboutSubject, Producer, Scope
from assaybook.domain.facts import ArtifactFact, Fact, Lineage, Topic
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, notes, recorded_all
from assaybook.intake.adapters.topics import Said, documented, text_of
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    instant,
    label,
    mapping,
    pointer,
    sequence,
    short,
    unusable,
    word,
)

Relation = Literal["derived_from", "built_by"]

_PREFIX: Final = re.compile(
    r"(?:sc|schema|cr|ml|rai|dct|prov|https?://schema\.org/|https?://mlcommons\.org/schema/"
    r"|https?://mlcommons\.org/croissant/(?:RAI/)?|https?://purl\.org/dc/terms/"
    r"|https?://www\.w3\.org/ns/prov#)(?::|(?<=[/#]))"
)
_TOPICS: Final[dict[str, Topic]] = {
    "name": "title",
    "description": "other",
    "license": "license",
    "version": "version",
    "creator": "owner",
    "author": "owner",
    "maintainer": "owner",
    "publisher": "owner",
    "contactPoint": "contact",
    "usageInfo": "intended_use",
    "dataUseCases": "intended_use",
    "dataLimitations": "limitations",
    "dataBiases": "biases",
    "dataSocialImpact": "risks",
    "personalSensitiveInformation": "personal_data",
    "dataReleaseMaintenancePlan": "maintenance",
    "dataCollection": "collection",
    "dataCollectionType": "collection",
    "dataCollectionMissingData": "collection",
    "dataCollectionRawData": "collection",
    "dataCollectionTimeframe": "collection",
    "dataImputationProtocol": "collection",
    "dataManipulationProtocol": "collection",
    "dataPreprocessingProtocol": "collection",
    "dataAnnotationProtocol": "annotation",
    "dataAnnotationPlatform": "annotation",
    "dataAnnotationAnalysis": "annotation",
    "annotationsPerItem": "annotation",
    "annotatorDemographics": "annotation",
    "machineAnnotationTools": "annotation",
}
_ORIGINS: Final[dict[str, Relation | None]] = {
    "wasDerivedFrom": "derived_from",
    "hadPrimarySource": "derived_from",
    "isBasedOn": "derived_from",
    "source": "derived_from",
    "sources": "derived_from",
    "wasGeneratedBy": "built_by",
    "citation": None,
}
_NAMES: Final = ("prov:label", "label", "name", "prov:atLocation", "atLocation", "url", "@id")
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_FORMAT: Final = re.compile(r"mlcommons\.org/croissant/([0-9][0-9.]*)")
_SIZE: Final = re.compile(r"([0-9]+)\s*(?:B|bytes)?")
_HEX: Final = {"sha256": re.compile(r"[0-9a-f]{64}"), "md5": re.compile(r"[0-9a-f]{32}")}
_MD5_BYTES: Final = 16


@record
class Croissant:
    """Adapter for Croissant, by itself or wrapped in a list."""

    name: str = "croissant"
    version: int = 2
    versions: tuple[str, ...] = ("0.8", "1.0", "1.1")
    facts: tuple[str, ...] = ("documentation", "lineage", "artifact")
    questions: tuple[str, ...] = ("documentation/dataset", "lineage", "artifact/dataset")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a data set that conforms to Croissant, or one with record sets."""
        found = next((one for _, one in _datasets(document)), None)
        if document.media != "json" or found is None:
            return None
        conforms = text_of(found.get("conformsTo"))
        stated = [each for each in conforms.split() if "croissant" in each and "RAI" not in each]
        version = _FORMAT.search(stated[0]) if stated else None
        if stated:
            named = version.group(1).rstrip(".") if version else stated[0].rpartition("/")[2]
            return self._found(named[:20], 1.0, "a Dataset that conforms to Croissant")
        if "recordSet" in found or (declared and "distribution" in found):
            return self._found("0.8", 0.9, "a Dataset with record sets")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read each data set."""
        del detected
        return tuple(_reading(document, found, base) for base, found in _datasets(document))

    def _found(self, version: str, confidence: float, reason: str) -> Detected:
        return Detected(format=self.name, version=version, confidence=confidence, reasons=(reason,))


def _plain(found: dict[str, Json]) -> dict[str, Json]:
    """Return an object by the plain names of its keys; a key that is plain already wins."""
    plain: dict[str, Json] = {}
    for key, value in found.items():
        name = _PREFIX.sub("", key, count=1) if _PREFIX.match(key) else key
        if name not in plain or name == key:
            plain[name] = value
    return plain


def _datasets(document: Parsed) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    """Yield the data sets with plain keys, each with its path."""
    wrapped = isinstance(document.value, list)
    for index, raw in enumerate(sequence(document.value) if wrapped else [document.value]):
        held = mapping(raw)
        kinds = {str(one).rpartition(":")[2].rpartition("/")[2] for one in _kinds(held)}
        if "Dataset" in kinds:
            yield ((index,) if wrapped else ()), _plain(held)


def _kinds(held: dict[str, Json]) -> list[Json]:
    kind = held.get("@type")
    return kind if isinstance(kind, list) else [kind]


def _keys(document: Parsed, base: tuple[str | int, ...]) -> dict[str, str]:
    """Return how the document writes the key of each plain name."""
    value = sequence(document.value)[int(base[0])] if base else document.value
    written: dict[str, str] = {}
    for key in mapping(value):
        name = _PREFIX.sub("", key, count=1) if _PREFIX.match(key) else key
        if name not in written or name == key:
            written[name] = key
    return written


def _reading(document: Parsed, found: dict[str, Json], base: tuple[str | int, ...]) -> Reading:
    written = _keys(document, base)
    name = word(found.get("name"))
    said = [
        Said(topic, text_of(found[key]), pointer(*base, written[key]))
        for key, topic in _TOPICS.items()
        if key in found
    ]
    language = mapping(found.get("@context")).get("@language") or found.get("@language")
    listed = found.get("distribution")
    if listed is not None and not isinstance(listed, list | dict):
        at = pointer(*base, written["distribution"])
        raise broken(document, "distribution must be a list of files", at=at)
    where = (*base, written.get("distribution", "distribution"))
    artifacts = tuple(_files(listed, where))
    lineage = tuple(_lineage(found, name or "dataset", written, base))
    facts: tuple[Fact, ...] = (
        *documented("dataset", said, word(language) or word(found.get("inLanguage"))),
        *lineage,
        *artifacts,
    )
    claimed = tuple(
        AboutArtifact(digest=one.digest, name=one.name, kind="dataset")
        for one in artifacts
        if one.digest is not None
    )
    wrong = [(one.pointer, "the digest is not one") for one in artifacts if one.unknown]
    return Reading(
        facts=facts,
        coverage=recorded_all(facts, ("documentation/dataset",)),
        subject=AboutSubject(artifacts=claimed),
        producer=Producer(tool="croissant"),
        scope=Scope(dataset=name),
        produced_at=_made(found),
        warnings=notes("digest-malformed", wrong),
    )


def _made(found: dict[str, Json]) -> datetime | None:
    """Return when the description was published, or the data set that it cannot be older than."""
    times = (found.get(key) for key in ("sdDatePublished", "dateModified", "datePublished"))
    return next((made for one in times if (made := instant(one)) is not None), None)


def _lineage(
    found: dict[str, Json],
    source: str,
    written: dict[str, str],
    base: tuple[str | int, ...],
) -> Iterator[Lineage]:
    for key, relation in _ORIGINS.items():
        value = found.get(key)
        several = isinstance(value, list)
        for index, raw in enumerate(sequence(value) if several else [value]):
            target = _origin(raw, stated=relation is not None)
            if target is None:
                continue
            inner = _plain(mapping(raw))
            yield Lineage(
                pointer=pointer(*base, written[key], *((index,) if several else ())),
                source=short(source),
                target=short(target),
                relation=relation,
                digest=_digest(inner)[0],
                license=short(text_of(inner.get("license"))) or None,
            )


def _origin(raw: Json, *, stated: bool) -> str | None:
    """Return the name of an origin; what is only cited must have an address."""
    if isinstance(raw, dict):
        held = mapping(raw)
        if not stated and not (held.get("url") or held.get("@id")):
            return None
        return next((name for key in _NAMES if (name := word(held.get(key)))), None)
    text = word(raw)
    return text if text and (stated or _ADDRESS.fullmatch(text)) else None


def _files(listed: Json, where: tuple[str | int, ...]) -> Iterator[ArtifactFact]:
    several = isinstance(listed, list)
    for index, raw in enumerate(sequence(listed) if several else [listed]):
        one = _plain(mapping(raw))
        kinds = {str(kind).rpartition(":")[2].rpartition("/")[2] for kind in _kinds(one)}
        name = word(one.get("name")) or word(one.get("@id"))
        if "FileObject" not in kinds or name is None:
            continue
        digest, wrong = _digest(one)
        formats = one.get("encodingFormat")
        first = next(iter(sequence(formats)), None) if isinstance(formats, list) else formats
        size = _SIZE.fullmatch((label(one.get("contentSize")) or "").strip())
        yield ArtifactFact(
            pointer=pointer(*where, *((index,) if several else ())),
            unknown=unusable("digest", "malformed" if wrong else None),
            name=name,
            kind="dataset",
            digest=digest,
            media_type=word(first),
            size_bytes=count(size.group(1)) if size else None,
        )


def _digest(one: dict[str, Json]) -> tuple[str | None, bool]:
    """Return the strongest digest that is one, and whether one is given that is none."""
    wrong = False
    for algorithm, form in _HEX.items():
        stated = word(one.get(algorithm))
        if stated is None:
            continue
        plain = stated.lower() if form.fullmatch(stated.lower()) else _from_base64(stated)
        if form.fullmatch(plain):
            return f"{algorithm}:{plain}", False
        wrong = True
    return None, wrong


def _from_base64(text: str) -> str:
    """Return an MD5 that is written in base64, as storage services do, in hex; else ""."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == _MD5_BYTES else ""
