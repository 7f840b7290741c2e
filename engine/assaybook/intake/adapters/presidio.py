"""Presidio: what the analyzer found in texts, tables and columns, and what the anonymizer did.

The matched and examined texts never get here: they are removed at intake. The formats name only
what was found; what else was looked for, and found nothing, only the submitter can say (``asked``).
Forms with several texts or cells tell how many were examined; one text, and the columns of a
structured analysis, which are judged by a sample, do not. A result of the anonymizer names the
operator of each find: replaced or masked is ``masked``, hashed or encrypted ``tokenised``, redacted
``dropped``, kept ``none``; what an operator of somebody's own leaves is unknown. It does not tell
how much was looked through.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from assaybook.domain.documents import Detected
from assaybook.domain.evidence import Coverage
from assaybook.domain.facts import Pii
from assaybook.domain.record import record
from assaybook.intake.adapter import Reading, broken, certain, producer
from assaybook.intake.adapters.presidio_anonymized import anonymized_facts, is_anonymized
from assaybook.intake.entities import canonical_entity
from assaybook.intake.made import filled
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

Path = tuple[str | int, ...]

_ROWS: Final = 1024
_TOOLS: Final = {"anonymized": "presidio-anonymizer"}
_DEEPEST: Final = 2
"""Parts of the place of a nested table: one table in another, and no deeper."""


_TEXTS: Final = ("texts", "a list for each text, and submitted as presidio", bool)


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
    version: int = 5
    versions: tuple[str, ...] = ("single", "texts", "batch", "structured", "anonymized")
    facts: tuple[str, ...] = ("pii",)
    questions: tuple[str, ...] = ("pii/*",)

    def detect(self, document: Parsed, *, declared: bool = False) -> Detected | None:
        """Recognise hits, columns with hits and items with operators; other lists if declared."""
        if document.media != "json":
            return None
        listed = document.value
        if not isinstance(listed, list):
            return self._of_object(mapping(listed), declared=declared)
        if not listed:
            reasons = ("it is an empty list, and was submitted as presidio",)
            empty = Detected(format=self.name, version="single", confidence=0.0, reasons=reasons)
            return empty if declared else None
        found = next((one for one in _LISTS if one[2](listed)), None)
        if found is None and declared and all(isinstance(one, list) for one in listed):
            found = _TEXTS
        return None if found is None else self._found(*found[:2])

    def _of_object(self, found: dict[str, Json], *, declared: bool) -> Detected | None:
        if isinstance(found.get("entity_mapping"), dict):
            return self._found("structured", "an entity_mapping of columns")
        if is_anonymized(found) and (found.get("items") or declared):
            return self._found("anonymized", "items with entity_type and operator")
        return None

    def read(self, document: Parsed, detected: Detected) -> tuple[Reading, ...]:
        """Read every hit of a text, or every column with hits of a table."""
        if detected.version == "batch":
            reading = _batch(document)
        elif detected.version == "texts":
            reading = _texts(document)
        elif detected.version == "structured":
            reading = _structured(document)
        elif detected.version == "anonymized":
            treated = tuple(anonymized_facts(document))
            reading = Reading(facts=treated, coverage=_found_of(treated))
        else:
            hits = _hits(document, sequence(document.value), "")
            facts = tuple([_fact([hit], location=hit.place) for hit in hits])
            reading = Reading(facts=facts, coverage=_found_of(facts))
        return (
            Reading(
                facts=reading.facts,
                coverage=reading.coverage,
                producer=producer(_TOOLS.get(detected.version, "presidio-analyzer")),
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
    for place, column, raw in _columns(document, sequence(document.value), (), ""):
        found, examined = _column(document, raw, place)
        cells += examined
        for hits in found.values():
            facts.append(_fact(hits, column=column, at=pointer(*place)))
            question = f"pii/{hits[0].entity}"
            dirty[question] = dirty.get(question, 0) + len({hit.place for hit in hits})
    return _counted(facts, cells, dirty)


def _counted(facts: list[Pii], cells: int, dirty: dict[str, int]) -> Reading:
    clean = Coverage(question="pii", examined=cells, passed=cells, failed=0, errored=0, skipped=0)
    coverage = tuple(
        clean.model_copy(
            update={"question": question, "passed": cells - dirty[question], "failed": rows}
        )
        for question, rows in _lent(facts).items()
    )
    return Reading(facts=tuple(facts), coverage=coverage, counts=clean)


def _columns(
    document: Parsed, raws: list[Json], base: Path, within: str
) -> Iterator[tuple[Path, str, dict[str, Json]]]:
    """Yield place, name and results of each column; those of a nested table have both names."""
    for index, raw in enumerate(raws):
        name, results = word(mapping(raw).get("key")), mapping(raw).get("recognizer_results")
        if name is None or not isinstance(results, list):
            reason = "a column must have key and recognizer_results"
            raise broken(document, reason, at=pointer(*base, index))
        nested = "recognizer_results" in mapping(next(iter(results), None))
        if nested and len(base) < _DEEPEST:
            below = (*base, index, "recognizer_results")
            yield from _columns(document, results, below, f"{within}{name}.")
        else:
            yield (*base, index), short(f"{within}{name}"), mapping(raw)


def _texts(document: Parsed) -> Reading:
    """Read several texts: one fact for each entity, counting the texts with a hit."""
    found: dict[str, list[_Hit]] = {}
    for row, cell in enumerate(sequence(document.value)):
        for hit in _hits(document, sequence(cell), f"/{row}", str(row)):
            found.setdefault(hit.entity, []).append(hit)
    times = {entity: len({hit.place for hit in hits}) for entity, hits in found.items()}
    facts = [
        _fact(hits).model_copy(update={"count": times[entity]}) for entity, hits in found.items()
    ]
    dirty = {f"pii/{entity}": rows for entity, rows in times.items()}
    return _counted(facts, len(sequence(document.value)), dirty)


def _structured(document: Parsed) -> Reading:
    """Read which columns hold what; how many of their cells do is not said."""
    facts: list[Pii] = []
    for column, raw in mapping(mapping(document.value).get("entity_mapping")).items():
        at, entity = pointer("entity_mapping", column), word(raw)
        if entity is None:
            raise broken(document, "a column must have the name of an entity", at=at)
        kind = short(canonical_entity(entity))
        facts.append(Pii(pointer=at, entity=kind, column=short(column)))
    return Reading(facts=tuple(facts), coverage=_found_of(facts))


def _column(
    document: Parsed, column: dict[str, Json], place: Path
) -> tuple[dict[str, list[_Hit]], int]:
    """Return the hits of a column by entity, and how many cells it has."""
    results = sequence(column.get("recognizer_results"))
    flat = bool(results) and all(isinstance(one, dict) for one in results)
    cells = [column.get("recognizer_results")] if flat else results
    texts = column.get("value")
    if isinstance(texts, list) and not flat and len(texts) != len(cells):
        reason = f"{len(texts)} cells were given and {len(cells)} have results"
        raise broken(document, reason, at=pointer(*place))
    found: dict[str, list[_Hit]] = {}
    above = pointer(*place, "recognizer_results")
    for row, cell in enumerate(cells):
        base = above if flat else f"{above}/{row}"
        if not isinstance(cell, list):
            raise broken(document, "the results of a cell must be a list", at=base)
        for hit in _hits(document, cell, base, str(row)):
            found.setdefault(hit.entity, []).append(hit)
    return found, len(cells)


def _hits(document: Parsed, raws: list[Json], above: str, text: str = "") -> list[_Hit]:
    """Return the hits of a list; their place is the text that they are in, if there are several."""
    found: list[_Hit] = []
    for index, raw in enumerate(raws):
        hit, at = mapping(raw), f"{above}/{index}"
        entity = word(hit.get("entity_type"))
        if entity is None:
            raise broken(document, "a hit must have an entity_type", at=at)
        score = number(hit.get("score"))
        odd = score is None or not 0 <= score <= 1
        place = text or _characters(hit)
        found.append(_Hit(canonical_entity(entity), None if odd else score, odd, at, place))
    return found


def _characters(hit: dict[str, Json]) -> str | None:
    start, end = count(hit.get("start")), count(hit.get("end"))
    return None if start is None or end is None else f"characters {start} to {end}"


def _fact(
    hits: list[_Hit], *, column: str | None = None, location: str | None = None, at: str = ""
) -> Pii:
    """Return one fact for hits of one entity, with the score of the surest."""
    scores = [hit.score for hit in hits if hit.score is not None]
    odd = not scores and any(hit.odd for hit in hits)
    return filled(
        Pii,
        {
            "pointer": at or hits[0].at,
            "unknown": {"score": "malformed"} if odd else {},
            "entity": short(hits[0].entity),
            "column": column,
            "location": location,
            "score": max(scores) if scores else None,
            "count": len({hit.place for hit in hits}) if column else 1,
        },
    )


def _found_of(facts: Sequence[Pii]) -> tuple[Coverage, ...]:
    """Return coverage of what was found, where nobody says how much was looked through."""
    return tuple([_found(question, rows) for question, rows in _lent(facts).items()])


@lru_cache(_ROWS)
def _found(question: str, rows: int) -> Coverage:
    return Coverage(question=question, failed=rows)


def _lent(facts: Sequence[Pii]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for fact in facts:
        rows[f"pii/{fact.entity}"] = rows.get(f"pii/{fact.entity}", 0) + 1
    return rows


def _are_anonymized(listed: list[Json]) -> bool:
    """Tell whether all are results of texts, some of which say what was done to a find."""
    return all(map(is_anonymized, listed)) and any(mapping(one).get("items") for one in listed)


_LISTS: Final[tuple[tuple[str, str, Callable[[list[Json]], object]], ...]] = (
    ("anonymized", "texts with items, each with its operator", _are_anonymized),
    (
        "batch",
        "columns with recognizer_results",
        lambda listed: "recognizer_results" in mapping(listed[0]),
    ),
    (
        "single",
        "hits with entity_type and score",
        lambda listed: {"entity_type", "score"} <= mapping(listed[0]).keys(),
    ),
)
"""The forms that are lists, by what one of each has."""
