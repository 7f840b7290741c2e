"""SPDX 2.2 and 2.3 in JSON and YAML: packages as artifacts, with version, digest and licence."""

import re
from collections.abc import Iterator
from typing import Final, Literal

from assaybook.domain.evidence import Coverage, Producer, Scope
from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import ArtifactFact
from assaybook.intake.adapter import Reading, broken, recorded
from assaybook.intake.digests import digest_from, strongest
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import Json, instant, label, mapping, pointer, sequence, short, word

_TOOL: Final = re.compile(r"Tool:\s*(.+?)(?:-(v?[0-9][\w.+]*))?")
_KINDS: Final[dict[str, Literal["image", "code"]]] = {"CONTAINER": "image"}


def read_two(document: Parsed) -> Reading:
    """Read the packages of a document.

    Raises:
        SubmitterError: a package has no name, or packages are no list.
    """
    top = mapping(document.value)
    packages = top.get("packages")
    if packages is not None and not isinstance(packages, list):
        raise broken(document, "packages must be a list", at="/packages")
    facts = tuple(_packages(document, sequence(packages)))
    rows: dict[str, int] = {}
    for fact in facts:
        rows[question_of(fact)] = rows.get(question_of(fact), 0) + 1
    creation = mapping(top.get("creationInfo"))
    return Reading(
        facts=facts,
        coverage=_coverage(rows),
        producer=_producer(sequence(creation.get("creators"))),
        run=word(top.get("documentNamespace")),
        scope=Scope(job=word(top.get("name"))),
        produced_at=instant(creation.get("created")),
    )


def _coverage(rows: dict[str, int]) -> tuple[Coverage, ...]:
    return tuple(recorded(question, lent) for question, lent in rows.items())


def _packages(document: Parsed, packages: list[Json]) -> Iterator[ArtifactFact]:
    for index, raw in enumerate(packages):
        found = mapping(raw)
        name, version = label(found.get("name")), label(found.get("versionInfo"))
        if name is None:
            at = pointer("packages", index)
            raise broken(document, "a package must have a name", at=at)
        sums = [mapping(one) for one in sequence(found.get("checksums"))]
        known = [digest_from(one.get("algorithm"), one.get("checksumValue")) for one in sums]
        yield ArtifactFact(
            pointer=pointer("packages", index),
            name=short(f"{name}@{version}" if version else name),
            kind=_KINDS.get(str(found.get("primaryPackagePurpose")), "code"),
            digest=strongest([one for one in known if one is not None]),
        )


def _producer(creators: list[Json]) -> Producer:
    for raw in creators:
        match = _TOOL.fullmatch(raw.strip()) if isinstance(raw, str) else None
        if match:
            return Producer(tool=short(match.group(1)), version=short(match.group(2) or ""))
    return Producer()
