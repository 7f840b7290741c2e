"""DSSE envelopes of in-toto statements: SLSA provenance, model signing, and others.

What a statement says is a claim. Its signature is verified elsewhere; here ``verified`` and
``signer`` stay unknown. Several envelopes, one in each line, are several readings.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from assaybook.domain.documents import Detected
from assaybook.domain.errors import SubmitterError
from assaybook.domain.evidence import AboutArtifact, AboutSubject, Producer, Scope
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import ArtifactFact, Fact, Lineage
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.json_text import read_json
from assaybook.intake.limits import Limits
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, instant, mapping, pointer, sequence, short, word

_PAYLOAD: Final = frozenset({"payloadType", "payload", "signatures"})
_IN_TOTO: Final = "application/vnd.in-toto+json"
_ALGORITHMS: Final = ("sha256", "sha512", "sha1")
_HEX: Final = re.compile(r"[0-9a-fA-F]{8,256}")
_WORD: Final = re.compile(r"[a-z0-9]{1,40}")
_MODEL_SIGNING: Final = "https://model_signing/"


@dataclass(frozen=True, slots=True)
class Dsse:
    """Adapter for DSSE envelopes, bare or in a Sigstore bundle."""

    name: str = "dsse"
    version: int = 1
    versions: tuple[str, ...] = ("*",)
    facts: tuple[str, ...] = ("artifact", "lineage")
    questions: tuple[str, ...] = ("artifact", "artifact/model", "lineage")

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise an envelope, bare or in a bundle; the version is the predicate's type."""
        del declared
        first = next(iter(_envelopes(document)), None)
        if first is None or first[1].get("payloadType") != _IN_TOTO:
            return None
        try:
            kind = word(_statement(document, *first).get("predicateType"))
        except SubmitterError:
            kind = None
        return Detected(
            format=self.name,
            version=(kind or "")[:200],
            confidence=1.0,
            reasons=("payloadType, payload and signatures",),
        )

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read the statement of every envelope."""
        del detected
        return tuple(_reading(document, *one) for one in _envelopes(document))


def _envelopes(document: Parsed) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    lines = document.media == "json-lines"
    if not lines and document.media != "json":
        return
    for index, raw in enumerate(sequence(document.value) if lines else [document.value]):
        base: tuple[str | int, ...] = (index,) if lines else ()
        found = mapping(raw)
        if "dsseEnvelope" in found:
            base, found = (*base, "dsseEnvelope"), mapping(found["dsseEnvelope"])
        if found.keys() >= _PAYLOAD:
            yield base, found


def _statement(
    document: Parsed, base: tuple[str | int, ...], envelope: dict[str, Json]
) -> dict[str, Json]:
    at = pointer(*base, "payload")
    if envelope.get("payloadType") != _IN_TOTO:
        kind = str(envelope.get("payloadType"))[:200]
        raise broken(document, f"the payload is {kind}, and only in-toto is read", at=at)
    try:
        raw = base64.b64decode(str(envelope.get("payload")), validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise broken(document, "the payload is no base64 of UTF-8", at=at) from error
    return mapping(read_json(text, f"{document.name}#{at}", Limits()).value)


def _reading(document: Parsed, base: tuple[str | int, ...], envelope: dict[str, Json]) -> Reading:
    statement = _statement(document, base, envelope)
    at = pointer(*base, "payload")
    predicate = mapping(statement.get("predicate"))
    subjects = list(_subjects(document, statement, at))
    metadata = mapping(mapping(predicate.get("runDetails")).get("metadata")) or mapping(
        predicate.get("metadata")
    )
    run = word(metadata.get("invocationId")) or word(metadata.get("buildInvocationId"))
    facts: tuple[Fact, ...] = (
        *_artifacts(statement, subjects, at),
        *_lineage(predicate, subjects, run, at),
    )
    rows: dict[str, int] = {}
    for fact in facts:
        rows[question_of(fact)] = rows.get(question_of(fact), 0) + 1
    builder = _builder(predicate)
    return Reading(
        facts=facts,
        coverage=tuple(recorded(question, lent) for question, lent in rows.items()),
        subject=AboutSubject(
            artifacts=tuple(
                AboutArtifact(digest=digest, name=name, kind=_kind(statement))
                for name, digest in subjects
                if digest
            )
        ),
        producer=Producer(tool=builder or ""),
        run=run,
        scope=Scope(job=word(statement.get("predicateType"))),
        produced_at=instant(metadata.get("finishedOn")) or instant(metadata.get("buildFinishedOn")),
    )


def _kind(statement: dict[str, Json]) -> Literal["model"] | None:
    return "model" if str(statement.get("predicateType")).startswith(_MODEL_SIGNING) else None


def _builder(predicate: dict[str, Json]) -> str | None:
    run = mapping(predicate.get("runDetails")) or predicate
    return word(mapping(run.get("builder")).get("id"))


def _digest(value: Json) -> str | None:
    """Return the strongest digest of a set that is written as in-toto writes them."""
    found = mapping(value)
    known = [name for name in _ALGORITHMS if name in found]
    for name in (*known, *sorted(found)):
        written = found[name]
        if _WORD.fullmatch(name) and isinstance(written, str) and _HEX.fullmatch(written):
            return f"{name}:{written.lower()}"
    return None


def _subjects(
    document: Parsed, statement: dict[str, Json], at: str
) -> Iterator[tuple[str, str | None]]:
    listed = sequence(statement.get("subject"))
    if not listed:
        raise broken(document, "the statement names no subject", at=at)
    for raw in listed:
        one = mapping(raw)
        yield word(one.get("name")) or "subject", _digest(one.get("digest"))


def _inside(at: str, *parts: str | int) -> str:
    """Return a place inside of the base64 payload, as a person can follow it."""
    return short(f"{at} (decoded) {pointer(*parts)}")


def _artifacts(
    statement: dict[str, Json], subjects: list[tuple[str, str | None]], at: str
) -> Iterator[ArtifactFact]:
    predicate = word(statement.get("predicateType"))
    signed = _kind(statement) == "model"
    for index, (name, digest) in enumerate(subjects):
        place = _inside(at, "subject", index)
        kind = _kind(statement)
        yield ArtifactFact(pointer=place, name=name, kind=kind, digest=digest, predicate=predicate)
    for index, raw in enumerate(sequence(mapping(statement.get("predicate")).get("resources"))):
        one = mapping(raw)
        part = word(one.get("name"))
        if signed and part:
            yield ArtifactFact(
                pointer=_inside(at, "predicate", "resources", index),
                name=part,
                kind="model",
                digest=_digest({str(one.get("algorithm")): one.get("digest")}),
                predicate=predicate,
            )


def _lineage(
    predicate: dict[str, Json], subjects: list[tuple[str, str | None]], run: str | None, at: str
) -> Iterator[Lineage]:
    newer = sequence(mapping(predicate.get("buildDefinition")).get("resolvedDependencies"))
    parts = ("buildDefinition", "resolvedDependencies") if newer else ("materials",)
    builder = _builder(predicate)
    for source, _ in subjects:
        for index, raw in enumerate(newer or sequence(predicate.get("materials"))):
            one = mapping(raw)
            target = word(one.get("name")) or word(one.get("uri"))
            if target:
                yield Lineage(
                    pointer=_inside(at, "predicate", *parts, index),
                    source=source,
                    target=target,
                    relation="derived_from",
                    run=run,
                    digest=_digest(one.get("digest")),
                )
        if builder:
            yield Lineage(
                pointer=_inside(at, "predicate"),
                source=source,
                target=builder,
                relation="built_by",
                run=run,
            )
