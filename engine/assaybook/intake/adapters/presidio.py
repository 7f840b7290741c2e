"""Presidio analyzer results: one text's list of hits, and the batch form of a table.

The matched and examined texts never get here: they are removed at intake. The formats name only
what was found; what else was looked for, and found nothing, only the submitter can say (``asked``).
The batch form tells how many cells were examined, the single form does not.
"""

from collections.abc import Iterator

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage, Producer
from assaybook.domain.facts import Pii
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, certain
from assaybook.intake.entities import canonical_entity
from assaybook.intake.parsed import Parsed
from assaybook.intake.values import (
    Json,
    count,
    mapping,
    number,
    pointer,
    sequence,
    short,
    word,
)


@record
class _Hit:
    entity: str
    score: float | None
    odd: bool
    at: str
    place: str | None


@record
class Presidio:
    """Adapter for analyzer results written as JSON."""

    name: str = "presidio"
    version: int = 2
    versions: tuple[str, ...] = ("single", "batch")
    facts: tuple[str, ...] = ("pii",)
    questions: tuple[str, ...] = ("pii/*",)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise a list of hits, or of columns with hits; an empty list if declared."""
        if document.media != "json" or not isinstance(document.value, list):
            return None
        if not document.value:
            reasons = ("it is an empty list, and was submitted as presidio",)
            empty = Detected(format=self.name, version="single", confidence=0.0, reasons=reasons)
            return empty if declared else None
        first = mapping(document.value[0])
        if "recognizer_results" in first:
            return self._found("batch", "columns with recognizer_results")
        if {"entity_type", "score"} <= first.keys():
            return self._found("single", "hits with entity_type and score")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every hit of a text, or every column with hits of a table."""
        producer = Producer(tool="presidio-analyzer")
        if detected.version == "batch":
            reading = _batch(document)
        else:
            hits = _hits(document, sequence(document.value), ())
            facts = tuple(_fact([hit], location=hit.place) for hit in hits)
            coverage = tuple(
                Coverage(question=question, failed=rows) for question, rows in _lent(facts).items()
            )
            reading = Reading(facts=facts, coverage=coverage)
        return (
            Reading(
                facts=reading.facts,
                coverage=reading.coverage,
                producer=producer,
                counts=reading.counts,
            ),
        )

    def _found(self, version: str, reason: str) -> Detected:
        return certain(self.name, version, reason)


def _batch(document: Parsed) -> Reading:
    """Read a table: one fact for each entity and column, counting its cells with a hit.

    Coverage counts cells, save ``failed``, which counts the columns that a fact is given for.
    """
    facts: list[Pii] = []
    cells = 0
    dirty: dict[str, int] = {}
    for index, raw in enumerate(sequence(document.value)):
        column = word(mapping(raw).get("key"))
        results = mapping(raw).get("recognizer_results")
        if column is None or not isinstance(results, list):
            reason = "a column must have key and recognizer_results"
            raise broken(document, reason, at=pointer(index))
        found, examined = _column(document, mapping(raw), index)
        cells += examined
        for hits in found.values():
            facts.append(_fact(hits, column=column, at=pointer(index)))
            question = f"pii/{hits[0].entity}"
            dirty[question] = dirty.get(question, 0) + len({hit.place for hit in hits})
    clean = Coverage(question="pii", examined=cells, passed=cells, failed=0, errored=0, skipped=0)
    coverage = tuple(
        clean.model_copy(
            update={"question": question, "passed": cells - dirty[question], "failed": rows}
        )
        for question, rows in _lent(facts).items()
    )
    return Reading(facts=tuple(facts), coverage=coverage, counts=clean)


def _column(
    document: Parsed, column: dict[str, Json], index: int
) -> tuple[dict[str, list[_Hit]], int]:
    """Return the hits of a column by entity, and how many cells it has."""
    results = sequence(column.get("recognizer_results"))
    flat = bool(results) and all(isinstance(one, dict) for one in results)
    cells = [column.get("recognizer_results")] if flat else results
    texts = column.get("value")
    if isinstance(texts, list) and not flat and len(texts) != len(cells):
        reason = f"{len(texts)} cells were given and {len(cells)} have results"
        raise broken(document, reason, at=pointer(index))
    found: dict[str, list[_Hit]] = {}
    for row, cell in enumerate(cells):
        base = (index, "recognizer_results") if flat else (index, "recognizer_results", row)
        if not isinstance(cell, list):
            raise broken(document, "the results of a cell must be a list", at=pointer(*base))
        for hit in _hits(document, cell, base):
            place = _Hit(hit.entity, hit.score, hit.odd, hit.at, str(row))
            found.setdefault(hit.entity, []).append(place)
    return found, len(cells)


def _hits(document: Parsed, raws: list[Json], base: tuple[str | int, ...]) -> Iterator[_Hit]:
    for index, raw in enumerate(raws):
        hit = mapping(raw)
        at = pointer(*base, index)
        entity = word(hit.get("entity_type"))
        if entity is None:
            raise broken(document, "a hit must have an entity_type", at=at)
        start, end = count(hit.get("start")), count(hit.get("end"))
        place = None if start is None or end is None else f"characters {start} to {end}"
        score = number(hit.get("score"))
        odd = score is None or not 0 <= score <= 1
        yield _Hit(canonical_entity(entity), None if odd else score, odd, at, place)


def _fact(
    hits: list[_Hit], *, column: str | None = None, location: str | None = None, at: str = ""
) -> Pii:
    """Return one fact for hits of one entity, with the score of the surest."""
    scores = [hit.score for hit in hits if hit.score is not None]
    odd = any(hit.odd for hit in hits)
    return Pii(
        pointer=at or hits[0].at,
        unknown={"score": "malformed"} if odd and not scores else {},
        entity=short(hits[0].entity),
        column=column,
        location=location,
        score=max(scores) if scores else None,
        count=len({hit.place for hit in hits}) if column else 1,
    )


def _lent(facts: tuple[Pii, ...] | list[Pii]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for fact in facts:
        rows[f"pii/{fact.entity}"] = rows.get(f"pii/{fact.entity}", 0) + 1
    return rows
